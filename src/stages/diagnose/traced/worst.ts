import { isNowhere } from '../../../domain/edge.ts';
import type { EdgeReading } from '../../../domain/signals.ts';
import { shortNames, type Voice, voiceOf } from '../../../domain/span-names.ts';
import {
  destinationNames,
  isEnd,
  isSameWorkload,
  type Named,
  namesOf,
  peerNames,
  workloadOf,
} from '../../../domain/span-workload.ts';
import { isTcp } from '../../../domain/tcp.ts';
import type { PathPart, Span, Trace, TraceAnalysis } from '../../../domain/trace.ts';
import { type Children, childrenOf } from '../../../domain/trace-tree.ts';
import { childrenOf as callsOf } from '../../../domain/walk.ts';
import type { Scene } from '../scene.ts';

/** The worst request of the alert's edge, for one who looks at a scene of the walk. */
export type Worst = {
  readonly trace: Trace;
  readonly analysis: TraceAnalysis;
  readonly focus: Span;
  readonly children: Children;
  /** Names short enough for a line of evidence. */
  readonly voice: Voice;
  readonly mayBeIncomplete: boolean;
  /** How it is called: of those that failed the worst need not be the slowest. */
  readonly which: 'slowest' | 'worst';
};

/** Of one operation in a line of evidence, and of a name seven tenths of it. */
const letters = 44;

/** Null without a trace: then everything is told as metrics alone tell it. An edge that leads nowhere has no callee to look for. */
export const worstOf = ({ evidence, edge }: Scene): Worst | null => {
  const tracing = evidence.tracing?.ok === true ? evidence.tracing.value : null;
  const found = tracing?.worst ?? null;
  const focus = found?.trace.spans[found.analysis.focus];
  if (tracing === null || found === null || focus === undefined || isNowhere(edge)) return null;
  const { trace, analysis, mayBeIncomplete } = found;
  const which = tracing.by === 'latency' ? 'slowest' : 'worst';
  const voice = voiceOf(shortNames(trace, evidence.path[0] ?? null), letters);
  return { trace, analysis, focus, children: childrenOf(trace.spans), voice, mayBeIncomplete, which };
};

/** Said behind whatever an incomplete trace tells. */
export const unlessMissing = ({ mayBeIncomplete }: Worst): string => (mayBeIncomplete ? ' (some spans may be missing)' : '');

/** Where something of a trace stands, as seen from the callee at the end of the walk. */
export type Stand =
  /** The callee itself. */
  | { readonly kind: 'callee' }
  /** Whom the callee's own calls lead to; `hop` are the names of the first one there, none where nothing tells. */
  | { readonly kind: 'below'; readonly hop: readonly Named[] }
  /** Between the caller's span of the call and the callee's: `place` is the callee's. */
  | { readonly kind: 'way'; readonly place: number }
  | { readonly kind: 'elsewhere' };

const elsewhere: Stand = { kind: 'elsewhere' };

/** A waypoint's server span tells the callee that it stands before. */
const isOfCallee = ({ edge }: Scene, span: Span | undefined): boolean =>
  span !== undefined && isEnd([...namesOf(span), ...(span.kind === 'client' ? [] : destinationNames(span))], edge.destination);

/** Of a span: it is the callee's, or the callee's is among those between the focus and it. */
const standOfSpan = (scene: Scene, { trace: { spans }, analysis: { focus } }: Worst, place: number): Stand => {
  let below: Span | undefined;
  // A parent stands before its children.
  for (let at: number | null = place; at !== null && at >= focus; at = spans[at]?.parent ?? null) {
    const span = spans[at];
    if (isOfCallee(scene, span)) return below === undefined ? { kind: 'callee' } : { kind: 'below', hop: namesOf(below) };
    below = span;
  }
  return elsewhere;
};

/** Of whom a client span calls, who has no span of their own. */
const standOfPeer = (scene: Scene, worst: Worst, place: number): Stand => {
  const stand = standOfSpan(scene, worst, place);
  const peer = worst.trace.spans[place]?.peer ?? null;
  const names = peer === null ? [] : peerNames(peer);
  if (stand.kind === 'callee') return { kind: 'below', hop: names };
  return stand.kind === 'elsewhere' && names.length > 0 && isEnd(names, scene.edge.destination) ? { kind: 'callee' } : stand;
};

/** The other half of a call: the span right below that is somebody else's, or the proxy's before them. */
const answerTo = ({ trace: { spans }, children }: Worst, place: number): number | null => {
  const own = spans[place];
  const below = (children[place] ?? []).filter((child) => spans[child]?.isAsync === false);
  const isOther = (child: number): boolean => {
    const span = spans[child];
    return own !== undefined && span !== undefined && !isSameWorkload(workloadOf(span), workloadOf(own));
  };
  return below.find(isOther) ?? null;
};

const standOfWay = (scene: Scene, worst: Worst, place: number): Stand => {
  const answer = answerTo(worst, place);
  const stand = standOfSpan(scene, worst, place);
  const span = worst.trace.spans[answer ?? -1];
  if (answer === null || span === undefined) return stand;
  if (stand.kind === 'callee') return { kind: 'below', hop: namesOf(span) };
  return stand.kind === 'elsewhere' && isOfCallee(scene, span) ? { kind: 'way', place: answer } : stand;
};

/** Of a part of the critical path, by the span with most of it. */
export const standOf = (scene: Scene, worst: Worst, { time, spans: [place = -1] }: PathPart): Stand =>
  time === 'own'
    ? standOfSpan(scene, worst, place)
    : time === 'peer'
      ? standOfPeer(scene, worst, place)
      : standOfWay(scene, worst, place);

/** Of the span where a failure began: of a call that failed, of whom it went to. */
export const standOfOrigin = (scene: Scene, worst: Worst, place: number): Stand => {
  const span = worst.trace.spans[place];
  return span?.kind === 'client' && span.peer !== null ? standOfPeer(scene, worst, place) : standOfSpan(scene, worst, place);
};

/** What metrics count of the callee's own call to whoever has one of these names; null where they count none: then a trace is all there is. */
export const countedBelow = ({ edge, evidence }: Scene, hop: readonly Named[]): EdgeReading | null =>
  callsOf(edge, evidence.readings).find(
    (reading) =>
      !isTcp(reading) && (reading.caller ?? reading.callee) !== null && hop.length > 0 && isEnd(hop, reading.edge.destination),
  ) ?? null;
