import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hitsIn, largestMicros, rangeAnswer, searchAnswer } from '../../../src/adapters/tempo/wire.ts';
import { sharedAnswer } from '../../../src/adapters/traces/shared-answer.ts';
import { readTraces } from '../../../src/adapters/traces/wire.ts';

const fixtures = process.env['EDGEWISE_FIXTURES'];
const skipped = fixtures ? '' : ' (skipped: EDGEWISE_FIXTURES is not set)';

/** Every file below a folder of the public recordings; none where they are not. */
const filesIn = (folder: string): readonly string[] =>
  (fixtures ? readdirSync(join(fixtures, folder), { recursive: true, withFileTypes: true }) : [])
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

const read = (text: string): unknown => {
  try {
    return readTraces(text);
  } catch (error) {
    return String(error);
  }
};

const canary = 'canary';
const otlpSpan = {
  traceId: '5af7183fb1d4cf5fa11bad00deadbeef',
  spanId: 'a11bad00deadbeef',
  name: `GET /cart?token=${canary}`,
  kind: 3,
  startTimeUnixNano: '1795392477700903000',
  endTimeUnixNano: '1795392481900903000',
  traceState: canary,
  attributes: [
    { key: 'db.statement', value: { stringValue: canary } },
    { key: 'http.url', value: { stringValue: `https://${canary}:x@shop/cart?user=${canary}` } },
    { key: 'error', value: { stringValue: canary } },
    { key: 'peer.service', value: { stringValue: 'payments' } },
  ],
  events: [{ name: 'exception', attributes: [{ key: 'exception.message', value: { stringValue: canary } }] }],
  links: [
    {
      traceId: '5af7183fb1d4cf5fa11bad00deadbeef',
      spanId: '00000000000000a1',
      traceState: canary,
      attributes: [{ key: canary, value: { stringValue: canary } }],
    },
  ],
  status: { code: 2, message: canary },
};
const otlp = (...spans: readonly unknown[]): string =>
  JSON.stringify({
    resourceSpans: [
      {
        resource: { attributes: [{ key: 'host.ip', value: { stringValue: canary } }] },
        scopeSpans: [{ scope: { name: canary }, spans }],
      },
    ],
  });

describe('an answer of a trace store, as it may leave the house,', () => {
  it.each([
    ['OTLP', otlp(otlpSpan)],
    [
      'Jaeger',
      JSON.stringify({
        data: [
          {
            traceID: '1',
            spans: [
              {
                traceID: '1',
                spanID: '2',
                operationName: `GET /a;s=${canary}`,
                processID: 'p1',
                startTime: 1,
                duration: 2,
                tags: [
                  { key: 'sql.query', value: canary },
                  { key: 'span.kind', value: 'client' },
                ],
                logs: [{ timestamp: 1, fields: [{ key: 'message', value: canary }] }],
                warnings: [canary],
              },
              canary,
            ],
            processes: { p1: { serviceName: 'shop', tags: [{ key: 'client-uuid', value: canary }] } },
          },
        ],
      }),
    ],
    [
      'Zipkin',
      JSON.stringify([
        {
          traceId: '1',
          id: '2',
          name: 'get',
          kind: 'SERVER',
          timestamp: 1,
          duration: 2,
          localEndpoint: { serviceName: 'shop', ipv4: canary },
          annotations: [{ timestamp: 1, value: canary }],
          tags: { 'user.id': canary, error: canary, 'http.status_code': '503' },
        },
      ]),
    ],
  ])('holds nothing of %s that is not read, and is read as before', (_, text) => {
    expect(read(text)).toHaveLength(1);
    expect(read(sharedAnswer(text))).toEqual(read(text));
    expect(sharedAnswer(text)).not.toContain(canary);
    expect(sharedAnswer(sharedAnswer(text))).toBe(sharedAnswer(text));
  });

  it('keeps what a store says of itself: that nothing is there, that it is not all, what it complains of', () => {
    for (const text of [
      '{"trace":{},"metrics":{}}',
      '{"error":{"httpCode":404,"message":"No traces found"}}',
      '{"data":null,"errors":[{"code":404,"msg":"trace not found"}]}',
      '{"services":["checkout.shop"]}',
      '{"data":["checkout"]}',
      '["checkout","payments"]',
      '463ac35c9f6413ad not found',
      'invalid TraceQL query',
      '',
    ])
      expect(sharedAnswer(text)).toBe(text);
    const partial = JSON.stringify({ trace: JSON.parse(otlp(otlpSpan)), status: 'PARTIAL', message: 'too large' });
    expect(read(sharedAnswer(partial))).toMatchObject([{ isTruncated: true }]);
  });

  it('counts what is no span as before, and holds none of it', () => {
    const text = otlp(otlpSpan, canary, { name: canary.repeat(2) }, null);
    expect(read(sharedAnswer(text))).toEqual(read(text));
    expect(read(text)).toMatchObject([{ malformed: 3 }]);
  });

  it('of an answer that breaks off keeps that it does', () => {
    const half = otlp(otlpSpan).slice(0, 400);
    expect(sharedAnswer(half)).toBe('{');
    expect(read(sharedAnswer(half))).toBe(read(half));
  });

  it('ends, however deep an answer is', () => {
    const deep = `${'{"data":'.repeat(20_000)}1${'}'.repeat(20_000)}`;
    expect(sharedAnswer(deep).length).toBeLessThan(1000);
  });
});

describe.skipIf(!fixtures)(`recorded and public traces${skipped}`, () => {
  const files = ['traces', 'trace-backends'].flatMap(filesIn);

  it.each(files.map((file) => [file.slice((fixtures ?? '').length + 1), file]))('%s is read as before', (_, file) => {
    const text = readFileSync(file, 'utf8');
    const shared = sharedAnswer(text);
    const before = read(text);
    // Words of who is refused come from keys that nobody reads.
    if (Array.isArray(before)) expect(read(shared)).toEqual(before);
    expect(sharedAnswer(shared)).toBe(shared);
  });

  it.each(['search.json', 'search-edge.json', 'search-leading-zero.json', 'search-empty.json'])(
    "Tempo's %s tells the same hits",
    (file) => {
      const text = readFileSync(join(fixtures ?? '', 'trace-backends/tempo', file), 'utf8');
      const hits = (body: string) => hitsIn(searchAnswer.parse(JSON.parse(body)), 200);
      expect(hits(sharedAnswer(text))).toEqual(hits(text));
    },
  );

  it("Tempo's metrics tell the same longest span", () => {
    const text = readFileSync(join(fixtures ?? '', 'trace-backends/tempo/metrics-query-range.json'), 'utf8');
    const longest = (body: string) => largestMicros(rangeAnswer.parse(JSON.parse(body)));
    expect(longest(text)).toBe(4_198_000);
    expect(longest(sharedAnswer(text))).toBe(longest(text));
  });
});
