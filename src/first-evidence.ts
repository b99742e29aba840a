import { type Alert, labelsOf } from './domain/alert.ts';
import { callerName, type Edge } from './domain/edge.ts';
import type { Evidence } from './domain/evidence.ts';
import { got } from './domain/gathered.ts';
import { type EpochMs, minuteMs, windowBefore } from './domain/time.ts';
import type { Cluster, Found } from './inquiry.ts';

/** When it began, as well as the alert tells: it fired `for` after its expression became true. */
export const onsetOf = ({ alert, rule, located }: Found): EpochMs | null =>
  located.way === 'command' ? null : alert.startsAtMs - (rule?.forSeconds ?? 300) * 1000 - minuteMs;

/** Evidence before anything was asked. */
export type Blank = Omit<Evidence, 'gaps' | 'queries'>;

export const blank = (cluster: Cluster, found: Found, alerts: readonly Alert[], atMs: EpochMs): Blank => ({
  version: 1,
  atMs,
  cluster: cluster.name,
  mesh: cluster.dialect.name,
  alerts,
  rule: found.rule,
  subject: found.subject,
  located: found.located,
  window: windowBefore(atMs, 300),
  onsetMs: onsetOf(found),
  reporter: 'caller',
  path: [],
  pathStopped: null,
  readings: [],
  saturation: got(null),
  proxyCounters: got([]),
  changes: got([]),
  picture: null,
  controlPlane: null,
  pending: [],
});

/** What can be said before the sources have answered: the message at 2.5 s. */
export const pendingEvidence = (cluster: Cluster, found: Found, alerts: readonly Alert[], atMs: EpochMs): Evidence => ({
  ...blank(cluster, found, alerts, atMs),
  pending: [cluster.metrics.name],
  gaps: found.gaps,
  queries: found.records,
});

/** A question about an edge, without an alert: `/mesh why`. */
export const askedFor = (edge: Edge): Found => ({
  alert: {
    fingerprint: '',
    status: 'firing',
    labels: labelsOf([]),
    annotations: labelsOf([]),
    startsAtMs: 0,
    endsAtMs: null,
    generatorUrl: '',
  },
  rule: null,
  subject: { kind: 'edge', edge },
  located: {
    way: 'command',
    score: 1,
    runnerUp: null,
    how: `asked for by name${callerName(edge) === 'unknown' ? ' (callee only)' : ''}`,
  },
  records: [],
  gaps: [],
});
