import { describe, expect, it } from 'vitest';
import type { Alert } from '../../src/domain/alert.ts';
import { acknowledge } from '../../src/domain/deeds.ts';
import { edgesOf } from '../../src/domain/flood.ts';
import type { Incident } from '../../src/domain/incident.ts';
import { doTo } from '../../src/episodes/deeds.ts';
import { handleDelivery } from '../../src/episodes/delivery.ts';
import { fold, refresh } from '../../src/episodes/upkeep.ts';
import type { EpisodeWorld } from '../../src/episodes/world.ts';
import { alertOf, episodes, wordsOf } from '../support/episodes.ts';
import { down } from '../support/metrics.ts';

const { store, clock, ahead, worldOn, accept, told, hear, now } = episodes('channel-budget');

/** Each test has a channel of its own, with room for three. */
const worldIn = (channel: string): EpisodeWorld => ({
  ...worldOn(down),
  channelBudget: 3,
  routeOf: (_, __, severity) => ({ channel, mention: severity === 'page' ? '<!subteam^S0123ABC>' : null }),
});
/** Alerts on so many edges that share neither end. */
const edgesIn = (channel: string, from: number, to: number, severity = 'warning'): readonly Alert[] =>
  Array.from({ length: to - from }, (_, n) =>
    alertOf(`a${from + n}`, `b${from + n}-${channel.slice(1)}`, { severity, startsAtMs: clock.nowMs() }),
  );
const ended = (alerts: readonly Alert[]): readonly Alert[] => alerts.map((alert) => ({ ...alert, status: 'resolved' }));
const openIn = async (channel: string): Promise<readonly Incident[]> =>
  (await store().openIncidents()).filter((incident) => incident.channel === channel);
const floodIn = async (channel: string): Promise<Incident> => {
  const flood = (await openIn(channel)).find((one) => edgesOf(one) !== null);
  if (flood === undefined) throw new Error(`nothing is told together in ${channel}`);
  return flood;
};
const textOf = ({ lastRoot }: Incident): string => JSON.stringify(lastRoot?.blocks);

describe('what a channel gets beyond its budget', () => {
  it('is one message that lists its edges, the worst first, whatever they are about', async () => {
    const world = worldIn('#one');
    const items = await hear(
      world,
      ...edgesIn('#one', 0, 20),
      ...edgesIn('#one', 20, 22, 'info'),
      ...edgesIn('#one', 22, 24, 'page'),
    );
    const roots = wordsOf(items, 'root');
    expect(roots).toHaveLength(4);
    // What is loudest gets the messages of its own.
    expect(roots.filter((text) => text.startsWith('🔴 a2'))).toHaveLength(2);
    expect(roots.filter((text) => text.startsWith('🟠 21 more edges in trouble'))).toHaveLength(1);
    const flood = await floodIn('#one');
    expect(flood.alerts).toHaveLength(21);
    expect(textOf(flood)).toMatch(/\*Edges:\*\\n_warning_ (a\d+ → b\d+-one, ){11}a\d+ → b\d+-one\\nand 9 more/);
    expect(await openIn('#one')).toHaveLength(4);
  });

  it('counts down as they get well, and resolves with the last of them', async () => {
    const world = worldIn('#two');
    const alerts = edgesIn('#two', 0, 10);
    await hear(world, ...alerts);
    const flood = await floodIn('#two');
    const mine = alerts.filter(({ fingerprint }) => flood.alerts.some((alert) => alert.fingerprint === fingerprint));
    const some = await hear(world, ...ended(mine.slice(0, 5)));
    expect(wordsOf(some, 'edit')).toEqual([expect.stringMatching(/^🟠 2 of 7 more edges still in trouble/)]);
    expect((await floodIn('#two')).lastHeader).toBe('🟠 2 of 7 more edges still in trouble');
    expect(wordsOf(await hear(world, ...ended(mine.slice(5))), 'resolution')).toEqual([
      expect.stringMatching(/^✅ Resolved: 7 more edges in trouble/),
    ]);
  });

  it('calls for each page-severity alert once: at once, then for all of a minute together', async () => {
    const world = worldIn('#three');
    await hear(world, ...edgesIn('#three', 0, 5));
    const first = await hear(world, ...edgesIn('#three', 10, 12, 'page'));
    expect(wordsOf(first, 'escalation')).toEqual([
      expect.stringMatching(/^<!subteam\^S0123ABC> \*2 page-severity alerts\* among \*4 more edges in trouble\*\n•/),
    ]);
    expect(first.filter(({ broadcast }) => broadcast)).toHaveLength(1);
    expect(wordsOf(first, 'edit')).toEqual([expect.stringMatching(/^🔴 4 more edges in trouble/)]);
    for (let n = 20; n < 25; n += 1)
      expect(wordsOf(await hear(world, ...edgesIn('#three', n, n + 1, 'page')), 'escalation')).toEqual([]);
    const flood = await floodIn('#three');
    ahead(61_000);
    await fold(world, flood.id);
    const later = await told();
    expect(wordsOf(later, 'escalation')).toEqual([
      expect.stringMatching(/^<!subteam\^S0123ABC> \*5 page-severity alerts\* among \*9 more edges in trouble\*/),
    ]);
    await fold(world, flood.id);
    expect((await told()).filter(({ purpose }) => purpose !== 'edit')).toEqual([]);
  });

  it('tells the thread of those that join, batched', async () => {
    const world = worldIn('#four');
    await hear(world, ...edgesIn('#four', 0, 5));
    await hear(world, ...edgesIn('#four', 5, 7));
    await fold(world, (await floodIn('#four')).id);
    const [lines = ''] = wordsOf(await told(), 'thread');
    expect(lines).toContain('*EdgeErrorRatioHigh* of a5 → b5-four (warning)');
    expect(lines).toContain('*EdgeErrorRatioHigh* of a6 → b6-four (warning)');
    expect(lines).not.toContain('a4 →');
  });

  it('is one message too when fifty come at once, and no alert of them is lost', async () => {
    const world = worldIn('#five');
    const alerts = edgesIn('#five', 0, 50);
    const ids: string[] = [];
    for (const alert of alerts) ids.push(await accept([alert]));
    await Promise.all(ids.map((id) => handleDelivery(world, id)));
    const items = await told();
    expect(wordsOf(items, 'root')).toHaveLength(4);
    const open = await openIn('#five');
    const held = open.flatMap((one) => one.alerts.map(({ fingerprint }) => fingerprint));
    expect(held.toSorted()).toEqual(alerts.map(({ fingerprint }) => fingerprint).toSorted());
    expect(edgesOf(await floodIn('#five'))).toHaveLength(47);
    // Heard again, nothing is told again.
    for (const id of ids.slice(0, 3)) await handleDelivery(world, id);
    expect(wordsOf(await told(), 'root')).toEqual([]);
  }, 60_000);

  it('keeps what it holds, while new ones get messages of their own once the ten minutes are over', async () => {
    const world = worldIn('#six');
    await hear(world, ...edgesIn('#six', 0, 6));
    const flood = await floodIn('#six');
    const held = edgesOf(flood)?.[0]?.title.split(' → ')[0] ?? '';
    ahead(11 * 60_000);
    const same = edgesIn('#six', Number(held.slice(1)), Number(held.slice(1)) + 1).map((alert) => ({
      ...alert,
      fingerprint: 'another rule',
    }));
    expect(wordsOf(await hear(world, ...same), 'root')).toEqual([]);
    expect((await now(flood))?.alerts).toHaveLength(4);
    expect(wordsOf(await hear(world, ...edgesIn('#six', 30, 31)), 'root')).toEqual([expect.stringMatching(/^🟠 a30 → b30-six/)]);
  });

  it('is of its channel alone, and a channel without a budget gets all', async () => {
    await hear(worldIn('#seven'), ...edgesIn('#seven', 0, 6));
    expect(wordsOf(await hear(worldIn('#eight'), ...edgesIn('#eight', 0, 3)), 'root')).toHaveLength(3);
    const free = { ...worldIn('#nine'), channelBudget: 0 };
    expect(wordsOf(await hear(free, ...edgesIn('#nine', 0, 9)), 'root')).toHaveLength(9);
  });

  it('can be acknowledged, and is measured by nobody', async () => {
    const world = worldIn('#ten');
    await hear(world, ...edgesIn('#ten', 0, 5));
    const flood = await floodIn('#ten');
    await doTo(world, flood.id, (incident) => acknowledge(incident, { by: 'U0ADA', atMs: Date.now() }));
    const [item] = await told();
    expect(JSON.stringify(item?.message.blocks)).toContain('👀 *Acknowledged* by <@U0ADA>');
    expect(JSON.stringify(item?.message.blocks)).toMatch(/"action_id":"unacknowledge"/);
    expect(JSON.stringify(item?.message.blocks)).not.toMatch(/"action_id":"(drill|refresh|silence)"/);
    await refresh(world, flood.id, 'by people');
    expect(await told()).toEqual([]);
  });
});
