import { alertmanagerApi } from './adapters/alertmanager/alerts-source.ts';
import { type HttpSource, httpSource, type ProxySettings, type SourceSettings } from './adapters/http/client.ts';
import { prometheus } from './adapters/prometheus/metrics-source.ts';
import { prometheusRules } from './adapters/prometheus/rules-source.ts';
import type { ClusterConfig, Config, SourceConfig } from './config.ts';
import { dialects, renamed } from './dialects/index.ts';
import type { Cluster } from './inquiry.ts';
import type { AlertsSource, Clock } from './ports.ts';

/** One cluster with everything that can be asked about it. */
export type Sources = {
  readonly cluster: Cluster;
  readonly match: string;
  readonly alerts: AlertsSource | null;
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
    alerts: cluster.alertmanager === null ? null : alertmanagerApi(source('Alertmanager', cluster.alertmanager)),
    close: async () => {
      await Promise.all(open.map((http) => http.close()));
    },
  };
};

export const openSources = (config: Config, hooks: SourceHooks): readonly Sources[] =>
  config.clusters.map((cluster) => clusterSources(config, cluster, hooks));
