import { labelOf } from '../../domain/alert.ts';
import type { Edge } from '../../domain/edge.ts';
import type { Exemplar } from '../../domain/exemplar.ts';
import { union } from '../../domain/promql/union.ts';
import { type Matcher, quoteRegex, selector } from '../../domain/promql.ts';
import { servicePattern } from '../../domain/service-names.ts';
import type { Window } from '../../domain/time.ts';
import type { WorstBy } from '../../domain/tracing.ts';
import { type ExemplarMetric, exemplarMetrics } from './exemplar-metrics.ts';

/** One question for exemplars: those of every series that its selectors choose, whatever else it says. */
export type ExemplarQuestion = { readonly promql: string; readonly metrics: readonly ExemplarMetric[] };

type Named = Exemplar & { readonly traceId: string };

/** An exemplar that may lead to the worst trace of an edge. */
export type EdgeExemplar = Named & {
  /** Null where its series is not known; of a counter that counts what was added, or what its writer likes. */
  readonly unit: 'seconds' | 'milliseconds' | 'increment' | null;
  /** Its series is of failed requests. */
  readonly isError: boolean;
  /** Of its metric; null where nobody planned that. */
  readonly family: string | null;
};

const matching = (label: string, value: string): Matcher => ({ label, op: '=~', value });

/** `shop/checkout` is how a job is called whose service has a namespace of its own. */
const named = (label: string, pattern: string): Matcher => matching(label, `(?:[^/]*/)?${pattern}`);

/** Both ends of the edge by these labels; none where the metric would be anybody's. */
const endsOf = (metric: ExemplarMetric, edge: Edge): readonly (readonly Matcher[])[] => {
  const [from, to] = [servicePattern(edge.source), servicePattern(edge.destination)];
  if (to === null || (from === null && metric.callee.length === 0)) return [];
  const callers = from === null ? [] : metric.caller.map((label) => [named(label, from)]);
  const callees = metric.callee.map((label) => [named(label, to)]);
  // A label that is not there matches what is empty.
  const optional = metric.mayNameCallee === null ? [] : [matching(metric.mayNameCallee, `(?:${to})?`)];
  const ends = (callers.length > 0 ? callers : [[]]).flatMap((caller) =>
    (callees.length > 0 ? callees : [[]]).map((callee) => [...caller, ...callee]),
  );
  return ends.map((one) => [...one, ...optional]);
};

/** Bounds of a second and more, however they are spelled: `1`, `1.0`, `2.5`, `1e+06`, `+Inf`. */
const highest: Readonly<Record<ExemplarMetric['unit'], string>> = {
  seconds: '[+]?Inf|[1-9][0-9]*([.][0-9]+)?|[0-9.]+e[+][0-9]+',
  milliseconds: '[+]?Inf|[1-9][0-9]{3,}([.][0-9]+)?|[0-9.]+e[+][0-9]+',
};

type Narrowed = 'errors' | 'highest' | null;

const selectorsOf = (metric: ExemplarMetric, edge: Edge, narrowed: Narrowed): readonly string[] => {
  const { errors, form, matchers, unit } = metric;
  if (narrowed === 'errors' ? errors === null : form === 'counter') return [];
  const failed =
    narrowed === 'errors' && errors !== null ? [matching(errors.label, `(?:${errors.begins.map(quoteRegex).join('|')}).*`)] : [];
  return endsOf(metric, edge).flatMap((ends) => {
    const all = [...matchers, ...ends, ...failed];
    if (form === 'counter') return [selector(metric.metric, all)];
    const high = narrowed === 'highest' ? [matching('le', highest[unit])] : [];
    // Native histograms have no buckets of their own name, and no bounds.
    return [selector(`${metric.metric}_bucket`, [...all, ...high]), selector(metric.metric, all)];
  });
};

/**
 * What to ask for exemplars of an edge, in this order until something leads to a trace: for errors series that say so before others, for latency
 * the highest buckets before all, since an answer has no limit (prometheus/prometheus#10107). All metrics are asked for at once. None without a
 * callee. Counters are asked only for errors that they say themselves: they tell no length.
 */
export const planExemplars = (
  edge: Edge,
  mode: WorstBy,
  table: readonly ExemplarMetric[] = exemplarMetrics,
): readonly ExemplarQuestion[] => {
  const narrowed: readonly Narrowed[] = [mode === 'latency' ? 'highest' : 'errors', null];
  return narrowed.flatMap((one) => {
    const promql = union(table.flatMap((metric) => selectorsOf(metric, edge, one)));
    return promql === null ? [] : [{ promql, metrics: table }];
  });
};

/** An exemplar bears the moment of its request, or of the scrape that found it. */
const scrapeMs = 60_000;

/** When exemplars of a window may have been written. */
export const exemplarWindow = ({ startMs, endMs }: Window): Window => ({ startMs: startMs - scrapeMs, endMs: endMs + scrapeMs });

/** Of series that nobody planned, by the end of their name (prometheus.io, "Metric and label naming"). */
const unitByName = (name: string): EdgeExemplar['unit'] => {
  const base = name.replace(/_bucket$/, '');
  if (base.endsWith('_milliseconds') || base.endsWith('_ms')) return 'milliseconds';
  if (base.endsWith('_seconds')) return 'seconds';
  return base.endsWith('_total') ? 'increment' : null;
};

const known = ({ metrics }: ExemplarQuestion, exemplar: Named): EdgeExemplar => {
  const name = labelOf(exemplar.series, '__name__') ?? '';
  const metric = metrics.find((one) => name === one.metric || name === `${one.metric}_bucket`);
  const unit = metric === undefined ? unitByName(name) : metric.form === 'counter' ? 'increment' : metric.unit;
  const value = metric?.errors == null ? null : labelOf(exemplar.series, metric.errors.label);
  return {
    ...exemplar,
    unit,
    isError: value !== null && (metric?.errors?.begins.some((text) => value.startsWith(text)) ?? false),
    family: metric?.family ?? null,
  };
};

/** Milliseconds; what tells no length is shorter than anything that does. */
const lengthOf = ({ unit, value }: EdgeExemplar): number =>
  unit === 'seconds' ? value * 1000 : unit === 'milliseconds' ? value : -1;

const isValid = (exemplar: Exemplar): exemplar is Named => {
  const { traceId, value } = exemplar;
  return traceId !== null && /^(?!0{32})[0-9a-f]{32}$/.test(traceId) && Number.isFinite(value) && value >= 0;
};

/** Each is a trace to fetch, and may lead nowhere. */
export const mostToTry = 5;

/** Of the first family of metrics that has any: the surest to be of the edge. */
const ofFirstFamily = (exemplars: readonly EdgeExemplar[], metrics: readonly ExemplarMetric[]): readonly EdgeExemplar[] => {
  const families = Map.groupBy(exemplars, ({ family }) => family);
  const first = [...metrics.map(({ family }) => family), null].find((family) => families.has(family));
  return first === undefined ? [] : (families.get(first) ?? []);
};

/**
 * Exemplars to try, the worst first, each trace once: where errors count those of failed requests, then the longest, then the newest. What lies
 * outside of the window, and what is no number, is left out.
 */
export const readExemplars = (
  question: ExemplarQuestion,
  exemplars: readonly Exemplar[],
  mode: WorstBy,
  window: Window,
): readonly EdgeExemplar[] => {
  const { startMs, endMs } = exemplarWindow(window);
  const good = exemplars.filter(isValid).filter(({ atMs }) => atMs >= startMs && atMs <= endMs);
  const sorted = ofFirstFamily(
    good.map((exemplar) => known(question, exemplar)),
    question.metrics,
  ).toSorted(
    (a, b) =>
      (mode === 'errors' ? Number(b.isError) - Number(a.isError) : 0) ||
      lengthOf(b) - lengthOf(a) ||
      b.atMs - a.atMs ||
      (a.traceId < b.traceId ? -1 : Number(a.traceId > b.traceId)),
  );
  const first = new Map(sorted.toReversed().map((exemplar) => [exemplar.traceId, exemplar]));
  return sorted.filter((exemplar) => first.get(exemplar.traceId) === exemplar);
};

/** Values are rounded to milliseconds by some who write them. */
const roundedMicros = 1000;

/**
 * Whether a call that took so long is the one that an exemplar tells of: within a tenth, since the ends of an edge measure it each for itself.
 * What a counter counts, and whose unit is not known, may be seconds, milliseconds or neither; the first says nothing either way.
 */
export const fitsExemplar = (callMicros: number, { unit, value }: Pick<EdgeExemplar, 'unit' | 'value'>): boolean => {
  if (unit === 'increment') return true;
  return [value * 1e6, value * 1000].some((micros) => Math.abs(micros - callMicros) <= Math.max(callMicros * 0.1, roundedMicros));
};
