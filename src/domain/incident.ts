import type { Alert, Severity } from './alert.ts';
import type { Edge } from './edge.ts';
import type { Message } from './message.ts';
import type { BudgetSpent } from './slo/cost.ts';
import type { EpochMs } from './time.ts';

/** Where an incident lives: workspace and cluster are in every key. */
export type Scope = { readonly workspace: string; readonly cluster: string };

/** An alert as the incident remembers it. */
export type IncidentAlert = {
  readonly fingerprint: string;
  readonly startsAtMs: EpochMs;
  readonly name: string;
  readonly severity: Severity;
  readonly state: 'firing' | 'resolved' | 'unreported';
  readonly lastHeardAtMs: EpochMs;
  /** Since when Alertmanager's API no longer lists it; null while it does, or was not asked. */
  readonly missingSinceMs: EpochMs | null;
  /** Told in the thread already, or in the root itself. */
  readonly isTold: boolean;
  /** The caller it is about, where the incident is about many; absent: the incident's own, or not known. */
  readonly caller?: string;
  /** What it is about, where the incident is of a channel that got too many: the key of its own incident, had it one, and its title. */
  readonly about?: { readonly key: string; readonly title: string };
  /** Whom to call for it, in such an incident; absent or null: nobody. */
  readonly mention?: string | null;
};

/** An incident that stood before the one that is about all callers of its callee: it keeps its message, and is counted there. */
export type IncidentPart = {
  readonly incidentId: string;
  readonly key: string;
  readonly caller: string;
  readonly severity: Severity;
  readonly isFiring: boolean;
};

/** The incident that speaks for this one while it is open; `link`: its message, once Slack has it. */
export type PartOf = { readonly incidentId: string; readonly key: string; readonly title: string; readonly link: string | null };

/** Who did something, and when; `by` is a Slack user id. */
export type Deed = { readonly by: string; readonly atMs: EpochMs };

/** A silence in Alertmanager that was made here for this incident. */
export type IncidentSilence = Deed & { readonly id: string; readonly endsAtMs: EpochMs; readonly comment: string };

/**
 * One trouble with one subject, from its first alert to its last: one root message. `key` names the subject (an edge, a
 * workload, or the group of a plain alert); at most one incident per scope and key is open.
 */
export type Incident = Scope & {
  readonly id: string;
  readonly key: string;
  readonly edge: Edge | null;
  readonly title: string;
  readonly state: 'open' | 'resolved' | 'unreported';
  readonly severity: Severity;
  readonly alerts: readonly IncidentAlert[];
  readonly openedAtMs: EpochMs;
  /** Counts changes: part of the keys of edits. */
  readonly revision: number;
  readonly lastHeardAtMs: EpochMs;
  readonly closedAtMs: EpochMs | null;
  /** How often it came back into this root within the quiet time. */
  readonly reopened: number;
  /** When its last return was broadcast; absent or null: none was. */
  readonly returnToldAtMs?: EpochMs | null;
  /** Channel as configured ("#payments-oncall" or an id). */
  readonly channel: string;
  /** Set by the outbox once Slack took the root. */
  readonly channelId: string | null;
  readonly rootTs: string | null;
  /** Worst seen so far, for the resolution card. */
  readonly peak: {
    readonly errorRatio: number | null;
    readonly failedPerMinute: number | null;
    readonly latencyP99Seconds: number | null;
  };
  readonly failedRequests: number;
  /** What it has spent of error budgets; absent: of none that is known. */
  readonly budgets?: readonly BudgetSpent[];
  /** When the figures were last read. */
  readonly measuredAtMs: EpochMs | null;
  /** The alert that opened it, with long labels cut: later readings are about it. */
  readonly lead: Alert;
  /** Who looks after it; absent or null: nobody has said so. */
  readonly acknowledged?: Deed | null;
  /** Silences that were made here and neither ended nor were taken back; absent: none. */
  readonly silences?: readonly IncidentSilence[];
  /** Incidents with messages of their own that this one speaks for, where it is about many callers; absent: none. */
  readonly parts?: readonly IncidentPart[];
  /** Absent or null: it speaks for itself. */
  readonly partOf?: PartOf | null;
  /** Since when its root was told anew for those who come and go, how often, and as of which revision: the budget of its edits. Absent: never. */
  readonly retold?: { readonly sinceMs: EpochMs; readonly times: number; readonly revision: number };
  /** When people were last called for alerts that it holds, where it is of a channel; absent or null: never. */
  readonly calledAtMs?: EpochMs | null;
  /** The root as it was last composed: told anew when somebody does something, whatever answers then. Absent in older ones. */
  readonly lastRoot?: Message | null;
  /** Last verdict sentence and header, for the card. */
  readonly lastVerdict: string | null;
  readonly lastHeader: string | null;
};

/** Served in this order, per channel: a new root, an escalation, a resolution, an edit, the thread. */
export type OutboxPurpose = 'root' | 'escalation' | 'resolution' | 'edit' | 'thread' | 'picture';

export const purposePriority: Readonly<Record<OutboxPurpose, number>> = {
  root: 0,
  escalation: 1,
  resolution: 2,
  edit: 3,
  thread: 4,
  picture: 5,
};

/** One thing to tell Slack, written in the same transaction as the state it tells. `key` makes a repeat harmless. */
export type OutboxMessage = {
  readonly key: string;
  /** The incident or the digest whose root it is, or belongs to. */
  readonly rootId: string;
  readonly purpose: OutboxPurpose;
  readonly message: Message;
  /** Broadcast the thread reply to the channel: escalations only. */
  readonly broadcast: boolean;
  /** A PNG that goes with it, with its file name and alt text. */
  readonly picture: { readonly name: string; readonly png: Uint8Array; readonly altText: string } | null;
};
