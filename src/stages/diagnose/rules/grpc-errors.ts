import { failingStatus, grpcText } from '../../../domain/grpc.ts';
import type { Outcome } from '../../../domain/signals.ts';
import { count, counted, share } from '../../../domain/words.ts';
import { neverArrived } from '../arrival.ts';
import { attemptsText } from '../attempts.ts';
import { callsBelow } from '../below.ts';
import { isGrpcFailure, seenBy } from '../grpc.ts';
import { calleeOf, logs } from '../look.ts';
import type { Rule } from '../rule.ts';
import { badAt, badWith, confidenceOf, hasErrors, isMost, outcomesOf, requestsAt, type Scene } from '../scene.ts';
import { toldOfErrors } from '../traced/errors.ts';

/** Failing statuses of the application, most frequent first. */
const statusesOf = (outcomes: readonly Outcome[]): readonly string[] => {
  const found = new Map<string, number>();
  for (const { grpcStatus, requests } of outcomes)
    if (grpcStatus !== null) found.set(grpcStatus, (found.get(grpcStatus) ?? 0) + requests);
  return [...found].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).map(([status]) => status);
};

/** "payments itself answers", or whoever below it. */
const textOf = (scene: Scene, statuses: readonly string[], below: string | null): string => {
  const { callee } = scene;
  const reporter = seenBy(scene);
  const said = badWith(scene, reporter, isGrpcFailure);
  const tried = attemptsText(scene);
  return `${below === null ? `${callee} itself answers` : `${callee}, or ${below} below it, answers`} with ${statuses.slice(0, 2).map(grpcText).join(', ')}: ${share(said, requestsAt(scene, reporter))} of what ${below === null ? 'it' : callee} got${tried === null ? '' : `; ${tried}`}`;
};

const failingOf = (scene: Scene): readonly string[] => statusesOf(outcomesOf(scene, seenBy(scene)).filter(isGrpcFailure));

/** The application answers HTTP 200 with a failing gRPC status. */
export const grpcErrors: Rule = {
  name: 'grpc-errors',
  find: (scene) => {
    if (!hasErrors(scene) || neverArrived(scene)) return null;
    const reporter = seenBy(scene);
    const bad = badAt(scene, reporter);
    const said = badWith(scene, reporter, isGrpcFailure);
    const statuses = failingOf(scene);
    const [first] = statuses;
    const status = failingStatus(first ?? null);
    if (!isMost(said, bad) || first === undefined || status === null) return null;
    const { callee, judged } = scene;
    const below = callsBelow(scene);
    const isClear = below.kind === 'clear';
    const other = below.kind === 'suspect' ? below.callee : 'something';
    return {
      side: 'callee application',
      confidence: isClear ? confidenceOf(scene, said, bad) : 'possible',
      sentence: textOf(scene, statuses, isClear ? null : other),
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
  told: (scene, found) => toldOfErrors(scene, found, (whom) => textOf(scene, failingOf(scene), whom)),
};
