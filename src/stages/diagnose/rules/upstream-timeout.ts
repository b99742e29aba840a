import type { ReporterReading } from '../../../domain/signals.ts';
import { count, counted, share } from '../../../domain/words.ts';
import { neverReached } from '../arrival.ts';
import { retriesSeen, rose } from '../counters.ts';
import { isTimed } from '../latency.ts';
import { packets, routeKinds, settings } from '../look.ts';
import type { Rule } from '../rule.ts';
import {
  codeAndFlag,
  confidenceOf,
  isSlowForPatience,
  mostly,
  named,
  type Part,
  proxyOf,
  proxySide,
  requestsAt,
  type Scene,
  speedText,
  withFlag,
} from '../scene.ts';
import { toldOfPatience } from '../traced/slowness.ts';
import { toldOfTries } from '../traced/tries.ts';

const leadingOf = ({ judged: { reading } }: Scene): ReporterReading | null => reading.caller ?? reading.callee;

type Why = 'slow' | 'lost' | 'tight';

const textOf = (scene: Scene, { at, requests }: Part, why: Why): string => {
  const { caller, callee } = scene;
  const amount = share(requests, requestsAt(scene, at));
  if (why === 'lost') return `Requests of ${caller} to ${callee} time out before they reach it: ${amount}`;
  const whose = at === 'caller' ? `that ${caller} has` : `of its own proxy`;
  if (why === 'slow') return `${callee} answers too slowly for the timeout ${whose}: ${amount} timed out`;
  const but = isTimed(leadingOf(scene))
    ? `, although ${speedText(scene)}`
    : `; whether ${callee} is slower than usual is not known`;
  return at === 'caller'
    ? `The timeout that ${caller} has for ${callee} cuts ${amount}${but}`
    : `A timeout at the proxy of ${callee} cuts ${amount}${but}`;
};

const evidenceOf = (scene: Scene, { at, requests }: Part, why: Why): readonly string[] => {
  const { caller, callee } = scene;
  const gaveUp = withFlag(scene, 'callee', 'DC', 'DR');
  const retries = retriesSeen(scene);
  return [
    `${counted(requests, 'request')} ended with UT at ${proxyOf(scene, at)}`,
    ...(at === 'caller' && gaveUp > 0
      ? [`${proxyOf(scene, 'callee')} saw ${count(gaveUp)} of them cut off by ${caller} (DC or DR)`]
      : []),
    ...(why === 'lost' ? [`the proxy of ${callee} counts none of them, and what it counts it answers as ever`] : []),
    ...(at === 'callee' ? [`${caller} saw a bare 504: the limit is not its own`] : []),
    ...(retries === null ? [] : [retries]),
    ...(rose(scene, at, 'upstream_rq_per_try_timeout') > 0 ? ['it is the timeout of each try (perTryTimeout) that ran out'] : []),
    'Istio has no timeout by default: a VirtualService, an HTTPRoute or a header sets one',
  ];
};

/** UT: a proxy ran out of patience. Istio sets no route timeout by default, so somebody did (pilot/pkg/networking/core/route). */
export const upstreamTimeout: Rule = {
  name: 'upstream-timeout',
  find: (scene) => {
    const part = mostly(scene, codeAndFlag(/^[045]/, 'UT'));
    if (part === null) return null;
    const { callee, namespace } = scene;
    const slow = isSlowForPatience(scene, part.requests);
    const isLost = part.at === 'caller' && !slow && neverReached(scene, part.requests);
    const why: Why = slow ? 'slow' : isLost ? 'lost' : 'tight';
    const isKnown = isTimed(leadingOf(scene));
    const object = part.at === 'callee' ? `EnvoyFilter in ${namespace ?? callee}` : `VirtualService ${named(namespace, callee)}`;
    const kinds = part.at === 'callee' ? 'envoyfilters,sidecars' : routeKinds(scene);
    return {
      // Who waits longer than ever waits for the callee, as long as nobody knows better.
      side: isLost ? 'network/TLS' : slow || !isKnown ? 'callee application' : proxySide(part.at),
      confidence: slow || isKnown ? confidenceOf(scene, part.requests, part.whole) : 'possible',
      sentence: textOf(scene, part, why),
      evidence: evidenceOf(scene, part, why),
      firstCheck: isLost
        ? packets(scene)
        : settings(`See which timeout is set for ${callee} and what ${callee} waits for`, object, namespace, kinds),
      badEvents: part.requests,
      explains: [
        'callee-errors',
        'client-gave-up',
        'retry-exhausted',
        // Slow or not, it is what the timeout makes of it.
        ...['slow-callee', 'slow-dependency'],
        ...(slow ? ['grpc-errors'] : []),
      ],
    };
  },
  told: (scene, found) => {
    const patience = toldOfPatience(scene, found);
    return { ...patience, ...toldOfTries(scene, { ...found, ...patience }) };
  },
};
