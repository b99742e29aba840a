import { grpcText } from '../../../domain/grpc.ts';
import { haveWaited } from '../../../domain/patience.ts';
import { childrenOf } from '../../../domain/walk.ts';
import { counted, factor } from '../../../domain/words.ts';
import { neverReached } from '../arrival.ts';
import { deadlinesExceeded } from '../grpc.ts';
import { howSlow, latencyText } from '../latency.ts';
import { calleeOf, callerOf, usage } from '../look.ts';
import type { Rule } from '../rule.ts';
import { confidenceOf, isPlainFailure, isSlow, isSlowAtCallee, requestsAt, type Scene } from '../scene.ts';
import { toldOfSlowCallee } from '../traced/slowness.ts';

const belowText = ({ callee, edge, evidence }: Scene): string =>
  childrenOf(edge, evidence.readings).length === 0
    ? `the mesh sees no call that ${callee} makes itself`
    : `none of the calls that ${callee} makes is slower in step`;

/** Latency beyond the edge's own past, with no call of the callee's that explains it. */
export const slowCallee: Rule = {
  name: 'slow-callee',
  find: (scene) => {
    if (scene.isBelow || !isSlow(scene) || isPlainFailure(scene)) return null;
    const { judged, caller, callee, evidence } = scene;
    const reading = judged.reading.caller ?? judged.reading.callee;
    const slow = howSlow(reading);
    if (slow === null) return null;
    const inside = isSlowAtCallee(scene);
    const late = deadlinesExceeded(scene);
    const shift = (judged.caller ?? judged.callee)?.latency?.shift ?? 1;
    const left = (judged.caller ?? judged.callee)?.left;
    // What is left because it never arrives, or before slowness could matter, is none of it: client-gave-up tells it.
    if (left?.isElevated === true && ((!inside && neverReached(scene, left.x)) || !haveWaited(judged, left.excess))) return null;
    const requests = requestsAt(scene, judged.reading.caller === null ? 'callee' : 'caller');
    const slowRequests = requests * Math.min(1, Math.max(0, Math.log(shift) / Math.log(3)));
    return {
      side: inside ? 'callee application' : 'network/TLS',
      confidence: confidenceOf(scene, Math.max(slowRequests, judged.isSick ? 10 : 0), Math.max(slowRequests, 1)),
      sentence: inside
        ? `${callee} itself is slow: ${slow}`
        : `Time is lost between ${caller} and ${callee}: ${slow}, while ${callee} answers as fast as usual`,
      evidence: [
        ...(late > 0 ? [`${counted(late, 'request')} ran out of the deadline their client set (${grpcText('4')})`] : []),
        ...(shift > 1.05 ? [`p50 to p95 are ${factor(shift)} slower on average than in the windows before`] : []),
        ...(judged.callee !== null && latencyText(judged.reading.callee) !== null
          ? [`at the callee's own proxy: ${latencyText(judged.reading.callee)}`]
          : []),
        ...(left?.isElevated === true ? [`${caller} gave up on ${counted(left.x, 'request')} (DC or DR)`] : []),
        inside ? (evidence.pathStopped ?? belowText(scene)) : `${counted(requests, 'request')} at the caller's proxy`,
      ],
      firstCheck: inside
        ? usage(`See CPU, garbage collection and locks of ${callee} since it began`, calleeOf(scene))
        : usage(`See CPU limits of ${caller} and its proxy, and the network and nodes between it and ${callee}`, callerOf(scene)),
      badEvents: Math.max(slowRequests, late),
      explains: [...(late > 0 ? ['grpc-errors', 'callee-errors'] : []), ...(inside ? ['client-gave-up'] : [])],
    };
  },
  told: toldOfSlowCallee,
};
