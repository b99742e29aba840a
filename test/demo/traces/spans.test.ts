import { describe, expect, it } from 'vitest';
import { scenarios } from '../../../src/demo/mesh/faults.ts';
import type { ZipkinSpan } from '../../../src/demo/traces/zipkin-span.ts';
import type { Edge } from '../../../src/domain/edge.ts';
import type { Trace, TraceAnalysis } from '../../../src/domain/trace.ts';
import { analyse } from '../../../src/stages/follow/analyse.ts';
import { asRead, shopWith } from './shop.ts';

const edgeOf = (caller: string, callee: string, namespace = 'shop'): Edge => ({
  cluster: null,
  source: { namespace: 'shop', workload: caller, service: null },
  destination: { namespace, workload: null, service: callee },
});

/** Analyses of all traces in which this edge is found and its call failed, or took at least so long. */
const analysed = (
  traces: readonly Trace[],
  edge: Edge,
  leastMicros: number | null,
): readonly (readonly [Trace, TraceAnalysis])[] =>
  traces.flatMap((trace) => {
    const analysis = analyse(trace, edge, []);
    const focus = analysis === null ? undefined : trace.spans[analysis.focus];
    const isWanted = leastMicros === null ? focus?.isError : (focus?.durationMicros ?? 0) >= leastMicros;
    return analysis !== null && isWanted ? [[trace, analysis] as const] : [];
  });

const originOf = ([trace, { errorOrigin }]: readonly [Trace, TraceAnalysis]) => trace.spans[errorOrigin ?? -1];

describe('a trace of the simulated mesh', () => {
  it.each(['healthy', ...scenarios.map(({ name }) => name)])('%s: is read by the bot without anything to repair', (scenario) => {
    const traces = asRead(shopWith(scenario, 30, 0.3).traces);
    expect(traces.length).toBeGreaterThan(250);
    expect(traces.flatMap(({ problems }) => problems)).toEqual([]);
  });

  it.each(['timeout', 'slow-dependency'])('%s: holds every call inside of the one that made it', (scenario) => {
    for (const spans of shopWith(scenario, 60, 0.5).traces) {
      const byId = new Map(spans.map((span) => [span.id, span]));
      const endOf = ({ timestamp = 0, duration = 0 }: ZipkinSpan): number => timestamp + duration;
      for (const span of spans) {
        const parent = byId.get(span.parentId ?? '');
        if (parent === undefined) continue;
        expect(span.timestamp).toBeGreaterThanOrEqual(parent.timestamp ?? 0);
        expect(endOf(span)).toBeLessThanOrEqual(endOf(parent));
      }
    }
  });

  it('goes from the gateway down to the bank, each call told by both proxies under one name', () => {
    const spans = shopWith('healthy', 30, 1).traces.find((one) => one.some(({ name }) => name?.startsWith('bank.finance.')));
    if (spans === undefined) throw new Error('nobody paid');
    const [root] = spans;
    expect(root).toMatchObject({ kind: 'CLIENT', localEndpoint: { serviceName: 'istio-ingressgateway.istio-system' } });
    expect(root?.traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(root?.id).toBe(root?.traceId.slice(16));
    const way: string[] = [];
    const byId = new Map(spans.map((span) => [span.id, span]));
    const bank = spans.find(({ kind, localEndpoint }) => kind === 'SERVER' && localEndpoint?.serviceName === 'bank.finance');
    for (let span = bank; span !== undefined; span = byId.get(span.parentId ?? '')) {
      way.unshift(`${span.localEndpoint?.serviceName} ${span.kind}`);
      if (span.kind === 'SERVER') expect(byId.get(span.parentId ?? '')?.name).toBe(span.name);
    }
    expect(way).toEqual([
      ...['istio-ingressgateway.istio-system CLIENT', 'frontend.shop SERVER'],
      ...['frontend.shop CLIENT', 'checkout.shop SERVER'],
      ...['checkout.shop CLIENT', 'payments.shop SERVER'],
      ...['payments.shop CLIENT', 'bank.finance SERVER'],
    ]);
  });

  it('bears what Istio’s proxies say of themselves and of the call', () => {
    const spans = shopWith('healthy', 30, 1).traces.find((one) => one.some(({ name }) => name?.startsWith('shipping.')));
    const client = spans?.find(({ kind, name }) => kind === 'CLIENT' && name?.startsWith('shipping.'));
    expect(client?.name).toBe('shipping.shop.svc.cluster.local:9090/*');
    expect(client?.tags).toMatchObject({
      component: 'proxy',
      node_id: 'sidecar~10.42.7.10~checkout-7d9f6c5b8d-x2k9q.shop~shop.svc.cluster.local',
      upstream_cluster: 'outbound|9090||shipping.shop.svc.cluster.local',
      'http.status_code': expect.stringMatching(/^\d+$/),
      'grpc.status_code': expect.stringMatching(/^\d+$/),
      response_flags: '-',
      'istio.canonical_service': 'checkout',
      'istio.namespace': 'shop',
    });
    expect(new Set(spans?.map(({ tags }) => tags?.['guid:x-request-id'])).size).toBe(1);
  });

  it('is the same for the same seed', () => {
    expect(shopWith('timeout', 10, 0.1).traces).toEqual(shopWith('timeout', 10, 0.1).traces);
  });
});

describe('the fault of a scenario in its traces', () => {
  it('shows the slow bank as the bank’s own time, two hops below the call that is slow', () => {
    const traces = asRead(shopWith('slow-dependency', 60, 0.5).traces);
    const found = analysed(traces, edgeOf('frontend', 'checkout'), 2_000_000);
    expect(found.length).toBeGreaterThan(50);
    for (const [, { culprit }] of found) expect(culprit).toMatchObject({ service: 'bank.finance', time: 'own' });
  });

  it('shows a callee without endpoints as a call with UH that nobody answers', () => {
    const { traces } = shopWith('no-endpoints', 30, 1);
    const failing = traces.flat().filter(({ tags }) => tags?.['response_flags'] === 'UH');
    expect(failing.length).toBeGreaterThan(100);
    for (const { kind, tags } of failing) {
      expect(kind).toBe('CLIENT');
      expect(tags).toMatchObject({ 'http.status_code': '503', error: 'true' });
    }
    expect(
      traces.flat().some(({ kind, localEndpoint }) => kind === 'SERVER' && localEndpoint?.serviceName === 'shipping.shop'),
    ).toBe(false);
    const origins = analysed(asRead(traces), edgeOf('frontend', 'checkout'), null).map(originOf);
    const atShipping = origins.filter((span) => span?.peer === 'shipping.shop');
    expect(atShipping.length / origins.length).toBeGreaterThan(0.95);
  });

  it('shows errors of an application where they begin, and borne above', () => {
    const found = analysed(asRead(shopWith('app-errors', 60, 1).traces), edgeOf('frontend', 'checkout'), null);
    expect(found.length).toBeGreaterThan(80);
    const atInventory = found.map(originOf).filter((span) => span?.service === 'inventory.shop' && span.kind === 'server');
    expect(atInventory.length / found.length).toBeGreaterThan(0.9);
  });

  it('shows a caller that gives up as UT of its call and DC of the one who is slow', () => {
    const spans = shopWith('timeout', 60, 1).traces.flat();
    const flagsOf = (kind: string) =>
      new Set(spans.filter((span) => span.kind === kind).map(({ tags }) => tags?.['response_flags']));
    expect(flagsOf('CLIENT')).toEqual(new Set(['-', 'UT']));
    expect(flagsOf('SERVER')).toEqual(new Set(['-', 'DC']));
  });

  it('names no cluster where the proxy found none', () => {
    const lost = shopWith('no-route', 30, 1)
      .traces.flat()
      .filter(({ tags }) => tags?.['response_flags'] === 'NC');
    expect(lost.length).toBeGreaterThan(50);
    for (const { tags } of lost) expect(tags).not.toHaveProperty('upstream_cluster');
  });
});
