import { counted, share } from '../../../domain/words.ts';
import { risenLines } from '../counters.ts';
import { calleeOf, callerOf, pods } from '../look.ts';
import type { Rule } from '../rule.ts';
import { confidenceOf, hasFlag, mostly, proxyOf, proxySide, requestsAt } from '../scene.ts';

/** LH: the proxy was told that its own service is unhealthy (a drain, a failed health check) and refuses for it. */
export const localHealthCheck: Rule = {
  name: 'local-health-check',
  find: (scene) => {
    const part = mostly(scene, hasFlag('LH'));
    if (part === null) return null;
    const { caller, callee } = scene;
    const [place, name] = part.at === 'caller' ? [callerOf(scene), caller] : [calleeOf(scene), callee];
    return {
      side: proxySide(part.at),
      confidence: confidenceOf(scene, part.requests, part.whole),
      sentence: `${proxyOf(scene, part.at).replace(/^t/, 'T')} holds its own service for unhealthy: ${share(part.requests, requestsAt(scene, part.at))} of the requests to ${callee} refused`,
      evidence: [
        `${counted(part.requests, 'request')} ended with LH (local health check failed) at ${proxyOf(scene, part.at)}`,
        ...risenLines(scene, part.at, 'http_health_check_failed'),
        'somebody drains it, or its health check fails; Istio has no such filter by default',
      ],
      firstCheck: pods(`See whether the pods of ${name} are ready or being drained, and what their health check answers`, place),
      badEvents: part.requests,
      explains: ['callee-errors', 'proxy-answered', 'connection-failure', 'retry-exhausted'],
    };
  },
};
