import { describe, expect, it } from 'vitest';
import { calledByAll, type Edge } from '../../../src/domain/edge.ts';
import type { EdgeReading, Outcome, ReporterReading } from '../../../src/domain/signals.ts';
import {
  type BudgetCost,
  burnsOut,
  costsOf,
  goneAtMs,
  leftNow,
  sharePerHour,
  spentMore,
  type TouchedBudget,
  touchedBudgets,
} from '../../../src/domain/slo/cost.ts';
import type { KnownStanding } from '../../../src/domain/slo/known.ts';
import type { BadRequests, Slo, SloReporter } from '../../../src/domain/slo.ts';
import { dayMs, hourMs, minuteMs } from '../../../src/domain/time.ts';
import { edgeNamed, nowMs } from '../../support/report.ts';

const edge = edgeNamed();
const payments = { namespace: 'shop', workload: null, service: 'payments' };
const checkout = { namespace: 'shop', workload: 'checkout', service: null };
const slo = (name: string, more: Partial<Slo> = {}): Slo => ({
  ...{ name, about: { kind: 'service', callee: payments }, objectivePpm: 999_000, window: { kind: 'rolling', days: 30 } },
  sli: { kind: 'availability', bad: 'failed', reporter: 'destination' },
  ...{ cluster: null, owner: null, channel: null, origin: { format: 'Edgewise', file: 'slos.yaml' } },
  ...more,
});
const standing = (of: Slo, more: Partial<KnownStanding> = {}): KnownStanding => ({
  ...{ slo: of, cluster: 'prod', atMs: nowMs - hourMs, state: 'healthy', left: 0.5, exhaustedAtMs: null },
  ...{ period: { startMs: nowMs - 30 * dayMs, endMs: nowMs, wholeSeconds: 2_592_000 }, events: { total: 1_000_000, bad: 500 } },
  ...more,
});
const touched = (standings: readonly KnownStanding[], of: Edge = edge) =>
  touchedBudgets(standings, 'prod', of, nowMs).map(({ name, of: kind, allowed }) => `${name} ${kind} ${allowed}`);

describe('The budgets that failures of an edge are spent from', () => {
  it('are those of its callee and its own, with their events known', () => {
    const about = (source = checkout, destination = payments): Slo['about'] => ({
      kind: 'edge',
      edge: { cluster: null, source, destination },
    });
    expect(
      touched([
        standing(slo('payments')),
        standing(slo('own', { about: about() })),
        standing(slo("another caller's", { about: about({ ...checkout, workload: 'web' }) })),
        standing(slo('another callee', { about: { kind: 'service', callee: { ...payments, service: 'cart' } } })),
        standing(slo('another namespace', { about: { kind: 'service', callee: { ...payments, namespace: 'bank' } } })),
        standing(slo('of a file', { about: { kind: 'named', service: 'payments' } })),
        standing(slo('latency', { sli: { kind: 'latency', thresholdSeconds: 1, offEdge: 'refuse', reporter: 'destination' } })),
        standing(slo('a ratio'), { events: null }),
        standing(slo('a query', { sli: { kind: 'ratio-query', errorRatio: 'x' } })),
        standing(slo('scraped for a week only'), { left: null, state: 'insufficient-data' }),
        standing(slo('no traffic'), { events: { total: 0, bad: 0 } }),
        standing(slo('another cluster'), { cluster: 'test' }),
        standing(slo('long ago'), { atMs: nowMs - 26 * hourMs }),
      ]),
    ).toEqual(['payments service 1000', 'own edge 1000', 'latency service 1000']);
  });

  it('are those of the callee alone where all its callers fail together', () => {
    const own = slo('own', { about: { kind: 'edge', edge: { cluster: null, source: checkout, destination: payments } } });
    expect(touched([standing(slo('payments')), standing(own)], calledByAll(edge))).toEqual(['payments service 1000']);
  });
});

describe("A calendar's budget", () => {
  const month = slo('monthly', { window: { kind: 'calendar', unit: 'month', zone: 'UTC' } });
  const read = (days: number, agoMs: number) => {
    const endMs = nowMs - agoMs;
    return standing(month, { atMs: endMs, period: { startMs: endMs - days * dayMs, endMs, wholeSeconds: 2_592_000 } });
  };

  it('is that of the whole month, by the traffic of its days so far', () => {
    expect(touched([read(3, hourMs)])).toEqual(['monthly service 10000']);
  });

  it('is not known where the last month was the last that was read', () => {
    expect(touched([read(29.99, 10 * minuteMs)])).toHaveLength(1);
    expect(touched([read(29.99, hourMs)])).toEqual([]);
  });
});

const reporter = (
  side: 'caller' | 'callee',
  failed: number,
  refused = 0,
  outcomes: readonly Outcome[] = [],
): ReporterReading => ({
  reporter: side,
  counts: {
    now: { requests: 1000, failed, refused, clientLeft: 0, clientError: 0 },
    ...{ halves: null, previous: null, local: [], base: [] },
  },
  ...{ outcomes, duration: null, latency: null },
});
const reading = (of: Edge, caller: ReporterReading | null, callee: ReporterReading | null): EdgeReading => ({
  ...{ edge: of, caller, callee, calleeReports: true },
});
const sliOf = (bad: BadRequests, by: SloReporter = 'destination'): TouchedBudget['sli'] => ({
  kind: 'availability',
  ...{ bad, reporter: by },
});
const budget = (more: Partial<TouchedBudget> = {}): TouchedBudget => ({
  ...{ name: 'payments', of: 'service', window: { kind: 'rolling', days: 30 }, wholeSeconds: 2_592_000, endsAtMs: null },
  ...{ sli: sliOf('failed'), allowed: 1000, left: 0.5, readAtMs: nowMs - hourMs },
  ...more,
});
const fiveMinutes = { startMs: nowMs - 5 * minuteMs, endMs: nowMs };
const perMinute = (one: TouchedBudget, readings: readonly EdgeReading[]): number | null =>
  costsOf([one], readings, edge, fiveMinutes)[0]?.badPerMinute ?? null;

describe('What failures spend of a budget', () => {
  const outcome = (code: string, requests: number, grpcStatus: string | null = null): Outcome => ({
    ...{ code, grpcStatus, flags: [], protocol: null, workload: null, version: null, requests },
  });
  const outcomes = [
    outcome('200', 900),
    outcome('200', 20, '5'),
    outcome('200', 10, '0'),
    outcome('404', 30),
    outcome('503', 40),
    // A bare connection is no request.
    outcome('', 7),
  ];
  const readings = [
    reading(edge, reporter('caller', 60, 10), reporter('callee', 40, 5, outcomes)),
    reading(edgeNamed('web'), reporter('caller', 5), reporter('callee', 5)),
    reading(calledByAll(edge), reporter('caller', 65), reporter('callee', 45)),
    reading(edgeNamed('checkout', 'cart'), reporter('caller', 900), reporter('callee', 900)),
  ];

  it.each<[string, Partial<TouchedBudget>, number]>([
    ["counts every caller of a service, by the callee's proxies", {}, 9],
    ["counts by the callers' proxies where the objective does", { sli: sliOf('failed', 'source') }, 13],
    ['counts its own edge alone where the objective is of an edge', { of: 'edge' }, 8],
    ['counts what was refused where the objective does', { sli: sliOf('failed-and-refused'), of: 'edge' }, 9],
    ['counts all but 2xx, and of gRPC all but OK, where the objective does', { sli: sliOf('non-2xx'), of: 'edge' }, 18],
  ])('%s', (_what, more, expected) => {
    expect(perMinute(budget(more), readings)).toBe(expected);
  });

  it('is not known where the proxies that the objective counts by say nothing', () => {
    expect(perMinute(budget(), [reading(edge, reporter('caller', 60), null)])).toBeNull();
  });

  it('says where more than a little of it is by other callers than the one at hand', () => {
    const isOfOthersToo = (others: number, of: Edge, about = budget()): boolean | undefined => {
      const together = [reading(of, null, reporter('callee', 90)), reading(edgeNamed('web'), null, reporter('callee', others))];
      return costsOf([about], together, of, fiveMinutes)[0]?.isOfOthersToo;
    };
    expect(isOfOthersToo(9, edge)).toBe(false);
    expect(isOfOthersToo(11, edge)).toBe(true);
    expect(isOfOthersToo(11, edge, budget({ of: 'edge' }))).toBe(false);
    expect(isOfOthersToo(11, calledByAll(edge))).toBe(false);
  });

  it('is of the caller in its own namespace where the objective is of an edge', () => {
    const elsewhere = { ...edge, source: { ...edge.source, namespace: 'test' } };
    const both = [reading(edge, null, reporter('callee', 40)), reading(elsewhere, null, reporter('callee', 60))];
    expect(perMinute(budget({ of: 'edge' }), both)).toBe(8);
    expect(perMinute(budget(), both)).toBe(20);
  });
});

describe('What slowness spends of a budget', () => {
  const slow = (thresholdSeconds: number, offEdge: 'refuse' | 'pessimistic' = 'refuse'): TouchedBudget['sli'] => ({
    ...{ kind: 'latency', thresholdSeconds, offEdge, reporter: 'destination' },
  });
  const timed = (counts: readonly number[], requests = 1000): ReporterReading => {
    const seen = reporter('callee', 0);
    return {
      ...seen,
      counts: { ...seen.counts, now: { ...seen.counts.now, requests } },
      // As milliseconds of Istio become seconds: 0.30000000000000004.
      latency: {
        ...{ now: { boundsSeconds: [0.1, 100 * 0.003, 0.5], counts }, halves: null, previous: null },
        ...{ local: [], base: [] },
      },
    };
  };
  const untimed = (requests: number): ReporterReading => ({ ...timed([], requests), latency: null });
  const mine = reading(edge, null, timed([900, 60, 25, 15]));

  it.each<[string, TouchedBudget['sli'], number | null]>([
    ['what lies above the bucket that ends at the threshold', slow(0.3), 8],
    ['nothing that is known, where no bucket ends there', slow(0.4), null],
    ['the whole bucket that the threshold lies in, where the objective says so', slow(0.4, 'pessimistic'), 8],
    ['nothing that is known, below the first bucket', slow(0.05, 'pessimistic'), null],
  ])('is %s', (_what, sli, expected) => {
    expect(perMinute(budget({ sli }), [mine])).toBe(expected);
  });

  it('is not known of a service while only one of its busy callers has buckets', () => {
    const sli = slow(0.3);
    const web = (requests: number): EdgeReading => reading(edgeNamed('web'), null, untimed(requests));
    expect(perMinute(budget({ sli }), [mine, web(500)])).toBeNull();
    expect(perMinute(budget({ sli }), [mine, web(0)])).toBe(8);
    expect(perMinute(budget({ sli, of: 'edge' }), [mine, web(500)])).toBe(8);
    expect(perMinute(budget({ sli }), [mine, web(500), reading(calledByAll(edge), null, timed([900, 60, 25, 25]))])).toBe(10);
  });
});

const cost = (badPerMinute: number, more: Partial<TouchedBudget> = {}): BudgetCost => ({
  ...{ budget: budget(more), badPerMinute, isOfOthersToo: false },
});

describe('A budget at the pace of now', () => {
  it('is spent by a share of its whole in an hour, of what was left since it was read, or since it began', () => {
    expect(sharePerHour(cost(5))).toBe(0.3);
    expect(leftNow(cost(5), nowMs - 2 * hourMs, nowMs)).toBeCloseTo(0.2);
    expect(leftNow(cost(5), nowMs - 0.5 * hourMs, nowMs)).toBeCloseTo(0.35);
  });

  it.each<[string, BudgetCost, number | null]>([
    ['when the rest is spent', cost(5), 40],
    ['at once where nothing is left', cost(5, { left: 0.3 }), 0],
    ['at once where it is overspent', cost(5, { left: -2 }), 0],
    ["never where a calendar's begins anew before", cost(5, { endsAtMs: nowMs + 39 * minuteMs }), null],
    ["before a calendar's begins anew", cost(5, { endsAtMs: nowMs + 41 * minuteMs }), 40],
  ])('is gone %s', (_what, one, minutes) => {
    const goneMs = goneAtMs(one, nowMs - 2 * hourMs, nowMs);
    expect(goneMs === null ? null : Math.round((goneMs - nowMs) / minuteMs)).toBe(minutes);
  });

  it('lasts its window where it is spent no faster than it is there for', () => {
    // 1,000 in 30 days are 0.0231 a minute.
    expect(burnsOut(cost(0.023))).toBe(false);
    expect(burnsOut(cost(0.024))).toBe(true);
    expect(burnsOut(cost(0.024, { wholeSeconds: 604_800 }))).toBe(false);
  });
});

describe('What an incident has spent', () => {
  it('adds up, each budget by itself', () => {
    const first = spentMore([], [cost(5)], 4, nowMs);
    const second = spentMore(first, [cost(1), cost(2, { name: 'own', allowed: 10 })], 10, nowMs);
    expect(second.map(({ name, bad, allowed }) => [name, bad, allowed])).toEqual([
      ['payments', 30, 1000],
      ['own', 20, 10],
    ]);
  });

  it('is taken from what was left, once: what was spent before it was read is in that figure already', () => {
    const first = spentMore([], [cost(5, { readAtMs: nowMs - 2 * minuteMs })], 4, nowMs);
    expect(first[0]?.left).toBeCloseTo(0.49);
    const second = spentMore(first, [cost(1, { readAtMs: nowMs - 2 * minuteMs })], 10, nowMs + 10 * minuteMs);
    expect(second[0]?.left).toBeCloseTo(0.48);
    const again = spentMore(second, [cost(1, { left: 0.4, readAtMs: nowMs + 15 * minuteMs })], 10, nowMs + 20 * minuteMs);
    expect(again[0]?.left).toBeCloseTo(0.395);
    expect(again[0]?.bad).toBe(40);
  });

  it('remembers that others spent of it too', () => {
    const first = spentMore([], [{ ...cost(5), isOfOthersToo: true }], 4, nowMs);
    expect(spentMore(first, [cost(1)], 10, nowMs)[0]?.isOfOthersToo).toBe(true);
  });
});
