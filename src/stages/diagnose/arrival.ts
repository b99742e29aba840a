import { callerName, edgeKey, isNowhere } from '../../domain/edge.ts';
import type { Outcome, ReporterReading } from '../../domain/signals.ts';
import { badAt, isBad, outcomesOf, requestsAt, type Scene, withFlag } from './scene.ts';

const worstBefore = ({ counts }: ReporterReading): number =>
  [...counts.local, ...counts.base.map(({ value }) => value)].reduce(
    (most, { failed, refused, clientError }) => Math.max(most, failed + refused + clientError),
    0,
  );

/**
 * What a proxy refuses before it knows a destination stands at the caller in a row of its own (no route, a broken request, overload).
 * Scanners and typing errors stand there every day: only what is several times the windows before counts.
 */
export const withoutDestination = ({ evidence, edge }: Scene, passes: (outcome: Outcome) => boolean): number =>
  evidence.readings
    .filter(
      ({ edge: other }) =>
        callerName(other) === callerName(edge) &&
        other.source.namespace === edge.source.namespace &&
        isNowhere(other) &&
        edgeKey(other) !== edgeKey(edge),
    )
    .reduce((sum, { caller }) => {
      if (caller === null) return sum;
      const found = caller.outcomes.filter(passes).reduce((all, { requests }) => all + requests, 0);
      return found >= 10 && found > 3 * worstBefore(caller) ? sum + found : sum;
    }, 0);

/**
 * The callee's count misses even what went well at the caller: its proxies are not scraped any more, or not all of them, and what they do not
 * show proves nothing.
 */
const isUnscraped = (scene: Scene): boolean => {
  const fine = outcomesOf(scene, 'caller')
    .filter((outcome) => !isBad(outcome) && outcome.flags.length === 0)
    .reduce((sum, { requests }) => sum + requests, 0);
  return fine >= 20 && requestsAt(scene, 'callee') < fine / 2;
};

/**
 * So many requests that the callee's proxy neither counts nor sees its caller leave (DC, DR): they are lost on the way to it, where a slow
 * callee sees every one of them come and go.
 */
export const neverReached = (scene: Scene, requests: number): boolean =>
  scene.judged.reading.calleeReports &&
  !isUnscraped(scene) &&
  withFlag(scene, 'callee', 'DC', 'DR') < requests / 10 &&
  requestsAt(scene, 'callee') <= requestsAt(scene, 'caller') - requests / 2;

/** The callee's own reporter has a past, counts what went well, and shows fewer than half of the failures: they never arrived. */
export const neverArrived = (scene: Scene): boolean =>
  isNowhere(scene.edge) ||
  (scene.judged.reading.calleeReports && !isUnscraped(scene) && badAt(scene, 'callee') < badAt(scene, 'caller') / 2);
