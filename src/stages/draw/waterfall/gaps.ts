import { holes, lengthMicros, type Stretch, sumMicros, within } from './stretches.ts';
import { below, type Tree, timeOf } from './tree.ts';

/** Time that the axis leaves out, and how much of its width stands for it. */
export type Cut = Stretch & { readonly widthShare: number };

/** What lies idle for more than this share of the axis is cut, and drawn this wide. */
const idle = { from: 0.3, widthShare: 0.14 } as const;
/** The culprit's own time is what the picture is about: it is cut only where nothing else could be seen, and stays the longest. */
const busy = { from: 0.9, widthShare: 0.6 } as const;
/** A span hands everything on to an only child that takes this share of it. */
const handsOn = 0.9;

/** The focus, and below it whoever does nothing but hand the call on: the callee's half, a span of its framework. */
const wrappers = (tree: Tree): number => {
  let place = tree.analysis.focus;
  for (;;) {
    const { children } = tree;
    const bound = handsOn * lengthMicros(timeOf(tree, place));
    const next = (children[place] ?? []).find((child) => lengthMicros(timeOf(tree, child)) >= bound);
    if (next === undefined || (children[next] ?? []).length === 0) return place;
    place = next;
  }
};

/** Long times in which nothing ran below the focus: they would press everything else into a corner. `culprit` are its spans. */
export const cutsOf = (tree: Tree, culprit: readonly number[]): readonly Cut[] => {
  const running = below(tree, wrappers(tree)).map((place) => timeOf(tree, place));
  if (within(running, tree.whole).length === 0) return [];
  const own = culprit.flatMap((span) => tree.path.get(span) ?? []);
  return holes(running, tree.whole).flatMap((gap) => {
    const { from, widthShare } = sumMicros(within(own, gap)) > lengthMicros(gap) / 2 ? busy : idle;
    return lengthMicros(gap) > from * lengthMicros(tree.whole) ? [{ ...gap, widthShare }] : [];
  });
};
