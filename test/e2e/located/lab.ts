import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { httpSource } from '../../../src/adapters/http/client.ts';
import { prometheus } from '../../../src/adapters/prometheus/metrics-source.ts';
import { findEngine } from '../../../src/demo/engines.ts';
import { startPrometheus } from '../../../src/demo/stack.ts';
import { istio } from '../../../src/dialects/istio.ts';
import { type Alert, labelsOf } from '../../../src/domain/alert.ts';
import { calleeName, callerName, edgeOf } from '../../../src/domain/edge.ts';
import type { Cluster, Found } from '../../../src/inquiry.ts';
import { locate } from '../../../src/locate.ts';
import type { RulesSource } from '../../../src/ports.ts';
import { type Labels, type MeshEdge, meshText, seriesOf } from './mesh-text.ts';
import { firesAt, type World, worldSeconds, worlds } from './worlds.ts';

export const fixtures = process.env['EDGEWISE_FIXTURES'] ?? null;
const promtool = await findEngine('promtool', {});
/** Why there is no lab here; null when there is one. */
export const missing = 'missing' in promtool ? promtool.missing : null;
export const missingFixtures =
  fixtures !== null && existsSync(join(fixtures, 'alerts')) ? missing : 'EDGEWISE_FIXTURES is not set';

export type Lab = { readonly url: string; readonly cluster: Cluster; readonly stop: () => Promise<void> };

/** A real Prometheus that holds the worlds. */
export const openLab = async (...held: readonly World[]): Promise<Lab> => {
  const folder = mkdtempSync(join(tmpdir(), 'edgewise-located-'));
  const all = held.length > 0 ? held : Object.values(worlds);
  const text = all.map(({ edges, fromSeconds }) => meshText(edges, fromSeconds, fromSeconds + worldSeconds, 15)).join('');
  writeFileSync(join(folder, 'mesh.om'), `${text}# EOF\n`);
  if ('path' in promtool)
    execFileSync(promtool.path, [
      'tsdb',
      'create-blocks-from',
      '--quiet',
      'openmetrics',
      join(folder, 'mesh.om'),
      join(folder, 'prometheus'),
    ]);
  const running = await startPrometheus({ folder, target: null, alertmanager: null, rules: null, log: () => undefined });
  const source = httpSource({ name: 'Prometheus', url: running.url });
  const options = { pinned: [], concurrency: 4, maxSeries: 50_000, queryTimeoutSeconds: 10, onQuery: () => undefined };
  return {
    url: running.url,
    cluster: { name: 'prod-eu-1', dialect: istio, metrics: prometheus(source, options), rules: null, deadlineMs: 10_000 },
    stop: async () => {
      await running.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

export type Rule = {
  readonly alert: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>> | undefined;
};

/** Labels that Prometheus adds to every alert it sends. */
const external = { cluster: 'prod-eu-1', region: 'eu-west-1', prometheus: 'monitoring/k8s' };

/** How a rule's text reaches the webhook, or does not. */
export const addressOf = (expr: string): string => `http://prometheus:9090/graph?g0.expr=${encodeURIComponent(expr)}&g0.tab=1`;

export const alertOf = (rule: Rule, series: Readonly<Record<string, string>>, atMs: number, address: string): Alert => {
  const { __name__: _, ...labels } = series;
  return {
    fingerprint: JSON.stringify(series),
    status: 'firing',
    labels: labelsOf(Object.entries({ ...external, ...labels, ...rule.labels, alertname: rule.alert })),
    annotations: labelsOf([]),
    startsAtMs: atMs,
    endsAtMs: null,
    generatorUrl: address,
  };
};

/** The alerts of a rule, as Prometheus itself finds them in a world. */
export const firing = async (
  { cluster }: Lab,
  rule: Rule,
  world: World,
  address = addressOf(rule.expr),
): Promise<readonly Alert[]> => {
  const { value } = await cluster.metrics.instant(rule.expr, firesAt(world), { signal: AbortSignal.timeout(10_000) });
  return value.map(({ labels }) => alertOf(rule, labels, firesAt(world), address));
};

/** The rules API of a lab, by hand. */
export const rulesApi = (
  rules: readonly Rule[],
  recordings: readonly { record: string; expr: string; labels?: Readonly<Record<string, string>> }[] = [],
): RulesSource => ({
  name: 'Alert rules',
  alerting: async () =>
    rules.map(({ alert, expr, labels }) => ({
      name: alert,
      expression: expr,
      forSeconds: 60,
      labels: labelsOf(Object.entries(labels ?? {})),
      groupId: null,
    })),
  recording: async () =>
    recordings.map(({ record, expr, labels }) => ({
      name: record,
      expression: expr,
      labels: labelsOf(Object.entries(labels ?? {})),
    })),
});

export type Pair = readonly [string, string];
export const pairOf = ({ subject }: Found): Pair | null => {
  const edge = edgeOf(subject);
  return edge === null ? null : [callerName(edge), calleeName(edge)];
};

export type Measure = (edge: MeshEdge) => number;
export const measures = {
  failed: ({ bad }) => (bad && /^5/.test(bad.code) ? bad.share : 0),
  clientErrors: ({ bad }) => (bad && /^4/.test(bad.code) ? bad.share : 0),
  errors: ({ bad }) => (bad && /^[45]/.test(bad.code) ? bad.share : 0),
  slow: ({ seconds }) => seconds,
  cut: ({ bad }) => Number(bad?.callerOnly === true),
  timedOut: (edge) => (edge.bad?.flags === 'UT' || edge.seconds > 1.7 ? 1 : 0),
} as const satisfies Readonly<Record<string, Measure>>;

/** The truth: of the edges whose own series of the rule's metrics carry every label of the alert, the worst by what the rule measures; several when they are alike. */
export const truthOf = ({ edges }: World, rule: Rule, alert: Alert, measure: Measure): readonly Pair[] => {
  const direction = /direction="(\w+)"/.exec(rule.expr)?.[1];
  const carries = (labels: Labels, name: string, value: string): boolean =>
    name in labels ? labels[name] === value : !/^(dst_|deployment$)/.test(name);
  const own = edges.filter((edge) =>
    seriesOf(edge).some(({ metric, labels }) => {
      const { source_workload: from, destination_service_name: to } = labels;
      const all = { ...labels, ...(to === undefined ? {} : { service: to, route: `${from}/${to}` }) };
      const isRead = rule.expr.includes(metric) && (direction === undefined || labels['direction'] === direction);
      return isRead && Object.entries(alert.labels).every(([name, value]) => carries(all, name, value));
    }),
  );
  // Of a handful of requests no share means anything.
  const many = own.filter(({ perSecond }) => perSecond * 300 >= 20);
  const busy = many.length > 0 ? many : own;
  const worst = Math.max(...busy.map(measure));
  return busy
    .filter((edge) => measure(edge) === worst && worst > 0)
    .flatMap(({ caller, callee }) =>
      [callee.service, ...(callee.at === null ? [] : [callee.at.workload])].map(
        (name) => [caller?.workload ?? 'unknown', name] as const,
      ),
    );
};

/** The share of failures that most rules of this lab are about, summed `by`. */
export const errorShare = (by: string, matchers = 'reporter="source"'): string =>
  `sum ${by} (rate(istio_requests_total{${matchers}, response_code=~"5.."}[2m])) / sum ${by} (rate(istio_requests_total{${matchers}}[2m]))`;
export const overallShare = `${errorShare('by ()')} > 0.03`;

/** What an alert of the rule is found to be about, a minute after it fired; by its address, or by the rules API that holds `known`. */
export const locateIn = (
  { cluster }: Lab,
  rule: Rule,
  series: Readonly<Record<string, string>>,
  world: World,
  known: readonly Rule[] | null = null,
): Promise<Found> =>
  locate(
    { ...cluster, rules: known === null ? null : rulesApi(known) },
    alertOf(rule, series, firesAt(world), known === null ? addressOf(rule.expr) : ''),
    firesAt(world) + 60_000,
  );
