import { count, counted, share } from '../../../domain/words.ts';
import { ejections } from '../counters.ts';
import { calleeOf, logs } from '../look.ts';
import type { Rule } from '../rule.ts';
import {
  badAt,
  badWith,
  confidenceOf,
  hasErrors,
  hasFlag,
  isBad,
  isBare,
  isMost,
  isSlow,
  requestsAt,
  type Scene,
} from '../scene.ts';

/** What the callee itself answered with errors, now or in the window before: what led to the ejections. */
const failedBefore = (scene: Scene): number =>
  Math.max(
    badWith(scene, 'callee', isBare),
    badWith(scene, 'caller', isBare),
    scene.judged.reading.callee?.counts.previous?.failed ?? 0,
  );

/** As many as there are pods: by themselves they empty the pool. */
const areAll = ({ judged }: Scene, ejected: number): boolean => {
  const known = (judged.reading.pods ?? []).filter(({ isPod }) => isPod).length;
  return known > 0 && ejected >= known;
};

/**
 * Outlier detection took hosts out: what follows (UH, or fewer hosts for all the load) is the echo of failures of the callee's. It empties
 * a pool only where maxEjectionPercent is 100 (istio.io, "Destination Rule", OutlierDetection).
 */
export const outlierEjection: Rule = {
  name: 'outlier-ejection',
  find: (scene) => {
    const ejected = ejections(scene);
    const empty = badWith(scene, 'caller', hasFlag('UH'));
    const isEmpty = hasErrors(scene) && isMost(empty, badAt(scene, 'caller'));
    if (ejected === 0 || !(isEmpty || (isSlow(scene) && !hasErrors(scene)))) return null;
    const { callee } = scene;
    const failures = failedBefore(scene);
    const requests = requestsAt(scene, 'caller');
    const bad = isEmpty ? empty : Math.max(failures, 10);
    return {
      side: 'callee application',
      confidence: isEmpty && failures >= 5 ? confidenceOf(scene, empty, badAt(scene, 'caller')) : 'possible',
      sentence: isEmpty
        ? `Outlier detection ejected the endpoints of ${callee} after its errors: ${share(empty, requests)} had nowhere to go`
        : `Outlier detection ejected endpoints of ${callee} after its errors: fewer carry the load, and are slower`,
      evidence: [
        `outlier detection ejected ${counted(ejected, 'host')}`,
        failures >= 1
          ? `before, ${callee} itself answered ${count(failures)} with errors: that is the cause`
          : `no error of ${callee} is left to see in this window: look before it`,
        ...(isEmpty ? ['a pool is emptied only where maxEjectionPercent is 100'] : []),
      ],
      firstCheck: logs(
        `Read the errors in the log of ${callee} from before the ejection; then see outlierDetection of its DestinationRule`,
        calleeOf(scene, (outcome) => isBad(outcome) && isBare(outcome)),
        '30m',
      ),
      badEvents: bad,
      // One host that was ejected on some day explains neither an empty pool nor slowness, unless it is seen why.
      explains: [
        'callee-errors',
        'connection-failure',
        ...(failures >= 5 || areAll(scene, ejected) ? ['no-healthy-upstream'] : []),
        ...(failures >= 5 ? ['slow-callee', 'slow-dependency'] : []),
      ],
    };
  },
};
