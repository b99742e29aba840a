import { type Edge, edgeKey } from './domain/edge.ts';
import type { Gap } from './domain/gathered.ts';
import type { EdgeReading } from './domain/signals.ts';
import type { EpochMs } from './domain/time.ts';
import { onsetOf } from './first-evidence.ts';
import { gatherQueries, type QueryBudget } from './gather.ts';
import { type Cluster, type Found, gapsOf, rowsOf } from './inquiry.ts';
import { type Begun, begunOf } from './stages/measure/begun.ts';
import { planCounts } from './stages/measure/count-plan.ts';
import { readCounts } from './stages/measure/counts.ts';
import { asOf, freshnessGaps, readFreshness, unknownFreshness } from './stages/measure/freshness.ts';
import { isWideEnough, nextSeconds, nowSeconds, planWindows, type WindowPlan } from './stages/measure/windows.ts';

/** The window of now, and how old the incident is at least: it fired `for` after it began. */
const youngWindow = (
  { alert, rule, located }: Found,
  atMs: EpochMs,
): { readonly seconds: number; readonly ageSeconds: number } => {
  if (located.way === 'command') return { seconds: nowSeconds(atMs, null), ageSeconds: Number.POSITIVE_INFINITY };
  const heldSeconds = rule?.forSeconds ?? 0;
  const seconds = nowSeconds(atMs, alert.startsAtMs - Math.min(60, heldSeconds) * 1000);
  return { seconds, ageSeconds: Math.max(seconds, (atMs - alert.startsAtMs) / 1000 + heldSeconds) };
};

type Counted = { readonly plan: WindowPlan; readonly readings: readonly EdgeReading[]; readonly gaps: readonly Gap[] };

/** What is known when a window is not answered: what a narrower one told. */
const unanswered = (plan: WindowPlan, held: Counted | null, lost: readonly Gap[]): Counted =>
  held === null
    ? { plan, readings: [], gaps: lost }
    : { ...held, gaps: [...held.gaps, ...lost.map((gap) => ({ ...gap, what: `${gap.what} over a wider window` }))] };

/** Wave 2, widened when traffic is low: below about 30 requests nothing can be told from chance. Its windows end with the newest sample. */
export const measureCounts = async (
  cluster: Cluster,
  edge: Edge,
  atMs: EpochMs,
  found: Found,
  budget: QueryBudget,
): Promise<Counted> => {
  const { dialect, name, metrics } = cluster;
  // Only a question from a person leaves open since when: it is read from the first counts.
  let isOpen = found.located.way === 'command';
  let begun: Begun | null = null;
  const planFor = (endMs: EpochMs, seconds: number | null): WindowPlan => {
    if (begun !== null) return planWindows(endMs, begun.onsetMs, seconds ?? begun.seconds, (endMs - begun.onsetMs) / 1000);
    const young = youngWindow(found, endMs);
    return planWindows(endMs, onsetOf(found), seconds ?? young.seconds, young.ageSeconds);
  };
  let plan = planFor(atMs, null);
  let held: Counted | null = null;
  for (;;) {
    const answers = await gatherQueries(metrics, planCounts(dialect, edge, plan), budget);
    const lost = gapsOf(answers.values());
    // Who does not answer is not asked again with another window, and the usual values alone say nothing.
    if (answers.get('counts')?.ok !== true) return unanswered(plan, held, lost);
    const rows = {
      range: rowsOf(answers, 'counts'),
      older: rowsOf(answers, 'counts-older'),
      base: rowsOf(answers, 'counts-base'),
    };
    const readings = readCounts(dialect, name, rows, plan, edge);
    const mine = readings.find((reading) => edgeKey(reading.edge) === edgeKey(edge));
    const isTold = answers.get('counts-base')?.ok === true;
    const fresh = isTold ? readFreshness(dialect, name, rows, plan, mine?.edge ?? edge) : unknownFreshness;
    const gaps = [...lost, ...freshnessGaps(metrics.name, dialect.name, fresh, mine, atMs, plan.atMs)];
    if (readings.length === 0 && gaps.length > 0) return { plan, readings, gaps };
    const endMs = plan.atMs === atMs ? asOf(fresh, atMs) : plan.atMs;
    if (endMs === plan.atMs && isOpen) {
      isOpen = false;
      begun = mine === undefined ? null : begunOf(mine, plan);
      if (begun !== null) {
        plan = planFor(endMs, null);
        continue;
      }
    }
    const counts = (mine?.caller ?? mine?.callee)?.counts ?? null;
    const usual = counts?.local.map(({ requests }) => requests) ?? [];
    const { intervalSeconds } = fresh;
    if (endMs === plan.atMs && counts !== null && isWideEnough(plan.seconds, intervalSeconds)) held = { plan, readings, gaps };
    const wider = nextSeconds(plan.seconds, { requests: counts?.now.requests ?? null, usual, intervalSeconds });
    if (endMs === plan.atMs && wider === null) return { plan, readings, gaps };
    plan = planFor(endMs, endMs === plan.atMs ? wider : null);
  }
};
