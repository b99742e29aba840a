import { firstCheck } from '../../../domain/command.ts';
import type { Finding } from '../../../domain/diagnosis.ts';
import { factor, share } from '../../../domain/words.ts';
import { latencyText } from '../latency.ts';
import type { Rule } from '../rule.ts';
import { badAt, badWith, confidenceOf, hasErrors, hasFlag, isMost, isSlow, named, requestsAt, type Scene } from '../scene.ts';
import { aboveOf, flowOf, flowText, hasMoved } from '../traffic.ts';

/** What more traffic than ever does: limits fill, rates are cut, answers come late. Not errors that the application makes. */
type Harm = { readonly text: string; readonly events: number };

const harmOf = (scene: Scene): Harm | null => {
  const { callee, judged } = scene;
  const [bad, requests] = [badAt(scene, 'caller') || badAt(scene, 'callee'), requestsAt(scene, 'caller')];
  const part = (passes: Parameters<typeof badWith>[2]): number =>
    Math.max(badWith(scene, 'caller', passes), badWith(scene, 'callee', passes));
  if (hasErrors(scene)) {
    const kinds: readonly (readonly [number, string])[] = [
      [part(hasFlag('UO')), `a limit for ${callee} is full`],
      [part(hasFlag('RL', 'RLSE')), 'the rate limit refuses'],
      [part(hasFlag('UT')), `${callee} answers too late`],
      [part(({ grpcStatus }) => grpcStatus === '8'), `${callee} is exhausted`],
    ];
    const found = kinds.find(([events]) => isMost(events, bad));
    return found === undefined ? null : { text: `${found[1]}, and ${share(found[0], requests)} failed`, events: found[0] };
  }
  const now = latencyText(judged.reading.caller ?? judged.reading.callee);
  return isSlow(scene) && now !== null ? { text: `${callee} answers late: ${now}`, events: requests } : null;
};

const explained = [
  'circuit-breaker',
  'rate-limited',
  'upstream-timeout',
  'retry-exhausted',
  'client-gave-up',
  'slow-callee',
  'slow-dependency',
  'slow-dependency',
  'grpc-errors',
  'callee-errors',
] as const;

const checkOf = ({ callee }: Scene, who: string, namespace: string | null): Finding['firstCheck'] =>
  firstCheck(
    `See why ${who} sends more: a release, a job, a loop, or more users; then slow it down or scale ${callee}`,
    `Deployment ${named(namespace, who)}`,
    [namespace],
    (ns) => `kubectl -n ${ns} get deployments,hpa`,
  );

/** Several times the traffic that this edge ever had in the windows before, at both ends. */
export const trafficSurge: Rule = {
  name: 'traffic-surge',
  find: (scene) => {
    const { top, caller, callee, judged } = scene;
    if (!hasMoved(top, 'surged') || !hasMoved(judged, 'surged')) return null;
    const flow = flowOf(judged.reading);
    const above = aboveOf(scene, 'surged');
    const harm = harmOf(scene);
    // Who is called as usual and sends more multiplies it: as often as not by trying again what fails.
    const isMultiplied = above.known && !above.isMoved;
    const who = above.isMoved && above.who !== null ? above.who : caller;
    const check = checkOf(
      scene,
      who,
      (who === caller ? judged.reading.edge : (above.edge ?? judged.reading.edge)).source.namespace,
    );
    const much = flow.usual > 0 ? `${factor(flow.now / flow.usual)} its usual traffic` : 'traffic that it never had';
    const text = flowText(scene, flow);
    const origin = isMultiplied
      ? [`${caller} itself is called as usual, so it multiplies its calls: retries, a loop or a job`]
      : above.isMoved
        ? [`it comes from ${who}, which calls more than usual too`]
        : [];
    if (harm === null)
      return {
        side: top.isSick ? 'caller' : 'nothing wrong',
        confidence: 'possible',
        sentence: `${callee} gets ${much} from ${caller} (${text})${top.isSick ? ' besides' : ', and nothing suffers from it'}`,
        evidence: origin,
        firstCheck: check,
        badEvents: 0,
        explains: ['healthy', 'recovered'],
      };
    return {
      side: 'caller',
      confidence: isMultiplied ? 'possible' : confidenceOf(scene, harm.events, harm.events),
      sentence: `${caller} sends ${callee} ${much} (${text}): ${harm.text}`,
      evidence: [...origin, 'no window before had more than a third of it'],
      firstCheck: check,
      badEvents: isMultiplied ? 0 : harm.events,
      explains: isMultiplied ? [] : explained,
    };
  },
};
