import type { Routing } from '../domain/routing.ts';
import { type FileConfig, labelTest, matcherOf } from './file.ts';
import type { ClusterConfig, Config, SourceConfig } from './shape.ts';

/** Checked values by the name of their setting. */
export type Values = ReadonlyMap<string, unknown>;
export type Environment = Readonly<Record<string, string | undefined>>;
type Listener = Config['operations'];

const sourceFrom = (values: Values, name: string): SourceConfig | null => {
  const read = (part: string): string | undefined => values.get(`${name}_${part}`) as string | undefined;
  const url = read('URL');
  if (url === undefined) return null;
  const optional = {
    bearerToken: read('BEARER_TOKEN'),
    username: read('USERNAME'),
    password: read('PASSWORD'),
    tenant: read('TENANT'),
    caFile: read('CA_FILE'),
    certFile: read('CERT_FILE'),
    keyFile: read('KEY_FILE'),
  };
  return {
    url,
    ...(Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)) as Partial<SourceConfig>),
  };
};

const clustersFrom = (values: Values, file: FileConfig | null): readonly ClusterConfig[] => {
  if (file?.clusters) {
    return file.clusters.map(({ name, match, mesh, prometheus, rules, alertmanager, matchers, metrics, labels }) => ({
      name,
      match: match ?? name,
      mesh,
      prometheus,
      rules: rules ?? prometheus,
      alertmanager: alertmanager ?? null,
      pinned: matchers.map(matcherOf),
      renames: { metrics, labels },
    }));
  }
  const prometheus = sourceFrom(values, 'PROMETHEUS');
  if (prometheus === null) return [];
  const name = String(values.get('CLUSTER'));
  return [
    {
      name,
      match: name,
      mesh: values.get('MESH') as 'istio',
      prometheus,
      rules: sourceFrom(values, 'RULES') ?? prometheus,
      alertmanager: sourceFrom(values, 'ALERTMANAGER'),
      pinned: [],
      renames: { metrics: {}, labels: {} },
    },
  ];
};

const routingFrom = (values: Values, file: FileConfig | null): Routing => ({
  rules: (file?.routing?.rules ?? []).map(({ matchers, channel, mention }) => ({
    matches: labelTest(matchers),
    channel,
    mention: mention ?? null,
  })),
  allowedChannels: file?.routing?.allowedChannels ?? [],
  owners: (file?.owners ?? []).map(({ namespace, service, name, channel }) => ({
    namespace,
    service: service ?? null,
    name,
    channel: channel ?? null,
  })),
  defaultChannel: String(values.get('SLACK_CHANNEL') ?? ''),
  mentions: Object.fromEntries(
    Object.entries(file?.routing?.mentions ?? {}).filter(([, mention]) => mention !== undefined),
  ) as Routing['mentions'],
});

/** One typed object from values and file. */
export const assemble = (values: Values, file: FileConfig | null, env: Environment, secrets: readonly string[]): Config => {
  const text = (name: string): string | null => (values.get(name) as string | undefined) ?? null;
  const list = (name: string): readonly string[] => (values.get(name) as readonly string[] | undefined) ?? [];
  const [certFile, keyFile, database] = [text('TLS_CERT_FILE'), text('TLS_KEY_FILE'), text('DATABASE_URL')];
  return {
    clusters: clustersFrom(values, file),
    clusterLabel: String(values.get('CLUSTER_LABEL')),
    querySeconds: Number(values.get('QUERY_SECONDS')),
    slack: {
      botToken: text('SLACK_BOT_TOKEN') ?? '',
      appToken: text('SLACK_APP_TOKEN'),
      channel: text('SLACK_CHANNEL') ?? '',
      pictureChannel: text('SLACK_PICTURE_CHANNEL'),
      apiUrl: String(values.get('SLACK_API_URL')),
      workspace: String(values.get('WORKSPACE')),
    },
    webhook: {
      listen: values.get('LISTEN') as Listener,
      bearer: list('WEBHOOK_TOKENS'),
      basic: list('WEBHOOK_BASIC'),
      tls: certFile !== null && keyFile !== null ? { certFile, keyFile } : null,
      trustedProxies: list('TRUSTED_PROXIES'),
      maxBodyBytes: Number(values.get('MAX_BODY_BYTES')),
    },
    operations: values.get('OPS_LISTEN') as Listener,
    database: database === null ? null : { url: database, caFile: text('DATABASE_CA_FILE') },
    dataDir: String(values.get('DATA_DIR')),
    links: {
      grafanaUrl: text('GRAFANA_URL'),
      serviceDashboardUid: text('GRAFANA_SERVICE_DASHBOARD'),
      kialiUrl: text('KIALI_URL'),
      hosts: [...list('LINK_HOSTS'), ...(file?.linkHosts ?? [])],
    },
    routing: routingFrom(values, file),
    timeZone: String(values.get('TIME_ZONE')),
    logLevel: values.get('LOG_LEVEL') as Config['logLevel'],
    hasPictures: values.get('PICTURES') === true,
    proxy: {
      httpProxy: env['HTTP_PROXY'] ?? env['http_proxy'] ?? null,
      httpsProxy: env['HTTPS_PROXY'] ?? env['https_proxy'] ?? null,
      noProxy: env['NO_PROXY'] ?? env['no_proxy'] ?? null,
    },
    secrets,
  };
};
