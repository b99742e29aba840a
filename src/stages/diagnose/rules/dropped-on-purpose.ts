import { firstCheck } from '../../../domain/command.ts';
import { counted, share } from '../../../domain/words.ts';
import type { Rule } from '../rule.ts';
import { confidenceOf, hasFlag, mostly, proxyOf, requestsAt, withFlag } from '../scene.ts';

/** DO and UDO: the control plane told the proxies to drop a part, or all, of what goes to this target. Istio itself never does. */
export const droppedOnPurpose: Rule = {
  name: 'dropped-on-purpose',
  find: (scene) => {
    const part = mostly(scene, hasFlag('DO', 'UDO'));
    if (part === null) return null;
    const { callee } = scene;
    const isAll = withFlag(scene, part.at, 'UDO') > part.requests / 2;
    return {
      side: 'policy',
      confidence: confidenceOf(scene, part.requests, part.whole),
      sentence: `The control plane has ${isAll ? 'all' : 'a part'} of the requests to ${callee} dropped: ${share(part.requests, requestsAt(scene, part.at))}`,
      evidence: [
        `${counted(part.requests, 'request')} ended with ${isAll ? 'UDO' : 'DO'} (drop_overload) at ${proxyOf(scene, part.at)}`,
        `${callee} never got them`,
      ],
      firstCheck: firstCheck(
        `See who sets drop_overload for the endpoints of ${callee}: Istio does not`,
        `Endpoint policy (drop_overload) of ${callee}`,
        [scene.edge.source.namespace, scene.edge.source.workload],
        (ns, name) => `istioctl -n ${ns} proxy-config endpoints deploy/${name} -o json`,
      ),
      badEvents: part.requests,
      explains: ['callee-errors', 'proxy-answered', 'retry-exhausted'],
    };
  },
};
