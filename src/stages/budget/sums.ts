import { usualEdgesMs } from '../../dialects/buckets.ts';
import { labelsOf } from '../../domain/alert.ts';
import type { Dialect } from '../../domain/dialect.ts';
import { oneOf, selector } from '../../domain/promql.ts';
import type { Sli, Slo } from '../../domain/slo.ts';
import { badSelections } from './bad.ts';
import { boundFor } from './bounds.ts';
import { grown, matchersFor, type Stretch, templated } from './family.ts';

/** What `countedOf` makes of rows, said to Prometheus: each expression is one number without labels. */
type Sums = {
  /** All events. */
  readonly total: string;
  /** Those of one kind. */
  readonly counted: string;
  /** The bad ones, from those of that kind and all of them, as they are recorded by then. */
  readonly badOf: (counted: string, all: string) => string;
};

/** A reason, in words, in place of sums. */
type Summed = { readonly ok: true; readonly sums: Sums } | { readonly ok: false; readonly reason: string };

const no = (reason: string): Summed => ({ ok: false, reason });

/** Without it what never failed would have no series of failures, and no share of them. */
const orNone = (counted: string, all: string): string => `${counted} or 0 * ${all}`;

/** The others of them. Increases are extrapolated, so that one may pass the other by a hair. */
const others = (counted: string, all: string): string => `clamp_min(${all} - ${counted}, 0)`;

type MeshSli = Extract<Sli, { readonly reporter: string }>;
type Latency = Extract<Sli, { readonly kind: 'latency' }>;

/** The bucket of a latency, before any metric is seen: an edge that is none of the usual ones may have been added, as the definition's notice says. */
const boundsOf = (sli: Latency, dialect: Dialect): ReturnType<typeof boundFor> => {
  const usual = dialect.name === 'envoy' ? [] : usualEdgesMs[dialect.name];
  const perUnit = dialect.durationUnit === 'ms' ? 1 : 1000;
  const own = sli.offEdge === 'refuse' ? [sli.thresholdSeconds * 1000] : [];
  const edges = [...usual, ...own].map((edgeMs) => ({
    labels: labelsOf([['le', `${Number((edgeMs / perUnit).toPrecision(12))}`]]),
  }));
  return boundFor(sli, dialect, edges, 'the mesh');
};

const latencySums = (slo: Slo, sli: Latency, dialect: Dialect, stretch: Stretch): Summed => {
  const matchers = matchersFor(slo, dialect, sli.reporter) ?? [];
  const bounds = boundsOf(sli, dialect);
  if (!bounds.ok) return no(`the mesh ${bounds.gap.detail}`);
  const all = selector(dialect.metrics.durationCount, matchers);
  const within = selector(dialect.metrics.durationBucket, [...matchers, oneOf('le', bounds.bound.les)]);
  const total = `sum(${grown({ counted: [all], all }, dialect, false)(stretch)})`;
  const counted = `sum(${grown({ counted: [within], all: within }, dialect, true)(stretch)})`;
  // Where no such bucket is there, nothing is known: not even that all of it was slow.
  return { ok: true, sums: { total, counted, badOf: others } };
};

const meshSums = (slo: Slo, sli: MeshSli, dialect: Dialect, stretch: Stretch): Summed => {
  const matchers = matchersFor(slo, dialect, sli.reporter);
  if (matchers === null) return no(`the metrics of ${dialect.name} print nothing to choose its requests by, at that proxy`);
  if (sli.kind === 'latency') return latencySums(slo, sli, dialect, stretch);
  const all = selector(dialect.metrics.requests, matchers);
  const bad = badSelections(sli.bad, dialect).map((more) => selector(dialect.metrics.requests, [...matchers, ...more]));
  const total = `sum(${grown({ counted: [all], all }, dialect, false)(stretch)})`;
  const counted = `sum(${grown({ counted: bad, all }, dialect, false)(stretch)})`;
  return { ok: true, sums: { total, counted, badOf: orNone } };
};

/** Rows that are no number, or below none, count for nothing: one `NaN` would make a `NaN` of the sum. */
const summed = (promql: string): string => `sum((${promql}) >= 0 < +Inf)`;

const querySums = ({ counts, counted, total, per }: Extract<Sli, { readonly kind: 'queries' }>, stretch: Stretch): Summed => ({
  ok: true,
  sums: {
    total: summed(templated(total, per)(stretch)),
    counted: summed(templated(counted, per)(stretch)),
    badOf: (some, all) => (counts === 'bad' ? orNone(some, all) : others(`(${orNone(some, all)})`, all)),
  },
});

/** The events of an indicator over a stretch that ends now. */
export const sumsOf = (slo: Slo, dialect: Dialect, seconds: number): Summed => {
  const { sli } = slo;
  const stretch = { seconds, agoSeconds: 0 };
  if (sli.kind === 'recorded') return no('only rules of another tool know how it is counted');
  if (sli.kind === 'ratio-query') return no('only the ratio of its events is known');
  return sli.kind === 'queries' ? querySums(sli, stretch) : meshSums(slo, sli, dialect, stretch);
};
