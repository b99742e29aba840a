import { calleeKey, callerName, type Edge, edgeKey, type Located } from '../../domain/edge.ts';
import { type EdgeJudgement, judgeEdge } from '../../domain/judgement.ts';
import type { EdgeReading } from '../../domain/signals.ts';

/** A caller that is known, and how much of its trouble with the callee is new. */
type Suspect = { readonly edge: Edge; readonly bad: number };

/** Istio writes `unknown` where the callee's proxy cannot tell the peer; Linkerd leaves the label out (istio.io, "Istio Standard Metrics"). */
export const isNameless = ({ source, destination }: Edge): boolean =>
  source.workload === null && source.service === null && (destination.service ?? destination.workload) !== null;

const badOf = ({ caller, callee }: EdgeJudgement): number =>
  [caller, callee].reduce(
    (most, side) =>
      side === null
        ? most
        : Math.max(most, (side.errors.isElevated ? side.errors.excess : 0) + (side.refused.isElevated ? side.refused.x : 0)),
    0,
  );

/** What the unknown caller counts as bad of now. */
const namelessBad = ({ caller, callee }: EdgeReading): number => {
  const counts = (callee ?? caller)?.counts.now;
  return counts === undefined ? 0 : counts.failed + counts.refused;
};

/** What a caller's proxy sent and the callee's never counted under its name: there it may be the unknown one. */
const lostOf = ({ caller, callee, calleeReports }: EdgeReading, nameless: number): number => {
  if (caller === null || !calleeReports) return 0;
  const sent = caller.counts.now.requests;
  const lost = sent - (callee?.counts.now.requests ?? 0);
  return lost >= 5 && lost >= sent / 5 && lost >= nameless / 4 ? lost : 0;
};

/** Few are asked, but who fails a little beside much of an unknown caller's must be judged like a neighbour. Retries multiply at the callee. */
const suspectOf = (reading: EdgeReading, nameless: number): Suspect => {
  const near = badOf(judgeEdge(reading, 'near'));
  const named = badOf(judgeEdge(reading, 'named'));
  const failing = near > 0 ? near : named >= nameless / 4 ? named : 0;
  return { edge: reading.edge, bad: Math.max(failing, nameless > 0 ? lostOf(reading, nameless) : 0) };
};

/** The callers that fail with this callee now, worst first. None where the unknown caller itself does not fail: nothing is to be explained. */
export const failingCallers = (nameless: Edge, readings: readonly EdgeReading[]): readonly Suspect[] => {
  const own = readings.find(({ edge }) => edgeKey(edge) === edgeKey(nameless));
  const bad = own === undefined ? 0 : namelessBad(own);
  if (own !== undefined && bad < 5) return [];
  return readings
    .filter(({ edge }) => !isNameless(edge) && calleeKey(edge) === calleeKey(nameless))
    .map((reading) => suspectOf(reading, bad))
    .filter((suspect) => suspect.bad > 0)
    .sort((a, b) => b.bad - a.bad || (edgeKey(a.edge) < edgeKey(b.edge) ? -1 : 1));
};

const cannotTell = "the callee's proxy cannot tell its caller";

/** Who stands behind an unknown caller; null where nobody is known to. */
export const behindNameless = (suspects: readonly Suspect[], { how, ...located }: Located) => {
  const [worst, second] = suspects;
  if (worst === undefined) return null;
  const all = suspects.reduce((sum, { bad }) => sum + bad, 0);
  const share = worst.bad / all;
  if (second === undefined || share >= 0.8)
    return {
      edge: worst.edge,
      located: { ...located, how: `${how}; ${cannotTell}, ${callerName(worst.edge)} is the one that fails with it now` },
    };
  const others = suspects.slice(1).map(({ edge }) => callerName(edge));
  const more = others.length > 3 ? ` and ${others.length - 3} more` : '';
  const next = second.bad / all;
  const chosen: Located = {
    way: 'largest-contributor',
    score: Number(share.toFixed(2)),
    runnerUp: share - next <= 0.15 ? { edge: second.edge, score: Number(next.toFixed(2)) } : null,
    how: `${how}; ${cannotTell}, ${callerName(worst.edge)} fails most with it now, ${others.slice(0, 3).join(', ')}${more} too`,
  };
  return { edge: worst.edge, located: chosen };
};

/** The unknown caller stays the subject, and the footer says why. */
export const stillNameless = (located: Located): Located => ({
  ...located,
  how: `${located.how}; ${cannotTell}, and no known caller fails with it now`,
});
