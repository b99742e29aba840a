import { byEdgeKey, calleeName, callerName, edgeTitle } from '../../domain/edge.ts';
import { judgeEdge, leading, type ReporterJudgement } from '../../domain/judgement.ts';
import { childrenOf } from '../../domain/walk.ts';
import { count, counted, percent } from '../../domain/words.ts';
import type { Scene } from './scene.ts';

/** What the callee's own calls say about its failures, where none of them was found sick: a call carries a third of them, they could not be read, or neither. */
type Below = { readonly evidence: string } & (
  | { readonly kind: 'suspect'; readonly callee: string }
  | { readonly kind: 'unread' }
  | { readonly kind: 'clear' }
);

/** Before the callee itself is blamed, its own calls are looked at: what is not proven sick need not be healthy. */
export const callsBelow = ({ edge, evidence, judged }: Scene): Below => {
  const carried = (leading(judged)?.errors.excess ?? 0) / 3;
  const calls = childrenOf(edge, evidence.readings).map((reading) => ({
    edge: reading.edge,
    side: leading(judgeEdge(reading, 'named')),
  }));
  const lost = (side: ReporterJudgement | null): number =>
    side === null ? 0 : Math.max(side.errors.excess, side.left.excess, side.clientErrors.excess);
  const [worst] = calls
    .filter(({ side }) => lost(side) >= Math.max(1, carried))
    .sort((a, b) => lost(b.side) - lost(a.side) || byEdgeKey(a.edge, b.edge));
  if (worst?.side) {
    const { errors, left, clientErrors } = worst.side;
    const text =
      clientErrors.excess > Math.max(errors.excess, left.excess)
        ? `${count(clientErrors.x)} of ${counted(errors.n, 'request')} of ${callerName(worst.edge)} to ${calleeName(worst.edge)} ended with client errors (4xx), usually ${percent(clientErrors.usual)}`
        : left.excess > errors.excess
          ? `${callerName(worst.edge)} gives up on ${count(left.x)} of ${counted(errors.n, 'request')} to ${calleeName(worst.edge)} (DC or DR)`
          : `${edgeTitle(worst.edge)} fails more than usual too (${count(errors.x)} of ${count(errors.n)}), which may still be chance`;
    return { kind: 'suspect', callee: calleeName(worst.edge), evidence: text };
  }
  if (evidence.pathStopped !== null) return { kind: 'unread', evidence: evidence.pathStopped };
  return {
    kind: 'clear',
    evidence: calls.length > 0 ? 'none of its own calls explains them' : 'the mesh sees no call that it makes itself',
  };
};
