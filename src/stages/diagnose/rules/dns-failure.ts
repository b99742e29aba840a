import { firstCheck } from '../../../domain/command.ts';
import { counted, share } from '../../../domain/words.ts';
import type { Rule } from '../rule.ts';
import { confidenceOf, hasFlag, mostly, named, proxyOf, requestsAt } from '../scene.ts';

/** DF: the proxy resolves the name itself (a ServiceEntry with DNS, a dynamic forward proxy) and could not. */
export const dnsFailure: Rule = {
  name: 'dns-failure',
  find: (scene) => {
    const part = mostly(scene, hasFlag('DF'));
    if (part === null) return null;
    const { callee, namespace, edge } = scene;
    return {
      side: 'network/TLS',
      confidence: confidenceOf(scene, part.requests, part.whole),
      sentence: `The name ${callee} does not resolve at ${proxyOf(scene, part.at)}: ${share(part.requests, requestsAt(scene, part.at))} failed`,
      evidence: [
        `${counted(part.requests, 'request')} ended with DF (DNS failure) at ${proxyOf(scene, part.at)}`,
        'either the name is wrong or the resolver does not answer the proxy',
      ],
      firstCheck: firstCheck(
        `See whether ${callee} resolves from a pod beside that proxy, and whether the cluster's DNS is well`,
        `ServiceEntry ${named(namespace, callee)}`,
        [namespace ?? edge.source.namespace],
        (ns) => `kubectl -n ${ns} get serviceentries -o yaml`,
      ),
      badEvents: part.requests,
      explains: ['callee-errors', 'connection-failure', 'slow-callee', 'slow-dependency', 'retry-exhausted'],
    };
  },
};
