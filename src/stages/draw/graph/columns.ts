import { depthOf, type Layers } from '../../../domain/graph/layers.ts';
import type { Arrow, GraphNode } from '../../../domain/graph.ts';

/** A place in a column: somebody, or the way of an arrow that leads on to a later column. */
export type Slot =
  | { readonly kind: 'node'; readonly id: string; readonly node: GraphNode }
  | { readonly kind: 'way'; readonly id: string; readonly arrow: Arrow };

/** An arrow by the slots it runs through, its ends included. */
export type Route = { readonly arrow: Arrow; readonly slots: readonly string[] };

export type Columns = { readonly columns: readonly (readonly Slot[])[]; readonly routes: readonly Route[] };

const rounds = 6;

/** Neighbours of each slot in the column before, or behind. */
const neighboursOf = (routes: readonly Route[], way: 1 | -1): ReadonlyMap<string, readonly string[]> => {
  const found = new Map<string, string[]>();
  for (const { slots } of routes)
    for (const [index, id] of slots.entries()) {
      const other = slots[index - way];
      if (other !== undefined) found.set(id, [...(found.get(id) ?? []), other]);
    }
  return found;
};

/** In the order of the middles of their neighbours; who has none stays where it is. Of equals who came first. */
const reordered = (
  column: readonly Slot[],
  before: readonly Slot[],
  neighbours: ReadonlyMap<string, readonly string[]>,
): readonly Slot[] => {
  const place = new Map(before.map(({ id }, index) => [id, (index + 0.5) / before.length]));
  const middleOf = (slot: Slot, index: number): number => {
    const at = (neighbours.get(slot.id) ?? []).flatMap((id) => place.get(id) ?? []);
    return at.length === 0 ? (index + 0.5) / column.length : at.reduce((sum, one) => sum + one, 0) / at.length;
  };
  return column
    .map((slot, index) => ({ slot, middle: middleOf(slot, index), index }))
    .sort((a, b) => a.middle - b.middle || a.index - b.index)
    .map(({ slot }) => slot);
};

/** Columns in which arrows cross little: the middles of neighbours, forth and back (Sugiyama, Tagawa, Toda 1981). */
export const columnsOf = (nodes: readonly GraphNode[], layers: Layers): Columns => {
  const { columnOf, forth } = layers;
  const first = Math.min(...columnOf.values());
  const at = (key: string): number => (columnOf.get(key) ?? 0) - first;
  const columns: Slot[][] = Array.from({ length: depthOf(layers) }, () => []);
  for (const node of nodes) columns[at(node.key)]?.push({ kind: 'node', id: node.key, node });
  const routes = forth.map((arrow, number): Route => {
    const between = Array.from({ length: at(arrow.to.key) - at(arrow.from.key) - 1 }, (_, index) => {
      const slot: Slot = { kind: 'way', id: `${number} ${index}`, arrow };
      columns[at(arrow.from.key) + 1 + index]?.push(slot);
      return slot.id;
    });
    return { arrow, slots: [arrow.from.key, ...between, arrow.to.key] };
  });
  let ordered: readonly (readonly Slot[])[] = columns;
  const [before, behind] = [neighboursOf(routes, 1), neighboursOf(routes, -1)];
  for (let round = 0; round < rounds; round += 1) {
    const forthward: (readonly Slot[])[] = [];
    for (const column of ordered) forthward.push(reordered(column, forthward.at(-1) ?? [], before));
    const backward: (readonly Slot[])[] = [];
    for (const column of forthward.toReversed()) backward.push(reordered(column, backward.at(-1) ?? [], behind));
    ordered = round === rounds - 1 ? forthward : backward.toReversed();
  }
  return { columns: ordered, routes };
};
