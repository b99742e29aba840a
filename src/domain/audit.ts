import type { Scope } from './incident.ts';
import type { EpochMs } from './time.ts';

/** Who did what, for ever: what people did through the bot, and what was refused. */
export type AuditEntry = Scope & {
  readonly atMs: EpochMs;
  readonly by: string;
  readonly channelId: string | null;
  /** "acknowledge", "silence", "unsilence", … */
  readonly action: string;
  readonly incidentId: string | null;
  readonly outcome: 'done' | 'refused' | 'failed';
  readonly detail: string;
};

/** Whether an incident named the right edge, as one person said. */
export type Feedback = { readonly incidentId: string; readonly by: string; readonly atMs: EpochMs; readonly isRight: boolean };
