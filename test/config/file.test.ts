import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readFileConfig } from '../../src/config/file.ts';
import { labelTest } from '../../src/config/matchers.ts';
import { formatMistakes } from '../../src/config/mistakes.ts';
import { readSettings } from '../../src/config.ts';
import { labelsOf } from '../../src/domain/alert.ts';

const everything = `
clusters:
  - name: prod-eu-1
    match: eu
    prometheus: { url: https://thanos.example/, bearerTokenFile: /run/token, caFile: /run/ca.pem, serverName: thanos.internal }
    rules: { url: http://thanos-rule:10902 }
    alertmanager: { url: http://alertmanager:9093, username: edgewise, passwordFile: /run/password }
    matchers: ['cluster="prod-eu-1"', 'env=~"prod|stage"']
  - name: prod-us-1
    mesh: linkerd
    prometheus: { url: https://mimir.example/prometheus, tenant: us }
    metrics: { response_total: workload:response_total }
    labels: { dst_service: dst_svc, direction: way }
routing:
  default: '#mesh-alerts'
  rules:
    - matchers: ['team="payments"', 'severity=~"page|critical"']
      channel: '#payments-oncall'
      mention: <!subteam^S0123ABC>
  allowedChannels: ['#payments-oncall']
  mentions: { page: <!subteam^S0456DEF> }
owners:
  - { namespace: shop, name: team-shop }
  - { namespace: shop, service: payments, name: team-payments, channel: '#payments-oncall' }
linkHosts: [runbooks.example, .wiki.example]
`;
const read = (text: string, canRead: (path: string) => boolean = () => true) => readFileConfig(text, canRead);
const mistakesOf = (text: string, canRead?: (path: string) => boolean): string => {
  const result = read(text, canRead);
  if (result.ok) throw new Error('no mistake was found');
  return formatMistakes(result.mistakes);
};
const one = (more: string): string => `clusters:\n  - name: a\n    prometheus: { url: http://p }\n${more}`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'edgewise-yaml-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const settings = (text: string, env: Record<string, string> = {}) => {
  const path = join(folder, 'edgewise.yaml');
  writeFileSync(path, text);
  return readSettings({ SLACK_BOT_TOKEN: 'xoxb-1', CONFIG_FILE: path, ...env }, 'serve');
};

describe('the YAML file', () => {
  it('tells files that cannot be read beside what else is wrong, and which secret was meant', () => {
    const text = 'clusters:\n  - nam: a\n    prometheus: { url: http://p, bearerTokn: x, passwordFile: /gone }\n';
    const told = mistakesOf(text, () => false);
    expect(told).toContain('clusters[0].nam: is not a setting');
    expect(told).toContain(
      'bearerTokn: is not a setting; expected bearerTokenFile (secrets come from files); did you mean that?',
    );
    expect(told).toContain('clusters[0].prometheus.passwordFile: is "/gone"; expected a file that can be read');
  });

  it('gives many clusters, each with its own sources, pins and names', () => {
    const files = everything.replaceAll('/run/', `${folder}/`);
    for (const name of ['token', 'ca.pem', 'password']) writeFileSync(join(folder, name), 'x');
    const result = settings(files);
    if (!result.ok) throw new Error(formatMistakes(result.mistakes));
    const [eu, us] = result.config.clusters;
    expect(eu).toMatchObject({
      name: 'prod-eu-1',
      match: 'eu',
      mesh: 'istio',
      prometheus: { url: 'https://thanos.example/', bearerTokenFile: join(folder, 'token'), serverName: 'thanos.internal' },
      rules: { url: 'http://thanos-rule:10902' },
      alertmanager: { username: 'edgewise', passwordFile: join(folder, 'password') },
      pinned: [
        { label: 'cluster', op: '=', value: 'prod-eu-1' },
        { label: 'env', op: '=~', value: 'prod|stage' },
      ],
    });
    expect(us).toMatchObject({
      match: 'prod-us-1',
      mesh: 'linkerd',
      rules: { url: 'https://mimir.example/prometheus', tenant: 'us' },
      alertmanager: null,
      renames: { metrics: { response_total: 'workload:response_total' }, labels: { dst_service: 'dst_svc', direction: 'way' } },
    });
    expect(result.config.slack.channel).toBe('#mesh-alerts');
    const { routing, links } = result.config;
    expect(links.hosts).toEqual(['runbooks.example', '.wiki.example']);
    expect(routing).toMatchObject({
      defaultChannel: '#mesh-alerts',
      allowedChannels: ['#payments-oncall'],
      mentions: { page: '<!subteam^S0456DEF>' },
    });
    expect(routing.owners[1]).toEqual({
      namespace: 'shop',
      service: 'payments',
      name: 'team-payments',
      channel: '#payments-oncall',
    });
    expect(
      routing.rules[0]?.matches(
        labelsOf([
          ['team', 'payments'],
          ['severity', 'page'],
        ]),
      ),
    ).toBe(true);
    expect(
      routing.rules[0]?.matches(
        labelsOf([
          ['team', 'payments'],
          ['severity', 'pager'],
        ]),
      ),
    ).toBe(false);
  });

  it.each(['configuration.md', 'traces.md'])('is what docs/%s shows', (page) => {
    const guide = readFileSync(join(import.meta.dirname, '../../docs', page), 'utf8');
    const blocks = [...guide.matchAll(/```yaml\n(clusters:[\s\S]*?)```/g)].map(([, yaml = '']) => yaml);
    expect(blocks.length).toBeGreaterThan(0);
    for (const yaml of blocks) expect(read(yaml)).toMatchObject({ ok: true });
  });

  it('may leave the clusters to the variables, and never says what they say too', () => {
    expect(settings('linkHosts: [a.example]', { PROMETHEUS_URL: 'http://p', SLACK_CHANNEL: '#a' }).ok).toBe(true);
    const both = settings(one('routing: { default: "#b" }'), { PROMETHEUS_URL: 'http://p', SLACK_CHANNEL: '#a' });
    expect(!both.ok && formatMistakes(both.mistakes)).toMatch(
      /PROMETHEUS_URL and clusters in CONFIG_FILE: is set both[\s\S]*SLACK_CHANNEL and routing.default in CONFIG_FILE: is set both/,
    );
    const nowhere = settings('owners: []');
    expect(!nowhere.ok && nowhere.mistakes.map(({ name }) => name)).toEqual(['PROMETHEUS_URL', 'SLACK_CHANNEL']);
  });

  it('that cannot be read, or is wrong, is told beside every other mistake', () => {
    const missing = readSettings({ SLACK_BOT_TOKEN: 'xoxb-1', CONFIG_FILE: '/nowhere.yaml', TIME_ZONE: 'Berlin' }, 'serve');
    expect(!missing.ok && missing.mistakes.map(({ name }) => name)).toEqual(['TIME_ZONE', 'CONFIG_FILE']);
    const wrong = settings('clusters: 5', { TIME_ZONE: 'Berlin' });
    expect(!wrong.ok && wrong.mistakes.map(({ name }) => name)).toEqual(['TIME_ZONE', 'CONFIG_FILE line 1, clusters']);
  });
});

describe('a mistake in the YAML file has its line', () => {
  it.each<[string, string, RegExp]>([
    [
      'an unknown key',
      one('    mesch: istio\n'),
      /line 4, clusters\[0\]\.mesch: is not a setting; expected mesh; did you mean that\?/,
    ],
    ['a key of nobody', `${one('')}surprise: 1\n`, /line 4, surprise: is not a setting; expected it not to be there/],
    [
      'a secret in the file itself',
      'clusters:\n  - name: a\n    prometheus:\n      url: http://p\n      bearerToken: canary\n',
      /line 5, clusters\[0\]\.prometheus\.bearerToken: is not a setting; expected bearerTokenFile \(secrets come from files\)/,
    ],
    ['a missing key', 'clusters:\n  - name: a\n', /line 2, clusters\[0\]\.prometheus: is missing/],
    [
      'a wrong type',
      'clusters:\n  - name: 5\n    prometheus: { url: http://p }\n',
      /line 2, clusters\[0\]\.name: is 5; expected a name/,
    ],
    [
      'a list for a mapping',
      'clusters:\n  - name: a\n    prometheus: [http://p]\n',
      /line 3, clusters\[0\]\.prometheus: is a list/,
    ],
    [
      'an address with a password',
      'clusters:\n  - name: a\n    prometheus: { url: "http://u:canary@p" }\n',
      /url: is "http:\/\/\*\*\*@p"/,
    ],
    [
      'a back end behind SigV4',
      one('    rules: { url: "https://aps-workspaces.eu-west-1.amazonaws.com/x" }\n'),
      /line 4, clusters\[0\]\.rules\.url.*aws-sigv4-proxy/,
    ],
    ['no cluster', 'clusters: []\n', /line 1, clusters: is a list; expected at least one cluster/],
    [
      'one name twice',
      `${one('')}  - name: a\n    prometheus: { url: http://p }\n`,
      /line 4, clusters\[1\]\.name: is "a"; expected a name that no other/,
    ],
    [
      'a matcher that is none',
      one('    matchers: [cluster]\n'),
      /line 4, clusters\[0\]\.matchers\[0\]: is "cluster"; expected a matcher/,
    ],
    ['look-ahead', one('    matchers: [\'a=~"(?=x)"\']\n'), /matchers\[0\].*RE2 takes/],
    [
      'an unclosed group',
      "routing:\n  rules:\n    - matchers: ['a=~\"x)|(y\"']\n      channel: '#a'\n",
      /line 3, routing\.rules\[0\]\.matchers\[0\].*RE2/,
    ],
    [
      'a mention by name',
      "routing:\n  mentions:\n    page: '@oncall'\n",
      /line 3, routing\.mentions\.page: is "@oncall"; expected a mention by id/,
    ],
    [
      'a channel with spaces',
      "routing: { allowedChannels: ['#a b'] }\n",
      /allowedChannels\[0\]: is "#a b"; expected a channel name or id/,
    ],
    [
      'a renamed metric that no query asks',
      one('    metrics: { istio_request_total: x }\n'),
      /line 4, clusters\[0\]\.metrics\.istio_request_total.*istio_requests_total/,
    ],
    [
      'a metric that is none',
      one('    metrics: { istio_requests_total: "a b" }\n'),
      /metrics\.istio_requests_total: is "a b"; expected a metric name/,
    ],
    ['a key that would be PromQL', one("    labels: { 'x\"} or y{': z }\n"), /line 4, .*expected a label name/],
    [
      'half a certificate',
      'clusters:\n  - name: a\n    prometheus: { url: http://p, certFile: /x }\n',
      /line 3, clusters\[0\]\.prometheus: is a mapping; expected certFile and keyFile together/,
    ],
    ['an exemplar metric without labels', 'exemplars: [{ metric: a_seconds }]\n', /exemplars\[0\].*caller or callee/],
    [
      'an exemplar metric of minutes',
      'exemplars: [{ metric: a, unit: minutes, callee: [job] }]\n',
      /unit.*seconds or milliseconds/,
    ],
    ['an exemplar metric that is a query', 'exemplars: [{ metric: "a{}", callee: [job] }]\n', /metric.*a metric name/],
    ['a link host with a path', 'linkHosts: [https://a.example/x]\n', /linkHosts\[0\].*a host name/],
  ])('%s', (_name, text, words) => {
    const told = mistakesOf(text);
    expect(told).toMatch(words);
    expect(told).not.toContain('canary');
  });

  it('and all of them are told', () => {
    expect(
      mistakesOf('clusters:\n  - nam: a\n    prometheus: { ur: x }\nowners: 3\nlinkHosts: {}\n').split('\n').length,
    ).toBeGreaterThan(5);
  });

  it('also a file that it names and that cannot be read', () => {
    const told = mistakesOf(
      'clusters:\n  - name: a\n    prometheus:\n      url: http://p\n      caFile: /nowhere.pem\n',
      () => false,
    );
    expect(told).toContain(
      'CONFIG_FILE line 5, clusters[0].prometheus.caFile: is "/nowhere.pem"; expected a file that can be read',
    );
  });
});

const bomb = [...'bcdefghij'].reduce(
  (text, letter) =>
    `${text}${letter}: &${letter} [${Array(10)
      .fill(`*${String.fromCharCode(letter.charCodeAt(0) - 1)}`)
      .join(',')}]\n`,
  'a: &a [x,x,x,x,x,x,x,x,x,x]\n',
);

describe('a hostile YAML file is refused in words', () => {
  it.each<[string, string, RegExp]>([
    ['a bomb of anchors', bomb, /at most 100 aliases/],
    ['endless depth', '['.repeat(200_000), /expected YAML/],
    ['an anchor within itself', 'clusters: &a [*a]\n', /clusters\[0\]/],
    ['a key __proto__', '__proto__: { clusters: [] }\n', /line 1: is not usable; expected no key __proto__/],
    ['a key __proto__ inside', one('    metrics: { "__proto__": x }\n'), /line 4: is not usable; expected no key __proto__/],
    ['a tag', 'clusters: !!js/function "x"\n', /line 1: is not usable; expected YAML: Unresolved tag/],
    ['a key twice', 'linkHosts: []\nlinkHosts: []\n', /line 2: .*unique/],
    ['two documents', 'linkHosts: []\n---\nlinkHosts: []\n', /expected YAML/],
    ['no mapping', '- 1\n', /line 1: is a list/],
    ['half a line', 'clusters: [', /expected YAML/],
    ['a megabyte of it', `# ${'x'.repeat(1_100_000)}`, /at most 1 MiB/],
    ['an unknown alias', 'clusters: *nobody\n', /expected YAML/],
    ['a binary', '\u0000\u0001\u0002', /expected|is/],
  ])('%s', (_name, text, words) => {
    expect(mistakesOf(text)).toMatch(words);
  });

  it('but an empty one, and anchors in reason, are fine', () => {
    expect(read('')).toMatchObject({ ok: true });
    expect(read('# nothing\n')).toMatchObject({ ok: true });
    const shared = 'clusters:\n  - name: a\n    prometheus: &p { url: http://p }\n  - name: b\n    prometheus: *p\n';
    expect(read(shared)).toMatchObject({ ok: true, file: { clusters: [{}, { prometheus: { url: 'http://p' } }] } });
    expect(({} as Record<string, unknown>)['clusters']).toBeUndefined();
  });
});

describe("Alertmanager's matchers", () => {
  const labels = labelsOf([
    ['team', 'payments'],
    ['severity', 'page'],
  ]);
  it.each<[string, boolean]>([
    ['team="payments"', true],
    ['team=payments', true],
    [' team = "payments" ', true],
    ['team!="payments"', false],
    ['team=~"pay.*"', true],
    ['team=~"pay"', false],
    ['team=~"ay.*|x"', false],
    ['team=~"x|payments"', true],
    ['team!~"pay.*"', false],
    ['missing=""', true],
    ['missing=~"x?"', true],
    ['missing!="x"', true],
    ['constructor=""', true],
    ['team=~"(?i)PAYMENTS"', true],
  ])('%s: %s', (matcher, expected) => {
    expect(labelTest([matcher])(labels)).toBe(expected);
  });

  it('must all hold, and cannot be made to hang', () => {
    expect(labelTest(['team="payments"', 'severity="page"'])(labels)).toBe(true);
    expect(labelTest(['team="payments"', 'severity="info"'])(labels)).toBe(false);
    expect(labelTest(['team=~"(a+)+"'])(labelsOf([['team', `${'a'.repeat(5000)}!`]]))).toBe(false);
  });
});
