import type { Span } from './trace.ts';

/** What names its parent by its place; null at a root. */
type Child = { readonly parent: number | null };

/** Places of the children of each, in their order; empty for a leaf. */
export type Children = readonly (readonly number[])[];

const none: readonly number[] = [];

export const childrenOf = (all: readonly Child[]): Children => {
  const children: number[][] = new Array(all.length).fill(none);
  for (const [place, { parent }] of all.entries()) {
    if (parent === null) continue;
    const siblings = children[parent];
    if (siblings === undefined || siblings === none) children[parent] = [place];
    else siblings.push(place);
  }
  return children;
};

/** Which spans stand below this one, itself among them, by place. */
export const isBelow = (spans: readonly Span[], top: number): readonly boolean[] => {
  const below: boolean[] = new Array(spans.length).fill(false);
  below[top] = true;
  // A parent stands before its children.
  for (let place = top + 1; place < spans.length; place += 1) {
    const parent = spans[place]?.parent ?? null;
    if (parent !== null && below[parent]) below[place] = true;
  }
  return below;
};
