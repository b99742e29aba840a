import { childrenOf } from '../../domain/trace-tree.ts';

/** Trees as the places of parents, null at a root. */
export type Parents = readonly (number | null)[];

export const rootsOf = (parents: Parents): readonly number[] =>
  parents.flatMap((parent, index) => (parent === null ? [index] : []));

/**
 * Every parent before its children, one child's own before the next child; siblings and roots as `compare` says, if it matters. A stack of its
 * own: traces of ten thousand calls in a chain exist.
 */
export const topDown = (parents: Parents, compare?: (a: number, b: number) => number): readonly number[] => {
  const children = childrenOf(parents.map((parent) => ({ parent })));
  const lastFirst = (places: readonly number[]): readonly number[] =>
    compare === undefined || places.length < 2 ? places : places.toSorted((a, b) => compare(b, a));
  const order: number[] = [];
  const open = [...lastFirst(rootsOf(parents))];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    order.push(next);
    for (const child of lastFirst(children[next] ?? [])) open.push(child);
  }
  return order;
};
