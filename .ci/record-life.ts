/**
 * Records the worlds of test/scenarios/life from the demo's mesh in a real Prometheus: `node .ci/record-life.ts [world …]`. Each world is
 * asked what its stories ask; the test replays the exchanges.
 */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { httpSource } from '../src/adapters/http/client.ts';
import { openEmbedded } from '../src/adapters/store/embedded.ts';
import { scenarioNamed } from '../src/demo/mesh/faults.ts';
import { makePast, shippedRules, startPrometheus } from '../src/demo/stack.ts';
import { type Dial, play, startMs } from '../test/support/life/play.ts';
import { recordedWorld } from '../test/support/life/recorded.ts';
import { type RecordedWorld, readStory, readWorlds } from '../test/support/life/story.ts';

const home = 'test/scenarios/life';
const quiet = (): void => undefined;

const record = async (name: string, { fault, during, until }: RecordedWorld): Promise<void> => {
  const effects = scenarioNamed(fault)?.effects;
  if (effects === undefined) throw new Error(`${name}: the demo has no fault ${fault}`);
  const stories = readdirSync(home)
    .filter((folder) => existsSync(join(home, folder, 'story.yaml')))
    .map((folder) => readStory(join(home, folder)))
    .filter(({ world }) => world === name);
  const folder = mkdtempSync(join(tmpdir(), 'edgewise-life-'));
  const times = during.map(([from, to]) => [startMs + from, startMs + to] as const);
  const fromMs = Math.min(...times.map(([from]) => from));
  await makePast(folder, startMs, {
    fault: {
      effects,
      fromMs,
      isThere: (atMs) => times.some(([from, to]) => atMs > from && atMs <= to),
      untilMs: startMs + until,
    },
  });
  const running = await startPrometheus({ folder, target: null, alertmanager: null, rules: shippedRules(), log: quiet });
  const [metrics, rules] = ['Prometheus', 'Alert rules'].map((what) => httpSource({ name: what, url: running.url }));
  if (!metrics || !rules) throw new Error('no source');
  const dial: Dial = { nowMs: () => startMs };
  const store = await openEmbedded({ dataDir: join(folder, 'store'), clock: { nowMs: () => dial.nowMs() }, log: quiet });
  const world = recordedWorld({ metrics, rules });
  try {
    for (const story of stories)
      await play(story, { store, dial, http: world.http }).catch((error: unknown) => {
        process.exitCode = 1;
        process.stderr.write(`${name}, “${story.story}”: ${String(error)}\n`);
      });
    process.stdout.write(`recorded ${name}: ${world.write(home, name)} exchanges of ${stories.length} stories\n`);
  } finally {
    await Promise.all([metrics.close(), rules.close(), store.close()]);
    await running.stop();
    rmSync(folder, { recursive: true, force: true });
  }
};

const wanted = process.argv.slice(2);
for (const [name, world] of Object.entries(readWorlds(home)))
  if (wanted.length === 0 || wanted.includes(name)) await record(name, world);
