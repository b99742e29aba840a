import { afterEach, describe, expect, it } from 'vitest';
import { subscriptionKey } from '../../src/domain/digest-subscription.ts';
import type { View } from '../../src/domain/gesture.ts';
import type { KnownStanding } from '../../src/domain/slo/known.ts';
import { renewHomes } from '../../src/gestures/home.ts';
import { onGesture } from '../../src/gestures.ts';
import type { Store } from '../../src/ports.ts';
import { spoken } from '../../src/stages/compose/spoken.ts';
import { viewProblems } from '../../src/workspace/view-rules.ts';
import { sloNamed, subscriptionTo } from '../digests/digests-world.ts';
import { away, episodes } from '../support/episodes.ts';
import { ada, gesturing, recordingScreen, stranger } from '../support/gestures.ts';
import { down } from '../support/metrics.ts';

const { store, worldOn, clock, ahead } = episodes('home-objectives');

const standing = (name: string, state: KnownStanding['state'], left: number | null, agoMs = 0): KnownStanding => {
  const atMs = clock.nowMs() - agoMs;
  return {
    ...{ slo: sloNamed(name), cluster: 'prod', atMs, period: { startMs: 0, endMs: atMs, wholeSeconds: 2_592_000 } },
    ...{ state, left, events: null, exhaustedAtMs: null },
  };
};
const opened = { kind: 'home', person: { ...ada, channelId: null } } as const;
const read = (view: View | undefined): string => spoken({ text: '', blocks: view?.blocks ?? [] });
const knowing = (all: Store['standings']['all']) => {
  const world = worldOn(down);
  return { ...world, store: { ...world.store, standings: { ...world.store.standings, all } } };
};

afterEach(async () => {
  for (const one of await store().digests.subscriptions('T1')) await store().digests.unsubscribe('T1', subscriptionKey(one));
});

describe('objectives in the Home', () => {
  it('are none where none is known, and no digest is one where none comes', async () => {
    const [view] = (await gesturing(worldOn(down)).does(opened)).published;
    expect(read(view)).not.toMatch(/Objectives|Digests/);
  });

  it('stand there as they were last read, the worst first, six of them and how many more', async () => {
    const known = [
      standing('ledger', 'healthy', 0.9),
      standing('quiet', 'no-traffic', null),
      standing('cart', 'at-risk', 0.1),
      standing('dark', 'insufficient-data', null),
      standing('stock', 'breached', -0.5),
      standing('payments', 'breached', -2),
      standing('web', 'healthy', 0.5, 1_800_000),
      standing('yesterday', 'breached', -9, 90_000_000),
    ];
    const [view] = (await gesturing(knowing(async () => known)).does(opened)).published;
    const text = read(view);
    const [, section = ''] = /Objectives\n([\s\S]*?)\n\n/.exec(text) ?? [];
    const [first, second, third, fourth, fifth, sixth] = section.split('\n');
    expect(first).toBe('🔴  payments  ▱▱▱▱▱▱▱▱▱▱ overspent by 200 %');
    expect(second).toMatch(/^🔴 {2}stock /);
    expect(third).toMatch(/^🟠 {2}cart .* 10 % left$/);
    expect(fourth).toBe('⚪  dark  not judged');
    expect(fifth).toBe('⚪  quiet  no traffic');
    expect(sixth).toMatch(/^✅ {2}web .* 50 % left, as of \w{3} \d+ \w+ \d\d:\d\d$/);
    expect(text).toMatch(/as of \w{3} \d+ \w+ \d\d:\d\d · 1 more objective and what spent their budgets: “\/mesh slo”/);
    expect(text).not.toContain('yesterday');
    const wire = { type: 'home', blocks: view?.blocks };
    expect(viewProblems(wire, 'home', () => 'ready')).toEqual({ problems: [], isTooLarge: false });
  });

  it('stand beside the digests of the workspace, the next one first', async () => {
    const weekly = subscriptionTo('C0123ABC', { rhythm: 'weekly', by: 'U0ADA', choice: { kind: 'owner', owner: 'shop' } });
    await store().digests.subscribe('T1', weekly);
    await store().digests.subscribe('T9', subscriptionTo('C0999XYZ'));
    const { does } = gesturing(worldOn(down), { configured: () => [subscriptionTo('#cart')] });
    const text = read((await does(opened)).published[0]);
    expect(text).toMatch(/Digests\n• {2}(#cart: daily|<#C0123ABC>: weekly) /);
    expect(text).toMatch(/<#C0123ABC>: weekly of the objectives of shop, next Mon \d+ \w+ 09:00 UTC, asked for by <@U0ADA>/);
    expect(text).not.toContain('C0999XYZ');
  });

  it('are shown anew in a Home that is open when they were read again, and are not for other organisations', async () => {
    let left = 0.5;
    const { world, does } = gesturing(knowing(async () => [standing('payments', 'healthy', left)]));
    const { screen, published } = recordingScreen();
    await onGesture(world)(opened, screen);
    expect(read(published.at(-1))).toContain('50 % left');
    ahead(3_600_000);
    left = 0.4;
    // Opened again, since after ten minutes nobody looks any more.
    await onGesture(world)(opened, screen);
    left = 0.3;
    await renewHomes(world);
    expect(read(published.at(-1))).toContain('30 % left');
    const [theirs] = (await does({ kind: 'home', person: { ...stranger, channelId: null } })).published;
    expect(read(theirs)).not.toContain('payments');
  });

  it('are not known where the store does not say, and what is open stands there all the same', async () => {
    const { does } = gesturing(knowing(away));
    const text = read((await does(opened)).published[0]);
    expect(text).toMatch(/^No incident is open/);
    expect(text).toContain('Objectives and digests are not known: the store refused the connection.');
    const none = gesturing(knowing(away), { openIncidents: away });
    expect(read((await none.does(opened)).published[0]).match(/refused the connection/g)).toHaveLength(1);
  });
});
