import { deniedGrpc } from '../../../domain/outcome.ts';
import type { Outcome } from '../../../domain/signals.ts';
import { counted, share } from '../../../domain/words.ts';
import { isShown, risenLines, rose } from '../counters.ts';
import { proxyAt, settings } from '../look.ts';
import type { Rule } from '../rule.ts';
import {
  badWith,
  codeAndFlag,
  codesOf,
  confidenceOf,
  hasFlag,
  mostly,
  type Part,
  proxyOf,
  requestsAt,
  type Scene,
} from '../scene.ts';

const refused = hasFlag('UAEX');
const errors = 'http_ext_authz_error';
const denials = 'http_ext_authz_denied';

/** 403, which the filter says by default where the service cannot be asked (envoyproxy.io, ExtAuthz, status_on_error), and the service itself to deny. */
const isDefault = (outcome: Outcome): boolean =>
  refused(outcome) && (outcome.code === '403' || outcome.grpcStatus === deniedGrpc['403']);

/** What the service did: a code of its own and the counters tell; null where 403 is all that is seen. */
const doneAt = (scene: Scene, { at, requests }: Part): 'denied' | 'failed' | null => {
  const isMost = (part: number): boolean => part > requests / 2;
  if (isMost(badWith(scene, at, codeAndFlag(/^5/, 'UAEX'))) || isMost(rose(scene, at, errors))) return 'failed';
  const isTold = isMost(rose(scene, at, denials)) || isShown(scene, at, errors) || !isMost(badWith(scene, at, isDefault));
  return isTold ? 'denied' : null;
};

const service = 'service that the CUSTOM policy names';

/** The sentence, what else is known, which counter says so, and what to look at. */
type Text = { readonly sentence: string; readonly decision: string; readonly counter: string; readonly check: string };

const textOf = (scene: Scene, part: Part): Text => {
  const { caller, callee } = scene;
  const amount = share(part.requests, requestsAt(scene, part.at));
  const denies = `The external authorization service denies ${amount} of what ${caller} asks of ${callee}`;
  const done = doneAt(scene, part);
  if (done === 'failed')
    return {
      sentence: `The external authorization service does not answer, and ${proxyOf(scene, part.at)} refuses then: ${amount} of the requests to ${callee}`,
      decision: '',
      counter: errors,
      check: `See whether the authorization ${service} runs and answers in time`,
    };
  if (done === 'denied')
    return {
      sentence: denies,
      decision: ': it is a decision, not a failure',
      counter: denials,
      check: `See in the log of the ${service} why it denies ${caller}`,
    };
  return {
    sentence: `${denies}, or cannot be asked: ${codesOf(scene, part.at, refused).join(', ')} is the answer either way`,
    decision: `; ${errors} of the proxies, which would tell, is not shown`,
    counter: denials,
    check: `See whether the authorization ${service} runs and answers in time; if so, in its log why it denies ${caller}`,
  };
};

/** UAEX: the external authorization service said no, or could not be asked and the filter fails closed. */
export const externalAuthorization: Rule = {
  name: 'external-authorization',
  find: (scene) => {
    const part = mostly(scene, refused);
    if (part === null) return null;
    const where = proxyAt(scene, part.at).namespace;
    const { sentence, decision, counter, check } = textOf(scene, part);
    return {
      side: 'policy',
      confidence: confidenceOf(scene, part.requests, part.whole),
      sentence,
      evidence: [
        `${counted(part.requests, 'request')} ended with UAEX (external authorization) at ${proxyOf(scene, part.at)}`,
        ...risenLines(scene, part.at, counter),
        `${scene.callee} itself was not asked${decision}`,
      ],
      firstCheck: settings(
        check,
        where === null ? 'AuthorizationPolicy (CUSTOM)' : `AuthorizationPolicy (CUSTOM) in ${where}`,
        where,
        'authorizationpolicies',
      ),
      badEvents: part.requests,
      explains: ['callee-errors', 'proxy-answered', 'retry-exhausted', 'rbac-denied', 'jwt-refused'],
    };
  },
};
