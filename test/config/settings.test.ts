import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addressUnder } from '../../src/adapters/http/client.ts';
import type { Environment } from '../../src/config/values.ts';
import { type Command, type Config, formatMistakes, readSettings } from '../../src/config.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'edgewise-settings-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const fileWith = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

const minimal = { PROMETHEUS_URL: 'http://prometheus:9090' };
const serving = { ...minimal, SLACK_BOT_TOKEN: 'xoxb-1-2-abc', SLACK_CHANNEL: '#mesh-alerts' };
const token = 'n2zq0c7w1m4x8v5b';

const configOf = (env: Environment, command: Command = 'serve'): Config => {
  const read = readSettings(env, command);
  if (!read.ok) throw new Error(formatMistakes(read.mistakes));
  return read.config;
};
const mistakesOf = (env: Environment, command: Command = 'serve'): string => {
  const read = readSettings(env, command);
  if (read.ok) throw new Error('no mistake was found');
  return formatMistakes(read.mistakes);
};

describe('the settings of a command', () => {
  it.each<Command>(['triage', 'rules', 'ask', 'doctor'])('%s runs with PROMETHEUS_URL alone', (command) => {
    const config = configOf(minimal, command);
    expect(config.clusters).toMatchObject([
      { name: 'default', mesh: 'istio', prometheus: { url: 'http://prometheus:9090' }, rules: { url: 'http://prometheus:9090' } },
    ]);
  });

  it('serve wants a bot token and a channel too', () => {
    expect(mistakesOf({})).toBe(
      [
        '3 settings are wrong:',
        '  PROMETHEUS_URL: is missing; expected an http(s) address without user, password or query, for example http://prometheus:9090',
        '  SLACK_BOT_TOKEN: is missing; expected a bot token, xoxb-…, for example xoxb-1234-5678-abcdef',
        '  SLACK_CHANNEL: is missing; expected a channel name or id, for example #mesh-alerts',
      ].join('\n'),
    );
    expect(configOf(serving)).toMatchObject({
      webhook: { listen: { host: '127.0.0.1', port: 8080 }, bearer: [], tls: null, maxBodyBytes: 16_777_216 },
      operations: { host: '127.0.0.1', port: 9091 },
      slack: { apiUrl: 'https://slack.com/api/', caFile: null },
      database: null,
      dataDir: './data',
    });
  });

  it('a command does not mind what it does not use', () => {
    const env = { ...minimal, SLACK_BOT_TOKEN: 'wrong', LISTEN: 'nonsense', DATABASE_URL: 'mysql://x' };
    expect(readSettings(env, 'triage').ok).toBe(true);
    expect(readSettings(env, 'serve').ok).toBe(false);
  });

  it('an empty value is an unset one', () => {
    const config = configOf({
      ...serving,
      CONFIG_FILE: '',
      DATABASE_URL: '  ',
      RULES_URL: '',
      SLACK_APP_TOKEN_FILE: '',
      HTTPS_PROXY: '',
    });
    expect(config).toMatchObject({ database: null, slack: { appToken: null }, proxy: { httpsProxy: null } });
    expect(mistakesOf({ ...serving, PROMETHEUS_URL: ' ' })).toContain('PROMETHEUS_URL: is missing');
  });

  it('all mistakes are told at once, each with name, value, expectation and example', () => {
    const told = mistakesOf({
      PROMETHEUS_URL: 'prometheus:9090',
      SLACK_BOT_TOKEN: 'xoxb canary-token',
      SLACK_CHANNEL: 'Mesh Alerts',
      LISTEN: '0.0.0.0:99999',
      TIME_ZONE: 'Berlin',
      QUERY_SECONDS: '0x10',
      TRUSTED_PROXIES: '10.0.0.0/33',
      MESH: 'consul',
      PICTURES: 'yes',
    });
    expect(told.split('\n')).toHaveLength(10);
    expect(told).toContain('PROMETHEUS_URL: is "prometheus:9090"; expected an http(s) address');
    expect(told).toContain('TIME_ZONE: is "Berlin"; expected an IANA zone, for example Europe/Berlin');
    expect(told).toContain('MESH: is "consul"; expected istio, ambient or linkerd, for example istio');
    expect(told).toContain('SLACK_BOT_TOKEN: is a secret … of 17 characters; expected a bot token, xoxb-…');
  });

  it('names from outside cannot reach into objects', () => {
    const hostile = JSON.parse(
      '{"__proto__": {"PROMETHEUS_URL": "http://evil"}, "constructor": "x", "toString": "x"}',
    ) as Environment;
    expect(mistakesOf(hostile, 'triage')).toContain('PROMETHEUS_URL: is missing');
    expect(mistakesOf(Object.create({ PROMETHEUS_URL: 'http://inherited' }) as Environment, 'triage')).toContain('is missing');
  });
});

describe('what people do in Slack', () => {
  const secrets = { SLACK_APP_TOKEN: 'xapp-1', SLACK_SIGNING_SECRET: 'canary-secret' };
  it.each<[string, Environment, Config['slack']['inbound']]>([
    ['reaches nobody without a token or a mode', { SLACK_SIGNING_SECRET: 'x' }, null],
    ['comes by Socket Mode where its token is set', secrets, { kind: 'socket', appToken: 'xapp-1' }],
    [
      'comes by requests where that is said',
      { ...secrets, SLACK_MODE: 'http' },
      { kind: 'http', signingSecret: 'canary-secret', path: '/slack/events' },
    ],
    [
      'comes by requests to another path',
      { ...secrets, SLACK_MODE: 'http', SLACK_PATH: '/bots/edgewise/slack' },
      { kind: 'http', signingSecret: 'canary-secret', path: '/bots/edgewise/slack' },
    ],
  ])('%s', (_name, more, inbound) => {
    expect(configOf({ ...serving, ...more }).slack.inbound).toEqual(inbound);
  });
});

describe('secrets', () => {
  it.each([
    ['SLACK_BOT_TOKEN', 'xoxb-1-2-canary', (config: Config) => config.slack.botToken],
    ['SLACK_APP_TOKEN', 'xapp-1-canary', (config: Config) => config.slack.appToken],
    ['WEBHOOK_TOKENS', 'canary-canary-canary', (config: Config) => config.webhook.bearer[0]],
    ['WEBHOOK_BASIC', 'alertmanager:canary-canary', (config: Config) => config.webhook.basic[0]],
    ['DATABASE_URL', 'postgres://u:canary@db/edgewise', (config: Config) => config.database?.url],
  ])('%s may also come from a file, and no log may show it', (name, value, read) => {
    const { [name as 'SLACK_BOT_TOKEN']: _dropped, ...others } = serving as Record<string, string>;
    const config = configOf({ ...others, [`${name}_FILE`]: fileWith(name, `${value}\n`) });
    expect(read(config)).toBe(value);
    expect(config.secrets.some((secret) => secret.includes('canary'))).toBe(true);
  });

  it('SLACK_SIGNING_SECRET too, where requests of Slack are known by it', () => {
    const path = fileWith('SLACK_SIGNING_SECRET', 'canary-signing\n');
    const config = configOf({ ...serving, SLACK_MODE: 'http', SLACK_SIGNING_SECRET_FILE: path });
    expect(config.slack.inbound).toMatchObject({ kind: 'http', signingSecret: 'canary-signing' });
    expect(config.secrets).toContain('canary-signing');
  });

  it('of a source stay files, so that they may rotate', () => {
    const env = {
      ...minimal,
      PROMETHEUS_BEARER_TOKEN_FILE: fileWith('token', 'canary'),
      ALERTMANAGER_URL: 'http://alertmanager:9093',
    };
    const { prometheus, alertmanager } = configOf(
      { ...env, ALERTMANAGER_USERNAME: 'u', ALERTMANAGER_PASSWORD_FILE: fileWith('password', 'canary') },
      'triage',
    ).clusters[0] as Config['clusters'][number];
    expect(prometheus).toEqual({ url: 'http://prometheus:9090', bearerTokenFile: join(folder, 'token') });
    expect(alertmanager).toEqual({ url: 'http://alertmanager:9093', username: 'u', passwordFile: join(folder, 'password') });
  });

  it('set both ways are a mistake that names both', () => {
    const env = { ...serving, SLACK_BOT_TOKEN_FILE: fileWith('both', 'xoxb-2') };
    expect(mistakesOf(env)).toBe(
      'One setting is wrong:\n  SLACK_BOT_TOKEN and SLACK_BOT_TOKEN_FILE: is set both; expected only one of the two',
    );
  });

  it.each([
    ['a missing file', '/nowhere/token', 'a file that can be read'],
    ['a directory', '/', 'a file that can be read'],
  ])('from %s are one mistake, not two', (_name, path, expected) => {
    const { SLACK_BOT_TOKEN: _dropped, ...others } = serving;
    const told = mistakesOf({ ...others, SLACK_BOT_TOKEN_FILE: path });
    expect(told.split('\n')).toHaveLength(2);
    expect(told).toContain(
      `SLACK_BOT_TOKEN_FILE: is ${JSON.stringify(path)}; expected ${expected}, for example /etc/edgewise/slack-bot-token`,
    );
  });

  it('from an empty file are a mistake', () => {
    const { SLACK_BOT_TOKEN: _dropped, ...others } = serving;
    expect(mistakesOf({ ...others, SLACK_BOT_TOKEN_FILE: fileWith('empty', '\n') })).toContain(
      'expected a file with something in it',
    );
  });

  it('are never printed back, whatever is wrong with them', () => {
    const told = mistakesOf({
      PROMETHEUS_URL: 'http://user:canary1@prometheus:9090',
      RULES_URL: 'https://canary2:x@rules/?token=canary3',
      SLACK_BOT_TOKEN: 'canary4',
      SLACK_APP_TOKEN: 'canary5',
      SLACK_CHANNEL: '#ok',
      WEBHOOK_TOKENS: 'canary6',
      WEBHOOK_BASIC: 'canary7',
      DATABASE_URL: 'mysql://canary8:canary9@db',
      HTTPS_PROXY: 'socks5://canary10:canary11@proxy',
      PROMETHEUS_PASSWORD: 'canary12',
    });
    expect(told.split('\n').length).toBeGreaterThan(9);
    expect(told).not.toContain('canary');
    expect(told).toContain('PROMETHEUS_URL: is "http://***@prometheus:9090"');
  });
});

describe('settings that belong together', () => {
  it.each<[string, Environment, string]>([
    [
      'a certificate without its key',
      { TLS_CERT_FILE: '/dev/null' },
      'TLS_KEY_FILE: is missing; expected it, because TLS_CERT_FILE is set',
    ],
    ['a key without its certificate', { TLS_KEY_FILE: '/dev/null' }, 'TLS_CERT_FILE: is missing'],
    [
      "a source's certificate without its key",
      { RULES_URL: 'http://r', RULES_CERT_FILE: '/dev/null' },
      'RULES_KEY_FILE: is missing',
    ],
    [
      'Socket Mode without its token',
      { SLACK_MODE: 'socket', SLACK_SIGNING_SECRET: 'x' },
      'SLACK_APP_TOKEN: is missing; expected it, because SLACK_MODE is socket',
    ],
    [
      'requests of Slack without the secret that they are signed with',
      { SLACK_MODE: 'http', SLACK_APP_TOKEN: 'xapp-1' },
      'SLACK_SIGNING_SECRET: is missing; expected it, because SLACK_MODE is http',
    ],
    ['a mode that is none', { SLACK_MODE: 'events' }, 'SLACK_MODE: is "events"; expected socket or http'],
    ["the path of the webhook for Slack's requests", { SLACK_PATH: '/webhooks/alertmanager' }, 'SLACK_PATH: is "/webhooks'],
    ['a password for nobody', { PROMETHEUS_PASSWORD: 'x' }, 'PROMETHEUS_USERNAME: is missing'],
    [
      'two kinds of credentials',
      { PROMETHEUS_BEARER_TOKEN: 'x', PROMETHEUS_USERNAME: 'u', PROMETHEUS_PASSWORD: 'x' },
      'PROMETHEUS_BEARER_TOKEN and PROMETHEUS_USERNAME: is set both',
    ],
    ['one port twice', { LISTEN: '127.0.0.1:9091' }, 'OPS_LISTEN: is the port of LISTEN; expected a port of its own'],
    ['an open door', { LISTEN: '0.0.0.0:8080' }, 'WEBHOOK_TOKENS: is missing; expected a credential, because LISTEN (0.0.0.0)'],
    ['an open door on IPv6', { LISTEN: '[::]:8080' }, 'because LISTEN (::) is reached from elsewhere'],
  ])('%s is a mistake', (_name, more, words) => {
    const told = mistakesOf({ ...serving, ...more });
    expect(told).toContain(words);
    expect(told.split('\n')).toHaveLength(2);
  });

  it.each<[string, Environment]>([
    ['loopback', { LISTEN: '127.0.0.1:8080' }],
    ['IPv6 loopback', { LISTEN: '[::1]:8080' }],
    ['localhost', { LISTEN: 'localhost:8080' }],
    ['everywhere with a token', { LISTEN: '0.0.0.0:8080', WEBHOOK_TOKENS: token }],
    ['everywhere with two tokens, by line', { LISTEN: '[::]:8080', WEBHOOK_TOKENS: `${token}\n${token}2` }],
    ['everywhere with a password', { LISTEN: '[::]:8080', WEBHOOK_BASIC: 'alertmanager:k8vd3s9q' }],
  ])('listening on %s is not', (_name, more) => {
    expect(readSettings({ ...serving, ...more }, 'serve').ok).toBe(true);
  });
});

describe('a name that is almost one of ours', () => {
  it.each([
    ['PROMETHEUS_URI', 'PROMETHEUS_URL'],
    ['PROMETEUS_URL', 'PROMETHEUS_URL'],
    ['SLACK_BOTTOKEN', 'SLACK_BOT_TOKEN'],
    ['SLACK_BOT_TOKEN_FIL', 'SLACK_BOT_TOKEN_FILE'],
    ['WEBHOOK_TOKEN', 'WEBHOOK_TOKENS'],
    ['KIALI_URI', 'KIALI_URL'],
    ['TRUSTED_PROXYS', 'TRUSTED_PROXIES'],
  ])('%s: did you mean %s?', (name, meant) => {
    const env: Record<string, string> = { ...serving, [name]: 'x' };
    delete env[meant];
    expect(mistakesOf(env)).toContain(`${name}: is not a setting; expected ${meant}; did you mean that?`);
  });

  it.each([
    'PROMETHEUS_PORT',
    'PROMETHEUS_SERVICE_HOST',
    'GRAFANA_PORT_3000_TCP',
    'LOGLEVEL',
    'SLACK_EMOJI',
    'PATH',
    'MESS',
    'PROMETHEUS_URI',
  ])('%s is somebody else’s', (name) => expect(readSettings({ ...serving, [name]: 'x' }, 'serve').ok).toBe(true));
});

describe('back ends that want signatures or OAuth', () => {
  it.each([
    ['https://aps-workspaces.eu-west-1.amazonaws.com/workspaces/ws-1', /Amazon Managed Prometheus wants SigV4.*aws-sigv4-proxy/],
    ['https://aps-workspaces-fips.us-east-1.amazonaws.com/workspaces/ws-1', /aws-sigv4-proxy/],
    ['https://vpce-1.aps-workspaces.eu-west-1.vpce.amazonaws.com/workspaces/ws-1', /aws-sigv4-proxy/],
    ['https://mesh-abcd.westeurope.prometheus.monitor.azure.com', /Azure Monitor wants OAuth.*aad-auth-proxy/],
    [
      'https://monitoring.googleapis.com./v1/projects/p/location/global/prometheus',
      /Google Managed Prometheus wants OAuth.*frontend/,
    ],
    ['https://MONITORING.europe-west1.rep.googleapis.com/v1/projects/p/location/global/prometheus', /frontend/],
  ])('%s is refused by name, with the bridge', (url, words) => {
    expect(mistakesOf({ ...serving, PROMETHEUS_URL: url })).toMatch(words);
    expect(mistakesOf({ ...serving, RULES_URL: url })).toMatch(/RULES_URL/);
    expect(mistakesOf({ ...serving, ALERTMANAGER_URL: url })).toMatch(/ALERTMANAGER_URL/);
  });

  it.each([
    'http://aws-sigv4-proxy:8005/workspaces/ws-1',
    'https://prometheus-prod-1.grafana.net/api/prom',
    'http://frontend.gmp-public:9090',
  ])('%s is not', (url) => expect(readSettings({ ...serving, PROMETHEUS_URL: url }, 'serve').ok).toBe(true));
});

describe('the network', () => {
  it('reads proxies in both spellings, with or without a scheme', () => {
    const { proxy } = configOf({ ...serving, https_proxy: 'proxy:3128', HTTP_PROXY: 'http://u:p@proxy:3128', no_proxy: '.svc' });
    expect(proxy).toEqual({ httpsProxy: 'proxy:3128', httpProxy: 'http://u:p@proxy:3128', noProxy: '.svc' });
  });

  it('wants PEM files that can be read', () => {
    expect(mistakesOf({ ...serving, PROMETHEUS_CA_FILE: '/nowhere/ca.pem', SLACK_CA_FILE: '/nowhere/slack.pem' })).toMatch(
      /PROMETHEUS_CA_FILE: is "\/nowhere\/ca.pem"; expected a PEM file that can be read[\s\S]*SLACK_CA_FILE/,
    );
  });

  it('keeps a path prefix and a server name', () => {
    const env = {
      PROMETHEUS_URL: 'https://mimir.example/prometheus',
      PROMETHEUS_SERVER_NAME: 'mimir.internal',
      PROMETHEUS_TENANT: 'a|b',
    };
    const { prometheus } = configOf(env, 'triage').clusters[0] as Config['clusters'][number];
    expect(prometheus).toEqual({ url: env.PROMETHEUS_URL, serverName: 'mimir.internal', tenant: 'a|b' });
    expect(addressUnder(prometheus.url, '/api/v1/query').pathname).toBe('/prometheus/api/v1/query');
  });
});
