import { firstCheck } from '../../../domain/command.ts';
import { counted, share } from '../../../domain/words.ts';
import { proxyAt } from '../look.ts';
import type { Rule } from '../rule.ts';
import { confidenceOf, hasFlag, mostly, proxyOf, proxySide, requestsAt } from '../scene.ts';

/** NFCF: a filter whose configuration comes later (ECDS, a WasmPlugin) never got it, and the proxy refuses rather than go without. */
export const filterNotConfigured: Rule = {
  name: 'filter-not-configured',
  find: (scene) => {
    const part = mostly(scene, hasFlag('NFCF'));
    if (part === null) return null;
    const { callee } = scene;
    const where = proxyAt(scene, part.at).namespace;
    return {
      side: proxySide(part.at),
      confidence: confidenceOf(scene, part.requests, part.whole),
      sentence: `A filter of ${proxyOf(scene, part.at)} never got its configuration: ${share(part.requests, requestsAt(scene, part.at))} of the requests to ${callee} refused`,
      evidence: [
        `${counted(part.requests, 'request')} ended with NFCF (no filter configuration) at ${proxyOf(scene, part.at)}`,
        `${callee} itself was not asked`,
      ],
      firstCheck: firstCheck(
        'See which WasmPlugin or EnvoyFilter changed, whether its image can be fetched, and whether the proxies are in sync',
        where === null ? 'WasmPlugin' : `WasmPlugin in ${where}`,
        [where],
        (ns) => `kubectl -n ${ns} get wasmplugins,envoyfilters`,
      ),
      badEvents: part.requests,
      explains: ['callee-errors', 'proxy-answered', 'retry-exhausted'],
    };
  },
};
