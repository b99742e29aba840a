import type { AlertGroup, Labels, ListedRule, RecordingRule } from './domain/alert.ts';
import type { AuditEntry, Feedback } from './domain/audit.ts';
import type { KeptDigest, NewDigest } from './domain/digest.ts';
import type { DigestSubscription } from './domain/digest-subscription.ts';
import type { Exemplar } from './domain/exemplar.ts';
import type { Incident, OutboxMessage, Scope } from './domain/incident.ts';
import type { Installation } from './domain/installation.ts';
import type { Job } from './domain/job.ts';
import type { Picture, PictureSpec } from './domain/message.ts';
import type { NewSilence, Silence } from './domain/silence.ts';
import type { KnownStanding } from './domain/slo/known.ts';
import type { DayRows } from './domain/slo/reading.ts';
import type { EpochMs, Window } from './domain/time.ts';
import type { ReceivedTrace } from './domain/trace.ts';
import type { ExemplarStorage, TraceSearch, TraceStore } from './domain/tracing.ts';

export type { AuditEntry } from './domain/audit.ts';
export type { Job } from './domain/job.ts';
export type { TraceSearch } from './domain/tracing.ts';

/** Everything outside, as types. Every method throws `SourceError` and nothing else; `gather` turns that into a gap. */

/** One patience for one question. */
export type Ask = {
  readonly signal: AbortSignal;
  /** Milliseconds of it that are left: who asks in several rounds ends with what there is before it is over. Absent: nobody knows. */
  readonly leftMs?: () => number;
};

export type Sample = { readonly labels: Labels; readonly value: number; readonly atMs: EpochMs };
export type Series = { readonly labels: Labels; readonly points: readonly (readonly [EpochMs, number])[] };

/** `warnings` make an empty answer unknown, never zero. */
export type Answer<T> = {
  readonly value: T;
  readonly warnings: readonly string[];
  readonly samplesRead: number | null;
};

/** Prometheus, Thanos, Mimir, VictoriaMetrics. Values may be NaN or infinite: the reader decides what that means. */
export type MetricsSource = {
  readonly name: string;
  readonly instant: (promql: string, atMs: EpochMs, ask: Ask) => Promise<Answer<readonly Sample[]>>;
  readonly range: (
    promql: string,
    range: { readonly startMs: EpochMs; readonly endMs: EpochMs; readonly stepSeconds: number },
    ask: Ask,
  ) => Promise<Answer<readonly Series[]>>;
};

/** The rules API: alerting rules and what recording rules record. */
export type RulesSource = {
  readonly name: string;
  readonly alerting: (ask: Ask) => Promise<readonly ListedRule[]>;
  /** Recorded metric name → expression. */
  readonly recording: (ask: Ask) => Promise<readonly RecordingRule[]>;
};

/** Prometheus, Thanos, Mimir; VictoriaMetrics has none for good. Exemplars without an id of a trace are left out. */
export type ExemplarSource = {
  readonly name: string;
  /** Exemplars of every series that the selectors of this expression choose. */
  readonly exemplars: (promql: string, window: Window, ask: Ask) => Promise<Answer<readonly Exemplar[]>>;
  /** Whether exemplars are kept at all: none and "storage off" are one answer otherwise. */
  readonly storage: (ask: Ask) => Promise<ExemplarStorage>;
};

/** What a store found. No store can look for an edge alone: whether a trace holds it is for the reader to check. */
export type TraceHits = {
  /** The longest first, as far as the store told. */
  readonly traces: readonly ReceivedTrace[];
  /** Traces that the store told of, those that are not given back among them. */
  readonly seen: number;
  /** The store stopped at a limit of its own or of ours: there may be worse ones. */
  readonly isCut: boolean;
};

/** Jaeger, Tempo, Zipkin. */
export type TraceSource = {
  /** As the report names it: "Tempo". */
  readonly name: string;
  readonly store: TraceStore;
  /** The trace of this id (32 lower-case hexadecimal digits); null where the store has none, yet or ever. */
  readonly byId: (id: string, ask: Ask) => Promise<ReceivedTrace | null>;
  readonly search: (wanted: TraceSearch, ask: Ask) => Promise<TraceHits>;
};

/** What Alertmanager knows of an alert now. */
type AlertState = {
  readonly fingerprint: string;
  readonly labels: Labels;
  readonly startsAtMs: EpochMs;
  readonly state: 'active' | 'suppressed' | 'unprocessed';
  readonly silencedBy: readonly string[];
  readonly inhibitedBy: readonly string[];
};
export type AlertsSource = { readonly name: string; readonly active: (ask: Ask) => Promise<readonly AlertState[]> };

/** Alertmanager's silences. Writing may be refused (`refused`) where a proxy before it, or itself, lets nobody. */
export type SilencesSource = {
  readonly name: string;
  readonly all: (ask: Ask) => Promise<readonly Silence[]>;
  /** Gives its id. */
  readonly create: (silence: NewSilence, ask: Ask) => Promise<string>;
  /** Ends it now; of one that has ended already that is no failure. */
  readonly expire: (id: string, ask: Ask) => Promise<void>;
};

export type ChartRenderer = { readonly draw: (spec: PictureSpec) => Promise<Picture>; readonly close: () => Promise<void> };

/** A delivery as it was accepted. `id` is derived from scope and content, so that a retry is the same delivery. */
export type NewDelivery = Scope & { readonly receivedAtMs: EpochMs; readonly group: AlertGroup };
export type Delivery = NewDelivery & { readonly id: string };

/** Hours of finished days, kept as long as any window reaches them: the past does not change, and a month of it is too much to read every morning. */
export type SloDays = {
  /** Those of these days that are known of what this question counts. */
  readonly known: (cluster: string, promql: string, days: readonly EpochMs[]) => Promise<readonly DayRows[]>;
  readonly keep: (cluster: string, promql: string, day: DayRows) => Promise<void>;
};

/** How objectives stood when they were last read. */
export type SloStandings = {
  /** In place of what was known of the same objectives, unless that is newer. */
  readonly keep: (cluster: string, standings: readonly KnownStanding[]) => Promise<void>;
  readonly all: () => Promise<readonly KnownStanding[]>;
};

/** Who asked for digests, and what they were told. */
type Digests = {
  /** Those that people of a workspace asked for. */
  readonly subscriptions: (workspace: string) => Promise<readonly DigestSubscription[]>;
  /** In place of the one with the same key. */
  readonly subscribe: (workspace: string, subscription: DigestSubscription) => Promise<void>;
  /** False where there was none. */
  readonly unsubscribe: (workspace: string, key: string) => Promise<boolean>;
  readonly last: (workspace: string, key: string) => Promise<KeptDigest | null>;
  /** Keeps it with its messages, in one transaction; false: that of its date was told already, and nothing is kept. */
  readonly tell: (digest: NewDigest) => Promise<boolean>;
};

/** What an incident becomes, and what is said about it, in one transaction. */
export type Decision = {
  readonly incident: Incident;
  readonly messages: readonly OutboxMessage[];
  readonly jobs: readonly { readonly job: Job; readonly atMs: EpochMs }[];
};

export type OutboxItem = OutboxMessage &
  Scope & {
    readonly channel: string;
    readonly channelId: string | null;
    /** Null: no root stands yet. */
    readonly rootTs: string | null;
    readonly attempt: number;
    /** When the earlier attempt began, if one did and its outcome is unknown: reconcile before sending. */
    readonly unknownSinceMs: EpochMs | null;
    readonly createdAtMs: EpochMs;
  };

/** Who has installed the app. One row a team: its id is its own in all of Slack, and stays when it joins an organisation. */
export type Installations = {
  /** Installed, or installed again: what stood there before counts no more. */
  readonly keep: (installation: Installation) => Promise<void>;
  readonly find: (teamId: string) => Promise<Installation | null>;
  readonly all: () => Promise<readonly Installation[]>;
  /** False where there was none. */
  readonly remove: (teamId: string) => Promise<boolean>;
  /** Gives the installation to one caller alone until the lease ends or it is replaced; null: somebody else has it, or there is none. */
  readonly lease: (teamId: string, nowMs: EpochMs, leaseMs: number) => Promise<Installation | null>;
  /** Other tokens in place of those that `old` holds, and the end of its lease; false where they were replaced, or removed, meanwhile. */
  readonly replace: (old: Installation, next: Pick<Installation, 'sealed' | 'expiresAtMs'>) => Promise<boolean>;
};

/** How many new messages a channel may get. */
export type RootBudget = {
  readonly channel: string;
  readonly most: number;
  readonly atMs: EpochMs;
  readonly withinMs: number;
};

export type Store = {
  /** Resolves only after commit. `duplicate`: the same content within the receive window. Throws `SourceError` when it cannot. */
  readonly accept: (delivery: NewDelivery) => Promise<'accepted' | 'duplicate'>;
  readonly delivery: (id: string) => Promise<Delivery | null>;
  /** Starts working jobs with `concurrency`; ordered per group key for triage. Returns a stop that lets running jobs finish. */
  readonly work: (handle: (job: Job) => Promise<void>, concurrency: number) => Promise<() => Promise<void>>;
  readonly later: (job: Job, atMs: EpochMs) => Promise<void>;
  /** The open or recently closed incident that already holds this alert episode. */
  readonly incidentOfAlert: (scope: Scope, fingerprint: string, startsAtMs: EpochMs) => Promise<Incident | null>;
  readonly incident: (id: string) => Promise<Incident | null>;
  readonly openIncidents: () => Promise<readonly Incident[]>;
  /** Open, or closed since then; those that opened first before the others. */
  readonly incidentsSince: (atMs: EpochMs) => Promise<readonly Incident[]>;
  /**
   * Runs `decide` under the lock of the incident with this scope and key: the open one, or one closed after `reopenAfterMs`, else null.
   * Stores what it returns in one transaction; `null` changes nothing. `decide` is pure and may run again after a conflict.
   */
  readonly change: (
    scope: Scope,
    key: string,
    reopenAfterMs: EpochMs,
    decide: (current: Incident | null) => Decision | null,
  ) => Promise<Incident | null>;
  /**
   * Whether a new incident of this scope and key may have a message of its own in a channel: at most `most` have got one within `withinMs`,
   * whatever their cluster. Who asks again for the same one is told the same.
   */
  readonly claimRoot: (scope: Scope, key: string, budget: RootBudget) => Promise<boolean>;
  readonly outbox: {
    /**
     * The next items of a workspace that may go, at most one an incident, leased to the caller: who has another one's token could post
     * none of them. Edits of one incident are coalesced: the newest wins.
     */
    readonly claim: (nowMs: EpochMs, leaseMs: number, limit: number, workspace: string) => Promise<readonly OutboxItem[]>;
    /** Written down as standing in Slack. A root, or what took the place of a root that is gone, is what later items edit and answer. */
    readonly sent: (
      item: OutboxItem,
      where: { readonly channelId: string; readonly ts: string; readonly isNewRoot?: true },
    ) => Promise<void>;
    readonly retry: (item: OutboxItem, atMs: EpochMs, why: string, outcome: 'not-sent' | 'unknown') => Promise<void>;
    /** Gives a claimed item back as if it had never been claimed: it was not tried, so no attempt is counted. */
    readonly release: (item: OutboxItem, atMs: EpochMs) => Promise<void>;
    readonly park: (item: OutboxItem, why: string) => Promise<void>;
    /** In all workspaces, or in one. */
    readonly waiting: (workspace?: string) => Promise<{ readonly count: number; readonly oldestMs: EpochMs | null }>;
  };
  readonly installations: Installations;
  readonly queue: () => Promise<{ readonly count: number; readonly oldestMs: EpochMs | null }>;
  /** Written down before it is told. Kept as long as incidents are. */
  readonly audit: (entry: AuditEntry) => Promise<void>;
  /**
   * Whether nobody has said any of these ids before, of all who share the store: true for the first alone, who then does what they name.
   * They are known at least until `keepUntilMs`.
   */
  readonly once: (ids: readonly string[], keepUntilMs: EpochMs) => Promise<boolean>;
  readonly sloDays: SloDays;
  readonly standings: SloStandings;
  readonly digests: Digests;
  /** The last word of each person on each incident, whether the right edge was named. */
  readonly feedback: () => Promise<readonly Feedback[]>;
  readonly retain: (limits: { readonly bodiesBeforeMs: EpochMs; readonly incidentsBeforeMs: EpochMs }) => Promise<void>;
  readonly healthy: () => Promise<boolean>;
  readonly close: () => Promise<void>;
};

export type Clock = { readonly nowMs: () => EpochMs; readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void> };
export type Log = (level: 'debug' | 'info' | 'warn' | 'error', event: string, fields?: Readonly<Record<string, unknown>>) => void;
