import { expect, it } from 'vitest';
import type { Incident } from '../../src/domain/incident.ts';
import { alertOf, episodes } from '../support/episodes.ts';
import { click, command, gesturing } from '../support/gestures.ts';
import { down } from '../support/metrics.ts';

const { store, worldOn, told, hear } = episodes('floods');
const world = () => ({ ...worldOn(down), channelBudget: 1 });

const flood = async (): Promise<Incident> => {
  const found = (await store().openIncidents()).find(({ title }) => title.includes('more edges'));
  if (found === undefined) throw new Error('nothing is told together');
  return found;
};

it('what a channel tells together says what cannot be done to it as one, and does nothing', async () => {
  await hear(world(), ...['a', 'b', 'c', 'd'].map((name) => alertOf(name, `${name}-callee`)));
  const { id } = await flood();
  const { does, silences, rows } = gesturing(world());
  for (const [action, verb] of [
    ['drill', 'looked into'],
    ['four-signals', 'looked into'],
    ['refresh', 'read again'],
    ['silence', 'silenced'],
    ['right-edge', 'judged'],
  ] as const)
    expect((await does(click(action, id))).words()).toEqual([
      expect.stringMatching(new RegExp(`^3 more edges in trouble is about many edges at once, and nothing of it can be ${verb}`)),
    ]);
  expect((await does(command('silence 3 more edges in trouble 2h "deploy"'))).words()[0]).toMatch(
    /^3 more edges in trouble is about many/,
  );
  expect(silences.made).toEqual([]);
  expect(rows.map(({ outcome }) => outcome)).not.toContain('done');
  expect(await told()).toEqual([]);
});

it('it is found by one of its edges, listed with what is open, and can be acknowledged', async () => {
  const { does } = gesturing(world());
  const held = (await flood()).alerts[0]?.about?.title ?? '';
  expect((await does(command(`ack ${held}`))).words()[0]).toMatch(/^You look after 3 more edges in trouble now/);
  expect((await flood()).acknowledged?.by).toBe('U0ADA');
  const { words } = await does(command('incidents'));
  expect(words()[0]).toContain('🔴 3 more edges in trouble');
  expect(words()[0]).toContain('acknowledged by');
});
