import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readSettings } from '../../src/config.ts';
import { run } from './run.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'edgewise-slos-'));
  const own = '  - {name: payments, service: shop/payments, availability: 99.9}\n';
  writeFileSync(join(folder, 'good.yaml'), `edgewise: slos/v1\ndefaults: {window: 30d}\nslos:\n${own}`);
  writeFileSync(
    join(folder, 'wrong.yaml'),
    'edgewise: slos/v1\nslos:\n  - {name: a, service: b, availability: 100, window: 30d}\n',
  );
  const two = ['blue', 'green'].map(
    (cluster, index) => `  - {name: ${'ab'[index]}, service: s/t, availability: 99, cluster: ${cluster}}\n`,
  );
  writeFileSync(join(folder, 'clusters.txt'), `edgewise: slos/v1\ndefaults: {window: 30d}\nslos:\n${two.join('')}`);
  writeFileSync(
    join(folder, 'sloth.yml'),
    'version: prometheus/v1\nservice: s\nslos: [{name: n, objective: 99, sli: {plugin: {id: x}}}]\n',
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const patience = { timeout: 60_000 };
const env = { PROMETHEUS_URL: 'http://prometheus:9090' };

describe('edgewise slo check', () => {
  it('prints what it understood', patience, async () => {
    const good = join(folder, 'good.yaml');
    expect(await run(['slo', 'check', good])).toMatchObject({
      status: 0,
      err: '',
      out: `NAME      ABOUT          OBJECTIVE  WINDOW  COUNTED                             FROM
payments  shop/payments  99.9 %     30 d    bad: failed, at the callee's proxy  Edgewise, ${good}

1 objective understood, 0 fields refused
`,
    });
  });

  it('ends with 1 where anything is refused, and says the same to programs', patience, async () => {
    const { status, out } = await run(['slo', 'check', '--json', folder, join(folder, 'gone.yaml')]);
    expect(status).toBe(1);
    const { slos, refused } = JSON.parse(out);
    expect(slos).toMatchObject([{ name: 'payments', objectivePpm: 999_000 }]);
    expect(refused.map(({ field, given }: { field: string; given: string }) => [field, given])).toEqual([
      ['file', 'not there'],
      ['sli.plugin.id', '"x"'],
      ['availability', '"100"'],
    ]);
  });

  it('refuses a cluster that the settings do not have, where they name any', patience, async () => {
    const far = mkdtempSync(join(tmpdir(), 'edgewise-far-'));
    try {
      const [slos, settings] = [join(far, 'slos.yaml'), join(far, 'edgewise.yml')];
      writeFileSync(slos, 'edgewise: slos/v1\nslos: [{name: a, service: b, availability: 99, window: 30d, cluster: moon}]\n');
      writeFileSync(settings, 'clusters: [{name: prod, prometheus: {url: http://prometheus:9090}}]\n');
      expect(await run(['slo', 'check', slos])).toMatchObject({ status: 0 });
      const checked = await run(['slo', 'check', slos], { CONFIG_FILE: settings });
      expect(checked).toMatchObject({ status: 1, err: '' });
      expect(checked.out).toContain('a, cluster: is "moon"; expected one of the clusters: prod');
    } finally {
      rmSync(far, { recursive: true });
    }
  });
});

describe('edgewise slo rules', () => {
  it('writes rules for what SLO_FILES defines, and says what it has none for', patience, async () => {
    const out = join(folder, 'rules.txt');
    const settings = { SLO_FILES: `${folder}/good.yaml,${folder}/sloth.yml` };
    const { status, err, out: printed } = await run(['slo', 'rules', '--kubernetes', '--out', out], settings);
    expect({ status, printed }).toEqual({ status: 1, printed: '' });
    expect(err).toMatch(/^without rules: s-n: .*sloth\.yml, s-n, sli\.plugin\.id: is "x"; expected .+\n$/);
    const text = readFileSync(out, 'utf8');
    expect(text).toContain('# Without rules:\n#   s-n: ');
    expect(parse(text)).toMatchObject({
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'PrometheusRule',
      metadata: { name: 'edgewise-slos' },
      spec: { groups: [{ name: 'edgewise-slo-payments', interval: '1m' }] },
    });
  });

  it('prints the same each time, of files that the words name', patience, async () => {
    const words = ['slo', 'rules', join(folder, 'good.yaml')];
    const [first, second] = await Promise.all([run(words), run(words)]);
    expect(first).toEqual(second);
    expect(first).toMatchObject({ status: 0, err: '' });
    expect(parse(first.out).groups).toHaveLength(1);
  });

  it.each<[string, readonly string[], string]>([
    ['no objective is defined', ['slo', 'rules'], 'there are no objectives'],
    [
      'clusters are mixed',
      ['slo', 'rules', 'CLUSTERS'],
      '--cluster is missing: the rules of each cluster go to its own Prometheus (blue, green)',
    ],
    [
      'the cluster is unknown',
      ['slo', 'rules', 'CLUSTERS', '--cluster', 'red'],
      '--cluster red: expected one of the clusters: blue, green',
    ],
    [
      'the file cannot be written',
      ['slo', 'rules', 'GOOD', '--out', '/proc/rules.yaml'],
      '--out /proc/rules.yaml cannot be written',
    ],
  ])('ends with 2 where %s', patience, async (_what, words, said) => {
    const named = words.map((word) =>
      word.replace('CLUSTERS', join(folder, 'clusters.txt')).replace('GOOD', join(folder, 'good.yaml')),
    );
    const { status, err } = await run(named);
    expect({ status, err }).toEqual({ status: 2, err: expect.stringContaining(said) });
  });

  it('makes those of one cluster', patience, async () => {
    const { out } = await run(['slo', 'rules', join(folder, 'clusters.txt'), '--cluster', 'green']);
    expect(parse(out).groups.map(({ name }: { name: string }) => name)).toEqual(['edgewise-slo-b']);
  });
});

describe('edgewise digest --dry-run', () => {
  const shown = async (...more: readonly string[]): Promise<string> => {
    const objective = (name: string, channel: string): string =>
      `  - {name: ${name}, service: shop/${name}, availability: 99.9, window: 30d, channel: "${channel}"}\n`;
    writeFileSync(
      join(folder, 'told.yaml'),
      `edgewise: slos/v1\nslos:\n${objective('cart', '#cart')}${objective('web', '#web')}`,
    );
    const config = "digests: [{ channel: '#cart', rhythm: weekly, objectives: ['w*'], zone: Asia/Tokyo }]";
    writeFileSync(join(folder, 'edgewise.conf'), config);
    const settings = {
      // Port 9 is closed: nothing is judged, and what would be told of is all there is.
      ...{ PROMETHEUS_URL: 'http://127.0.0.1:9', SLO_FILES: join(folder, 'told.yaml') },
      CONFIG_FILE: join(folder, 'edgewise.conf'),
    };
    const { out, err, status } = await run(['digest', '--dry-run', '--at', '2026-11-28T06:00:00Z', ...more], settings);
    expect({ err, status }).toEqual({ err: '', status: 0 });
    return out;
  };

  it('is of all objectives, of those of a channel, or of what the configuration says of it', patience, async () => {
    const all = await shown();
    expect([/\bcart\b/.test(all), /\bweb\b/.test(all)]).toEqual([true, true]);
    const own = await shown('--channel', 'cart');
    expect([/\bcart\b/.test(own), /\bweb\b/.test(own)]).toEqual([true, false]);
    const configured = await shown('--channel', '#cart', '--weekly');
    expect([/\bcart\b/.test(configured), /\bweb\b/.test(configured)]).toEqual([false, true]);
    // In the zone of the channel.
    expect(configured).toContain('as of Sat 28 Nov 15:00');
  });
});

describe('SLO_FILES', () => {
  it('tells what is wrong in our own files with the other mistakes', () => {
    const read = readSettings({ ...env, QUERY_SECONDS: 'x', SLO_FILES: `${folder}/wrong.yaml, ${folder}/*.absent` }, 'ask');
    if (read.ok) throw new Error('no mistake was found');
    expect(read.mistakes.map(({ name }) => name)).toEqual([
      'QUERY_SECONDS',
      `SLO_FILES ${folder}/*.absent`,
      `SLO_FILES ${folder}/wrong.yaml, a, availability`,
    ]);
  });

  it('leaves out what it cannot count of another tool, and starts', () => {
    const read = readSettings({ ...env, SLO_FILES: `${folder}/good.yaml,${folder}/sloth.yml` }, 'ask');
    if (!read.ok) throw new Error('a mistake was found');
    expect(read.config.objectives.slos.map(({ name }) => name)).toEqual(['payments']);
    expect(read.config.objectives.refused.map(({ name }) => name)).toEqual(['s-n']);
  });
});
