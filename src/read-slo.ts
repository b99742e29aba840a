import type { Gap } from './domain/gathered.ts';
import type { DayRows, SloReading } from './domain/slo/reading.ts';
import { periodAt } from './domain/slo/window.ts';
import type { Slo, SloReporter } from './domain/slo.ts';
import { dayMs, type EpochMs, hourMs } from './domain/time.ts';
import { gather, gatherQueries, type QueryBudget } from './gather.ts';
import type { Cluster } from './inquiry.ts';
import type { SloDays } from './ports.ts';
import { boundFor } from './stages/budget/bounds.ts';
import { familyOf, type SloFamily } from './stages/budget/family.ts';
import { daysOf, piecesOf, planBounds, planDay, planLive, windowsMadeOfHours } from './stages/budget/plan.ts';
import { countedReading, dayRowsOf, hoursOf, liveOf } from './stages/budget/read.ts';

/** What a reading needs of the world. */
export type SloWorld = { readonly days: SloDays };

/** The last samples of a day have come by then: scrapes, remote writes, recording rules. */
const settledMs = 10 * 60_000;
const storeMs = 5000;
/** Days that are asked for side by side: a first digest asks for a month. */
const atOnce = 2;

type Asking = {
  readonly world: SloWorld;
  readonly cluster: Cluster;
  readonly budget: QueryBudget;
  readonly atMs: EpochMs;
  readonly gaps: Gap[];
};

const isSeen = ({ rows }: DayRows): boolean => rows.some(({ values }) => values.some((value) => value !== null));

/** One day that is not known yet; kept where it is over and whole. An empty one is asked for again: it costs nothing. */
const askDay = async ({ world, cluster, budget, atMs, gaps }: Asking, family: SloFamily, day: EpochMs): Promise<DayRows> => {
  const query = planDay(family, day, atMs);
  const answer = (await gatherQueries(cluster.metrics, [query], budget)).get(query.id);
  if (!answer?.ok) {
    if (answer !== undefined) gaps.push(answer.gap);
    return { day, rows: [] };
  }
  const rows = dayRowsOf(day, answer.value.series);
  const isWhole = answer.value.warnings.length === 0 && atMs >= day + dayMs + settledMs;
  if (isWhole && isSeen(rows)) {
    const kept = await gather('the hours of a day', 'the store', storeMs, () =>
      world.days.keep(cluster.name, query.promql, rows),
    );
    if (!kept.ok && kept.gap.reason === 'bug') gaps.push(kept.gap);
  }
  return rows;
};

const everyDay = async (asking: Asking, family: SloFamily, days: readonly EpochMs[]): Promise<readonly DayRows[]> => {
  const { world, cluster, atMs } = asking;
  const [first] = days;
  if (first === undefined) return [];
  const { promql } = planDay(family, first, atMs);
  const known = await gather('the hours of finished days', 'the store', storeMs, () =>
    world.days.known(cluster.name, promql, days),
  );
  const found = new Map((known.ok ? known.value : []).map((rows) => [rows.day, rows]));
  const missing = days.filter((day) => !found.has(day) && day + hourMs <= atMs);
  for (let from = 0; from < missing.length; from += atOnce) {
    const asked = await Promise.all(missing.slice(from, from + atOnce).map((day) => askDay(asking, family, day)));
    for (const rows of asked) found.set(rows.day, rows);
    // What could not answer for one day will not for thirty, and each would cost its whole patience.
    if (asking.gaps.length > 0) break;
  }
  return days.map((day) => found.get(day) ?? { day, rows: [] });
};

/** The buckets of a latency, as they are printed now; none are needed of anything else. */
const boundsOf = async ({ cluster, budget, atMs, gaps }: Asking, slo: Slo): Promise<readonly string[] | null> => {
  const query = planBounds(slo, cluster.dialect, atMs);
  if (query === null || slo.sli.kind !== 'latency') return [];
  const answers = await gatherQueries(cluster.metrics, [query], budget);
  const answer = answers.get(query.id);
  if (!answer?.ok) {
    if (answer !== undefined) gaps.push(answer.gap);
    return null;
  }
  const found = boundFor(slo.sli, cluster.dialect, answer.value.samples, cluster.metrics.name);
  if (found.ok) return found.bound.les;
  gaps.push(found.gap);
  return null;
};

/** Of an ambient mesh the waypoint counts, whomever its definition names. */
const reporterOf = ({ sli }: Slo, { dialect }: Cluster): SloReporter | null =>
  dialect.name !== 'ambient' && (sli.kind === 'availability' || sli.kind === 'latency') ? sli.reporter : null;

/**
 * Counts an objective hour by hour: finished days from the store, what is missing from the metrics. Never throws: what is missing is a gap.
 * `signal` ends all of it.
 */
export const countSlo = async (
  world: SloWorld,
  cluster: Cluster,
  slo: Slo,
  atMs: EpochMs,
  signal?: AbortSignal,
): Promise<SloReading> => {
  const period = periodAt(slo.window, atMs);
  const budget: QueryBudget = {
    records: [],
    maxCalls: Number.POSITIVE_INFINITY,
    deadlineMs: cluster.deadlineMs,
    ...(signal === undefined ? {} : { signal }),
  };
  const asking: Asking = { world, cluster, budget, atMs, gaps: [] };
  const parts = { slo, atMs, period, reporter: reporterOf(slo, cluster), gaps: asking.gaps };
  const bounds = await boundsOf(asking, slo);
  const family = bounds === null ? null : familyOf(slo, cluster.dialect, bounds);
  if (family === null) return countedReading({ ...parts, hours: [], live: new Map() });
  const windows = windowsMadeOfHours(period, atMs);
  const live = planLive(family, piecesOf(windows, atMs), atMs);
  const [days, now] = await Promise.all([
    everyDay(asking, family, daysOf(windows, atMs)),
    gatherQueries(cluster.metrics, [live], budget),
  ]);
  const answer = now.get(live.id);
  if (answer !== undefined && !answer.ok) asking.gaps.push(answer.gap);
  return countedReading({
    ...parts,
    hours: hoursOf(slo, cluster.dialect, days, atMs),
    live: answer?.ok ? liveOf(slo, cluster.dialect, answer.value.samples) : new Map(),
  });
};
