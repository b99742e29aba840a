import { isTold } from '../domain/digest.ts';
import { dueSlot } from '../domain/digest-schedule.ts';
import { subscriptionKey } from '../domain/digest-subscription.ts';
import { hourMs } from '../domain/time.ts';
import { type DigestsWorld, subscriptionsIn } from './world.ts';

/**
 * A tick: a job for every digest that is due and has not been told. Whether one is due is decided from the dates that are kept, so it does not
 * matter how often, or where, or after how long a pause this runs; the same digest is the same job.
 */
export const startDue = async (world: DigestsWorld): Promise<void> => {
  const { store, clock, workspaces } = world;
  for (const workspace of await workspaces()) {
    for (const wanted of await subscriptionsIn(world, workspace)) {
      const slot = dueSlot(wanted, wanted.sinceMs, clock.nowMs());
      if (slot === null) continue;
      const subscription = subscriptionKey(wanted);
      if (isTold(await store.digests.last(workspace, subscription), slot.date)) continue;
      await store.later({ kind: 'digest', workspace, subscription, date: slot.date }, slot.atMs);
    }
  }
};

/** Objectives are read at the start, for who asks before the hour is over: once an hour, whoever starts. */
export const readAtStart = ({ store, clock }: Pick<DigestsWorld, 'store' | 'clock'>): Promise<void> =>
  store.later({ kind: 'objectives' }, Math.floor(clock.nowMs() / hourMs) * hourMs);
