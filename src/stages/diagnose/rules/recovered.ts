import { nounOf } from '../../../domain/tcp.ts';
import { percent } from '../../../domain/words.ts';
import type { Rule } from '../rule.ts';

/** The alert's edge was over its line in the window before, and is not any more. */
export const recovered: Rule = {
  name: 'recovered',
  readsConnections: true,
  find: ({ top, edge, callee }) => {
    const side = top.caller ?? top.callee;
    const previous = (top.reading.caller ?? top.reading.callee)?.counts.previous ?? null;
    if (side === null || top.isSick || previous === null || previous.failed < 5) return null;
    const before = previous.failed / previous.requests;
    if (!side.errors.hasPast || before < side.errors.line || side.errors.ratio > before / 2) return null;
    return {
      side: 'nothing wrong',
      confidence: 'likely',
      sentence: `It has already recovered: ${percent(side.errors.ratio)} of the ${nounOf(top.reading)}s to ${callee} fail now, ${percent(before)} did in the window before`,
      evidence: [`usual for this edge: ${percent(side.errors.usual)}`],
      firstCheck: {
        sentence: 'Watch whether it stays so until the alert resolves',
        command: null,
        object: edge.destination.service === null ? null : `Service ${edge.destination.service}`,
      },
      badEvents: 0,
      explains: [],
    };
  },
};
