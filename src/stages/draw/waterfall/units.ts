import { lengthMicros } from './stretches.ts';
import { type Tree, timeOf } from './tree.ts';

/** One call: a span, or the caller's half of it and the callee's. */
export type Call = { readonly outer: number; readonly inner: number | null };

/**
 * What one row can stand for: a call; like calls of one caller; or, of a way that is deeper than a picture can show, calls between its
 * two ends, each made by the one before.
 */
export type Unit = {
  readonly kind: 'call' | 'like' | 'way';
  /** Place of its parent among the units, always before its own; null at the focus. */
  readonly parent: number | null;
  readonly calls: readonly Call[];
};

/** So many like siblings are one row. */
export const likeFrom = 3;

export const spansOf = ({ calls }: Pick<Unit, 'calls'>): readonly number[] =>
  calls.flatMap(({ outer, inner }) => (inner === null ? [outer] : [outer, inner]));

/** A client span and the only server span below it are one call that two proxies tell. Two servers are two tries, and stand apart. */
const callOf = ({ trace, children }: Tree, outer: number): Call => {
  const servers = (children[outer] ?? []).filter((child) => trace.spans[child]?.kind === 'server');
  const inner = trace.spans[outer]?.kind === 'client' && servers.length === 1 ? (servers[0] ?? null) : null;
  return { outer, inner: inner !== null && trace.spans[inner]?.isAsync ? null : inner };
};

const callsBelow = (tree: Tree, { calls }: Pick<Unit, 'calls'>): readonly Call[] => {
  const isLeaf = calls.every(({ outer, inner }) => tree.children[outer] === undefined && inner === null);
  if (isLeaf) return [];
  return calls
    .flatMap(({ outer, inner }) => [
      ...(tree.children[outer] ?? []).filter((child) => child !== inner),
      ...(inner === null ? [] : (tree.children[inner] ?? [])),
    ])
    .toSorted((a, b) => timeOf(tree, a).fromMicros - timeOf(tree, b).fromMicros || a - b)
    .map((child) => callOf(tree, child));
};

/** Calls that a reader would take for the same: callee, its operation, whom it waits for. */
const likeness = ({ trace: { spans } }: Tree, { outer, inner }: Call): string => {
  const [asked, told] = [spans[outer], spans[inner ?? outer]];
  return [told?.service, told?.operation, asked?.peer, asked?.kind, asked?.isAsync].join('\n');
};

/** Takes out of like calls the one that is not like the others: thrice their median, and a twentieth of the focus. */
const unlike = (tree: Tree, calls: readonly Call[]): ReadonlySet<Call> => {
  const took = ({ outer }: Call): number => lengthMicros(timeOf(tree, outer));
  const median = calls.map(took).toSorted((a, b) => a - b)[calls.length >> 1] ?? 0;
  const bound = Math.max(3 * median, lengthMicros(tree.whole) / 20);
  return new Set(calls.filter((call) => took(call) > bound));
};

/** Calls in the order of their first, each bundle of like ones at its first. */
const bundled = (tree: Tree, calls: readonly Call[], alone: ReadonlySet<number>): readonly (readonly Call[])[] => {
  if (calls.length < likeFrom) return calls.map((call) => [call]);
  const isAlone = ({ outer, inner }: Call): boolean => alone.has(outer) || (inner !== null && alone.has(inner));
  const bundles = new Map<string, Call[]>();
  for (const call of calls) {
    const key = isAlone(call) ? `alone ${call.outer}` : likeness(tree, call);
    const known = bundles.get(key) ?? [];
    known.push(call);
    bundles.set(key, known);
  }
  const whole = [...bundles.values()].flatMap((bundle) => {
    const odd = bundle.length < likeFrom ? new Set<Call>() : unlike(tree, bundle);
    const like = bundle.filter((call) => !odd.has(call));
    return [...[...odd].map((call) => [call]), ...(like.length < likeFrom ? like.map((call) => [call]) : [like])];
  });
  const placeOf = new Map(calls.map((call, index) => [call, index]));
  return whole.toSorted((a, b) => (placeOf.get(a[0] as Call) ?? 0) - (placeOf.get(b[0] as Call) ?? 0));
};

/** The focus and all below it as rows could show it. Like calls of like calls are one bundle again. `alone` are never bundled. */
export const unitsOf = (tree: Tree, alone: ReadonlySet<number>): readonly Unit[] => {
  const units: Unit[] = [{ kind: 'call', parent: null, calls: [callOf(tree, tree.analysis.focus)] }];
  for (let place = 0; place < units.length; place += 1) {
    const unit = units[place];
    if (unit === undefined) break;
    for (const calls of bundled(tree, callsBelow(tree, unit), alone))
      units.push({ kind: calls.length < likeFrom ? 'call' : 'like', parent: place, calls });
  }
  return units;
};

/** A unit and its ancestors, the focus first. */
const wayDown = (units: readonly Unit[], place: number): readonly number[] => {
  const way: number[] = [];
  for (let at: number | null = place; at !== null; at = units[at]?.parent ?? null) way.push(at);
  return way.reverse();
};

const merged = (units: readonly Unit[], runs: readonly (readonly number[])[]): readonly Unit[] => {
  const into = new Map(runs.flatMap((run) => run.slice(1).map((place) => [place, run[0] as number] as const)));
  const kept = units.map((_, place) => place).filter((place) => !into.has(place));
  const placeOf = new Map(kept.map((place, index) => [place, index]));
  const runAt = new Map(runs.map((run) => [run[0] as number, run]));
  return kept.map((place) => {
    const unit = units[place] as Unit;
    const run = runAt.get(place);
    const parent = unit.parent === null ? null : (placeOf.get(into.get(unit.parent) ?? unit.parent) ?? null);
    return run === undefined
      ? { ...unit, parent }
      : { kind: 'way', parent, calls: run.flatMap((member) => units[member]?.calls ?? []) };
  });
};

/** Shortens the way from the focus to a unit to about `limit` units: what lies between its two ends becomes one, but for the `spared`. */
export const shortened = (units: readonly Unit[], place: number, limit: number, spared: ReadonlySet<number>): readonly Unit[] => {
  const way = wayDown(units, place);
  if (way.length <= limit) return units;
  const end = Math.floor((limit - 1) / 2);
  const runs: number[][] = [[]];
  for (const at of way.slice(end, way.length - end)) {
    if (spared.has(at)) runs.push([]);
    else runs.at(-1)?.push(at);
  }
  return merged(
    units,
    runs.filter((run) => run.length > 1),
  );
};
