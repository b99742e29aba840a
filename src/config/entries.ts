import { z } from 'zod';
import { peopleEntries } from './entries-people.ts';
import { type Entry, type Extra, everyCommand, groupOf } from './entry.ts';
import {
  address,
  file,
  flag,
  hosts,
  labels,
  like,
  listener,
  number,
  oneOf,
  pairs,
  proxy,
  ranges,
  text,
  tokens,
  zone,
} from './kinds.ts';
import { dataSource } from './patterns.ts';
import { slackEntries } from './slack-entries.ts';
import { sloEntries } from './slo-entries.ts';

const sources = groupOf('Sources of the one cluster (several clusters: CONFIG_FILE)');
const receiving = groupOf('Receiving alerts', ['serve']);
const storing = groupOf('Store', ['serve', 'doctor', 'feedback']);
const network = groupOf('Network');
const rest = groupOf('Everything else');
const secret = { isSecret: true } as const;

/** Address, credentials and TLS of one source. */
const source = (
  name: string,
  example: string,
  says: string,
  extra: Extra = {},
  tenantHeader = 'X-Scope-OrgID header',
): readonly Entry[] => [
  sources(`${name}_URL`, address, example, says, extra),
  sources(
    `${name}_BEARER_TOKEN`,
    text('a token'),
    'eyJhbGciOi…',
    `Bearer token for ${name}_URL; its file is read again when it changes`,
    secret,
  ),
  sources(`${name}_USERNAME`, text('a user name'), 'edgewise', `Basic authentication for ${name}_URL`),
  sources(
    `${name}_PASSWORD`,
    text('a password'),
    '…',
    `Password for ${name}_USERNAME; its file is read again when it changes`,
    secret,
  ),
  sources(`${name}_TENANT`, like(/^[\w.!*'()|-]{1,150}$/, 'a tenant'), 'team-a', `${tenantHeader} for ${name}_URL`),
  sources(`${name}_CA_FILE`, file, '/etc/edgewise/ca.pem', `Certificate authority of ${name}_URL, beside the system's`),
  sources(
    `${name}_CERT_FILE`,
    file,
    '/etc/edgewise/client.pem',
    `Client certificate for ${name}_URL; read again when it changes`,
  ),
  sources(`${name}_KEY_FILE`, file, '/etc/edgewise/client-key.pem', `Key of ${name}_CERT_FILE`),
  sources(
    `${name}_SERVER_NAME`,
    like(/^[a-zA-Z0-9]([a-zA-Z0-9.-]*[a-zA-Z0-9])?$/, 'a host name'),
    'prometheus.example',
    `Name that the certificate of ${name}_URL must prove, where it is not its host`,
  ),
];

/** Every setting there is, in the order of .env.example. */
export const entries: readonly Entry[] = [
  ...source('PROMETHEUS', 'http://prometheus:9090', 'Prometheus, Thanos Query, Mimir or VictoriaMetrics', {
    neededBy: ['serve', 'triage', 'rules', 'ask'],
  }),
  ...source('RULES', 'http://thanos-rule:10902', 'Where the alert rules are read (default: PROMETHEUS_URL)'),
  ...source('ALERTMANAGER', 'http://alertmanager:9093', 'Alertmanager, asked whether an alert is silenced or gone'),
  sources('GRAFANA_URL', address, 'https://grafana.example', 'Grafana, linked from messages'),
  sources(
    'GRAFANA_SERVICE_DASHBOARD',
    like(/^[\w-]{1,40}$/, 'a dashboard UID'),
    '3ce50c812b834468cea4e52a35e02f35',
    'UID of the Istio Service dashboard there',
  ),
  sources('KIALI_URL', address, 'https://kiali.example/kiali', 'Kiali, linked from messages'),
  ...source(
    'TRACES',
    'http://tempo:3200',
    'Jaeger, Tempo or Zipkin, asked for the worst request of an edge; needs TRACES_STORE',
    {},
    'Tenant (Jaeger: x-tenant header, else X-Scope-OrgID)',
  ),
  sources('TRACES_STORE', oneOf('jaeger', 'tempo', 'zipkin'), 'tempo', 'Which of them TRACES_URL is'),
  sources(
    'TRACES_UI_URL',
    address,
    'https://jaeger.example',
    'Where people open traces, linked from messages (default: TRACES_URL); of Tempo the pages of Jaeger before it, where there are any',
  ),
  sources(
    'TRACES_GRAFANA_DATASOURCE',
    like(dataSource.pattern, dataSource.expected),
    'tempo-prod',
    'UID of the Tempo data source in GRAFANA_URL, where people open traces',
  ),
  sources(
    'TRACES_SAMPLING_PERCENT',
    number('a percentage above 0, at most 100', z.number().positive().max(100)),
    '1',
    'How many of its requests the mesh traces, as it is configured (Istio: randomSamplingPercentage): says what it means that no trace is found (default: estimated)',
  ),
  sources(
    'TRACES_SECONDS',
    number('seconds between 0.1 and 60', z.number().min(0.1).max(60)),
    '3',
    'How long one question to the trace store may take before it is a gap',
    { fallback: '3' },
  ),
  sources(
    'EXEMPLAR_LABELS',
    labels,
    'trace_id,traceID',
    'Labels of exemplars that hold the id of a trace, the first that is there (default: the spellings that are known)',
  ),
  sources(
    'KUBERNETES_URL',
    address,
    'https://kubernetes.default.svc',
    'Kubernetes API; accepted now, used from the release with configuration objects on',
  ),
  sources('MESH', oneOf('istio', 'ambient', 'linkerd'), 'istio', 'Which mesh the metrics are of', {
    fallback: 'istio',
    usedBy: [...everyCommand, 'slo'],
  }),
  sources('CLUSTER', text('a name'), 'prod-eu-1', 'Name of the cluster, as messages show it', { fallback: 'default' }),
  sources('CLUSTER_LABEL', like(/^[a-zA-Z_]\w*$/, 'a label name'), 'cluster', 'Alert label that names the cluster', {
    fallback: 'cluster',
  }),
  sources(
    'QUERY_SECONDS',
    number('seconds between 0.1 and 60', z.number().min(0.1).max(60)),
    '5',
    'How long one query may take before it is a gap',
    { fallback: '5' },
  ),
  ...slackEntries,
  receiving('LISTEN', listener, '0.0.0.0:8080', 'Where the webhook listens: POST /webhooks/alertmanager', {
    fallback: '127.0.0.1:8080',
  }),
  receiving('OPS_LISTEN', listener, '0.0.0.0:9091', 'Where /healthz, /readyz and /metrics listen', {
    fallback: '127.0.0.1:9091',
  }),
  receiving(
    'WEBHOOK_TOKENS',
    tokens,
    'n2zq0c7w1m4x8v5b…',
    'Bearer tokens that Alertmanager may show; several for rotation',
    secret,
  ),
  receiving(
    'WEBHOOK_BASIC',
    pairs,
    'alertmanager:k8vd3s9q',
    'Basic credentials that Alertmanager may show; several for rotation',
    secret,
  ),
  receiving('TLS_CERT_FILE', file, '/etc/edgewise/tls.crt', 'Certificate of the webhook; read again when it changes'),
  receiving('TLS_KEY_FILE', file, '/etc/edgewise/tls.key', 'Key of TLS_CERT_FILE'),
  receiving('TRUSTED_PROXIES', ranges, '10.0.0.0/8', 'Proxies whose X-Forwarded headers are believed'),
  receiving(
    'MAX_BODY_BYTES',
    number('a whole number from 1024 to 1073741824', z.number().int().min(1024).max(1_073_741_824)),
    '16777216',
    'Largest webhook body',
    { fallback: '16777216' },
  ),
  storing(
    'DATABASE_URL',
    like(/^postgres(ql)?:\/\/\S+$/, 'postgres://…'),
    'postgres://edgewise@db.example/edgewise',
    'PostgreSQL, for production and several replicas; without it an embedded store in DATA_DIR',
    secret,
  ),
  storing('DATABASE_CA_FILE', file, '/etc/edgewise/db-ca.pem', 'Certificate authority of the database'),
  storing('DATA_DIR', text('a directory on a local disk'), './data', 'Where the embedded store lives', { fallback: './data' }),
  ...peopleEntries,
  ...sloEntries,
  network('HTTPS_PROXY', proxy, 'http://proxy.example:3128', 'Proxy for https addresses, Slack among them'),
  network('HTTP_PROXY', proxy, 'http://proxy.example:3128', 'Proxy for http addresses'),
  network(
    'NO_PROXY',
    text('names, addresses or ranges'),
    '.svc,10.0.0.0/8',
    'What is asked directly: names with their subdomains, .suffix, *.suffix, addresses, CIDR ranges, each with an optional port, or *; this machine always is',
  ),
  network(
    'NODE_EXTRA_CA_CERTS',
    file,
    '/etc/edgewise/ca.pem',
    "Certificate authorities beside the system's, for everything; read by Node at start",
  ),
  rest(
    'CONFIG_FILE',
    text('a YAML file'),
    '/etc/edgewise/edgewise.yaml',
    'Clusters, routing, owners, roles (docs/configuration.md)',
  ),
  rest('TIME_ZONE', zone, 'Europe/Berlin', 'Zone of the clock in messages and pictures', { fallback: 'UTC' }),
  rest('LINK_HOSTS', hosts, 'runbooks.example,.wiki.example', 'Hosts that alert annotations may link to'),
  rest('LOG_LEVEL', oneOf('debug', 'info', 'warn', 'error', 'silent'), 'info', 'Which events are logged', { fallback: 'info' }),
  rest('PICTURES', flag, 'true', 'Whether pictures are drawn', { fallback: 'true' }),
];
