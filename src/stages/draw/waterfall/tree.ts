import type { Trace, TraceAnalysis } from '../../../domain/trace.ts';
import { type Children, childrenOf } from '../../../domain/trace-tree.ts';
import { holes, lengthMicros, type Stretch, sumMicros, within } from './stretches.ts';

/** A trace seen from its focus: who stands below whom, and when. */
export type Tree = {
  readonly trace: Trace;
  readonly analysis: TraceAnalysis;
  /** Places of the children of each span that has any, siblings by their start. */
  readonly children: Children;
  /** When each span ran, after the start of the focus. */
  readonly times: readonly Stretch[];
  /** The focus, from zero. */
  readonly whole: Stretch;
  /** Of each span, its sections on the critical path. */
  readonly path: ReadonlyMap<number, readonly Stretch[]>;
};

export const treeOf = (trace: Trace, analysis: TraceAnalysis): Tree => {
  const focus = trace.spans[analysis.focus];
  const zero = focus?.startMicros ?? 0;
  const path = new Map<number, Stretch[]>();
  for (const { span, fromMicros, toMicros } of analysis.sections) {
    const known = path.get(span) ?? [];
    known.push({ fromMicros: fromMicros - zero, toMicros: toMicros - zero });
    path.set(span, known);
  }
  return {
    trace,
    analysis,
    children: childrenOf(trace.spans),
    times: trace.spans.map(({ startMicros, durationMicros }) => ({
      fromMicros: startMicros - zero,
      toMicros: startMicros - zero + durationMicros,
    })),
    whole: { fromMicros: 0, toMicros: focus?.durationMicros ?? 0 },
    path,
  };
};

export const timeOf = ({ times }: Tree, place: number): Stretch => times[place] ?? { fromMicros: 0, toMicros: 0 };

/** Time of the focus in which a span ran and none of its children did. */
export const ownMicros = (tree: Tree, place: number): number => {
  const children = tree.children[place] ?? [];
  const [time] = within([timeOf(tree, place)], tree.whole);
  if (time === undefined) return 0;
  if (children.length === 0) return lengthMicros(time);
  return sumMicros(
    holes(
      children.map((child) => timeOf(tree, child)),
      time,
    ),
  );
};

export const pathMicros = ({ path }: Tree, place: number): number => sumMicros(path.get(place) ?? []);

/** A span and its ancestors, the nearest first. */
export const chainUp = ({ trace }: Tree, place: number): readonly number[] => {
  const chain: number[] = [];
  for (let at: number | null = place; at !== null; at = trace.spans[at]?.parent ?? null) chain.push(at);
  return chain;
};

/** Everything below a span, without it, a parent before its children. */
export const below = ({ children }: Tree, place: number): readonly number[] => {
  const found = [...(children[place] ?? [])];
  for (let index = 0; index < found.length; index += 1) {
    const next = children[found[index] ?? -1] ?? [];
    for (const child of next) found.push(child);
  }
  return found;
};
