import { calleeName, edgeTitle } from '../../../domain/edge.ts';
import { leading } from '../../../domain/judgement.ts';
import { meanSeconds } from '../../../domain/mean.ts';
import { counted, factor } from '../../../domain/words.ts';
import { howSlow } from '../latency.ts';
import { calleeOf, usage } from '../look.ts';
import type { Rule } from '../rule.ts';
import { confidenceOf, isPlainFailure, isSlow, type Scene } from '../scene.ts';
import { toldOfSlowDependency } from '../traced/slowness.ts';

const wayDown = ({ evidence: { path } }: Scene): string => `the way down: ${path.map(calleeName).join(' → ')}`;

/** The walk downstream ended at a slow call: the deepest one is named, everything above only waits for it. */
export const slowDependency: Rule = {
  name: 'slow-dependency',
  find: (scene) => {
    if (!scene.isBelow || !isSlow(scene) || isPlainFailure(scene)) return null;
    const { judged, callee, evidence } = scene;
    const reading = judged.reading.caller ?? judged.reading.callee;
    const slow = howSlow(reading);
    if (slow === null) return null;
    const [first] = evidence.path;
    const requests = reading?.counts.now.requests ?? 0;
    const mean = reading?.duration?.now;
    const side = leading(judged);
    const left = side?.left;
    const excess = side?.excessSeconds ?? 0;
    const before = mean && mean.requests > 0 ? meanSeconds(mean) - excess : 0;
    return {
      side: "callee's dependency",
      confidence: confidenceOf(scene, requests, requests),
      sentence: `${first ? calleeName(first) : 'The callee'} waits for ${callee}: ${edgeTitle(scene.edge)} takes ${slow}`,
      evidence: [
        wayDown(scene),
        ...(before > 0 ? [`its mean is ${factor((before + excess) / before)} the usual`] : []),
        ...(left?.isElevated === true ? [`${scene.caller} gave up on ${counted(left.x, 'request')} (DC or DR)`] : []),
        evidence.pathStopped ?? `no call that ${callee} makes itself explains it`,
      ],
      firstCheck: usage(
        `Look at ${callee}, not at ${first ? calleeName(first) : 'its callers'}: its load, its data store, its last change`,
        calleeOf(scene),
      ),
      badEvents: requests,
      explains: ['slow-callee', 'callee-errors', 'grpc-errors', 'client-gave-up'],
    };
  },
  told: (scene, found) => toldOfSlowDependency(scene, found, wayDown(scene)),
};
