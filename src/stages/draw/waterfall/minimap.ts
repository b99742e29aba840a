import type { ShapeSpec } from '../../../domain/message.ts';
import { commonNamespace } from '../../../domain/span-names.ts';
import type { Trace } from '../../../domain/trace.ts';
import type { Children } from '../../../domain/trace-tree.ts';
import { vermillion } from './bars.ts';
import { box, frame } from './marks.ts';
import { nameOf } from './names.ts';
import { page } from './page.ts';
import { below, type Tree } from './tree.ts';

const heightPx = 30;
/** Lines that can be told apart; of more spans each line shows its longest. */
const lines = 18;
const perLine = 6;

/** Places of the spans depth first, as a list of the whole trace would show them. */
const depthFirst = (trace: Trace, children: Children): readonly number[] => {
  const open = trace.spans.flatMap(({ parent }, place) => (parent === null ? [place] : [])).reverse();
  const order: number[] = [];
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    order.push(place);
    for (const child of (children[place] ?? []).toReversed()) open.push(child);
  }
  return order;
};

/** The whole trace, a line a few spans, with a box around what the picture shows of it. */
export const minimap = (
  tree: Tree,
  hue: (service: string) => string,
  topPx: number,
): { readonly shapes: readonly ShapeSpec[]; readonly heightPx: number } => {
  const width = page.widthPx - 2 * page.marginPx;
  const { trace, analysis } = tree;
  const order = depthFirst(trace, tree.children);
  const namespace = commonNamespace(trace);
  const x = (micros: number): number =>
    page.marginPx + (Math.min(Math.max(0, micros), trace.durationMicros) / Math.max(1, trace.durationMicros)) * width;
  const count = Math.min(lines, order.length);
  const lineOf = (index: number): number => Math.floor((index * count) / order.length);
  const pitch = heightPx / count;
  const lists: number[][] = Array.from({ length: count }, () => []);
  for (const [index, place] of order.entries()) lists[lineOf(index)]?.push(place);
  const bars = lists.flatMap((places, index) =>
    places
      .toSorted((a, b) => (trace.spans[b]?.durationMicros ?? 0) - (trace.spans[a]?.durationMicros ?? 0) || a - b)
      .slice(0, perLine)
      .map((place) => {
        const span = trace.spans[place];
        const fromPx = x(span?.startMicros ?? 0);
        const toPx = x((span?.startMicros ?? 0) + (span?.durationMicros ?? 0));
        const colour = span?.isError ? vermillion : hue(nameOf(trace, place, null, namespace).service);
        const tall = Math.min(3, Math.max(0.8, pitch * 0.75));
        return box(Math.min(fromPx, page.marginPx + width - 1), topPx + index * pitch, Math.max(1, toPx - fromPx), tall, colour);
      }),
  );
  const focus = trace.spans[analysis.focus];
  const inside = below(tree, analysis.focus).length + 1;
  const at = order.indexOf(analysis.focus);
  const top = topPx + lineOf(at) * pitch - 2;
  const bottom = topPx + (lineOf(at + inside - 1) + 1) * pitch + 1;
  const left = x(focus?.startMicros ?? 0) - 2;
  const right = x((focus?.startMicros ?? 0) + (focus?.durationMicros ?? 0)) + 2;
  const shown = frame(left, top, Math.max(6, right - left), Math.max(6, bottom - top), '#1d1c1d', 1.4, 2);
  return { shapes: [box(page.marginPx - 3, topPx - 3, width + 6, heightPx + 6, '#f4f4f5'), ...bars, shown], heightPx };
};
