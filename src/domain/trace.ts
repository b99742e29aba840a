/** The way of one request through the mesh, as spans tell it. Times are whole microseconds: what every trace store keeps. */

/** Kinds of spans (opentelemetry.io, "Traces", span kind). */
export type SpanKind = 'client' | 'server' | 'producer' | 'consumer' | 'internal';

/** One span as a trace store tells it, whatever its wire form, before anything is repaired. */
export type ReceivedSpan = {
  /** 32 lower-case hexadecimal digits; of a trace that somebody wrote by hand it may be a word. */
  readonly traceId: string;
  /** 16 lower-case hexadecimal digits, or such a word. */
  readonly id: string;
  readonly parentId: string | null;
  /** The server's half of a call, under the id of the client's half (openzipkin/b3-propagation, "shared spans"). */
  readonly isShared: boolean;
  /** Its parent does not wait for it (OpenTracing, FOLLOWS_FROM). */
  readonly isAsync: boolean;
  readonly service: string | null;
  readonly operation: string;
  readonly kind: SpanKind | null;
  /** Since the epoch; a number holds them exactly until the year 2255. */
  readonly startMicros: number | null;
  readonly durationMicros: number | null;
  /** Its status or its tags say so; what its response flags say is for the reader. */
  readonly isError: boolean;
  /** Those of `sharedAttributes`, as text, but for those that say what the span is by its own fields. */
  readonly attributes: Readonly<Record<string, string>>;
};

/** The first moment of the year 2000: no trace is older, but a clock that was never set, or a time in another unit, is. */
export const plausibleMicros = 946_684_800_000_000;

/** What a trace store knows of one trace. */
export type ReceivedTrace = {
  /** 32 lower-case hexadecimal digits. */
  readonly id: string;
  readonly spans: readonly ReceivedSpan[];
  /** Entries that are no spans, and were left out. */
  readonly malformed: number;
  /** The store or our own guard of size kept something back. */
  readonly isTruncated: boolean;
};

/** What was repaired in a trace, or is odd in it. */
export type ProblemCode =
  | 'missing-parent'
  | 'several-roots'
  | 'cycle'
  | 'clock-skew'
  | 'duplicate-span'
  | 'shared-ids'
  | 'no-start'
  | 'no-duration'
  | 'no-kind'
  | 'no-service'
  | 'outlives-parent'
  | 'malformed-span'
  | 'truncated';

export type TraceProblem = { readonly code: ProblemCode; readonly count: number };

/** One span of a trace that is in order. */
export type Span = {
  /** As received; of two halves under one id the server's ends with "/server", of further spans under it with "/2", "/3". */
  readonly id: string;
  /** Place of its parent among the trace's spans, always before its own; null at a root. */
  readonly parent: number | null;
  /** A parent is named that is not there: what it hangs under is a guess, or nothing. */
  readonly isOrphan: boolean;
  /** Of a proxy that gives its own name its workload's, where that is known; "unknown" where no store said. */
  readonly service: string;
  readonly operation: string;
  readonly kind: SpanKind | null;
  /** After the first start of the trace. */
  readonly startMicros: number;
  readonly durationMicros: number;
  /** Its parent does not wait for it. */
  readonly isAsync: boolean;
  /** By status, tags, codes, or by a response flag that means a cut response (`cutFlags`). */
  readonly isError: boolean;
  /** Envoy's response flags. */
  readonly flags: readonly string[];
  /** Whom a client span calls, by its own attributes: "reviews.bookinfo", "postgresql"; null where nothing tells. */
  readonly peer: string | null;
  readonly attributes: Readonly<Record<string, string>>;
};

/** The id under which a store knows a span. */
export const storedId = ({ id }: Span): string => id.replace(/\/.*$/, '');

/** A trace in order: every parent stands before its children, siblings by their start. */
export type Trace = {
  /** 32 lower-case hexadecimal digits. */
  readonly id: string;
  /** Since the epoch: the first start. */
  readonly startMicros: number;
  /** From the first start to the last end. */
  readonly durationMicros: number;
  readonly spans: readonly Span[];
  /** Spans before repair. */
  readonly received: number;
  /** By count, most first. */
  readonly problems: readonly TraceProblem[];
};

/** A stretch of the critical path: from here to there, nothing but this span kept the request. */
export type PathSection = { readonly span: number; readonly fromMicros: number; readonly toMicros: number };

/**
 * What time on the critical path was spent on: the span's own work; the way of one call from its caller to its callee and back (network,
 * proxies, queues); or waiting for whom no span tells.
 */
export type PathTime = 'own' | 'between' | 'peer';

/** The exclusive time of one call path on the critical path. */
export type PathPart = {
  /** Whose time it is: of a client span that nobody answers with a span of its own, the peer; of the way between two, the caller. */
  readonly service: string;
  readonly operation: string;
  readonly time: PathTime;
  /** Services on the way from the focus to here, each once in a row; of the way between two the callee is the last. */
  readonly way: readonly string[];
  /** Places among the spans of the trace of those that it is the sum of, the one with most of it first. */
  readonly spans: readonly number[];
  /** Of those spans one right inside of its like (a proxy's and its application's) is the same call. */
  readonly calls: number;
  readonly selfMicros: number;
  /** 0–1, of the focus. */
  readonly share: number;
  /** Median of the same call path in normal traces; null where there are too few of them. */
  readonly usualMicros: number | null;
  /** Median of its calls in normal traces, as `usualMicros`: many calls instead of few are an "N+1". */
  readonly usualCalls: number | null;
};

/** What one trace says about its focus: the span everything is measured against. */
export type TraceAnalysis = {
  /** Place among the spans of the trace. */
  readonly focus: number;
  /** In the order of time; together exactly the focus. */
  readonly sections: readonly PathSection[];
  /** Longest first; together exactly the focus. */
  readonly criticalPath: readonly PathPart[];
  /** Null where it is spread over several. */
  readonly culprit: PathPart | null;
  /** The deepest failing span that no failing child explains; null where none failed. */
  readonly errorOrigin: number | null;
  /** Tries of the focus's call, by the answers that it got; 1 where it was not tried again. */
  readonly attempts: number;
  /** Normal traces that it was compared with. */
  readonly comparedWith: number;
  /** Median duration of the same focus in normal traces; null where there are too few of them. */
  readonly usualMicros: number | null;
};

/**
 * Whether a service hands the headers of a trace on from the requests that it gets to those that it makes, as a set of traces tells
 * (istio.io, "Distributed Tracing Overview": what proxies cannot do for it).
 */
export type Propagation = {
  readonly verdict: 'hands on' | 'some paths' | 'drops' | 'cannot tell';
  /** Why it cannot be told; null where it can. */
  readonly doubt: 'few traces' | 'calls nobody' | 'is not called' | 'uneven' | null;
  /** Traces with a server span of it. */
  readonly inbound: number;
  /** Traces with a client span of it that tell how it came to them: not those whose beginning is missing, or is work of its own. */
  readonly outbound: number;
  /** Outbound traces that go on with one that it got. */
  readonly both: number;
  /** Outbound traces without its server span, whose request id one of the inbound traces bears too: halves of one request, proven. */
  readonly halves: number;
  /** Calls that it makes outside of the traces that it was called in, most often first. */
  readonly broken: readonly { readonly operation: string; readonly traces: number; readonly of: number }[];
  /** Those that it must hand on: by what its spans show, or of both kinds where they do not tell. */
  readonly headers: readonly string[];
};

/** The share of requests whose traces are kept, 0–1, and the bounds that it lies in. */
export type Sampling = {
  /** As the traces' own sampler says, as the mesh is configured, or counted: traces seen over requests that metrics counted. */
  readonly from: 'sampler' | 'configured' | 'counted';
  readonly rate: number;
  readonly low: number;
  readonly high: number;
};

/** What it means that no trace of a failing request was found. */
export type Expected = {
  readonly requests: number;
  /** Traces that so many requests leave, with bounds. */
  readonly sampled: number;
  readonly sampledLow: number;
  readonly sampledHigh: number;
  readonly wanted: number;
  /** That at least one of those wanted is among them, 0–1. */
  readonly chance: number;
};

/**
 * Attributes that may leave a trace store: what tells whose span it is, whom it calls and what came of it. Everything else (bodies, headers,
 * statements, users) stays there. Addresses of pages lose their query and user; of an error's text only "true" or "false" is left.
 */
export const sharedAttributes: readonly string[] = [
  ...['span.kind', 'component', 'error', 'response_flags', 'node_id', 'zone', 'guid:x-request-id'],
  ...['upstream_cluster', 'upstream_cluster.name', 'downstream_cluster', 'peer.address', 'upstream_address'],
  ...['http.method', 'http.request.method', 'http.status_code', 'http.response.status_code', 'http.protocol'],
  ...['http.url', 'http.route', 'http.target', 'url.full', 'url.path'],
  ...['grpc.status_code', 'rpc.grpc.status_code', 'rpc.system', 'rpc.service', 'rpc.method', 'grpc.path'],
  ...['peer.service', 'server.address', 'net.peer.name', 'db.system', 'db.system.name', 'db.name', 'db.namespace'],
  ...[
    'messaging.system',
    'messaging.destination.name',
    'otel.status_code',
    'sampler.type',
    'sampler.param',
    'sampling.probability',
  ],
  ...['istio.canonical_service', 'istio.canonical_revision', 'istio.namespace', 'istio.mesh_id', 'istio.cluster_id'],
  ...['istio.source_workload', 'istio.source_namespace', 'istio.source_canonical_service'],
  ...['istio.destination_workload', 'istio.destination_namespace', 'istio.destination_canonical_service'],
  ...['k8s.pod.name', 'k8s.namespace.name', 'k8s.deployment.name', 'service.namespace', 'service.version', 'host.name'],
  ...['linkerd.io/proxy-deployment', 'linkerd.io/proxy-statefulset', 'linkerd.io/proxy-daemonset', 'linkerd.io/workload-ns'],
];
