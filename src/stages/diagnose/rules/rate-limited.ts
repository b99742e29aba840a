import { counted, share } from '../../../domain/words.ts';
import { rose } from '../counters.ts';
import { proxyAt, settings } from '../look.ts';
import type { Rule } from '../rule.ts';
import { confidenceOf, hasFlag, mostly, proxyOf, requestsAt } from '../scene.ts';

/** RL: a rate limit refused the request, at the callee's proxy as a rule; the caller then sees a bare 429. */
export const rateLimited: Rule = {
  name: 'rate-limited',
  find: (scene) => {
    const part = mostly(scene, hasFlag('RL'));
    if (part === null) return null;
    const { caller, callee, judged } = scene;
    const traffic = (judged.caller ?? judged.callee)?.traffic;
    const local = rose(scene, part.at, 'http_local_rate_limit_rate_limited');
    const global = rose(scene, part.at, 'cluster_ratelimit_over_limit');
    const which = local > global ? 'local rate limit' : global > 0 ? 'limit of the rate limit service' : 'rate limit';
    const where = proxyAt(scene, part.at).namespace;
    return {
      side: 'policy',
      confidence: confidenceOf(scene, part.requests, part.whole),
      sentence: `The ${which} at ${proxyOf(scene, part.at)} refuses ${share(part.requests, requestsAt(scene, part.at))} of what ${caller} asks of ${callee}`,
      evidence: [
        `${counted(part.requests, 'request')} ended with RL (over the rate limit) at ${proxyOf(scene, part.at)}`,
        ...(traffic === 'surged' ? [`${caller} asks far more than usual`] : []),
        ...(traffic === 'as usual'
          ? [`${caller} asks about as much as usual: others ask more, or the limit is new or lower`]
          : []),
        ...(local > 0 ? ['http_local_rate_limit_rate_limited rose: the bucket of each proxy'] : []),
        ...(global > local ? ['cluster_ratelimit_over_limit rose: the shared limit'] : []),
      ],
      firstCheck: settings(
        `See which rate limit stands before ${callee}, and whether ${caller} should ask that much`,
        where === null ? 'EnvoyFilter' : `EnvoyFilter in ${where}`,
        where,
        'envoyfilters',
      ),
      badEvents: part.requests,
      explains: ['callee-errors', 'proxy-answered', 'retry-exhausted'],
    };
  },
};
