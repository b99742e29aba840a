import type { PathPart, PathSection, Span, SpanKind, Trace, TraceAnalysis, TraceProblem } from '../../src/domain/trace.ts';

/** A span and what it called; times are milliseconds after the start of the trace. */
export type Plan = {
  readonly service: string;
  readonly operation: string;
  readonly at: number;
  readonly took: number;
  readonly kind?: SpanKind;
  readonly peer?: string;
  readonly isError?: boolean;
  readonly isAsync?: boolean;
  readonly flags?: readonly string[];
  readonly attributes?: Readonly<Record<string, string>>;
  /** The span that the picture is about; the first where none says so. */
  readonly isFocus?: boolean;
  readonly below?: readonly Plan[];
};

/** Both halves of a call through two proxies: what the caller's waits, and what the callee's takes, `lag` later. */
export const hop = (
  from: string,
  to: string,
  operation: string,
  at: number,
  took: number,
  lag: number,
  rest: Partial<Plan> = {},
): Plan => {
  const { below = [], isFocus = false, ...both } = rest;
  const inner: Plan = { service: to, operation, at: at + lag, took: took - 2 * lag, kind: 'server', ...both, below };
  return { service: from, operation, at, took, kind: 'client', ...both, isFocus, below: [inner] };
};

type Flat = { readonly plan: Plan; readonly parent: number | null };

const flat = (roots: readonly Plan[]): readonly Flat[] => {
  const found: Flat[] = [];
  const open: Flat[] = roots.map((plan) => ({ plan, parent: null })).reverse();
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const parent = found.length;
    found.push(next);
    for (const plan of (next.plan.below ?? []).toSorted((a, b) => b.at - a.at)) open.push({ plan, parent });
  }
  return found;
};

const spanOf = ({ plan, parent }: Flat, place: number): Span => ({
  id: place.toString(16).padStart(16, '0'),
  parent,
  isOrphan: false,
  service: plan.service,
  operation: plan.operation,
  kind: plan.kind ?? 'internal',
  startMicros: Math.round(plan.at * 1000),
  durationMicros: Math.round(plan.took * 1000),
  isAsync: plan.isAsync ?? false,
  isError: plan.isError ?? false,
  flags: plan.flags ?? [],
  peer: plan.peer ?? null,
  attributes: plan.attributes ?? {},
});

/** 2026-11-27 03:12:44 UTC. */
const startMicros = 1_795_749_164_118_000;

const traceOf = (roots: readonly Plan[], problems: readonly TraceProblem[] = []): Trace => {
  const spans = flat(roots).map(spanOf);
  return {
    id: '4bf92f3577b34da6a3ce929d0e0e4736',
    startMicros,
    durationMicros: Math.max(...spans.map((span) => span.startMicros + span.durationMicros)),
    spans,
    received: spans.length,
    problems,
  };
};

/** Sections of a critical path, from the end backwards: whoever ends last below a span keeps it waiting. */
const sectionsOf = ({ spans }: Trace, focus: number): readonly PathSection[] => {
  const children = new Map<number, number[]>();
  for (const [place, { parent, isAsync }] of spans.entries())
    if (parent !== null && !isAsync) children.set(parent, [...(children.get(parent) ?? []), place]);
  const endOf = (place: number): number => (spans[place]?.startMicros ?? 0) + (spans[place]?.durationMicros ?? 0);
  const sections: PathSection[] = [];
  const open: { readonly span: number; readonly from: number; readonly to: number }[] = [
    { span: focus, from: spans[focus]?.startMicros ?? 0, to: endOf(focus) },
  ];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    let { to } = next;
    const { span, from } = next;
    for (const child of (children.get(span) ?? []).toSorted((a, b) => endOf(b) - endOf(a) || a - b)) {
      const [start, end] = [Math.max(from, spans[child]?.startMicros ?? 0), Math.min(endOf(child), next.to)];
      if (end > to || end <= start) continue;
      if (to > end) sections.push({ span, fromMicros: end, toMicros: to });
      open.push({ span: child, from: start, to: end });
      to = start;
    }
    if (to > from) sections.push({ span, fromMicros: from, toMicros: to });
  }
  return sections.sort((a, b) => a.fromMicros - b.fromMicros);
};

const wayTo = ({ spans }: Trace, focus: number, place: number): readonly string[] => {
  const way: string[] = [];
  for (let at: number | null = place; at !== null && at >= focus; at = spans[at]?.parent ?? null)
    way.unshift(spans[at]?.service ?? '');
  return way.filter((service, index) => service !== way[index - 1]);
};

const unusual = { usualMicros: null, usualCalls: null };

/** What a trace says about its focus, by the plainest sums; the culprit is whoever holds two fifths of the time. */
const analysisOf = (trace: Trace, focus: number, rest: Partial<TraceAnalysis> = {}): TraceAnalysis => {
  const sections = sectionsOf(trace, focus);
  const whole = trace.spans[focus]?.durationMicros ?? 0;
  const parts = new Map<string, Omit<PathPart, 'spans'> & { readonly spans: ReadonlySet<number> }>();
  for (const { span, fromMicros, toMicros } of sections) {
    const { service = '', operation = '', kind = null, peer = null } = trace.spans[span] ?? {};
    const isLeaf = trace.spans.every(({ parent }) => parent !== span);
    const time = kind !== 'client' ? 'own' : isLeaf ? 'peer' : 'between';
    const way = wayTo(trace, focus, span);
    const key = [...way, operation, time].join('\n');
    const known = parts.get(key);
    const spans = new Set([...(known?.spans ?? []), span]);
    const selfMicros = (known?.selfMicros ?? 0) + toMicros - fromMicros;
    const owner = time === 'peer' ? (peer ?? service) : service;
    const share = selfMicros / Math.max(1, whole);
    parts.set(key, { service: owner, operation, time, way, calls: spans.size, selfMicros, share, spans, ...unusual });
  }
  const onPath = (place: number): number =>
    sections.reduce((sum, { span, fromMicros, toMicros }) => sum + (span === place ? toMicros - fromMicros : 0), 0);
  const criticalPath = [...parts.values()]
    .map((part): PathPart => ({ ...part, spans: [...part.spans].sort((a, b) => onPath(b) - onPath(a) || a - b) }))
    .sort((a, b) => b.selfMicros - a.selfMicros);
  const [first = null] = criticalPath;
  const failing = trace.spans.flatMap(({ isError }, place) => (isError && place >= focus ? [place] : []));
  return {
    focus,
    sections,
    criticalPath,
    culprit: first !== null && first.share >= 0.4 ? first : null,
    errorOrigin: failing.find((place) => !failing.some((other) => trace.spans[other]?.parent === place)) ?? null,
    attempts: 1,
    comparedWith: 0,
    usualMicros: null,
    ...rest,
  };
};

/** A trace with its analysis, the focus where a plan says so. */
export const analysed = (roots: readonly Plan[], rest: Partial<TraceAnalysis> = {}, problems: readonly TraceProblem[] = []) => {
  const trace = traceOf(roots, problems);
  const focus = flat(roots).findIndex(({ plan }) => plan.isFocus);
  return { trace, analysis: analysisOf(trace, Math.max(0, focus), rest) };
};
