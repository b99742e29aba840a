import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { freePort, startEngine } from '../../src/demo/engine-process.ts';
import { allScopes } from '../../src/workspace/web-api.ts';
import { startWorkspace } from '../../src/workspace/workspace.ts';
import { type Authority, makeAuthority, opensslMissing } from '../adapters/http/openssl.ts';
import { engineFor } from '../support/engine.ts';
import { alertmanagerLike, open, type PrometheusLike, prometheusLike } from './doctor-servers.ts';
import { run } from './run.ts';

let folder: string;
const endings: (() => unknown)[] = [];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'edgewise-doctor-'));
});
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const serve = async (...words: Parameters<typeof open>): Promise<string> => {
  const { url, close } = await open(...words);
  endings.push(close);
  return url;
};
const prometheus = (like: PrometheusLike = {}): Promise<string> => serve(prometheusLike(like));
const doctor = (env: Record<string, string> = {}) => run(['doctor'], { DATA_DIR: join(folder, 'data'), ...env });
/** Nobody listens there. */
const closed = async (): Promise<string> => `http://127.0.0.1:${await freePort()}`;
const patience = { timeout: 120_000 };

/** The mark of the line that says this, and the advice under it. */
const lineWith = (out: string, text: string): { readonly mark: string; readonly advice: string } => {
  const lines = out.split('\n');
  const at = lines.findIndex((line) => line.includes(text));
  expect(at, `${text} in:\n${out}`).toBeGreaterThanOrEqual(0);
  const next = lines[at + 1] ?? '';
  return { mark: (lines[at] ?? '').slice(0, 7).trim(), advice: next.startsWith('         → ') ? next.slice(11) : '' };
};
const saying = (...words: readonly string[]) => expect.stringMatching(new RegExp(words.join('.*')));

describe('edgewise doctor', () => {
  it('says what to set when nothing is set, and ends with 1', patience, async () => {
    const { status, out, err } = await doctor();
    expect({ status, err }).toEqual({ status: 1, err: '' });
    expect(lineWith(out, 'no cluster is configured')).toEqual({
      mark: 'FAILURE',
      advice: saying('PROMETHEUS_URL', 'CONFIG_FILE'),
    });
    expect(lineWith(out, 'SLACK_BOT_TOKEN is not set')).toEqual({ mark: 'warning', advice: saying('socket-mode.yaml') });
    expect(lineWith(out, 'store: embedded').mark).toBe('ok');
  });

  it('ends with 0 when all that is needed is there', patience, async () => {
    const { status, out } = await doctor({ PROMETHEUS_URL: await prometheus() });
    expect(out).not.toContain('FAILURE');
    expect(status).toBe(0);
    for (const text of [
      'its version is 2.42.0',
      'stores exemplars',
      'istio_requests_total: 3 series',
      "Envoy's hidden statistics are shown",
      'labels that the queries read',
    ])
      expect(lineWith(out, text).mark).toBe('ok');
  });

  it.each<[string, () => Promise<string>, string, string]>([
    ['down', closed, 'Prometheus: refused the connection', 'PROMETHEUS_URL'],
    [
      'behind a login',
      () => serve((_, response) => response.writeHead(401).end('Unauthorized')),
      'refused the credentials (HTTP 401)',
      'PROMETHEUS_BEARER_TOKEN',
    ],
    [
      'a web page',
      () => serve((_, response) => response.end('<html>Sign in</html>')),
      'a web page instead of JSON',
      'path prefix',
    ],
    [
      'at another path',
      () => serve((_, response) => response.writeHead(404).end('404 page not found')),
      'no such address (HTTP 404)',
      'path prefix',
    ],
    ['in trouble', () => serve((_, response) => response.writeHead(503).end()), 'is in trouble (HTTP 503)', 'PROMETHEUS_URL'],
  ])('names a Prometheus that is %s, with what to do', patience, async (_name, url, text, advice) => {
    const { status, out } = await doctor({ PROMETHEUS_URL: await url() });
    expect(status).toBe(1);
    expect(lineWith(out, text)).toEqual({ mark: 'FAILURE', advice: saying(advice) });
  });

  it.each<[string, PrometheusLike, string, string, string]>([
    ['old', { version: '2.31.1' }, 'its version is 2.31.1', 'warning', 'upgrade'],
    ['without exemplar storage', { features: '' }, 'stores no exemplars', 'warning', '--enable-feature=exemplar-storage'],
    ['with a clock that is wrong', { aheadMs: 90_000 }, 'ahead of ours', 'warning', 'NTP'],
    ['empty', { otherwise: 0 }, 'istio_requests_total: none', 'FAILURE', 'Nothing at all is scraped there'],
    ['without a mesh', { otherwise: 0, series: { scraped: 5 } }, 'istio_requests_total: none', 'FAILURE', 'podmonitor.yaml'],
    [
      "of Linkerd's",
      { otherwise: 0, series: { scraped: 5, 'mesh:linkerd': 7 } },
      'istio_requests_total: none',
      'FAILURE',
      'set MESH=linkerd',
    ],
    ['without buckets', { series: { buckets: 0 } }, 'istio_request_duration_milliseconds_bucket: none', 'FAILURE', 'no latency'],
    ["without the caller's reporter", { series: { caller: 0 } }, "the caller's reporter: none", 'warning', 'never arrive'],
    [
      'without a label that names the caller',
      { series: { 'label:source_workload': 0 } },
      'label source_workload: on no series',
      'FAILURE',
      'no caller has a name',
    ],
    [
      'without response flags',
      { series: { 'label:response_flags': 0 } },
      'label response_flags: on no series',
      'warning',
      'Telemetry',
    ],
    ['with two jobs on one pod', { series: { doubled: 4 } }, '4 pods are scraped by two jobs', 'warning', 'pin one job'],
    [
      "with Envoy's statistics hidden",
      { series: { upstream_rq_retry: 0 } },
      'retries (envoy_cluster_upstream_rq_retry)',
      'warning',
      'proxy-stats-matcher.yaml',
    ],
    ['without alert rules', { rules: 0 }, 'no alert rules', 'warning', 'mesh-rules.yaml'],
  ])('names a Prometheus %s, with what to do', patience, async (_name, like, text, mark, advice) => {
    const { status, out } = await doctor({
      PROMETHEUS_URL: await prometheus({ series: { doubled: 0, ...like.series }, ...like }),
    });
    expect(lineWith(out, text)).toEqual({ mark, advice: saying(advice) });
    expect(status).toBe(mark === 'FAILURE' ? 1 : 0);
  });

  it.each<[string, string, string, string]>([
    ['posts to Edgewise', 'url: http://edgewise:8080/webhooks/alertmanager', 'a receiver posts to /webhooks/alertmanager', 'ok'],
    ['has no receiver for Edgewise', 'slack_configs: []', 'no receiver posts to /webhooks/alertmanager', 'warning'],
    ['hides its addresses', 'webhook_configs:\n  - send_resolved: true\n    url: <secret>', 'hides whether it is Edgewise', 'ok'],
  ])('tells whether Alertmanager %s', patience, async (_name, config, text, mark) => {
    const { out } = await doctor({ PROMETHEUS_URL: await prometheus(), ALERTMANAGER_URL: await serve(alertmanagerLike(config)) });
    expect(lineWith(out, 'alerts now; its version is 0.28.0').mark).toBe('ok');
    expect(lineWith(out, text).mark).toBe(mark);
  });

  it('names everything around that is not there: Alertmanager, PostgreSQL, Grafana, traces, Kubernetes', patience, async () => {
    const gone = await closed();
    const { status, out, err } = await doctor({
      PROMETHEUS_URL: await prometheus(),
      ALERTMANAGER_URL: gone,
      GRAFANA_URL: gone,
      TRACES_URL: gone,
      TRACES_STORE: 'tempo',
      TRACES_UI_URL: gone,
      KUBERNETES_URL: gone,
      DATABASE_URL: `postgres://edgewise:canary-password@${gone.slice(7)}/edgewise`,
    });
    expect(status).toBe(1);
    expect(lineWith(out, 'Alertmanager: refused the connection')).toEqual({
      mark: 'FAILURE',
      advice: saying('ALERTMANAGER_URL'),
    });
    expect(lineWith(out, 'PostgreSQL: cannot be reached')).toEqual({ mark: 'FAILURE', advice: saying('DATABASE_URL') });
    expect(lineWith(out, 'Tempo: refused the connection')).toEqual({ mark: 'FAILURE', advice: saying('TRACES_URL') });
    for (const name of ['Grafana', 'Pages of traces', 'Kubernetes'])
      expect(lineWith(out, `${name}: refused`).mark).toBe('warning');
    expect(out + err).not.toContain('canary');
  });

  it('tells what a trace store is, and whom it knows', patience, async () => {
    const zipkin = await serve((request, response) =>
      request.url === '/api/v2/services' ? response.end('["checkout"]') : response.writeHead(404).end('404 Not Found'),
    );
    const env = { PROMETHEUS_URL: await prometheus({ series: { doubled: 0 } }), TRACES_URL: zipkin };
    const right = await doctor({ ...env, TRACES_STORE: 'zipkin' });
    expect(right.status).toBe(0);
    expect(lineWith(right.out, 'Zipkin: answers, and knows 1 service (checkout)').mark).toBe('ok');
    const wrong = await doctor({ ...env, TRACES_STORE: 'jaeger' });
    expect(wrong.status).toBe(1);
    expect(lineWith(wrong.out, 'Jaeger: it looks like Zipkin')).toEqual({
      mark: 'FAILURE',
      advice: saying('TRACES_STORE=zipkin'),
    });
  });

  it('names a data directory that cannot be', patience, async () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    const { out } = await doctor({ DATA_DIR: join(file, 'data') });
    expect(lineWith(out, 'cannot be written')).toEqual({ mark: 'FAILURE', advice: saying('DATA_DIR') });
  });
});

describe('edgewise doctor, of Slack', () => {
  const slackWith = async (more: Record<string, string>, options: Parameters<typeof startWorkspace>[0] = {}) => {
    const workspace = await startWorkspace({ channels: ['#mesh-alerts', '#other'], ...options });
    endings.push(workspace.close);
    const { status, out } = await doctor({
      PROMETHEUS_URL: await prometheus({ series: { doubled: 0 } }),
      SLACK_BOT_TOKEN: workspace.botToken,
      SLACK_APP_TOKEN: workspace.appToken,
      SLACK_API_URL: workspace.apiUrl,
      SLACK_CHANNEL: '#mesh-alerts',
      ...more,
    });
    return { status, out, workspace };
  };

  it('is content with the shipped app in its channel, and changes nothing', patience, async () => {
    const { status, out, workspace } = await slackWith({});
    for (const text of ['edgewise in Edgewise demo', 'the scopes that are needed', 'in #mesh-alerts', 'Socket Mode opens'])
      expect(lineWith(out, text).mark).toBe('ok');
    expect(status).toBe(0);
    expect(new Set(workspace.calls.map(({ method }) => method))).toEqual(
      new Set(['auth.test', 'conversations.list', 'apps.connections.open']),
    );
  });

  it.each<[string, Record<string, string>, string, string, string]>([
    ['a channel that it is not in', { SLACK_CHANNEL: '#other' }, 'not yet in #other', 'warning', '/invite'],
    ['a channel that is not there', { SLACK_CHANNEL: '#nowhere' }, 'no channel #nowhere', 'FAILURE', 'Create it'],
    [
      'a picture channel that is not there',
      { SLACK_PICTURE_CHANNEL: '#pictures' },
      'no channel #pictures',
      'FAILURE',
      'Create it',
    ],
    ['a token that is wrong', { SLACK_BOT_TOKEN: 'xoxb-canary-wrong' }, 'Slack: invalid_auth', 'FAILURE', 'SLACK_BOT_TOKEN'],
    [
      'an app-level token that is wrong',
      { SLACK_APP_TOKEN: 'xapp-canary-wrong' },
      'Socket Mode does not open: invalid_auth',
      'FAILURE',
      'SLACK_APP_TOKEN',
    ],
  ])('names %s, with what to do', patience, async (_name, more, text, mark, advice) => {
    const { status, out } = await slackWith(more);
    expect(lineWith(out, text)).toEqual({ mark, advice: saying(advice) });
    expect(status).toBe(mark === 'FAILURE' ? 1 : 0);
    expect(out).not.toContain('canary');
  });

  it('asks for no connection where Slack sends requests, and says where', patience, async () => {
    const { status, out, workspace } = await slackWith({
      SLACK_MODE: 'http',
      SLACK_SIGNING_SECRET: 'canary',
      SLACK_PATH: '/slack',
    });
    expect(lineWith(out, 'takes requests at /slack where the webhook listens').mark).toBe('ok');
    expect(status).toBe(0);
    expect(out).not.toContain('canary');
    expect(workspace.calls.map(({ method }) => method)).not.toContain('apps.connections.open');
  });

  it.each([
    ['chat:write', 'scopes missing: chat:write', 'FAILURE'],
    ['channels:history', 'scope missing: channels:history', 'warning'],
    ['groups:read', 'scope missing: groups:read', 'warning'],
    ['channels:read', 'channels cannot be listed: missing_scope', 'FAILURE'],
  ])('names the scope %s when it is missing', patience, async (scope, text, mark) => {
    const { out } = await slackWith({}, { scopes: allScopes.filter((one) => one !== scope) });
    expect(lineWith(out, text)).toEqual({ mark, advice: saying('install it again') });
  });

  it('names the scope of user groups where roles name some', patience, async () => {
    const file = join(folder, 'roles.yaml');
    writeFileSync(file, 'roles: { silence: { groups: [S012ABC] } }');
    const text = 'scope missing: usergroups:read, for the user groups of roles.silence';
    const without = await slackWith({ CONFIG_FILE: file }, { scopes: allScopes.filter((scope) => scope !== 'usergroups:read') });
    expect(lineWith(without.out, text)).toEqual({ mark: 'FAILURE', advice: saying('install it again') });
    const { out } = await slackWith({ CONFIG_FILE: file }, { scopes: allScopes });
    expect(out).not.toContain('usergroups:read');
  });

  it('names the scope of sister workspaces in Enterprise Grid', patience, async () => {
    const scopes = allScopes.filter((scope) => scope !== 'users:read');
    const { out, status } = await slackWith({}, { scopes, enterpriseId: 'E0OURS' });
    expect(lineWith(out, 'scope missing: users:read, in Enterprise Grid')).toEqual({
      mark: 'warning',
      advice: saying('never act'),
    });
    expect(status).toBe(0);
    expect((await slackWith({}, { scopes: allScopes, enterpriseId: 'E0OURS' })).out).not.toContain('users:read');
  });

  it('names the scope that messages lead to the Home with, where no app-level token says whose app it is', patience, async () => {
    const scopes = allScopes.filter((scope) => scope !== 'users:read');
    const text = 'scope missing: users:read';
    const http = { SLACK_MODE: 'http', SLACK_SIGNING_SECRET: 'canary', SLACK_PATH: '/slack' };
    expect(lineWith((await slackWith(http, { scopes })).out, text)).toEqual({ mark: 'warning', advice: saying('the Home') });
    expect((await slackWith({}, { scopes })).out).not.toContain(text);
  });

  it('names a Slack that is not reached', patience, async () => {
    const { out } = await slackWith({ SLACK_API_URL: `${await closed()}/api/` });
    expect(lineWith(out, 'Slack: refused the connection')).toEqual({ mark: 'FAILURE', advice: saying('HTTPS_PROXY') });
  });
});

const why = opensslMissing === null ? '' : ` (skipped: ${opensslMissing})`;
describe.skipIf(opensslMissing !== null)(`edgewise doctor, of TLS${why}`, () => {
  let ours: Authority;
  beforeAll(() => {
    ours = makeAuthority();
  });
  afterAll(() => ours.remove());
  const tlsServer = (names: string, more: object = {}) => {
    const { cert, key } = ours.issue(`server-${names.length}`, names);
    return serve(prometheusLike({ series: { doubled: 0 } }), { cert, key, ...more });
  };

  it('tells an unknown authority, another name and a missing client certificate apart', patience, async () => {
    const unknown = await doctor({ PROMETHEUS_URL: await tlsServer('IP:127.0.0.1') });
    expect(lineWith(unknown.out, 'unknown authority')).toEqual({ mark: 'FAILURE', advice: saying('PROMETHEUS_CA_FILE') });
    const named = await doctor({ PROMETHEUS_URL: await tlsServer('DNS:prometheus.example'), PROMETHEUS_CA_FILE: ours.caFile });
    expect(lineWith(named.out, 'for another name')).toEqual({ mark: 'FAILURE', advice: saying('PROMETHEUS_SERVER_NAME') });
    const url = await tlsServer('IP:127.0.0.1,DNS:a', { ca: ours.ca, requestCert: true, rejectUnauthorized: true });
    const asked = await doctor({ PROMETHEUS_URL: url, PROMETHEUS_CA_FILE: ours.caFile });
    expect(lineWith(asked.out, 'FAILURE  Prometheus: ')).toEqual({
      mark: 'FAILURE',
      advice: saying('PROMETHEUS_CERT_FILE'),
    });
    const plain = await doctor({ PROMETHEUS_URL: (await prometheus()).replace('http:', 'https:') });
    expect(lineWith(plain.out, 'does not speak TLS')).toEqual({ mark: 'FAILURE', advice: saying('http://') });
  });

  it('reaches a Slack-compatible API by SLACK_CA_FILE, and names that setting where it is missing', patience, async () => {
    const { cert, key } = ours.issue('slack', 'IP:127.0.0.1');
    const url = await serve(
      (_, response) => response.setHeader('content-type', 'application/json').end('{"ok":false,"error":"account_inactive"}'),
      { cert, key },
    );
    const slack = { SLACK_BOT_TOKEN: 'xoxb-1', SLACK_API_URL: `${url}/api/` };
    expect(lineWith((await doctor(slack)).out, 'Slack: has a certificate')).toEqual({
      mark: 'FAILURE',
      advice: saying('SLACK_CA_FILE'),
    });
    expect(lineWith((await doctor({ ...slack, SLACK_CA_FILE: ours.caFile })).out, 'Slack: account_inactive').mark).toBe(
      'FAILURE',
    );
  });
});

const engine = await engineFor('prometheus');
describe.skipIf(engine.path === '')(`edgewise doctor, of a real Prometheus${engine.skipped}`, () => {
  const series = ['source', 'destination']
    .map(
      (reporter) =>
        `istio_requests_total{reporter="${reporter}",source_workload="checkout",source_workload_namespace="shop",destination_service_name="payments",destination_service_namespace="shop",destination_version="v1",response_code="200",response_flags="-"} 5\n`,
    )
    .join('');
  const exposition = `${series}istio_request_duration_milliseconds_bucket{reporter="source",le="+Inf"} 5\nistio_request_duration_milliseconds_count{reporter="source"} 5\nenvoy_cluster_upstream_cx_active{cluster_name="outbound|80||payments.shop.svc.cluster.local"} 1\nenvoy_cluster_upstream_cx_active{cluster_name="xds-grpc"} 1\n`;

  it('counts what is scraped, and finds that exemplars are not stored', patience, async () => {
    const target = await serve((_, response) => response.setHeader('content-type', 'text/plain; version=0.0.4').end(exposition));
    const port = await freePort();
    const config = join(folder, 'prometheus.yml');
    writeFileSync(
      config,
      `global: { scrape_interval: 1s }\nscrape_configs: [{ job_name: envoy, static_configs: [{ targets: ["${target.slice(7)}"] }] }]\n`,
    );
    const running = await startEngine(
      engine.path,
      [`--config.file=${config}`, `--storage.tsdb.path=${join(folder, 'tsdb')}`, `--web.listen-address=127.0.0.1:${port}`],
      { readyUrl: `http://127.0.0.1:${port}/-/ready` },
    );
    endings.push(running.stop);
    const seen = async (): Promise<boolean> =>
      (await (await fetch(`http://127.0.0.1:${port}/api/v1/query?query=istio_requests_total`)).text()).includes('checkout');
    await expect.poll(seen, { timeout: 20_000 }).toBe(true);
    const { status, out } = await doctor({ PROMETHEUS_URL: `http://127.0.0.1:${port}` });
    expect(lineWith(out, 'Prometheus answers; its version is').mark).toBe('ok');
    expect(lineWith(out, 'istio_requests_total: 2 series').mark).toBe('ok');
    expect(lineWith(out, "the caller's reporter: 1 series").mark).toBe('ok');
    expect(lineWith(out, 'labels that the queries read').mark).toBe('ok');
    expect(lineWith(out, 'stores no exemplars').mark).toBe('warning');
    expect(lineWith(out, 'hidden by Istio: overflow').mark).toBe('warning');
    expect(out).not.toContain('connections in use (');
    expect(status).toBe(0);
  });
});
