import { counted, share } from '../../../domain/words.ts';
import { withoutDestination } from '../arrival.ts';
import type { Rule } from '../rule.ts';
import { badAt, confidenceOf, hasFlag, mostly, proxyOf, requestsAt } from '../scene.ts';
import { senderCheck, senderDoes, senderOf } from '../sender.ts';

/** IH: an x-envoy-* header with a value that is none, which a strict proxy refuses with 400. */
export const badRequestHeader: Rule = {
  name: 'bad-request-header',
  find: (scene) => {
    const invalid = hasFlag('IH');
    const part = mostly(scene, invalid);
    const nameless = withoutDestination(scene, invalid);
    if (part === null && nameless <= badAt(scene, 'caller')) return null;
    const { caller, callee } = scene;
    const at = part?.at ?? 'caller';
    const refused = (part?.requests ?? 0) + nameless;
    return {
      side: 'caller',
      confidence: part === null ? 'possible' : confidenceOf(scene, part.requests, part.whole),
      sentence: `${senderDoes(senderOf(scene), 'send')} x-envoy headers with values that are not valid: ${part === null ? counted(refused, 'request') : `${share(part.requests, requestsAt(scene, at))} to ${callee}`} refused with 400`,
      evidence: [
        `${counted(refused, 'request')} ended with IH (invalid Envoy header) at ${proxyOf(scene, at)}`,
        'such headers ask for timeouts or retries; the proxy is set to check them strictly',
      ],
      firstCheck: senderCheck(scene, `See which x-envoy headers ${caller}, or what stands before it, has begun to send`),
      badEvents: refused,
      explains: ['callee-errors', 'proxy-answered'],
    };
  },
};
