import { type Matcher, selector, sumBy } from '../../domain/promql.ts';
import { meshMetric, type Shape } from './shape.ts';

/** Marks a row that tells how many requests an edge had. */
export const volumeLabel = 'edgewise_requests';

/** Below this many requests a share or a quantile of them says nothing: one failed probe is 100 %. */
export const fewRequests = 20;
const window = '5m';

const isRelative = ({ parsed }: Shape): boolean => /\/|\bhistogram_quantile\b/.test(parsed.text.replace(/"[^"]*"|'[^']*'/g, ''));

/** The counter of requests beside a metric: itself, or the count of its histogram. */
const counterOf = (metric: string): string | null => {
  if (/_(bucket|sum|count)$/.test(metric)) return metric.replace(/_(bucket|sum)$/, '_count');
  return /(requests_total|response_total|_rq_completed|_rq_total)$/.test(metric) ? metric : null;
};

type Family = keyof typeof meshMetric | 'recorded';

/** What is recorded of Istio's counters was counted by them. */
const counterFor = (shape: Shape, family: Family): string | null => {
  if (family === 'recorded') return 'istio_requests_total';
  const own = shape.selectors.filter(({ metric }) => meshMetric[family].test(metric));
  return own.map(({ metric }) => counterOf(metric)).find((metric) => metric !== null) ?? null;
};

/** How many requests each edge had, for rules that compare shares of them: in the same question, marked. Null where it need not or cannot be asked. */
export const volumeText = (shape: Shape, family: Family, labels: readonly string[], pins: readonly Matcher[]): string | null => {
  const counter = family === 'recorded' || isRelative(shape) ? counterFor(shape, family) : null;
  if (counter === null) return null;
  return `label_replace(${sumBy(labels, `increase(${selector(counter, pins)}[${window}])`)}, "${volumeLabel}", "5m", "", "")`;
};
