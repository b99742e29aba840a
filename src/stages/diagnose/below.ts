import { calleeName, edgeTitle } from '../../domain/edge.ts';
import { judgeEdge, leading } from '../../domain/judgement.ts';
import { childrenOf } from '../../domain/walk.ts';
import { count } from '../../domain/words.ts';
import type { Scene } from './scene.ts';

/** What the callee's own calls say about its failures, where none of them was found sick: a call carries half of them, they could not be read, or neither. */
type Below = { readonly evidence: string } & (
  | { readonly kind: 'suspect'; readonly callee: string }
  | { readonly kind: 'unread' }
  | { readonly kind: 'clear' }
);

/** Before the callee itself is blamed, its own calls are looked at: what is not proven sick need not be healthy. */
export const callsBelow = ({ edge, evidence, judged }: Scene): Below => {
  const carried = (leading(judged)?.errors.excess ?? 0) / 2;
  const calls = childrenOf(edge, evidence.readings).map((reading) => ({
    edge: reading.edge,
    side: leading(judgeEdge(reading, 'named')),
  }));
  const [worst] = calls
    .filter(({ side }) => (side?.errors.excess ?? 0) >= Math.max(1, carried))
    .sort((a, b) => (b.side?.errors.excess ?? 0) - (a.side?.errors.excess ?? 0));
  if (worst?.side) {
    const { x, n } = worst.side.errors;
    const text = `${edgeTitle(worst.edge)} fails more than usual too (${count(x)} of ${count(n)}), which may still be chance`;
    return { kind: 'suspect', callee: calleeName(worst.edge), evidence: text };
  }
  if (evidence.pathStopped !== null) return { kind: 'unread', evidence: evidence.pathStopped };
  return {
    kind: 'clear',
    evidence: calls.length > 0 ? 'none of its own calls explains them' : 'the mesh sees no call that it makes itself',
  };
};
