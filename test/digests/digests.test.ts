import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readAtStart, startDue } from '../../src/digests/due.ts';
import { tellDigest } from '../../src/digests/tell.ts';
import { subscriptionKey } from '../../src/domain/digest-subscription.ts';
import { localDate } from '../../src/domain/local-time.ts';
import { dayMs, hourMs, minuteMs } from '../../src/domain/time.ts';
import { digestsWorld, sloNamed, subscriptionTo } from './digests-world.ts';

const at = (iso: string): number => Date.parse(`${iso}Z`);
const midnight = at('2026-11-28T00:00');
const payments = [sloNamed('payments', { channel: '#shop' }), sloNamed('ledger')];
const purposes = ({ messages }: { readonly messages: readonly { readonly purpose: string }[] }) =>
  messages.map(({ purpose }) => purpose);
const rootText = ({ messages }: { readonly messages: readonly { readonly message: { readonly text: string } }[] }) =>
  messages[0]?.message.text ?? '';

describe('A digest that is due', () => {
  it('is told once a local date by three replicas, through both changes of the clocks', async () => {
    const zones = ['America/New_York', 'Africa/Cairo', 'Europe/London', 'Australia/Lord_Howe', 'America/Santiago', 'Asia/Tokyo'];
    const spans = [at('2026-03-06T00:00'), at('2026-04-03T00:00'), at('2026-09-04T00:00'), at('2026-10-24T00:00')];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...zones),
        fc.constantFrom(...spans),
        fc.integer({ min: 0, max: 1430 }),
        async (zone, fromMs, minuteOfDay) => {
          const run = digestsWorld(payments, [subscriptionTo('#shop', { zone, minuteOfDay, sinceMs: fromMs })], fromMs);
          await run.passes(fromMs + 4 * dayMs, 7 * minuteMs);
          const dates = run.told.map(({ date }) => date);
          expect(new Set(dates).size).toBe(dates.length);
          expect(dates.length).toBeGreaterThanOrEqual(3);
          for (const { date, atMs } of run.told) expect(localDate(atMs, zone)).toBe(date);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('goes to its channel with the objectives of that channel, in a thread all figures', async () => {
    const run = digestsWorld(payments, [subscriptionTo('#shop'), subscriptionTo('#other')], midnight);
    run.fails(0.02);
    await run.passes(midnight + 10 * hourMs, 30 * minuteMs);
    expect(run.told.map(({ channel, memory }) => [channel, memory.map(({ name, state }) => `${name} ${state}`)])).toEqual([
      ['#shop', ['payments breached']],
      ['#other', ['ledger breached']],
    ]);
    expect(run.told.map(purposes)).toEqual([
      ['root', 'thread'],
      ['root', 'thread'],
    ]);
    const [first] = run.told;
    expect(first?.messages.map(({ key, rootId, broadcast }) => [key, rootId, broadcast])).toEqual([
      [`${first?.id}:root`, first?.id, false],
      [`${first?.id}:thread`, first?.id, false],
    ]);
  });

  it('says what changed since the last one, and is one line without a thread when nothing did', async () => {
    const run = digestsWorld(payments, [subscriptionTo('#shop')], midnight);
    await run.passes(midnight + dayMs, hourMs);
    run.fails(0.009);
    await run.passes(midnight + 2 * dayMs, hourMs);
    run.fails(0);
    await run.passes(midnight + 3 * dayMs, hourMs);
    await run.passes(midnight + 4 * dayMs, hourMs);
    expect(run.told.map(rootText)).toEqual([
      expect.stringContaining('SLOs: 1 healthy'),
      expect.stringContaining('SLOs: 1 at risk'),
      expect.stringContaining('SLOs: 1 healthy'),
      expect.stringContaining('the SLO healthy, as at the last digest'),
    ]);
    expect(JSON.stringify(run.told[1]?.messages)).toContain(', was 100 %');
    expect(purposes(run.told[3] ?? { messages: [] })).toEqual(['root']);
  });

  it('waits for a source that is away, a quarter of an hour; then it says that nothing is known', async () => {
    const run = digestsWorld(payments, [subscriptionTo('#shop')], midnight + 9 * hourMs);
    run.fails(null);
    await run.passes(midnight + 9 * hourMs + 7 * minuteMs);
    expect(run.told).toEqual([]);
    run.fails(0);
    await run.passes(midnight + 9 * hourMs + 14 * minuteMs);
    expect(run.told.map(rootText)).toEqual([expect.stringContaining('SLOs: 1 healthy')]);
    run.sleeps(midnight + dayMs + 9 * hourMs);
    run.fails(null);
    await run.passes(midnight + dayMs + 9 * hourMs + 30 * minuteMs);
    expect(run.told).toHaveLength(2);
    expect(JSON.stringify(run.told[1]?.messages)).toContain('refused the connection');
    expect(((run.told[1]?.atMs ?? 0) - midnight - dayMs - 9 * hourMs) / minuteMs).toBeGreaterThanOrEqual(15);
  });

  it('of a channel that no file names says that nothing is known while nobody can say what rules record', async () => {
    const run = digestsWorld([], [subscriptionTo('#shop')], midnight + 9 * hourMs);
    run.fails(null);
    await run.passes(midnight + 9 * hourMs + 14 * minuteMs);
    expect(run.told).toEqual([]);
    await run.passes(midnight + 9 * hourMs + 30 * minuteMs);
    expect(run.told.map(rootText)).toEqual([expect.stringContaining('SLOs: not known')]);
    expect(JSON.stringify(run.told[0]?.messages)).toContain('refused the connection');
  });

  it('that was missed while nobody was there is told late the same morning, never in the evening', async () => {
    const run = digestsWorld(payments, [subscriptionTo('#shop')], midnight);
    run.sleeps(midnight + 14 * hourMs);
    await run.passes(midnight + 14 * hourMs + 5 * minuteMs);
    expect(run.told.map(({ date }) => date)).toEqual(['2026-11-28']);
    run.sleeps(midnight + dayMs + 16 * hourMs);
    await run.passes(midnight + dayMs + 20 * hourMs, 10 * minuteMs);
    expect(run.told).toHaveLength(1);
  });

  it('whose job comes hours late is not told, nor one that nobody wants any more', async () => {
    const run = digestsWorld(payments, [], midnight + 9 * hourMs);
    const asked = subscriptionTo('#shop', { by: 'U1' });
    await run.digests.subscribe('T1', asked);
    await startDue(run.world);
    const job = { kind: 'digest', workspace: 'T1', subscription: subscriptionKey(asked), date: '2026-11-28' } as const;
    expect([...run.jobs.values()]).toEqual([{ job, atMs: midnight + 9 * hourMs }]);
    run.sleeps(midnight + 15 * hourMs + 1);
    await tellDigest(run.world, job);
    await run.digests.unsubscribe('T1', subscriptionKey(asked));
    run.sleeps(midnight + 10 * hourMs);
    await tellDigest(run.world, job);
    expect([run.told, run.ends]).toEqual([[], ['late']]);
  });

  it('is told in every workspace that has us, and in none that has not', async () => {
    const run = digestsWorld(payments, [subscriptionTo('#shop')], midnight + 9 * hourMs);
    run.workspaces.push('T2');
    await run.passes(midnight + 9 * hourMs + 2 * minuteMs);
    expect(run.told.map(({ workspace }) => workspace)).toEqual(['T1', 'T2']);
  });

  it('comes after all when the store was away at its time', async () => {
    const run = digestsWorld(payments, [subscriptionTo('#shop')], midnight + 9 * hourMs);
    run.storeIsAway(true);
    await expect(run.passes(midnight + 9 * hourMs + minuteMs)).rejects.toThrow('is away');
    run.storeIsAway(false);
    await run.passes(midnight + 9 * hourMs + 3 * minuteMs);
    expect(run.told).toHaveLength(1);
  });
});

it('Objectives are read once an hour, whoever starts within it', async () => {
  const run = digestsWorld(payments, [], midnight + 9 * hourMs + 5 * minuteMs);
  await readAtStart(run.world);
  run.sleeps(midnight + 9 * hourMs + 55 * minuteMs);
  await readAtStart(run.world);
  expect([...run.jobs.values()]).toEqual([{ job: { kind: 'objectives' }, atMs: midnight + 9 * hourMs }]);
});
