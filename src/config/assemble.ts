import type { NamedHistogram } from '../domain/exemplar.ts';
import { type Roles, usualRoles } from '../domain/roles.ts';
import type { Routing } from '../domain/routing.ts';
import type { Command } from './entry.ts';
import type { FileConfig, FileTraces } from './file.ts';
import { labelTest, matcherOf } from './matchers.ts';
import { sloSettingsFrom } from './objectives.ts';
import type { ClusterConfig, Config, SlackInbound, SlackInstalls, SourceConfig, TracesConfig } from './shape.ts';
import { type Environment, given, type Values } from './values.ts';

type Listener = Config['operations'];

/** Of commands that do not listen. */
const nowhere: Listener = { host: '127.0.0.1', port: 0 };

const sourceFrom = (values: Values, name: string, env: Environment): SourceConfig | null => {
  const read = (part: string): string | undefined => values.get(`${name}_${part}`) as string | undefined;
  const url = read('URL');
  if (url === undefined) return null;
  // A secret from a file stays a file: it may rotate while we run.
  const [tokenFile, passwordFile] = [given(env, `${name}_BEARER_TOKEN_FILE`), given(env, `${name}_PASSWORD_FILE`)];
  const optional = {
    ...(tokenFile === null ? { bearerToken: read('BEARER_TOKEN') } : { bearerTokenFile: tokenFile }),
    username: read('USERNAME'),
    ...(passwordFile === null ? { password: read('PASSWORD') } : { passwordFile }),
    tenant: read('TENANT'),
    caFile: read('CA_FILE'),
    certFile: read('CERT_FILE'),
    keyFile: read('KEY_FILE'),
    serverName: read('SERVER_NAME'),
  };
  return {
    url,
    ...(Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)) as Partial<SourceConfig>),
  };
};

const ratioOf = (percent: number | undefined): number | null => (percent === undefined ? null : percent / 100);

const tracesFrom = (values: Values, env: Environment): TracesConfig | null => {
  const source = sourceFrom(values, 'TRACES', env);
  if (source === null) return null;
  const text = (name: string): string | null => (values.get(name) as string | undefined) ?? null;
  return {
    source,
    store: values.get('TRACES_STORE') as TracesConfig['store'],
    ui: text('TRACES_UI_URL'),
    grafanaDatasource: text('TRACES_GRAFANA_DATASOURCE'),
    samplingRatio: ratioOf(values.get('TRACES_SAMPLING_PERCENT') as number | undefined),
  };
};

const tracesIn = (traces: FileTraces | undefined): TracesConfig | null => {
  if (traces === undefined) return null;
  const { store, ui, grafanaDatasource, samplingPercent, ...source } = traces;
  return {
    source,
    store,
    ui: ui ?? null,
    grafanaDatasource: grafanaDatasource ?? null,
    samplingRatio: ratioOf(samplingPercent),
  };
};

const clustersIn = (clusters: NonNullable<FileConfig['clusters']>): readonly ClusterConfig[] =>
  clusters.map(({ name, match, mesh, prometheus, rules, alertmanager, traces, matchers, metrics, labels }) => ({
    name,
    match: match ?? name,
    mesh,
    prometheus,
    rules: rules ?? prometheus,
    alertmanager: alertmanager ?? null,
    traces: tracesIn(traces),
    pinned: matchers.map(matcherOf),
    renames: { metrics, labels },
  }));

const clustersFrom = (values: Values, file: FileConfig | null, env: Environment, command: Command): readonly ClusterConfig[] => {
  if (file?.clusters) return clustersIn(file.clusters);
  const rules = sourceFrom(values, 'RULES', env);
  const traces = tracesFrom(values, env);
  // `edgewise rules` and `edgewise trace` go without Prometheus, and ask nothing but the rules or the traces.
  const instead = command === 'rules' ? rules : command === 'trace' ? (traces?.source ?? null) : null;
  const prometheus = sourceFrom(values, 'PROMETHEUS', env) ?? instead;
  if (prometheus === null) return [];
  const name = String(values.get('CLUSTER'));
  return [
    {
      name,
      match: name,
      mesh: values.get('MESH') as 'istio',
      prometheus,
      rules: rules ?? prometheus,
      alertmanager: sourceFrom(values, 'ALERTMANAGER', env),
      traces,
      pinned: [],
      renames: { metrics: {}, labels: {} },
    },
  ];
};

const defaultChannel = (values: Values, file: FileConfig | null): string =>
  String(values.get('SLACK_CHANNEL') ?? file?.routing?.default ?? '');

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
  defaultChannel: defaultChannel(values, file),
  mentions: Object.fromEntries(
    Object.entries(file?.routing?.mentions ?? {}).filter(([, mention]) => mention !== undefined),
  ) as Routing['mentions'],
});

const rolesFrom = (file: FileConfig | null): Roles => ({
  acknowledge: file?.roles?.acknowledge ?? usualRoles.acknowledge,
  silence: file?.roles?.silence ?? usualRoles.silence,
  digest: file?.roles?.digest ?? usualRoles.digest,
});

const unitOf = (metric: string): NamedHistogram['unit'] => (/_(milliseconds|ms)$/.test(metric) ? 'milliseconds' : 'seconds');

const exemplarMetricsIn = (file: FileConfig | null): readonly NamedHistogram[] =>
  (file?.exemplars ?? []).map(({ metric: name, unit, caller, callee, errors }) => {
    const metric = name.replace(/_bucket$/, '');
    return { metric, unit: unit ?? unitOf(metric), caller, callee, errors: errors ?? null };
  });

/** Socket Mode where its token is set, unless it is said otherwise; a mode without its secret is a mistake told elsewhere. */
const inboundFrom = (values: Values): SlackInbound => {
  const text = (name: string): string | null => (values.get(name) as string | undefined) ?? null;
  const [appToken, signingSecret] = [text('SLACK_APP_TOKEN'), text('SLACK_SIGNING_SECRET')];
  if (text('SLACK_MODE') === 'http')
    return signingSecret === null ? null : { kind: 'http', signingSecret, path: text('SLACK_PATH') ?? '/slack/events' };
  return appToken === null ? null : { kind: 'socket', appToken };
};

/** Without `workspaces` there is one team, and every alert is for it: several without are a mistake told elsewhere. */
const installsFrom = (values: Values, file: FileConfig | null): SlackInstalls | null => {
  const clientId = values.get('SLACK_CLIENT_ID') as string | undefined;
  if (clientId === undefined) return null;
  const list = (name: string): readonly string[] => (values.get(name) as readonly string[] | undefined) ?? [];
  const teams = [...new Set(list('SLACK_TEAMS'))];
  const rules = file?.workspaces ?? teams.slice(0, 1).map((team) => ({ team, match: [], channel: undefined }));
  return {
    clientId,
    clientSecret: String(values.get('SLACK_CLIENT_SECRET') ?? ''),
    tokensKeys: list('SLACK_TOKENS_KEY').map((key) => new Uint8Array(Buffer.from(key, 'base64'))),
    teams,
    workspaces: rules.map(({ team, match, channel }) => ({ team, matches: labelTest(match), channel: channel ?? null })),
  };
};

const slackFrom = (values: Values, file: FileConfig | null): Config['slack'] => {
  const text = (name: string): string | null => (values.get(name) as string | undefined) ?? null;
  return {
    botToken: text('SLACK_BOT_TOKEN') ?? '',
    installs: installsFrom(values, file),
    appToken: text('SLACK_APP_TOKEN'),
    inbound: inboundFrom(values),
    channel: defaultChannel(values, file),
    channelBudget: Number(values.get('CHANNEL_BUDGET') ?? 0),
    pictureChannel: text('SLACK_PICTURE_CHANNEL'),
    apiUrl: text('SLACK_API_URL') ?? 'https://slack.com/api/',
    caFile: text('SLACK_CA_FILE'),
    workspace: text('WORKSPACE') ?? 'default',
    showsStrangers: text('SLACK_SHARED_CHANNELS') === 'full',
  };
};

/** One typed object from values and file. */
export const assemble = (
  values: Values,
  file: FileConfig | null,
  env: Environment,
  command: Command,
  secrets: readonly string[],
): Omit<Config, 'objectives'> => {
  const text = (name: string): string | null => (values.get(name) as string | undefined) ?? null;
  const list = (name: string): readonly string[] => (values.get(name) as readonly string[] | undefined) ?? [];
  const [certFile, keyFile, database] = [text('TLS_CERT_FILE'), text('TLS_KEY_FILE'), text('DATABASE_URL')];
  return {
    clusters: clustersFrom(values, file, env, command),
    clusterLabel: String(values.get('CLUSTER_LABEL')),
    querySeconds: Number(values.get('QUERY_SECONDS')),
    tracesSeconds: Number(values.get('TRACES_SECONDS')),
    exemplarMetrics: exemplarMetricsIn(file),
    exemplarLabels: (values.get('EXEMPLAR_LABELS') as readonly string[] | undefined) ?? null,
    slack: slackFrom(values, file),
    webhook: {
      listen: (values.get('LISTEN') as Listener | undefined) ?? nowhere,
      bearer: list('WEBHOOK_TOKENS'),
      basic: list('WEBHOOK_BASIC'),
      tls: certFile !== null && keyFile !== null ? { certFile, keyFile } : null,
      trustedProxies: list('TRUSTED_PROXIES'),
      maxBodyBytes: Number(values.get('MAX_BODY_BYTES') ?? 0),
    },
    operations: (values.get('OPS_LISTEN') as Listener | undefined) ?? nowhere,
    database: database === null ? null : { url: database, caFile: text('DATABASE_CA_FILE') },
    dataDir: text('DATA_DIR') ?? '',
    links: {
      grafanaUrl: text('GRAFANA_URL'),
      serviceDashboardUid: text('GRAFANA_SERVICE_DASHBOARD'),
      kialiUrl: text('KIALI_URL'),
      hosts: [...list('LINK_HOSTS'), ...(file?.linkHosts ?? [])],
    },
    later: { kubernetesUrl: text('KUBERNETES_URL') },
    routing: routingFrom(values, file),
    roles: rolesFrom(file),
    silences: { isAllowed: values.get('SILENCES') === 'on', mostSeconds: Number(values.get('SILENCE_MAX') ?? 0) },
    timeZone: String(values.get('TIME_ZONE')),
    logLevel: values.get('LOG_LEVEL') as Config['logLevel'],
    hasPictures: values.get('PICTURES') === true,
    proxy: { httpProxy: text('HTTP_PROXY'), httpsProxy: text('HTTPS_PROXY'), noProxy: text('NO_PROXY') },
    sloSettings: sloSettingsFrom(values, file),
    secrets,
  };
};
