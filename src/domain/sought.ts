import { edgeKey, edgeOf } from './edge.ts';
import type { Evidence } from './evidence.ts';
import { type EdgeJudgement, judgeEdge } from './judgement.ts';

/** What kind of request is looked for among traces: by what is wrong with the edge. */
export type Sought = 'failed' | 'refused' | 'slow';

/** What a policy refuses is no failed request; where nothing is wrong the slowest one is as good as any. */
export const soughtOf = (judged: EdgeJudgement | null): Sought => {
  if (judged?.mode !== 'errors') return 'slow';
  return [judged.caller, judged.callee].some((side) => side?.errors.isElevated === true) ? 'failed' : 'refused';
};

/** The same of the edge that evidence is about. */
export const soughtIn = ({ subject, readings }: Evidence): Sought => {
  const edge = edgeOf(subject);
  const reading = edge === null ? undefined : readings.find((one) => edgeKey(one.edge) === edgeKey(edge));
  return soughtOf(reading === undefined ? null : judgeEdge(reading, 'named'));
};
