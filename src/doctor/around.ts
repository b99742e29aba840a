import { httpSource } from '../adapters/http/client.ts';
import { probeDirectory, probePostgres } from '../adapters/store/probe.ts';
import type { Config } from '../config.ts';
import { gather } from '../gather.ts';
import type { Sources } from '../sources.ts';
import { cureOf, type Finding, failure, ok, patienceMs, warning } from './finding.ts';

export const rulesFindings = async ({ cluster }: Sources): Promise<readonly Finding[]> => {
  const { rules } = cluster;
  if (rules === null) return [];
  const answer = await gather('alert rules', rules.name, patienceMs, (ask) => rules.alerting(ask));
  if (!answer.ok)
    return [
      warning(
        `${rules.name}: ${answer.gap.detail}`,
        `${cureOf(answer.gap, 'RULES')}. Without them an alert is located only by its labels and by the expression in its own address`,
      ),
    ];
  return answer.value.length > 0
    ? [ok(`${rules.name}: ${answer.value.length} rules; \`edgewise rules\` says how each is located`)]
    : [
        warning(
          `${rules.name}: no alert rules`,
          'manifests/prometheus/mesh-rules.yaml holds good ones; RULES_URL where another program evaluates them',
        ),
      ];
};

export const alertmanagerFindings = async ({ cluster, alerts, aboutAlertmanager }: Sources): Promise<readonly Finding[]> => {
  if (alerts === null || aboutAlertmanager === null)
    return [warning(`${cluster.name}: ALERTMANAGER_URL is not set`, 'Without it nobody notices that an alert was silenced')];
  const [active, about] = await Promise.all([
    gather('alerts', alerts.name, patienceMs, (ask) => alerts.active(ask)),
    gather('about', alerts.name, patienceMs, aboutAlertmanager),
  ]);
  if (!active.ok) return [failure(`${alerts.name}: ${active.gap.detail}`, cureOf(active.gap, 'ALERTMANAGER'))];
  const version = about.ok ? `; its version is ${about.value.version}` : '';
  const sends = about.ok ? about.value.sendsToUs : null;
  const advice = 'manifests/alertmanager/receiver.yaml holds the receiver and its routes';
  return [
    ok(`${alerts.name}: ${active.value.length} alerts now${version}`),
    ...(sends === true ? [ok(`${alerts.name}: a receiver posts to /webhooks/alertmanager`)] : []),
    ...(sends === false ? [warning(`${alerts.name}: no receiver posts to /webhooks/alertmanager`, advice)] : []),
    ...(about.ok && sends === null
      ? [
          ok(
            `${alerts.name}: has a webhook receiver, and hides whether it is Edgewise (metric edgewise_last_delivery_timestamp_seconds tells)`,
          ),
        ]
      : []),
  ];
};

/** Looks without opening: a bot that runs on the same store is not disturbed. */
export const storeFindings = async ({ database, dataDir }: Config): Promise<readonly Finding[]> => {
  if (database !== null) {
    const probe = await gather('store', 'PostgreSQL', patienceMs, () => probePostgres(database));
    if (!probe.ok)
      return [failure(`PostgreSQL: ${probe.gap.detail}`, 'Check DATABASE_URL, DATABASE_CA_FILE, and the rights of its user')];
    const { version, isEncrypted } = probe.value;
    return [
      isEncrypted
        ? ok(`PostgreSQL: answers; its version is ${version}`)
        : warning(
            `PostgreSQL: answers; its version is ${version}; the connection is not encrypted`,
            'Leave sslmode=disable out of DATABASE_URL',
          ),
    ];
  }
  const probe = await gather('store', 'store', patienceMs, () => probeDirectory(dataDir));
  if (!probe.ok)
    return [failure(`store: ${probe.gap.detail}`, 'Set DATA_DIR to a directory on a local disk that this user may write')];
  return [ok(`store: embedded in ${dataDir}${probe.value === 'new' ? ', made at the first start' : ''}; one replica`)];
};

/** Whoever is only linked to, or not used yet: any answer is an answer. */
const reached = async (config: Config, [name, url, path, use]: readonly [string, string, string, string]): Promise<Finding> => {
  const http = httpSource({
    name,
    url,
    headersTimeoutMs: patienceMs,
    bodyTimeoutMs: patienceMs,
    maxBytes: 1_048_576,
    proxy: config.proxy,
  });
  try {
    const answer = await gather(name, name, patienceMs, ({ signal }) => http.request({ path, signal }));
    if (!answer.ok)
      return warning(`${name}: ${answer.gap.detail}`, `${use}. Check its address; where only browsers reach it, this may stay`);
    const { status } = answer.value;
    return status >= 500 ? warning(`${name}: is in trouble (HTTP ${status})`, use) : ok(`${name}: answers (${use})`);
  } finally {
    await http.close();
  }
};

export const linkFindings = (config: Config): Promise<readonly Finding[]> => {
  const { links, later, clusters } = config;
  const pages = new Set(clusters.flatMap(({ traces }) => traces?.ui ?? []));
  const all = [
    ['Grafana', links.grafanaUrl, 'api/health', 'linked from messages'],
    ['Kiali', links.kialiUrl, 'healthz', 'linked from messages'],
    ...[...pages].map((url) => ['Pages of traces', url, '', 'linked from messages'] as const),
    ['Kubernetes', later.kubernetesUrl, 'version', 'not used by this release'],
  ] as const;
  return Promise.all(all.flatMap(([name, url, path, use]) => (url === null ? [] : [reached(config, [name, url, path, use])])));
};
