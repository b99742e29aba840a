import type { Arrow, GraphNode } from '../graph.ts';

/** Which arrows lead forth and which back (of a cycle), and the column of everyone: callers left of whom they call. */
export type Layers = {
  readonly columnOf: ReadonlyMap<string, number>;
  readonly forth: readonly Arrow[];
  readonly back: readonly Arrow[];
};

/** A walk from those whom nobody calls; an arrow to where the walk comes from closes a cycle. */
const closing = (nodes: readonly GraphNode[], arrows: readonly Arrow[]): ReadonlySet<Arrow> => {
  const back = new Set<Arrow>();
  const state = new Map<string, 'open' | 'done'>();
  const walk = (key: string): void => {
    state.set(key, 'open');
    for (const arrow of arrows.filter(({ from }) => from.key === key)) {
      const seen = state.get(arrow.to.key);
      if (seen === 'open') back.add(arrow);
      else if (seen === undefined) walk(arrow.to.key);
    }
    state.set(key, 'done');
  };
  const isCalled = (key: string): boolean => arrows.some(({ from, to }) => to.key === key && from.key !== key);
  for (const { key } of [...nodes].sort((a, b) => Number(isCalled(a.key)) - Number(isCalled(b.key))))
    if (!state.has(key)) walk(key);
  return back;
};

/** Everyone right of all callers; then those whom nobody calls move up to whom they call. At most ten nodes: nothing clever is needed. */
export const layersOf = (nodes: readonly GraphNode[], arrows: readonly Arrow[]): Layers => {
  const back = closing(nodes, arrows);
  const forth = arrows.filter((arrow) => !back.has(arrow));
  const columnOf = new Map(nodes.map(({ key }) => [key, 0]));
  const at = (key: string): number => columnOf.get(key) ?? 0;
  for (let round = 0; round < nodes.length; round += 1)
    for (const { from, to } of forth) columnOf.set(to.key, Math.max(at(to.key), at(from.key) + 1));
  for (const { key } of nodes) {
    const called = forth.filter(({ from }) => from.key === key).map(({ to }) => at(to.key));
    if (called.length > 0 && !forth.some(({ to }) => to.key === key)) columnOf.set(key, Math.min(...called) - 1);
  }
  return { columnOf, forth, back: [...back] };
};

/** How many columns that takes. */
export const depthOf = ({ columnOf }: Layers): number =>
  columnOf.size === 0 ? 0 : Math.max(...columnOf.values()) - Math.min(...columnOf.values()) + 1;
