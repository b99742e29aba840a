import { isSameWorkload, workloadOf } from './span-workload.ts';
import type { Span } from './trace.ts';
import type { Children } from './trace-tree.ts';

/**
 * Places of the answers that one call of the focus got, in the order of their starts: a proxy that tries again keeps its one client span open
 * over all of them. Empty where the focus is no call, or nobody answered with a span.
 */
export const triesOf = (spans: readonly Span[], focus: number, children: Children): readonly number[] => {
  const top = spans[focus];
  if (top?.kind !== 'client') return [];
  const answers: number[] = [];
  const open: number[] = [focus];
  for (let place = open.pop(); place !== undefined; place = open.pop())
    for (const child of children[place] ?? []) {
      const span = spans[child];
      if (span === undefined || span.isAsync) continue;
      if (span.kind === 'server') answers.push(child);
      // Its own proxy's half of the call.
      else if (span.kind === 'client' && isSameWorkload(workloadOf(span), workloadOf(top))) open.push(child);
    }
  const first = spans[answers[0] ?? -1];
  return answers
    .filter((place) => spans[place]?.service === first?.service && spans[place]?.operation === first?.operation)
    .sort((a, b) => (spans[a]?.startMicros ?? 0) - (spans[b]?.startMicros ?? 0) || a - b);
};
