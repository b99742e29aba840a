import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HttpSource, httpSource } from '../../../src/adapters/http/client.ts';
import { zipkin } from '../../../src/adapters/zipkin/trace-source.ts';
import { serveTraces, type TraceServer } from '../../../src/demo/traces/server.ts';
import type { Edge } from '../../../src/domain/edge.ts';
import { traceSentence } from '../../../src/domain/trace-sentence.ts';
import type { TraceHits } from '../../../src/ports.ts';
import { analyse } from '../../../src/stages/follow/analyse.ts';
import { orderTrace } from '../../../src/stages/follow/order.ts';
import { shopWith, startMs } from './shop.ts';

/** Each scenario at the edge that breaks, as the shipped rules' labels name it, with what its worst trace must say. */
const cases: readonly (readonly [scenario: string, caller: string, callee: string, isFailed: boolean, says: RegExp])[] = [
  ['connection-refused', 'shop/checkout', 'shop/payments', true, /could not connect to the callee/],
  ['app-errors', 'shop/checkout', 'shop/inventory', true, /It began in inventory, POST \/reservations: answered 500/],
  ['bad-version', 'shop/checkout', 'shop/payments', true, /It began in payments, POST \/charges: answered 500/],
  ['slow-dependency', 'shop/payments', 'finance/bank', false, /is bank's own time/],
  ['slow-dependency', 'shop/frontend', 'shop/checkout', false, /is bank's own time/],
  ['slow-callee', 'shop/frontend', 'shop/search', false, /is search's own time/],
  [
    'timeout',
    'shop/inventory',
    'logistics/warehouse',
    true,
    /It began at inventory's call to warehouse: the callee did not answer within the timeout/,
  ],
  ['no-endpoints', 'shop/checkout', 'shop/shipping', true, /no healthy endpoint to send to/],
  ['circuit-breaker', 'shop/frontend', 'shop/catalog', true, /frontend's call to catalog/],
  ['tls-mismatch', 'shop/payments', 'finance/fraud', true, /the callee closed the connection/],
  ['app-down', 'shop/checkout', 'shop/currency', true, /could not connect/],
];

const partsOf = (name: string): readonly [namespace: string, name: string] => {
  const [namespace = '', own = ''] = name.split('/');
  return [namespace, own];
};

const edgeOf = (caller: string, callee: string): Edge => {
  const [[callerSpace, workload], [calleeSpace, service]] = [partsOf(caller), partsOf(callee)];
  return {
    cluster: null,
    source: { namespace: callerSpace, workload, service: null },
    destination: { namespace: calleeSpace, workload: null, service },
  };
};

describe.each(cases)('of %s the worst trace of %s → %s', (scenario, caller, callee, isFailed, says) => {
  const seconds = 180;
  const edge = edgeOf(caller, callee);
  let server: TraceServer;
  let http: HttpSource;
  let hits: TraceHits;
  beforeAll(async () => {
    server = await serveTraces(shopWith(scenario, seconds, 0.1).box);
    http = httpSource({ name: 'Zipkin', url: server.url });
    const endMs = startMs + seconds * 1000;
    hits = await zipkin(http, { nowMs: () => endMs }).search(
      { edge, window: { startMs: endMs - 120_000, endMs }, leastMicros: null, isFailed, most: 20 },
      { signal: AbortSignal.timeout(20_000) },
    );
  });
  afterAll(async () => {
    await http.close();
    await server.stop();
  });

  it('is found through the bot’s own reader of Zipkin, and says what broke', () => {
    const [worst] = hits.traces;
    if (worst === undefined) throw new Error(`none of ${hits.seen}`);
    const trace = orderTrace(worst);
    const analysis = analyse(trace, edge, []);
    if (analysis === null) throw new Error('it does not hold the edge');
    expect(traceSentence(trace, analysis, edge)).toMatch(says);
  });
});
