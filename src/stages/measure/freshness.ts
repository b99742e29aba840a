import { labelOf } from '../../domain/alert.ts';
import type { Dialect } from '../../domain/dialect.ts';
import type { Edge } from '../../domain/edge.ts';
import type { Gap } from '../../domain/gathered.ts';
import { counterOf, type Mesh } from '../../domain/mesh.ts';
import { tagged, tagLabel, union } from '../../domain/promql/union.ts';
import { duration, maxBy, selector } from '../../domain/promql.ts';
import { edgeLabels } from '../../domain/row.ts';
import { edgeMatchers } from '../../domain/selection.ts';
import type { EdgeReading, Reporter } from '../../domain/signals.ts';
import type { EpochMs } from '../../domain/time.ts';
import { seconds } from '../../domain/words.ts';
import { type CountAnswers, indexed } from './counts.ts';
import { groupKey } from './grouped.ts';
import type { WindowPlan } from './windows.ts';

/** When the edge was last scraped and how often it is, and who counted it before now and has no series any more. */
type Freshness = {
  readonly newestMs: EpochMs | null;
  readonly intervalSeconds: number | null;
  readonly silent: readonly Reporter[];
};

/** Where the question was not answered, nobody is called gone. */
export const unknownFreshness: Freshness = { newestMs: null, intervalSeconds: null, silent: [] };

const selections = (dialect: Dialect, edge: Edge) =>
  [dialect.views.caller, dialect.views.callee].flatMap((view) => {
    const matchers = edgeMatchers(view, edge);
    const { requests, connections } = dialect.metrics;
    const metrics = [requests, connections].filter((metric) => metric !== null);
    return matchers === null ? [] : metrics.map((metric) => ({ view, counted: selector(metric, matchers) }));
  });

const scrapesSeconds = 300;

/**
 * The time of each reporter's newest sample: an instant looks back five minutes, over the end of the data (prometheus.io/docs,
 * "Staleness"). And how often the edge was scraped in the last five minutes.
 */
export const planFreshness = (dialect: Dialect, edge: Edge): readonly (string | null)[] => {
  const found = selections(dialect, edge);
  const seen = union(found.map(({ view, counted }) => maxBy(edgeLabels(view), `timestamp(${counted})`)));
  const scrapes = union(found.map(({ counted }) => `count_over_time(${counted}[${duration(scrapesSeconds)}])`));
  return [seen === null ? null : tagged('seen', `(${seen})`), scrapes === null ? null : tagged('scrapes', `max(${scrapes})`)];
};

const intervalOf = ({ base }: CountAnswers): number | null => {
  const scrapes = base.find(({ labels }) => labelOf(labels, tagLabel) === 'scrapes')?.points[0]?.[1];
  return scrapes !== undefined && scrapes > 0 ? scrapesSeconds / scrapes : null;
};

export const readFreshness = (
  dialect: Dialect,
  cluster: string | null,
  answers: CountAnswers,
  plan: WindowPlan,
  edge: Edge,
): Freshness => {
  const { tag, range, older } = indexed(dialect, cluster, answers, plan, edge);
  const reporters = (['caller', 'callee'] as const).map((reporter) => {
    const key = groupKey(reporter, edge);
    const times = (tag.seen.get(key)?.rows ?? []).flatMap(({ points }) => [...points.values()]);
    return {
      reporter,
      newestMs: times.length === 0 ? null : 1000 * Math.max(...times),
      // Of an edge without a destination it is not asked when it was last seen: nobody may be called gone then.
      isKnown: edgeMatchers(dialect.views[reporter], edge) !== null && (range.has(key) || older.has(key)),
    };
  });
  const known = reporters.map(({ newestMs }) => newestMs).filter((value) => value !== null);
  return {
    newestMs: known.length === 0 ? null : Math.max(...known),
    intervalSeconds: intervalOf(answers),
    silent: reporters.filter(({ newestMs, isKnown }) => newestMs === null && isKnown).map(({ reporter }) => reporter),
  };
};

/** More than a scrape a minute leaves open, with its delay: then the windows end with the newest sample, or they would be half empty. */
const lagSeconds = 75;

/** Where the windows end. */
export const asOf = ({ newestMs }: Freshness, atMs: EpochMs): EpochMs =>
  newestMs !== null && atMs - newestMs > lagSeconds * 1000 ? Math.floor(newestMs / 1000) * 1000 : atMs;

/** What the figures do not show of now. A callee whose pods are gone has no series either: that is the diagnosis, not a gap. */
export const freshnessGaps = (
  source: string,
  mesh: Mesh,
  { silent }: Freshness,
  reading: EdgeReading | undefined,
  atMs: EpochMs,
  endMs: EpochMs,
): readonly Gap[] => [
  ...(endMs < atMs
    ? [
        {
          what: `figures of the last ${seconds((atMs - endMs) / 1000)}`,
          source,
          reason: 'absent' as const,
          detail: 'has no newer sample of this edge',
        },
      ]
    : []),
  ...silent
    .filter((reporter) => reporter === 'caller' || reading?.calleeReports !== true)
    .map((reporter) => ({
      what: `series of ${counterOf(mesh, reporter)} now`,
      source,
      reason: 'absent' as const,
      detail: 'has none of this edge any more: not scraped, or gone',
    })),
];
