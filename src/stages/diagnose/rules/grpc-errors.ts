import { failingStatus, grpcText } from '../../../domain/grpc.ts';
import type { Outcome } from '../../../domain/signals.ts';
import { count, counted, share } from '../../../domain/words.ts';
import { neverArrived } from '../arrival.ts';
import { attemptsText } from '../attempts.ts';
import { callsBelow } from '../below.ts';
import { isGrpcFailure, seenBy } from '../grpc.ts';
import { calleeOf, logs } from '../look.ts';
import type { Rule } from '../rule.ts';
import { badAt, badWith, confidenceOf, hasErrors, isMost, outcomesOf, requestsAt } from '../scene.ts';

/** Failing statuses of the application, most frequent first. */
const statusesOf = (outcomes: readonly Outcome[]): readonly string[] => {
  const found = new Map<string, number>();
  for (const { grpcStatus, requests } of outcomes)
    if (grpcStatus !== null) found.set(grpcStatus, (found.get(grpcStatus) ?? 0) + requests);
  return [...found].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).map(([status]) => status);
};

/** The application answers HTTP 200 with a failing gRPC status. */
export const grpcErrors: Rule = {
  name: 'grpc-errors',
  find: (scene) => {
    if (!hasErrors(scene) || neverArrived(scene)) return null;
    const reporter = seenBy(scene);
    const bad = badAt(scene, reporter);
    const said = badWith(scene, reporter, isGrpcFailure);
    const statuses = statusesOf(outcomesOf(scene, reporter).filter(isGrpcFailure));
    const [first] = statuses;
    const status = failingStatus(first ?? null);
    if (!isMost(said, bad) || first === undefined || status === null) return null;
    const { callee, judged } = scene;
    const tried = attemptsText(scene);
    const below = callsBelow(scene);
    const isClear = below.kind === 'clear';
    const other = below.kind === 'suspect' ? below.callee : 'something';
    return {
      side: 'callee application',
      confidence: isClear ? confidenceOf(scene, said, bad) : 'possible',
      sentence: `${isClear ? `${callee} itself answers` : `${callee}, or ${other} below it, answers`} with ${statuses.slice(0, 2).map(grpcText).join(', ')}: ${share(said, requestsAt(scene, reporter))} of what ${isClear ? 'it' : callee} got${tried === null ? '' : `; ${tried}`}`,
      evidence: [
        `${status.name}: ${status.meaning}`,
        judged.reading.callee !== null && judged.reading.caller !== null
          ? `both proxies count them, with HTTP 200: ${count(badAt(scene, 'caller'))} at the caller, ${count(badAt(scene, 'callee'))} at the callee`
          : `${counted(said, 'failed call')}, all with HTTP 200`,
        ...(scene.judged.reading.calleeReports || !isClear ? [below.evidence] : []),
      ],
      firstCheck: logs(status.check(callee), calleeOf(scene)),
      badEvents: said,
      explains: ['callee-errors'],
    };
  },
};
