import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPostgres } from '../../../src/adapters/store/postgres.ts';
import { systemClock } from '../../../src/adapters/system/clock.ts';
import type { Log } from '../../../src/ports.ts';
import { storeContract } from '../../contracts/store.ts';
import { groupOf } from '../../contracts/store-values.ts';
import { type PostgresServer, postgresMissing, startPostgres } from '../../support/postgres.ts';

describe.skipIf(postgresMissing !== null)(`PostgreSQL${postgresMissing === null ? '' : `: ${postgresMissing}`}`, () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  }, 60_000);
  afterAll(async () => {
    await server.stop();
  });
  const open = (url: string, log: Log = () => undefined) => openPostgres({ url, clock: systemClock, log });
  const delivery = (name: string, groupKey: string) => ({
    ...{ workspace: 'T1', cluster: 'prod' },
    receivedAtMs: Date.now(),
    group: groupOf(name, groupKey),
  });

  storeContract('real PostgreSQL', () => open(server.database('contract')));

  it('says in plain words that the server is not there, or the database', async () => {
    const nobody = open('postgres://edgewise@127.0.0.1:1/postgres');
    await expect(nobody).rejects.toMatchObject({ name: 'SourceError', source: 'store', reason: 'unreachable' });
    const nothing = open(server.url.replace(/postgres$/, 'nothing'));
    await expect(nothing).rejects.toMatchObject({ name: 'SourceError', reason: 'absent' });
  });

  it('works on a schema that a newer release added to, and refuses one that it broke', async () => {
    const url = server.database('newer');
    await (await open(url)).close();
    server.query('insert into edgewise.migration (number, minimum) values (900, 1)', 'newer');
    await (await open(url)).close();
    server.query('insert into edgewise.migration (number, minimum) values (901, 901)', 'newer');
    await expect(open(url)).rejects.toMatchObject({
      reason: 'unsupported',
      message: expect.stringMatching(/newer Edgewise .schema 901/),
    });
  });

  it('starts with three replicas at once on an empty database', async () => {
    const url = server.database('together');
    const replicas = await Promise.all([open(url), open(url), open(url)]);
    const same = delivery('together', 'together');
    const answers = await Promise.all(replicas.map((replica) => replica.accept(same)));
    expect([...answers].sort()).toEqual(['accepted', 'duplicate', 'duplicate']);
    for (const replica of replicas) await replica.close();
  });

  it('lets a transaction fail, and the process live, when its connection is cut between two statements', async () => {
    const store = await open(server.database('cut'));
    const cut = store.change({ workspace: 'T1', cluster: 'prod' }, 'cut', 0, () => {
      server.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = 'cut' and state = 'idle in transaction'",
      );
      return null;
    });
    await expect(cut).rejects.toMatchObject({ name: 'SourceError', reason: 'unreachable' });
    expect(await store.accept(delivery('after', 'after'))).toBe('accepted');
    await store.close();
  });

  it('takes a delivery that fails again and again out of the order of its group, and keeps it', async () => {
    const said: string[] = [];
    const store = await open(server.database('poison'), (_level, event) => void said.push(event));
    const ran: string[] = [];
    const stop = await store.work(async (job) => {
      if (job.kind !== 'triage') return;
      const name = (await store.delivery(job.deliveryId))?.group.alerts[0]?.fingerprint ?? '';
      if (name === 'poison') throw new Error('always');
      ran.push(name);
    }, 2);
    await store.accept(delivery('poison', 'one group'));
    await store.accept(delivery('next', 'one group'));
    while (ran.length === 0) {
      server.query("update edgewise_jobs.job set start_after = now() where state = 'retry'", 'poison');
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    await stop();
    expect(ran).toEqual(['next']);
    expect(said.some((event) => event.startsWith('triage set aside'))).toBe(true);
    expect((await store.queue()).count).toBe(1);
    await store.close();
  }, 30_000);
});
