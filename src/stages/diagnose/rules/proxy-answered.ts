import { isNowhere } from '../../../domain/edge.ts';
import { printsFlags, proxyContainer } from '../../../domain/mesh.ts';
import { count, counted, share } from '../../../domain/words.ts';
import { risenLines } from '../counters.ts';
import { logs, proxyAt, settings } from '../look.ts';
import { type Answered, answeredByProxy, guessedReason, isCutByClock, provenReason } from '../own-answer.ts';
import type { Rule } from '../rule.ts';
import { badAt, confidenceOf, proxyOf, requestsAt, type Scene, withFlag } from '../scene.ts';
import { toldOfQueue } from '../traced/slowness.ts';

const capital = (text: string): string => text.replace(/^t/, 'T');

const textOf = (scene: Scene, answered: Answered, why: string): string => {
  const { at, requests, isAstray, isRefused } = answered;
  const proxy = capital(proxyOf(scene, at));
  return isAstray
    ? `${proxy} answers ${counted(requests, 'request')} itself, before any destination is chosen: ${why}`
    : `${proxy} answers ${at === 'caller' ? `for ${scene.callee} itself` : 'in place of its application'}: ${share(requests, requestsAt(scene, at))} ${isRefused ? 'refused' : 'failed'}, ${why}`;
};

const countsText = (scene: Scene, { at, requests, isAstray, isRefused }: Answered): string => {
  const unflagged = printsFlags(scene.evidence.mesh) ? ' without a flag' : '';
  const atCallee =
    at === 'callee' || isAstray
      ? ''
      : isRefused
        ? ' that the callee never saw'
        : `, ${count(badAt(scene, 'callee'))} at the callee`;
  return `${counted(requests, isRefused ? 'refusal' : 'failure')}${unflagged} at ${proxyOf(scene, at)}${atCallee}`;
};

/** A proxy said 503, 504 or a 4xx by itself, for which Envoy prints no flag: the callee did not, and must not be blamed. */
export const proxyAnswered: Rule = {
  name: 'proxy-answered',
  find: (scene) => {
    const answered = answeredByProxy(scene);
    if (answered === null) return null;
    const { callee, edge, evidence } = scene;
    const { at, requests, isAstray } = answered;
    const proven = provenReason(scene, answered);
    const { side, why, check, object, where, counter } = proven ?? guessedReason(scene, answered);
    const left = withFlag(scene, 'callee', 'DC', 'DR');
    return {
      side,
      confidence:
        proven?.isSure !== true && !isCutByClock(scene, answered)
          ? 'possible'
          : confidenceOf(scene, requests, Math.max(requests, badAt(scene, at))),
      sentence: textOf(scene, answered, why),
      evidence: [
        countsText(scene, answered),
        ...(left >= requests / 2 && !isAstray ? [`${callee} had got them, and saw them cut off`] : []),
        ...(counter === null ? [] : risenLines(scene, at, counter)),
        ...(proven === null && printsFlags(evidence.mesh)
          ? ['the counters of the proxy, which would tell why, did not rise or are not shown']
          : []),
      ],
      firstCheck:
        where === null
          ? logs(check, { ...proxyAt(scene, at), object }, '15m', proxyContainer(evidence.mesh))
          : settings(check, object, where.namespace, where.kinds),
      badEvents: requests,
      explains:
        isAstray && !isNowhere(edge)
          ? ['traffic-vanished']
          : [
              'callee-errors',
              'grpc-errors',
              'slow-callee',
              'slow-dependency',
              'client-gave-up',
              'retry-exhausted',
              'traffic-vanished',
            ],
    };
  },
  told: toldOfQueue,
};
