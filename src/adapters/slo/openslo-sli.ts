import { hasRanges, metricsIn, ratesOf } from '../../domain/promql/template.ts';
import { type Sli, windowMark } from '../../domain/slo.ts';
import { readTemplate, sliOfQueries } from './fields.ts';
import { fieldsOf, inWords, type Teller, textAt, valueAt } from './found.ts';

/** Sources that speak PromQL; one without a type is taken for one of them. */
const promql = /^(prometheus|mimir|thanos|cortex|victoriametrics|grafana ?mimir|amp)$/i;

/** Every minute of the window, where a query has no window of its own. */
const overMinutes = (func: string, query: string): string => `${func}((${query})[${windowMark}:1m])`;

/** The query of a source: `query` in OpenSLO's README, `promql` in the examples of its SDK. */
const queryOf = (teller: Teller, metric: unknown, at: string): string | null => {
  const type = textAt(metric, 'metricSource', 'type');
  if (type !== null && !promql.test(type))
    return teller.refuse(`${at}.metricSource.type`, type, 'Prometheus, or what speaks its language');
  const spec = valueAt(metric, ['metricSource', 'spec']);
  const key = textAt(spec, 'query') === null && textAt(spec, 'promql') !== null ? 'promql' : 'query';
  return readTemplate(teller, `${at}.metricSource.spec.${key}`, textAt(spec, key), false);
};

/** By the naming of Prometheus (prometheus.io, "Metric and label naming"). */
const isCounterName = (name: string): boolean => /_(total|count|bucket|sum)$/.test(name);

/** Whether both are counters: said by `counter`, else read from the names, as osko does without asking. */
const areCounters = (teller: Teller, ratio: unknown, queries: readonly string[]): boolean => {
  const said = textAt(ratio, 'counter');
  if (said !== null) return said === 'true';
  const metrics = queries.flatMap(metricsIn);
  const areNamed = metrics.length > 0 && metrics.every(isCounterName);
  if (areNamed) teller.notice('counter is not set: taken for true, since the names of its metrics are those of counters');
  return areNamed;
};

type Counted = { readonly counts: 'bad' | 'good'; readonly counted: string; readonly total: string };

const counting = (teller: Teller, ratio: unknown, { counts, counted, total }: Counted, at: string): Sli | null => {
  const queries = [counted, total];
  const windows = queries.filter((query) => query.includes(windowMark)).length;
  if (windows === 2) return sliOfQueries(counts, counted, total);
  if (windows === 1) return teller.refuse(at, inWords('one query with {{.window}}'), 'it in both');
  if (areCounters(teller, ratio, queries)) {
    if (queries.some(hasRanges))
      return teller.refuse(
        `${at}.counter`,
        inWords('true beside a range of its own'),
        'counters without a range, or {{.window}} in it',
      );
    return sliOfQueries(counts, ratesOf(counted), ratesOf(total));
  }
  teller.notice('its queries are no counters: they are summed over the window, every minute, and only their ratio is used');
  const share = `sum(${overMinutes('sum_over_time', counted)}) / sum(${overMinutes('sum_over_time', total)})`;
  return { kind: 'ratio-query', errorRatio: counts === 'bad' ? share : `1 - (${share})` };
};

const rawOf = (teller: Teller, ratio: unknown, at: string): Sli | null => {
  const rawType = textAt(ratio, 'rawType');
  if (rawType !== 'success' && rawType !== 'failure') return teller.refuse(`${at}.rawType`, rawType, 'success or failure');
  const query = queryOf(teller, valueAt(ratio, ['raw']), `${at}.raw`);
  if (query === null) return null;
  const isWhole = query.includes(windowMark);
  if (!isWhole)
    teller.notice('its ratio has no window: it is averaged over the minutes of the window, each of which weighs the same');
  const over = isWhole ? query : overMinutes('avg_over_time', query);
  return { kind: 'ratio-query', errorRatio: rawType === 'failure' ? over : `1 - (${over})` };
};

/** An indicator, whether inline or an SLI of its own; `at` is where it stands. */
export const readIndicator = (teller: Teller, spec: unknown, at: string): Sli | null => {
  const given = fieldsOf(spec);
  if (given.has('thresholdMetric'))
    return teller.refuse(
      `${at}.thresholdMetric`,
      inWords('a threshold'),
      'ratioMetric: of a value above or below a threshold nobody knows how many events it stands for',
    );
  const ratio = given.get('ratioMetric');
  const where = `${at}.ratioMetric`;
  if (fieldsOf(ratio).size === 0) return teller.refuse(where, undefined, 'good or bad, and total');
  if (fieldsOf(ratio).has('raw')) return rawOf(teller, ratio, where);
  const ways = (['good', 'bad'] as const).filter((way) => fieldsOf(valueAt(ratio, [way])).size > 0);
  const [counts] = ways;
  if (counts === undefined || ways.length === 2)
    return teller.refuse(where, counts === undefined ? undefined : inWords('good and bad'), 'good or bad, beside total');
  const counted = queryOf(teller, valueAt(ratio, [counts]), `${where}.${counts}`);
  const total = queryOf(teller, valueAt(ratio, ['total']), `${where}.total`);
  return counted === null || total === null ? null : counting(teller, ratio, { counts, counted, total }, where);
};
