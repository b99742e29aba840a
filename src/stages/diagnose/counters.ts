import { conditional, type Trial, usualSensitivity } from '../../domain/inference/elevated.ts';
import type { ProxyCounter, Reporter } from '../../domain/signals.ts';
import { count, factor } from '../../domain/words.ts';
import { requestsAt, type Scene } from './scene.ts';

/**
 * What the proxies themselves counted around the edge. No counter carries a flag, and Istio hides most of them, so a counter that is not
 * there proves nothing; one that rose tells which of several faces of a flag it is.
 */

const counters = ({ evidence }: Scene, side: Reporter): readonly ProxyCounter[] =>
  evidence.proxyCounters.ok ? evidence.proxyCounters.value.filter((counter) => counter.side === side) : [];

/** Any of them is shown: then one that did not rise says no. */
export const isShown = (scene: Scene, side: Reporter, ...names: readonly string[]): boolean =>
  counters(scene, side).some(({ name }) => names.includes(name));

/** Which end's counters speak of what stands before the application: its own proxy, or in an ambient mesh the waypoint, which counts for the caller's side. */
export const gatekeeper = ({ evidence }: Scene): Reporter => (evidence.mesh === 'ambient' ? 'caller' : 'callee');

/** How many times the requests of an hour ago there are now, but never fewer: what only grew with the traffic has not risen by itself. */
const growth = ({ judged }: Scene, side: Reporter): number => {
  const counts = judged.reading[side]?.counts;
  const before = counts?.base.find(({ ago }) => ago === '1h')?.value.requests ?? 0;
  return counts === undefined || before <= 0 ? 1 : Math.max(1, counts.now.requests / before);
};

/** Failures come in clumps: half as many are known for sure. */
const clumped = (n: number, x: number): Trial => ({ n, x: x / usualSensitivity.clumping });

/** Several times as many as an hour before; or half again as many, and more than chance makes of so many. */
const hasRisen = ({ now, before }: ProxyCounter, times: number): boolean =>
  now >= 5 &&
  (now > 3 * before * times || (now >= 1.5 * before * times && conditional(clumped(times, now), clumped(1, before)) < 0.01));

/** By how much the first of them rose that rose beyond the hour before; 0 where none did. */
export const rose = (scene: Scene, side: Reporter, ...names: readonly string[]): number => {
  const times = growth(scene, side);
  const risen = counters(scene, side).filter((counter) => hasRisen(counter, times));
  const first = names.find((name) => risen.some((counter) => counter.name === name));
  return risen.find(({ name }) => name === first)?.now ?? 0;
};

/** Hosts that outlier detection took out: few, so any is news when there were fewer before. */
export const ejections = (scene: Scene): number =>
  counters(scene, 'caller').find(
    ({ name, now, before }) => name === 'outlier_detection_ejections_enforced_total' && now >= 0.5 && now > before,
  )?.now ?? 0;

/** "upstream_rq_retry rose to 12 at the caller's proxies" of those that rose. */
export const risenLines = (scene: Scene, side: Reporter, ...names: readonly string[]): readonly string[] =>
  names
    .map((name) => ({ name, now: rose(scene, side, name) }))
    .filter(({ now }) => now > 0)
    .map(({ name, now }) => `${name} rose to ${count(now)} at the ${side}'s proxies`);

const past = (scene: Scene, reporter: Reporter): number =>
  (scene.judged.reading[reporter]?.counts.local ?? []).reduce((sum, { requests }) => sum + requests, 0);

/**
 * That requests were tried again, where somebody counted it. The flag URX is no proof: Envoy prints it for a per-try timeout without any
 * retry too.
 */
export const retriesSeen = (scene: Scene): string | null => {
  const { caller, callee } = scene;
  const counted = rose(scene, 'caller', 'upstream_rq_retry');
  if (counted > 0) return `the proxy of ${caller} tried ${count(counted)} times again (upstream_rq_retry)`;
  const [sent, got] = [requestsAt(scene, 'caller'), requestsAt(scene, 'callee')];
  const usual = past(scene, 'caller') > 0 ? past(scene, 'callee') / past(scene, 'caller') : 1;
  const each = sent > 0 ? got / sent : 0;
  return sent >= 20 && each >= 1.25 * Math.max(1, usual)
    ? `${callee} got ${factor(each)} the requests that ${caller} made: they were tried again`
    : null;
};
