import { linkerd } from './dialects/linkerd.ts';
import type { Dialect } from './domain/dialect.ts';
import type { Edge, Located } from './domain/edge.ts';
import type { Gap } from './domain/gathered.ts';
import { judgeEdge } from './domain/judgement.ts';
import type { EdgeReading } from './domain/signals.ts';
import type { EpochMs } from './domain/time.ts';
import { gatherQueries, type QueryBudget } from './gather.ts';
import { type Cluster, gapsOf, rowsOf } from './inquiry.ts';
import type { Clue } from './stages/locate/clue.ts';
import { busiestOf, planMesh, rankMesh, suspectsOf } from './stages/locate/mesh.ts';
import { planMeshSeconds, rankSlow } from './stages/locate/mesh-seconds.ts';
import type { NamedEnd } from './stages/locate/named-end.ts';
import { planSuspects } from './stages/measure/count-plan.ts';
import { readCounts } from './stages/measure/counts.ts';
import { planWindows, type WindowPlan } from './stages/measure/windows.ts';

export type When = { readonly atMs: EpochMs; readonly startsAtMs: EpochMs; readonly forSeconds: number | null };
export type Scan = {
  /** `isBusiest`: nothing says that it is sick. */
  readonly chosen: { readonly edge: Edge; readonly located: Located; readonly isBusiest?: boolean } | null;
  readonly gaps: readonly Gap[];
};

/**
 * Windows half as long as the incident, so that the one before now lies inside it too. Where the rule is not known it may have waited
 * five minutes: the past ends before that.
 */
export const suspectWindows = ({ atMs, startsAtMs, forSeconds }: When, leastSeconds: number): WindowPlan => {
  const lengthMs = atMs - startsAtMs + (forSeconds ?? 60) * 1000;
  const seconds = Math.min(300, Math.max(leastSeconds, Math.floor(lengthMs / 2 / 30_000) * 30));
  return planWindows(atMs, startsAtMs - (forSeconds ?? 300) * 1000, seconds);
};

/** The suspects' own past; once more with windows that hold two scrapes a minute apart, where the shortest leave some of them out. */
const suspectReadings = async (
  { dialect, name, metrics }: Cluster,
  edges: readonly Edge[],
  when: When,
  budget: QueryBudget,
): Promise<{ readonly readings: readonly EdgeReading[]; readonly gaps: readonly Gap[] }> => {
  const ask = async (leastSeconds: number) => {
    const plan = suspectWindows(when, leastSeconds);
    const answers = await gatherQueries(metrics, planSuspects(dialect, edges, plan), budget);
    const past = { range: rowsOf(answers, 'suspects'), older: rowsOf(answers, 'suspects-older'), base: [] };
    return { seconds: plan.seconds, readings: readCounts(dialect, name, past, plan), gaps: gapsOf(answers.values()) };
  };
  const asked = await ask(60);
  const counted = asked.readings.filter(({ caller, callee }) => caller !== null || callee !== null);
  const areMissing = asked.gaps.length === 0 && counted.length < edges.length;
  if (!areMissing || asked.seconds >= 150) return asked;
  const wider = await ask(150);
  // What the short windows told stands, though the wide ones are not answered.
  return wider.gaps.length > 0 ? { ...asked, gaps: wider.gaps } : wider;
};

/** Who fails more than ever: four windows of the whole mesh, then the suspects' own past; only who is sick by both may be named. */
const byFailures = async (
  cluster: Cluster,
  dialect: Dialect,
  end: NamedEnd | null,
  when: When,
  budget: QueryBudget,
): Promise<Scan & { readonly samples: Parameters<typeof suspectsOf>[2] }> => {
  const { name, metrics } = cluster;
  const first = await gatherQueries(metrics, planMesh(dialect, when.atMs), budget);
  const answer = first.get('mesh');
  const samples = answer?.ok ? answer.value.samples : [];
  const suspects = suspectsOf(dialect, name, samples);
  if (suspects.length === 0) return { chosen: null, gaps: gapsOf(first.values()), samples };
  const known = suspects.filter(({ hasPast }) => hasPast).map(({ edge }) => edge);
  const second = await suspectReadings({ ...cluster, dialect }, known, when, budget);
  const sick = [
    ...second.readings.filter((reading) => judgeEdge(reading, end === null ? 'mesh' : 'near').isSick).map(({ edge }) => edge),
    ...suspects.filter(({ hasPast }) => !hasPast).map(({ edge }) => edge),
  ];
  return {
    chosen: rankMesh(dialect, name, samples, sick, end),
    gaps: [...gapsOf(first.values()), ...second.gaps],
    samples,
  };
};

/** The third way: who fails, else who is slow; of a workload that the alert names, else the busiest edge. */
const byMesh = async (
  cluster: Cluster,
  dialect: Dialect,
  end: NamedEnd | null,
  when: When,
  budget: QueryBudget,
): Promise<Scan> => {
  const failing = await byFailures(cluster, dialect, end, when, budget);
  if (failing.chosen !== null || failing.gaps.length > 0 || failing.samples.length === 0) return failing;
  const { name, metrics } = cluster;
  const ask = (leastSeconds: number) =>
    gatherQueries(metrics, planMeshSeconds(dialect, when.atMs, suspectWindows(when, leastSeconds).seconds), budget);
  const samplesOf = (all: Awaited<ReturnType<typeof ask>>) =>
    [...all.values()].flatMap((one) => (one.ok ? one.value.samples : []));
  const short = await ask(60);
  const isEmpty = gapsOf(short.values()).length === 0 && samplesOf(short).length === 0;
  const answers = isEmpty ? await ask(150) : short;
  const slow = rankSlow(dialect, name, samplesOf(answers), end);
  const chosen = slow ?? (end === null ? null : busiestOf(dialect, name, failing.samples, end));
  return { chosen, gaps: gapsOf(answers.values()) };
};

/** The look over the mesh whose metrics the rule counts, then over the one that this cluster is said to have. */
export const scanMesh = async (
  cluster: Cluster,
  clue: Clue,
  end: NamedEnd | null,
  when: When,
  budget: QueryBudget,
): Promise<Scan> => {
  const { dialect } = cluster;
  const isLinkerd = clue.kind === 'rule' && clue.shape.family === 'linkerd' && dialect.name !== 'linkerd';
  const first = await byMesh(cluster, isLinkerd ? linkerd : dialect, end, when, budget);
  return first.chosen === null && first.gaps.length === 0 && isLinkerd ? byMesh(cluster, dialect, end, when, budget) : first;
};
