import { describe, expect, it } from 'vitest';
import { SourceError } from '../../src/domain/gathered.ts';
import type { Incident } from '../../src/domain/incident.ts';
import { endSilence } from '../../src/episodes/silences.ts';
import { alertOf, episodes, wordsOf } from '../support/episodes.ts';
import { bo, click, command, gesturing } from '../support/gestures.ts';
import { call, down, holding } from '../support/metrics.ts';

const { store, clock, ahead, worldOn, told, hear } = episodes('silence-ends');
const sickFor = (callee: string) => holding(call('checkout', callee, { 200: 700, 503: 300 }));
const alertAbout = (callee: string, name = 'EdgeErrorRatioHigh') => alertOf('checkout', callee, { name });
const living = (alert: ReturnType<typeof alertOf>) => ({
  ...alert,
  state: 'active' as const,
  silencedBy: [],
  inhibitedBy: [],
});

/** An incident about a callee of its own, and an Alertmanager that lists its alert. */
const about = async (callee: string) => {
  await hear(worldOn(sickFor(callee)), alertAbout(callee));
  const incident = (await store().openIncidents()).find(({ title }) => title === `checkout → ${callee}`) as Incident;
  const made = gesturing(worldOn(down));
  made.alerts.are([living(alertAbout(callee))]);
  return { ...made, incident, now: async () => (await store().incident(incident.id)) as Incident };
};

describe('Unsilence', () => {
  it('ends every silence that was made here, once, whoever clicks', async () => {
    const { does, silences, now, incident } = await about('ending');
    await does(command('silence ending 1h "one"'));
    await does(command('silence ending 2h "two"'));
    await told();
    expect((await does(click('unsilence', incident.id, { person: bo }))).words()[0]).toMatch(
      /^Silence ended by <@U0BO>, (59 min|1 h 00 min) before its time/,
    );
    expect(silences.expired).toHaveLength(2);
    expect((await now()).silences).toEqual([]);
    expect(wordsOf(await told(), 'thread')).toHaveLength(2);
    expect((await does(command('unsilence ending'))).words()).toEqual(['checkout → ending has no silence that was made here.']);
    expect(await told()).toEqual([]);
  });

  it('says where Alertmanager did not end one, and the message keeps it', async () => {
    const { does, silences, now, incident } = await about('stuck');
    await does(command('silence stuck 1h "one"'));
    await told();
    silences.is(new SourceError('Alertmanager', 'unreachable', 'refused the connection'));
    expect((await does(click('unsilence', incident.id))).words()).toEqual([
      'Not every silence was ended: Alertmanager refused the connection.',
    ]);
    expect((await now()).silences).toHaveLength(1);
    expect(await told()).toEqual([]);
  });
});

describe('the end of a silence', () => {
  it('is told once, of each at its own time, however often the work is done', async () => {
    const { does, world, now, incident } = await about('timed');
    await does(command('silence timed 1h "short"'));
    await does(command('silence timed 2h "long"'));
    await told();
    await endSilence(world, incident.id);
    expect(await told()).toEqual([]);
    ahead(3_600_000 + 2000);
    await Promise.all([endSilence(world, incident.id), endSilence(world, incident.id)]);
    await endSilence(world, incident.id);
    const items = await told();
    expect(wordsOf(items, 'thread')).toEqual([expect.stringMatching(/^\*Silence over\* since .*\(short\)/)]);
    expect(wordsOf(items, 'edit')).toHaveLength(1);
    expect((await now()).silences).toMatchObject([{ comment: 'long' }]);
    ahead(3_600_000);
    await endSilence(world, incident.id);
    expect(wordsOf(await told(), 'thread')).toEqual([expect.stringMatching(/\(long\)/)]);
    expect((await now()).silences).toEqual([]);
  });

  it('comes late, after the incident is over: the thread alone says so, and nothing is opened again', async () => {
    const { does, world, now, incident } = await about('outlasting');
    await does(command('silence outlasting 1h "deploy"'));
    await hear(worldOn(down), { ...alertAbout('outlasting'), status: 'resolved' });
    ahead(3 * 3_600_000);
    await endSilence(world, incident.id);
    expect((await told()).map(({ purpose }) => purpose)).toEqual(['thread']);
    expect(await now()).toMatchObject({ state: 'resolved', silences: [] });
    await endSilence(world, incident.id);
    await endSilence(world, 'nobody’s');
    expect(await told()).toEqual([]);
  });

  it('wakes the store’s own work at the moment of each', async () => {
    const { does, world, incident } = await about('woken');
    const jobs: number[] = [];
    const change: typeof world.store.change = (where, key, after, decide) =>
      world.store.change(where, key, after, (current) => {
        const decision = decide(current);
        jobs.push(
          ...(decision?.jobs ?? []).flatMap(({ job, atMs }) => (job.kind === 'silence-end' ? [atMs - clock.nowMs()] : [])),
        );
        return decision;
      });
    const watched = gesturing({ ...world, store: { ...world.store, change } });
    watched.alerts.are([living(alertAbout('woken'))]);
    await watched.does(command('silence woken 1h "one"'));
    await watched.does(command('silence woken 2h "two"'));
    expect(jobs.map((ms) => Math.round(ms / 60_000))).toEqual([60, 120]);
    await does(click('unsilence', incident.id));
    await told();
  });
});
