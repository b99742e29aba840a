import type { Alert, AlertRule } from './alert.ts';
import type { Edge, Located, Subject } from './edge.ts';
import type { Gap, Gathered } from './gathered.ts';
import type { EdgeReading, PictureSeries, ProxyCounter, Reporter, Saturation } from './signals.ts';
import type { TouchedBudget } from './slo/cost.ts';
import type { EpochMs, Window } from './time.ts';
import type { Tracing } from './tracing.ts';

/** Something that changed near the onset: a suspect, never a verdict by itself. */
export type Change = {
  readonly kind:
    | 'rollout'
    | 'restart'
    | 'out-of-memory'
    | 'scale'
    | 'config-push'
    | 'config-reject'
    | 'new-version'
    | 'mesh-upgrade';
  /** "payments rolled out (payments-7d4f9)", "2 DestinationRule updates"; plain text, untrusted names inside. */
  readonly what: string;
  /** The object it looks at, where one is known: "Deployment shop/payments". */
  readonly object: string | null;
  readonly namespace: string | null;
  readonly workload: string | null;
  /** Null when only the window is known. */
  readonly atMs: EpochMs | null;
};

/** One query that was run, for "the PromQL on request" and the budget. */
export type QueryRecord = {
  readonly text: string;
  /** Samples read, by `stats=all`; null where the back end does not say. */
  readonly samples: number | null;
  readonly ms: number;
  /** `edge` counts against the budget of 14; `apart` (rules, metadata) does not. */
  readonly budget: 'edge' | 'apart';
};

/** The control plane's own signals, for its own card. */
export type ControlPlane = {
  readonly pushErrors: number | null;
  readonly rejects: number | null;
  readonly convergenceP99Seconds: number | null;
  readonly cpuCores: number | null;
  readonly memoryBytes: number | null;
};

/**
 * Everything one triage gathered, the clock included, as plain JSON: saved, it is a recorded incident; replayed, it gives the same
 * message byte for byte. `diagnose`, `draw` and `compose` know nothing else of the world.
 */
export type Evidence = {
  readonly version: 1;
  /** The clock: every "now" in the message is this moment. */
  readonly atMs: EpochMs;
  readonly cluster: string;
  readonly mesh: 'istio' | 'ambient' | 'linkerd' | 'envoy' | null;
  /** The alerts of the incident that this triage is about, firing first; never empty, except for a question from a person. */
  readonly alerts: readonly Alert[];
  readonly rule: AlertRule | null;
  readonly subject: Subject;
  readonly located: Located;
  /** The window called "now". */
  readonly window: Window;
  /** When it began, as well as can be known; null when unknown. */
  readonly onsetMs: EpochMs | null;
  /** The reporter the numbers of the message are read from. */
  readonly reporter: Reporter;
  /** The alert's edge first, then each hop of the walk downstream. Empty without an edge. */
  readonly path: readonly Edge[];
  /** Why the walk stopped before its end, or null. */
  readonly pathStopped: string | null;
  /** Every edge that was measured: those of the path and their neighbours. */
  readonly readings: readonly EdgeReading[];
  readonly saturation: Gathered<Saturation | null>;
  readonly proxyCounters: Gathered<readonly ProxyCounter[]>;
  readonly changes: Gathered<readonly Change[]>;
  readonly picture: Gathered<PictureSeries> | null;
  readonly controlPlane: Gathered<ControlPlane> | null;
  /** What traces tell of the alert's edge; absent where no trace store is configured, or there is no edge to look for. */
  readonly tracing?: Gathered<Tracing>;
  /** Error budgets that the failures of the edge are spent from; absent: none that is known. */
  readonly budgets?: readonly TouchedBudget[];
  /** Sources still being asked when this was taken (the message at 2.5 s); empty when done. */
  readonly pending: readonly string[];
  readonly gaps: readonly Gap[];
  readonly queries: readonly QueryRecord[];
};
