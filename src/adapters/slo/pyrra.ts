import { ratesOf, templateProblem, withPrintedEdges } from '../../domain/promql/template.ts';
import { childrenOf, parsePromql, selectorOf } from '../../domain/promql/tree.ts';
import { type Sli, windowMark } from '../../domain/slo.ts';
import { latencyOf, readName, readPercent, readRolling, readWords } from './fields.ts';
import { type Found, fieldsOf, inWords, type Teller, tellerOf, textAt, valueAt } from './found.ts';

const indicators = ['ratio', 'latency', 'latencyNative', 'bool_gauge'] as const;

/** A selector: Pyrra puts the functions around it itself. */
const readMetric = (teller: Teller, indicator: unknown, field: string, ...path: readonly string[]): string | null => {
  const metric = textAt(indicator, ...path);
  const where = `spec.indicator.${field}`;
  if (metric === null) return teller.refuse(where, undefined, 'a metric with its matchers');
  const problem = templateProblem(metric);
  if (problem !== null) return teller.refuse(where, metric, `PromQL: it ${problem}`);
  const [whole] = childrenOf(parsePromql(metric).root);
  return whole?.name === 'VectorSelector'
    ? withPrintedEdges(metric)
    : teller.refuse(where, metric, 'a metric with its matchers alone');
};

const ratioOf = (teller: Teller, indicator: unknown): Sli | null => {
  const errors = readMetric(teller, indicator, 'ratio.errors.metric', 'errors', 'metric');
  const total = readMetric(teller, indicator, 'ratio.total.metric', 'total', 'metric');
  if (errors === null || total === null) return null;
  return { kind: 'queries', counts: 'bad', counted: ratesOf(errors), total: ratesOf(total), per: 'second' };
};

const hasBucket = (metric: string): boolean => {
  const [whole] = childrenOf(parsePromql(metric).root);
  return whole !== undefined && selectorOf(whole, metric).matchers.some(({ label }) => label === 'le');
};

const latencyIn = (teller: Teller, indicator: unknown): Sli | null => {
  const success = readMetric(teller, indicator, 'latency.success.metric', 'success', 'metric');
  const total = readMetric(teller, indicator, 'latency.total.metric', 'total', 'metric');
  if (success === null || total === null) return null;
  if (!hasBucket(success))
    return teller.refuse('spec.indicator.latency.success.metric', success, 'a bucket, chosen by its label le');
  return { kind: 'queries', counts: 'good', counted: ratesOf(success), total: ratesOf(total), per: 'second' };
};

/** A native histogram says itself how much of it lies below a threshold (prometheus.io, "histogram_fraction"). */
const nativeOf = (teller: Teller, indicator: unknown): Sli | null => {
  const metric = readMetric(teller, indicator, 'latencyNative.total.metric', 'total', 'metric');
  const latency = textAt(indicator, 'latency');
  const seconds = latency === null ? null : latencyOf(latency);
  if (seconds === null) teller.refuse('spec.indicator.latencyNative.latency', latency, 'a duration, such as 200ms');
  if (metric === null || seconds === null) return null;
  const [rates, total] = [ratesOf(metric), `histogram_count(${ratesOf(metric)})`];
  return {
    kind: 'queries',
    counts: 'good',
    counted: `histogram_fraction(0, ${seconds}, ${rates}) * ${total}`,
    total,
    per: 'second',
  };
};

/** Every scrape is an event, good where the gauge was 1. */
const gaugeOf = (teller: Teller, indicator: unknown): Sli | null => {
  const metric = readMetric(teller, indicator, 'bool_gauge.metric', 'metric');
  if (metric === null) return null;
  const over = (name: string): string => `sum(${name}(${metric}[${windowMark}]))`;
  return { kind: 'queries', counts: 'good', counted: over('sum_over_time'), total: over('count_over_time'), per: 'window' };
};

const readers: Readonly<Record<(typeof indicators)[number], (teller: Teller, indicator: unknown) => Sli | null>> = {
  ratio: ratioOf,
  latency: latencyIn,
  latencyNative: nativeOf,
  bool_gauge: gaugeOf,
};

const sliOf = (teller: Teller, spec: unknown): Sli | null => {
  const given = fieldsOf(valueAt(spec, ['indicator']));
  const ways = indicators.filter((way) => fieldsOf(given.get(way)).size > 0);
  const [way] = ways;
  if (way === undefined || ways.length > 1)
    return teller.refuse(
      'spec.indicator',
      way === undefined ? undefined : inWords(ways.join(' and ')),
      `one of ${indicators.join(', ')}`,
    );
  const indicator = given.get(way);
  const grouping = valueAt(indicator, ['grouping']);
  if (Array.isArray(grouping) && grouping.length > 0)
    return teller.refuse(
      `spec.indicator.${way}.grouping`,
      grouping.join(', '),
      'no grouping: each group has a budget of its own, and which groups there are only Prometheus knows; make an objective for each',
    );
  return readers[way](teller, indicator);
};

/** An object of Pyrra's, ServiceLevelObjective of `pyrra.dev/v1alpha1`. Its name is the value of the label `slo` on what Pyrra records. */
export const readPyrra = (found: Found, file: string, value: unknown): void => {
  const given = textAt(value, 'metadata', 'name');
  const teller = tellerOf(found, 'Pyrra', file, given);
  const spec = valueAt(value, ['spec']);
  const name = readName(teller, 'metadata.name', given);
  const objectivePpm = readPercent(teller, 'spec.target', textAt(spec, 'target'));
  const window = readRolling(teller, 'spec.window', textAt(spec, 'window'));
  const team = textAt(value, 'metadata', 'labels', 'pyrra.dev/team');
  const owner = team === null ? null : readWords(teller, 'metadata.labels.pyrra.dev/team', team);
  const sli = sliOf(teller, spec);
  if (name === null || objectivePpm === null || window === null || sli === null) return;
  found.slos.push({
    name,
    about: { kind: 'named', service: name },
    sli,
    objectivePpm,
    window,
    cluster: null,
    owner,
    channel: null,
    origin: { format: 'Pyrra', file },
  });
};
