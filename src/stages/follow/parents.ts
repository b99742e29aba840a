import { isCalleeHalf, type ToldSpan } from './distinct.ts';
import type { Parents } from './tree.ts';

type Linked = {
  readonly parents: Parents;
  /** Places of those whose parent is named and not there. */
  readonly orphans: ReadonlySet<number>;
  readonly cycles: number;
};

const isOf = (service: string | null, { span }: ToldSpan): boolean => service !== null && span.service === service;

/** So many halves of one id are looked at; a call has two. */
const maxHalves = 8;

/** Places of the spans under an id: they stand together, since their names begin with it. */
const halvesBy = (told: readonly ToldSpan[]): ((id: string) => readonly number[]) => {
  const firsts = new Map<string, number>();
  for (const [index, { span }] of told.entries()) if (told[index - 1]?.span.id !== span.id) firsts.set(span.id, index);
  return (id) => {
    const first = firsts.get(id);
    if (first === undefined) return [];
    const halves = [first];
    while (halves.length < maxHalves && told[first + halves.length]?.span.id === id) halves.push(first + halves.length);
    return halves;
  };
};

/**
 * Of the halves under one id, whom a child belongs to: the half of its own service, which for most is the server's; else the server's, since
 * who is called does the work.
 */
const chosen = (child: ToldSpan, halves: readonly number[], told: readonly ToldSpan[]): number | undefined => {
  const rank = (index: number): number => {
    const half = told[index];
    if (half === undefined) return 4;
    return (isOf(child.span.service, half) ? 0 : 2) + (isCalleeHalf(half.span) ? 0 : 1);
  };
  return halves.length < 2 ? halves[0] : halves.toSorted((a, b) => rank(a) - rank(b))[0];
};

/** The other half of the call under the same id, for who was called: it has the id to itself, and so stands first. */
const callerUnder = (one: ToldSpan, [first, second]: readonly number[], told: readonly ToldSpan[]): number | undefined => {
  if (first === undefined || second === undefined || !isCalleeHalf(one.span)) return undefined;
  const half = told[first];
  return half !== undefined && !isCalleeHalf(half.span) ? first : undefined;
};

/** Earliest first, then longest: where a circle is cut does not depend on where it was entered. */
const compareTold = (a: ToldSpan, b: ToldSpan): number =>
  (a.span.startMicros ?? Number.POSITIVE_INFINITY) - (b.span.startMicros ?? Number.POSITIVE_INFINITY) ||
  (b.span.durationMicros ?? 0) - (a.span.durationMicros ?? 0) ||
  (a.key < b.key ? -1 : 1);

/** Makes the earliest of each circle a root; the number of circles. */
const cutCircles = (parents: (number | null)[], told: readonly ToldSpan[]): number => {
  /** By which walk a span was met; walks have the number of the span that they begin at. */
  const metBy = new Int32Array(parents.length).fill(-1);
  let circles = 0;
  for (const first of parents.keys()) {
    const way: number[] = [];
    let at: number | null = first;
    while (at !== null && metBy[at] === -1) {
      metBy[at] = first;
      way.push(at);
      at = parents[at] ?? null;
    }
    if (at === null || metBy[at] !== first) continue;
    const circle = way.slice(way.indexOf(at)).flatMap((index) => {
      const one = told[index];
      return one === undefined ? [] : [{ index, one }];
    });
    const [earliest] = circle.sort((a, b) => compareTold(a.one, b.one));
    if (earliest) parents[earliest.index] = null;
    circles++;
  }
  return circles;
};

/** Who hangs under whom, as far as spans say so themselves. */
export const linked = (told: readonly ToldSpan[]): Linked => {
  const halvesOf = halvesBy(told);
  const orphans = new Set<number>();
  const parents = told.map((one, index): number | null => {
    const caller = callerUnder(one, halvesOf(one.span.id), told);
    if (caller !== undefined) return caller;
    const { parentId, id } = one.span;
    if (parentId === null) return null;
    if (parentId === id) return index;
    const parent = chosen(one, halvesOf(parentId), told);
    if (parent === undefined) orphans.add(index);
    return parent ?? null;
  });
  return { parents, orphans, cycles: cutCircles(parents, told) };
};
