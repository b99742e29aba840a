import { attributesOf, type Facts, jaegerFacts, serviceOf } from './attributes.ts';
import type { Ids } from './ids.ts';
import { entriesOf, isObject, type JsonObject, listOf, shortText } from './json.ts';
import { microsOf } from './micros.ts';
import { type Entry, kindOf, noSpan, operationOf, saysError } from './told.ts';

/** Jaeger's own JSON: `/api/traces` and what its pages let one download (jaeger-idl, model.proto). */

type Process = { readonly service: string | null; readonly facts: Facts };

const processOf = (value: unknown): Process => ({
  service: isObject(value) ? shortText(value['serviceName']) : null,
  facts: jaegerFacts(isObject(value) ? value['tags'] : []),
});

/** A map: the name of a process is foreign text, and a plain object would answer for `constructor` too. */
const processesOf = (value: unknown): ReadonlyMap<unknown, Process> =>
  new Map(isObject(value) ? Object.entries(value).map(([name, process]) => [name, processOf(process)]) : []);

const isOfTrace = (reference: JsonObject, traceId: string, ids: Ids): boolean =>
  reference['traceID'] === undefined || ids.trace(reference['traceID']) === traceId;

/**
 * Its parent in the same trace: who waits for it, else whom it follows (OpenTracing, "References between Spans"). Of whom it follows as
 * well, which is how Jaeger writes a link to the parent, nobody waits.
 */
const parentOf = (
  span: JsonObject,
  traceId: string,
  ids: Ids,
): { readonly parentId: string | null; readonly isAsync: boolean } => {
  const references = listOf(span['references'])
    .filter(isObject)
    .filter((reference) => isOfTrace(reference, traceId, ids));
  const all = (type: string): readonly string[] =>
    references.flatMap(({ refType, spanID }) => (refType === type ? (ids.span(spanID) ?? []) : []));
  const [waiting, followed] = [all('CHILD_OF'), all('FOLLOWS_FROM')];
  const told = waiting[0] ?? followed[0] ?? null;
  const parentId = told ?? (references.length === 0 ? ids.span(span['parentSpanID']) : null);
  return { parentId, isAsync: parentId !== null && followed.includes(parentId) };
};

const entryOf = (span: unknown, ofTrace: string | null, processes: ReadonlyMap<unknown, Process>, ids: Ids): Entry => {
  if (!isObject(span)) return noSpan(ofTrace, span);
  const traceId = ids.trace(span['traceID']) ?? ofTrace;
  const id = ids.span(span['spanID']);
  if (traceId === null || id === null) return noSpan(traceId, span);
  const process = processes.get(span['processID']) ?? processOf(span['process']);
  const facts = { ...process.facts, ...jaegerFacts(span['tags']) };
  return {
    traceId,
    span: {
      traceId,
      id,
      ...parentOf(span, traceId, ids),
      isShared: false,
      service: process.service ?? serviceOf(facts),
      operation: operationOf(span['operationName']),
      kind: kindOf(facts['span.kind']),
      startMicros: microsOf(span['startTime']),
      durationMicros: microsOf(span['duration']),
      isError: saysError(facts),
      attributes: attributesOf(facts),
    },
  };
};

/** Entries of one element of `data`. */
export const jaegerEntries = (trace: unknown, ids: Ids): readonly Entry[] => {
  if (!isObject(trace)) return [noSpan(null, trace)];
  const traceId = ids.trace(trace['traceID']);
  const processes = processesOf(trace['processes']);
  return entriesOf(trace['spans']).map((span) => entryOf(span, traceId, processes, ids));
};
