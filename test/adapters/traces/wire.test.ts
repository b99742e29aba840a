import { describe, expect, it } from 'vitest';
import { readTraces } from '../../../src/adapters/traces/wire.ts';
import { base64, expected, hex, jaegerTrace, resourceSpans, traceId, zipkinSpans } from './samples.ts';

const read = (text: string) =>
  readTraces(text).map((trace) => ({
    ...trace,
    spans: trace.spans.map((span) => ({
      ...span,
      // Zipkin's server writes names in lower case.
      operation: span.operation === 'get /cart' ? 'GET /cart' : span.operation,
    })),
  }));

const whole = [{ id: traceId, spans: expected, malformed: 0, isTruncated: false }];
const apart = (spans: readonly unknown[]): readonly unknown[] => [{ resourceSpans: [spans[0]] }, { resourceSpans: [spans[1]] }];

describe('a trace is read the same', () => {
  it.each<[string, unknown]>([
    ['from Jaeger', { data: [jaegerTrace], total: 0, limit: 0, offset: 0, errors: null }],
    ['from a bare list of Jaeger’s', [jaegerTrace]],
    ['from a list of Jaeger’s answers', [{ data: [jaegerTrace] }, { data: [] }]],
    ['from what Jaeger’s pages let one save', jaegerTrace],
    ['from Jaeger, alone', { data: jaegerTrace }],
    ['from a list of what Jaeger answered', [{ data: [] }, { data: [jaegerTrace], errors: null }]],
    ['from Jaeger’s newer API', { result: { resourceSpans: resourceSpans() } }],
    ['from a list of such answers', apart(resourceSpans()).map((result) => ({ result }))],
    ['from OTLP', { resourceSpans: resourceSpans() }],
    ['from OTLP of several files', apart(resourceSpans())],
    ['from Tempo', { batches: resourceSpans(base64) }],
    ['from Tempo’s second API', { trace: { resourceSpans: resourceSpans(base64) }, metrics: {} }],
    ['from a Tempo of old', { batches: resourceSpans(base64, 'instrumentationLibrarySpans') }],
    ['from OTLP in capitals', { resourceSpans: resourceSpans({ ...hex, trace: traceId.toUpperCase() }) }],
    ['from Zipkin', zipkinSpans],
    ['from a search of Zipkin', [zipkinSpans]],
  ])('%s', (_, document) => {
    expect(read(JSON.stringify(document))).toEqual(whole);
  });

  it('from several objects one after the other', () => {
    const [one, two] = apart(resourceSpans()).map((result) => JSON.stringify({ result }));
    expect(read(`${one}\n${two}`)).toEqual(whole);
    expect(read(`${one}${two}`)).toEqual(whole);
  });

  it('from spans one on a line, as Zipkin’s are often kept', () => {
    const lines = zipkinSpans.map((span) => JSON.stringify(span));
    expect(read(lines.join('\n'))).toEqual(whole);
    expect(read(lines[0] ?? '').map(({ spans }) => spans.length)).toEqual([1]);
  });

  it('behind a byte order mark, with or without white space', () => {
    expect(read(`\uFEFF  ${JSON.stringify(zipkinSpans, null, 2)}\n`)).toEqual(whole);
  });
});

describe('spans of several traces in one list', () => {
  it('are told apart, in the order of arrival', () => {
    const other = '00000000000000000000000000000abc';
    const spans = [...resourceSpans(), ...resourceSpans({ ...hex, trace: 'abc' })];
    const traces = read(JSON.stringify({ result: { resourceSpans: spans } }));
    expect(traces.map(({ id, spans: own }) => [id, own.length])).toEqual([
      [traceId, 2],
      [other, 2],
    ]);
  });

  it('are one trace to Zipkin where only the upper half of the id differs', () => {
    const [call, answer] = zipkinSpans;
    const spans = [call, { ...answer, traceId: traceId.slice(16) }];
    for (const text of [JSON.stringify([spans]), spans.map((span) => JSON.stringify(span)).join('\n')])
      expect(readTraces(text).map(({ id, spans: own }) => [id, own.length])).toEqual([[traceId, 2]]);
  });
});

describe('an answer without a trace', () => {
  it.each<[string, unknown]>([
    ['of a search of Jaeger', { data: [], total: 0, errors: null }],
    ['of Jaeger without a list', { data: null, total: 0, errors: null }],
    ['of Jaeger’s newer API', { result: {} }],
    ['of Tempo, which answers 200', { trace: {}, metrics: {} }],
    ['of Tempo’s first API', { batches: [] }],
    ['of OTLP', { resourceSpans: [] }],
    ['of Zipkin', []],
    ['of Zipkin’s search', [[]]],
    ['whose trace has no spans', { data: [{ ...jaegerTrace, spans: [] }] }],
  ])('is none: %s', (_, document) => {
    expect(readTraces(JSON.stringify(document))).toEqual([]);
  });
});

describe('a trace that is not all of it', () => {
  const isTruncated = (text: string) => readTraces(text).map((trace) => trace.isTruncated);

  it('is one that Tempo calls partial', () => {
    const trace = { resourceSpans: resourceSpans(base64) };
    expect(isTruncated(JSON.stringify({ trace, status: 'PARTIAL', message: 'too large' }))).toEqual([true]);
    expect(isTruncated(JSON.stringify({ trace, status: 'COMPLETE' }))).toEqual([false]);
  });

  it('is one whose stream ended in an error', () => {
    const result = JSON.stringify({ result: { resourceSpans: resourceSpans() } });
    expect(isTruncated(`${result}{"error":{"httpCode":500,"message":"went away"}}`)).toEqual([true]);
  });
});

describe('a trace that somebody wrote by hand', () => {
  const process = { p1: { serviceName: 'checkout', tags: [] } };
  const spanOf = (spanID: string, parent?: string) => ({
    traceID: 'trace-1',
    spanID,
    references: parent === undefined ? [] : [{ refType: 'CHILD_OF', traceID: 'trace-1', spanID: parent }],
    operationName: 'pay',
    startTime: 1,
    duration: 2,
    processID: 'p1',
  });
  const spans = [spanOf('root'), spanOf('a', 'root'), spanOf('b', 'a')];

  it('keeps the words that stand in place of ids', () => {
    const [trace] = readTraces(JSON.stringify({ data: [{ traceID: 'trace-1', processes: process, spans }] }));
    expect(trace?.id).toBe('trace-1');
    expect(trace?.spans.map(({ id, parentId }) => [id, parentId])).toEqual([
      ['root', null],
      ['000000000000000a', 'root'],
      ['000000000000000b', '000000000000000a'],
    ]);
  });

  it('is two where it names two, as Zipkin writes them', () => {
    const of = (traceId: string) => ({ traceId, id: 'span-1', timestamp: 1, duration: 2 });
    expect(readTraces(JSON.stringify([of('trace-1'), of('trace-2')])).map(({ id }) => id)).toEqual(['trace-1', 'trace-2']);
  });

  it('is not one with whole ids of which one is damaged', () => {
    const whole = { ...spanOf('4bf92f3577b34da6'), traceID: '4bf92f3577b34da64bf92f3577b34da6' };
    const [trace] = readTraces(
      JSON.stringify([{ traceID: whole.traceID, processes: process, spans: [whole, { ...whole, spanID: 'root' }] }]),
    );
    expect([trace?.spans.length, trace?.malformed]).toEqual([1, 1]);
  });
});
