import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { GapReason } from '../../domain/gathered.ts';

/** What Edgewise tells Prometheus about itself. Label values come from our own short lists, so cardinality is bounded. */
export type Telemetry = {
  readonly delivery: (result: string, atMs: number) => void;
  readonly deadMan: (alertName: string, cluster: string, atMs: number) => void;
  readonly told: (what: 'text' | 'picture', seconds: number) => void;
  readonly gap: (source: string, reason: GapReason) => void;
  readonly slackCall: (method: string, result: string) => void;
  readonly slackWait: (seconds: number) => void;
  readonly promqlCall: (source: string, samples: number | null, seconds: number, isOk: boolean) => void;
  readonly queue: (count: number, oldestSeconds: number) => void;
  readonly outbox: (count: number, oldestSeconds: number) => void;
  readonly openIncidents: (count: number) => void;
  /** The text of `/metrics`. */
  readonly exposition: () => Promise<string>;
  readonly contentType: string;
};

const buckets = [0.05, 0.1, 0.25, 0.5, 1, 1.5, 2.5, 4, 6, 10, 30, 60];

/** A registry of its own, so that two bots in one process (tests) do not share figures. */
export const promTelemetry = (): Telemetry => {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry, prefix: 'edgewise_' });
  const deliveries = new Counter({
    name: 'edgewise_deliveries_total',
    help: 'Webhook deliveries by how they ended',
    labelNames: ['result'],
    registers,
  });
  const lastDelivery = new Gauge({
    name: 'edgewise_last_delivery_timestamp_seconds',
    help: 'When the last delivery was accepted',
    registers,
  });
  const deadMan = new Gauge({
    name: 'edgewise_dead_man_last_seen_timestamp_seconds',
    help: 'When an always-firing alert was last heard',
    labelNames: ['alertname', 'cluster'],
    registers,
  });
  const latency = new Histogram({
    name: 'edgewise_receipt_to_message_seconds',
    help: 'From the receipt of an alert to its text or picture in Slack',
    labelNames: ['what'],
    buckets,
    registers,
  });
  const gaps = new Counter({
    name: 'edgewise_gaps_total',
    help: 'Questions that stayed without an answer',
    labelNames: ['source', 'reason'],
    registers,
  });
  const slackCalls = new Counter({
    name: 'edgewise_slack_calls_total',
    help: 'Calls of the Slack Web API',
    labelNames: ['method', 'result'],
    registers,
  });
  const slackWaits = new Counter({
    name: 'edgewise_slack_wait_seconds_total',
    help: 'Time spent waiting for rate limits',
    registers,
  });
  const promqlCalls = new Counter({
    name: 'edgewise_promql_calls_total',
    help: 'PromQL queries',
    labelNames: ['source', 'result'],
    registers,
  });
  const promqlSamples = new Counter({
    name: 'edgewise_promql_samples_total',
    help: 'Samples read by PromQL queries',
    labelNames: ['source'],
    registers,
  });
  const promqlSeconds = new Histogram({
    name: 'edgewise_promql_seconds',
    help: 'Duration of PromQL queries',
    labelNames: ['source'],
    buckets,
    registers,
  });
  const queueDepth = new Gauge({ name: 'edgewise_queue_deliveries', help: 'Deliveries waiting for triage', registers });
  const queueAge = new Gauge({ name: 'edgewise_queue_oldest_seconds', help: 'Age of the oldest delivery that waits', registers });
  const outboxDepth = new Gauge({ name: 'edgewise_outbox_messages', help: 'Messages not yet in Slack', registers });
  const outboxAge = new Gauge({
    name: 'edgewise_outbox_oldest_seconds',
    help: 'Age of the oldest message not yet in Slack',
    registers,
  });
  const incidents = new Gauge({ name: 'edgewise_open_incidents', help: 'Incidents open now', registers });
  const deadMen = new Set<string>();
  return {
    delivery: (result, atMs) => {
      deliveries.inc({ result });
      if (result === 'accepted' || result === 'duplicate' || result === 'dead-man') lastDelivery.set(atMs / 1000);
    },
    deadMan: (alertname, cluster, atMs) => {
      deadMen.add(JSON.stringify([alertname, cluster]));
      const isKnown = deadMen.size <= 100;
      deadMan.set(
        { alertname: isKnown ? alertname.slice(0, 100) : 'other', cluster: isKnown ? cluster.slice(0, 100) : 'other' },
        atMs / 1000,
      );
    },
    told: (what, seconds) => latency.observe({ what }, seconds),
    gap: (source, reason) => gaps.inc({ source, reason }),
    slackCall: (method, result) => slackCalls.inc({ method, result }),
    slackWait: (seconds) => slackWaits.inc(seconds),
    promqlCall: (source, samples, seconds, isOk) => {
      promqlCalls.inc({ source, result: isOk ? 'ok' : 'failed' });
      if (samples !== null) promqlSamples.inc({ source }, samples);
      promqlSeconds.observe({ source }, seconds);
    },
    queue: (count, oldestSeconds) => {
      queueDepth.set(count);
      queueAge.set(oldestSeconds);
    },
    outbox: (count, oldestSeconds) => {
      outboxDepth.set(count);
      outboxAge.set(oldestSeconds);
    },
    openIncidents: (count) => incidents.set(count),
    exposition: () => registry.metrics(),
    contentType: registry.contentType,
  };
};
