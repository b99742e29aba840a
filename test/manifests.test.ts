import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseAllDocuments, stringify } from 'yaml';
import { appScope, botScopes, groupScope } from '../src/adapters/slack/scopes.ts';
import { promTelemetry } from '../src/adapters/system/telemetry.ts';
import { engineFor } from './support/engine.ts';
import { nowMs } from './support/report.ts';
import { scrapesOf, seriesOf } from './support/seeded-mesh.ts';
import { seededPrometheus } from './support/seeded-prometheus.ts';

const root = resolve(import.meta.dirname, '../manifests');
const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.yaml'))
  .toSorted();
const documents = (file: string): readonly Record<string, unknown>[] =>
  parseAllDocuments(readFileSync(join(root, file), 'utf8')).map((document) => {
    expect(document.errors).toEqual([]);
    return document.toJS();
  });
const rules = ['mesh', 'overflow', 'edgewise'].map((name) => join('prometheus', `${name}-rules.yaml`));
type Rule = {
  readonly alert?: string;
  readonly expr: string;
  readonly labels?: Record<string, string>;
  readonly annotations?: Record<string, string>;
};
const rulesOf = (file: string): readonly Rule[] =>
  (documents(file)[0] as { groups: readonly { rules: readonly Rule[] }[] }).groups.flatMap((group) => group.rules);

describe('the manifests', () => {
  it.each(files)('%s is YAML that names what it is', (file) => {
    expect(documents(file).length).toBeGreaterThan(0);
    if (/^(kubernetes|istio)|podmonitor/.test(file))
      for (const document of documents(file))
        expect(document).toMatchObject({ apiVersion: expect.any(String), kind: expect.any(String), metadata: {} });
  });

  it('give every alert a severity, a summary and a description', () => {
    for (const rule of rules.flatMap(rulesOf).filter(({ alert }) => alert !== undefined))
      expect(rule, rule.alert).toMatchObject({
        labels: { severity: expect.stringMatching(/^(page|warning)$/) },
        annotations: { summary: expect.any(String), description: expect.any(String) },
      });
  });

  it('route every alert about Edgewise past Edgewise', () => {
    for (const rule of rulesOf('prometheus/edgewise-rules.yaml')) expect(rule.labels?.['service']).toBe('edgewise');
  });

  it('ask only for metrics that Edgewise has', async () => {
    const telemetry = promTelemetry();
    const text = await telemetry.exposition();
    for (const { expr } of rulesOf('prometheus/edgewise-rules.yaml'))
      for (const [name] of expr.matchAll(/\bedgewise_\w+/g)) expect(text).toContain(`# TYPE ${name} `);
  });

  it('hold whole objects only, so that `kubectl apply` and a schema validator take every document', () => {
    const whole: Readonly<Record<string, readonly string[]>> = {
      Deployment: ['selector', 'template'],
      Service: ['selector', 'ports'],
      PersistentVolumeClaim: ['accessModes', 'resources'],
      PodMonitor: ['selector', 'podMetricsEndpoints'],
    };
    for (const file of files.filter((name) => /^(kubernetes|istio)|podmonitor/.test(name)))
      for (const { kind, spec = {} } of documents(file))
        expect(Object.keys(spec as object), `${file} ${String(kind)}`).toEqual(
          expect.arrayContaining([...(whole[String(kind)] ?? [])]),
        );
  });

  it('list the same counters for the mesh and for one workload', () => {
    const file = 'istio/proxy-stats-matcher.yaml';
    const [mesh] = documents(file) as unknown as [
      { spec: { meshConfig: { defaultConfig: { proxyStatsMatcher: { inclusionSuffixes: readonly string[] } } } } },
    ];
    const { inclusionSuffixes } = mesh.spec.meshConfig.defaultConfig.proxyStatsMatcher;
    const annotation = /statsInclusionSuffixes: "([^"]+)"/.exec(readFileSync(join(root, file), 'utf8'))?.[1];
    expect(annotation?.split(',')).toEqual(inclusionSuffixes);
    for (const suffix of [
      ...['upstream_cx_overflow', 'upstream_rq_pending_overflow', 'upstream_rq_active_overflow', 'upstream_rq_retry_overflow'],
      'upstream_rq_retry',
      'outlier_detection.ejections_active',
      'outlier_detection.ejections_enforced_total',
      'ssl.connection_error',
      'ssl.fail_verify_error',
    ])
      expect(inclusionSuffixes).toContain(suffix);
  });

  type Shortcut = { readonly name: string; readonly type: string; readonly callback_id: string; readonly description: string };
  type SlackManifest = {
    readonly display_information: { readonly name: string; readonly description: string };
    readonly features: {
      readonly app_home: object;
      readonly shortcuts: readonly Shortcut[];
      readonly slash_commands: readonly { readonly command: string; readonly description: string; readonly url?: string }[];
    };
    readonly oauth_config: { readonly scopes: { readonly bot: readonly string[]; readonly bot_optional: readonly string[] } };
    readonly settings: {
      readonly interactivity: Readonly<Record<string, unknown>>;
      readonly event_subscriptions: { readonly request_url?: string; readonly bot_events: readonly string[] };
      readonly socket_mode_enabled: boolean;
    };
  };
  const slackApp = (file: string): SlackManifest => documents(`slack/${file}.yaml`)[0] as unknown as SlackManifest;

  it.each(['socket-mode', 'http'])('ask Slack for what the app does, and for no more: %s', (file) => {
    const { oauth_config, settings, features, display_information } = slackApp(file);
    expect(oauth_config.scopes.bot.toSorted()).toEqual([
      'channels:history',
      'channels:join',
      'channels:read',
      'chat:write',
      'commands',
      'files:read',
      'files:write',
      'groups:history',
      'groups:read',
      'im:write',
    ]);
    expect(oauth_config.scopes.bot.toSorted()).toEqual(botScopes.toSorted());
    expect(oauth_config.scopes.bot_optional).toEqual([groupScope, appScope]);
    expect(settings.event_subscriptions.bot_events).toEqual(['app_home_opened', 'app_uninstalled', 'tokens_revoked']);
    expect(features.app_home).toEqual({
      home_tab_enabled: true,
      messages_tab_enabled: true,
      messages_tab_read_only_enabled: true,
    });
    expect(features.slash_commands.map(({ command }) => command)).toEqual(['/mesh']);
    expect(features.shortcuts.map(({ type, callback_id }) => [type, callback_id])).toEqual([
      ['message', 'mesh_drill'],
      ['message', 'mesh_ack'],
    ]);
    // Limits of Slack's manifest schema: name 35, description 140; of a shortcut name 24, description 150.
    expect(display_information.name.length).toBeLessThanOrEqual(35);
    expect(display_information.description.length).toBeLessThanOrEqual(140);
    for (const { name, description } of features.shortcuts) {
      expect(name.length).toBeLessThanOrEqual(24);
      expect(description.length).toBeLessThanOrEqual(150);
    }
  });

  it('say why Slack should give each scope', () => {
    for (const file of ['socket-mode', 'http']) {
      const text = readFileSync(join(root, `slack/${file}.yaml`), 'utf8');
      const unexplained = [...text.matchAll(/^ +- (\w+:[\w.]+|commands)$/gm)].map(([, scope]) => scope);
      // The comment above the histories is about both.
      expect(unexplained, file).toEqual(['channels:history', 'groups:history']);
    }
  });

  it('are one app by two ways: by HTTP it has an address for everything that Slack sends, by Socket Mode none', () => {
    const [socket, http] = [slackApp('socket-mode'), slackApp('http')];
    const url = 'https://edgewise.example/slack/events';
    expect(JSON.stringify(socket)).not.toContain('https://');
    expect(http.features.slash_commands.map((command) => command.url)).toEqual([url]);
    expect(http.settings.event_subscriptions.request_url).toBe(url);
    expect(http.settings.interactivity).toEqual({ is_enabled: true, request_url: url });
    expect([socket, http].map(({ settings }) => settings.socket_mode_enabled)).toEqual([true, false]);
    const differs = new Set(['socket_mode_enabled', 'bot_optional']);
    const bare = (app: SlackManifest): unknown =>
      JSON.parse(JSON.stringify(app, (name, value) => (value === url || differs.has(name) ? undefined : value)));
    expect(bare(http)).toEqual(bare(socket));
  });

  it('keep one replica on one disk, without privileges', () => {
    const deployment = documents('kubernetes/edgewise.yaml').find(({ kind }) => kind === 'Deployment');
    expect(deployment).toMatchObject({
      spec: {
        replicas: 1,
        strategy: { type: 'Recreate' },
        template: {
          spec: {
            securityContext: { runAsNonRoot: true },
            containers: [
              {
                livenessProbe: { httpGet: { path: '/healthz' } },
                readinessProbe: { httpGet: { path: '/readyz' } },
                securityContext: {
                  readOnlyRootFilesystem: true,
                  allowPrivilegeEscalation: false,
                  capabilities: { drop: ['ALL'] },
                },
              },
            ],
          },
        },
      },
    });
  });
});

const promtool = await engineFor('promtool');
describe.skipIf(promtool.path === '')(`promtool${promtool.skipped}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'edgewise-rules-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const run = (...words: string[]) => {
    const { status, stdout, stderr } = spawnSync(promtool.path, words, { encoding: 'utf8' });
    return { status, output: `${stdout}${stderr}` };
  };
  const edge = {
    source_workload: 'checkout',
    source_workload_namespace: 'shop',
    destination_service_name: 'payments',
    destination_service_namespace: 'shop',
  };
  const labelText = (labels: Record<string, string>) =>
    `{${Object.entries(labels)
      .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
      .join()}}`;
  const requests = (labels: Record<string, string>, values: string) => ({
    series: `istio_requests_total${labelText({ reporter: 'source', response_code: '200', response_flags: '-', ...edge, ...labels })}`,
    values,
  });
  /** Which alerts of a rule file fire, mostly at 10 minutes, over series of one sample each 15 s, with the labels that name the edge. */
  const fires = (
    name: string,
    file: string,
    series: readonly object[],
    expected: readonly { alert: string; labels: Record<string, string> }[],
    at = '10m',
  ) => {
    const alerts = rulesOf(file).flatMap(({ alert }) => (alert === undefined ? [] : [alert]));
    const test = {
      rule_files: [join(root, file)],
      evaluation_interval: '15s',
      tests: [
        {
          interval: '15s',
          input_series: series,
          alert_rule_test: [],
          promql_expr_test: alerts.map((alert) => ({
            expr: `count by (alertname, severity, source_workload, source_workload_namespace, destination_service_name, destination_service_namespace) (ALERTS{alertname="${alert}",alertstate="firing"})`,
            eval_time: at,
            exp_samples: expected
              .filter((one) => one.alert === alert)
              .map((one) => ({ labels: labelText({ alertname: alert, ...one.labels }), value: 1 })),
          })),
        },
      ],
    };
    const path = join(folder, `${name}.yaml`);
    writeFileSync(path, stringify(test));
    return run('test', 'rules', path);
  };

  it.each(rules)('accepts %s', (file) => {
    expect(run('check', 'rules', join(root, file))).toMatchObject({ status: 0 });
  });

  const page = { ...edge, severity: 'page' };
  const bad = { alert: 'MeshEdgeErrorRatioHigh', labels: page };
  it.each<[string, readonly object[], readonly { alert: string; labels: Record<string, string> }[]]>([
    ['nothing on a healthy mesh', [requests({}, '0+150x60'), requests({ response_code: '503' }, '0+3x60')], []],
    [
      'a failing edge, once, though both ends report it',
      ['source', 'destination'].flatMap((reporter) => [
        requests({ reporter }, '0+150x60'),
        requests({ reporter, response_code: '500' }, '0+15x60'),
      ]),
      [bad],
    ],
    ['gRPC failures that answer 200', [requests({}, '0+150x60'), requests({ grpc_response_status: '14' }, '0+15x60')], [bad]],
    [
      'responses that were cut, though they say 200',
      [requests({}, '0+150x60'), requests({ response_flags: 'UPE' }, '0+15x60')],
      [bad],
    ],
    [
      'nothing when clients leave',
      [requests({}, '0+150x60'), requests({ response_code: '0', response_flags: 'DC' }, '0+30x60')],
      [],
    ],
    ['nothing on a handful of requests', [requests({}, '0+2x60'), requests({ response_code: '503' }, '0+2x60')], []],
    [
      'a caller that finds no endpoint',
      [requests({}, '0+150x60'), requests({ response_code: '503', response_flags: 'UH' }, '0+4x60')],
      [{ alert: 'MeshNoHealthyUpstream', labels: page }],
    ],
    [
      'a caller that cannot connect, also after retries',
      [requests({}, '0+150x60'), requests({ response_code: '503', response_flags: 'URX,UF' }, '0+4x60')],
      [{ alert: 'MeshUpstreamConnectFailure', labels: page }],
    ],
    [
      'a circuit breaker that sheds',
      [requests({}, '0+150x60'), requests({ response_code: '503', response_flags: 'UO' }, '0+4x60')],
      [{ alert: 'MeshCircuitBreakerOpen', labels: page }],
    ],
    [
      'an edge whose requests are refused, by a limit or without a route',
      [requests({}, '0+150x60'), requests({ response_code: '429', response_flags: 'RL' }, '0+10x60')],
      [{ alert: 'MeshEdgeRefused', labels: page }],
    ],
    [
      'an edge whose caller is not allowed',
      ['source', 'destination'].flatMap((reporter) => [
        requests({ reporter }, '0+150x60'),
        requests({ reporter, response_code: '403' }, '0+10x60'),
      ]),
      [{ alert: 'MeshEdgeRefused', labels: page }],
    ],
    ...['URX', 'DI', 'DI,URX', 'RFCF', ''].map((response_flags): [string, readonly object[], readonly (typeof bad)[]] => [
      `an edge whose caller is not allowed, with flags that do not say who answered: ${response_flags === '' ? 'none' : response_flags}`,
      [requests({}, '0+150x60'), requests({ response_code: '401', response_flags }, '0+10x60')],
      [{ alert: 'MeshEdgeRefused', labels: page }],
    ]),
    ...[
      ['403', 'UAEX'],
      ['404', 'NR'],
      ['400', 'IH'],
      ['429', 'RL,URX'],
    ].map(([response_code = '', response_flags = '']): [string, readonly object[], readonly (typeof bad)[]] => [
      `an edge that is refused with ${response_code} ${response_flags}`,
      [requests({}, '0+150x60'), requests({ response_code, response_flags }, '0+10x60')],
      [{ alert: 'MeshEdgeRefused', labels: page }],
    ]),
    [
      'nothing where an abort is injected that says 403',
      [requests({}, '0+150x60'), requests({ response_code: '403', response_flags: 'FI' }, '0+10x60')],
      [],
    ],
    ['nothing on what clients get wrong', [requests({}, '0+150x60'), requests({ response_code: '404' }, '0+50x60')], []],
    [
      'retries that multiply a failure, as well as the failure',
      [
        requests({}, '0+120x60'),
        requests({ response_code: '500', response_flags: 'URX' }, '0+30x60'),
        requests({ reporter: 'destination' }, '0+120x60'),
        requests({ reporter: 'destination', response_code: '500' }, '0+280x60'),
      ],
      [bad, { alert: 'MeshEdgeRetryStorm', labels: { ...edge, severity: 'warning' } }],
    ],
    [
      'nothing where the callee counts more and nothing fails',
      [requests({}, '0+150x60'), requests({ reporter: 'destination' }, '0+400x60')],
      [],
    ],
  ])('sees the mesh rules fire for %s', (name, series, expected) => {
    expect(fires(name.replaceAll(/\W+/g, '-'), 'prometheus/mesh-rules.yaml', series, expected)).toMatchObject({
      status: 0,
      output: expect.any(String),
    });
  });

  const connections = (reporter: string, flags: string, values: string) => ({
    series: `istio_tcp_connections_closed_total${labelText({ reporter, request_protocol: 'tcp', response_flags: flags, ...edge })}`,
    values,
  });
  it.each<[string, readonly object[], readonly { alert: string; labels: Record<string, string> }[]]>([
    [
      'connections that cannot be made',
      [
        connections('source', '-', '0+15x60'),
        connections('source', 'UF,URX', '0+3x60'),
        connections('destination', '-', '0+15x60'),
      ],
      [{ alert: 'MeshTcpConnectionFailures', labels: page }],
    ],
    [
      'nothing on connections that end as they should, or that clients end',
      [connections('source', '-', '0+15x60'), connections('source', 'DC', '0+15x60')],
      [],
    ],
  ])('sees the rule of bare connections fire for %s', (name, series, expected) => {
    expect(fires(name.replaceAll(/\W+/g, '-'), 'prometheus/mesh-rules.yaml', series, expected)).toMatchObject({ status: 0 });
  });

  const vanished = { alert: 'MeshEdgeTrafficVanished', labels: page };
  /** An hour of traffic, then nine minutes of something else, at both ends. */
  const moved = (then: string, callee = then) =>
    [
      ['source', then],
      ['destination', callee],
    ].map(([reporter = '', values]) => requests({ reporter }, `0+30x240 ${values}`));
  it.each<[string, readonly object[], readonly { alert: string; labels: Record<string, string> }[]]>([
    ['traffic that stops', moved('7200x36'), [vanished]],
    ['nothing when it halves', moved('7200+15x36'), []],
    ['nothing when the ends are not scraped any more', moved('stale _x35'), []],
    ['nothing when only the caller is not', moved('stale _x35', '7200+30x36'), []],
    ['traffic that its callee alone still sees stop', moved('stale _x35', '7200x36'), [vanished]],
    ['traffic that surges', moved('7200+300x36'), [{ alert: 'MeshEdgeTrafficSurged', labels: { ...edge, severity: 'warning' } }]],
    ['nothing when it doubles', moved('7200+60x36'), []],
    ['nothing on a new edge', [requests({}, '_x240 0+300x36')], []],
    ['nothing when a new edge stops', [requests({}, '_x200 0+30x40 1200x36')], []],
    [
      'traffic that stops though every pod was new half an hour ago',
      [requests({ pod: 'a' }, '0+30x120 stale'), requests({ pod: 'b' }, '_x120 0+30x120 3600x36')],
      [vanished],
    ],
    [
      'nothing when every pod was new half an hour ago',
      [requests({ pod: 'a' }, '0+30x120 stale'), requests({ pod: 'b' }, '_x120 0+30x160')],
      [],
    ],
  ])('sees the rules of traffic fire for %s', (name, series, expected) => {
    expect(fires(name.replaceAll(/\W+/g, '-'), 'prometheus/mesh-rules.yaml', series, expected, '69m')).toMatchObject({
      status: 0,
    });
  });

  it('sees the latency rule fire for a slow edge only', () => {
    const slow = (service: string, le: string, values: string) => ({
      series: `istio_request_duration_milliseconds_bucket${labelText({ reporter: 'destination', ...edge, destination_service_name: service, le })}`,
      values,
    });
    const count = (service: string) => ({
      series: `istio_request_duration_milliseconds_count${labelText({ reporter: 'destination', ...edge, destination_service_name: service })}`,
      values: '0+100x60',
    });
    const series = [
      ...[
        slow('payments', '1000', '0+90x60'),
        slow('payments', '2500', '0+100x60'),
        slow('payments', '+Inf', '0+100x60'),
        count('payments'),
      ],
      ...[
        slow('catalog', '1000', '0+100x60'),
        slow('catalog', '2500', '0+100x60'),
        slow('catalog', '+Inf', '0+100x60'),
        count('catalog'),
      ],
    ];
    const expected = [{ alert: 'MeshEdgeLatencyHigh', labels: { ...edge, severity: 'warning' } }];
    expect(fires('latency', 'prometheus/mesh-rules.yaml', series, expected)).toMatchObject({ status: 0 });
  });

  it('sees the overflow rule name both ends of the edge from pod and cluster name, only while it rises', () => {
    const overflow = (kind: string, pod: string, host: string, values: string) => ({
      series: `envoy_cluster_upstream_rq_${kind}_overflow${labelText({ pod, namespace: 'shop', cluster_name: `outbound|8080|v1|${host}` })}`,
      values,
    });
    const inside = (name: string) => `${name}.shop.svc.cluster.local`;
    const series = [
      overflow('pending', 'checkout-6f7c9d5b8-x2k4q', inside('payments'), '0x24 0+10x36'),
      overflow('retry', 'checkout-6f7c9d5b8-x2k4q', inside('payments'), '0x24 0+10x36'),
      overflow('retry', 'web-front-7d4b9c6f5d-abcde', inside('cart'), '0x24 0+10x36'),
      overflow('pending', 'web-front-7d4b9c6f5d-abcde', inside('catalog'), '0x24 0x36'),
      overflow('pending', 'web-front-7d4b9c6f5d-abcde', 'api.example.com', '0x24 0+10x36'),
    ];
    const warning = { source_workload_namespace: 'shop', destination_service_namespace: 'shop', severity: 'warning' };
    const expected = [
      { alert: 'MeshOverflowRising', labels: { ...warning, source_workload: 'checkout', destination_service_name: 'payments' } },
      { alert: 'MeshOverflowRising', labels: { ...warning, source_workload: 'web-front', destination_service_name: 'cart' } },
    ];
    expect(fires('overflow', 'prometheus/overflow-rules.yaml', series, expected)).toMatchObject({ status: 0 });
  });

  it('sees the rules about Edgewise fire when it is broken, and stay silent when it is well', () => {
    const instance = { instance: 'a' };
    const gauge = (name: string, values: string, labels: Record<string, string> = instance) => ({
      series: `${name}${labelText(labels)}`,
      values,
    });
    const well = [
      gauge('edgewise_ready', '1x60'),
      gauge('edgewise_queue_oldest_seconds', '2x60'),
      gauge('edgewise_outbox_oldest_seconds', '4x60'),
      gauge('edgewise_last_delivery_timestamp_seconds', '500x60'),
      gauge('edgewise_dead_man_last_seen_timestamp_seconds', '500x60', { ...instance, alertname: 'Watchdog', cluster: 'blue' }),
      gauge('edgewise_deliveries_total', '0+1x60', { ...instance, result: 'accepted' }),
      gauge('edgewise_digests_total', '0 1x60', { ...instance, result: 'told' }),
    ];
    expect(fires('well', 'prometheus/edgewise-rules.yaml', well, [])).toMatchObject({ status: 0 });
    const broken = [
      gauge('edgewise_ready', '0x60'),
      gauge('edgewise_queue_oldest_seconds', '90x60'),
      gauge('edgewise_outbox_oldest_seconds', '400x60'),
      gauge('edgewise_last_delivery_timestamp_seconds', '-1000x60'),
      gauge('edgewise_dead_man_last_seen_timestamp_seconds', '-1000x60', { ...instance, alertname: 'Watchdog', cluster: 'blue' }),
      gauge('edgewise_deliveries_total', '0+1x60', { ...instance, result: 'store-failed' }),
      gauge('edgewise_deliveries_total', '0+1x60', { ...instance, result: 'too-large' }),
      gauge('edgewise_digests_total', '0 1x60', { ...instance, result: 'late' }),
    ];
    const fired = [
      ...['NotReady', 'QueueOld', 'MessageUnsent', 'Silent', 'DeadManSilent'],
      ...['DeliveriesFail', 'DeliveriesRefused', 'DigestMissed'],
    ];
    const severity = (name: string) => (/^D(eliveries|igest)/.test(name) ? 'warning' : 'page');
    const expected = fired.map((name) => ({ alert: `Edgewise${name}`, labels: { severity: severity(name) } }));
    expect(fires('broken', 'prometheus/edgewise-rules.yaml', broken, expected)).toMatchObject({ status: 0 });
    expect(
      fires('absent', 'prometheus/edgewise-rules.yaml', [], [{ alert: 'EdgewiseAbsent', labels: { severity: 'page' } }]),
    ).toMatchObject({ status: 0 });
  });
});

const prometheus = await engineFor('prometheus');
describe.skipIf(prometheus.path === '')(`a real Prometheus${prometheus.skipped}`, () => {
  it('reads a fifth of the hour that the rules of traffic compare with', { timeout: 120_000 }, async () => {
    const everySeconds = 15;
    const times = scrapesOf({ fromMs: nowMs - 2 * 3_600_000, toMs: nowMs, everySeconds });
    const labels = { source_workload_namespace: 'shop', destination_service_namespace: 'shop' };
    const flow = { caller: 'checkout', callee: 'payments', labels, perSecond: () => 5 };
    const { url, stop } = await seededPrometheus(prometheus.path, seriesOf(flow, times));
    try {
      const asked = async (query: string) => {
        const body = new URLSearchParams({ query, time: String(nowMs / 1000), stats: 'all' });
        const answer = (await (await fetch(`${url}/api/v1/query`, { method: 'POST', body })).json()) as {
          readonly data: { readonly result: readonly unknown[]; readonly stats: { samples: { totalQueryableSamples: number } } };
        };
        return { count: answer.data.result.length, samples: answer.data.stats.samples.totalQueryableSamples };
      };
      const { count } = await asked('istio_requests_total');
      expect(count).toBeGreaterThan(0);
      const perHour = (3600 / everySeconds) * count;
      const traffic = rulesOf('prometheus/mesh-rules.yaml').filter(({ alert }) => alert?.startsWith('MeshEdgeTraffic'));
      expect(traffic).toHaveLength(2);
      for (const { alert, expr } of traffic) {
        const { samples } = await asked(expr);
        expect(samples, alert).toBeGreaterThan(0);
        expect(samples, alert).toBeLessThan(perHour / 4);
      }
    } finally {
      await stop();
    }
  });
});

const amtool = await engineFor('amtool');
describe.skipIf(amtool.path === '')(`amtool${amtool.skipped}`, () => {
  const file = join(root, 'alertmanager/receiver.yaml');
  const run = (...words: string[]) => {
    const { status, stdout, stderr } = spawnSync(amtool.path, words, { encoding: 'utf8' });
    return { status, output: `${stdout}${stderr}` };
  };

  it('accepts the configuration', () => {
    expect(run('check-config', file)).toMatchObject({ status: 0 });
  });

  it.each([
    [
      'a mesh alert to Edgewise and to the Slack receiver that was there',
      'edgewise,slack',
      ['alertname=MeshEdgeErrorRatioHigh', 'severity=page'],
    ],
    ['an alert of another team to the Slack receiver alone', 'slack', ['alertname=DiskFull', 'severity=info']],
    [
      "Edgewise's own alerts to the operators alone",
      'operators',
      ['alertname=EdgewiseSilent', 'severity=page', 'service=edgewise'],
    ],
    ['the Watchdog to Edgewise alone', 'edgewise', ['alertname=Watchdog', 'severity=none']],
  ])('routes %s', (_name, receivers, labels) => {
    const { status, output } = run(
      'config',
      'routes',
      'test',
      `--config.file=${file}`,
      `--verify.receivers=${receivers}`,
      ...labels,
    );
    expect({ status, output: output.trim() }).toMatchObject({ status: 0 });
  });
});
