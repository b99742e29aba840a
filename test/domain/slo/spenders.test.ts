import { describe, expect, it } from 'vitest';
import type { SloHour, SloReading, Spent } from '../../../src/domain/slo/reading.ts';
import { mostlyIn, type PastIncident, spendersOf, spentBy } from '../../../src/domain/slo/spenders.ts';
import { hourMs } from '../../../src/domain/time.ts';

const startMs = Date.parse('2026-11-01T00:00:00Z');
const checkout = { namespace: 'shop', workload: 'checkout', service: null };
const web = { namespace: 'shop', workload: 'web', service: null };
const payments = { namespace: 'shop', workload: null, service: 'payments' };

const hour = (index: number, ...spent: readonly Spent[]): SloHour => ({
  startMs: startMs + index * hourMs,
  events: { total: 1000, bad: spent.reduce((sum, { bad }) => sum + bad, 0) },
  seen: 1,
  spent,
});

const reading = (hours: readonly SloHour[]): SloReading => {
  const endMs = startMs + hours.length * hourMs;
  return {
    slo: {
      name: 'payments-availability',
      about: { kind: 'service', callee: payments },
      sli: { kind: 'availability', bad: 'failed', reporter: 'destination' },
      objectivePpm: 999_000,
      window: { kind: 'rolling', days: 30 },
      ...{ cluster: null, owner: null, channel: null, origin: { format: 'Edgewise', file: 'slos.yaml' } },
    },
    ...{ atMs: endMs, period: { startMs, endMs, wholeSeconds: 30 * 86_400 }, whole: null, burnt: new Map(), hours },
    ...{ coverage: 1, sinceMs: null, reporter: 'destination', method: { kind: 'counted' }, gaps: [] },
  };
};

const incident = (id: string, fromHour: number, toHour: number | null, callee = payments): PastIncident => ({
  id,
  title: `${id}: checkout → payments`,
  edge: { cluster: null, source: checkout, destination: callee },
  openedAtMs: startMs + fromHour * hourMs,
  closedAtMs: toHour === null ? null : startMs + toHour * hourMs,
});

const one = (bad: number, more: Partial<Spent> = {}): Spent => ({
  caller: checkout,
  ending: '503 UF',
  version: 'v1',
  bad,
  ...more,
});

describe('What spent the budget', () => {
  const hours = Array.from({ length: 200 }, (_, index) => {
    if (index === 40) return hour(index, one(500), one(20, { caller: web, ending: '500', version: 'v2' }));
    if (index === 41) return hour(index, one(300, { version: 'v2' }));
    return hour(index, one(0.1, { caller: web, ending: '500' }));
  });

  it('names a version only where another answered as well', () => {
    const withVersions = (versions: readonly string[]) => reading([{ ...hour(0, one(10)), versions }]);
    expect(spendersOf(withVersions(['v1']), [])[0]?.version).toBeNull();
    expect(spendersOf(withVersions(['v1', 'v2']), [])[0]?.version).toBe('v1');
  });

  it('is who called and how it ended, with its share, when it was, and the incidents that fell in it', () => {
    const before = incident('before', 2, 40);
    const within = incident('within', 41, 42);
    const other = incident('other', 40, 42, { namespace: 'shop', workload: null, service: 'cart' });
    const [first, second] = spendersOf(reading(hours), [before, within, other]);
    expect(first).toMatchObject({ caller: checkout, ending: '503 UF', version: null, bad: 800 });
    expect(first?.share).toBeCloseTo(800 / 839.8, 6);
    expect(first?.mostly).toEqual({ startMs: startMs + 40 * hourMs, endMs: startMs + 42 * hourMs });
    expect(first?.incidents.map(({ id }) => id)).toEqual(['within']);
    expect(second).toMatchObject({ caller: web, ending: '500', mostly: null, incidents: [] });
  });

  it('is told apart by each of its dimensions, the most first, and each adds up to all', () => {
    for (const dimension of ['caller', 'ending', 'version'] as const) {
      const parts = spentBy(reading(hours), dimension);
      expect(parts.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9);
      expect(parts.map(({ bad }) => bad)).toEqual([...parts.map(({ bad }) => bad)].sort((a, b) => b - a));
    }
    expect(spentBy(reading(hours), 'version')[0]).toMatchObject({ name: 'v1' });
    expect(spendersOf(reading([hour(0)]), [])).toEqual([]);
  });

  it('is mostly in the shortest run of hours that holds four fifths, and in none where it is spread', () => {
    const at = (...bad: readonly number[]) =>
      mostlyIn(bad.map((each, index) => ({ startMs: startMs + index * hourMs, bad: each })));
    expect(at(0, 10, 0, 0)).toEqual({ startMs: startMs + hourMs, endMs: startMs + 2 * hourMs });
    expect(at(1, 0, 4, 5, 0, 0)).toEqual({ startMs: startMs + 2 * hourMs, endMs: startMs + 4 * hourMs });
    expect(at(0, 0)).toBeNull();
    expect(at(...Array.from({ length: 100 }, () => 1))).toBeNull();
  });
});
