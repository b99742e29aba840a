import { slackTransport } from './adapters/http/slack-transport.ts';
import { slackCalls } from './adapters/slack/calls.ts';
import { classify } from './adapters/slack/classify.ts';
import { slackWeb } from './adapters/slack/web.ts';
import { systemClock } from './adapters/system/clock.ts';
import type { Config } from './config.ts';
import type { Gathered } from './domain/gathered.ts';
import { selector } from './domain/promql.ts';
import { gather } from './gather.ts';
import type { Answer, Sample } from './ports.ts';
import { openSources, type Sources } from './sources.ts';

/** One thing that was looked at. */
export type Finding = { readonly mark: 'ok' | 'warning' | 'failure'; readonly text: string; readonly advice: string | null };

const ok = (text: string): Finding => ({ mark: 'ok', text, advice: null });
const warning = (text: string, advice: string): Finding => ({ mark: 'warning', text, advice });
const failure = (text: string, advice: string): Finding => ({ mark: 'failure', text, advice });

type Instant = Gathered<Answer<readonly Sample[]>>;

const count = (answer: Instant): number => (answer.ok ? (answer.value.value[0]?.value ?? 0) : 0);

/** Metrics and labels that the queries need, and those that make the answers better. */
const metricsOf = async ({ cluster }: Sources): Promise<readonly Finding[]> => {
  const { metrics, dialect, name } = cluster;
  const nowMs = systemClock.nowMs();
  const instant = (promql: string): Promise<Instant> =>
    gather(promql, metrics.name, 10_000, (ask) => metrics.instant(promql, nowMs, ask));
  const reach = await instant('vector(1)');
  if (!reach.ok)
    return [failure(`${metrics.name}: ${reach.gap.detail}`, 'Check PROMETHEUS_URL, its credentials and its certificate')];
  const counted = async (metric: string): Promise<number> => count(await instant(`count(${selector(metric, [])})`));
  const { views, metrics: names } = dialect;
  const [requests, buckets, caller, callee, doubled, cluster_, kube, pilot] = await Promise.all([
    counted(names.requests),
    counted(names.durationBucket),
    instant(`count(${selector(names.requests, views.caller.matchers)})`).then(count),
    instant(`count(${selector(names.requests, views.callee.matchers)})`).then(count),
    instant(
      `count(count by (pod) (count by (pod, job) (${selector(names.requests, [{ label: 'pod', op: '!=', value: '' }])})) > 1)`,
    ).then(count),
    instant('count(envoy_cluster_upstream_cx_active{cluster_name=~"outbound.*"})').then(count),
    counted('kube_replicaset_created'),
    counted('pilot_k8s_cfg_events'),
  ]);
  const missing = (found: number, what: string, isNeeded: boolean, advice: string): Finding =>
    found > 0
      ? ok(`${name}: ${what}: ${found} series`)
      : isNeeded
        ? failure(`${name}: ${what}: none`, advice)
        : warning(`${name}: ${what}: none`, advice);
  return [
    ok(`${metrics.name} answers`),
    missing(
      requests,
      names.requests,
      true,
      'Scrape the proxies (manifests/prometheus/podmonitor.yaml), or set MESH or the metric names',
    ),
    missing(buckets, names.durationBucket, true, 'Without the buckets there is no latency; a scrape filter may drop them'),
    missing(caller, "the caller's reporter", false, 'Failures that never arrive (UH, UF, UO, NR) are only counted there'),
    missing(callee, "the callee's reporter", false, 'Without it nobody can say on which side a failure is'),
    doubled > 0
      ? warning(
          `${name}: ${doubled} pods are scraped by two jobs`,
          'Every sum is doubled: pin one job by `matchers` in CONFIG_FILE',
        )
      : ok(`${name}: no pod is scraped twice`),
    missing(
      cluster_,
      'Envoy cluster statistics of application clusters',
      false,
      'Istio hides them; manifests/istio/proxy-stats-matcher.yaml shows overflow, retries, ejections and TLS failures',
    ),
    missing(kube, 'kube-state-metrics', false, 'Without it rollouts and restarts cannot be named'),
    missing(pilot, "istiod's own metrics", false, 'Without them configuration changes cannot be named'),
  ];
};

const rulesOf = async ({ cluster }: Sources): Promise<readonly Finding[]> => {
  const { rules } = cluster;
  if (rules === null) return [];
  const answer = await gather('alert rules', rules.name, 10_000, (ask) => rules.alerting(ask));
  if (!answer.ok)
    return [
      warning(
        `${rules.name}: ${answer.gap.detail}`,
        'Set RULES_URL; alerts whose address holds no expression cannot be located without it',
      ),
    ];
  return answer.value.length > 0
    ? [ok(`${rules.name}: ${answer.value.length} rules`)]
    : [warning(`${rules.name}: no alert rules`, 'manifests/prometheus/mesh-rules.yaml holds good ones')];
};

const alertmanagerOf = async ({ cluster, alerts }: Sources): Promise<readonly Finding[]> => {
  if (alerts === null)
    return [warning(`${cluster.name}: ALERTMANAGER_URL is not set`, 'Without it nobody notices that an alert was silenced')];
  const answer = await gather('alerts', alerts.name, 10_000, (ask) => alerts.active(ask));
  return [
    answer.ok
      ? ok(`${alerts.name}: ${answer.value.length} alerts now`)
      : failure(`${alerts.name}: ${answer.gap.detail}`, 'Check ALERTMANAGER_URL'),
  ];
};

const neededScopes = ['chat:write', 'commands', 'files:write', 'files:read', 'channels:read'] as const;
const betterScopes = ['channels:history', 'groups:history', 'channels:join', 'groups:read'] as const;

const slackOf = async (config: Config): Promise<readonly Finding[]> => {
  if (config.slack.botToken === '')
    return [
      warning('Slack: SLACK_BOT_TOKEN is not set', 'Needed by `edgewise serve`; manifests/slack/socket-mode.yaml makes the app'),
    ];
  const web = slackWeb({
    token: config.slack.botToken,
    apiUrl: config.slack.apiUrl,
    fetch: slackTransport({ proxy: config.proxy }).fetch,
  });
  try {
    const test = await web.auth.test();
    const scopes: readonly string[] = test.response_metadata?.scopes ?? [];
    const lacking = (wanted: readonly string[]): readonly string[] =>
      scopes.length === 0 ? [] : wanted.filter((scope) => !scopes.includes(scope));
    const calls = slackCalls(web, systemClock, { onCall: () => undefined, onWait: () => undefined });
    const listed = await calls
      .call('conversations.list', { types: 'public_channel,private_channel', exclude_archived: true, limit: 1000 })
      .catch(() => null);
    const channels = (listed?.['channels'] ?? []) as readonly {
      readonly id: string;
      readonly name: string;
      readonly is_member?: boolean;
    }[];
    const wanted = [
      config.slack.channel,
      ...(config.slack.pictureChannel === null ? [] : [config.slack.pictureChannel]),
      ...config.routing.rules.map(({ channel }) => channel),
    ].filter((channel) => channel !== '');
    return [
      ok(`Slack: ${String(test.user)} in ${String(test.team)}`),
      ...(lacking(neededScopes).length > 0
        ? [failure(`Slack: scopes missing: ${lacking(neededScopes).join(', ')}`, 'Add them to the app and install it again')]
        : [ok('Slack: scopes that are needed')]),
      ...(lacking(betterScopes).length > 0
        ? [
            warning(
              `Slack: scopes missing: ${lacking(betterScopes).join(', ')}`,
              'Without history a message may be posted twice after a timeout; without join it must be invited',
            ),
          ]
        : []),
      ...[...new Set(wanted)].map((channel): Finding => {
        const found = channels.find(({ id, name }) => id === channel || name === channel.replace(/^#/, ''));
        if (!found) return failure(`Slack: no channel ${channel}`, 'Create it, or invite the bot when it is private');
        return found.is_member
          ? ok(`Slack: in ${channel}`)
          : warning(`Slack: not in ${channel}`, `It joins when it first posts, or invite it: /invite @edgewise`);
      }),
      config.slack.appToken === null
        ? warning('Slack: SLACK_APP_TOKEN is not set', 'Without it there are no slash commands')
        : ok('Slack: an app-level token is set'),
    ];
  } catch (error) {
    const found = classify(error);
    return [failure(`Slack: ${'why' in found ? found.why : found.kind}`, 'Check SLACK_BOT_TOKEN, SLACK_API_URL and the proxy')];
  }
};

/** Looks at everything that is configured; each line says what to do. */
export const doctor = async (config: Config): Promise<readonly Finding[]> => {
  const sources = openSources(config, { clock: systemClock, onQuery: () => undefined });
  try {
    const perCluster = await Promise.all(
      sources.map(async (one) => [...(await metricsOf(one)), ...(await rulesOf(one)), ...(await alertmanagerOf(one))]),
    );
    return [...perCluster.flat(), ...(await slackOf(config))];
  } finally {
    await Promise.all(sources.map(({ close }) => close()));
  }
};
