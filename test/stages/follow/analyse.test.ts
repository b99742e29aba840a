import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Edge } from '../../../src/domain/edge.ts';
import type { PathPart, Trace, TraceAnalysis } from '../../../src/domain/trace.ts';
import { analyse } from '../../../src/stages/follow/analyse.ts';
import { columnMicros, drawn, type Given, traceOf } from '../../support/traces.ts';

const edge = (caller: string, callee: string): Edge => ({
  cluster: null,
  source: { namespace: null, workload: caller, service: null },
  destination: { namespace: null, workload: null, service: callee },
});

const analysed = (trace: Trace, of: Edge | null = null, baselines: readonly TraceAnalysis[] = []): TraceAnalysis => {
  const found = analyse(trace, of, baselines);
  if (found === null) throw new Error('the edge is not in the trace');
  return found;
};

const shown = (part: PathPart | null) =>
  part && [part.time, part.service, part.operation, part.way.join(' → '), part.calls, part.selfMicros / columnMicros];

/** productpage → reviews → ratings through proxies; `[` and `]` of ratings can be moved. */
const bookinfo = (ratings = '[====]') =>
  drawn(`
    productpage.bookinfo {client, peer=reviews.bookinfo, component=proxy}      [==================]
      reviews.bookinfo {server, component=proxy}                                [================]
        reviews.bookinfo#c {client, peer=ratings.bookinfo, component=proxy}      [============]
          ratings.bookinfo {server, component=proxy, operation=GET /ratings/0}    ${ratings}`);

describe('the parts of a critical path', () => {
  it('are the time of each call path: own work, and the way between two', () => {
    expect(analysed(bookinfo('[========]'), edge('productpage', 'reviews')).criticalPath.map(shown)).toEqual([
      ['own', 'ratings.bookinfo', 'GET /ratings/0', 'productpage.bookinfo → reviews.bookinfo → ratings.bookinfo', 1, 10],
      ['own', 'reviews.bookinfo', 'reviews.bookinfo', 'productpage.bookinfo → reviews.bookinfo', 1, 4],
      ['between', 'reviews.bookinfo', 'reviews.bookinfo', 'productpage.bookinfo → reviews.bookinfo → ratings.bookinfo', 1, 4],
      ['between', 'productpage.bookinfo', 'productpage.bookinfo', 'productpage.bookinfo → reviews.bookinfo', 1, 2],
    ]);
  });

  it('are together exactly the focus', () => {
    const { criticalPath } = analysed(bookinfo(), edge('productpage', 'reviews'));
    expect(criticalPath.reduce((sum, { selfMicros }) => sum + selfMicros, 0)).toBe(20 * columnMicros);
    expect(criticalPath.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1);
  });

  it('of a call that nobody answers with a span are charged to the peer', () => {
    const trace = drawn(`
      fraud {server}                                               [============]
        fraud#q {client, peer=postgresql, operation=SELECT cards}    [========]`);
    expect(shown(analysed(trace).culprit)).toEqual(['peer', 'postgresql', 'SELECT cards', 'fraud → postgresql', 1, 10]);
  });

  it('of a call whose peer nothing tells are charged to nobody', () => {
    const trace = drawn(`
      fraud {server}               [============]
        fraud#q {client}             [========]`);
    expect(shown(analysed(trace).culprit)).toEqual(['peer', 'unknown', 'fraud', 'fraud', 1, 10]);
  });

  it('of a producer are its broker’s, not its consumer’s', () => {
    const trace = drawn(`
      shop {server}                               [============]
        shop#p {producer, peer=kafka}               [========]
          mail {consumer}                              [=========]`);
    expect(shown(analysed(trace).culprit)).toEqual(['peer', 'kafka', 'shop', 'shop → kafka', 1, 10]);
  });

  it('count a proxy’s span and its application’s inside of it as one call', () => {
    const trace = drawn(`
      shop {server}                     [==============]
        cart {server, operation=GET}     [============]
          cart#2 {server, operation=GET}   [========]`);
    expect(shown(analysed(trace).culprit)).toEqual(['own', 'cart', 'GET', 'shop → cart', 1, 14]);
  });

  it('are a service’s own where one of its calls is inside of another, and no proxy is', () => {
    const trace = drawn(`
      shop {server}                                        [==============]
        shop#sdk {client, peer=s3, operation=GetObject}     [============]
          shop#http {client, peer=s3, operation=GET}                [==]`);
    expect(analysed(trace).criticalPath.map(shown)).toEqual([
      ['own', 'shop', 'GetObject', 'shop', 1, 10],
      ['peer', 's3', 'GET', 'shop → s3', 1, 4],
      ['own', 'shop', 'shop', 'shop', 1, 2],
    ]);
  });

  it('of a client that sends a message are its broker’s, too', () => {
    const trace = drawn(`
      shop {server}                               [============]
        shop#p {client, peer=sqs}                   [========]
          mail {consumer}                              [=========]`);
    expect(shown(analysed(trace).culprit)).toEqual(['peer', 'sqs', 'shop', 'shop → sqs', 1, 10]);
  });

  it('count the calls of one path together', () => {
    const trace = drawn(`
      shop {server}                                          [==============]
        shop#1 {client, peer=mysql, operation=SELECT cart}     [=]
        shop#2 {client, peer=mysql, operation=SELECT cart}         [==]
        shop#3 {client, peer=mysql, operation=SELECT cart}             [=]`);
    expect(shown(analysed(trace).culprit)).toEqual(['peer', 'mysql', 'SELECT cart', 'shop → mysql', 3, 10]);
    expect(trace.spans[analysed(trace).culprit?.spans[0] ?? 0]?.id).toBe('shop#2');
  });

  it('name one workload once, as its tracer and as its proxy call it', () => {
    const trace = drawn(`
      front.shop {client, istio.canonical_service=front, istio.namespace=shop}        [==============]
        cart.shop {server, istio.canonical_service=cart, istio.namespace=shop}         [============]
          cart {server, operation=GET /cart}                                            [==========]`);
    expect(shown(analysed(trace).culprit)).toEqual(['own', 'cart.shop', 'GET /cart', 'front.shop → cart.shop', 1, 12]);
  });

  it('are counted in a chain of 10,000 services without the cost of their square', () => {
    const chain = Array.from({ length: 10_000 }, (_, index) => ({
      id: `s${index}`,
      parentId: index === 0 ? null : `s${index - 1}`,
      startMicros: index,
      durationMicros: 20_001 - 2 * index,
    }));
    const { criticalPath } = analysed(traceOf(chain));
    expect(criticalPath).toHaveLength(10_000);
    expect(Math.max(...criticalPath.map(({ way }) => way.length))).toBe(32);
  });
});

/** Two steps that take so many columns, one after the other. */
const compared = (first: number, second: number, baselines: readonly TraceAnalysis[]) =>
  analysed(
    traceOf([
      { id: 'shop', startMicros: 0, durationMicros: (first + second) * columnMicros },
      { id: 'price', parentId: 'shop', startMicros: 0, durationMicros: first * columnMicros },
      { id: 'stock', parentId: 'shop', startMicros: first * columnMicros, durationMicros: second * columnMicros },
    ]),
    null,
    baselines,
  );
const steps = (first: number, second: number) => compared(first, second, []);

describe('the culprit', () => {
  it.each([
    [60, 40, 'price'],
    [59, 41, null],
    [39, 61, 'stock'],
  ])('of %d and %d parts of a hundred is %s: it leads by half, or nobody is named', (first, second, name) => {
    expect(steps(first, second).culprit?.service ?? null).toBe(name);
  });

  it('has two fifths at least', () => {
    const many = traceOf([
      { id: 'shop', startMicros: 0, durationMicros: 1000 },
      { id: 'big', parentId: 'shop', startMicros: 0, durationMicros: 390 },
      ...[0, 1, 2, 3].map((index) => ({
        id: `small${index}`,
        parentId: 'shop',
        startMicros: 390 + index * 150,
        durationMicros: 150,
      })),
    ]);
    expect(analysed(many).culprit).toBeNull();
  });

  it('is what took longer than usual, not what always takes longest', () => {
    const usual = [steps(60, 5), steps(61, 5), steps(62, 5), steps(58, 5), steps(59, 6)];
    const { culprit, usualMicros, comparedWith } = compared(60, 50, usual);
    expect([culprit?.service, culprit?.usualMicros, usualMicros, comparedWith]).toEqual([
      'stock',
      5 * columnMicros,
      65 * columnMicros,
      5,
    ]);
  });

  it('is not compared with fewer than five normal traces', () => {
    const { culprit, usualMicros, comparedWith } = compared(60, 30, [steps(60, 5), steps(60, 5), steps(60, 5), steps(60, 5)]);
    expect([culprit?.service, culprit?.usualMicros, usualMicros, comparedWith]).toEqual(['price', null, null, 4]);
  });

  it('counts in full where normal traces lack it', () => {
    const without = analysed(traceOf([{ id: 'shop', startMicros: 0, durationMicros: 10 * columnMicros }]));
    const { culprit } = compared(
      5,
      60,
      Array.from({ length: 6 }, () => without),
    );
    expect([culprit?.service, culprit?.usualMicros]).toEqual(['stock', 0]);
  });

  it('is nobody where the trace took as long as ever, or hardly longer', () => {
    const usual = Array.from({ length: 5 }, () => steps(60, 5));
    expect([compared(60, 5, usual).culprit, compared(60, 10, usual).culprit]).toEqual([null, null]);
    expect(compared(60, 13, usual).culprit?.service).toBe('stock');
  });

  it('is compared with twenty at most', () => {
    const many = [...Array.from({ length: 20 }, () => steps(10, 10)), ...Array.from({ length: 80 }, () => steps(90, 90))];
    expect(compared(10, 90, many)).toMatchObject({ comparedWith: 20, usualMicros: 20 * columnMicros });
  });

  it('tells how often it is usually called', () => {
    const calls = (count: number) =>
      traceOf([
        { id: 'shop', kind: 'server', startMicros: 0, durationMicros: count * 100 },
        ...Array.from({ length: count }, (_, index) => ({
          ...{ id: `q${index}`, parentId: 'shop', service: 'shop', kind: 'client' as const, peer: 'mysql' },
          ...{ operation: 'SELECT', startMicros: index * 100, durationMicros: 100 },
        })),
      ]);
    const usual = [2, 2, 3, 2, 2].map((count) => analysed(calls(count)));
    expect(analysed(calls(14), null, usual).culprit).toMatchObject({ calls: 14, usualCalls: 2 });
  });
});

const originIn = (drawing: string, of: Edge | null = null): string | null => {
  const trace = drawn(drawing);
  const { errorOrigin } = analysed(trace, of);
  return errorOrigin === null ? null : (trace.spans[errorOrigin]?.id ?? null);
};

describe('the origin of a failure', () => {
  it.each<readonly [which: string, drawing: string, id: string | null]>([
    [
      'is nowhere where nothing failed',
      `
      a  [====]
        b [==]`,
      null,
    ],
    [
      'is the deepest failing span below failing ones',
      `
      a {server, error}          [========]
        a#c {client, error}       [======]
          b {server, error}        [====]
            b#c {client}            [=]`,
      'b',
    ],
    [
      'is the call whose patience ran out, not the callee that was left, nor what it asked for meanwhile',
      `
      a#c {client, error, flag=UT}        [========]
        b {server, error, flag=DC}         [======]
          b#c {client, error, flag=DC}      [====]
            d {server, error}                [==]`,
      'a#c',
    ],
    [
      'is not a call that went well when it was tried again',
      `
      a {server, error}                                    [==========]
        a#1 {client, error, peer=b, operation=GET}          [==]
        a#2 {client, peer=b, operation=GET}                     [==]`,
      'a',
    ],
    [
      'is a call beside whose like another went well',
      `
      a {server, error}                                    [==========]
        a#1 {client, error, peer=b, operation=GET}          [====]
        a#2 {client, peer=b, operation=GET}                   [====]`,
      'a#1',
    ],
    [
      'is where somebody failed before the client left further up',
      `
      a {server, error}                   [==========]
        a#c {client, error}                [========]
          b {server, error}                 [======]
            b#c {client, error, flag=UT}     [====]
              d {server, error, flag=DC}      [==]`,
      'b#c',
    ],
    [
      'is the call, where the callee knows of no failure',
      `
      a {server, error}          [========]
        a#c {client, error}       [======]
          b {server}               [====]`,
      'a#c',
    ],
    [
      'is looked for behind a step that says nothing',
      `
      a {server, error}          [========]
        a#i {internal}            [======]
          a#c {client, error}      [====]`,
      'a#c',
    ],
    [
      'is not what failed deeper and was borne',
      `
      a {server, error}          [==============]
        b {server}                [====]
          c {server}               [==]
            d {server, error}       []
        e {server, error}               [====]`,
      'e',
    ],
    [
      'is not what failed when nobody waited for it',
      `
      a {server, error}          [==============]
        b {server, error, async}  [===]
          c {server, error}        []`,
      'a',
    ],
    [
      'is the last of equal ones, which decided',
      `
      a {client, error}          [==============]
        b#1 {server, error}       [==]
        b#2 {server, error}           [==]
        b#3 {server, error}               [==]`,
      'b#3',
    ],
    [
      'is what failed and was tried again, where all ended well',
      `
      a {client}                 [==============]
        b#1 {server, error}       [==]
        b#2 {server}                  [==]`,
      'b#1',
    ],
  ])('%s', (_, drawing, id) => expect(originIn(drawing)).toBe(id));

  it('is below the focus rather than beside it', () => {
    const drawing = `
      a {server, error}            [==================]
        a#1 {client, peer=b}        [====]
          b {server}                 [==]
            b#e {internal, error}     |
        a#2 {client, error, peer=c}        [=======]
          c {server, error}                 [=====]
            d {server, error}                [==]`;
    expect(originIn(drawing, edge('a', 'b'))).toBe('b#e');
    expect(originIn(drawing, edge('a', 'c'))).toBe('d');
  });
});

describe('attempts', () => {
  it.each<readonly [which: string, drawing: string, count: number]>([
    [
      'are the answers of the callee under one call',
      `
      a {client}                   [==============]
        b#1 {server, error}         [==]
        b#2 {server, error}             [==]
        b#3 {server}                        [==]`,
      3,
    ],
    [
      'are counted through the proxy’s half of the call',
      `
      a {client}                   [==============]
        a#p {client}                [============]
          b#1 {server, error}        [==]
          b#2 {server}                   [==]`,
      2,
    ],
    [
      'are one where one answered',
      `
      a {client}                   [==============]
        b {server}                  [==]
          b#c {client}               []`,
      1,
    ],
    [
      'are one where nobody did',
      `
      a {client}                   [==============]`,
      1,
    ],
    [
      'are not calls of different things',
      `
      a {client}                   [==============]
        b {server, operation=GET}   [==]
        b#2 {server, operation=PUT}    [==]`,
      1,
    ],
    [
      'are not the calls of a server',
      `
      a {server}                   [==============]
        b#1 {server}                [==]
        b#2 {server}                    [==]`,
      1,
    ],
  ])('%s', (_, drawing, count) => expect(analysed(drawn(drawing)).attempts).toBe(count));
});

describe('an edge that is not in the trace', () => {
  it('has no analysis', () => expect(analyse(drawn('a {server} [==]'), edge('x', 'y'), [])).toBeNull());
});

const fixtures = process.env['EDGEWISE_FIXTURES'];
const isThere = fixtures !== undefined && existsSync(join(fixtures, 'traces/tempo'));
const read = (file: string) => JSON.parse(readFileSync(join(fixtures ?? '', 'traces', file), 'utf8'));

type OtlpSpan = {
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
};
type Batch = {
  readonly resource: {
    readonly attributes: readonly { readonly key: string; readonly value: { readonly stringValue: string } }[];
  };
  readonly scopeSpans: readonly { readonly spans: readonly OtlpSpan[] }[];
};

/** As much of Tempo's JSON as these fixtures need. */
const readTempo = ({ batches }: { readonly batches: readonly Batch[] }): Trace =>
  traceOf(
    batches.flatMap(({ resource, scopeSpans }) =>
      scopeSpans.flatMap(({ spans }) =>
        spans.map((span) => ({
          id: span.spanId,
          parentId: span.parentSpanId ?? null,
          service: resource.attributes.find(({ key }) => key === 'service.name')?.value.stringValue ?? 'unknown',
          operation: span.name,
          kind: span.kind.replace('SPAN_KIND_', '').toLowerCase() as Given['kind'] & string,
          startMicros: Number(BigInt(span.startTimeUnixNano) / 1000n),
          durationMicros: Number((BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano)) / 1000n),
        })),
      ),
    ),
  );

type ZipkinSpan = {
  readonly id: string;
  readonly parentId?: string;
  readonly name: string;
  readonly kind: string;
  readonly timestamp: number;
  readonly duration: number;
  readonly localEndpoint: { readonly serviceName: string };
};

const readZipkin = (spans: readonly ZipkinSpan[]): Trace =>
  traceOf(
    spans.map((span) => ({
      id: span.id,
      parentId: span.parentId ?? null,
      service: span.localEndpoint.serviceName,
      operation: span.name,
      kind: span.kind.toLowerCase() as Given['kind'] & string,
      startMicros: span.timestamp,
      durationMicros: span.duration,
    })),
  );

describe.skipIf(!isThere)(`of public traces (${isThere ? '' : 'skipped: '}EDGEWISE_FIXTURES/traces) the culprit`, () => {
  it('of a slow checkout is the query of the fraud service, of a tracer that knows no kinds', () => {
    const trace = readTempo(read('tempo/holmesgpt-nodejs-v1.json'));
    const { culprit } = analysed(trace);
    expect(culprit).toMatchObject({ service: 'fraud-service', operation: 'postgres.query', time: 'own' });
    expect(culprit?.share).toBeCloseTo(0.6, 2);
    const focus = analysed(trace, edge('checkout-service', 'fraud-service')).focus;
    expect(trace.spans[focus]?.operation).toBe('check_for_fraud');
  });

  it('of a slow call through two sidecars is the way between them, where the callee was long done', () => {
    const traces = (read('zipkin/istio-bookinfo-10-traces.json') as readonly (readonly ZipkinSpan[])[]).map(readZipkin);
    const withReviews = traces.flatMap((trace) => analyse(trace, edge('productpage-v1', 'reviews'), []) ?? []);
    expect(withReviews.length).toBeGreaterThan(5);
    const slow = traces.find(({ spans }) => spans.some(({ durationMicros }) => durationMicros === 33_847));
    const { culprit } = analysed(slow as Trace, edge('productpage-v1', 'reviews'));
    expect([culprit?.time, culprit?.way, culprit?.selfMicros]).toEqual(['between', ['productpage.book', 'reviews.book'], 15_335]);
  });
});
