import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { cruiseSource } from '../../.ci/boundaries.ts';

const { forbidden } = createRequire(import.meta.url)('../../.dependency-cruiser.cjs') as {
  forbidden: readonly { name: string; comment: string }[];
};

/** One planted breach per rule: where it stands, and what it imports. */
const breaches: Readonly<Record<string, readonly [from: string, statement: string]>> = {
  'nouns-know-only-nouns': ['src/domain/edge.ts', "import '../ports.ts';"],
  'dialects-are-tables': ['src/dialects/istio.ts', "import '../stages/measure/plan.ts';"],
  'stages-do-not-know-each-other': ['src/stages/compose/root.ts', "import '../measure/plan.ts';"],
  'stages-are-pure': ['src/stages/compose/root.ts', "import '../../adapters/http/client.ts';"],
  'pure-code-has-no-packages': ['src/stages/compose/root.ts', "import 'node:fs';"],
  'ports-are-types': ['src/ports.ts', "import './adapters/http/client.ts';"],
  'walks-know-no-vendor': ['src/triage.ts', "import './adapters/http/client.ts';"],
  'vendors-know-ports-and-nouns': ['src/adapters/prometheus/source.ts', "import '../slack/sender.ts';"],
  'only-the-command-line-opens-the-workshop': ['src/main.ts', "import './workspace/server.ts';"],
  'the-workshop-is-opened-lazily': ['src/cli.ts', "import './workspace/server.ts';"],
  'the-workspace-is-not-the-bot': ['src/workspace/server.ts', "import '../domain/edge.ts';"],
  'nobody-imports-the-roots': ['src/triage.ts', "import './main.ts';"],
  'no-tests-in-the-product': ['src/triage.ts', "import '../test/helper.ts';"],
  'no-dev-packages-in-the-product': ['src/main.ts', "import 'fast-check';"],
  'no-cycles': ['src/domain/edge.ts', "import './time.ts';"],
  'no-missing-files': ['src/domain/edge.ts', "import './nowhere.ts';"],
  'home-of-electric-sql-pglite': ['src/main.ts', "import '@electric-sql/pglite';"],
  'home-of-pg': ['src/main.ts', "import 'pg';"],
  'home-of-pg-boss': ['src/main.ts', "import 'pg-boss';"],
  'home-of-slack-bolt': ['src/main.ts', "import '@slack/bolt';"],
  'home-of-vega': ['src/main.ts', "import 'sharp';"],
  'home-of-undici': ['src/main.ts', "import 'undici';"],
  'home-of-pino': ['src/main.ts', "import 'pino';"],
  'home-of-prometheus-io-lezer-promql': ['src/main.ts', "import '@prometheus-io/lezer-promql';"],
  'home-of-re2js': ['src/main.ts', "import 're2js';"],
  'home-of-yaml': ['src/main.ts', "import 'yaml';"],
  'home-of-commander': ['src/main.ts', "import 'commander';"],
  'home-of-ws': ['src/main.ts', "import 'ws';"],
};

const skeleton: Readonly<Record<string, string>> = {
  'src/domain/edge.ts': '',
  'src/domain/time.ts': "import './edge.ts';",
  'src/dialects/istio.ts': '',
  'src/ports.ts': '',
  'src/triage.ts': '',
  'src/main.ts': '',
  'src/cli.ts': '',
  'src/stages/measure/plan.ts': '',
  'src/stages/compose/root.ts': '',
  'src/adapters/http/client.ts': '',
  'src/adapters/slack/sender.ts': '',
  'src/adapters/prometheus/source.ts': '',
  'src/workspace/server.ts': '',
  'test/helper.ts': '',
};

const roots: string[] = [];
afterAll(() => {
  for (const root of roots) rmSync(root, { recursive: true, force: true });
});

const plant = (files: Readonly<Record<string, string>>): string => {
  const root = mkdtempSync(join(tmpdir(), 'edgewise-boundaries-'));
  roots.push(root);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), `${text}\nexport {};\n`);
  }
  for (const shared of ['node_modules', 'package.json']) symlinkSync(resolve(shared), join(root, shared));
  return root;
};

describe('the boundaries of the repository', () => {
  it('hold on a skeleton without a breach', async () => {
    const { files, unseen, breaches: found } = await cruiseSource(plant(skeleton));
    expect({ files, unseen, found }).toEqual({ files: Object.keys(skeleton).length - 1, unseen: [], found: [] });
  });

  it('fail when a module was not seen, by its name, though nothing else is wrong', () => {
    const root = plant(skeleton);
    const check = () => spawnSync(process.execPath, [resolve('.ci/boundaries.ts'), root], { encoding: 'utf8' });
    expect(check()).toMatchObject({ status: 0, stdout: 'boundaries: 13 modules seen of 13, 0 breaches\n' });
    // A link that leads nowhere cannot be read: the tool passes over it in silence.
    symlinkSync(join(root, 'nowhere'), join(root, 'src/domain/unseen.ts'));
    expect(check()).toMatchObject({
      status: 1,
      stdout: 'boundaries: 13 modules seen of 14, 0 breaches\n',
      stderr: 'boundaries: not seen, and so not checked: src/domain/unseen.ts\n',
    });
  });

  it('have one planted breach for every rule', () => {
    expect(Object.keys(breaches).sort()).toEqual(forbidden.map(({ name }) => name).sort());
  });

  it.each(Object.entries(breaches))('find the planted breach of %s', async (rule, [from, statement]) => {
    const { breaches: found } = await cruiseSource(plant({ ...skeleton, [from]: `${skeleton[from]}\n${statement}` }));
    expect(found.filter((breach) => breach.rule === rule && breach.from === from)).not.toEqual([]);
  });

  it.each(forbidden.map(({ name, comment }) => [name, comment]))('explain %s to the one who broke it', (_name, comment) => {
    expect(comment?.length).toBeGreaterThan(10);
  });
});
