import { purposePriority } from '../../domain/incident.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { Clock, OutboxItem, Store } from '../../ports.ts';

const leaseMs = 60_000;
/** What still waits for its turn when its lease has only this left is given back. */
const leaseRestMs = 20_000;
const maxHeld = 200;
const maxClaim = 50;

type Held = { readonly item: OutboxItem; readonly leasedUntilMs: EpochMs };

const byPriority = (a: OutboxItem, b: OutboxItem): number =>
  purposePriority[a.purpose] - purposePriority[b.purpose] || a.createdAtMs - b.createdAtMs || (a.key < b.key ? -1 : 1);

/** Claimed messages that wait for their turn, at most one an incident: the outbox sees to that. */
export const heldMessages = (outbox: Store['outbox'], workspace: string, clock: Pick<Clock, 'nowMs'>) => {
  const held = new Map<string, Held>();
  const giveBack = async (isOver: (leasedUntilMs: EpochMs) => boolean): Promise<void> => {
    for (const [key, { item, leasedUntilMs }] of held) {
      if (!isOver(leasedUntilMs)) continue;
      held.delete(key);
      await outbox.release(item, clock.nowMs());
    }
  };
  return {
    /** Claims up to `most` more. */
    claim: async (most: number): Promise<void> => {
      const room = Math.min(maxHeld - held.size, maxClaim, most - held.size);
      if (room <= 0) return;
      const nowMs = clock.nowMs();
      for (const item of await outbox.claim(nowMs, leaseMs, room, workspace))
        held.set(item.key, { item, leasedUntilMs: nowMs + leaseMs });
    },
    giveBackAll: (): Promise<void> => giveBack(() => true),
    giveBackOld: (): Promise<void> => giveBack((untilMs) => untilMs - clock.nowMs() < leaseRestMs),
    /** A new root before an escalation before a resolution before an edit before the thread; the older first. */
    inOrder: (): readonly OutboxItem[] => [...held.values()].map(({ item }) => item).sort(byPriority),
    take: (key: string): boolean => held.delete(key),
  };
};
