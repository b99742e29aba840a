import { counted, share } from '../../../domain/words.ts';
import { risenLines, rose } from '../counters.ts';
import { proxyAt, settings } from '../look.ts';
import type { Rule } from '../rule.ts';
import { badWith, codeAndFlag, confidenceOf, hasFlag, mostly, proxyOf, requestsAt } from '../scene.ts';

/** UAEX: the external authorization service said no, or could not be asked and the filter fails closed. */
export const externalAuthorization: Rule = {
  name: 'external-authorization',
  find: (scene) => {
    const part = mostly(scene, hasFlag('UAEX'));
    if (part === null) return null;
    const { caller, callee } = scene;
    const where = proxyAt(scene, part.at).namespace;
    const failed = badWith(scene, part.at, codeAndFlag(/^5/, 'UAEX'));
    const errors = rose(scene, part.at, 'http_ext_authz_error');
    const isDown = failed > part.requests / 2 || errors > part.requests / 2;
    const amount = share(part.requests, requestsAt(scene, part.at));
    return {
      side: 'policy',
      confidence: confidenceOf(scene, part.requests, part.whole),
      sentence: isDown
        ? `The external authorization service does not answer, and ${proxyOf(scene, part.at)} refuses then: ${amount} of the requests to ${callee}`
        : `The external authorization service denies ${amount} of what ${caller} asks of ${callee}`,
      evidence: [
        `${counted(part.requests, 'request')} ended with UAEX (external authorization) at ${proxyOf(scene, part.at)}`,
        ...risenLines(scene, part.at, 'http_ext_authz_error', 'http_ext_authz_denied').slice(0, 1),
        isDown ? `${callee} itself was not asked` : `${callee} itself was not asked: it is a decision, not a failure`,
      ],
      firstCheck: settings(
        isDown
          ? 'See whether the authorization service that the CUSTOM policy names runs and answers in time'
          : `See in the log of the service that the CUSTOM policy names why it denies ${caller}`,
        where === null ? 'AuthorizationPolicy (CUSTOM)' : `AuthorizationPolicy (CUSTOM) in ${where}`,
        where,
        'authorizationpolicies',
      ),
      badEvents: part.requests,
      explains: ['callee-errors', 'proxy-answered', 'retry-exhausted', 'rbac-denied'],
    };
  },
};
