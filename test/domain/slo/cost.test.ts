import { describe, expect, it } from 'vitest';
import { calledByAll, type Edge } from '../../../src/domain/edge.ts';
import type { EdgeReading, Outcome, ReporterReading } from '../../../src/domain/signals.ts';
import { costsOf, leftNow, sharePerHour, spentMore, type TouchedBudget, touchedBudgets } from '../../../src/domain/slo/cost.ts';
import type { KnownStanding } from '../../../src/domain/slo/known.ts';
import type { Slo } from '../../../src/domain/slo.ts';
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
  it('are those of its callee and its own, of availability, with their events known', () => {
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
        standing(slo('no traffic'), { events: { total: 0, bad: 0 } }),
        standing(slo('another cluster'), { cluster: 'test' }),
        standing(slo('long ago'), { atMs: nowMs - 26 * hourMs }),
      ]),
    ).toEqual(['payments service 1000', 'own edge 1000']);
  });

  it('are those of the callee alone where all its callers fail together', () => {
    const own = slo('own', { about: { kind: 'edge', edge: { cluster: null, source: checkout, destination: payments } } });
    expect(touched([standing(slo('payments')), standing(own)], calledByAll(edge))).toEqual(['payments service 1000']);
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
const budget = (more: Partial<TouchedBudget> = {}): TouchedBudget => ({
  ...{ name: 'payments', of: 'service', window: { kind: 'rolling', days: 30 }, bad: 'failed', reporter: 'destination' },
  ...{ allowed: 1000, left: 0.5, readAtMs: nowMs - hourMs },
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
  ];
  const readings = [
    reading(edge, reporter('caller', 60, 10), reporter('callee', 40, 5, outcomes)),
    reading(edgeNamed('web'), reporter('caller', 5), reporter('callee', 5)),
    reading(calledByAll(edge), reporter('caller', 65), reporter('callee', 45)),
    reading(edgeNamed('checkout', 'cart'), reporter('caller', 900), reporter('callee', 900)),
  ];

  it.each<[string, Partial<TouchedBudget>, number]>([
    ["counts every caller of a service, by the callee's proxies", {}, 9],
    ["counts by the callers' proxies where the objective does", { reporter: 'source' }, 13],
    ['counts its own edge alone where the objective is of an edge', { of: 'edge' }, 8],
    ['counts what was refused where the objective does', { bad: 'failed-and-refused', of: 'edge' }, 9],
    ['counts all but 2xx, and of gRPC all but OK, where the objective does', { bad: 'non-2xx', of: 'edge' }, 18],
  ])('%s', (_what, more, expected) => {
    expect(perMinute(budget(more), readings)).toBe(expected);
  });

  it('is not known where the proxies that the objective counts by say nothing', () => {
    expect(perMinute(budget(), [reading(edge, reporter('caller', 60), null)])).toBeNull();
  });

  it('is a share of the whole budget by the hour, and takes from what was left since it was read, or since it began', () => {
    const cost = { budget: budget(), badPerMinute: 5 };
    expect(sharePerHour(cost)).toBe(0.3);
    expect(leftNow(cost, nowMs - 2 * hourMs, nowMs)).toBeCloseTo(0.2);
    expect(leftNow(cost, nowMs - 0.5 * hourMs, nowMs)).toBeCloseTo(0.35);
    expect(leftNow({ ...cost, budget: budget({ left: null }) }, nowMs, nowMs)).toBeNull();
  });

  it('adds up over an incident, each budget by itself', () => {
    const first = spentMore([], [{ budget: budget(), badPerMinute: 5 }], 4);
    const second = spentMore(
      first,
      [
        { budget: budget(), badPerMinute: 1 },
        { budget: budget({ name: 'own', allowed: 10 }), badPerMinute: 2 },
      ],
      10,
    );
    expect(second.map(({ name, bad, allowed }) => [name, bad, allowed])).toEqual([
      ['payments', 30, 1000],
      ['own', 20, 10],
    ]);
  });
});
