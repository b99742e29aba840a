import type { Edge } from './edge.ts';
import type { EpochMs } from './time.ts';

/** Whose proxy counted. Istio's `source`/`waypoint` and Linkerd's `outbound` are the caller; `destination`/`inbound` the callee. Never summed. */
export type Reporter = 'caller' | 'callee';

/** Requests of one window by outcome. Real numbers, since `increase()` extrapolates: never round before a test. */
export type Counts = {
  readonly requests: number;
  /** HTTP 5xx; gRPC 2, 4, 8, 12–15; any code cut by UPE UR UC UT SI DPE OM DT LR. */
  readonly failed: number;
  /** 4xx with NR NC RL RLSE UAEX IH, and 401/403 without a flag. */
  readonly refused: number;
  /** Code 0, DC or DR: the client left. */
  readonly clientLeft: number;
  /** Other 4xx: shown, never blamed. */
  readonly clientError: number;
};

/** Requests of now that share code, gRPC status, flags, protocol and callee version. */
export type Outcome = {
  /** "503", "0"; as printed. */
  readonly code: string;
  /** gRPC status number as text, null for non-gRPC. */
  readonly grpcStatus: string | null;
  /** A set, sorted in byte order; empty for `-`. */
  readonly flags: readonly string[];
  readonly protocol: string | null;
  /** Callee workload and version, where printed. */
  readonly workload: string | null;
  readonly version: string | null;
  readonly requests: number;
};

/** Latency buckets of one window. `counts` are per bucket (not cumulative) and have one more entry than the finite `boundsSeconds`: the last is +Inf. */
export type Histogram = {
  readonly boundsSeconds: readonly number[];
  readonly counts: readonly number[];
};

/** `_sum` and `_count` of one window. */
export type Duration = { readonly requests: number; readonly totalSeconds: number };

/** The windows one value was read in. All of `now`, `previous` and `local` have the same length. */
export type Windows<T> = {
  readonly now: T;
  /** Both halves of now, earlier first; null when they could not be read. */
  readonly halves: readonly [T, T] | null;
  /** The window right before now. */
  readonly previous: T | null;
  /** Up to 24 windows of the recent past that end one window before the onset, oldest first; windows without samples are left out. */
  readonly local: readonly T[];
  /** The same hour earlier: those that exist. */
  readonly base: readonly { readonly ago: '1h' | '1d' | '1w'; readonly value: T }[];
};

/** What one pod of the callee counted of an edge itself. */
export type PodReading = {
  readonly name: string;
  /** False: its series carry no name of a pod, only the address that is scraped. */
  readonly isPod: boolean;
  readonly version: string | null;
  readonly requests: number;
  readonly failed: number;
  /** Its share of the mean; null where no durations are counted by pod. */
  readonly duration: Duration | null;
  /** Requests of a window as long before the onset: 0 for one that is new. A pod that is gone has 0 requests now. */
  readonly before: number;
};

/** What one reporter says of an edge. */
export type ReporterReading = {
  readonly reporter: Reporter;
  readonly counts: Windows<Counts>;
  /** The split of now; sums to `counts.now.requests`. Sorted by requests, then text. */
  readonly outcomes: readonly Outcome[];
  /** Mean latency's parts, for every measured edge; null where not asked or absent. */
  readonly duration: Windows<Duration> | null;
  /** Buckets, only for the alert's edge and its suspects. */
  readonly latency: Windows<Histogram> | null;
};

/**
 * One edge as both reporters saw it. A reporter is null when it has no series now, whatever it had; `calleeReports` tells whether
 * that callee's own reporter had series in the past windows, without which "the callee did not see it" proves nothing (decision 5).
 */
export type EdgeReading = {
  readonly edge: Edge;
  readonly caller: ReporterReading | null;
  readonly callee: ReporterReading | null;
  readonly calleeReports: boolean;
  /** The share that failed, or was refused, in a past that is sick itself, where it must not be a yardstick (sick-past.ts). */
  readonly sickPast?: number;
  /** The callee's pods by its own proxies' count, busiest first; only of edges that were asked for them. */
  readonly pods?: readonly PodReading[];
};

/** How full something is. */
export type Saturation = {
  /** Where it was read: the proxy's cluster stats of this very target, the rate of UO, or the pods. */
  readonly kind: 'envoy-cluster' | 'overflow-flag' | 'pods';
  /** What is full: "connections to payments", "CPU of payments". */
  readonly of: string;
  /** 0–1 of its limit where a limit is known, else null and `value` alone speaks. */
  readonly ratio: number | null;
  readonly value: number;
  readonly unit: 'ratio' | 'requests/s' | 'connections' | 'cores' | 'bytes';
  readonly usual: number | null;
};

/** A proxy counter around the edge: TLS failures, ejections, RBAC denials, overflow, retries. Increase over the window. */
export type ProxyCounter = {
  readonly name: string;
  readonly side: Reporter;
  readonly now: number;
  readonly before: number;
};

/** A curve of the picture: `[ms, value]`, NaN for a missing sample (the line breaks there). */
export type Curve = readonly (readonly [EpochMs, number])[];

/** What the hero picture shows. Rates are per second, latency in seconds, ratios 0–1. */
export type PictureSeries = {
  readonly startMs: EpochMs;
  readonly endMs: EpochMs;
  readonly stepSeconds: number;
  readonly reporter: Reporter;
  readonly traffic: { readonly now: Curve; readonly usual: Curve };
  /** Shares of all requests, 0–1. */
  readonly errors: { readonly failed: Curve; readonly refused: Curve; readonly usual: Curve };
  readonly latency: {
    readonly p50: Curve;
    readonly p90: Curve;
    readonly p99: Curve;
    readonly usualP99: Curve /** the last finite bucket: at or above it a quantile is "≥" */;
    readonly clipSeconds: number | null;
  };
  readonly saturation: {
    readonly label: string;
    readonly unit: Saturation['unit'];
    readonly now: Curve;
    readonly limit: number | null;
  } | null;
};
