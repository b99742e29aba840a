import { istio } from '../../src/dialects/istio.ts';
import { type Alert, labelsOf } from '../../src/domain/alert.ts';
import type { Dialect } from '../../src/domain/dialect.ts';
import type { Cluster, Found } from '../../src/inquiry.ts';
import { locate } from '../../src/locate.ts';
import { diagnose } from '../../src/stages/diagnose/index.ts';
import { measure } from '../../src/triage.ts';
import { nowMs } from './report.ts';
import { type Flow, scrapesOf, seriesOf } from './seeded-mesh.ts';
import { type SeededSeries, seededPrometheus } from './seeded-prometheus.ts';

/** When it broke, in every seeded mesh. */
export const brokenAtMs = nowMs;
/** So much a second before and after. */
export const broken = (before: number, after: number) => (atMs: number) => (atMs >= brokenAtMs ? after : before);

export const seededScrapes = (ageSeconds: number): readonly number[] =>
  scrapesOf({ everySeconds: 15, fromMs: nowMs - 120 * 60_000, toMs: nowMs + ageSeconds * 1000, phaseMs: 7000 });

type SeededCase = {
  readonly flows: readonly Flow[];
  readonly series?: readonly SeededSeries[];
  readonly ageSeconds?: number;
  readonly labels?: Readonly<Record<string, string>>;
  /** The rule that fired, with its expression; without it the labels alone speak. */
  readonly expression?: string;
  readonly dialect?: Dialect;
  /** What is measured of what was found. */
  readonly turned?: (found: Found) => Found;
};

const paymentsLabels = {
  source_workload: 'checkout',
  source_workload_namespace: 'shop',
  destination_service_name: 'payments',
  destination_service_namespace: 'shop',
};

/** A whole triage by a real Prometheus that holds these flows. */
export const seededTriage = async (path: string, { flows, series = [], ageSeconds = 300, ...said }: SeededCase) => {
  const { labels = paymentsLabels, expression, dialect = istio, turned = (found) => found } = said;
  const atMs = brokenAtMs + ageSeconds * 1000;
  const times = seededScrapes(ageSeconds);
  const source = await seededPrometheus(path, [...flows.flatMap((flow) => seriesOf(flow, times)), ...series]);
  const alert: Alert = {
    fingerprint: 'f',
    status: 'firing',
    labels: labelsOf([['alertname', 'Seeded'], ...Object.entries(labels)]),
    annotations: labelsOf([]),
    startsAtMs: Math.min(atMs, brokenAtMs + 90_000),
    endsAtMs: null,
    generatorUrl: '',
  };
  const rule = { name: 'Seeded', expression: expression ?? '', forSeconds: 60, groupId: null, labels: labelsOf([]) };
  const rules = { name: 'Prometheus', alerting: async () => [rule], recording: async () => [] };
  const cluster: Cluster = {
    name: 'prod',
    dialect,
    metrics: source.metrics,
    rules: expression === undefined ? null : rules,
    deadlineMs: 30_000,
  };
  const evidence = await measure(cluster, turned(await locate(cluster, alert, atMs)), [alert], atMs).finally(source.stop);
  return {
    evidence,
    diagnosis: diagnose(evidence),
    calls: evidence.queries.filter(({ budget }) => budget === 'edge').length,
    samples: evidence.queries.reduce((sum, query) => sum + (query.samples ?? 0), 0),
  };
};
