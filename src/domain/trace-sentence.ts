import { calleeName, callerName, type Edge } from './edge.ts';
import { asked, possessive, shortNames, type Voice, voiceOf } from './span-names.ts';
import { isLeft, ranOut, whyFailed } from './span-status.ts';
import { isProxySpan } from './span-workload.ts';
import type { PathPart, Span, Trace, TraceAnalysis } from './trace.ts';
import { itself, originWords, workWords } from './trace-words.ts';
import { count, took } from './words.ts';

/** One paragraph on a phone. */
const mostLetters = 200;
/** How many parts are told of what is spread, and how long names may be: the first that fits. */
const styles = [
  [3, 60],
  [3, 44],
  [3, 32],
  [2, 44],
  [2, 32],
  [2, 24],
  [2, 18],
] as const;
/** What took no longer than so many times the usual is no news. */
const asUsual = 1.1;

/** What a part is: "ratings' own time in GET /ratings/0". */
const partWords = (trace: Trace, part: PathPart, voice: Voice): string => {
  const { service, way, time: kind } = part;
  const span = trace.spans[part.spans[0] ?? -1];
  const last = way.at(-1) ?? service;
  if (kind === 'own') return `${possessive(voice.name(service))} own time in ${workWords(trace, part, voice)}`;
  if (kind === 'between') {
    if (last === service) return `between ${voice.name(service)} and ${itself(trace)}`;
    const proxies = span !== undefined && isProxySpan(span) ? 'the proxies of ' : '';
    return `between ${proxies}${voice.name(way.at(-2) ?? service)} and ${voice.name(last)}`;
  }
  const whom = service === 'unknown' ? 'somebody without spans' : voice.name(service);
  return `${voice.name(span?.service ?? service)} waiting for ${whom} in ${workWords(trace, part, voice)}`;
};

/** "productpage → reviews took 4.2 s in 3 attempts (usually 35 ms)", ": answered 403" where it was refused or left. */
const headOf = (trace: Trace, { focus, attempts, usualMicros }: TraceAnalysis, edge: Edge | null, voice: Voice): string => {
  const span = trace.spans[focus];
  if (span === undefined) return '';
  const title =
    edge === null
      ? `${voice.operation(asked(span, true))} of ${voice.name(span.service)}`
      : `${voice.name(callerName(edge))} → ${voice.name(calleeName(edge))}`;
  const tries = attempts > 1 ? ` in ${count(attempts)} attempts` : '';
  const usually = usualMicros === null ? '' : ` (usually ${took(usualMicros)})`;
  const how = !span.isError ? 'took' : span.durationMicros === 0 ? 'failed at once' : 'failed after';
  const long = how === 'failed at once' ? '' : ` ${took(span.durationMicros)}`;
  const why = span.isError ? null : whyFailed(span);
  return `${title} ${how}${long}${tries}${usually}${why === null ? '' : `: ${why}`}`;
};

/** The way from the focus to the culprit; nothing where it says no more than the title. */
const wayWords = ({ way }: PathPart, voice: Voice): readonly string[] => {
  const names = way.map(voice.name);
  const shown = names.length > 5 ? [...names.slice(0, 2), '…', ...names.slice(-2)] : names;
  return way.length > 2 ? [`Path: ${shown.join(' → ')}.`] : [];
};

const isWords = (trace: Trace, part: PathPart, voice: Voice): string =>
  `${took(part.selfMicros)} is ${partWords(trace, part, voice)}`;

/** The parts that most of it is spread over: what grew most, where that is known. */
const spreadWords = (trace: Trace, parts: readonly PathPart[], voice: Voice, mostParts: number): string => {
  const grown = ({ selfMicros, usualMicros }: PathPart): number => selfMicros - (usualMicros ?? 0);
  const most = [...parts].sort((a, b) => grown(b) - grown(a)).slice(0, mostParts);
  return most.length === 0 ? '' : `No part stands out: ${most.map((part) => isWords(trace, part, voice)).join(', ')}.`;
};

/** What of a trace stands elsewhere in the same message already: where its failure began, whose time it was, or the way there. */
export type SaidOfTrace = 'origin' | 'time' | 'way' | null;

/** Neither failed, nor refused, nor left. */
const isWell = (span: Span | undefined): boolean => span !== undefined && !span.isError && whyFailed(span) === null;

/** Where it failed; nothing where it did not. The title of a request without an edge names the place already. */
const originPiece = (trace: Trace, { focus, errorOrigin }: TraceAnalysis, edge: Edge | null, voice: Voice): readonly string[] => {
  const origin = errorOrigin === null ? undefined : trace.spans[errorOrigin];
  if (!trace.spans[focus]?.isError || origin === undefined) return [];
  if (edge !== null || errorOrigin !== focus || origin.kind === 'client') return [`It began ${originWords(origin, voice)}.`];
  const why = whyFailed(origin);
  return [`It began there${why === null ? '' : `: ${why}`}.`];
};

/**
 * Whether how long it took explains anything: of what failed or was refused only where it is known to be unusual, or patience ran out and the
 * time is another's than that of the call that it ran out at.
 */
const isTimeTold = (trace: Trace, { focus, errorOrigin, usualMicros, culprit }: TraceAnalysis): boolean => {
  const span = trace.spans[focus];
  if (span === undefined) return false;
  if (isWell(span) || usualMicros !== null) return true;
  const isOut = [span, trace.spans[errorOrigin ?? focus]].some((one) => one !== undefined && (ranOut(one) || isLeft(one)));
  return isOut && culprit !== null && (culprit.time !== 'peer' || culprit.spans[0] !== (errorOrigin ?? focus));
};

const timePieces = (trace: Trace, { focus, culprit, criticalPath }: TraceAnalysis, voice: Voice, mostParts: number) => {
  if (culprit === null) return trace.spans[focus]?.isError ? [] : [spreadWords(trace, criticalPath, voice, mostParts)];
  const [whole, part] = [took(trace.spans[focus]?.durationMicros ?? 0), took(culprit.selfMicros)];
  return [`${whole === part ? 'All' : part} of it is ${partWords(trace, culprit, voice)}.`, ...wayWords(culprit, voice)];
};

/** The sentences; what may be left out stands last. */
const piecesOf = (
  trace: Trace,
  analysis: TraceAnalysis,
  edge: Edge | null,
  said: SaidOfTrace,
  voice: Voice,
  mostParts: number,
): readonly string[] => {
  const { focus, usualMicros } = analysis;
  const span = trace.spans[focus];
  const isSlow = usualMicros === null || (span?.durationMicros ?? 0) > asUsual * usualMicros;
  const head = headOf(trace, analysis, edge, voice);
  const failed = originPiece(trace, analysis, edge, voice);
  const shown = said === 'origin' ? [] : failed;
  if (!isSlow) return [`${head}${isWell(span) ? ': no slower than usual' : ''}.`, ...shown];
  const time = said === 'time' || !isTimeTold(trace, analysis) ? [] : timePieces(trace, analysis, voice, mostParts);
  return [`${head}.`, ...shown, ...(said === 'way' ? time.slice(0, 1) : time)];
};

/**
 * What a trace says, in at most 200 characters of plain text with names from outside in it: how long the edge took, whose time that was or
 * where the failure began, and the way there.
 */
export const traceSentence = (trace: Trace, analysis: TraceAnalysis, edge: Edge | null, said: SaidOfTrace = null): string => {
  const short = shortNames(trace, edge);
  const versions = styles.map(([mostParts, letters]) =>
    piecesOf(trace, analysis, edge, said, voiceOf(short, letters), mostParts),
  );
  const texts = [4, 3, 2, 1].flatMap((kept) => versions.map((pieces) => pieces.slice(0, kept).join(' ')));
  return texts.find((text) => text.length <= mostLetters) ?? '';
};
