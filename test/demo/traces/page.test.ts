import { describe, expect, it } from 'vitest';
import { serveTraces } from '../../../src/demo/traces/server.ts';
import { startTraceBox } from '../../../src/demo/traces/store.ts';
import type { ZipkinSpan } from '../../../src/demo/traces/zipkin-span.ts';

const traceId = '463ac35c9f6413ad48485a3953bb6124';
const startMicros = Date.parse('2026-11-24T07:00:00Z') * 1000;
const span = (id: string, parentId: string | null, service: string, from: number, took: number, tags = {}): ZipkinSpan => ({
  traceId,
  id,
  ...(parentId === null ? {} : { parentId }),
  kind: 'SERVER',
  name: `get /${service}`,
  timestamp: startMicros + from,
  duration: took,
  localEndpoint: { serviceName: service },
  tags,
});

const pageOf = async (spans: readonly ZipkinSpan[], id = traceId) => {
  const box = startTraceBox();
  box.take(spans);
  const server = await serveTraces(box);
  try {
    const answer = await fetch(`${server.url}/zipkin/traces/${id}`);
    return { status: answer.status, type: answer.headers.get('content-type'), html: await answer.text() };
  } finally {
    await server.stop();
  }
};

describe('the page of a trace', () => {
  const spans = [
    span('03', '01', 'late', 600_000, 300_000, { error: 'true', 'http.status_code': '503', response_flags: 'UH' }),
    span('02', '01', 'early', 100_000, 250_000),
    span('01', null, 'root', 0, 1_000_000, { 'http.status_code': '200', response_flags: '-' }),
    span('04', '02', 'deep', 150_000, 900),
  ];

  it('lists each span below its parent, in the order of time', async () => {
    const { status, type, html } = await pageOf(spans);
    expect([status, type]).toEqual([200, 'text/html; charset=utf-8']);
    const rows = [...html.matchAll(/padding-left:([\d.]+)em"><b>(\w+)</g)].map(([, depth, service]) => `${depth} ${service}`);
    expect(rows).toEqual(['0.5 root', '1.5 early', '2.5 deep', '1.5 late']);
  });

  it('draws a bar as far along and as long as the span was', async () => {
    const { html } = await pageOf(spans);
    const bars = [...html.matchAll(/left:([\d.]+)%;width:([\d.]+)%/g)].map(([, left, width]) => [Number(left), Number(width)]);
    expect(bars).toEqual([
      [0, 100],
      [10, 25],
      [15, 0.09],
      [60, 30],
    ]);
  });

  it('says how long it took, what came of it, and marks what failed', async () => {
    const { html } = await pageOf(spans);
    expect(html).toContain('1.00 s, 4 spans of 4 services, from 2026-11-24T07:00:00.000Z');
    expect(html).toContain('250.0 ms');
    expect(html).toContain('900 µs');
    expect(html.match(/<tr class="bad">/g)).toHaveLength(1);
    expect(html).toContain('<td>503 UH</td>');
  });

  it('lets no name become markup', async () => {
    const { html } = await pageOf([{ ...span('01', null, '<b>"x"', 0, 1, {}), name: '</small><script>alert(1)</script>' }]);
    expect(html).not.toContain('<script>');
    expect(html).toContain('&#60;b&#62;&#34;x&#34;');
  });

  it('ends where spans name each other as parents, and shows those of a parent that is not there', async () => {
    const { html } = await pageOf([
      span('0a', '0b', 'one', 0, 1),
      span('0b', '0a', 'other', 0, 1),
      span('0c', 'ff', 'lost', 0, 1),
    ]);
    expect(html).toContain('<b>lost</b>');
  });

  it('says so where there is no such trace', async () => {
    const { status, html } = await pageOf(spans, 'ffffffffffffffff');
    expect(status).toBe(404);
    expect(html).toContain('There is no trace ffffffffffffffff');
  });
});
