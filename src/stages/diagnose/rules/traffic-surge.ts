import { firstCheck } from '../../../domain/command.ts';
import type { Finding } from '../../../domain/diagnosis.ts';
import { calleeName, callerName, type Edge, edgeTitle } from '../../../domain/edge.ts';
import { type Flow, flowOf, hasMoved, type WayUp, wayUp } from '../../../domain/walk-up.ts';
import { factor, share } from '../../../domain/words.ts';
import { latencyText } from '../latency.ts';
import type { Rule } from '../rule.ts';
import {
  badAt,
  badWith,
  confidenceOf,
  hasErrors,
  hasFlag,
  isMost,
  isSlow,
  named,
  readingAt,
  requestsAt,
  type Scene,
} from '../scene.ts';
import { flowText } from '../traffic.ts';

/** What more traffic than ever does: limits fill, rates are cut, answers come late. Not errors that the application makes. */
type Harm = { readonly text: string; readonly events: number };

/** What refuses because there is too much: the most of what failed. */
const limitOf = (scene: Scene): Harm | null => {
  const { callee } = scene;
  const [bad, requests] = [badAt(scene, 'caller') || badAt(scene, 'callee'), requestsAt(scene, 'caller')];
  const part = (passes: Parameters<typeof badWith>[2]): number =>
    Math.max(badWith(scene, 'caller', passes), badWith(scene, 'callee', passes));
  const kinds: readonly (readonly [number, string])[] = [
    [part(hasFlag('UO')), `a limit for ${callee} is full`],
    [part(hasFlag('RL', 'RLSE')), 'the rate limit refuses'],
    [part(hasFlag('UT')), `${callee} answers too late`],
    [part(({ grpcStatus }) => grpcStatus === '8'), `${callee} is exhausted`],
  ];
  const found = kinds.find(([events]) => isMost(events, bad));
  return found === undefined ? null : { text: `${found[1]}, and ${share(found[0], requests)} failed`, events: found[0] };
};

const harmOf = (scene: Scene): Harm | null => {
  const { callee, judged } = scene;
  const limit = limitOf(scene);
  if (hasErrors(scene)) return limit;
  const now = latencyText(judged.reading.caller ?? judged.reading.callee);
  if (isSlow(scene) && now !== null) return { text: `${callee} answers late: ${now}`, events: requestsAt(scene, 'caller') };
  // An edge whose limit was always tight: its share is no more than ever, and so many times as many are refused.
  return limit === null || limit.events < 20 ? null : { ...limit, text: `${limit.text}, a share as usual` };
};

const explained = [
  'circuit-breaker',
  'rate-limited',
  'upstream-timeout',
  'retry-exhausted',
  'client-gave-up',
  'slow-callee',
  'slow-dependency',
  'grpc-errors',
  'callee-errors',
  'healthy',
  'recovered',
] as const;

const checkOf = ({ callee }: Scene, { source }: Edge, who: string): Finding['firstCheck'] =>
  firstCheck(
    `See why ${who} sends more: a release, a job, a loop, or more users; then slow it down or scale ${callee}`,
    `Deployment ${named(source.namespace, who)}`,
    [source.namespace],
    (ns) => `kubectl -n ${ns} get deployments,hpa`,
  );

const muchText = ({ now, usual }: Flow): string =>
  usual > 0 ? `${factor(now / usual)} its usual traffic` : 'traffic that it never had';

/** The way that it takes from where it comes in, and where it hurts, when that is another edge. */
const placeText = (scene: Scene, { path, topmost }: WayUp, harm: Harm | null): readonly string[] => {
  const edges = [...path.toReversed(), ...scene.evidence.path.slice(1)];
  if (edges.length === 1) return [];
  const way = `it comes down ${[callerName(topmost), ...edges.map(calleeName)].join(' → ')}`;
  return [harm === null ? way : `${way}, and hurts at ${edgeTitle(scene.edge)}`];
};

const multipliedText = (caller: string, isRetried: boolean): string =>
  isRetried
    ? `who calls ${caller} asks as usual, and more arrives there: what fails is tried again`
    : `${caller} itself is called as usual, so it multiplies its calls: retries, a loop or a job`;

/** Several times the traffic that this edge ever had in the windows before, at both ends: told of the place where it comes in. */
export const trafficSurge: Rule = {
  name: 'traffic-surge',
  find: (scene) => {
    const { top, judged, evidence } = scene;
    if (!hasMoved(top, 'surged') || !hasMoved(judged, 'surged')) return null;
    const way = wayUp(top.reading.edge, evidence.readings, 'surged');
    const { topmost, above } = way;
    const [caller, callee] = [callerName(topmost), calleeName(topmost)];
    const flow = flowOf(readingAt(evidence, topmost));
    const harm = harmOf(scene);
    // Who is called as usual and sends more multiplies it: as often as not by trying again what fails.
    const isMultiplied = above.known && !above.isMoved;
    const text = flowText(scene, flow);
    const origin = [...placeText(scene, way, harm), ...(isMultiplied ? [multipliedText(caller, above.isRetried)] : [])];
    const told = { at: topmost, firstCheck: checkOf(scene, topmost, caller) };
    if (harm === null)
      return {
        ...told,
        side: top.isSick ? 'caller' : 'nothing wrong',
        confidence: 'possible',
        sentence: `${callee} gets ${muchText(flow)} from ${caller} (${text})${top.isSick ? ' besides' : ', and nothing suffers from it'}`,
        evidence: origin,
        badEvents: 0,
        explains: ['healthy', 'recovered'],
      };
    return {
      ...told,
      side: 'caller',
      confidence: isMultiplied ? 'possible' : confidenceOf(scene, harm.events, harm.events),
      sentence: `${caller} sends ${callee} ${muchText(flow)} (${text}): ${harm.text}`,
      evidence: [...origin, 'no window before had more than a third of it'],
      badEvents: isMultiplied ? 0 : harm.events,
      explains: isMultiplied ? [] : explained,
    };
  },
};
