import { firstCheck } from '../../../domain/command.ts';
import { count, counted, share } from '../../../domain/words.ts';
import type { Rule } from '../rule.ts';
import {
  badAt,
  badWith,
  confidenceOf,
  hasErrors,
  hasFlag,
  isMost,
  isSlow,
  named,
  proxyOf,
  requestsAt,
  withFlag,
} from '../scene.ts';

/** UT: the caller's proxy ran out of patience. Istio sets no route timeout by default, so somebody did (pilot/pkg/networking/core/route). */
export const upstreamTimeout: Rule = {
  name: 'upstream-timeout',
  find: (scene) => {
    const bad = badAt(scene, 'caller');
    const timedOut = badWith(scene, 'caller', hasFlag('UT'));
    if (!hasErrors(scene) || !isMost(timedOut, bad)) return null;
    const { caller, callee, namespace } = scene;
    const slow = isSlow(scene);
    const gaveUp = withFlag(scene, 'callee', 'DC', 'DR');
    return {
      side: slow ? 'callee application' : "caller's proxy",
      confidence: confidenceOf(scene, timedOut, bad),
      sentence: slow
        ? `${callee} answers too slowly for the timeout that ${caller} has: ${share(timedOut, requestsAt(scene, 'caller'))} timed out`
        : `The timeout that ${caller} has for ${callee} cuts ${share(timedOut, requestsAt(scene, 'caller'))}, although ${callee} is as fast as usual`,
      evidence: [
        `${counted(timedOut, 'request')} ended with UT at ${proxyOf(scene, 'caller')}`,
        ...(gaveUp > 0 ? [`${proxyOf(scene, 'callee')} saw ${count(gaveUp)} of them cut off by ${caller} (DC or DR)`] : []),
        'Istio has no timeout by default: a VirtualService, an HTTPRoute or a header sets one',
      ],
      firstCheck: firstCheck(
        `See which timeout is set for ${callee} and what ${callee} waits for`,
        `VirtualService ${named(namespace, callee)}`,
        [namespace],
        (ns) => `kubectl -n ${ns} get virtualservices,httproutes -o yaml`,
      ),
      badEvents: timedOut,
      explains: slow ? ['slow-callee', 'slow-dependency', 'callee-errors', 'grpc-errors'] : ['callee-errors'],
    };
  },
};
