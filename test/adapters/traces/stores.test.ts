import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readTraces } from '../../../src/adapters/traces/wire.ts';
import type { Span, Trace } from '../../../src/domain/trace.ts';
import { orderTrace } from '../../../src/stages/follow/order.ts';

/**
 * Eighteen made-up traces, recorded as real stores answered for them. Each store was fed at its own moment, so that only times within a trace
 * compare.
 */
const fixtures = process.env['EDGEWISE_FIXTURES'];
const skipped = fixtures ? '' : ' (skipped: EDGEWISE_FIXTURES is not set)';

const ordered = (file: string): readonly Trace[] =>
  readTraces(readFileSync(join(fixtures ?? '', 'trace-backends', file), 'utf8')).map(orderTrace);

const without = (span: Span, names: ReadonlySet<string>): Span => ({
  ...span,
  attributes: Object.fromEntries(Object.entries(span.attributes).filter(([name]) => !names.has(name))),
});

/** What every store keeps of a trace. */
const kept = ({ startMicros: _, ...trace }: Trace) => trace;

/**
 * What Zipkin was told as well: nothing of the query below, nothing of the resource, no method, and Envoy's cluster under its other name. Its
 * server writes names in lower case. The peer is the same by either evidence.
 */
const toldToZipkin = (trace: Trace) => ({
  id: trace.id,
  durationMicros: trace.durationMicros,
  problems: trace.problems,
  spans: trace.spans
    .filter(({ operation }) => operation !== 'SELECT orders')
    .map((span) => ({
      ...without(span, new Set(['http.method', 'k8s.namespace.name', 'upstream_cluster', 'upstream_cluster.name'])),
      operation: span.operation.toLowerCase(),
      service: span.service.toLowerCase(),
    })),
});

const byId = (traces: readonly Trace[]): ReadonlyMap<string, Trace> => new Map(traces.map((trace) => [trace.id, trace]));

describe.skipIf(!fixtures)(`the same traces out of several stores${skipped}`, () => {
  const posted = fixtures ? byId(ordered('otlp-posted.json')) : new Map<string, Trace>();
  const [worst, wide, narrow] = [
    '5af7183fb1d4cf5fa11bad00deadbeef',
    '00ab83fb1d4cf5f0463ac35c9f6413ae',
    '0000000000000000463ac35c9f6413ad',
  ];

  it('are eighteen of four spans each, without a problem', () => {
    expect(posted.size).toBe(18);
    for (const { spans, problems } of posted.values()) expect([spans.length, problems]).toEqual([4, []]);
  });

  it.each([
    ['Jaeger', 'jaeger-1.76.0/legacy-search.json', [worst, wide, narrow]],
    ['Jaeger, by id', 'jaeger-1.76.0/legacy-trace.json', [worst]],
    ['Jaeger, of 64 bits', 'jaeger-1.76.0/legacy-trace-64bit.json', [narrow]],
    ['Jaeger’s newer API', 'jaeger-1.76.0/v3-search.json', [worst, wide, narrow]],
    ['Jaeger’s newer API, by id', 'jaeger-1.76.0/v3-trace.json', [worst]],
    ['the newest Jaeger', 'jaeger-head/v3-search.json', [worst, wide, narrow]],
    ['the newest Jaeger, by id', 'jaeger-head/v3-trace.json', [worst]],
    ['the newest Jaeger’s older API', 'jaeger-head/legacy-trace.json', [worst]],
    ['the newest Jaeger’s older API, of 64 bits', 'jaeger-head/legacy-trace-64bit.json', [narrow]],
    ['Tempo’s first API', 'tempo/v1-trace.json', [worst]],
    ['Tempo’s second API', 'tempo/v2-trace.json', [worst]],
  ])('are equal from %s', (_, file, ids) => {
    const traces = ordered(file);
    expect(traces.map(({ id }) => id).sort()).toEqual([...ids].sort());
    for (const trace of traces) {
      const original = posted.get(trace.id);
      expect(kept(trace)).toEqual(original && kept(original));
    }
  });

  it.each([
    ['by id', 'zipkin/trace.json', [worst]],
    ['of 64 bits', 'zipkin/trace-64bit.json', [narrow]],
    ['of a search', 'zipkin/search.json', [worst, wide, narrow]],
    ['of a search for errors', 'zipkin/search-error.json', [worst]],
  ])('are equal from Zipkin as far as it was told, %s', (_, file, ids) => {
    const traces = ordered(file);
    expect(traces.map(({ id }) => id).sort()).toEqual([...ids].sort());
    for (const trace of traces) {
      const original = posted.get(trace.id);
      expect(toldToZipkin(trace)).toEqual(original && toldToZipkin(original));
    }
  });

  it('are equal as they were posted to Zipkin, all eighteen', () => {
    const traces = ordered('zipkin/spans-posted.json');
    expect(traces).toHaveLength(18);
    for (const trace of traces) {
      const original = posted.get(trace.id);
      expect(toldToZipkin(trace)).toEqual(original && toldToZipkin(original));
    }
  });

  it('tell of the worst who called whom, and what failed', () => {
    expect(
      posted
        .get(worst)
        ?.spans.map(({ service, kind, parent, startMicros, durationMicros, isError, peer }) => [
          ...[service, kind, parent, startMicros, durationMicros, isError, peer],
        ]),
    ).toEqual([
      ['frontend', 'server', null, 0, 4_200_000, true, null],
      ['frontend', 'client', 0, 1_000, 4_198_000, true, 'checkout.shop'],
      ['checkout', 'server', 1, 2_000, 4_196_000, true, null],
      ['checkout', 'client', 2, 3_000, 4_192_000, false, 'postgresql'],
    ]);
  });
});
