import { calleeName, callerName, type Edge } from '../../domain/edge.ts';
import { asked, possessive, shortNames, type Voice, voiceOf } from '../../domain/span-names.ts';
import { isProxySpan } from '../../domain/span-workload.ts';
import type { PathPart, Trace, TraceAnalysis } from '../../domain/trace.ts';
import { originWords, workWords } from '../../domain/trace-words.ts';
import { count, took } from '../../domain/words.ts';

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
    if (last === service) return `between ${voice.name(service)} and its own proxy`;
    const proxies = span !== undefined && isProxySpan(span) ? 'the proxies of ' : '';
    return `between ${proxies}${voice.name(way.at(-2) ?? service)} and ${voice.name(last)}`;
  }
  const whom = service === 'unknown' ? 'somebody without spans' : voice.name(service);
  return `${voice.name(span?.service ?? service)} waiting for ${whom} in ${workWords(trace, part, voice)}`;
};

/** "productpage → reviews took 4.2 s in 3 attempts (usually 35 ms)" */
const headOf = (trace: Trace, { focus, attempts, usualMicros }: TraceAnalysis, edge: Edge | null, voice: Voice): string => {
  const span = trace.spans[focus];
  if (span === undefined) return '';
  const title =
    edge === null
      ? `${voice.operation(asked(span, true))} of ${voice.name(span.service)}`
      : `${voice.name(callerName(edge))} → ${voice.name(calleeName(edge))}`;
  const tries = attempts > 1 ? ` in ${count(attempts)} attempts` : '';
  const usually = usualMicros === null ? '' : ` (usually ${took(usualMicros)})`;
  return `${title} ${span.isError ? 'failed after' : 'took'} ${took(span.durationMicros)}${tries}${usually}`;
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

/** The sentences; what may be left out stands last. */
const piecesOf = (
  trace: Trace,
  analysis: TraceAnalysis,
  edge: Edge | null,
  voice: Voice,
  mostParts: number,
): readonly string[] => {
  const { focus, culprit, errorOrigin, usualMicros, criticalPath } = analysis;
  const span = trace.spans[focus];
  const origin = errorOrigin === null ? undefined : trace.spans[errorOrigin];
  const isSlow = usualMicros === null || (span?.durationMicros ?? 0) > asUsual * usualMicros;
  const head = headOf(trace, analysis, edge, voice);
  const failed = span?.isError && origin !== undefined ? [`It began ${originWords(origin, voice)}.`] : [];
  if (!isSlow) return [`${head}${failed.length > 0 ? '' : ': no slower than usual'}.`, ...failed];
  // How long a failure took matters only where it is known to be unusual.
  if (failed.length > 0 && usualMicros === null) return [`${head}.`, ...failed];
  if (culprit !== null) {
    const what = `${took(culprit.selfMicros)} of it is ${partWords(trace, culprit, voice)}.`;
    return [`${head}.`, ...failed, what, ...wayWords(culprit, voice)];
  }
  return [`${head}.`, ...(failed.length > 0 ? failed : [spreadWords(trace, criticalPath, voice, mostParts)])];
};

/**
 * What a trace says, in at most 200 characters of plain text with names from outside in it: how long the edge took, whose time that was or
 * where the failure began, and the way there.
 */
export const traceSentence = (trace: Trace, analysis: TraceAnalysis, edge: Edge | null): string => {
  const short = shortNames(trace, edge);
  const versions = styles.map(([mostParts, letters]) => piecesOf(trace, analysis, edge, voiceOf(short, letters), mostParts));
  const texts = [4, 3, 2, 1].flatMap((kept) => versions.map((pieces) => pieces.slice(0, kept).join(' ')));
  return texts.find((text) => text.length <= mostLetters) ?? '';
};

/** Whose time parts are and in what it was spent, in the names of the sentence: "reviews → ratings", "GET /ratings/0". */
export const partLabels = (
  trace: Trace,
  edge: Edge | null,
): ((part: PathPart) => { readonly whose: string; readonly operation: string }) => {
  const voice = voiceOf(shortNames(trace, edge), 48);
  const whose = ({ service, time: kind, way, spans: [place = -1] }: PathPart): string => {
    if (kind === 'own') return voice.name(service);
    const last = way.at(-1) ?? service;
    if (kind === 'between') return `${voice.name(service)} → ${last === service ? 'its own proxy' : voice.name(last)}`;
    const whom = service === 'unknown' ? 'somebody' : voice.name(service);
    return `${voice.name(trace.spans[place]?.service ?? 'unknown')} waits for ${whom}`;
  };
  return (part) => {
    const span = trace.spans[part.spans[0] ?? -1];
    return {
      whose: whose(part),
      operation: voice.operation(span === undefined ? part.operation : asked(span, part.calls === 1)),
    };
  };
};
