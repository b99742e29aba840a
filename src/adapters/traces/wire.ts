import type { ReceivedSpan, ReceivedTrace } from '../../domain/trace.ts';
import { type Contents, contentsOf } from './containers.ts';
import { documentsOf } from './documents.ts';
import { TraceFormatError } from './format-error.ts';
import { hexIds, type Ids, wordIds } from './ids.ts';
import { jaegerEntries } from './jaeger.ts';
import { otlpEntries } from './otlp.ts';
import { idsGiven } from './refusals.ts';
import type { Entry } from './told.ts';
import { zipkinEntries } from './zipkin.ts';

/** More spans of one trace are left out: nobody reads them, and they cost memory and time. Bytes are bounded where they are fetched. */
export const maxSpansOfTrace = 50_000;

type Open = { readonly spans: ReceivedSpan[]; malformed: number; isOver: boolean };

/** All of OTLP together: a trace's ids are written alike in every object of an answer. */
const entriesWith = ({ parts }: Contents, ids: Ids | null): readonly Entry[] => [
  ...otlpEntries(
    parts.flatMap((part) => (part.form === 'otlp' ? part.resources : [])),
    ids,
  ),
  ...parts.flatMap((part) => (part.form === 'jaeger' ? part.traces.flatMap((one) => jaegerEntries(one, ids ?? hexIds)) : [])),
  ...parts.flatMap((part) => (part.form === 'zipkin' ? part.lists.flatMap((one) => zipkinEntries(one, ids ?? hexIds)) : [])),
];

/** Ids are random: where none that can be read has more than nine digits, and others cannot be read, somebody made them up. */
const isByHand = (entries: readonly Entry[]): boolean =>
  entries.some(({ span }) => span === null) && entries.every(({ span }) => span === null || span.id.startsWith('0000000'));

const entriesIn = (contents: Contents): readonly Entry[] => {
  const entries = entriesWith(contents, null);
  return isByHand(entries) ? entriesWith(contents, wordIds) : entries;
};

/** By trace, in the order of arrival: Jaeger's newer API tells the spans of all traces in one list. */
const grouped = (entries: readonly Entry[]): ReadonlyMap<string | null, Open> => {
  const traces = new Map<string | null, Open>();
  for (const { traceId, span } of entries) {
    const trace = traces.get(traceId) ?? { spans: [], malformed: 0, isOver: false };
    traces.set(traceId, trace);
    if (span === null) trace.malformed++;
    else if (trace.spans.length < maxSpansOfTrace) trace.spans.push(span);
    else trace.isOver = true;
  }
  return traces;
};

/**
 * The traces of an answer or a file, in whatever form a store writes them. What does not say which trace it belongs to may be missing in any
 * of them, and is counted in each. Throws `TraceFormatError` where there is no trace to read; an answer that says "none" is none.
 */
export const readTraces = (text: string): readonly ReceivedTrace[] => {
  const contents = contentsOf(documentsOf(text));
  const entries = entriesIn(contents);
  const found = grouped(entries);
  const lost = found.get(null)?.malformed ?? 0;
  const traces = [...found].flatMap(([id, { spans, malformed, isOver }]) =>
    id === null || spans.length === 0
      ? []
      : [{ id, spans, malformed: malformed + lost, isTruncated: isOver || contents.isPartial }],
  );
  const [first] = entries;
  if (traces.length === 0 && first?.span === null)
    throw new TraceFormatError('JSON whose spans lack ids', { given: `the first has ${idsGiven(first.given)}` });
  return traces;
};
