import { firstCheck } from '../../../domain/command.ts';
import { counted, share } from '../../../domain/words.ts';
import { proxyAt, resourceOf } from '../look.ts';
import type { Rule } from '../rule.ts';
import { confidenceOf, hasFlag, mostly, proxyOf, requestsAt, withFlag } from '../scene.ts';

/**
 * DO and UDO: the control plane told the proxies to drop a part, or all, of what goes to this target (envoyproxy.io, ClusterLoadAssignment,
 * `drop_overloads`). Istio itself never does. The endpoints as they were sent show it, Envoy's own view of them (/clusters) does not.
 */
export const droppedOnPurpose: Rule = {
  name: 'dropped-on-purpose',
  find: (scene) => {
    const part = mostly(scene, hasFlag('DO', 'UDO'));
    if (part === null) return null;
    const { callee } = scene;
    const isAll = withFlag(scene, part.at, 'UDO') > part.requests / 2;
    const proxy = proxyOf(scene, part.at);
    const place = proxyAt(scene, part.at);
    return {
      side: 'policy',
      confidence: confidenceOf(scene, part.requests, part.whole),
      sentence: `The control plane makes ${proxy} drop ${isAll ? 'all' : 'a part'} of what goes to ${callee}: ${share(part.requests, requestsAt(scene, part.at))} failed`,
      evidence: [
        `${counted(part.requests, 'request')} ended with ${isAll ? 'UDO' : 'DO'} (drop_overload) at ${proxy}`,
        `${callee} never got them: it is not what fails`,
        'the share to drop comes with the list of endpoints; Istio never sets it, so another or a changed control plane did',
      ],
      firstCheck: firstCheck(
        `Look for drop_overload of ${callee} in this list; who runs the control plane can take it back`,
        `Endpoint policy (drop_overload) of ${callee}`,
        [place.namespace, place.name],
        (ns, name) => `istioctl -n ${ns} proxy-config eds ${resourceOf(place)}/${name} -o json`,
      ),
      badEvents: part.requests,
      explains: ['callee-errors', 'proxy-answered', 'retry-exhausted'],
    };
  },
};
