import { randomUUID } from 'node:crypto';

/** A trigger opens one modal within three seconds (docs.slack.dev/interactivity/handling-user-interaction, "Trigger IDs"). */
const lifeMs = 3000;

export type Triggers = ReturnType<typeof newTriggers>;

/** The `trigger_id`s of a workspace: each is for the person who did something, and good for once. */
export const newTriggers = (nowMs: () => number) => {
  const made = new Map<string, { readonly person: string; readonly atMs: number; isUsed: boolean }>();
  return {
    make: (person: string): string => {
      const id = randomUUID();
      made.set(id, { person, atMs: nowMs(), isUsed: false });
      return id;
    },
    /** Exchanges a trigger for its person; what Slack says where it is worth nothing any more. */
    exchange: (
      id: string,
    ): { readonly person: string } | { readonly error: 'invalid_trigger_id' | 'expired_trigger_id' | 'exchanged_trigger_id' } => {
      const trigger = made.get(id);
      if (!trigger) return { error: 'invalid_trigger_id' };
      if (trigger.isUsed) return { error: 'exchanged_trigger_id' };
      if (nowMs() - trigger.atMs > lifeMs) return { error: 'expired_trigger_id' };
      trigger.isUsed = true;
      return { person: trigger.person };
    },
  };
};
