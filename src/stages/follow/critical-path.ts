import type { PathSection, Span, Trace } from '../../domain/trace.ts';
import { type Children, childrenOf } from '../../domain/trace-tree.ts';

/** So much of the parent may the clocks of two calls in a row disagree (Zhang and others, "CRISP", USENIX ATC 2022). */
const forgiven = 0.01;

/** A span, as far as its parent lasted. */
type Stretch = { readonly span: number; readonly from: number; readonly to: number };

/**
 * Nobody waits for what was only told to happen later (OpenTelemetry, "Semantic conventions for messaging spans"). What a consumer does
 * inside of its own receiving is its work.
 */
const isWaitedFor = (span: Span, parent: Span): boolean =>
  !span.isAsync && (span.kind !== 'consumer' || (parent.kind === 'consumer' && parent.service === span.service));

/** Children that their parent waited for, as far as it lasted; the last to end first, and of equal ends what explains most. */
const waitedFor = (spans: readonly Span[], children: Children, { span: place, from, to }: Stretch): readonly Stretch[] => {
  const parent = spans[place];
  const found: Stretch[] = [];
  for (const child of children[place] ?? []) {
    const span = spans[child];
    if (span === undefined || parent === undefined || !isWaitedFor(span, parent)) continue;
    const start = Math.max(from, span.startMicros);
    const end = Math.min(to, span.startMicros + span.durationMicros);
    // Without length it explains nothing, and lies outside where its end is before its start.
    if (end > start) found.push({ span: child, from: start, to: end });
  }
  return found.sort((a, b) => b.to - a.to || a.from - b.from || a.span - b.span);
};

/** Those of the children that the parent waited for one after the other, cut so that they do not overlap; from the last to the first. */
const inARow = (children: readonly Stretch[], { from, to }: Stretch): readonly Stretch[] => {
  const taken: Stretch[] = [];
  let cursor = to;
  for (const child of children) {
    if (child.from >= cursor) continue;
    // One that overlaps began before the last one, and, by the order, ended before it.
    if (child.to > cursor + forgiven * (to - from)) continue;
    taken.push({ ...child, to: Math.min(child.to, cursor) });
    cursor = child.from;
  }
  return taken;
};

/**
 * What a request waited for, from the focus down: a backward sweep. Whoever ends last was waited for, then whoever ended before that one
 * began; what lies between is the parent's own. Sections are in the order of time and together exactly the focus.
 */
export const criticalPath = ({ spans }: Trace, focus: number, children = childrenOf(spans)): readonly PathSection[] => {
  const top = spans[focus];
  if (top === undefined) return [];
  const sections: PathSection[] = [];
  const open: Stretch[] = [{ span: focus, from: top.startMicros, to: top.startMicros + top.durationMicros }];
  for (let stretch = open.pop(); stretch !== undefined; stretch = open.pop()) {
    let cursor = stretch.to;
    const own = (from: number): void => {
      if (from < cursor && stretch !== undefined) sections.push({ span: stretch.span, fromMicros: from, toMicros: cursor });
    };
    for (const child of inARow(waitedFor(spans, children, stretch), stretch)) {
      own(child.to);
      open.push(child);
      cursor = child.from;
    }
    own(stretch.from);
  }
  return sections.sort((a, b) => a.fromMicros - b.fromMicros);
};
