import { firstCheck } from '../../../domain/command.ts';
import { grpcText } from '../../../domain/grpc.ts';
import { printsFlags, proxyContainer } from '../../../domain/mesh.ts';
import type { Outcome } from '../../../domain/signals.ts';
import { count, counted, share } from '../../../domain/words.ts';
import { callsBelow } from '../below.ts';
import { bare } from '../flags.ts';
import type { Rule } from '../rule.ts';
import {
  badAt,
  badWith,
  confidenceOf,
  hasErrors,
  isMost,
  named,
  neverArrived,
  outcomesOf,
  proxyOf,
  requestsAt,
  type Scene,
} from '../scene.ts';

const codeText = ({ code, grpcStatus }: Outcome): string =>
  grpcStatus !== null && grpcStatus !== '0' && !/^[45]/.test(code) ? grpcText(grpcStatus) : `HTTP ${code}`;

/** The proxy itself may say 503 or 504 without a flag (overload, longest duration): then the callee saw nothing. */
const answeredOnTheWay = (scene: Scene): ReturnType<Rule['find']> => {
  const { caller, callee, edge, evidence } = scene;
  const said = badWith(scene, 'caller', bare);
  if (!isMost(said, badAt(scene, 'caller'))) return null;
  return {
    side: "caller's proxy",
    confidence: 'possible',
    sentence: `The proxy of ${caller} answers for ${callee} itself: ${share(said, requestsAt(scene, 'caller'))} failed without reaching it`,
    evidence: [
      `${counted(said, 'failure')}${printsFlags(evidence.mesh) ? ' without a flag' : ''} at the caller, ${count(badAt(scene, 'callee'))} at the callee`,
    ],
    firstCheck: firstCheck(
      `See the log of the proxy of ${caller} for why it answered itself`,
      null,
      [edge.source.namespace, edge.source.workload],
      (ns, name) => `kubectl -n ${ns} logs deploy/${name} -c ${proxyContainer(evidence.mesh)} --since=15m`,
    ),
    badEvents: said,
    explains: [],
  };
};

/** Failures without a flag, seen alike by both reporters: the application said so itself. */
export const calleeErrors: Rule = {
  name: 'callee-errors',
  find: (scene) => {
    if (!hasErrors(scene)) return null;
    if (neverArrived(scene)) return answeredOnTheWay(scene);
    const reporter = badAt(scene, 'callee') > 0 ? 'callee' : 'caller';
    const bad = badAt(scene, reporter);
    const said = badWith(scene, reporter, bare);
    if (!isMost(said, bad)) return null;
    const { callee, namespace } = scene;
    const { mesh } = scene.evidence;
    const codes = [
      ...new Set(
        outcomesOf(scene, reporter)
          .filter((outcome) => bare(outcome) && /^5|^200$/.test(outcome.code))
          .map(codeText),
      ),
    ]
      .filter((text) => text !== 'HTTP 200')
      .slice(0, 3);
    const below = callsBelow(scene);
    const isClear = below.kind === 'clear';
    const other = below.kind === 'suspect' ? below.callee : 'something';
    const who = isClear ? `${callee} itself answers` : `${callee}, or ${other} below it, answers`;
    return {
      side: 'callee application',
      confidence: isClear ? confidenceOf(scene, said, bad) : 'possible',
      sentence: `${who} with errors${codes.length > 0 ? ` (${codes.join(', ')})` : ''}: ${share(said, requestsAt(scene, reporter))} of what ${isClear ? 'it' : callee} got`,
      evidence: [
        printsFlags(mesh)
          ? `${counted(said, 'failed request')} without a response flag: the application said so`
          : `${counted(said, 'failed request')} at ${proxyOf(scene, reporter)}`,
        ...(scene.judged.reading.callee !== null && scene.judged.reading.caller !== null
          ? [
              `both proxies count them: ${count(badAt(scene, 'caller'))} at the caller, ${count(badAt(scene, 'callee'))} at the callee`,
            ]
          : []),
        ...(scene.judged.reading.calleeReports || !isClear ? [below.evidence] : []),
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
