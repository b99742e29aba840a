import { afterEach, describe, expect, it } from 'vitest';
import { subscriptionKey } from '../../src/domain/digest-subscription.ts';
import { SourceError } from '../../src/domain/gathered.ts';
import type { Person } from '../../src/domain/gesture.ts';
import type { Block } from '../../src/domain/message.ts';
import type { GestureWorld } from '../../src/gestures/world.ts';
import { digestsWorld, sloNamed, subscriptionTo } from '../digests/digests-world.ts';
import { away, episodes } from '../support/episodes.ts';
import { ada, bo, click, command, gesturing, stranger } from '../support/gestures.ts';
import { down } from '../support/metrics.ts';

const { store, worldOn, clock } = episodes('digests');

const slos = [
  sloNamed('payments-availability', { channel: '#payments', owner: 'payments' }),
  sloNamed('payments-latency', { channel: '#payments', owner: 'payments' }),
  sloNamed('cart-availability', { channel: '#cart', owner: 'shop' }),
];
const inPayments: Person = { ...ada, channelId: 'C0123ABC' };
const refuses = async (): Promise<never> => {
  throw new SourceError('Slack', 'refused', 'lacks the scope channels:read');
};

/** The channel #payments, whose objectives a source tells of: a fiftieth fails. */
const channel = (more: Partial<GestureWorld> = {}) => {
  const read = digestsWorld(slos, [], clock.nowMs());
  read.fails(0.02);
  const { clusters, objectives } = read.world;
  const gestures = gesturing(worldOn(down), { clusters, objectives, nameOfChannel: async () => ({ name: 'payments' }), ...more });
  return { ...gestures, asks: (text: string, person: Person = inPayments) => gestures.does(command(text, person)) };
};
const kept = () => store().digests.subscriptions('T1');

afterEach(async () => {
  for (const one of await kept()) await store().digests.unsubscribe('T1', subscriptionKey(one));
});

describe('a subscription', () => {
  it('is told to the channel: who asked, when the next digest comes, what it holds; and is in the audit', async () => {
    const { asks, rows } = channel();
    const { said, words } = await asks('digest subscribe weekly at 8:30 on tuesday in Europe/Berlin');
    expect(said.map(({ shared }) => shared)).toEqual([true]);
    expect(words()[0]).toMatch(
      /^🗓️ <@U0ADA> asked for a weekly digest of the objectives of this channel, every Tuesday at 08:30 Europe\/Berlin\. The next one comes Tue \d+ \w+ 08:30 Europe\/Berlin\.\nIt holds 2 objectives: payments-availability, payments-latency\.\n\n“\/mesh digest” shows it now/,
    );
    expect(await kept()).toEqual([
      {
        ...{ rhythm: 'weekly', weekday: 2, minuteOfDay: 510, zone: 'Europe/Berlin', choice: { kind: 'own' } },
        ...{ channel: 'C0123ABC', channelName: 'payments', by: 'U0ADA', sinceMs: expect.any(Number) },
      },
    ]);
    expect(rows).toMatchObject([
      { action: 'digest subscribe', outcome: 'done', by: 'U0ADA', channelId: 'C0123ABC', incidentId: null, workspace: 'T1' },
    ]);
    expect(JSON.parse(rows[0]?.detail ?? '')).toMatchObject({ rhythm: 'weekly', weekday: 2, zone: 'Europe/Berlin' });
  });

  it('takes the place of the last of its rhythm, also of one that is configured by the name of the channel', async () => {
    const { asks } = channel({ configured: () => [subscriptionTo('#payments'), subscriptionTo('#cart')] });
    expect((await asks('digest subscribe at 10:00')).words()[0]).toContain(
      'It takes the place of the one every day at 09:00 UTC, configured.',
    );
    expect((await asks('digest subscribe at 11:00', { ...inPayments, userId: 'U0BO' })).words()[0]).toContain(
      'It takes the place of the one every day at 10:00 UTC, asked for by <@U0ADA>.',
    );
    expect(await kept()).toMatchObject([{ minuteOfDay: 660, by: 'U0BO' }]);
    const [list] = (await asks('digest list')).words();
    expect(list).toMatch(/^2 digests\n/);
    expect(list).toMatch(
      /• {2}<#C0123ABC> \(here\): daily of the objectives of the channel, next \w+ \d+ \w+ 11:00 UTC, asked for by <@U0BO>/,
    );
    expect(list).toMatch(/• {2}#cart: daily of the objectives of the channel, next \w+ \d+ \w+ 09:00 UTC, configured/);
  });

  it('of another time comes from tomorrow on where the channel was told today: it gets one a date', async () => {
    const { asks } = channel();
    const later = new Date(clock.nowMs() + 60_000);
    const [date = '', time = ''] = later.toISOString().split(/[T.]/);
    const key = subscriptionKey({ channel: 'C0123ABC', rhythm: 'daily' });
    await store().digests.tell({
      ...{ id: 'digest:today', workspace: 'T1', subscription: key, date, atMs: clock.nowMs(), channel: 'C0123ABC', memory: [] },
      messages: [],
    });
    const [said] = (await asks(`digest subscribe at ${time.slice(0, 5)} in UTC`)).words();
    const tomorrow = new Date(later.getTime() + 86_400_000).toLocaleDateString('en-GB', { day: 'numeric', timeZone: 'UTC' });
    expect(said).toMatch(new RegExp(`The next one comes \\w+ ${tomorrow} `));
    expect((await kept())[0]?.sinceMs).toBeGreaterThan(clock.nowMs());
  });

  it('of an owner or of names holds what they are about; of nothing it is none, and what was meant is said', async () => {
    const { asks, rows } = channel();
    expect((await asks('digest subscribe owner shop')).words()[0]).toContain('It holds 1 objective: cart-availability.');
    expect((await asks('digest subscribe *-availability')).words()[0]).toContain(
      'It holds 2 objectives: payments-availability, cart-availability.',
    );
    expect((await asks('digest subscribe owner nobody')).words()).toEqual([
      'Not subscribed: no objective is owned by “nobody”. There are: payments, shop.',
    ]);
    expect((await asks('digest subscribe payments-availabilty')).words()[0]).toMatch(
      /^Not subscribed: no objective is called “payments-availabilty”; did you mean payments-availability/,
    );
    expect((await channel({ nameOfChannel: async () => ({ name: 'ops' }) }).asks('digest subscribe')).words()[0]).toMatch(
      /^Not subscribed: no objective names this channel/,
    );
    expect(rows.map(({ outcome }) => outcome)).toEqual(['done', 'done', 'failed', 'failed']);
    const { clusters } = digestsWorld([], [], 0).world;
    const without = channel({ clusters, objectives: { ...digestsWorld([], [], 0).world.objectives } });
    expect((await without.asks('digest subscribe')).words()[0]).toMatch(/^Not subscribed: no objective is known yet/);
  });

  it('is refused with the reason in a direct message, where the bot is not, and where others read along', async () => {
    const reason = async (more: Partial<GestureWorld>, person = inPayments): Promise<string | undefined> =>
      (await channel(more).asks('digest subscribe', person)).words()[0];
    expect(await reason({}, { ...ada, channelId: 'D0123ABC' })).toMatch(/^Not subscribed: a digest is told to a channel/);
    expect(await reason({ nameOfChannel: async () => null })).toMatch(/^Not subscribed: Edgewise is not in this channel/);
    expect(await reason({ nameOfChannel: refuses })).toBe(
      'Not subscribed: Slack did not tell what this channel is (it lacks the scope channels:read).',
    );
    expect(await reason({ isSharedOutside: async () => true })).toMatch(
      /^Not subscribed: people of another organisation read along/,
    );
    expect(await reason({ isSharedOutside: refuses })).toMatch(/^Not subscribed: Slack did not tell who reads along here/);
    expect(await kept()).toEqual([]);
    expect(await reason({ isSharedOutside: async () => true, showsStrangers: true })).toMatch(/asked for a \*?daily digest/);
  });

  it('is for those who may: nobody of another organisation, and whom roles.digest names', async () => {
    const { asks, rows } = channel();
    const eve = { ...stranger, channelId: 'C0123ABC' };
    for (const words of ['digest subscribe', 'digest unsubscribe'])
      expect((await asks(words, eve)).words()).toEqual(['People of another organisation may look, not ask for a digest.']);
    for (const words of ['digest', 'digest list'])
      expect((await asks(words, eve)).words()).toEqual(['Figures and causes are kept from people of other organisations here.']);
    expect(rows.map(({ action, outcome }) => `${action} ${outcome}`)).toEqual([
      'digest subscribe refused',
      'digest unsubscribe refused',
    ]);
    const { roles } = channel().world;
    const few = channel({ roles: { ...roles, digest: { users: [bo.userId], groups: [], channels: [] } } });
    expect((await few.asks('digest subscribe')).words()).toEqual(['Who may ask for a digest here: U0BO.']);
    expect(await kept()).toEqual([]);
    expect((await few.asks('digest subscribe', { ...inPayments, userId: bo.userId })).said).toMatchObject([{ shared: true }]);
  });
});

describe('the end of a subscription', () => {
  it('is told to the channel, with who ended it and whose it was', async () => {
    const { asks, rows } = channel();
    await asks('digest subscribe at 10:00');
    const { said, words } = await asks('digest unsubscribe', { ...inPayments, userId: 'U0BO' });
    expect(said.map(({ shared }) => shared)).toEqual([true]);
    expect(words()).toEqual([
      '🗓️ <@U0BO> ended the daily digest of this channel (every day at 10:00 UTC, asked for by <@U0ADA>).',
    ]);
    expect(await kept()).toEqual([]);
    expect(rows.at(-1)).toMatchObject({ action: 'digest unsubscribe', outcome: 'done', by: 'U0BO' });
    const again = await asks('digest unsubscribe');
    expect(again.said.map(({ shared }) => shared)).toEqual([false]);
    expect(again.words()).toEqual(['No digest comes to this channel.']);
  });

  it('asks which one is meant where there are two', async () => {
    const { asks } = channel();
    await asks('digest subscribe');
    await asks('digest subscribe weekly');
    expect((await asks('digest unsubscribe')).words()[0]).toMatch(/^Which one\? Write “\/mesh digest unsubscribe daily”/);
    expect((await asks('digest unsubscribe weekly')).words()[0]).toContain('ended the weekly digest');
    expect(await kept()).toMatchObject([{ rhythm: 'daily' }]);
  });

  it('is the configuration’s where it stands there, and what is configured comes again after one that was asked for', async () => {
    const { asks } = channel({ configured: () => [subscriptionTo('#payments')] });
    expect((await asks('digest unsubscribe')).words()).toEqual([
      'The daily digest of this channel stands in the configuration (digests in CONFIG_FILE): whoever runs Edgewise ends it there.',
    ]);
    await asks('digest subscribe at 10:00');
    expect((await asks('digest unsubscribe')).words()[0]).toMatch(
      /The one of CONFIG_FILE comes again, every day at 09:00 UTC; the next one \w+ \d+ \w+ 09:00 UTC\.$/,
    );
  });
});

describe('a preview', () => {
  it('is the digest of the channel as it would be now, with its table, for the one who asked; it can be shared', async () => {
    const { asks, does, rows } = channel();
    const before = await asks('digest');
    expect(before.words()[0]).toContain('SLOs: 2 breached');
    expect(before.words()[0]).toContain('no such digest comes here yet');
    expect(before.words()[1]).toContain('payments-latency');
    expect(before.said.map(({ shared }) => shared)).toEqual([false, false]);
    await asks('digest subscribe weekly owner shop');
    const after = await asks('digest now');
    expect(after.words()[0]).toContain('SLOs: 1 breached');
    expect(after.words()[0]).toMatch(/the weekly digest of the objectives of shop, which comes next Mon \d+ \w+ 09:00 UTC\.$/);
    expect((await asks('digest daily')).words()[0]).toContain('SLOs: 2 breached');
    const shareOf = (blocks: readonly Block[] = []): string =>
      blocks.flatMap(({ type, elements }) => (type === 'actions' ? (elements as { readonly value: string }[]) : []))[0]?.value ??
      '';
    const value = shareOf(after.said[0]?.message.blocks);
    const shared = await does(click('share', value, { person: inPayments }));
    expect(shared.said[0]?.shared).toBe(true);
    expect(shared.words()[0]).toContain('SLOs: 1 breached');
    expect(shared.words()[0]).not.toContain('seen only by you');
    expect(rows.map(({ action }) => action)).toEqual(['digest subscribe', 'share']);
  });

  it('says what changed since the last digest that the channel was told', async () => {
    const { asks } = channel({ configured: () => [subscriptionTo('#payments')] });
    const key = subscriptionKey(subscriptionTo('#payments'));
    const atMs = clock.nowMs() - 86_400_000;
    const memory = [{ name: 'payments-latency', state: 'healthy', left: 0.5 }] as const;
    await store().digests.tell({
      ...{ id: 'digest:test', workspace: 'T1', subscription: key, date: '2026-01-01', atMs, channel: '#payments', memory },
      messages: [],
    });
    expect((await asks('digest')).words()[0]).toContain('was 50 %');
  });

  it('of a channel whose objectives nobody defined says so', async () => {
    const other = channel({ objectives: digestsWorld([], [], 0).world.objectives });
    expect((await other.asks('digest')).words()[0]).toMatch(/^No SLOs are defined for this channel/);
  });
});

describe('a store that does not answer', () => {
  it('is said, and nothing is told to the channel', async () => {
    const { world } = channel();
    const digests = { ...world.store.digests, subscriptions: away, subscribe: away };
    const broken = channel({ store: { ...world.store, digests } });
    const about = {
      'digest subscribe': 'Not subscribed: the store refused the connection.',
      'digest unsubscribe': 'Not ended: the store refused the connection.',
      'digest list': 'The digests are not known: the store refused the connection.',
      digest: 'No digest: the store refused the connection.',
    };
    for (const [words, told] of Object.entries(about)) {
      const { said, words: heard } = await broken.asks(words);
      expect(heard()).toEqual([told]);
      expect(said[0]?.shared).toBe(false);
    }
  });
});
