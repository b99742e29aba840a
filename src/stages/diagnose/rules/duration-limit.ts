import type { Side } from '../../../domain/diagnosis.ts';
import type { Outcome } from '../../../domain/signals.ts';
import { count, counted, share } from '../../../domain/words.ts';
import { risenLines, rose } from '../counters.ts';
import { callerOf, logs, proxyAt, settings } from '../look.ts';
import type { Rule } from '../rule.ts';
import {
  badWith,
  codeAndFlag,
  confidenceOf,
  hasFlag,
  isSlowForPatience,
  mostly,
  proxyOf,
  proxySide,
  requestsAt,
  type Scene,
  withFlag,
} from '../scene.ts';
import { senderDoes, senderOf, whatHoldsUp } from '../sender.ts';

/** Idle or longest duration, by flag; a per-try idle timeout prints UT and is told by its counter only. */
const limitsIn = (scene: Scene): ((outcome: Outcome) => boolean) => {
  const plain = codeAndFlag(/^[045]/, 'UMSDR', 'DT', 'SI');
  const isPerTry =
    rose(scene, 'caller', 'upstream_rq_per_try_idle_timeout') > 0 && rose(scene, 'caller', 'upstream_rq_timeout') === 0;
  return (outcome) => plain(outcome) || (isPerTry && hasFlag('UT')(outcome));
};

type Limit = { readonly name: string; readonly side: Side | null; readonly why: string };

const limitOf = (scene: Scene, part: { readonly at: 'caller' | 'callee'; readonly requests: number }): Limit => {
  const { caller, callee } = scene;
  const isMost = (passes: (outcome: Outcome) => boolean): boolean => badWith(scene, part.at, passes) > part.requests / 2;
  if (isMost(codeAndFlag(/^408/, 'SI')))
    return {
      name: 'idle limit',
      side: 'caller',
      why: senderOf(scene).isOutside ? 'its clients stall while they send' : `${caller} stalls while it sends its request`,
    };
  if (isMost(hasFlag('SI'))) return { name: 'idle limit', side: null, why: `${callee} sends nothing for so long` };
  if (isMost(hasFlag('UMSDR'))) return { name: 'longest stream duration', side: null, why: 'long streams by design meet it too' };
  if (isMost(hasFlag('DT'))) return { name: 'longest duration', side: null, why: 'long streams by design meet it too' };
  return { name: 'idle limit of each try', side: null, why: `${callee} sends nothing for so long` };
};

/** Istio sets none of these limits at sidecars; a gateway's streams may idle for five minutes (istio.io, "Hardening ingress gateways"; Envoy's edge profile). */
const setBy = (scene: Scene, at: 'caller' | 'callee', { name }: Limit): string =>
  at === 'caller' && name === 'idle limit' && senderOf(scene).isOutside
    ? 'a gateway ends what idles for 5 minutes by itself; an EnvoyFilter, a DestinationRule or a header may say less'
    : 'Istio sets no such limit by default: an EnvoyFilter, a DestinationRule or a header does';

const stallText = (scene: Scene): string => {
  const sender = senderOf(scene);
  return sender.isOutside
    ? `${senderDoes(sender, 'stall')} while they send: its idle limit`
    : `${senderDoes(sender, 'stall')} while it sends: the idle limit of its proxy`;
};

/** UMSDR, DT and SI: a proxy ended what lasted or idled too long. */
export const durationLimit: Rule = {
  name: 'duration-limit',
  find: (scene) => {
    const part = mostly(scene, limitsIn(scene));
    if (part === null) return null;
    const { callee } = scene;
    const limit = limitOf(scene, part);
    const slow = isSlowForPatience(scene, part.requests);
    const side = limit.side ?? (slow ? 'callee application' : proxySide(part.at));
    const proxy = proxyOf(scene, part.at);
    const gaveUp = withFlag(scene, 'callee', 'DC', 'DR');
    const where = proxyAt(scene, part.at).namespace;
    const amount = share(part.requests, requestsAt(scene, part.at));
    return {
      side,
      confidence: confidenceOf(scene, part.requests, part.whole),
      sentence:
        side === 'caller'
          ? `${stallText(scene)} ends ${amount} of the requests to ${callee}`
          : `The ${limit.name} at ${proxy} ends ${amount} of the requests to ${callee}${slow ? `, which is slower than usual` : ''}`,
      evidence: [
        `${counted(part.requests, 'request')} ended with a limit of time at ${proxy}: ${limit.why}`,
        ...(part.at === 'caller' && gaveUp > 0 ? [`the proxy of ${callee} saw ${count(gaveUp)} of them cut off (DC or DR)`] : []),
        ...risenLines(
          scene,
          part.at,
          'upstream_rq_per_try_idle_timeout',
          'upstream_rq_max_duration_reached',
          'http_downstream_rq_idle_timeout',
        ).slice(0, 1),
        setBy(scene, part.at, limit),
      ],
      firstCheck:
        side === 'caller'
          ? logs(whatHoldsUp(senderOf(scene)), callerOf(scene))
          : settings(
              `See which ${limit.name} is set for ${callee}, and whether its answers take that long by design`,
              where === null ? 'EnvoyFilter' : `EnvoyFilter in ${where}`,
              where,
              'envoyfilters,destinationrules',
            ),
      badEvents: part.requests,
      explains: ['slow-callee', 'slow-dependency', 'callee-errors', 'client-gave-up', 'upstream-timeout', 'retry-exhausted'],
    };
  },
};
