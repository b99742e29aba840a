import { counted, share } from '../../../domain/words.ts';
import { endpoints, settings } from '../look.ts';
import type { Rule } from '../rule.ts';
import { confidenceOf, hasFlag, mostly, named, proxyOf, requestsAt } from '../scene.ts';

/** UH: the cluster is known, but no endpoint can be used: none is ready, or a subset matches no pod. That all were ejected is a rule of its own. */
export const noHealthyUpstream: Rule = {
  name: 'no-healthy-upstream',
  find: (scene) => {
    const part = mostly(scene, hasFlag('UH'));
    if (part === null) return null;
    const { callee, namespace } = scene;
    const isInside = part.at === 'callee';
    return {
      side: isInside ? "callee's proxy" : 'callee application',
      confidence: confidenceOf(scene, part.requests, part.whole),
      sentence: isInside
        ? `The proxy of ${callee} knows no endpoint of its own application: ${share(part.requests, requestsAt(scene, part.at))} had nowhere to go`
        : `No healthy endpoint of ${callee} is left: ${share(part.requests, requestsAt(scene, part.at))} had nowhere to go`,
      evidence: [
        `${counted(part.requests, 'request')} ended with UH at ${proxyOf(scene, part.at)}`,
        isInside
          ? 'requests arrive at the proxy of the pod and end there'
          : 'either no pod is ready or a subset matches no pod; outlier detection empties a pool only where maxEjectionPercent is 100',
      ],
      firstCheck: isInside
        ? settings(
            `See the Sidecar and EnvoyFilter objects that select ${callee}`,
            `Sidecar ${named(namespace, callee)}`,
            namespace,
            'sidecars,envoyfilters',
          )
        : endpoints(`See whether ${callee} has ready endpoints`, scene),
      badEvents: part.requests,
      explains: ['callee-errors', 'connection-failure', 'retry-exhausted', 'slow-callee', 'slow-dependency'],
    };
  },
};
