import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { GapReason } from '../../domain/gathered.ts';
import type { EpochMs } from '../../domain/time.ts';

/** How a webhook delivery ended. */
export type DeliveryResult =
  | 'accepted'
  | 'duplicate'
  | 'dead-man'
  | 'malformed'
  | 'unsupported'
  | 'too-large'
  | 'unauthorized'
  | 'overload'
  | 'store-failed'
  | 'stopping'
  | 'failed';

/** How a call of the Slack Web API ended. */
export type SlackResult = 'ok' | 'limited' | 'refused' | 'failed' | 'timeout';

/** How much waits, and how long the oldest has waited. */
type Waiting = { readonly count: number; readonly oldestSeconds: number };

/** What Edgewise tells Prometheus about itself: names begin with `edgewise_`, units are base units, the number of series is bounded. */
export type Telemetry = {
  /** Counts a delivery; `atMs` becomes the last delivery's time when it was taken. */
  readonly delivery: (result: DeliveryResult, atMs: EpochMs) => void;
  readonly deliveryBytes: (bytes: number) => void;
  /** An always-firing alert was heard: alerting lives, from the rule to us. */
  readonly deadMan: (alertName: string, cluster: string, atMs: EpochMs) => void;
  /** From the receipt of an alert to its text or picture in Slack. */
  readonly told: (what: 'text' | 'picture', seconds: number) => void;
  /** A digest that was due: told, or given up because its morning was over. */
  readonly digest: (result: 'told' | 'late') => void;
  readonly gap: (source: string, reason: GapReason) => void;
  readonly slackCall: (method: string, result: SlackResult) => void;
  readonly slackWait: (seconds: number) => void;
  readonly promqlCall: (source: string, samples: number | null, seconds: number, result: 'ok' | 'failed') => void;
  /** One question to a trace store, which may be several calls. */
  readonly traceQuestion: (source: string, seconds: number, result: 'ok' | 'failed') => void;
  readonly queue: (waiting: Waiting) => void;
  readonly outbox: (waiting: Waiting) => void;
  readonly openIncidents: (count: number) => void;
  readonly ready: (isReady: boolean) => void;
  readonly contentType: string;
  /** The text of `/metrics`. */
  readonly exposition: () => Promise<string>;
};

const latencyBuckets = [0.05, 0.1, 0.25, 0.5, 1, 1.5, 2.5, 4, 6, 10, 30, 60];

/** Lets the first `limit` values through as they are and calls the rest "other": a label value from outside cannot grow the series without end. */
const bounded = (limit: number): ((value: string) => string) => {
  const known = new Set<string>();
  return (value) => {
    const short = value.slice(0, 100);
    if (known.size < limit) known.add(short);
    return known.has(short) ? short : 'other';
  };
};

const receiving = (registers: Registry[]): Pick<Telemetry, 'delivery' | 'deliveryBytes' | 'deadMan'> => {
  const deliveries = new Counter({
    name: 'edgewise_deliveries_total',
    help: 'Webhook deliveries by how they ended',
    labelNames: ['result'],
    registers,
  });
  const bytes = new Counter({ name: 'edgewise_delivery_bytes_total', help: 'Bytes of the webhook bodies taken in', registers });
  const last = new Gauge({
    name: 'edgewise_last_delivery_timestamp_seconds',
    help: 'When a delivery was last taken, dead-man alerts included; when we started, before the first',
    registers,
  });
  const seen = new Gauge({
    name: 'edgewise_dead_man_last_seen_timestamp_seconds',
    help: 'When an always-firing alert was last heard',
    labelNames: ['alertname', 'cluster'],
    registers,
  });
  const alertNameOf = bounded(20);
  const clusterOf = bounded(50);
  last.setToCurrentTime();
  return {
    delivery: (result, atMs) => {
      deliveries.inc({ result });
      if (result === 'accepted' || result === 'duplicate' || result === 'dead-man') last.set(atMs / 1000);
    },
    deliveryBytes: (count) => bytes.inc(count),
    deadMan: (alertName, cluster, atMs) =>
      seen.set({ alertname: alertNameOf(alertName), cluster: clusterOf(cluster) }, atMs / 1000),
  };
};

const asking = (registers: Registry[]): Pick<Telemetry, 'gap' | 'promqlCall' | 'traceQuestion'> => {
  const gaps = new Counter({
    name: 'edgewise_gaps_total',
    help: 'Questions that stayed without an answer',
    labelNames: ['source', 'reason'],
    registers,
  });
  const calls = new Counter({
    name: 'edgewise_promql_calls_total',
    help: 'PromQL queries',
    labelNames: ['source', 'result'],
    registers,
  });
  const samplesRead = new Counter({
    name: 'edgewise_promql_samples_total',
    help: 'Samples read by PromQL queries, as far as the server tells',
    labelNames: ['source'],
    registers,
  });
  const duration = new Histogram({
    name: 'edgewise_promql_seconds',
    help: 'Duration of PromQL queries',
    labelNames: ['source'],
    buckets: latencyBuckets,
    registers,
  });
  const questions = new Counter({
    name: 'edgewise_trace_questions_total',
    help: 'Questions to trace stores, each of one call or several',
    labelNames: ['source', 'result'],
    registers,
  });
  const patience = new Histogram({
    name: 'edgewise_trace_seconds',
    help: 'Duration of questions to trace stores',
    labelNames: ['source'],
    buckets: latencyBuckets,
    registers,
  });
  const sourceOf = bounded(50);
  return {
    gap: (source, reason) => gaps.inc({ source: sourceOf(source), reason }),
    promqlCall: (name, samples, seconds, result) => {
      const source = sourceOf(name);
      calls.inc({ source, result });
      if (samples !== null) samplesRead.inc({ source }, samples);
      duration.observe({ source }, seconds);
    },
    traceQuestion: (name, seconds, result) => {
      const source = sourceOf(name);
      questions.inc({ source, result });
      patience.observe({ source }, seconds);
    },
  };
};

const telling = (registers: Registry[]): Pick<Telemetry, 'told' | 'digest' | 'slackCall' | 'slackWait'> => {
  const latency = new Histogram({
    name: 'edgewise_receipt_to_message_seconds',
    help: 'From the receipt of an alert to its text or picture in Slack',
    labelNames: ['what'],
    buckets: latencyBuckets,
    registers,
  });
  const digests = new Counter({
    name: 'edgewise_digests_total',
    help: 'Digests that were due, by what became of them',
    labelNames: ['result'],
    registers,
  });
  // There before the first: what begins at 1 has risen by nothing to Prometheus.
  for (const result of ['told', 'late']) digests.inc({ result }, 0);
  const calls = new Counter({
    name: 'edgewise_slack_calls_total',
    help: 'Calls of the Slack Web API',
    labelNames: ['method', 'result'],
    registers,
  });
  const waits = new Counter({
    name: 'edgewise_slack_wait_seconds_total',
    help: 'Time that calls waited for rate limits',
    registers,
  });
  const methodOf = bounded(40);
  return {
    told: (what, seconds) => latency.observe({ what }, seconds),
    digest: (result) => digests.inc({ result }),
    slackCall: (method, result) => calls.inc({ method: methodOf(method), result }),
    slackWait: (seconds) => waits.inc(seconds),
  };
};

const standing = (registers: Registry[]): Pick<Telemetry, 'queue' | 'outbox' | 'openIncidents' | 'ready'> => {
  const gauge = (name: string, help: string): Gauge => new Gauge({ name, help, registers });
  const queued = gauge('edgewise_queue_deliveries', 'Deliveries waiting for triage');
  const queueAge = gauge('edgewise_queue_oldest_seconds', 'Age of the oldest delivery that waits for triage');
  const unsent = gauge('edgewise_outbox_messages', 'Messages not yet in Slack');
  const outboxAge = gauge('edgewise_outbox_oldest_seconds', 'Age of the oldest message not yet in Slack');
  const incidents = gauge('edgewise_open_incidents', 'Incidents open now');
  const ready = gauge('edgewise_ready', '1 while alerts are taken, else 0');
  return {
    queue: ({ count, oldestSeconds }) => {
      queued.set(count);
      queueAge.set(oldestSeconds);
    },
    outbox: ({ count, oldestSeconds }) => {
      unsent.set(count);
      outboxAge.set(oldestSeconds);
    },
    openIncidents: (count) => incidents.set(count),
    ready: (isReady) => ready.set(isReady ? 1 : 0),
  };
};

/** A registry of its own, so that two bots in one process (tests) do not share figures. */
export const promTelemetry = (): Telemetry => {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry, prefix: 'edgewise_' });
  return {
    ...receiving(registers),
    ...asking(registers),
    ...telling(registers),
    ...standing(registers),
    contentType: registry.contentType,
    exposition: () => registry.metrics(),
  };
};
