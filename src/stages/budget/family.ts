import type { Dialect, View } from '../../domain/dialect.ts';
import type { Edge } from '../../domain/edge.ts';
import { nobody } from '../../domain/edge.ts';
import { tagged } from '../../domain/promql/union.ts';
import { duration, type Matcher, oneOf, selector, sumBy } from '../../domain/promql.ts';
import { edgeLabels, outcomeLabels } from '../../domain/row.ts';
import { calleeIn, edgeMatchers } from '../../domain/selection.ts';
import { type Sli, type Slo, type SloReporter, windowMark } from '../../domain/slo.ts';

/** A stretch of the past by its length and its end before the moment that is asked for. */
export type Stretch = { readonly seconds: number; readonly agoSeconds: number };

/** What the parts of an answer are: all events, those within a latency, bad or good ones by a query of its own; and how much was scraped. */
export type Part = 'all' | 'within' | 'bad' | 'good' | 'seen';

/** Everything that is asked to count one indicator, for any stretch. Indicators with the same text share their answers. */
export type SloFamily = {
  /** Null: whatever the queries of the file count. */
  readonly view: View | null;
  readonly parts: readonly { readonly part: Part; readonly over: (stretch: Stretch) => string }[];
};

const ago = (seconds: number): string => (seconds > 0 ? ` offset ${duration(seconds)}` : '');

/** Counters: those that are counted, and all of the same proxies. */
type Counters = { readonly counted: readonly string[]; readonly all: string };

/**
 * What counters grew by, the first values of new series among it: `increase` leaves out what a series was born with, and
 * the first 503 of a pod is one. A series counts as new only beside others of its proxy that were there before, since after a pause of the
 * scrapes all of them look new, with all that they ever counted. Nor is a bucket new whose edge is only printed otherwise than before:
 * `le="250"` is `le="250.0"` from the day of an upgrade to Prometheus 3 on (prometheus.io, "Prometheus 3.0 migration guide").
 */
export const grown =
  ({ counted, all }: Counters, { labels }: Dialect, isBucket: boolean) =>
  ({ seconds, agoSeconds }: Stretch): string => {
    const [now, before] = [ago(agoSeconds), `${all}${ago(agoSeconds + seconds)}`];
    const present = counted.map((series) => `${series}${now}`).join(' or ');
    const proxy = [labels.pod, labels.instance].filter((label) => label !== null).join(', ');
    const there = counted.length > 1 ? `(${present})` : present;
    const born = `((${there} unless ${isBucket ? 'ignoring (le) ' : ''}${before}) and on (${proxy}) ${before})`;
    const increases = counted.map((series) => `increase(${series}[${duration(seconds)}]${now})`);
    return `(${[born, ...increases].join(' or ')})`;
  };

/** Looks this far apart are close enough to see whether anything was scraped: a sample serves for five minutes (Prometheus' lookback). */
const lookSeconds = 300;

/** 0–1, the share of looks that saw a series at all. A subquery looks at multiples of its step, of which each stretch has at least one. */
const seen =
  (series: string) =>
  ({ seconds, agoSeconds }: Stretch): string => {
    const step = Math.min(lookSeconds, seconds);
    const looked = `count_over_time(count(${series})[${duration(seconds)}:${duration(step)}]${ago(agoSeconds)})`;
    return `clamp_max(${looked} / ${Math.floor(seconds / step)}, 1)`;
  };

/** Whose proxy counts requests of this mesh: of an ambient one it is the waypoint, whatever is asked for. */
const viewFor = ({ name, views }: Dialect, reporter: SloReporter): View =>
  name === 'ambient' || reporter === 'source' ? views.caller : views.callee;

const matchersOf = (view: View, slo: Slo): readonly Matcher[] | null => {
  if (slo.about.kind === 'edge') return edgeMatchers(view, slo.about.edge);
  if (slo.about.kind === 'named') return null;
  const toIt: Edge = { cluster: slo.cluster, source: nobody, destination: slo.about.callee };
  return calleeIn(view, toIt);
};

/** What chooses the series of an objective about the mesh; null where this mesh prints nothing to choose by. */
export const matchersFor = (slo: Slo, dialect: Dialect, reporter: SloReporter): readonly Matcher[] | null =>
  matchersOf(viewFor(dialect, reporter), slo);

type MeshSli = Extract<Sli, { readonly reporter: SloReporter }>;

/** The buckets that hold what was within the threshold: `bounds` as printed, "250" and "250.0" where both are. */
const meshFamily = (slo: Slo, sli: MeshSli, dialect: Dialect, bounds: readonly string[]): SloFamily | null => {
  const view = viewFor(dialect, sli.reporter);
  const matchers = matchersOf(view, slo);
  if (matchers === null) return null;
  const { requests, durationBucket, durationCount } = dialect.metrics;
  const counted = (metric: string, by: readonly string[], more: readonly Matcher[] = []) => {
    const series = selector(metric, [...matchers, ...more]);
    const over = grown({ counted: [series], all: series }, dialect, metric === durationBucket);
    return (stretch: Stretch): string => sumBy(by, over(stretch));
  };
  const ofEdge = edgeLabels(view);
  const ofVersion = view.labels.destinationVersion === null ? ofEdge : [...ofEdge, view.labels.destinationVersion];
  const looked = {
    part: 'seen',
    over: seen(selector(sli.kind === 'availability' ? requests : durationCount, matchers)),
  } as const;
  return sli.kind === 'availability'
    ? { view, parts: [{ part: 'all', over: counted(requests, [...ofEdge, ...outcomeLabels(dialect, view)]) }, looked] }
    : {
        view,
        parts: [
          { part: 'all', over: counted(durationCount, ofVersion) },
          { part: 'within', over: counted(durationBucket, ofVersion, [oneOf('le', bounds)]) },
          looked,
        ],
      };
};

/** An expression as it was at an earlier moment: a template has no place for an offset. */
const earlier = (promql: string, agoSeconds: number): string =>
  agoSeconds > 0 ? `last_over_time((${promql})[1s:1s]${ago(agoSeconds)})` : promql;

type Queries = Extract<Sli, { readonly kind: 'queries' }>;

/** A template over a stretch: its events, or events per second for so many seconds. */
export const templated =
  (template: string, per: Queries['per']) =>
  ({ seconds, agoSeconds }: Stretch): string => {
    const over = `(${template.replaceAll(windowMark, duration(seconds))})`;
    return earlier(per === 'second' ? `${over} * ${seconds}` : over, agoSeconds);
  };

const queriesFamily = ({ counts, counted, total, per }: Queries): SloFamily => ({
  view: null,
  parts: [
    { part: 'all', over: templated(total, per) },
    { part: counts, over: templated(counted, per) },
    { part: 'seen', over: seen(`(${templated(total, per)({ seconds: lookSeconds, agoSeconds: 0 })})`) },
  ],
});

/** How an indicator is counted; null where this mesh prints nothing by which to choose it, or where only a ratio is known. */
export const familyOf = (slo: Slo, dialect: Dialect, bounds: readonly string[]): SloFamily | null => {
  if (slo.sli.kind === 'ratio-query' || slo.sli.kind === 'recorded') return null;
  return slo.sli.kind === 'queries' ? queriesFamily(slo.sli) : meshFamily(slo, slo.sli, dialect, bounds);
};

/** The family as one expression, each part tagged. */
export const askedOver = ({ parts }: SloFamily, stretch: Stretch, tag: (part: Part) => string): readonly string[] =>
  parts.map(({ part, over }) => tagged(tag(part), `(${over(stretch)})`));
