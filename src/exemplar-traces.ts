import type { Exemplar } from './domain/exemplar.ts';
import type { Gap, Gathered } from './domain/gathered.ts';
import { type EpochMs, hourMs, type Window } from './domain/time.ts';
import type { NoExemplar } from './domain/tracing.ts';
import { gather } from './gather.ts';
import type { Cluster } from './inquiry.ts';
import type { Answer } from './ports.ts';
import { analyse } from './stages/follow/analyse.ts';
import { withNamed } from './stages/follow/exemplar-metrics.ts';
import {
  type EdgeExemplar,
  type ExemplarQuestion,
  exemplarWindow,
  fitsExemplar,
  mostToTry,
  planExemplars,
  readExemplars,
} from './stages/follow/exemplars.ts';
import { orderTrace } from './stages/follow/order.ts';
import type { FollowPlan } from './stages/follow/plan.ts';
import type { Candidate } from './stages/follow/worst.ts';

type Store = NonNullable<Cluster['tracing']>;

/** Traces that exemplars point at, and why there are none. */
export type ExemplarTraces = {
  readonly candidates: readonly Candidate[];
  readonly none: NoExemplar | null;
  /** An exemplar names a trace that the store may not have received yet. */
  readonly isYoung: boolean;
  readonly gaps: readonly Gap[];
};

/** Stores take their time; a trace that is not there after so long was not kept. */
const youngMs = 90_000;
/** Whether a series has exemplars at all is told by its last hours: few metrics stores keep them for longer. */
const everMs = 6 * hourMs;

const asking = (store: Store, promql: string, window: Window): Promise<Gathered<Answer<readonly Exemplar[]>>> =>
  gather('exemplars', store.exemplars.name, store.deadlineMs, (ask) => store.exemplars.exemplars(promql, window, ask));

/** Of an answer that leaves something out, nobody can say that there was nothing. */
const partlyAnswered = (store: Store, { warnings }: Answer<unknown>): readonly Gap[] => {
  const [warning] = warnings;
  if (warning === undefined) return [];
  const detail = `answered in part, with a warning (${warning.slice(0, 120)})`;
  return [{ what: 'exemplars', source: store.exemplars.name, reason: 'absent', detail }];
};

/** Why a window has none: kept nowhere, written never, or not lately, as far as the metrics store tells. */
const whyNone = async (store: Store, { promql }: ExemplarQuestion, endMs: EpochMs): Promise<NoExemplar> => {
  const { exemplars, deadlineMs } = store;
  const storage = await gather('exemplars', exemplars.name, deadlineMs, (ask) => exemplars.storage(ask));
  if (storage.ok && storage.value === 'off') return 'storage-off';
  const ever = await asking(store, promql, { startMs: endMs - everMs, endMs });
  if (ever.ok && ever.value.value.some(({ traceId }) => traceId !== null)) return 'none-in-window';
  const isSure = storage.ok && storage.value === 'on' && ever.ok && ever.value.warnings.length === 0;
  return isSure ? 'none-written' : 'none-known';
};

/** The traces of these exemplars, of those that hold the call that the exemplar tells of; and whether one may come later. */
const tracesOf = async (store: Store, plan: FollowPlan, exemplars: readonly EdgeExemplar[], of: number, atMs: EpochMs) => {
  const { traces, deadlineMs } = store;
  const found = await Promise.all(
    exemplars.map(async (exemplar) => ({
      exemplar,
      answer: await gather('trace', traces.name, deadlineMs, (ask) => traces.byId(exemplar.traceId, ask)),
    })),
  );
  return {
    candidates: found.flatMap(({ exemplar, answer }): readonly Candidate[] => {
      if (!answer.ok || answer.value === null) return [];
      const trace = orderTrace(answer.value);
      const analysis = analyse(trace, plan.edge, [], plan.by);
      const call = analysis === null ? undefined : trace.spans[analysis.focus];
      return call !== undefined && fitsExemplar(call.durationMicros, exemplar)
        ? [{ received: answer.value, found: { way: 'exemplar', of } }]
        : [];
    }),
    isYoung: found.some(({ exemplar, answer }) => answer.ok && answer.value === null && atMs - exemplar.atMs < youngMs),
    lost: found.flatMap(({ answer }): readonly Gap[] => (answer.ok ? [] : [answer.gap])),
  };
};

/** Traces that exemplars of the edge in the window name: five at most, the worst first, of one question after the other until one leads somewhere. */
export const exemplarTraces = async (store: Store, plan: FollowPlan, atMs: EpochMs): Promise<ExemplarTraces> => {
  const questions = planExemplars(plan.edge, plan.by, withNamed(store.exemplarMetrics ?? []));
  const last = questions.at(-1);
  if (last === undefined) return { candidates: [], none: 'not-asked', isYoung: false, gaps: [] };
  const window = exemplarWindow(plan.window);
  const tried = new Set<string>();
  const gaps: Gap[] = [];
  let [isYoung, isNameless] = [false, false];
  for (const question of questions) {
    const answer = await asking(store, question.promql, window);
    if (!answer.ok) return { candidates: [], none: tried.size > 0 ? 'not-kept' : 'not-asked', isYoung, gaps: [answer.gap] };
    gaps.push(...partlyAnswered(store, answer.value));
    isNameless ||= answer.value.value.some(({ traceId }) => traceId === null);
    const known = readExemplars(question, answer.value.value, plan.by, plan.window);
    const worst = known.filter(({ traceId }) => !tried.has(traceId)).slice(0, mostToTry - tried.size);
    for (const { traceId } of worst) tried.add(traceId);
    const found = await tracesOf(store, plan, worst, known.length, atMs);
    if (found.candidates.length > 0)
      return { candidates: found.candidates, none: null, isYoung: false, gaps: found.lost.slice(0, 1) };
    isYoung ||= found.isYoung;
    // Whoever does not answer is not asked another.
    if (found.lost.length > 0) return { candidates: [], none: 'not-asked', isYoung, gaps: found.lost.slice(0, 1) };
  }
  if (tried.size > 0) return { candidates: [], none: 'not-kept', isYoung, gaps: gaps.slice(0, 1) };
  if (gaps.length > 0) return { candidates: [], none: 'not-asked', isYoung, gaps: gaps.slice(0, 1) };
  const none = isNameless ? 'no-id' : await whyNone(store, last, window.endMs);
  return { candidates: [], none, isYoung, gaps: [] };
};
