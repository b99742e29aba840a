import type { Alert } from './domain/alert.ts';
import { calleeName, type Edge, edgeKey, edgeOf } from './domain/edge.ts';
import type { ControlPlane, Evidence } from './domain/evidence.ts';
import { type Gap, type Gathered, got } from './domain/gathered.ts';
import { judgeEdge, leadingReporter } from './domain/judgement.ts';
import type { PlannedQuery } from './domain/question.ts';
import { joinedWith, withPast } from './domain/sick-past.ts';
import type { EdgeReading, Reporter } from './domain/signals.ts';
import { isTcp } from './domain/tcp.ts';
import { type EpochMs, windowBefore } from './domain/time.ts';
import { maxHops, nextStep, suspectsBelow } from './domain/walk.ts';
import { movedOf } from './domain/walk-up.ts';
import { type Blank, blank, onsetOf } from './first-evidence.ts';
import { gatherQueries, type QueryAnswer, type QueryBudget } from './gather.ts';
import { budgetOf, type Cluster, type Found, gapsOf, partOf, rowsOf } from './inquiry.ts';
import { type Begun, begunOf } from './stages/measure/begun.ts';
import { planChanges, readChanges } from './stages/measure/changes.ts';
import { planControlPlane, readControlPlane } from './stages/measure/control-plane.ts';
import { planAbove, planCounts, planHop } from './stages/measure/count-plan.ts';
import { readCounts } from './stages/measure/counts.ts';
import { asOf, freshnessGaps, readFreshness, unknownFreshness } from './stages/measure/freshness.ts';
import { planLatency, readLatency } from './stages/measure/latency.ts';
import { planPicture, planPictureQueries, readPicture } from './stages/measure/picture.ts';
import { withPods } from './stages/measure/pods.ts';
import { planSaturation, readSaturation } from './stages/measure/saturation.ts';
import { isWideEnough, nextSeconds, nowSeconds, planWindows, type WindowPlan } from './stages/measure/windows.ts';
import { likelyPath, measureEnd, planEnd } from './walk-end.ts';
import { walkUp } from './walk-up.ts';

export { askedFor, pendingEvidence } from './first-evidence.ts';

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
const measureCounts = async (
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
    const readings = readCounts(dialect, name, rows, plan);
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

/** Wave 4: down the graph, one call a hop, while a child explains its parent. */
const walkDown = async (cluster: Cluster, edge: Edge, plan: WindowPlan, start: readonly EdgeReading[], budget: QueryBudget) => {
  let readings = start;
  const path: Edge[] = [edge];
  const gaps: Gap[] = [];
  let stopped: string | null = null;
  for (let hop = 0; hop <= maxHops; hop += 1) {
    const last = path.at(-1) ?? edge;
    if (hop > 0) {
      const answers = await gatherQueries(cluster.metrics, planHop(cluster.dialect, last, plan), budget);
      const [lost] = gapsOf(answers.values());
      if (lost !== undefined) {
        gaps.push(lost);
        stopped = `the walk downstream stopped at ${calleeName(last)}, whose own calls could not be read`;
        break;
      }
      const more = readCounts(
        cluster.dialect,
        cluster.name,
        { range: rowsOf(answers, 'hop'), older: rowsOf(answers, 'hop-older'), base: [] },
        plan,
      );
      readings = joinedWith(readings, more);
    }
    const step = nextStep(last, readings, path);
    if (step.kind === 'stop') {
      stopped = step.why;
      break;
    }
    path.push(step.to);
  }
  return { path, stopped, readings, gaps };
};

const measureControlPlane = async (cluster: Cluster, atMs: EpochMs, budget: QueryBudget): Promise<Gathered<ControlPlane>> => {
  const answers = await gatherQueries(cluster.metrics, planControlPlane(atMs), budget);
  return partOf(answers, ['control-plane'], () => readControlPlane(rowsOf(answers, 'control-plane')));
};

/** What the curves count: requests, or connections of an edge that has nothing else. */
const countsOf = ({ metrics }: Cluster['dialect'], reading: EdgeReading | undefined): string =>
  reading !== undefined && metrics.connections !== null && isTcp(reading) ? metrics.connections : metrics.requests;

/** The readings with what wave 3 tells of them, and with who calls the caller. */
const waveRead = (
  { dialect, name }: Cluster,
  answers: ReadonlyMap<string, Gathered<QueryAnswer>>,
  likely: readonly Edge[],
  plan: WindowPlan,
  readings: readonly EdgeReading[],
): readonly EdgeReading[] => {
  const [buckets, usualBuckets] = [rowsOf(answers, 'latency'), rowsOf(answers, 'latency-base')];
  const withLatency = readLatency(dialect, name, buckets, usualBuckets, plan, readings);
  const above = { range: rowsOf(answers, 'above'), older: rowsOf(answers, 'above-older'), base: [] };
  return joinedWith(withPods(dialect, rowsOf(answers, 'counters'), likely, withLatency), readCounts(dialect, name, above, plan));
};

/** Waves 2 to 4 of one edge. */
const measureEdge = async (
  cluster: Cluster,
  found: Found,
  edge: Edge,
  base: Blank,
  budget: QueryBudget,
  planOf: typeof planPicture,
): Promise<Evidence> => {
  const { atMs } = base;
  const counted = await measureCounts(cluster, edge, atMs, found, budget);
  const { plan } = counted;
  const seen = { ...base, window: windowBefore(plan.atMs, plan.seconds), onsetMs: plan.onsetMs, queries: budget.records };
  // Without counts nothing else can be said of the edge, and whoever is down would only be waited for again.
  if (counted.readings.length === 0 && counted.gaps.length > 0) return { ...seen, gaps: [...found.gaps, ...counted.gaps] };
  const readings = withPast(edge, counted.readings);
  const mine = readings.find((reading) => edgeKey(reading.edge) === edgeKey(edge));
  const reporter: Reporter = mine ? leadingReporter(mine) : 'caller';
  const picture = planOf(atMs, plan.onsetMs);
  const moved = mine === undefined ? null : movedOf(judgeEdge(mine, 'named'));
  const likely = likelyPath(mine?.edge ?? edge, readings);
  const deepest = likely.at(-1) ?? edge;
  const wave: readonly PlannedQuery[] = [
    ...planLatency(cluster.dialect, [mine?.edge ?? edge, ...suspectsBelow(mine?.edge ?? edge, readings)], plan),
    ...planPictureQueries(cluster.dialect, edge, reporter, picture, countsOf(cluster.dialect, mine)),
    ...planSaturation(mine?.edge ?? edge, picture),
    ...planEnd(cluster.dialect, likely, readings, plan),
    ...planChanges(edge, atMs, plan.onsetMs),
    ...(moved === null ? [] : planAbove(cluster.dialect, edge, plan)),
  ];
  const answers = await gatherQueries(cluster.metrics, wave, budget);
  const up = await walkUp(cluster, mine, plan, waveRead(cluster, answers, likely, plan, readings), budget);
  const walked = await walkDown(cluster, mine?.edge ?? edge, plan, up.readings, budget);
  const end = await measureEnd(cluster, walked, deepest, answers, plan, budget);
  const saturation = partOf(answers, ['saturation'], () =>
    readSaturation(
      cluster.dialect,
      rowsOf(answers, 'saturation'),
      rowsOf(answers, 'picture-codes'),
      mine?.edge ?? edge,
      mine ?? null,
      plan.seconds,
    ),
  );
  const drawn = partOf(answers, ['picture-codes', 'picture-buckets'], () =>
    readPicture(cluster.dialect, reporter, rowsOf(answers, 'picture-codes'), rowsOf(answers, 'picture-buckets'), picture),
  );
  return {
    ...seen,
    reporter,
    path: counted.readings.length === 0 ? [] : walked.path,
    pathStopped: walked.stopped,
    readings: end.readings,
    saturation: saturation.ok ? got(saturation.value?.saturation ?? null) : saturation,
    proxyCounters: end.proxyCounters,
    changes: partOf(answers, ['changes-kube', 'changes-mesh'], () =>
      readChanges([...rowsOf(answers, 'changes-kube'), ...rowsOf(answers, 'changes-mesh')]),
    ),
    picture: drawn.ok ? got({ ...drawn.value, saturation: saturation.ok ? (saturation.value?.picture ?? null) : null }) : drawn,
    gaps: [
      ...found.gaps,
      ...counted.gaps,
      ...new Set(gapsOf([...answers.values(), end.proxyCounters])),
      ...up.gaps,
      ...walked.gaps,
    ],
  };
};

/** Measure: everything about the found subject, as one value; `planOf` says how much of the past its picture shows. */
export const measure = async (
  cluster: Cluster,
  found: Found,
  alerts: readonly Alert[],
  atMs: EpochMs,
  planOf: typeof planPicture = planPicture,
): Promise<Evidence> => {
  const budget: QueryBudget = { ...budgetOf(cluster), records: [...found.records] };
  const base = blank(cluster, found, alerts, atMs);
  const edge = edgeOf(found.subject);
  if (edge !== null) return measureEdge(cluster, found, edge, base, budget, planOf);
  const controlPlane = found.subject.kind === 'control-plane' ? await measureControlPlane(cluster, atMs, budget) : null;
  const gaps = [...found.gaps, ...gapsOf(controlPlane ? [controlPlane] : [])];
  return { ...base, controlPlane, gaps, queries: budget.records };
};
