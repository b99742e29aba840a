import { callerName, edgeKey, isNowhere } from '../../domain/edge.ts';
import { classify } from '../../domain/outcome.ts';
import type { Outcome, ReporterReading } from '../../domain/signals.ts';
import { flowOf, hasMoved } from '../../domain/walk-up.ts';
import { badAt, outcomesOf, requestsAt, type Scene, withFlag } from './scene.ts';
import { isHalved } from './traffic.ts';

export const sumOf = (outcomes: readonly Outcome[]): number => outcomes.reduce((sum, { requests }) => sum + requests, 0);

const worstBefore = ({ counts }: ReporterReading): number =>
  [...counts.local, ...counts.base.map(({ value }) => value)].reduce(
    (most, { failed, refused, clientError }) => Math.max(most, failed + refused + clientError),
    0,
  );

/**
 * What a proxy refuses before it knows a destination stands at the caller in a row of its own (no route, a broken request, overload).
 * Scanners and typing errors stand there every day: only what is several times the windows before counts.
 */
export const astray = ({ evidence, edge }: Scene, passes: (outcome: Outcome) => boolean): readonly Outcome[] =>
  evidence.readings
    .filter(
      ({ edge: other }) =>
        callerName(other) === callerName(edge) &&
        other.source.namespace === edge.source.namespace &&
        isNowhere(other) &&
        edgeKey(other) !== edgeKey(edge),
    )
    .flatMap(({ caller }) => {
      if (caller === null) return [];
      const found = caller.outcomes.filter(passes);
      const requests = sumOf(found);
      return requests >= 10 && requests > 3 * worstBefore(caller) ? found : [];
    });

export const withoutDestination = (scene: Scene, passes: (outcome: Outcome) => boolean): number => sumOf(astray(scene, passes));

/** The edge itself lacks as many requests as were lost before they had a destination: these are they. */
export const areItsOwn = ({ judged }: Scene, lost: number): boolean => {
  const { now, usual } = flowOf(judged.reading);
  return (hasMoved(judged, 'vanished') || isHalved(judged)) && lost >= (usual - now) / 2;
};

/**
 * The callee's count misses even what went well at the caller: its proxies are not scraped any more, or not all of them, and what they do not
 * show proves nothing.
 */
const isUnscraped = (scene: Scene): boolean => {
  const fine = sumOf(
    outcomesOf(scene, 'caller').filter(
      ({ code, grpcStatus, flags }) => classify(code, grpcStatus, flags) === 'ok' && flags.length === 0,
    ),
  );
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

/** The callee's own reporter has a past, counts what went well, and shows fewer than half of what the caller saw: it never arrived. */
export const isUnseen = (scene: Scene, atCaller: number, atCallee: number): boolean =>
  isNowhere(scene.edge) || (scene.judged.reading.calleeReports && !isUnscraped(scene) && atCallee < atCaller / 2);

/** So of the failures. */
export const neverArrived = (scene: Scene): boolean => isUnseen(scene, badAt(scene, 'caller'), badAt(scene, 'callee'));
