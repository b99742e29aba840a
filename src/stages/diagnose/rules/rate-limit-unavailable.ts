import { counted, share } from '../../../domain/words.ts';
import { risenLines } from '../counters.ts';
import { proxyAt, settings } from '../look.ts';
import type { Rule } from '../rule.ts';
import { confidenceOf, hasFlag, mostly, proxyOf, requestsAt } from '../scene.ts';

/** RLSE: nobody was over a limit; the service that counts could not be asked, and the filter is set to refuse then. */
export const rateLimitUnavailable: Rule = {
  name: 'rate-limit-unavailable',
  find: (scene) => {
    const part = mostly(scene, hasFlag('RLSE'));
    if (part === null) return null;
    const { callee } = scene;
    const where = proxyAt(scene, part.at).namespace;
    return {
      side: 'policy',
      confidence: confidenceOf(scene, part.requests, part.whole),
      sentence: `The rate limit service does not answer, and ${proxyOf(scene, part.at)} refuses then: ${share(part.requests, requestsAt(scene, part.at))} of the requests to ${callee}`,
      evidence: [
        `${counted(part.requests, 'request')} ended with RLSE (rate limit service error) at ${proxyOf(scene, part.at)}`,
        ...risenLines(scene, part.at, 'cluster_ratelimit_error'),
        'refusing on its failure is a setting (failure_mode_deny); without it they would pass',
      ],
      firstCheck: settings(
        'See whether the rate limit service that the filter names, and its store, run and answer',
        'Rate limit service',
        where,
        'envoyfilters',
      ),
      badEvents: part.requests,
      explains: ['callee-errors', 'proxy-answered', 'retry-exhausted'],
    };
  },
};
