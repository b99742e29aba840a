import { labelOf } from '../../domain/alert.ts';
import type { Dialect } from '../../domain/dialect.ts';
import type { Edge } from '../../domain/edge.ts';
import { fromCumulative, isDistribution, quantile } from '../../domain/histogram.ts';
import { tagged, tagLabel, union } from '../../domain/promql/union.ts';
import { duration, selector, sumBy } from '../../domain/promql.ts';
import type { PlannedQuery } from '../../domain/question.ts';
import { outcomeLabels, readRow } from '../../domain/row.ts';
import { edgeMatchers } from '../../domain/selection.ts';
import type { Curve, Histogram, PictureSeries, Reporter } from '../../domain/signals.ts';
import { dayMs, type EpochMs, hourMs, minuteMs } from '../../domain/time.ts';
import { growthBetween } from './growth.ts';
import { type CountRow, second } from './rows.ts';

/** What the picture covers: long enough to show the time before, short enough to show the beginning. */
export type PicturePlan = {
  readonly startMs: EpochMs;
  readonly endMs: EpochMs;
  readonly stepSeconds: number;
  /** Sharp: an incident of a minute stands at its full height. */
  readonly rateSeconds: number;
  /** Wide enough for two scrapes a minute apart, Prometheus's own default. */
  readonly wideSeconds: number;
};

const points = 72;

/** Ends now, of the length that is wanted: the longer, the wider its steps. */
const planOf = (atMs: EpochMs, wantedMs: number, mostMs: number): PicturePlan => {
  const lengthMs = Math.min(mostMs, Math.max(36 * minuteMs, wantedMs));
  const stepSeconds = Math.ceil(lengthMs / 1000 / points / 15) * 15;
  const endMs = Math.floor(atMs / 1000) * 1000;
  const rateSeconds = Math.max(60, 2 * stepSeconds);
  return {
    startMs: endMs - points * stepSeconds * 1000,
    endMs,
    stepSeconds,
    rateSeconds,
    wideSeconds: Math.max(150, rateSeconds),
  };
};

/** Four times as long as it has lasted: where it began, and the time before. */
export const planPicture = (atMs: EpochMs, onsetMs: EpochMs | null): PicturePlan =>
  planOf(atMs, 4 * (onsetMs === null ? 10 * minuteMs : atMs - onsetMs), 180 * minuteMs);

/** Of what is over: all of it, and a sixth as long before. Beyond half a day a step would hide more than the picture shows. */
export const planWholePicture = (atMs: EpochMs, onsetMs: EpochMs | null): PicturePlan =>
  planOf(atMs, Math.ceil((7 / 6) * (atMs - (onsetMs ?? atMs))), 12 * hourMs);

/** The same hour of yesterday, as a ghost. */
const ghostSeconds = dayMs / 1000;

/**
 * Increase per second: of what is scraped often over the short window, of what is scraped once a minute over the wide one, since `rate`
 * needs two samples (prometheus.io/docs, "rate()"). A series that has ended is not carried on by the wide window.
 */
const rateNow = (series: string, { rateSeconds, wideSeconds }: PicturePlan): string => {
  const short = `rate(${series}[${duration(rateSeconds)}])`;
  return rateSeconds >= wideSeconds ? short : `${short} or rate(${series}[${duration(wideSeconds)}]) and ${series}`;
};

const rateThen = (series: string, { wideSeconds }: PicturePlan): string =>
  `rate(${series}[${duration(wideSeconds)}] offset ${duration(ghostSeconds)})`;

/**
 * Buckets by the ends of the short window: two samples, not all between, and enough at any pace. Only for buckets: where scrapes are
 * missing it gives zero, which is no traffic at all but simply no quantile.
 */
const bucketsNow = (series: string, { rateSeconds }: PicturePlan): string => growthBetween(rateSeconds)(series);

const bucketsThen = (series: string, { rateSeconds }: PicturePlan): string => growthBetween(rateSeconds, ghostSeconds)(series);

/** Codes and buckets of the one edge and reporter, each with its ghost, one call each. */
export const planPictureQueries = (
  dialect: Dialect,
  edge: Edge,
  reporter: Reporter,
  plan: PicturePlan,
  counts: string = dialect.metrics.requests,
): readonly PlannedQuery[] => {
  const view = dialect.views[reporter];
  const matchers = edgeMatchers(view, edge);
  if (matchers === null) return [];
  const range = {
    kind: 'range' as const,
    startMs: plan.startMs,
    endMs: plan.endMs,
    stepSeconds: plan.stepSeconds,
    budget: 'edge' as const,
  };
  type Growth = (series: string, plan: PicturePlan) => string;
  const both = (metric: string, labels: readonly string[], now: Growth, usual: Growth): string | null =>
    union([
      tagged('now', sumBy(labels, now(selector(metric, matchers), plan))),
      tagged('usual', sumBy(labels, usual(selector(metric, matchers), plan))),
    ]);
  const signed = view.matchers.map(({ label }) => label);
  const outcome = outcomeLabels(dialect, view).filter(
    (label) => label !== view.labels.destinationVersion && label !== dialect.labels.protocol,
  );
  const codes = both(counts, [...signed, ...outcome], rateNow, rateThen);
  const buckets = both(dialect.metrics.durationBucket, [...signed, 'le'], bucketsNow, bucketsThen);
  return [
    ...(codes === null ? [] : [{ id: 'picture-codes', what: 'the curves of traffic and errors', promql: codes, ...range }]),
    ...(buckets === null ? [] : [{ id: 'picture-buckets', what: 'the curves of latency', promql: buckets, ...range }]),
  ];
};

const moments = (plan: PicturePlan): readonly EpochMs[] => {
  const found: EpochMs[] = [];
  for (let atMs = plan.startMs; atMs <= plan.endMs; atMs += plan.stepSeconds * 1000) found.push(second(atMs));
  return found;
};

type Totals = { readonly all: number; readonly failed: number; readonly refused: number };

/** Requests, failed and refused per second at each moment; a moment without any sample is missing, not zero. */
const totalsOf = (dialect: Dialect, rows: readonly CountRow[], tag: string): ReadonlyMap<EpochMs, Totals> => {
  const found = new Map<EpochMs, Totals>();
  for (const { labels, points: values } of rows) {
    if (labelOf(labels, tagLabel) !== tag) continue;
    const outcome = readRow(dialect, null, labels)?.outcome;
    for (const [atMs, value] of values) {
      if (!Number.isFinite(value)) continue;
      const { all, failed, refused } = found.get(second(atMs)) ?? { all: 0, failed: 0, refused: 0 };
      found.set(second(atMs), {
        all: all + value,
        failed: failed + (outcome === 'failed' ? value : 0),
        refused: refused + (outcome === 'refused' ? value : 0),
      });
    }
  }
  return found;
};

/** The latencies of one tag at each moment; null where the buckets are no distribution. */
const histogramsOf = (
  dialect: Dialect,
  rows: readonly CountRow[],
  tag: string,
  at: readonly EpochMs[],
): readonly (Histogram | null)[] => {
  const buckets = new Map<EpochMs, [string, number][]>(at.map((atMs) => [atMs, []]));
  for (const { labels, points: values } of rows) {
    const le = labelOf(labels, 'le');
    if (labelOf(labels, tagLabel) !== tag || le === null) continue;
    for (const [atMs, value] of values) buckets.get(second(atMs))?.push([le, value]);
  }
  const secondsPerUnit = dialect.durationUnit === 'ms' ? 0.001 : 1;
  return at.map((atMs) => {
    const known = buckets.get(atMs) ?? [];
    return isDistribution(known) ? fromCumulative(known, secondsPerUnit) : null;
  });
};

/** The curves of the picture. Saturation is added by its own reader. */
export const readPicture = (
  dialect: Dialect,
  reporter: Reporter,
  codes: readonly CountRow[],
  buckets: readonly CountRow[],
  plan: PicturePlan,
): PictureSeries => {
  const at = moments(plan);
  const [now, usual] = [totalsOf(dialect, codes, 'now'), totalsOf(dialect, codes, 'usual')];
  const curve = (totals: ReadonlyMap<EpochMs, Totals>, pick: (value: Totals) => number): Curve =>
    at.map((atMs) => {
      const value = totals.get(atMs);
      return [atMs, value === undefined ? Number.NaN : pick(value)];
    });
  const share = (part: (value: Totals) => number) => (value: Totals) => (value.all > 0 ? part(value) / value.all : Number.NaN);
  const [latencies, usualLatencies] = [histogramsOf(dialect, buckets, 'now', at), histogramsOf(dialect, buckets, 'usual', at)];
  const quantiles = (q: number, histograms: readonly (Histogram | null)[]): Curve =>
    at.map((atMs, index) => {
      const histogram = histograms[index] ?? null;
      return [atMs, (histogram === null ? null : quantile(q, histogram))?.seconds ?? Number.NaN];
    });
  return {
    startMs: plan.startMs,
    endMs: plan.endMs,
    stepSeconds: plan.stepSeconds,
    reporter,
    traffic: { now: curve(now, ({ all }) => all), usual: curve(usual, ({ all }) => all) },
    errors: {
      failed: curve(
        now,
        share(({ failed }) => failed),
      ),
      refused: curve(
        now,
        share(({ refused }) => refused),
      ),
      usual: curve(
        usual,
        share(({ failed }) => failed),
      ),
    },
    latency: {
      p50: quantiles(0.5, latencies),
      p90: quantiles(0.9, latencies),
      p99: quantiles(0.99, latencies),
      usualP99: quantiles(0.99, usualLatencies),
      clipSeconds: latencies.findLast((histogram) => histogram !== null)?.boundsSeconds.at(-1) ?? null,
    },
    saturation: null,
  };
};
