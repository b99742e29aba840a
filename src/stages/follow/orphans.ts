import { callerOf } from '../../domain/span-peer.ts';
import { firstName, isSameService } from '../../domain/span-workload.ts';
import { isCalleeHalf, type ToldSpan } from './distinct.ts';
import type { Times } from './times.ts';
import { type Parents, rootsOf } from './tree.ts';

/** Who may be the missing parent is looked for among so many that began last before: it is a guess in any case, and must not cost more. */
const lookBack = 200;

/** Spans on their way into order: what each says, whom it calls, when it was. */
export type Scene = {
  readonly told: readonly ToldSpan[];
  readonly peers: readonly (string | null)[];
  readonly times: Times;
};

/** Where a parent is looked for: places by start, and what else it has to be. */
type Search = { readonly among: readonly number[]; readonly fits: (index: number) => boolean };

type Interval = { readonly start: number; readonly end: number };

const intervalOf = ({ startMicros, durationMicros }: Times, index: number): Interval => {
  const start = startMicros[index] ?? 0;
  return { start, end: start + (durationMicros[index] ?? 0) };
};

const lengthOf = ({ start, end }: Interval): number => end - start;

/** How many of `among` began up to this moment. */
const begunBy = (among: readonly number[], { startMicros }: Times, atMicros: number): number => {
  let [low, high] = [0, among.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((startMicros[among[middle] ?? 0] ?? 0) <= atMicros) low = middle + 1;
    else high = middle;
  }
  return low;
};

/** The shortest of those looked for that contains an interval; of equals the one that began last. */
const smallestAround = (times: Times, { among, fits }: Search, { start, end }: Interval): number | null => {
  const until = begunBy(among, times, start);
  let [best, shortest] = [null as number | null, Number.POSITIVE_INFINITY];
  for (let at = until - 1; at >= Math.max(0, until - lookBack); at--) {
    const index = among[at] ?? 0;
    const candidate = intervalOf(times, index);
    if (candidate.end < end || lengthOf(candidate) >= shortest || !fits(index)) continue;
    [best, shortest] = [index, lengthOf(candidate)];
  }
  return best;
};

/** Roots of trees that grow together; ways up are shortened as they are walked. */
const forestOf = (parents: Parents) => {
  const up = [...parents];
  return {
    rootOf: (index: number): number => {
      let at = index;
      for (let next = up[at] ?? null; next !== null; next = up[at] ?? null) {
        up[at] = up[next] ?? next;
        at = next;
      }
      return at;
    },
    hang: (child: number, parent: number): void => {
      up[child] = parent;
    },
  };
};

/** Places by the first part of a name, in the order given. */
const byName = (order: readonly number[], nameOf: (index: number) => string | null) => {
  const named = Map.groupBy(order, (index) => firstName(nameOf(index) ?? ''));
  return (name: string | null): readonly number[] => (name === null || name === '' ? [] : (named.get(firstName(name)) ?? []));
};

const isSame = (a: string | null, b: string | null): boolean => a !== null && b !== null && isSameService(a, b);

/**
 * Whom an orphan may have hung under, the likeliest first: a server under a call to its service that nobody answers, everything else under its
 * own service's work, of which it is a part. A root that contains it is the last resort.
 */
const searchesIn = (
  { told, peers }: Scene,
  order: readonly number[],
  roots: ReadonlySet<number>,
  answered: ReadonlySet<number>,
) => {
  const isCall = (index: number): boolean => ['client', 'producer'].includes(told[index]?.span.kind ?? '');
  const peerAt = (index: number): string | null => peers[index] ?? null;
  const serviceAt = (index: number): string | null => told[index]?.span.service ?? null;
  const callsTo = byName(order.filter(isCall), peerAt);
  const workOf = byName(
    order.filter((index) => !isCall(index)),
    serviceAt,
  );
  /** Calls that do not say whom they go to are among them. */
  const callersIn = byName(
    order.filter((index) => !isCall(index) || peerAt(index) === null),
    serviceAt,
  );
  const anyRoot: Search = { among: order.filter((index) => roots.has(index)), fits: () => true };
  return ({ span }: ToldSpan): readonly Search[] => {
    const { service } = span;
    const calls: Search = { among: callsTo(service), fits: (index) => !answered.has(index) && isSame(peerAt(index), service) };
    if (!isCalleeHalf(span))
      return [{ among: workOf(service), fits: (index) => isSame(serviceAt(index), service) }, calls, anyRoot];
    const caller = callerOf(span.attributes);
    const ofCaller: Search = {
      among: callersIn(caller),
      fits: (index) => isSame(serviceAt(index), caller) && !(isCall(index) && answered.has(index)),
    };
    return [calls, ofCaller, anyRoot];
  };
};

/** Where orphans may have hung: under the shortest span of whoever would have called them that contains them in time; where none does, under nothing. */
export const rehung = (scene: Scene, linked: Parents, orphans: ReadonlySet<number>): Parents => {
  if (orphans.size === 0) return linked;
  const { told, times } = scene;
  const parents = [...linked];
  const forest = forestOf(linked);
  const isCallee = (index: number): boolean => told[index] !== undefined && isCalleeHalf(told[index].span);
  const answered = new Set(linked.filter((parent, child): parent is number => parent !== null && isCallee(child)));
  const start = (index: number): number => times.startMicros[index] ?? 0;
  const order = [...told.keys()].sort((a, b) => start(a) - start(b) || a - b);
  const roots = new Set(rootsOf(linked).filter((index) => !orphans.has(index)));
  const searchesFor = searchesIn(scene, order, roots, answered);
  const parentFor = (orphan: number, one: ToldSpan): number | null => {
    /** Children of one missing parent are no parents of each other, and nobody hangs below itself. */
    const isPossible = (index: number): boolean =>
      told[index]?.span.parentId !== one.span.parentId && forest.rootOf(index) !== orphan;
    for (const { among, fits } of searchesFor(one)) {
      const search = { among, fits: (index: number) => fits(index) && isPossible(index) };
      const found = smallestAround(times, search, intervalOf(times, orphan));
      if (found !== null) return found;
    }
    return null;
  };
  for (const orphan of order.filter((index) => orphans.has(index))) {
    const one = told[orphan];
    const parent = one === undefined ? null : parentFor(orphan, one);
    if (parent === null) continue;
    parents[orphan] = parent;
    forest.hang(orphan, parent);
    if (isCallee(orphan)) answered.add(parent);
  }
  return parents;
};
