import { type AlertmanagerAbout, alertmanagerAbout } from './adapters/alertmanager/about.ts';
import { alertmanagerApi } from './adapters/alertmanager/alerts-source.ts';
import { alertmanagerSilences } from './adapters/alertmanager/silences.ts';
import { type HttpSource, httpSource, type ProxySettings, type SourceSettings } from './adapters/http/client.ts';
import { type MetricsAbout, metricsAbout } from './adapters/prometheus/about.ts';
import { prometheus } from './adapters/prometheus/metrics-source.ts';
import { prometheusRules } from './adapters/prometheus/rules-source.ts';
import { type TracesAbout, tracesAbout } from './adapters/traces/about.ts';
import type { ClusterConfig, Config, SourceConfig } from './config.ts';
import { dialects, renamed } from './dialects/index.ts';
import { type Alert, labelOf } from './domain/alert.ts';
import { SourceError } from './domain/gathered.ts';
import { type SourceKind, sourceName, storeNames } from './domain/source-name.ts';
import type { ClusterTraces } from './find-trace.ts';
import type { Cluster } from './inquiry.ts';
import type { AlertsSource, Ask, Clock, SilencesSource } from './ports.ts';
import { type OnTraceQuestion, openTraces, type TraceShape, tracingOver } from './trace-sources.ts';

/** One cluster with everything that can be asked about it. */
export type Sources = {
  readonly cluster: Cluster;
  readonly match: string;
  readonly alerts: AlertsSource | null;
  /** At the same Alertmanager; whether anybody may write there is for the roles and limits to say. */
  readonly silences: SilencesSource | null;
  readonly aboutMetrics: (ask: Ask) => Promise<MetricsAbout>;
  readonly aboutAlertmanager: ((ask: Ask) => Promise<AlertmanagerAbout>) | null;
  readonly aboutTraces: ((ask: Ask) => Promise<TracesAbout>) | null;
  readonly close: () => Promise<void>;
};

/** What a cluster is called and how its metrics are spelled. */
type ClusterShape = Pick<ClusterConfig, 'name' | 'mesh' | 'renames' | 'pinned'> & {
  readonly querySeconds: number;
  readonly traces: TraceShape | null;
};

type SourceHooks = {
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly onQuery: (source: string, samples: number | null, seconds: number, isOk: boolean) => void;
  readonly onTraceQuestion: OnTraceQuestion;
};

/** Where nobody counts what is asked. */
export const uncounted = { onQuery: () => undefined, onTraceQuestion: () => undefined } as const;

type Opening = { readonly seconds: number; readonly proxy: ProxySettings; readonly tenantHeader?: string };

const settingsOf = (name: string, { url, ...rest }: SourceConfig, { seconds, ...how }: Opening): SourceSettings => {
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)) as Omit<
    Partial<SourceSettings>,
    'name' | 'url'
  >;
  return { ...given, name, url, headersTimeoutMs: seconds * 1000 + 500, bodyTimeoutMs: seconds * 1000 + 500, ...how };
};

/** What a triage asks of one cluster, by the back end that is asked; a trace store is not needed. */
export type ClusterHttp = { readonly metrics: HttpSource; readonly rules: HttpSource; readonly traces: HttpSource | null };

/** One cluster over these back ends: configured ones, or a recording of them. */
export const clusterOver = (
  { name, mesh, renames, pinned, querySeconds, traces: shape }: ClusterShape,
  { metrics, rules, traces }: ClusterHttp,
  hooks: SourceHooks,
): Cluster => ({
  name,
  dialect: renamed(dialects[mesh], renames),
  metrics: prometheus(metrics, {
    pinned,
    concurrency: 8,
    maxSeries: 50_000,
    queryTimeoutSeconds: querySeconds,
    onQuery: (samples, seconds, isOk) => hooks.onQuery(metrics.name, samples, seconds, isOk),
  }),
  rules: prometheusRules(rules, hooks.clock),
  ...(shape === null || traces === null ? {} : { tracing: tracingOver(shape, { traces, metrics }, pinned, hooks) }),
  deadlineMs: querySeconds * 1000,
});

/** How the traces of a cluster are asked for; null where it has no store. */
export const traceShapeOf = (config: Config, { traces }: ClusterConfig): TraceShape | null =>
  traces === null
    ? null
    : {
        store: traces.store,
        seconds: config.tracesSeconds,
        exemplarLabels: config.exemplarLabels,
        exemplarMetrics: config.exemplarMetrics,
        samplingRatio: traces.samplingRatio,
      };

/** Each question has a patience of its own; a list of services is read to its end, for the next who asks. */
const longestTraceSeconds = 15;

/** Opens the back ends of one cluster. */
const opener = (config: Config, cluster: ClusterConfig) => {
  const open: HttpSource[] = [];
  const opened = (what: SourceKind, settings: SourceConfig, how: Partial<Opening> = {}): HttpSource => {
    const name = sourceName(what, cluster.name, config.clusters.length > 1);
    const http = httpSource(settingsOf(name, settings, { seconds: config.querySeconds, proxy: config.proxy, ...how }));
    open.push(http);
    return http;
  };
  return {
    source: opened,
    traces: (): HttpSource | null => {
      if (cluster.traces === null) return null;
      const { store, source } = cluster.traces;
      return opened(storeNames[store], source, {
        seconds: Math.max(config.tracesSeconds, longestTraceSeconds),
        // jaegertracing.io, "Multi-tenancy": the header's name where none is configured.
        ...(store === 'jaeger' ? { tenantHeader: 'x-tenant' } : {}),
      });
    },
    close: async (): Promise<void> => {
      await Promise.all(open.map((http) => http.close()));
    },
  };
};

/** The back ends that a triage asks about one cluster. */
export const openHttp = (config: Config, cluster: ClusterConfig): ClusterHttp & { readonly close: () => Promise<void> } => {
  const { source, traces, close } = opener(config, cluster);
  return {
    metrics: source('Prometheus', cluster.prometheus),
    rules: source('Alert rules', cluster.rules),
    traces: traces(),
    close,
  };
};

const clusterSources = (config: Config, cluster: ClusterConfig, hooks: SourceHooks): Sources => {
  const { source, close, ...other } = opener(config, cluster);
  const metrics = source('Prometheus', cluster.prometheus);
  const rules = source('Alert rules', cluster.rules);
  const alertmanager = cluster.alertmanager === null ? null : source('Alertmanager', cluster.alertmanager);
  const traces = other.traces();
  const shape = { ...cluster, querySeconds: config.querySeconds, traces: traceShapeOf(config, cluster) };
  return {
    match: cluster.match,
    cluster: clusterOver(shape, { metrics, rules, traces }, hooks),
    alerts: alertmanager === null ? null : alertmanagerApi(alertmanager),
    silences: alertmanager === null ? null : alertmanagerSilences(alertmanager),
    aboutMetrics: metricsAbout(metrics, hooks.clock),
    aboutAlertmanager: alertmanager === null ? null : alertmanagerAbout(alertmanager),
    aboutTraces: traces === null || cluster.traces === null ? null : tracesAbout(traces, cluster.traces.store),
    close,
  };
};

export const openSources = (config: Config, hooks: SourceHooks): readonly Sources[] =>
  config.clusters.map((cluster) => clusterSources(config, cluster, hooks));

/** The trace stores of these clusters and nothing else of them. */
export const openTraceStores = (
  config: Config,
  clusters: readonly ClusterConfig[],
  hooks: Omit<SourceHooks, 'onQuery'>,
): readonly (ClusterTraces & { readonly close: () => Promise<void> })[] =>
  clusters.flatMap((cluster) => {
    const { traces, close } = opener(config, cluster);
    const http = traces();
    if (http === null || cluster.traces === null) return [];
    const source = openTraces(cluster.traces.store, http, hooks);
    return [{ cluster: cluster.name, traces: source, deadlineMs: config.tracesSeconds * 1000, close }];
  });

const longestName = 120;

/**
 * Name of the cluster an alert is about. The only one configured takes every alert; of several, the one that its label names, and the
 * first where it has none. A label that names none of several stays as it is: no other cluster may answer for it.
 */
export const clusterOfAlert =
  (
    config: Pick<Config, 'clusterLabel'>,
    sources: readonly { readonly match: string; readonly cluster: Pick<Cluster, 'name'> }[],
  ) =>
  (alert: Pick<Alert, 'labels'>): string => {
    const [first] = sources;
    const named = labelOf(alert.labels, config.clusterLabel);
    const found = sources.find(({ match }) => match === named)?.cluster.name;
    if (found !== undefined) return found;
    return named === null || sources.length < 2 ? (first?.cluster.name ?? 'default') : named.slice(0, longestName);
  };

/** A cluster that an alert names and nobody configured: every question to it is a gap that says so. */
const unconfigured = (name: string): Cluster => {
  const nobody = () => Promise.reject(new SourceError('Prometheus', 'absent', `is not configured for cluster ${name}`));
  return {
    name,
    dialect: dialects.istio,
    metrics: { name: 'Prometheus', instant: nobody, range: nobody },
    rules: null,
    deadlineMs: 1000,
  };
};

/** The cluster of that name; one that nobody configured answers nothing. */
export const clusterNamed = (sources: readonly Sources[], name: string): Cluster =>
  sources.find(({ cluster }) => cluster.name === name)?.cluster ?? unconfigured(name);
