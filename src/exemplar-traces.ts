import type { Exemplar } from './domain/exemplar.ts';
import type { Gap, Gathered } from './domain/gathered.ts';
import { type EpochMs, hourMs, type Window } from './domain/time.ts';
import type { NoExemplar } from './domain/tracing.ts';
import { gather } from './gather.ts';
import type { Cluster } from './inquiry.ts';
import type { Answer } from './ports.ts';
import { analyse } from './stages/follow/analyse.ts';
import {
  type EdgeExemplar,
  type ExemplarQuestion,
  exemplarWindow,
  fitsExemplar,
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

type Asked = { readonly question: ExemplarQuestion; readonly answer: Gathered<Answer<readonly Exemplar[]>> };

const asking = (store: Store, questions: readonly ExemplarQuestion[], window: Window): Promise<readonly Asked[]> =>
  Promise.all(
    questions.map(async (question) => ({
      question,
      answer: await gather('exemplars', store.exemplars.name, store.deadlineMs, (ask) =>
        store.exemplars.exemplars(question.promql, window, ask),
      ),
    })),
  );

const held = ({ answer }: Asked): readonly Exemplar[] => (answer.ok ? answer.value.value : []);

/** Why a window has none: kept nowhere, written never, or not lately, as far as the metrics store tells. */
const whyNone = async (store: Store, questions: readonly ExemplarQuestion[], endMs: EpochMs): Promise<NoExemplar> => {
  const { exemplars, deadlineMs } = store;
  const storage = await gather('exemplars', exemplars.name, deadlineMs, (ask) => exemplars.storage(ask));
  if (storage.ok && storage.value === 'off') return 'storage-off';
  const all = questions.map(({ promql }) => promql).join(' or ');
  const ever = await asking(store, [{ promql: all, metrics: [] }], { startMs: endMs - everMs, endMs });
  if (ever.some((asked) => held(asked).length > 0)) return 'none-in-window';
  return storage.ok && storage.value === 'on' ? 'none-written' : 'none-known';
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

/** Exemplars of the edge in the window, the first kind of series that has any, and the traces that they name: the worst five. */
export const exemplarTraces = async (store: Store, plan: FollowPlan, atMs: EpochMs): Promise<ExemplarTraces> => {
  const questions = planExemplars(plan.edge, plan.by);
  if (questions.length === 0) return { candidates: [], none: 'not-asked', isYoung: false, gaps: [] };
  const window = exemplarWindow(plan.window);
  const asked = await asking(store, questions, window);
  const failed = asked.map(({ answer }) => answer).find((answer) => !answer.ok);
  const first = asked.find((one) => held(one).length > 0);
  if (first === undefined) {
    if (failed !== undefined && !failed.ok) return { candidates: [], none: 'not-asked', isYoung: false, gaps: [failed.gap] };
    return { candidates: [], none: await whyNone(store, questions, window.endMs), isYoung: false, gaps: [] };
  }
  const exemplars = held(first);
  const worst = readExemplars([{ question: first.question, exemplars }], plan.by, plan.window);
  const { candidates, isYoung, lost } = await tracesOf(store, plan, worst, exemplars.length, atMs);
  const none = candidates.length > 0 ? null : 'not-kept';
  return { candidates, none, isYoung: isYoung && candidates.length === 0, gaps: lost.slice(0, 1) };
};
