import type { Confidence } from '../../domain/diagnosis.ts';
import { type Edge, edgeKey, isEverybody, isSameCallee } from '../../domain/edge.ts';
import { type EdgeJudgement, judgeEdge, leading } from '../../domain/judgement.ts';
import { lengthSeconds } from '../../domain/time.ts';
import { childrenOf } from '../../domain/walk.ts';
import { type Flow, flowOf } from '../../domain/walk-up.ts';
import { count, rate } from '../../domain/words.ts';
import type { Scene } from './scene.ts';

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
  // Of all callers together each is a part, and no other call.
  const around = isEverybody(edge.source)
    ? []
    : readings.filter((reading) => isSameCallee(reading.edge, edge) && edgeKey(reading.edge) !== edgeKey(edge));
  return [...around, ...childrenOf(edge, readings)]
    .filter((reading) => judgeEdge(reading, 'near').isSick)
    .map((reading) => reading.edge);
};

/** Less than half of what is usual, though not proven to have stopped: a window that began before the end of it, or a bad day. */
export const isHalved = (judged: EdgeJudgement): boolean => {
  const { now, usual } = flowOf(judged.reading);
  return leading(judged)?.traffic === 'as usual' && usual >= 20 && now < usual / 2;
};
