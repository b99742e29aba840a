import { firstCheck } from '../../../domain/command.ts';
import type { Outcome } from '../../../domain/signals.ts';
import { count, counted, share } from '../../../domain/words.ts';
import { callsBelow } from '../below.ts';
import type { Rule } from '../rule.ts';
import { badAt, badWith, confidenceOf, hasErrors, isMost, named, neverArrived, outcomesOf, requestsAt } from '../scene.ts';

/** URX alone means that the last attempt was a real answer; it says nothing else. */
const bare = ({ flags }: Outcome): boolean => flags.every((flag) => flag === 'URX');

const codeText = ({ code, grpcStatus }: Outcome): string =>
  grpcStatus !== null && grpcStatus !== '0' && !/^[45]/.test(code) ? `gRPC status ${grpcStatus}` : `HTTP ${code}`;

/** Failures without a flag, seen alike by both reporters: the application said so itself. */
export const calleeErrors: Rule = {
  name: 'callee-errors',
  find: (scene) => {
    if (!hasErrors(scene)) return null;
    const reporter = badAt(scene, 'callee') > 0 ? 'callee' : 'caller';
    const bad = badAt(scene, reporter);
    const said = badWith(scene, reporter, bare);
    if (!isMost(said, bad)) return null;
    const { callee, namespace } = scene;
    const unseen = neverArrived(scene);
    const codes = [
      ...new Set(
        outcomesOf(scene, reporter)
          .filter((outcome) => bare(outcome) && /^5|^200$/.test(outcome.code))
          .map(codeText),
      ),
    ]
      .filter((text) => text !== 'HTTP 200')
      .slice(0, 3);
    if (unseen) {
      // The proxy itself may say 503 or 504 without a flag (overload, longest duration): then the callee saw nothing.
      return {
        side: "caller's proxy",
        confidence: 'possible',
        sentence: `The proxy of ${scene.caller} answers for ${callee} itself: ${share(said, requestsAt(scene, reporter))} failed without reaching it`,
        evidence: [`${counted(said, 'failure')} without a flag at the caller, ${count(badAt(scene, 'callee'))} at the callee`],
        firstCheck: firstCheck(
          `See the access log of the proxy of ${scene.caller} for response code details`,
          null,
          [scene.edge.source.namespace, scene.edge.source.workload],
          (ns, name) => `kubectl -n ${ns} logs deploy/${name} -c istio-proxy --since=15m`,
        ),
        badEvents: said,
        explains: [],
      };
    }
    const below = callsBelow(scene);
    const who = below.suspect === null ? `${callee} itself answers` : `${callee}, or ${below.suspect} below it, answers`;
    return {
      side: 'callee application',
      confidence: below.suspect === null ? confidenceOf(scene, said, bad) : 'possible',
      sentence: `${who} with errors${codes.length > 0 ? ` (${codes.join(', ')})` : ''}: ${share(said, requestsAt(scene, reporter))} of what ${below.suspect === null ? 'it' : callee} got`,
      evidence: [
        `${counted(said, 'failed request')} without a response flag: the application said so`,
        ...(scene.judged.reading.callee !== null && scene.judged.reading.caller !== null
          ? [
              `both proxies count them: ${count(badAt(scene, 'caller'))} at the caller, ${count(badAt(scene, 'callee'))} at the callee`,
            ]
          : []),
        ...(scene.judged.reading.calleeReports || below.suspect !== null ? [below.evidence] : []),
      ],
      firstCheck: firstCheck(
        `Read the errors in the log of ${callee}`,
        `Deployment ${named(namespace, callee)}`,
        [namespace, callee],
        (ns, name) => `kubectl -n ${ns} logs deploy/${name} --since=15m`,
      ),
      badEvents: said,
      explains: [],
    };
  },
};
