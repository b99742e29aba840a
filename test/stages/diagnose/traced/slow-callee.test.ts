import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Evidence } from '../../../../src/domain/evidence.ts';
import type { EdgeReading } from '../../../../src/domain/signals.ts';
import { diagnose } from '../../../../src/stages/diagnose/index.ts';
import { readingWith, type Side, saidOf } from '../../../support/edges.ts';
import { edgeNamed } from '../../../support/report.ts';
import { traceOf } from '../../../support/traces.ts';
import { drawnSlowly, tracingOf } from '../../../support/worst-trace.ts';

const slowSide: Side = { now: [[3000]], usual: 3000, mean: 0.9, usualMean: 0.02 };
const slow: EdgeReading = readingWith(edgeNamed(), { caller: slowSide, callee: slowSide });
const well: Side = { now: [[3000]], usual: 3000 };
const lost: EdgeReading = readingWith(edgeNamed(), { caller: slowSide, callee: well });
const unseen: EdgeReading = readingWith(edgeNamed(), { caller: slowSide });
const healthyBelow: EdgeReading = readingWith(edgeNamed('payments-v1', 'ratings'), { caller: well, callee: well });

type Tracing = ReturnType<typeof tracingOf>;
const said = (tracing: Tracing | undefined, readings: readonly EdgeReading[] = [slow]) =>
  saidOf(readings, tracing === undefined ? {} : { tracing }).verdict;
/** What the trace alone brings: lines that are not said without it. */
const added = (tracing: Tracing, readings: readonly EdgeReading[] = [slow]): readonly string[] => {
  const before = new Set(said(undefined, readings)?.evidence);
  return said(tracing, readings)?.evidence.filter((line) => !before.has(line)) ?? [];
};
/** Everything but the lines of evidence, and which of them tells the trace. */
const whatElse = (tracing: Tracing | undefined, readings: readonly EdgeReading[] = [slow]) => ({
  ...said(tracing, readings),
  evidence: null,
  traced: null,
});

const toDatabase = `
  checkout.shop {client, peer=payments.shop, component=proxy}           [==================]
    payments.shop {server, component=proxy, operation=POST /pay}          [================]
      payments.shop#q {client, peer=postgresql, operation=SELECT orders}   [==============]`;
const toRatings = `
  checkout.shop {client, peer=payments.shop, component=proxy}                       [==================]
    payments.shop {server, component=proxy, operation=POST /pay}                     [================]
      payments.shop#c {client, peer=ratings.shop, component=proxy}                    [==============]
        ratings.shop {server, component=proxy, operation=GET /ratings/0}               [============]`;
const ratings = (millis: number) => {
  const trace = drawnSlowly(toRatings, millis);
  const node = { node_id: 'sidecar~10.0.0.1~ratings-v2-5b6c7d8f9-x2k4d.shop~shop.svc.cluster.local' };
  return {
    ...trace,
    spans: trace.spans.map((span) =>
      span.service === 'ratings.shop' ? { ...span, attributes: { ...span.attributes, ...node } } : span,
    ),
  };
};
const itself = `
  checkout.shop {client, peer=payments.shop, component=proxy}           [==================]
    payments.shop {server, component=proxy, operation=POST /pay}          [================]`;

describe('a slow callee whose slowest traced request waits for somebody whom no metric counts', () => {
  it('is told by whom it waits for: a data store, which has no spans', () => {
    expect(said(tracingOf(drawnSlowly(toDatabase, 210)))).toMatchObject({
      rule: 'slow-callee',
      side: "callee's dependency",
      sentence: 'payments waits for postgresql, as the slowest traced request shows: mean 900 ms (usually 20 ms)',
      firstCheck: { object: 'postgresql', command: null },
    });
    expect(added(tracingOf(drawnSlowly(toDatabase, 210)))).toEqual([
      'the slowest traced request spent 3.36 s of 4.2 s waiting for postgresql, SELECT orders',
    ]);
  });

  it('says what is usual, where normal traces tell', () => {
    const usual = drawnSlowly(toDatabase, 2);
    expect(added(tracingOf(drawnSlowly(toDatabase, 210), { usual }))).toEqual([
      'the slowest traced request spent 3.36 s (usually 32 ms) of 4.2 s waiting for postgresql, SELECT orders',
    ]);
  });

  it('is slow by normal traces of its own, though others of the edge take longer', () => {
    const usual = drawnSlowly(toDatabase, 0.1);
    expect(added(tracingOf(drawnSlowly(toDatabase, 1.5), { usual }))).toEqual([
      'the slowest traced request spent 24 ms (usually 1.6 ms) of 30 ms waiting for postgresql, SELECT orders',
    ]);
  });

  it('is told by a service without metrics, with the pods that its proxy names', () => {
    const tracing = tracingOf(ratings(210));
    expect(said(tracing)).toMatchObject({
      side: "callee's dependency",
      sentence: 'payments waits for ratings, as the slowest traced request shows: mean 900 ms (usually 20 ms)',
      firstCheck: {
        object: 'Deployment shop/ratings-v2',
        command: 'kubectl -n shop top pods --containers | grep -e NAME -e ^ratings-v2-',
      },
    });
    expect(added(tracing)).toEqual(['the slowest traced request spent 2.94 s of 4.2 s in ratings, GET /ratings/0']);
  });

  it('is told by a service of the mesh that answers without spans, in a namespace that metrics know', () => {
    const peer = toDatabase.replace('peer=postgresql', 'peer=ratings.shop');
    expect(said(tracingOf(drawnSlowly(peer, 210)))?.firstCheck).toMatchObject({
      object: 'Service shop/ratings',
      command: 'kubectl -n shop top pods --containers',
    });
    const outside = toDatabase.replace('peer=postgresql', 'peer=orders.internal');
    expect(said(tracingOf(drawnSlowly(outside, 210)))?.firstCheck).toMatchObject({ object: 'orders.internal', command: null });
  });

  it('keeps the word that metrics give: one request raises none, and proves nothing of the others', () => {
    const { confidence } = said(tracingOf(drawnSlowly(toDatabase, 210))) ?? {};
    expect(confidence).toBe(said(undefined)?.confidence);
    const recorded = JSON.parse(readFileSync('test/scenarios/slow-callee/evidence.json', 'utf8')) as Evidence;
    const [edge] = recorded.path;
    const drawing = toDatabase.replaceAll('checkout.shop', 'frontend').replaceAll('payments.shop', 'search');
    const tracing = tracingOf(drawnSlowly(drawing, 450), edge === undefined ? {} : { edge });
    expect(diagnose(recorded).verdict).toMatchObject({ side: 'callee application', confidence: 'clear' });
    expect(diagnose({ ...recorded, tracing }).verdict).toMatchObject({ side: "callee's dependency", confidence: 'likely' });
  });

  it.each([
    ['it is no more than always, by normal traces', { usual: drawnSlowly(toDatabase, 150) }, 210],
    ['some of its spans may still come', { mayBeIncomplete: true }, 210],
    ['it is far slower than what is slow now', {}, 2000],
  ])('is not laid on them where %s', (_, more, millis) => {
    const tracing = tracingOf(drawnSlowly(toDatabase, millis), more);
    expect(added(tracing).length).toBe(1);
    expect(whatElse(tracing)).toEqual(whatElse(undefined));
  });

  it('is not laid on them where the whole edge usually takes as long', () => {
    const side: Side = { now: [[3000]], usual: 3000, mean: 9, usualMean: 2 };
    const slower = readingWith(edgeNamed(), { caller: side, callee: side });
    const tracing = tracingOf(drawnSlowly(toDatabase, 245));
    expect(added(tracing, [slower])).toEqual([
      'the slowest traced request spent 3.92 s of 4.9 s waiting for postgresql, SELECT orders',
    ]);
    expect(whatElse(tracing, [slower])).toEqual(whatElse(undefined, [slower]));
  });

  it('is not laid on them where most of the request is spent elsewhere, as ever', () => {
    const mixed = (load: number, select: number) =>
      traceOf([
        { id: 'a', service: 'checkout', kind: 'client', peer: 'payments', startMicros: 0, durationMicros: load + select },
        { id: 'b', parentId: 'a', service: 'payments', kind: 'server', startMicros: 0, durationMicros: load + select },
        {
          ...{ id: 'c', parentId: 'b', service: 'payments', kind: 'client', peer: 'mysql', operation: 'SELECT' },
          ...{ startMicros: load, durationMicros: select },
        },
      ]);
    const tracing = tracingOf(mixed(2_000_000, 1_000_000), { usual: mixed(2_000_000, 10_000) });
    expect(added(tracing)).toEqual(['the slowest traced request spent 1 s (usually 10 ms) of 3 s waiting for mysql, SELECT']);
    expect(whatElse(tracing)).toEqual(whatElse(undefined));
  });

  it('counts connections to a store, which time nothing: the trace alone tells', () => {
    const side: Side = { now: [[3000, '']], usual: 3000, protocol: 'tcp' };
    const connections = readingWith(edgeNamed('payments-v1', 'postgresql'), { caller: side, callee: side });
    expect(said(tracingOf(drawnSlowly(toDatabase, 210)), [slow, connections])?.side).toBe("callee's dependency");
  });

  it('is found behind a waypoint, which tells both ends', () => {
    const ends = { 'istio.destination_workload': 'payments-v1', 'istio.destination_namespace': 'shop' };
    const ambient = drawnSlowly(
      `
      checkout {client, peer=payments.shop}                          [==================]
        waypoint {server, component=proxy, operation=POST /pay}       [================]
          ledger {server, operation=POST /ledger}                      [==============]`,
      210,
    );
    const spans = ambient.spans.map((span) => (span.service === 'waypoint' ? { ...span, attributes: ends } : span));
    const tracing = tracingOf({ ...ambient, spans });
    expect(said(tracing)?.sentence).toMatch(/^payments waits for ledger, as the slowest/);
  });

  it('is not found above the call: who calls back is no dependency of itself', () => {
    const back = `
      payments.shop {server, operation=POST /pay}                  [====================]
        payments.shop#c {client, peer=checkout.shop}                [==================]
          checkout.shop {server, operation=POST /cart}               [================]
            checkout.shop#c {client, peer=payments.shop}               [==============]`;
    expect(said(tracingOf(drawnSlowly(back, 210)))).toEqual(said(undefined));
  });

  it('is not laid on whom nothing names', () => {
    const tracing = tracingOf(drawnSlowly(toDatabase.replace('peer=postgresql,', ' '.repeat(16)), 210));
    expect(added(tracing)).toEqual([
      'the slowest traced request spent 3.36 s of 4.2 s waiting for somebody without spans, SELECT orders',
    ]);
    expect(whatElse(tracing)).toEqual(whatElse(undefined));
  });
});

describe('a slow callee whose slowest traced request', () => {
  it('agrees: the time is its own', () => {
    const tracing = tracingOf(drawnSlowly(itself, 210));
    expect(added(tracing)).toEqual(['the slowest traced request says so too: 90 % of its time']);
    expect(whatElse(tracing)).toEqual(whatElse(undefined));
  });

  it('may hide its calls, since it does not hand trace headers on', () => {
    const told = {
      verdict: 'drops',
      doubt: null,
      inbound: 60,
      outbound: 60,
      both: 2,
      halves: 0,
      broken: [],
      headers: [],
    } as const;
    const tracing = tracingOf(drawnSlowly(itself, 210), { propagation: [{ service: 'payments', told }] });
    expect(added(tracing)).toEqual([
      'the slowest traced request spent 3.78 s of 4.2 s in payments, POST /pay, or in what it calls without handing trace headers on',
    ]);
  });

  it('says something else than metrics, which count the calls below and find them well: both are said', () => {
    const readings = [slow, healthyBelow];
    const tracing = tracingOf(ratings(210));
    expect(added(tracing, readings)).toEqual([
      'the slowest traced request differs: it spent 2.94 s of 4.2 s in ratings, GET /ratings/0, which metrics of payments-v1 → ratings do not show',
    ]);
    expect(said(tracing, readings)?.evidence).toContain('none of the calls that payments makes is slower in step');
    expect(whatElse(tracing, readings)).toEqual(whatElse(undefined, readings));
  });

  it.each([
    ['is no slower than what is usual of the edge', tracingOf(drawnSlowly(toDatabase, 1))],
    ['is no slower than normal traces', tracingOf(drawnSlowly(toDatabase, 210), { usual: drawnSlowly(toDatabase, 205) })],
    ['never reached a span of the callee', tracingOf(drawnSlowly('checkout.shop {client, peer=payments.shop} [======]', 700))],
    ['was not found', tracingOf(null)],
  ])('%s adds nothing', (_, tracing) => {
    expect(said(tracing)).toEqual(said(undefined));
  });

  it('has its time spread over several adds nothing', () => {
    const spread = `
      checkout.shop {client, peer=payments.shop}         [==================]
        payments.shop {server, operation=POST /pay}       [================]
          payments.shop#a {client, peer=mysql}             [====]
          payments.shop#b {client, peer=redis}                   [====]
          payments.shop#c {client, peer=kafka}                         [===]`;
    expect(said(tracingOf(drawnSlowly(spread, 210)))).toEqual(said(undefined));
  });

  it('takes one of the three lines', () => {
    expect(said(tracingOf(ratings(210)))?.evidence.length).toBeLessThanOrEqual(3);
  });
});

describe('time between the spans of caller and callee', () => {
  const late = `
    checkout.shop {client, peer=payments.shop, component=proxy}           [==================]
      payments.shop {server, component=proxy, operation=POST /pay}                     [=====]`;
  const queued = late.replace('{server, component=proxy,', '{server,');

  it('agrees with metrics that time nothing at the callee', () => {
    const tracing = tracingOf(drawnSlowly(late, 210));
    expect(said(undefined, [lost])?.side).toBe('network/TLS');
    expect(added(tracing, [lost])).toEqual([
      'the slowest traced request spent 2.73 s of 4.2 s on the way from checkout to payments (network, proxies, queues)',
    ]);
    expect(whatElse(tracing, [lost])).toEqual(whatElse(undefined, [lost]));
  });

  it('is the network where nobody else times the callee', () => {
    expect(said(undefined, [unseen])?.side).toBe('callee application');
    expect(said(tracingOf(drawnSlowly(late, 210)), [unseen])).toMatchObject({
      side: 'network/TLS',
      sentence: 'Time is lost between checkout and payments, as the slowest traced request shows: mean 900 ms (usually 20 ms)',
      firstCheck: { object: 'Deployment shop/checkout' },
    });
  });

  it("is before the application where the callee's own proxy times it slow too, and the application's span begins late", () => {
    expect(said(tracingOf(drawnSlowly(queued, 210)))).toMatchObject({
      side: "callee's proxy",
      sentence:
        'Requests wait at payments before it takes them, as the slowest traced request shows: mean 900 ms (usually 20 ms)',
      firstCheck: { object: 'Deployment shop/payments-v1' },
    });
  });

  it("is not laid on the network where the callee's own proxy had the request as long by metrics: both are said", () => {
    const tracing = tracingOf(drawnSlowly(late, 210));
    expect(added(tracing)).toEqual([
      'the slowest traced request differs: it spent 2.73 s of 4.2 s on the way from checkout to payments (network, proxies, queues)',
    ]);
    expect(whatElse(tracing)).toEqual(whatElse(undefined));
  });

  it('is told apart from the own time of a callee that metrics find as fast as usual', () => {
    const tracing = tracingOf(drawnSlowly(itself, 210));
    expect(added(tracing, [lost])).toEqual([
      'the slowest traced request differs: it spent 3.78 s of 4.2 s in payments, POST /pay',
    ]);
    expect(whatElse(tracing, [lost])).toEqual(whatElse(undefined, [lost]));
  });

  it("is the caller's own where it is between its application and its proxy", () => {
    const own = `
      checkout.shop {client, peer=payments.shop, operation=pay}                 [==================]
        checkout.shop#p {client, peer=payments.shop, component=proxy}                       [======]
          payments.shop {server, component=proxy, operation=POST /pay}                       [=====]`;
    expect(added(tracingOf(drawnSlowly(own, 210)))).toEqual([
      'the slowest traced request differs: it spent 2.52 s of 4.2 s between checkout and its own proxy',
    ]);
  });
});
