import { printsFlags } from '../../domain/mesh.ts';
import { deniedGrpc } from '../../domain/outcome.ts';
import type { Outcome } from '../../domain/signals.ts';
import { count, counted, share } from '../../domain/words.ts';
import { gatekeeper, isShown, rose } from './counters.ts';
import { settings } from './look.ts';
import type { Rule } from './rule.ts';
import { codesOf, confidenceOf, isBare, mostly, proxyOf, requestsAt, type Scene } from './scene.ts';

type Who = Pick<Scene, 'caller' | 'callee'>;

/** A refusal that the mesh prints without a flag, and the counter that tells it from the application's own. */
type Refusal = {
  readonly code: keyof typeof deniedGrpc;
  readonly counter: string;
  readonly object: string;
  readonly resource: string;
  /** `amount`: "30 % refused with HTTP 403" */
  readonly proven: (who: Who, amount: string) => string;
  readonly supposed: (who: Who, amount: string) => string;
  readonly check: (who: Who) => string;
};

/** Refused with a bare code at both ends: by policy where its counter rose, perhaps by policy where nobody shows the counter, else not. */
export const refusedWith = (scene: Scene, refusal: Refusal): ReturnType<Rule['find']> => {
  const isRefusal = (outcome: Outcome): boolean =>
    (outcome.code === refusal.code || outcome.grpcStatus === deniedGrpc[refusal.code]) && isBare(outcome);
  const part = mostly(scene, isRefusal);
  if (part === null) return null;
  // The counter counts for every caller: a few of somebody else's are not these.
  const at = (['callee', 'caller'] as const).find((side) => rose(scene, side, refusal.counter) > part.requests / 2) ?? null;
  const isTold = isShown(scene, gatekeeper(scene), refusal.counter);
  if (at === null && isTold) return null;
  const { callee, namespace } = scene;
  const isEnvoys = printsFlags(scene.evidence.mesh);
  const how = codesOf(scene, part.at, isRefusal).join(', ');
  const amount = `${share(part.requests, requestsAt(scene, part.at))} refused with ${how}`;
  return {
    side: 'policy',
    confidence: at === null ? 'possible' : confidenceOf(scene, part.requests, part.whole),
    sentence: at === null ? refusal.supposed(scene, amount) : refusal.proven(scene, amount),
    evidence: [
      `${counted(part.requests, 'request')} got ${how}${isEnvoys ? ' without a response flag, as from the mesh itself' : ''}`,
      ...(at !== null
        ? [`${refusal.counter} rose to ${count(rose(scene, at, refusal.counter))} at ${proxyOf(scene, at)}`]
        : isEnvoys
          ? [`${refusal.counter} of the proxies, which would tell, is not shown`]
          : []),
    ],
    firstCheck: settings(
      refusal.check(scene),
      namespace === null ? `${refusal.object} of ${callee}` : `${refusal.object} in ${namespace}`,
      namespace,
      refusal.resource,
    ),
    badEvents: part.requests,
    explains: ['callee-errors', 'retry-exhausted'],
  };
};
