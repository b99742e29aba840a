import { isEntrance } from '../../domain/entrance.ts';
import { printsFlags } from '../../domain/mesh.ts';
import { deniedGrpc } from '../../domain/outcome.ts';
import type { Outcome, Reporter } from '../../domain/signals.ts';
import { count, counted, share } from '../../domain/words.ts';
import { isUnseen, sumOf } from './arrival.ts';
import { gatekeeper, isShown, rose } from './counters.ts';
import { callerOf, settings } from './look.ts';
import type { Rule } from './rule.ts';
import { codesOf, confidenceOf, isBare, mostly, outcomesOf, proxyOf, requestsAt, type Scene } from './scene.ts';
import { type Sender, senderOf } from './sender.ts';

/** Whose policy it is, and whom it refuses: an entrance refuses its own clients (istio.io, "JWT token" and "Ingress gateway" of the security tasks). */
type Who = { readonly owner: string; readonly sender: Sender; readonly callee: string };

/** A refusal that the mesh prints without a flag, and the counter that tells it from the application's own. */
type Refusal = {
  readonly code: keyof typeof deniedGrpc;
  readonly counter: string;
  readonly object: string;
  readonly resource: string;
  /** `amount`: "30 % refused with HTTP 403". Supposed is only what the callee saw too. */
  readonly proven: (who: Who, amount: string) => string;
  readonly supposed: (who: Who, amount: string) => string;
  readonly check: (who: Who) => string;
};

/** Refused before it was sent on: an entrance has policies of its own, a sidecar none for what goes out; a waypoint's counters speak of the callee's policies. */
const isByEntrance = (scene: Scene, at: Reporter | null, refused: number, passes: (outcome: Outcome) => boolean): boolean =>
  scene.evidence.mesh !== 'ambient' &&
  isEntrance(scene.edge) &&
  (at === null ? isUnseen(scene, refused, sumOf(outcomesOf(scene, 'callee').filter(passes))) : at === 'caller');

/** Refused with a bare code at both ends: by policy where its counter rose, perhaps by policy where nobody shows the counter, else not. */
export const refusedWith = (scene: Scene, refusal: Refusal): ReturnType<Rule['find']> => {
  const isRefusal = (outcome: Outcome): boolean =>
    (outcome.code === refusal.code || outcome.grpcStatus === deniedGrpc[refusal.code]) && isBare(outcome);
  const part = mostly(scene, isRefusal);
  if (part === null) return null;
  // The counter counts for every caller: a few of somebody else's are not these.
  const at = (['callee', 'caller'] as const).find((side) => rose(scene, side, refusal.counter) > part.requests / 2) ?? null;
  const isOwn = isByEntrance(scene, at, part.requests, isRefusal);
  if (at === null && isShown(scene, isOwn ? 'caller' : gatekeeper(scene), refusal.counter)) return null;
  const { callee } = scene;
  const who: Who = isOwn
    ? { owner: scene.caller, sender: senderOf(scene), callee }
    : { owner: callee, sender: { name: scene.caller, isOutside: false }, callee };
  const namespace = isOwn ? callerOf(scene).namespace : scene.namespace;
  const isEnvoys = printsFlags(scene.evidence.mesh);
  const how = codesOf(scene, part.at, isRefusal).join(', ');
  const amount = `${share(part.requests, requestsAt(scene, part.at))} refused with ${how}`;
  return {
    side: 'policy',
    confidence: at === null ? 'possible' : confidenceOf(scene, part.requests, part.whole),
    sentence:
      at !== null
        ? refusal.proven(who, amount)
        : isOwn
          ? `${who.owner} refuses its clients itself, before ${callee} sees them: ${amount}`
          : refusal.supposed(who, amount),
    evidence: [
      `${counted(part.requests, 'request')} got ${how}${isEnvoys ? ' without a response flag, as from the mesh itself' : ''}`,
      ...(at !== null
        ? [`${refusal.counter} rose to ${count(rose(scene, at, refusal.counter))} at ${proxyOf(scene, at)}`]
        : isEnvoys
          ? [`${refusal.counter} of the proxies, which would tell, is not shown`]
          : []),
    ],
    firstCheck: settings(
      refusal.check(who),
      namespace === null ? `${refusal.object} of ${who.owner}` : `${refusal.object} in ${namespace}`,
      namespace,
      refusal.resource,
    ),
    badEvents: part.requests,
    explains: ['callee-errors', 'retry-exhausted', ...(isOwn ? ['proxy-answered'] : [])],
  };
};
