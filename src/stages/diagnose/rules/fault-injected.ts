import { firstCheck } from '../../../domain/command.ts';
import { leading } from '../../../domain/judgement.ts';
import type { Reporter } from '../../../domain/signals.ts';
import { counted, share } from '../../../domain/words.ts';
import type { Rule } from '../rule.ts';
import {
  confidenceOf,
  hasErrors,
  hasFlag,
  isMost,
  isSlow,
  isSlowAtCallee,
  mostly,
  named,
  proxyOf,
  requestsAt,
  type Scene,
  withFlag,
} from '../scene.ts';

type Injected = { readonly at: Reporter; readonly what: string; readonly requests: number; readonly whole: number };

/** Of fewer than one in a hundred neither the mean nor a percentile shows much. */
const leastDelayed = 0.01;

/** Aborts first: whoever fails does not mind that it was delayed too. */
const injected = (scene: Scene): Injected | null => {
  const aborted = mostly(scene, hasFlag('FI'));
  if (aborted !== null) return { ...aborted, what: 'failed' };
  // An abort may say any code, also one that counts as the client's own error.
  const said = withFlag(scene, 'caller', 'FI');
  const others = leading(scene.judged)?.clientErrors;
  if (others?.isElevated === true && isMost(said, others.x)) return { at: 'caller', what: 'failed', requests: said, whole: said };
  const at = withFlag(scene, 'callee', 'DI') > withFlag(scene, 'caller', 'DI') ? 'callee' : 'caller';
  const delayed = withFlag(scene, at, 'DI');
  // A test that delays one in a thousand explains no slowness, nor does its delay at the caller explain that the callee itself is slow.
  if (!isSlow(scene) || hasErrors(scene) || delayed < Math.max(5, leastDelayed * requestsAt(scene, at))) return null;
  if (at === 'caller' && scene.judged.callee !== null && isSlowAtCallee(scene)) return null;
  return { at, what: 'delayed', requests: delayed, whole: delayed };
};

/** FI and DI: a fault filter failed or delayed requests on purpose. The callee never saw the failed ones and has nothing to do with either. */
export const faultInjected: Rule = {
  name: 'fault-injected',
  find: (scene) => {
    const found = injected(scene);
    if (found === null) return null;
    const { callee, namespace } = scene;
    const { at, what, requests, whole } = found;
    return {
      side: 'policy',
      confidence: confidenceOf(scene, requests, whole),
      sentence: `Requests to ${callee} are ${what} on purpose: a fault is injected into ${share(requests, requestsAt(scene, at))} of them`,
      evidence: [
        `${counted(requests, 'request')} ended with ${what === 'failed' ? 'FI' : 'DI'} (fault injection) at ${proxyOf(scene, at)}`,
        ...(what === 'failed'
          ? [`${callee} never got them`]
          : at === 'caller' && scene.judged.callee !== null
            ? [`${callee} itself takes no longer than it always does`]
            : []),
      ],
      firstCheck: firstCheck(
        `Find the fault block in the routes to ${callee}: a test that was left on, or one that is running`,
        `VirtualService ${named(namespace, callee)}`,
        [namespace],
        (ns) => `kubectl -n ${ns} get virtualservices -o yaml`,
      ),
      badEvents: requests,
      explains: ['callee-errors', 'slow-callee', 'slow-dependency', 'proxy-answered', 'client-gave-up', 'upstream-timeout'],
    };
  },
};
