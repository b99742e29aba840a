import { z } from 'zod';

/** The commands that read settings; each asks only for what it uses. */
export type Command = 'serve' | 'triage' | 'rules' | 'ask' | 'doctor';

/** One setting: everything that is ever said about it stands here (.env.example, mistakes, documentation). */
export type Entry = {
  readonly name: string;
  readonly says: string;
  readonly example: string;
  readonly expected: string;
  readonly schema: z.ZodType;
  readonly fallback: string | null;
  readonly isSecret: boolean;
  /** Commands that cannot do without it. */
  readonly neededBy: readonly Command[];
  readonly group: string;
};

const url = z.url({ protocol: /^https?$/ });
const text = z.string().min(1);
const list = z.string().transform((value) => value.split(/[,\s]+/).filter((item) => item !== ''));
const path = z.string().min(1);
const flag = z.enum(['true', 'false']).transform((value) => value === 'true');
const listener = z
  .string()
  .regex(/^(\[[0-9a-fA-F:]+\]|[^:\s]+):\d{1,5}$/)
  .transform((value) => {
    const at = value.lastIndexOf(':');
    return { host: value.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(value.slice(at + 1)) };
  });
const zone = z.string().refine((value) => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: value });
    return true;
  } catch {
    return false;
  }
});
const database = z.string().regex(/^postgres(ql)?:\/\/\S+$/);

type Extra = Partial<Pick<Entry, 'fallback' | 'isSecret' | 'neededBy'>>;

const entry =
  (group: string) =>
  (name: string, schema: z.ZodType, expected: string, example: string, says: string, extra: Extra = {}): Entry => ({
    group,
    name,
    schema,
    expected,
    example,
    says,
    fallback: null,
    isSecret: false,
    neededBy: [],
    ...extra,
  });

const sources = entry('Sources of the one cluster (several clusters: CONFIG_FILE)');
const slack = entry('Slack');
const receiving = entry('Receiving alerts');
const storing = entry('Store');
const rest = entry('Everything else');
const secret = { isSecret: true } as const;

/** Address, credentials and TLS of one source. */
const source = (name: string, what: string, example: string, extra: Extra = {}): readonly Entry[] => [
  sources(`${name}_URL`, url, 'an http(s) address', example, what, extra),
  sources(`${name}_BEARER_TOKEN`, text, 'a token', 'eyJhbGciOi…', `Bearer token for ${name}_URL`, secret),
  sources(`${name}_USERNAME`, text, 'a user name', 'edgewise', `Basic authentication for ${name}_URL`),
  sources(`${name}_PASSWORD`, text, 'a password', '…', `Password for ${name}_USERNAME`, secret),
  sources(`${name}_TENANT`, text, 'a tenant', 'team-a', `X-Scope-OrgID header for ${name}_URL`),
  sources(
    `${name}_CA_FILE`,
    path,
    'a PEM file',
    '/etc/edgewise/ca.pem',
    `Certificate authority of ${name}_URL, beside the system's`,
  ),
  sources(`${name}_CERT_FILE`, path, 'a PEM file', '/etc/edgewise/client.pem', `Client certificate for ${name}_URL`),
  sources(`${name}_KEY_FILE`, path, 'a PEM file', '/etc/edgewise/client-key.pem', `Key of ${name}_CERT_FILE`),
];

/** Every setting there is, in the order of .env.example. */
export const entries: readonly Entry[] = [
  ...source('PROMETHEUS', 'Prometheus, Thanos Query, Mimir or VictoriaMetrics', 'http://prometheus:9090', {
    neededBy: ['serve', 'triage', 'rules', 'ask', 'doctor'],
  }),
  ...source('RULES', 'Where the alert rules are read (default: PROMETHEUS_URL)', 'http://thanos-rule:10902'),
  ...source('ALERTMANAGER', 'Alertmanager, asked whether an alert is silenced or gone', 'http://alertmanager:9093'),
  sources('GRAFANA_URL', url, 'an http(s) address', 'https://grafana.example', 'Grafana, linked from messages'),
  sources(
    'GRAFANA_SERVICE_DASHBOARD',
    text,
    'a dashboard UID',
    '3ce50c812b834468cea4e52a35e02f35',
    'UID of the Istio Service dashboard there',
  ),
  sources('KIALI_URL', url, 'an http(s) address', 'https://kiali.example/kiali', 'Kiali, linked from messages'),
  sources(
    'TRACES_URL',
    url,
    'an http(s) address',
    'http://tempo:3200',
    'Jaeger, Tempo or Zipkin; accepted now, used from the release with traces on',
  ),
  sources(
    'KUBERNETES_URL',
    url,
    'an http(s) address',
    'https://kubernetes.default.svc',
    'Kubernetes API; accepted now, used from the release with configuration objects on',
  ),
  sources(
    'MESH',
    z.enum(['istio', 'ambient', 'linkerd']),
    'istio, ambient or linkerd',
    'istio',
    'Which mesh the metrics are of',
    { fallback: 'istio' },
  ),
  sources('CLUSTER', text, 'a name', 'prod-eu-1', 'Name of the cluster, as messages show it', { fallback: 'default' }),
  sources('CLUSTER_LABEL', text, 'a label name', 'cluster', 'Alert label that names the cluster', { fallback: 'cluster' }),
  sources(
    'QUERY_SECONDS',
    z.coerce.number().min(0.1).max(60),
    'seconds between 0.1 and 60',
    '5',
    'How long one query may take before it is a gap',
    { fallback: '5' },
  ),
  slack(
    'SLACK_BOT_TOKEN',
    z.string().regex(/^xox[abep]-\S+$/),
    'a bot token, xoxb-…',
    'xoxb-1234-5678-abcdef',
    'Bot token of the installed app',
    { ...secret, neededBy: ['serve'] },
  ),
  slack(
    'SLACK_APP_TOKEN',
    z.string().regex(/^xapp-\S+$/),
    'an app-level token, xapp-…',
    'xapp-1-A012-345-abc',
    'App-level token with connections:write, for slash commands by Socket Mode',
    secret,
  ),
  slack(
    'SLACK_SIGNING_SECRET',
    text,
    'a signing secret',
    '8f742231b10e8888abcd99yyyzzz85a5',
    'Signing secret, for slash commands by HTTP; accepted now, used by HTTP mode',
    secret,
  ),
  slack('SLACK_CHANNEL', text, 'a channel name or id', '#mesh-alerts', 'Where messages go that no route sends elsewhere', {
    neededBy: ['serve'],
  }),
  slack(
    'SLACK_PICTURE_CHANNEL',
    text,
    'a public channel',
    '#edgewise-pictures',
    'Where pictures are shared first, so that a new message can carry its picture',
  ),
  slack('SLACK_API_URL', url, 'an http(s) address', 'https://slack.com/api/', 'Any Slack-compatible API', {
    fallback: 'https://slack.com/api/',
  }),
  slack('WORKSPACE', text, 'a name', 'acme', 'Name of the Slack workspace in the store', { fallback: 'default' }),
  receiving('LISTEN', listener, 'host:port', '0.0.0.0:8080', 'Where the webhook listens: POST /webhooks/alertmanager', {
    fallback: '127.0.0.1:8080',
  }),
  receiving('OPS_LISTEN', listener, 'host:port', '0.0.0.0:9090', 'Where /healthz, /readyz and /metrics listen', {
    fallback: '127.0.0.1:9091',
  }),
  receiving(
    'WEBHOOK_TOKENS',
    list,
    'one or more tokens, by comma or line',
    'n2zq…,k8vd…',
    'Bearer tokens that Alertmanager may show; several for rotation',
    secret,
  ),
  receiving(
    'WEBHOOK_BASIC',
    list,
    'one or more user:password, by comma or line',
    'alertmanager:s3cret',
    'Basic credentials that Alertmanager may show',
    secret,
  ),
  receiving(
    'TLS_CERT_FILE',
    path,
    'a PEM file',
    '/etc/edgewise/tls.crt',
    'Certificate of the webhook; read again when it changes',
  ),
  receiving('TLS_KEY_FILE', path, 'a PEM file', '/etc/edgewise/tls.key', 'Key of TLS_CERT_FILE'),
  receiving(
    'TRUSTED_PROXIES',
    list,
    'addresses or ranges, by comma',
    '10.0.0.0/8',
    'Proxies whose X-Forwarded headers are believed',
  ),
  receiving('MAX_BODY_BYTES', z.coerce.number().int().min(1024), 'a whole number from 1024', '16777216', 'Largest webhook body', {
    fallback: '16777216',
  }),
  storing(
    'DATABASE_URL',
    database,
    'postgres://…',
    'postgres://edgewise@db.example/edgewise',
    'PostgreSQL, for production and several replicas; without it an embedded store in DATA_DIR',
    secret,
  ),
  storing('DATABASE_CA_FILE', path, 'a PEM file', '/etc/edgewise/db-ca.pem', 'Certificate authority of the database'),
  storing('DATA_DIR', path, 'a directory on a local disk', './data', 'Where the embedded store lives', { fallback: './data' }),
  rest('CONFIG_FILE', path, 'a YAML file', '/etc/edgewise/edgewise.yaml', 'Clusters, routing, owners (docs/configuration.md)'),
  rest('TIME_ZONE', zone, 'an IANA zone', 'Europe/Berlin', 'Zone of the clock in messages and pictures', { fallback: 'UTC' }),
  rest('LINK_HOSTS', list, 'host names, by comma', 'runbooks.example,.wiki.example', 'Hosts that alert annotations may link to'),
  rest(
    'LOG_LEVEL',
    z.enum(['debug', 'info', 'warn', 'error', 'silent']),
    'debug, info, warn, error or silent',
    'info',
    'Which events are logged',
    { fallback: 'info' },
  ),
  rest('PICTURES', flag, 'true or false', 'true', 'Whether pictures are drawn', { fallback: 'true' }),
];
