import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Edge } from '../../../src/domain/edge.ts';
import type { Trace, TraceAnalysis } from '../../../src/domain/trace.ts';
import { traceSentence } from '../../../src/domain/trace-sentence.ts';
import { analyse } from '../../../src/stages/follow/analyse.ts';
import { drawn, type Given, traceOf } from '../../support/traces.ts';

const edge = (caller: string, callee: string): Edge => ({
  cluster: null,
  source: { namespace: 'bookinfo', workload: caller, service: null },
  destination: { namespace: 'bookinfo', workload: null, service: callee },
});
const toReviews = edge('productpage', 'reviews');

/** A column of a drawing lasts a millisecond; a slow trace is one whose columns last longer. */
const slower = (trace: Trace, factor: number): Trace => ({
  ...trace,
  spans: trace.spans.map((span) => ({
    ...span,
    startMicros: span.startMicros * factor,
    durationMicros: span.durationMicros * factor,
  })),
});

const said = (trace: Trace, of: Edge | null = toReviews, baselines: readonly TraceAnalysis[] = []): string => {
  const analysis = analyse(trace, of, baselines);
  return analysis === null ? 'not in the trace' : traceSentence(trace, analysis, of);
};

const usual = (trace: Trace, of: Edge | null = toReviews): readonly TraceAnalysis[] => {
  const analysis = analyse(trace, of, []);
  return analysis === null ? [] : Array.from({ length: 5 }, () => analysis);
};

const bookinfo = drawn(`
  productpage.bookinfo {client, peer=reviews.bookinfo, component=proxy}      [==================]
    reviews.bookinfo {server, component=proxy}                                [================]
      reviews.bookinfo#c {client, peer=ratings.bookinfo, component=proxy}      [==============]
        ratings.bookinfo {server, component=proxy, operation=GET /ratings/0}    [============]`);

describe('the sentence of a trace', () => {
  it('says whose own time it is, and the way there', () => {
    expect(said(slower(bookinfo, 210), toReviews, usual(slower(bookinfo, 2)))).toBe(
      "productpage → reviews took 4.2 s (usually 40 ms). 2.94 s of it is ratings' own time in GET /ratings/0. " +
        'Path: productpage → reviews → ratings.',
    );
  });

  it('says what was asked, where proxies call their spans after where they go', () => {
    const asking = (id: string, startMicros: number): Given => ({
      ...{ id, parentId: 'a', service: 'ratings.bookinfo', kind: 'server', startMicros, durationMicros: 40_000 },
      operation: 'ratings.bookinfo.svc.cluster.local:9080/*',
      attributes: { component: 'proxy', 'http.method': 'GET', 'http.url': 'http://ratings:9080/ratings/0' },
    });
    const top: Given = { id: 'a', service: 'reviews.bookinfo', kind: 'server', startMicros: 0, durationMicros: 100_000 };
    expect(said(traceOf([{ ...top, durationMicros: 50_000 }, asking('b', 0)]), null)).toMatch(/ time in GET \/ratings\/0\.$/);
    expect(said(traceOf([top, asking('b', 0), asking('c', 50_000)]), null)).toMatch(/ time in 2 × GET \/\*\.$/);
  });

  it('does not say what is usual where nobody knows', () => {
    expect(said(slower(bookinfo, 210))).toBe(
      "productpage → reviews took 4.2 s. 2.94 s of it is ratings' own time in GET /ratings/0. Path: productpage → reviews → ratings.",
    );
  });

  it('says that it took as long as ever', () => {
    expect(said(bookinfo, toReviews, usual(bookinfo))).toBe(
      'productpage → reviews took 20 ms (usually 20 ms): no slower than usual.',
    );
  });

  it('says that the time is between the proxies', () => {
    const trace = drawn(`
      productpage.bookinfo {client, peer=reviews.bookinfo, component=proxy}      [==================]
        reviews.bookinfo {server, component=proxy}                                    [======]`);
    expect(said(trace)).toBe('productpage → reviews took 20 ms. 12 ms of it is between the proxies of productpage and reviews.');
  });

  it('speaks of no proxies where there are none', () => {
    const trace = drawn(`
      productpage {client, peer=reviews}      [==================]
        reviews {server}                           [======]`);
    expect(said(trace)).toBe('productpage → reviews took 20 ms. 12 ms of it is between productpage and reviews.');
  });

  it('says who waited for whom, where no span of theirs tells more', () => {
    const trace = drawn(`
      productpage {client, peer=reviews}                          [==================]
        reviews {server}                                           [================]
          reviews#q {client, peer=postgresql, operation=SELECT}     [==============]`);
    expect(said(trace)).toBe(
      'productpage → reviews took 20 ms. 16 ms of it is reviews waiting for postgresql in SELECT. ' +
        'Path: productpage → reviews → postgresql.',
    );
  });

  it('says that somebody is waited for whom nothing names', () => {
    expect(said(drawn('a {client} [==]'), null)).toBe(
      'a of a took 4 ms. All of it is a waiting for somebody without spans in a.',
    );
  });

  it('says that the way out of a service took the time', () => {
    const trace = drawn(`
      shop {client, peer=mysql, operation=query}        [==================]
        shop#p {client, peer=mysql, component=proxy}                [=====]`);
    expect(said(trace, null)).toBe('query of shop took 20 ms. 13 ms of it is between shop and its own proxy.');
  });

  it('says that a service called itself', () => {
    const trace = drawn(`
      shop#c {client, operation=query}        [==================]
        shop {server}                                     [=====]`);
    expect(said(trace, null)).toBe('query of shop took 20 ms. 13 ms of it is between shop and itself.');
  });

  it('tells fewer parts rather than none, where names are long', () => {
    const long = (name: string) => `${name}-${'of-a-service-with-a-name-that-nobody-can-remember'}`;
    const trace = traceOf([
      { id: 'shop', kind: 'server', startMicros: 0, durationMicros: 90_000 },
      ...[0, 30_000, 60_000].map((startMicros, index) => ({
        ...{ id: `s${index}`, parentId: 'shop', service: long(`step${index}`), operation: long('POST /carts/items') },
        ...{ startMicros, durationMicros: 30_000 },
      })),
    ]);
    expect(said(trace, null)).toMatch(/^shop of shop took 90 ms\. No part stands out: 30 ms is step0.*, 30 ms is step1[^,]*\.$/);
  });

  it('leaves out the middle of a long way', () => {
    const trace = drawn(`
      a {server}              [==================]
        b {server}            [==================]
          c {server}          [==================]
            d {server}        [==================]
              e {server}      [==================]
                f {server}    [==================]`);
    expect(said(trace, null)).toBe("a of a took 20 ms. All of it is f's own time in f. Path: a → b → … → e → f.");
  });

  it('says that it is spread', () => {
    const trace = drawn(`
      productpage {client, peer=reviews}        [==================]
        reviews {server, operation=GET}         [==================]
          a {internal, operation=load}           [=====]
          b {internal, operation=render}                [======]`);
    expect(said(trace)).toBe(
      "productpage → reviews took 20 ms. No part stands out: 8 ms is b's own time in render, 7 ms is a's own time in load, " +
        "5 ms is reviews' own time in GET.",
    );
  });

  it('says what grew where it is spread, and not what takes long as ever', () => {
    const made = (...lengths: readonly number[]) =>
      traceOf([
        { id: 'shop', kind: 'server', startMicros: 0, durationMicros: lengths.reduce((sum, length) => sum + length, 0) },
        ...lengths.map((length, index) => ({
          ...{ id: `step ${index}`, parentId: 'shop', service: 'shop', durationMicros: length },
          startMicros: lengths.slice(0, index).reduce((sum, before) => sum + before, 0),
        })),
      ]);
    expect(said(made(300_000, 90_000, 80_000, 80_000), null, usual(made(300_000, 10_000, 10_000, 10_000), null))).toBe(
      'shop of shop took 550 ms (usually 330 ms). No part stands out: ' +
        "90 ms is shop's own time in step 1, 80 ms is shop's own time in step 2, 80 ms is shop's own time in step 3.",
    );
  });

  it('says how often it was tried', () => {
    const trace = drawn(`
      productpage {client, peer=reviews}        [==================]
        reviews#1 {server, error}               [====]
        reviews#2 {server, error}                     [====]
        reviews#3 {server}                                  [====]`);
    expect(said(trace)).toContain('productpage → reviews took 20 ms in 3 attempts. 18 ms of it is reviews');
  });

  it('says that the number of calls has grown', () => {
    const calls = (count: number) =>
      traceOf([
        { id: 'shop', kind: 'server', startMicros: 0, durationMicros: count * 100_000, operation: 'GET /cart' },
        ...Array.from({ length: count }, (_, index) => ({
          ...{ id: `q${index}`, parentId: 'shop', service: 'shop', kind: 'client' as const, peer: 'mysql' },
          ...{ operation: 'SELECT orders', startMicros: index * 100_000, durationMicros: 100_000 },
        })),
      ]);
    expect(said(calls(14), null, usual(calls(2), null))).toBe(
      'GET /cart of shop took 1.4 s (usually 200 ms). All of it is shop waiting for mysql in 14 × SELECT orders (usually 2).',
    );
  });

  it('says where the failure began, and why', () => {
    const trace = drawn(`
      productpage {client, error, peer=reviews}            [==================]
        reviews {server, error}                             [================]
          reviews#c {client, error, peer=ratings, flag=URX+UT}   [==============]`);
    expect(said(trace)).toBe(
      "productpage → reviews failed after 20 ms. It began at reviews' call to ratings: the callee did not answer within the timeout.",
    );
  });

  it('says that it failed by itself where the title names the place already', () => {
    expect(said(drawn('front {server, error, http.status_code=500, operation=GET /} [==]'), null)).toBe(
      'GET / of front failed after 4 ms. It began there: answered 500.',
    );
  });

  it('says what became of a request that did not fail, and no more of its time than matters', () => {
    expect(said(drawn('a {server, http.status_code=403, operation=GET /} [==]'), null)).toBe(
      'GET / of a took 4 ms: answered 403.',
    );
    expect(said(drawn('a {client, error, flag=UO, peer=b, operation=GET /} |'), null)).toBe(
      "GET / of a failed at once. It began at a's call to b: a connection or request limit was full.",
    );
  });

  it('says of a failure that came as fast as ever no more than where it began', () => {
    const failing = drawn(`
      productpage {client, error, peer=reviews}                                        [==================]
        reviews {server, error, http.status_code=503, operation=GET /reviews/1}         [================]`);
    expect(said(failing, toReviews, usual(failing))).toBe(
      'productpage → reviews failed after 20 ms (usually 20 ms). It began in reviews, GET /reviews/1: answered 503.',
    );
  });

  it('says of a slow failure both', () => {
    const failing = drawn(`
      productpage {client, error, peer=reviews, flag=UT}     [==================]
        reviews {server, operation=GET /reviews/1}            [================]`);
    expect(said(slower(failing, 100), toReviews, usual(failing))).toBe(
      "productpage → reviews failed after 2 s (usually 20 ms). It began at productpage's call to reviews: " +
        "the callee did not answer within the timeout. 1.8 s of it is reviews' own time in GET /reviews/1.",
    );
  });

  it('keeps the namespaces of two services that are called alike', () => {
    const trace = drawn(`
      api.shop {client, peer=api.bank}      [==================]
        api.bank {server, operation=GET}     [================]`);
    expect(said(trace, null)).toBe("api.shop of api.shop took 20 ms. 18 ms of it is api.bank's own time in GET.");
  });

  it('takes a point in a name for a namespace’s only where a proxy says so', () => {
    const trace = drawn(`
      shop {server}                    [==================]
        shop.api {server, operation=GET}     [==========]`);
    expect(said(trace, null)).toBe("shop of shop took 20 ms. 12 ms of it is shop.api's own time in GET.");
  });

  it('keeps the names of hosts outside of the mesh whole', () => {
    const trace = drawn(`
      cart.shop {server, component=proxy}                           [==================]
        cart.shop#c {client, peer=stripe.com, operation=POST}        [================]`);
    expect(said(trace, null)).toBe('cart.shop of cart took 20 ms. 18 ms of it is cart waiting for stripe.com in POST.');
  });

  it('has 200 characters and one line at most, whatever spans are called', () => {
    const text = fc.string({ minLength: 0, maxLength: 120, unit: 'binary' });
    fc.assert(
      fc.property(
        text,
        text,
        text,
        fc.boolean(),
        fc.integer({ min: 1, max: 40 }),
        (service, operation, peer, isError, factor) => {
          const span = { service, operation, startMicros: 0, durationMicros: 1000 * factor, isError };
          const trace = traceOf([
            { ...span, id: 'a', kind: 'client', peer },
            { ...span, id: 'b', parentId: 'a', service: `${service}x`, kind: 'server' },
            { ...span, id: 'c', parentId: 'b', service: `${peer}y`, kind: 'server', flags: ['UT'] },
          ]);
          const sentence = said(trace, null, usual(slower(trace, 0.1), null));
          expect(sentence.length).toBeLessThanOrEqual(200);
          expect(sentence).not.toMatch(/[\r\n]/);
        },
      ),
    );
  });
});
