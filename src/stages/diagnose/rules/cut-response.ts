import type { Finding, Side } from '../../../domain/diagnosis.ts';
import { cutByApplicationFlags, cutFlags } from '../../../domain/outcome.ts';
import type { Outcome } from '../../../domain/signals.ts';
import { counted, share } from '../../../domain/words.ts';
import { neverArrived } from '../arrival.ts';
import { calleeOf, logs, pods, proxyAt, settings, usage } from '../look.ts';
import type { Rule } from '../rule.ts';
import { badWith, codeAndFlag, confidenceOf, hasFlag, mostly, type Part, proxyOf, requestsAt, type Scene } from '../scene.ts';
import { senderCheck, senderDoes, senderOf } from '../sender.ts';

const isCut = codeAndFlag(/^[123]/, ...cutFlags);
const isCutBy =
  (...flags: readonly string[]) =>
  (outcome: Outcome): boolean =>
    isCut(outcome) && hasFlag(...flags)(outcome);

/** A limit, overload or a client that breaks the protocol: these say who cut, and not only that the peer died. */
const tellingFlags = [...cutFlags].filter((flag) => !cutByApplicationFlags.has(flag));

/** Where the callee's own proxy cut the answers its flag tells why: the caller's saw its peer break off, as if it had died. */
const whereCut = (scene: Scene, part: Part): Part => {
  const inside = badWith(scene, 'callee', isCutBy(...tellingFlags));
  return part.at === 'caller' && inside >= part.requests / 2 ? { ...part, at: 'callee', requests: inside } : part;
};

type Cause = { readonly side: Side; readonly who: string; readonly why: string; readonly check: Finding['firstCheck'] };

/** Limits of time at the proxy of one end. */
const limitsAt = (scene: Scene, at: 'caller' | 'callee'): Finding['firstCheck'] => {
  const { namespace } = proxyAt(scene, at);
  return settings(
    `See the limits of ${proxyOf(scene, at)} (stream idle and longest duration), and what ${scene.callee} does while it answers`,
    namespace === null ? 'EnvoyFilter' : `EnvoyFilter in ${namespace}`,
    namespace,
    'envoyfilters,destinationrules',
  );
};

/** Who ended an answer that had begun: the flag says how, the callee's proxy whether its application did it. */
const causeOf = (scene: Scene, at: 'caller' | 'callee', whole: number): Cause => {
  const { caller, callee } = scene;
  const isMostly = (...flags: readonly string[]): boolean => badWith(scene, at, isCutBy(...flags)) > whole / 2;
  const proxy = proxyOf(scene, at);
  const where = proxyAt(scene, at);
  if (isMostly('OM'))
    return {
      side: at === 'caller' ? "caller's proxy" : "callee's proxy",
      who: `${proxy} is overloaded and cuts`,
      why: 'the overload manager freed memory',
      check: usage(`See memory and limits of ${proxy}`, where),
    };
  if (isMostly('SI', 'UT'))
    return {
      side: 'callee application',
      who: `${callee} stalls in the middle of`,
      why: `${proxy} waited for the rest until its own limit ran out`,
      check: logs(
        `See in the log of ${callee} what it waits for while it answers, then the limits of ${proxy}`,
        calleeOf(scene, isCut),
      ),
    };
  if (isMostly('DT'))
    return {
      side: at === 'caller' ? "caller's proxy" : "callee's proxy",
      who: `The longest duration of ${proxy} cuts`,
      why: 'streams that last by design meet such a limit',
      check: limitsAt(scene, at),
    };
  if (isMostly('DPE'))
    return {
      side: 'caller',
      who: `${senderDoes(senderOf(scene), 'break')} the protocol during`,
      why: `${proxy} had to end them`,
      check: senderCheck(scene, `See the last rollout of ${caller} and its HTTP library`),
    };
  if (isMostly('LR'))
    return {
      side: at === 'caller' ? "caller's proxy" : "callee's proxy",
      who: `${proxy} itself resets`,
      why: 'a limit of buffers or headers, or a drain',
      check: logs(`See the log of ${proxy}`, where, '15m', 'istio-proxy'),
    };
  if (at === 'caller' && neverArrived(scene))
    return {
      side: 'network/TLS',
      who: `Connections to ${callee} break in the middle of`,
      why: `the proxy of ${callee} does not see its own application do it`,
      check: pods(`See whether the pods of ${callee} and their proxies restart`, calleeOf(scene, isCut)),
    };
  return {
    side: 'callee application',
    who: `${callee} dies or closes in the middle of`,
    why: 'a crash, a restart, or a handler that gives up half-way',
    check: pods(`See whether ${callee} restarts, then its log since it began`, calleeOf(scene, isCut)),
  };
};

/** A 2xx with one of these flags was begun and never finished: rates by code take it for a success. */
export const cutResponse: Rule = {
  name: 'cut-response',
  find: (scene) => {
    const most = mostly(scene, isCut);
    if (most === null) return null;
    const part = whereCut(scene, most);
    const { callee } = scene;
    const { side, who, why, check } = causeOf(scene, part.at, part.requests);
    const flags = [...cutFlags].filter((flag) => badWith(scene, part.at, isCutBy(flag)) > 0);
    return {
      side,
      confidence: confidenceOf(scene, part.requests, part.whole),
      sentence: `${who.replace(/^the /, 'The ')} ${side === 'callee application' || side === 'network/TLS' ? 'its answers' : `answers of ${callee}`}: ${share(part.requests, requestsAt(scene, part.at))} are cut although their code is 200`,
      evidence: [
        `${counted(part.requests, 'response')} with code 200 and ${flags.join(' or ')} at ${proxyOf(scene, part.at)}`,
        why,
        'rates of errors by code do not show it',
      ],
      firstCheck: check,
      badEvents: part.requests,
      explains: ['connection-failure', 'callee-errors', 'client-gave-up', 'slow-callee', 'slow-dependency', 'upstream-timeout'],
    };
  },
};
