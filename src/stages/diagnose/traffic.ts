import type { Confidence } from '../../domain/diagnosis.ts';
import { calleeKey, callerName, type Edge, edgeKey } from '../../domain/edge.ts';
import { type EdgeJudgement, judgeEdge, leading } from '../../domain/judgement.ts';
import type { EdgeReading } from '../../domain/signals.ts';
import { lengthSeconds } from '../../domain/time.ts';
import { childrenOf, parentsOf } from '../../domain/walk.ts';
import { count, rate } from '../../domain/words.ts';
import type { Scene } from './scene.ts';

/** Requests of one edge now and usually, in a window as long. */
type Flow = { readonly now: number; readonly usual: number };

export const flowOf = ({ caller, callee }: EdgeReading): Flow => {
  const counts = (caller ?? callee)?.counts;
  const past = [...(counts?.local ?? []), ...(counts?.base ?? []).map(({ value }) => value)]
    .map(({ requests }) => requests)
    .sort((a, b) => a - b);
  return { now: counts?.now.requests ?? 0, usual: past[past.length >> 1] ?? 0 };
};

type Moved = 'vanished' | 'surged';

/** Both ends agree, as far as they report: what only one of them misses is a matter of scraping. */
export const hasMoved = (judged: EdgeJudgement, how: Moved): boolean => {
  const sides = [judged.caller, judged.callee].filter((side) => side !== null);
  return leading(judged)?.traffic === how && sides.every(({ traffic }) => traffic === how || traffic === 'unknown');
};

/** Who calls the caller: how much of its usual traffic moved alike, and by whose edge most. */
type Above = {
  readonly known: boolean;
  readonly isMoved: boolean;
  readonly isSick: boolean;
  /** The one whose traffic moved most. */
  readonly who: string | null;
  readonly edge: Edge | null;
};

export const aboveOf = (scene: Scene, how: Moved): Above => {
  const parents = parentsOf(scene.top.reading.edge, scene.evidence.readings)
    .map((reading) => ({ reading, judged: judgeEdge(reading, 'near'), flow: flowOf(reading) }))
    .filter(({ flow }) => flow.usual > 0 || flow.now > 0);
  const moved = parents
    .filter(({ judged }) => hasMoved(judged, how))
    .sort((a, b) => Math.abs(b.flow.now - b.flow.usual) - Math.abs(a.flow.now - a.flow.usual));
  const of = (some: typeof parents): number => some.reduce((sum, { flow }) => sum + Math.max(flow.usual, flow.now), 0);
  return {
    known: parents.length > 0,
    isMoved: moved.length > 0 && of(moved) >= of(parents) / 2,
    isSick: parents.some(({ judged }) => judged.isSick),
    who: moved[0] ? callerName(moved[0].reading.edge) : null,
    edge: moved[0]?.reading.edge ?? null,
  };
};

/** "52/s, usually 10/s"; of few requests their number. */
export const flowText = ({ evidence }: Scene, { now, usual }: Flow): string => {
  const seconds = lengthSeconds(evidence.window);
  return now < 20
    ? `${count(now)} requests, usually about ${count(usual)}`
    : `${rate(now / seconds)}, usually ${rate(usual / seconds)}`;
};

/** How sure, of so many requests more or fewer: an edge without requests has no ratio that a word could rest on. */
export const trafficConfidence = ({ top, evidence }: Scene, moved: number): Confidence => {
  const counts = (top.reading.caller ?? top.reading.callee)?.counts;
  const isThin = (counts?.local.length ?? 0) < 3 || evidence.gaps.some(({ reason }) => reason === 'absent');
  return moved >= 30 && !isThin ? 'likely' : 'possible';
};

/** Other calls into the callee, and its own, that are sick. */
export const sickAround = ({ top, evidence: { readings } }: Scene): readonly Edge[] => {
  const { edge } = top.reading;
  const around = readings.filter(
    (reading) => calleeKey(reading.edge) === calleeKey(edge) && edgeKey(reading.edge) !== edgeKey(edge),
  );
  return [...around, ...childrenOf(edge, readings)]
    .filter((reading) => judgeEdge(reading, 'near').isSick)
    .map((reading) => reading.edge);
};

/** Less than half of what is usual, though not proven to have stopped: a window that began before the end of it, or a bad day. */
export const isHalved = (judged: EdgeJudgement): boolean => {
  const { now, usual } = flowOf(judged.reading);
  return leading(judged)?.traffic === 'as usual' && usual >= 20 && now < usual / 2;
};
