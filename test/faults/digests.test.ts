import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPostgres } from '../../src/adapters/store/postgres.ts';
import { systemClock } from '../../src/adapters/system/clock.ts';
import { formatMistakes, readSettings } from '../../src/config.ts';
import { freePort } from '../../src/demo/engine-process.ts';
import { startWorkspace, type Workspace } from '../../src/workspace/workspace.ts';
import { start } from '../cli/run.ts';
import { answering, environmentOf, startSource } from '../support/bot.ts';
import { type PostgresServer, postgresMissing, startPostgres } from '../support/postgres.ts';

const channels = ['#shop', '#cart', '#ledger', '#search', '#stock', '#mesh-alerts'];
const replicas = 3;
const kills = 8;
const why = postgresMissing === null ? '' : `: ${postgresMissing}`;

const definitions = `edgewise: slos/v1
slos:
  - {name: payments-availability, service: shop/payments, availability: 99.9, window: 30d}
`;

/** A time of day that was a minute ago, so that the first tick finds it due. */
const aMinuteAgo = (): number => Math.floor(Date.now() / 60_000 + 1439) % 1440;

describe.skipIf(postgresMissing !== null)(`${replicas} shipped bots, killed while digests are due${why}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'edgewise-digests-'));
  let server: PostgresServer;
  let workspace: Workspace;
  let source: Awaited<ReturnType<typeof startSource>>;
  let asked = 0;
  const running: ReturnType<typeof start>[] = [];

  const environment = async (): Promise<Record<string, string>> =>
    environmentOf(workspace, source.url, folder, await freePort(), {
      ...{ DATABASE_URL: server.url, SLO_FILES: join(folder, 'slos.yaml'), LOG_LEVEL: 'info' },
    });
  const startOne = async (): Promise<void> => {
    const bot = start(['serve'], await environment());
    running.push(bot);
    await bot.says('Edgewise is ready');
  };
  const inChannels = () => channels.map((channel) => workspace.messages(channel));
  const rootsOf = (channel: string) => workspace.messages(channel).filter(({ threadTs }) => threadTs === null);

  beforeAll(async () => {
    writeFileSync(join(folder, 'slos.yaml'), definitions);
    [server, workspace, source] = await Promise.all([
      startPostgres(),
      startWorkspace({ isStrict: false, channels: channels.map((name) => name.slice(1)) }),
      startSource(),
    ]);
    // Slow enough that a kill finds somebody at work.
    source.answer(async (request, response) => {
      asked += 1;
      await wait(300);
      try {
        await answering([])(request, response);
      } catch {
        // Whoever asked was killed meanwhile.
        response.destroy();
      }
    });
    const read = readSettings(await environment(), 'serve');
    if (!read.ok) throw new Error(formatMistakes(read.mistakes));
    const store = await openPostgres({ url: server.url, clock: systemClock, log: () => undefined });
    const wish = {
      channelName: null,
      rhythm: 'daily',
      weekday: 1,
      zone: 'UTC',
      choice: { kind: 'own' },
      sinceMs: 0,
      by: null,
    } as const;
    for (const channel of channels)
      await store.digests.subscribe(read.config.slack.workspace, { ...wish, channel, minuteOfDay: aMinuteAgo() });
    await store.close();
  }, 60_000);
  afterAll(async () => {
    for (const { child } of running) child.kill('SIGKILL');
    await Promise.all([workspace.close(), source.close()]);
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('tell each channel once, with one thread', async () => {
    await Promise.all(Array.from({ length: replicas }, startOne));
    const askedAtStart = asked;
    // The first tick comes within a minute.
    for (let waited = 0; asked < askedAtStart + 3 && waited < 90_000; waited += 100) await wait(100);
    for (let round = 0; round < kills; round += 1) {
      await wait(200 + Math.random() * 2500);
      const victim = running.shift();
      victim?.child.kill('SIGKILL');
      await victim?.ended;
      await startOne();
    }
    expect(await workspace.until(() => inChannels().every((messages) => messages.length >= 2), 150_000)).toBe(true);
    // Whoever else may be at work comes to its end: a lease and a heartbeat are over after half a minute.
    await wait(35_000);
    for (const channel of channels) {
      expect(
        rootsOf(channel).map(({ text }) => text),
        channel,
      ).toEqual([expect.stringContaining('SLOs: 1 not judged')]);
      expect(workspace.messages(channel), channel).toHaveLength(2);
    }
    const told = await server.query('select count(*)::text from edgewise.digest', 'postgres');
    process.stdout.write(`${replicas} replicas, ${kills} kills, ${channels.length} digests: ${told} told, ${asked} questions\n`);
  }, 400_000);
});
