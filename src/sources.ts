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

export type SourceHooks = {
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

/** Source of one cluster; with several clusters its name says which. */
const clusterSources = (config: Config, cluster: ClusterConfig, hooks: SourceHooks): Sources => {
  const suffix = config.clusters.length > 1 ? ` (${cluster.name})` : '';
  const open: HttpSource[] = [];
  const source = (name: string, settings: SourceConfig): HttpSource => {
    const http = httpSource(settingsOf(`${name}${suffix}`, settings, config.querySeconds, config.proxy));
    open.push(http);
    return http;
  };
  const metrics = source('Prometheus', cluster.prometheus);
  const alertmanager = cluster.alertmanager === null ? null : source('Alertmanager', cluster.alertmanager);
  const options = { pinned: cluster.pinned, concurrency: 8, maxSeries: 50_000, queryTimeoutSeconds: config.querySeconds };
  return {
    match: cluster.match,
    cluster: {
      name: cluster.name,
      dialect: renamed(dialects[cluster.mesh], cluster.renames),
      metrics: prometheus(metrics, {
        ...options,
        onQuery: (samples, seconds, isOk) => hooks.onQuery(metrics.name, samples, seconds, isOk),
      }),
      rules: prometheusRules(source('Alert rules', cluster.rules), hooks.clock),
      deadlineMs: config.querySeconds * 1000,
    },
    alerts: alertmanager === null ? null : alertmanagerApi(alertmanager),
    aboutMetrics: metricsAbout(metrics, hooks.clock),
    aboutAlertmanager: alertmanager === null ? null : alertmanagerAbout(alertmanager),
    close: async () => {
      await Promise.all(open.map((http) => http.close()));
    },
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
  (config: Pick<Config, 'clusterLabel'>, sources: readonly Sources[]) =>
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
