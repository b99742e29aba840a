import type { FirstCheck } from '../../domain/diagnosis.ts';
import { isEntrance } from '../../domain/entrance.ts';
import { callerOf, logs, rollouts } from './look.ts';
import type { Scene } from './scene.ts';

/** Who makes the requests that the caller's proxy gets: the application beside it, or at an entrance the clients outside. */
export type Sender = { readonly name: string; readonly isOutside: boolean };

export const senderOf = ({ edge, caller }: Scene): Sender =>
  isEntrance(edge) ? { name: `the clients of ${caller}`, isOutside: true } : { name: caller, isOutside: false };

/** "checkout sends", "The clients of istio-ingressgateway send": at the beginning of a sentence. */
export const senderDoes = ({ name, isOutside }: Sender, verb: string): string =>
  isOutside ? `${name.replace(/^the /, 'The ')} ${verb}` : `${name} ${verb}s`;

/** "checkout does", "the clients of istio-ingressgateway do": within a sentence. */
export const senderDoesNot = ({ name, isOutside }: Sender): string => `${name} ${isOutside ? 'do' : 'does'} not`;

/** What to look for where it stalls. */
export const whatHoldsUp = ({ name, isOutside }: Sender): string =>
  `See what holds ${name} up while ${isOutside ? 'they send' : 'it sends'}`;

/** Its last rollout; of clients outside only the entrance's log tells who they are. */
export const senderCheck = (scene: Scene, rolledOut: string): FirstCheck =>
  senderOf(scene).isOutside
    ? logs(`See in the access log of ${scene.caller} which clients send them, and since when`, callerOf(scene))
    : rollouts(rolledOut, callerOf(scene));
