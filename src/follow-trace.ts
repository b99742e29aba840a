import type { Edge, EdgeEnd } from './domain/edge.ts';
import { nobody } from './domain/edge.ts';
import type { Evidence } from './domain/evidence.ts';
import { type Gap, type Gathered, got, missed } from './domain/gathered.ts';
import type { Expected, ReceivedTrace, Sampling } from './domain/trace.ts';
import type { Tracing } from './domain/tracing.ts';
import { type ExemplarTraces, exemplarTraces } from './exemplar-traces.ts';
import { gather } from './gather.ts';
import type { Cluster } from './inquiry.ts';
import type { TraceHits, TraceSearch } from './ports.ts';
import { brokenAround, suspectsOf } from './stages/follow/broken.ts';
import { orderTrace } from './stages/follow/order.ts';
import { type FollowPlan, planFollow } from './stages/follow/plan.ts';
import { expectedIn, samplingOf } from './stages/follow/sampling.ts';
import { type Candidate, followed, ranked, requestsOf, usualTraces } from './stages/follow/worst.ts';

type Store = NonNullable<Cluster['tracing']>;
type Answers = { readonly worst: Gathered<TraceHits>; readonly usual: Gathered<TraceHits>; readonly exemplars: ExemplarTraces };

/** Traces of so many requests of a service tell whether it hands headers on. */
const mostPropagation = 60;

const searching = ({ traces, deadlineMs }: Store, what: string, wanted: TraceSearch): Promise<Gathered<TraceHits>> =>
  gather(what, traces.name, deadlineMs, (ask) => traces.search(wanted, ask));

const found = (answer: Gathered<TraceHits>): readonly ReceivedTrace[] => (answer.ok ? answer.value.traces : []);

/** Of those found by search, how many there were to choose from. */
const bySearch = (answer: Gathered<TraceHits>): readonly Candidate[] => {
  if (!answer.ok) return [];
  const { traces, seen, isCut } = answer.value;
  return traces.map((received) => ({ received, found: { way: 'search', of: seen, isCut } }));
};

/** Whether those around the edge hand the headers of traces on: asked only where the worst trace breaks off. */
const propagationAround = async (
  store: Store,
  { window }: FollowPlan,
  ends: readonly EdgeEnd[],
): Promise<{ readonly told: Tracing['propagation']; readonly gaps: readonly Gap[] }> => {
  const answers = await Promise.all(
    ends.map(async (end) => {
      const edge: Edge = { cluster: null, source: end, destination: nobody };
      const wanted = { edge, window, leastMicros: null, isFailed: false, most: mostPropagation };
      return { end, answer: await searching(store, 'header propagation', wanted) };
    }),
  );
  return {
    told: answers.flatMap(({ end, answer }) => (answer.ok ? brokenAround(answer.value.traces.map(orderTrace), end) : [])),
    gaps: answers.flatMap(({ answer }) => (answer.ok ? [] : [answer.gap])),
  };
};

type None = {
  readonly seen: number;
  readonly isCut: boolean;
  readonly sampling: Sampling | null;
  readonly expected: Expected | null;
  readonly gaps: readonly Gap[];
};

/** Of a store that does not answer nobody knows what it holds. */
const untold: None = { seen: 0, isCut: true, sampling: null, expected: null, gaps: [] };

/** What it means that nothing was found: how many requests leave a trace, and how likely one of these was among them. */
const whyNone = async (store: Store, plan: FollowPlan): Promise<None> => {
  const answer = await searching(store, 'traces of the edge', plan.any);
  if (!answer.ok) return { ...untold, gaps: [answer.gap] };
  const { traces, seen: told, isCut } = answer.value;
  const held = usualTraces(traces, plan.edge).length;
  // Those of the edge come first: where all that came are, those that did not are of it too.
  const seen = held < traces.length ? held : Math.max(held, told);
  const requests = plan.counted?.requests ?? null;
  const sampling = samplingOf(traces.map(orderTrace), { holding: seen, isCut }, requests, store.samplingRatio);
  return { seen, isCut, sampling, expected: expectedIn(sampling, plan.counted), gaps: [] };
};

const tracingOf = async (store: Store, plan: FollowPlan, evidence: Evidence, answers: Answers) => {
  const { worst, usual, exemplars } = answers;
  const normal = usualTraces(found(usual), plan.edge);
  const candidates: readonly Candidate[] = [...exemplars.candidates, ...bySearch(worst)];
  const all = ranked(candidates, plan.edge, plan, normal);
  const [best] = all;
  const base = {
    source: store.traces.name,
    store: store.traces.store,
    by: plan.by,
    exemplars: exemplars.none,
    isYoung: exemplars.isYoung,
    requests: requestsOf(all),
  };
  if (best === undefined) {
    const { gaps, ...none } = worst.ok ? await whyNone(store, plan) : untold;
    const isCut = none.isCut || !worst.ok || worst.value.isCut;
    return { tracing: { ...base, worst: null, propagation: [], ...none, isCut }, gaps };
  }
  const around = await propagationAround(store, plan, suspectsOf(best.trace, best.analysis, plan.edge, evidence.readings));
  const seen = worst.ok ? worst.value.seen : candidates.length;
  const isCut = !worst.ok || worst.value.isCut;
  const told = followed(best, plan.edge, evidence.atMs);
  return {
    tracing: { ...base, worst: told, seen, isCut, propagation: around.told, sampling: null, expected: null },
    gaps: around.gaps,
  };
};

/** What a trace store is asked of an edge, the moment its figures are known: where the walk downstream ends is of no matter yet. */
export const seek = (cluster: Cluster, evidence: Evidence): Promise<Answers> | null => {
  const plan = planFollow(evidence);
  const store = cluster.tracing;
  if (store === undefined || plan === null) return null;
  return Promise.all([
    exemplarTraces(store, plan, evidence.atMs),
    searching(store, 'trace', plan.worst),
    searching(store, 'usual traces', plan.usual),
  ]).then(([exemplars, worst, usual]) => ({ exemplars, worst, usual }));
};

/**
 * Follow: the worst request of the measured edge by the trace store, and what traces tell beside it. Evidence without an edge, or of a
 * cluster without a trace store, comes back as it is. `sought` is what was asked for it while the rest was measured.
 */
export const follow = async (cluster: Cluster, evidence: Evidence, sought: Promise<Answers> | null = null): Promise<Evidence> => {
  const plan = planFollow(evidence);
  const store = cluster.tracing;
  const seeking = sought ?? seek(cluster, evidence);
  if (store === undefined || plan === null || seeking === null) return evidence;
  const { exemplars, worst, usual } = await seeking;
  const gaps = [...exemplars.gaps, ...(usual.ok ? [] : [usual.gap])];
  // Whoever does not answer the first question is not asked another; a trace that an exemplar names may come still.
  if (!worst.ok && exemplars.candidates.length === 0 && !exemplars.isYoung)
    return {
      ...evidence,
      tracing: missed(worst.gap),
      gaps: [...evidence.gaps, worst.gap, ...gaps.filter(({ source }) => source !== worst.gap.source)],
    };
  const { tracing, gaps: later } = await tracingOf(store, plan, evidence, { worst, usual, exemplars });
  return { ...evidence, tracing: got(tracing), gaps: [...evidence.gaps, ...(worst.ok ? [] : [worst.gap]), ...gaps, ...later] };
};
