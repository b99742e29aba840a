import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TraceFormatError } from '../../../src/adapters/traces/format-error.ts';
import { maxSpansOfTrace, readTraces } from '../../../src/adapters/traces/wire.ts';
import { jaeger, jaegerTrace, only, otlp, resourceSpans, traceId, zipkin, zipkinSpans } from './samples.ts';

const refusal = (text: string): string => {
  try {
    readTraces(text);
  } catch (error) {
    if (error instanceof TraceFormatError) return error.what;
    throw error;
  }
  return 'a trace';
};

describe('what is no trace', () => {
  it.each<[string, string]>([
    ['', 'an empty document'],
    [' \n ', 'an empty document'],
    ['<!doctype html><title>Jaeger</title>', 'an HTML page'],
    ['\n<html></html>', 'an HTML page'],
    ['<?xml version="1.0"?><a/>', 'XML'],
    ['404 page not found', 'text that is not JSON'],
    [Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0]).toString(), 'compressed by gzip'],
    [Buffer.from('\ufeff[{"traceId":"1"}]', 'utf16le').toString(), 'text in UTF-16'],
    [Buffer.from('[{"traceId":"1"}]', 'utf16le').toString(), 'text in UTF-16'],
    ['[{"traceId":"1","id":"2","annotations":[],"binaryAnnotations":[]}]', "spans of Zipkin's version 1"],
    ['{"data":[{"traceID":"ab', 'JSON that breaks off or is damaged'],
    ['[{"traceId":"1","id":"2"}', 'JSON that breaks off or is damaged'],
    ['{"a":1} trailing {"b":2}', 'JSON that breaks off or is damaged'],
    ['{"status":"success","data":{"resultType":"vector","result":[]}}', 'an answer of Prometheus'],
    ['{"status":"success","data":[{"seriesLabels":{},"exemplars":[]}]}', 'an answer of Prometheus'],
    ['{"status":"error","errorType":"bad_data","error":"parse error"}', 'an answer of Prometheus'],
    [
      '{"traces":[{"traceID":"2f3e","rootServiceName":"a"}],"metrics":{}}',
      'hits of a search, which name traces without their spans',
    ],
    ['{"summaries":[{"traceId":"01"}]}', 'summaries of traces without their spans'],
    ['{"data":null,"errors":[{"code":404,"msg":"trace not found"}]}', 'an error answer (404)'],
    ['{"error":{"httpCode":404,"message":"No traces found"}}', 'an error answer (404)'],
    ['{"code":5,"message":"not found"}', 'an error answer (5)'],
    ['{"data":["checkout","frontend"],"total":2}', 'a list of names'],
    ['["checkout","frontend"]', 'a list of names'],
    ['[{"parent":"a","child":"b","callCount":1}]', 'a list of JSON objects with the keys parent, child, callCount'],
    ['{"series":[],"<script>":1}', 'a JSON object with the keys series'],
    ['{}', 'an empty JSON object'],
    ['[1,null]', 'a list without spans'],
    ['null', 'the JSON value null'],
    ['"abc"', 'the JSON value of a text'],
    ['{"result":{"alerts":[]}}', 'a JSON object with the keys result'],
  ])('%s is refused for what it is', (text, what) => {
    expect(refusal(text)).toBe(what);
  });

  it('is told together with what is expected', () => {
    expect(() => readTraces('<html>')).toThrow('is an HTML page, expected a trace as JSON of Jaeger, Zipkin, Tempo or OTLP');
  });

  it('is a document all of whose spans are unreadable', () => {
    const text = JSON.stringify(zipkin({ id: '<!channel>' }));
    expect(refusal(text)).toBe('JSON whose spans lack ids');
    expect(() => readTraces(text)).toThrow(
      `is JSON whose spans lack ids (the first has traceId "${traceId}", id "<!channel>"), `,
    );
    expect(() => readTraces('{"resourceSpans":"x"}')).toThrow('(the first has no fields)');
  });
});

describe('a single bad entry', () => {
  const malformed = (document: unknown) =>
    readTraces(JSON.stringify(document)).map((trace) => [trace.spans.length, trace.malformed]);
  const bad = [null, 7, 'x', [], {}, { spanID: 'zz', spanId: 'zz', id: 'zz' }];

  it('is left out and counted', () => {
    expect(malformed({ data: [{ ...jaegerTrace, spans: [...bad, ...jaegerTrace.spans] }] })).toEqual([[2, bad.length]]);
    expect(malformed([...zipkinSpans, ...bad])).toEqual([[2, bad.length]]);
    const [first, second] = resourceSpans();
    const scope = { scopeSpans: [{ spans: bad }, null, 5] };
    expect(malformed({ resourceSpans: [null, first, scope, 'x', second] })).toEqual([[2, bad.length + 4]]);
  });

  it('that does not say whose it is counts in every trace', () => {
    const other = { ...zipkinSpans[0], traceId: 'abc' };
    expect(malformed([...zipkinSpans, other, null])).toEqual([
      [2, 1],
      [1, 1],
    ]);
  });

  it('never breaks what is around it, whatever it is', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), fc.string(), (a, b, key) => {
        const odd = {
          ...jaegerTrace.spans[0],
          tags: a,
          references: b,
          process: a,
          processID: key,
          startTime: b,
          operationName: a,
        };
        expect(readTraces(JSON.stringify({ data: [{ ...jaegerTrace, processes: b, spans: [odd, a] }] }))).toHaveLength(1);
        expect(
          readTraces(JSON.stringify([{ ...zipkinSpans[0], tags: a, localEndpoint: b, kind: a, timestamp: b }, b])),
        ).toHaveLength(1);
        expect(only(otlp({ attributes: a, status: b, kind: a, startTimeUnixNano: b, parentSpanId: a }))).toBeDefined();
        expect(only(otlp({ attributes: [{ key: 'zone', value: a }, { key: a, value: b }, b] }))).toBeDefined();
      }),
    );
  });
});

describe('any text', () => {
  it('is read or refused by the one error', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.string().map((text) => `{"data":[${text}]}`),
        ),
        (text) => void refusal(text),
      ),
    );
  });

  it('may name what objects have anyway', () => {
    const evil = '{"__proto__":{"isAdmin":true},"key":"__proto__","value":{"stringValue":"x"},"constructor":1,"toString":1}';
    const text = JSON.stringify(
      otlp({ attributes: ['EVIL', { key: { toString: 1 }, value: { kvlistValue: { values: ['EVIL'] } } }] }),
    );
    expect(readTraces(text.replaceAll('"EVIL"', evil))[0]?.spans).toHaveLength(1);
    const [span] = readTraces(JSON.stringify(jaeger({ processID: 'constructor' })))[0]?.spans ?? [];
    expect(span?.service).toBeNull();
    const tags = '{"__proto__":"x","zone":"eu"}';
    expect(readTraces(JSON.stringify(zipkin({ tags: 'TAGS' })).replace('"TAGS"', tags))[0]?.spans[0]?.attributes).toEqual({
      zone: 'eu',
    });
    expect(({} as Record<string, unknown>)['isAdmin']).toBeUndefined();
  });

  it('may be as deep as it likes', () => {
    const deep = 200_000;
    const nested = `${'['.repeat(deep)}${']'.repeat(deep)}`;
    const value = `${'{"arrayValue":{"values":['.repeat(deep)}${']}}'.repeat(deep)}`;
    expect(refusal(nested)).toBe('a list without spans');
    expect(refusal(`{}${nested}`)).toBe('an empty JSON object');
    const text = JSON.stringify(otlp({ attributes: [{ key: 'zone', value: 'DEEP' }], status: 'DEEP' })).replaceAll(
      '"DEEP"',
      value,
    );
    expect(readTraces(text)[0]?.spans[0]?.attributes['zone']).toBe('[[[[null]]]]');
    const raw = JSON.stringify(otlp({ attributes: [{ key: 'zone', value: { stringValue: 'DEEP' } }] })).replace('"DEEP"', nested);
    expect(readTraces(raw)[0]?.spans[0]?.attributes).toEqual({});
    expect(readTraces(JSON.stringify(zipkin({ tags: { zone: 'DEEP' } })).replace('"DEEP"', nested))[0]?.spans).toHaveLength(1);
  });

  it('may hold brackets in its texts where several objects follow each other', () => {
    const text = JSON.stringify(otlp({ name: 'a "}{" \\' }));
    expect(readTraces(text + text)[0]?.spans.map(({ operation }) => operation)).toEqual(['a "}{" \\', 'a "}{" \\']);
  });
});

describe('names and addresses made to be slow', () => {
  it('are read in no time', () => {
    const slow = ['/', '/a', '//', '//@', '?', '/;', '//a@', ' /', '[', '::', 'outbound_.1_.'].map((part) =>
      part.repeat(500).slice(0, 1_000),
    );
    const spans = Array.from({ length: 10_000 }, (_, index) => {
      const [name, address] = [slow[index % slow.length] ?? '', slow[(index + 1) % slow.length] ?? ''];
      return {
        ...zipkin({ name, tags: { 'http.url': address, 'peer.service': address, upstream_cluster: name } })[0],
        id: `${index + 1}`,
      };
    });
    const [trace] = readTraces(JSON.stringify(spans));
    expect(trace?.spans).toHaveLength(10_000);
  });
});

describe('a trace of too many spans', () => {
  it('keeps the first that arrived, and says so', () => {
    const spans = Array.from({ length: maxSpansOfTrace + 1 }, (_, index) => ({ traceId, id: (index + 1).toString(16) }));
    const [trace] = readTraces(JSON.stringify(spans));
    expect(trace?.isTruncated).toBe(true);
    expect(trace?.spans).toHaveLength(maxSpansOfTrace);
    expect(trace?.spans.at(-1)?.id).toBe(maxSpansOfTrace.toString(16).padStart(16, '0'));
    expect(readTraces(JSON.stringify(spans.slice(1)))[0]?.isTruncated).toBe(false);
  });
});
