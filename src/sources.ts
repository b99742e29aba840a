import { type AlertmanagerAbout, alertmanagerAbout } from './adapters/alertmanager/about.ts';
import { alertmanagerApi } from './adapters/alertmanager/alerts-source.ts';
import { type HttpSource, httpSource, type ProxySettings, type SourceSettings } from './adapters/http/client.ts';
import { type MetricsAbout, metricsAbout } from './adapters/prometheus/about.ts';
import { prometheus } from './adapters/prometheus/metrics-source.ts';
import { prometheusRules } from './adapters/prometheus/rules-source.ts';
import type { ClusterConfig, Config, SourceConfig } from './config.ts';
import { dialects, renamed } from './dialects/index.ts';
import { type Alert, labelOf } from './domain/alert.ts';
import { SourceError } from './domain/gathered.ts';
import type { Cluster } from './inquiry.ts';
import type { AlertsSource, Ask, Clock } from './ports.ts';

/** One cluster with everything that can be asked about it. */
export type Sources = {
  readonly cluster: Cluster;
  readonly match: string;
  readonly alerts: AlertsSource | null;
  readonly aboutMetrics: (ask: Ask) => Promise<MetricsAbout>;
  readonly aboutAlertmanager: ((ask: Ask) => Promise<AlertmanagerAbout>) | null;
  readonly close: () => Promise<void>;
};

/** What a cluster is called and how its metrics are spelled. */
type ClusterShape = Pick<ClusterConfig, 'name' | 'mesh' | 'renames' | 'pinned'>;

type SourceHooks = {
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly onQuery: (source: string, samples: number | null, seconds: number, isOk: boolean) => void;
};

const settingsOf = (name: string, { url, ...rest }: SourceConfig, seconds: number, proxy: ProxySettings): SourceSettings => {
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)) as Omit<
    Partial<SourceSettings>,
    'name' | 'url'
  >;
  return { ...given, name, url, headersTimeoutMs: seconds * 1000 + 500, bodyTimeoutMs: seconds * 1000 + 500, proxy };
};

/** What a triage asks of one cluster, by the back end that is asked. */
export type ClusterHttp = { readonly metrics: HttpSource; readonly rules: HttpSource };

/** As a report names the sources of one cluster; with several clusters the name says which. */
export const sourceName = (
  what: 'Prometheus' | 'Alert rules' | 'Alertmanager',
  cluster: string,
  isOneOfSeveral: boolean,
): string => (isOneOfSeveral ? `${what} (${cluster})` : what);

/** One cluster over these back ends: configured ones, or a recording of them. */
export const clusterOver = (
  { name, mesh, renames, pinned, querySeconds }: ClusterShape & { readonly querySeconds: number },
  { metrics, rules }: ClusterHttp,
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
  deadlineMs: querySeconds * 1000,
});

/** Opens a back end of one cluster. */
const opener = (config: Config, cluster: ClusterConfig) => {
  const open: HttpSource[] = [];
  return {
    source: (what: Parameters<typeof sourceName>[0], settings: SourceConfig): HttpSource => {
      const name = sourceName(what, cluster.name, config.clusters.length > 1);
      const http = httpSource(settingsOf(name, settings, config.querySeconds, config.proxy));
      open.push(http);
      return http;
    },
    close: async (): Promise<void> => {
      await Promise.all(open.map((http) => http.close()));
    },
  };
};

/** The back ends that a triage asks about one cluster. */
export const openHttp = (config: Config, cluster: ClusterConfig): ClusterHttp & { readonly close: () => Promise<void> } => {
  const { source, close } = opener(config, cluster);
  return { metrics: source('Prometheus', cluster.prometheus), rules: source('Alert rules', cluster.rules), close };
};

const clusterSources = (config: Config, cluster: ClusterConfig, hooks: SourceHooks): Sources => {
  const { source, close } = opener(config, cluster);
  const metrics = source('Prometheus', cluster.prometheus);
  const rules = source('Alert rules', cluster.rules);
  const alertmanager = cluster.alertmanager === null ? null : source('Alertmanager', cluster.alertmanager);
  return {
    match: cluster.match,
    cluster: clusterOver({ ...cluster, querySeconds: config.querySeconds }, { metrics, rules }, hooks),
    alerts: alertmanager === null ? null : alertmanagerApi(alertmanager),
    aboutMetrics: metricsAbout(metrics, hooks.clock),
    aboutAlertmanager: alertmanager === null ? null : alertmanagerAbout(alertmanager),
    close,
  };
};

export const openSources = (config: Config, hooks: SourceHooks): readonly Sources[] =>
  config.clusters.map((cluster) => clusterSources(config, cluster, hooks));

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
