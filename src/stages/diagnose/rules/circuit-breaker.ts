import { firstCheck } from '../../../domain/command.ts';
import { counted, share } from '../../../domain/words.ts';
import type { Rule } from '../rule.ts';
import { badAt, badWith, confidenceOf, hasErrors, hasFlag, isMost, isSlow, named, proxyOf, requestsAt } from '../scene.ts';

/** UO: a connection pool or request limit was full. Istio's own limits are unlimited, so somebody set one; it is not outlier ejection, which is UH. */
export const circuitBreaker: Rule = {
  name: 'circuit-breaker',
  find: (scene) => {
    if (!hasErrors(scene)) return null;
    const bad = badAt(scene, 'caller') || badAt(scene, 'callee');
    const [atCaller, atCallee] = [badWith(scene, 'caller', hasFlag('UO')), badWith(scene, 'callee', hasFlag('UO'))];
    const isAtCallee = atCallee > atCaller;
    const refused = Math.max(atCaller, atCallee);
    if (!isMost(refused, bad)) return null;
    const { callee, namespace } = scene;
    const slow = isSlow(scene);
    const owner = proxyOf(scene, isAtCallee ? 'callee' : 'caller');
    return {
      side: isAtCallee ? "callee's proxy" : "caller's proxy",
      confidence: confidenceOf(scene, refused, bad),
      sentence: `The connection or request limit for ${callee} is full at ${owner}: ${share(refused, requestsAt(scene, isAtCallee ? 'callee' : 'caller'))} refused at once`,
      evidence: [
        `${counted(refused, 'request')} ended with UO (circuit breaker)`,
        ...(slow ? [`${callee} is slower than usual, so requests pile up`] : []),
        'Istio sets no such limit by default: a DestinationRule or Sidecar does',
      ],
      firstCheck: firstCheck(
        `See the connectionPool limits for ${callee}, and when they changed`,
        `DestinationRule ${named(namespace, callee)}`,
        [namespace],
        (ns) => `kubectl -n ${ns} get destinationrules -o yaml`,
      ),
      badEvents: refused,
      explains: ['callee-errors', 'connection-failure'],
    };
  },
};
