import { childrenOf } from '../../../domain/trace-tree.ts';
import { lengthMicros } from './stretches.ts';
import { chainUp, ownMicros, pathMicros, type Tree, timeOf } from './tree.ts';
import { likeFrom, shortened, spansOf, type Unit, unitsOf } from './units.ts';

/** Rows that a phone shows without losing the reader: what must be seen may fill `most`, the rest `usual`, what is short `few`. */
const rows = { few: 12, usual: 32, most: 40 } as const;
/** Of the focus: what takes less is not seen beside the rest. */
const worthShare = 0.01;
/** How long a way to the culprit or to the error may be, tried in turn: of the last any two ways fit, each unit with a row for its rest. */
const wayLimits = [Number.POSITIVE_INFINITY, 12, 9] as const;
/** So many tries of one call stand apart; more are one row. */
const maxTries = 5;

export type Selection = { readonly units: readonly Unit[]; readonly kept: ReadonlySet<number> };

type Ranked = {
  readonly place: number;
  readonly path: number;
  readonly own: number;
  readonly hasError: boolean;
  /** It runs while the focus does: elsewhere the axis shows nothing of it. */
  readonly isOnAxis: boolean;
};

const isOnAxis = (tree: Tree, span: number): boolean => {
  const { fromMicros, toMicros } = timeOf(tree, span);
  return toMicros >= 0 && fromMicros <= tree.whole.toMicros;
};

const ranked = (tree: Tree, units: readonly Unit[]): readonly Ranked[] => {
  const all = units.map((unit, place): Ranked => {
    const one = { place, path: 0, own: 0, hasError: false, isOnAxis: false };
    for (const span of spansOf(unit)) {
      one.path += pathMicros(tree, span);
      one.own += ownMicros(tree, span);
      one.hasError ||= tree.trace.spans[span]?.isError ?? false;
      one.isOnAxis ||= isOnAxis(tree, span);
    }
    return one;
  });
  return all.sort((a, b) => b.path - a.path || Number(b.hasError) - Number(a.hasError) || b.own - a.own || a.place - b.place);
};

/**
 * Rows so far: one a kept unit, and one for the rest of each whose children are not all kept. Adding a unit brings in its missing
 * ancestors; it is refused when that would be too many.
 */
const budgetOf = (units: readonly Unit[], taken: number) => {
  const children = childrenOf(units);
  const kept = new Set<number>();
  const hidden = units.map((_, place) => children[place]?.length ?? 0);
  let count = taken;
  const missing = (place: number, room: number): readonly number[] | null => {
    const chain: number[] = [];
    for (let at: number | null = place; at !== null && !kept.has(at); at = units[at]?.parent ?? null) {
      chain.push(at);
      if (chain.length > room + 1) return null;
    }
    return chain.reverse();
  };
  const add = (place: number, limit: number): boolean => {
    const chain = missing(place, limit - count);
    if (chain === null) return false;
    const top = units[chain[0] ?? -1]?.parent ?? null;
    const replaced = top !== null && hidden[top] === 1 ? 1 : 0;
    const rests = chain.filter((at, index) => (hidden[at] ?? 0) > (index < chain.length - 1 ? 1 : 0)).length;
    const cost = chain.length + rests - (chain.length > 0 ? replaced : 0);
    if (count + cost > limit) return false;
    count += cost;
    for (const at of chain) {
      kept.add(at);
      const parent = units[at]?.parent ?? null;
      if (parent !== null) hidden[parent] = (hidden[parent] ?? 0) - 1;
    }
    return true;
  };
  return { kept, add, count: () => count };
};

const select = (tree: Tree, units: readonly Unit[], first: readonly number[], taken: number): Selection | null => {
  const budget = budgetOf(units, taken);
  if (![0, ...first].every((place) => budget.add(place, rows.most))) return null;
  const worth = worthShare * lengthMicros(tree.whole);
  const all = ranked(tree, units);
  const order = all.filter((one) => one.isOnAxis);
  for (const { place, path } of order) if (path > 0 && path >= worth) budget.add(place, rows.most);
  for (const { place, own, hasError } of order) budget.add(place, own >= worth || hasError ? rows.usual : rows.few);
  // A rest of one call is better named: its row takes the place of the rest's.
  for (const { place } of all) budget.add(place, Math.min(budget.count(), rows.most));
  return { units, kept: budget.kept };
};

/** Spans that are never bundled with their like: the ways to the error and to a culprit that is no bundle itself, and few tries of the focus. */
const aloneOf = (tree: Tree, culprit: readonly number[]): ReadonlySet<number> => {
  const { analysis, trace, children } = tree;
  const tries = (children[analysis.focus] ?? []).filter((child) => trace.spans[child]?.kind === 'server');
  const ways = [...(culprit.length < likeFrom ? culprit : []), ...(analysis.errorOrigin === null ? [] : [analysis.errorOrigin])];
  return new Set([
    ...ways.flatMap((span) => chainUp(tree, span)),
    ...(analysis.attempts > 1 && tries.length <= maxTries ? tries : []),
  ]);
};

/**
 * What gets a row of its own: the focus, the culprit, the error's origin and the ways to them; then whatever holds a hundredth of the
 * critical path; then by own time, within the budget of rows. `taken` rows are spoken for. A way too deep for the picture is shortened in
 * its middle, so that both its ends are seen.
 */
export const selectionOf = (tree: Tree, culprit: readonly number[], taken: number): Selection => {
  const { errorOrigin } = tree.analysis;
  const vital = [...culprit.slice(0, 1), ...(errorOrigin === null ? [] : [errorOrigin])];
  const whole = unitsOf(tree, aloneOf(tree, culprit));
  const find = (units: readonly Unit[]): readonly number[] =>
    vital.map((span) => units.findIndex((unit) => spansOf(unit).includes(span)));
  for (const limit of wayLimits) {
    let units = whole;
    for (const index of vital.keys()) {
      const places = find(units);
      units = shortened(units, places[index] ?? -1, limit, new Set(places));
    }
    const selection = select(
      tree,
      units,
      find(units).filter((place) => place >= 0),
      taken,
    );
    if (selection !== null) return selection;
  }
  return { units: whole, kept: new Set([0]) };
};
