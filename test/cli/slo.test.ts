import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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

describe('SLO_FILES', () => {
  it('tells what is wrong in our own files with the other mistakes', () => {
    const read = readSettings({ ...env, QUERY_SECONDS: 'x', SLO_FILES: `${folder}/wrong.yaml, ${folder}/*.txt` }, 'ask');
    if (read.ok) throw new Error('no mistake was found');
    expect(read.mistakes.map(({ name }) => name)).toEqual([
      'QUERY_SECONDS',
      `SLO_FILES ${folder}/*.txt`,
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
