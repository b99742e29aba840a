import { beyondUsual } from './inference/latency.ts';
import { type EdgeJudgement, leading } from './judgement.ts';
import { meanSeconds } from './mean.ts';

/** Patience is set to many times what a call usually takes, or it would run out all the time. */
const patienceFactor = 6;
/** Loaded nodes do not make the whole of an edge so many times slower. */
const slowFactor = 3;

/**
 * Whether so many requests that ran out of somebody's patience have waited for it: longer than nearly all ever take, by the buckets where they
 * were asked, else by the time that so many add. Who leaves at once, or only says that a deadline ran out, adds none, whatever else has become
 * slower meanwhile. Where nothing was timed they have.
 */
export const haveWaited = (judged: EdgeJudgement, requests: number): boolean => {
  const side = leading(judged);
  const { latency = null, duration = null } = (side && judged.reading[side.reporter]) ?? {};
  const late = latency === null ? null : beyondUsual(latency, 0.95);
  if (late !== null) return late >= requests / 2 || (side?.latency?.shift ?? 1) >= slowFactor;
  if (duration === null || side === null || side.excessSeconds === null) return true;
  const { now } = duration;
  const usual = meanSeconds(now) - side.excessSeconds;
  if (meanSeconds(now) >= slowFactor * usual) return true;
  return side.excessSeconds * now.requests >= (patienceFactor - 1) * usual * requests;
};
