import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPostgres } from '../../src/adapters/store/postgres.ts';
import { systemClock } from '../../src/adapters/system/clock.ts';
import { groupOf } from '../contracts/store-values.ts';
import { eventually, type PostgresServer, postgresMissing, startPostgres } from '../support/postgres.ts';
import { scope, startProgram } from './store-program.ts';
import { type Accepted, pause, reckon, startVictim } from './store-support.ts';

const rounds = 20;
const why = postgresMissing === null ? '' : `: ${postgresMissing}`;

describe.skipIf(postgresMissing !== null)(`faults of the store on PostgreSQL${why}`, () => {
  let folder: string;
  let server: PostgresServer;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'edgewise-kill-'));
    server = await startPostgres();
  }, 60_000);
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const open = (url: string) => openPostgres({ url, clock: systemClock, log: () => undefined });

  it(`two replicas, one of them killed ${rounds} times: no acknowledged delivery lost, none told twice`, async () => {
    const slack = { path: join(folder, 'slack') };
    const url = server.database('killed');
    const accepted: Accepted[] = [];
    const lasting = startVictim('postgres', url, slack);
    expect(await lasting.ready, lasting.said()).toBe(true);
    for (let round = 0; round < rounds; round += 1) {
      const victim = startVictim('postgres', url, slack);
      if (round % 5 === 4) await pause(30 + Math.random() * 300);
      else {
        expect(await victim.ready, victim.said()).toBe(true);
        await pause(50 + Math.random() * 400);
      }
      await victim.kill();
      expect(victim.said()).toBe('');
      accepted.push(...victim.accepted);
    }
    await lasting.kill();
    expect(lasting.said()).toBe('');
    accepted.push(...lasting.accepted);
    const store = await open(url);
    await reckon(`PostgreSQL with two replicas, ${rounds} kills`, store, slack, accepted);
    await store.close();
  }, 180_000);

  it('two replicas that get every delivery tell each once', async () => {
    const slack = { path: join(folder, 'slack-twice') };
    const url = server.database('twice');
    const replicas = await Promise.all([open(url), open(url)]);
    const programs = await Promise.all(replicas.map((replica) => startProgram(replica, slack)));
    const deliveries = Array.from({ length: 100 }, (_, index) => ({
      ...scope,
      receivedAtMs: Date.now(),
      group: groupOf(`twice-${index}`, `group-${index % 7}`),
    }));
    const answers = await Promise.all(deliveries.flatMap((delivery) => replicas.map((replica) => replica.accept(delivery))));
    expect(answers.filter((answer) => answer === 'accepted').length).toBe(100);
    for (const program of programs) await program.stop();
    const [first, second] = replicas;
    if (!first || !second) throw new Error('two replicas');
    await second.close();
    const accepted = deliveries.map(({ group, receivedAtMs }) => ({
      name: group.alerts[0]?.fingerprint ?? '',
      receivedAtMs,
      groupKey: group.groupKey,
    }));
    await reckon('PostgreSQL, each delivery to two replicas', first, slack, accepted);
    await first.close();
  }, 90_000);

  it('answers with an error while the server is down, and goes on by itself once it is back', async () => {
    const slack = { path: join(folder, 'slack-down') };
    const store = await open(server.database('down'));
    const program = await startProgram(store, slack);
    const accepted: Accepted[] = [];
    const accept = async (name: string): Promise<void> => {
      const receivedAtMs = Date.now();
      await store.accept({ ...scope, receivedAtMs, group: groupOf(name, 'one') });
      accepted.push({ name, receivedAtMs, groupKey: 'one' });
    };
    for (let index = 0; index < 15; index += 1) await accept(`before-${index}`);
    await server.kill();
    await expect(accept('meanwhile')).rejects.toMatchObject({ name: 'SourceError', source: 'store', reason: 'unreachable' });
    expect(await store.healthy()).toBe(false);
    await server.start();
    await eventually(() => accept('back'));
    for (let index = 0; index < 15; index += 1) await accept(`after-${index}`);
    await program.stop();
    await reckon('PostgreSQL killed and started again', store, slack, accepted);
    await store.close();
  }, 120_000);
});
