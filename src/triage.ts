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
import { type Blank, blank } from './first-evidence.ts';
import { gatherQueries, type QueryAnswer, type QueryBudget } from './gather.ts';
import { budgetOf, type Cluster, type Found, gapsOf, partOf, rowsOf } from './inquiry.ts';
import { measureCounts } from './measure-counts.ts';
import { planChanges, readChanges } from './stages/measure/changes.ts';
import { planControlPlane, readControlPlane } from './stages/measure/control-plane.ts';
import { planAbove, planHop } from './stages/measure/count-plan.ts';
import { readCounts } from './stages/measure/counts.ts';
import { planLatency, readLatency } from './stages/measure/latency.ts';
import { type PicturePlan, planPicture, planPictureQueries, readPicture } from './stages/measure/picture.ts';
import { withPods } from './stages/measure/pods.ts';
import { planSaturation, readSaturation } from './stages/measure/saturation.ts';
import type { WindowPlan } from './stages/measure/windows.ts';
import { likelyPath, measureEnd, planEnd } from './walk-end.ts';
import { walkUp } from './walk-up.ts';

export { askedFor, pendingEvidence } from './first-evidence.ts';

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

type Drawing = {
  readonly edge: Edge;
  readonly mine: EdgeReading | undefined;
  readonly reporter: Reporter;
  readonly picture: PicturePlan;
  readonly seconds: number;
};

/** What is full, and the curves of the picture. */
const drawnOf = (
  dialect: Cluster['dialect'],
  answers: ReadonlyMap<string, Gathered<QueryAnswer>>,
  { edge, mine, reporter, picture, seconds }: Drawing,
): Pick<Evidence, 'saturation' | 'picture'> => {
  const [full, codes, buckets] = ['saturation', 'picture-codes', 'picture-buckets'].map((id) => rowsOf(answers, id));
  const saturation = partOf(answers, ['saturation'], () =>
    readSaturation(dialect, full ?? [], codes ?? [], mine?.edge ?? edge, mine ?? null, seconds),
  );
  const drawn = partOf(answers, ['picture-codes', 'picture-buckets'], () =>
    readPicture(dialect, reporter, codes ?? [], buckets ?? [], picture),
  );
  return {
    saturation: saturation.ok ? got(saturation.value?.saturation ?? null) : saturation,
    picture: drawn.ok ? got({ ...drawn.value, saturation: saturation.ok ? (saturation.value?.picture ?? null) : null }) : drawn,
  };
};

type How = {
  /** How much of the past the picture shows. */
  readonly planOf?: typeof planPicture;
  /** Hears of the figures of the edge itself, while the walks go on. */
  readonly onFigures?: (evidence: Evidence) => void;
};

type Measuring = {
  readonly cluster: Cluster;
  readonly found: Found;
  readonly edge: Edge;
  readonly base: Blank;
  readonly budget: QueryBudget;
  readonly how: How;
};

/** Waves 2 to 4 of one edge. */
const measureEdge = async ({ cluster, found, edge, base, budget, how }: Measuring): Promise<Evidence> => {
  const { planOf = planPicture, onFigures = () => undefined } = how;
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
  const start = waveRead(cluster, answers, likely, plan, readings);
  onFigures({ ...seen, reporter, path: likely, readings: start, gaps: [] });
  const [up, { walked, end }] = await Promise.all([
    walkUp(cluster, mine, plan, start, budget),
    walkDown(cluster, mine?.edge ?? edge, plan, start, budget).then(async (path) => ({
      walked: path,
      end: await measureEnd(cluster, path, deepest, answers, plan, budget),
    })),
  ]);
  const drawn = drawnOf(cluster.dialect, answers, { edge, mine, reporter, picture, seconds: plan.seconds });
  return {
    ...seen,
    reporter,
    path: counted.readings.length === 0 ? [] : walked.path,
    pathStopped: walked.stopped,
    // Who is above and what is below are no matter of each other.
    readings: joinedWith(end.readings, up.readings),
    ...drawn,
    proxyCounters: end.proxyCounters,
    changes: partOf(answers, ['changes-kube', 'changes-mesh'], () =>
      readChanges([...rowsOf(answers, 'changes-kube'), ...rowsOf(answers, 'changes-mesh')]),
    ),
    gaps: [
      ...found.gaps,
      ...counted.gaps,
      ...new Set(gapsOf([...answers.values(), end.proxyCounters])),
      ...up.gaps,
      ...walked.gaps,
    ],
  };
};

/** Measure: everything about the found subject, as one value. */
export const measure = async (
  cluster: Cluster,
  found: Found,
  alerts: readonly Alert[],
  atMs: EpochMs,
  how: How = {},
): Promise<Evidence> => {
  const budget: QueryBudget = { ...budgetOf(cluster), records: [...found.records] };
  const base = blank(cluster, found, alerts, atMs);
  const edge = edgeOf(found.subject);
  if (edge !== null) return measureEdge({ cluster, found, edge, base, budget, how });
  const controlPlane = found.subject.kind === 'control-plane' ? await measureControlPlane(cluster, atMs, budget) : null;
  const gaps = [...found.gaps, ...gapsOf(controlPlane ? [controlPlane] : [])];
  return { ...base, controlPlane, gaps, queries: budget.records };
};
