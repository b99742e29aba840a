import type { Span } from './trace.ts';

/** Places of the children of each span, in the order of the trace; empty for a leaf. */
export type Children = readonly (readonly number[])[];

const none: readonly number[] = [];

export const childrenOf = (spans: readonly Span[]): Children => {
  const children: number[][] = new Array(spans.length).fill(none);
  for (const [place, { parent }] of spans.entries()) {
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
