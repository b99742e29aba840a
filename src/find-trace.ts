import type { ReceivedTrace } from './domain/trace.ts';
import { gather } from './gather.ts';
import type { TraceSource } from './ports.ts';

/** A trace store of one cluster, and the patience of one question to it. */
export type ClusterTraces = { readonly cluster: string; readonly traces: TraceSource; readonly deadlineMs: number };

type FoundTrace = { readonly store: ClusterTraces; readonly received: ReceivedTrace };

/** A detail may be a question already: "is a login in front?" */
const ended = (sentence: string): string => (/[.?!]$/.test(sentence) ? sentence : `${sentence}.`);

/**
 * The trace of this id (32 lower-case hexadecimal digits), of the first store that holds it; all are asked at once. Else words, one line a store: who
 * has none, and who gave no answer. The words hold what stores say.
 */
export const findTrace = async (
  id: string,
  stores: readonly ClusterTraces[],
): Promise<FoundTrace | { readonly words: readonly string[] }> => {
  const answers = await Promise.all(
    stores.map(async (store) => {
      const { traces, deadlineMs } = store;
      return { store, answer: await gather('trace', traces.name, deadlineMs, (ask) => traces.byId(id, ask)) };
    }),
  );
  const [found] = answers.flatMap(({ store, answer }) =>
    answer.ok && answer.value !== null ? [{ store, received: answer.value }] : [],
  );
  if (found !== undefined) return found;
  const words = answers.map(({ store, answer }) =>
    answer.ok
      ? `${store.traces.name} has no trace ${id}, or has it no more.`
      : `No trace: ${store.traces.name} ${ended(answer.gap.detail)}`,
  );
  return { words };
};
