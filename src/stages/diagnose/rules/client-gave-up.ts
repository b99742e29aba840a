import { leading } from '../../../domain/judgement.ts';
import { counted, percent, share } from '../../../domain/words.ts';
import { neverReached } from '../arrival.ts';
import { isTimed, latencyText, usualLatencyText } from '../latency.ts';
import { calleeOf, callerOf, packets, pods, usage } from '../look.ts';
import type { Rule } from '../rule.ts';
import { confidenceOf, isSlowForPatience, proxyOf, requestsAt, speedText } from '../scene.ts';
import { senderDoes, senderOf } from '../sender.ts';
import { toldOfPatience } from '../traced/slowness.ts';

/**
 * 0 DC, 0 DR, 200 DC: clients left before the answer was complete. A share that always leaves is a habit and never blamed; more than that is
 * a slow callee, or a client with less patience than before.
 */
export const clientGaveUp: Rule = {
  name: 'client-gave-up',
  find: (scene) => {
    const side = leading(scene.judged);
    if (side === null || !side.left.isElevated) return null;
    const { caller, callee, judged } = scene;
    const { x, usual, excess: more } = side.left;
    const slow = isSlowForPatience(scene, more);
    const reading = judged.reading[side.reporter];
    const [now, before] = [latencyText(reading), usualLatencyText(reading)];
    const amount = share(x, requestsAt(scene, side.reporter));
    const sender = senderOf(scene);
    const isLost = !slow && side.reporter === 'caller' && neverReached(scene, more);
    return {
      side: slow ? 'callee application' : isLost ? 'network/TLS' : 'caller',
      confidence: confidenceOf(scene, more, more),
      sentence: slow
        ? `${senderDoes(sender, 'give')} up waiting for ${callee}, which is slower than usual: ${amount} of the requests were left`
        : isLost
          ? `${senderDoes(sender, 'give')} up on ${amount} of the requests to ${callee}, which never reach it`
          : `${senderDoes(sender, 'leave')} ${amount} of ${sender.isOutside ? 'their' : 'its'} requests to ${callee} before the answer${isTimed(reading) ? `, although ${speedText(scene)}` : ''}`,
      evidence: [
        `${counted(x, 'request')} ended with DC or DR (the client left) at ${proxyOf(scene, side.reporter)}, usually ${percent(usual)}`,
        ...(isLost ? [`the proxy of ${callee} counts none of them, and what it counts it answers as ever`] : []),
        ...(now === null || isLost ? [] : [`${callee} takes ${now}${before === null ? '' : `, usually ${before}`}`]),
      ],
      firstCheck: slow
        ? usage(`See what ${callee} waits for: its own calls, CPU, locks`, calleeOf(scene))
        : isLost
          ? packets(scene)
          : pods(`See whether the pods of ${caller} are new or restart, then the timeout that it sets`, callerOf(scene)),
      badEvents: more,
      explains: [],
    };
  },
  told: toldOfPatience,
};
