import { type Edge, edgeKey } from './edge.ts';
import { type EdgeJudgement, judgeEdge, leading } from './judgement.ts';
import type { EdgeReading } from './signals.ts';
import { maxHops, parentsOf } from './walk.ts';

/** Requests of one edge now and usually, in a window as long. */
export type Flow = { readonly now: number; readonly usual: number };

export const flowOf = ({ caller, callee }: EdgeReading): Flow => {
  const counts = (caller ?? callee)?.counts;
  const past = [...(counts?.local ?? []), ...(counts?.base ?? []).map(({ value }) => value)]
    .map(({ requests }) => requests)
    .sort((a, b) => a - b);
  return { now: counts?.now.requests ?? 0, usual: past[past.length >> 1] ?? 0 };
};

type Moved = 'vanished' | 'surged';

/** How the traffic of an edge moved by its leading count, the reason to look up; null where it did not. */
export const movedOf = (judged: EdgeJudgement): Moved | null => {
  const traffic = leading(judged)?.traffic;
  return traffic === 'vanished' || traffic === 'surged' ? traffic : null;
};

/** Both ends agree, as far as they report: what only one of them misses is a matter of scraping. */
export const hasMoved = (judged: EdgeJudgement, how: Moved): boolean => {
  const sides = [judged.caller, judged.callee].filter((side) => side !== null);
  return leading(judged)?.traffic === how && sides.every(({ traffic }) => traffic === how || traffic === 'unknown');
};

/** Who calls the caller: how much of its usual traffic moved alike, and by whose edge most. */
type Above = {
  readonly known: boolean;
  readonly isMoved: boolean;
  /** What their own proxies send is as usual, and more of it arrives: it is tried again. */
  readonly isRetried: boolean;
  readonly sick: readonly Edge[];
  /** The one whose traffic moved most. */
  readonly edge: Edge | null;
};

const aboveOf = (edge: Edge, readings: readonly EdgeReading[], how: Moved): Above => {
  const parents = parentsOf(edge, readings)
    .map((reading) => ({ reading, judged: judgeEdge(reading, 'near'), flow: flowOf(reading) }))
    .filter(({ flow }) => flow.usual > 0 || flow.now > 0);
  const moved = parents
    .filter(({ judged }) => hasMoved(judged, how))
    .sort((a, b) => Math.abs(b.flow.now - b.flow.usual) - Math.abs(a.flow.now - a.flow.usual));
  const of = (some: typeof parents): number => some.reduce((sum, { flow }) => sum + Math.max(flow.usual, flow.now), 0);
  return {
    known: parents.length > 0,
    isMoved: moved.length > 0 && of(moved) >= of(parents) / 2,
    isRetried: parents.some(({ judged }) => judged.caller?.traffic === 'as usual' && judged.callee?.traffic === 'surged'),
    sick: parents.filter(({ judged }) => judged.isSick).map(({ reading }) => reading.edge),
    edge: moved[0]?.reading.edge ?? null,
  };
};

/** The way up from an edge while what its caller gets has moved alike. */
export type WayUp = {
  /** From the edge itself to the topmost that moved. */
  readonly path: readonly Edge[];
  readonly topmost: Edge;
  /** What is known of who calls the topmost edge's caller. */
  readonly above: Above;
  /** What fails on the way, lowest first: who fails early makes no later call. */
  readonly sick: readonly Edge[];
  /** It goes on, but was followed no further: so many calls up, or round in a circle. */
  readonly isCut: boolean;
};

/** Up to the place where traffic ended, or came in: one edge at a time, at most as far as the walk down goes, and never round in a circle. */
export const wayUp = (edge: Edge, readings: readonly EdgeReading[], how: Moved): WayUp => {
  const path: Edge[] = [edge];
  const sick: Edge[] = [];
  for (;;) {
    const topmost = path.at(-1) ?? edge;
    const above = aboveOf(topmost, readings, how);
    const next = above.isMoved ? above.edge : null;
    sick.push(...above.sick);
    if (path.length > maxHops) return { path, topmost, above, sick, isCut: next !== null || !above.known };
    if (next === null) return { path, topmost, above, sick, isCut: false };
    if (path.some((seen) => edgeKey(seen) === edgeKey(next))) return { path, topmost, above, sick, isCut: true };
    path.push(next);
  }
};
