/** A morning's objectives as a shop would have them, for the pictures of the documentation and what looks at digests: made up, in the shape that reading gives. */

import { type Digest, type DigestLine, digestOf } from '../../src/domain/digest.ts';
import type { PictureSpec } from '../../src/domain/message.ts';
import { errorRatio } from '../../src/domain/slo/budget.ts';
import { type Burnt, burnWindows, type SloHour, type SloReading, type Spent } from '../../src/domain/slo/reading.ts';
import type { PastIncident } from '../../src/domain/slo/spenders.ts';
import { spendersOf } from '../../src/domain/slo/spenders.ts';
import { standingOf } from '../../src/domain/slo/standing.ts';
import { type Events, eventsTogether, type Slo } from '../../src/domain/slo.ts';
import { hourMs } from '../../src/domain/time.ts';
import { budgetPicture } from '../../src/stages/draw/budget.ts';

const days = 30;
const hours = days * 24;

/** Saturday, 28 November 2026, nine o'clock in Berlin. */
export const sampleZone = 'Europe/Berlin';
const sampleAtMs = Date.UTC(2026, 10, 28, 8);

/** Calls of one caller that fail in some hours, counted from the end: the last hour is 1. */
type Failing = {
  readonly caller: string;
  readonly ending: string;
  readonly version?: string;
  readonly fromHour: number;
  readonly toHour: number;
  readonly perHour: number;
};

export type Sample = {
  readonly name: string;
  readonly service: string;
  readonly owner?: string;
  readonly objectivePpm?: number;
  readonly belowSeconds?: number;
  readonly perHour?: number;
  readonly failing?: readonly Failing[];
  /** Hours that were scraped, counted from the end; default: all. */
  readonly scrapedHours?: number;
};

const namespace = 'shop';
const end = (workload: string) => ({ namespace, workload, service: null });
const calleeOf = (service: string) => ({ namespace, workload: null, service });

const sloOf = ({ name, service, owner, objectivePpm = 999_000, belowSeconds }: Sample): Slo => ({
  name,
  about: { kind: 'service', callee: calleeOf(service) },
  sli:
    belowSeconds === undefined
      ? { kind: 'availability', bad: 'failed', reporter: 'destination' }
      : { kind: 'latency', thresholdSeconds: belowSeconds, offEdge: 'refuse', reporter: 'destination' },
  objectivePpm,
  window: { kind: 'rolling', days },
  ...{ cluster: null, owner: owner ?? null, channel: null, origin: { format: 'Edgewise', file: 'slos.yaml' } },
});

/** More by day than by night, and the same each time it is asked. */
const busyAt = (ago: number, perHour: number): number =>
  Math.round(perHour * (1 + 0.6 * Math.sin((2 * Math.PI * (ago - 1)) / 24)));

const hourOf = (sample: Sample, ago: number): SloHour => {
  const startMs = sampleAtMs - ago * hourMs;
  const { perHour = 40_000, failing = [], scrapedHours = hours } = sample;
  if (ago > scrapedHours) return { startMs, events: { total: 0, bad: 0 }, seen: 0, spent: [] };
  const spent = failing
    .filter(({ fromHour, toHour }) => ago <= fromHour && ago > toHour)
    .map(
      ({ caller, ending, version, fromHour, toHour, perHour: bad }): Spent => ({
        ...{ caller: end(caller), ending, version: version ?? 'v1' },
        // What goes on for days follows the traffic.
        bad: fromHour - toHour > 48 ? busyAt(ago, bad) : bad,
      }),
    );
  const total = busyAt(ago, perHour);
  const versions = [...new Set(['v1', ...failing.flatMap(({ version }) => version ?? [])])];
  return { startMs, events: { total, bad: spent.reduce((sum, { bad }) => sum + bad, 0) }, seen: 1, spent, versions };
};

const burntOf = (events: Events): Burnt | null => {
  const ratio = errorRatio(events);
  return ratio === null ? null : { ratio, events };
};

const readingOf = (sample: Sample): SloReading => {
  const counted = Array.from({ length: hours }, (_, index) => hourOf(sample, hours - index));
  const lastOf = (seconds: number): Events => {
    const many = Math.max(1, seconds / 3600);
    const events = eventsTogether(counted.slice(-many).map((hour) => hour.events));
    const part = Math.min(1, seconds / 3600);
    return { total: events.total * part, bad: events.bad * part };
  };
  const coverage = Math.min(hours, sample.scrapedHours ?? hours) / hours;
  return {
    slo: sloOf(sample),
    atMs: sampleAtMs,
    period: { startMs: sampleAtMs - hours * hourMs, endMs: sampleAtMs, wholeSeconds: hours * 3600 },
    whole: burntOf(eventsTogether(counted.map(({ events }) => events))),
    burnt: new Map(burnWindows.map((seconds) => [seconds, burntOf(lastOf(seconds))])),
    hours: counted,
    coverage,
    sinceMs: null,
    reporter: 'destination',
    method: { kind: 'counted' },
    gaps: [],
  };
};

export const sampleLine = (sample: Sample, incidents: readonly PastIncident[] = []): Omit<DigestLine, 'before'> => {
  const reading = readingOf(sample);
  return { reading, standing: standingOf(reading), spenders: spendersOf(reading, incidents) };
};

const often = (caller: string, perHour: number): Failing => ({ caller, ending: '503 UF', fromHour: hours, toHour: 0, perHour });

/** An hour at noon, ten days before. */
const outage = { fromHour: 236, toHour: 235 } as const;

const incident: PastIncident = {
  id: 'i-12',
  title: 'checkout → payments',
  edge: { cluster: null, source: end('checkout'), destination: calleeOf('payments') },
  openedAtMs: sampleAtMs - outage.fromHour * hourMs + 240_000,
  closedAtMs: sampleAtMs - outage.toHour * hourMs + 420_000,
};

const healthy = [
  'cart',
  'catalog',
  'currency',
  'frontend',
  'inventory',
  'notifications',
  'profile',
  'recommendations',
  'reviews',
  'search',
];

const samples: readonly Sample[] = [
  {
    ...{ name: 'payments-availability', service: 'payments', owner: 'payments' },
    failing: [{ caller: 'checkout', ending: '503 UF', version: 'v2', ...outage, perHour: 26_000 }, often('billing', 16)],
  },
  {
    ...{ name: 'search-latency', service: 'search', owner: 'discovery', objectivePpm: 990_000, belowSeconds: 0.25 },
    failing: [
      { ...often('frontend', 180), ending: 'slower than 250 ms' },
      { caller: 'frontend', ending: 'slower than 250 ms', version: 'v1', fromHour: 30, toHour: 0, perHour: 2700 },
    ],
  },
  {
    ...{ name: 'shipping-availability', service: 'shipping', owner: 'logistics', perHour: 5000 },
    failing: [{ caller: 'checkout', ending: '504 UT', fromHour: 90, toHour: 50, perHour: 75 }],
  },
  { name: 'ledger-availability', service: 'ledger', owner: 'payments', scrapedHours: 96 },
  { name: 'export-availability', service: 'export', perHour: 0 },
  ...healthy.map((service, index) => ({ name: `${service}-availability`, service, failing: [often('frontend', 2 * index)] })),
];

export const digestFrom = (lines: readonly Omit<DigestLine, 'before'>[], lefts: Readonly<Record<string, number>> = {}): Digest =>
  digestOf(
    { atMs: sampleAtMs, lastAtMs: sampleAtMs - 24 * hourMs, rhythm: 'daily' },
    lines,
    lines.map(({ reading: { slo }, standing: { state, left } }) => ({ name: slo.name, state, left: lefts[slo.name] ?? left })),
  );

/** One breached with the incident that did it, two at risk, two not judged, the rest healthy. */
export const sampleDigest = (): Digest =>
  digestFrom(
    samples.map((sample) => sampleLine(sample, [incident])),
    { 'search-latency': 0.41, 'shipping-availability': 0.18 },
  );

/** The picture that a digest's thread begins with. */
export const budgetsOf = ({ lines }: Digest): PictureSpec | null =>
  budgetPicture(
    lines.flatMap(({ reading, standing: { left }, spenders }) =>
      left === null ? [] : [{ reading, left, incidents: spenders.flatMap(({ incidents }) => incidents) }],
    ),
    sampleZone,
  );

export const sampleBudgets = (): PictureSpec | null => budgetsOf(sampleDigest());
