import type { PathSection, Trace } from '../../src/domain/trace.ts';

type Stretch = { readonly span: number; readonly from: number; readonly to: number };

/** As trace viewers do it: clip the children, find the last to end before the limit by looking at all of them, go down, and call oneself for what is left. */
export const recursivePath = ({ spans }: Trace): readonly PathSection[] => {
  const children: number[][] = spans.map(() => []);
  for (const [place, { parent }] of spans.entries()) if (parent !== null) children[parent]?.push(place);
  const sections: PathSection[] = [];

  const lastBefore = ({ span, from, to }: Stretch, limit: number): Stretch | null => {
    let found: Stretch | null = null;
    for (const child of children[span] ?? []) {
      const { startMicros = 0, durationMicros = 0 } = spans[child] ?? {};
      const end = Math.min(startMicros + durationMicros, to);
      const start = Math.max(startMicros, from);
      if (end > start && end <= limit && end > (found?.to ?? Number.NEGATIVE_INFINITY))
        found = { span: child, from: start, to: end };
    }
    return found;
  };

  const walk = (stretch: Stretch, limit: number): void => {
    const child = lastBefore(stretch, limit);
    const from = child?.to ?? stretch.from;
    if (limit > from) sections.push({ span: stretch.span, fromMicros: from, toMicros: limit });
    if (child === null) return;
    walk(child, child.to);
    walk(stretch, child.from);
  };

  const top = spans[0];
  if (top !== undefined) {
    const end = top.startMicros + top.durationMicros;
    walk({ span: 0, from: top.startMicros, to: end }, end);
  }
  return sections;
};
