import { describe, expect, it } from 'vitest';
import { heldBy, isWanted, longestFirst } from '../../../src/adapters/traces/held.ts';
import { nobody } from '../../../src/domain/edge.ts';
import type { ReceivedSpan, ReceivedTrace } from '../../../src/domain/trace.ts';

const startMs = 1_795_504_500_000;
const window = { startMs, endMs: startMs + 60_000 };
const edge = {
  cluster: null,
  source: { ...nobody, namespace: 'shop', workload: 'web' },
  destination: { ...nobody, namespace: 'shop', service: 'cart' },
};

type Given = Partial<ReceivedSpan> & { readonly afterMs?: number };
let next = 1;
const traceOf = (...spans: readonly Given[]): ReceivedTrace => {
  const id = (next++).toString(16).padStart(32, '0');
  return {
    id,
    malformed: 0,
    isTruncated: false,
    spans: spans.map(({ afterMs = 0, ...given }, place) => ({
      ...{ traceId: id, id: place.toString(16).padStart(16, '0'), parentId: null, isShared: false, isAsync: false },
      ...{ service: 'web', operation: 'GET /', kind: 'client', durationMicros: 1000, isError: false, attributes: {} },
      startMicros: (startMs + afterMs) * 1000,
      ...given,
    })),
  };
};
const held = (...spans: readonly Given[]) => heldBy(traceOf(...spans), edge, window);
const toCart = { attributes: { 'upstream_cluster.name': 'outbound|80|v1|cart.shop.svc.cluster.local' } };
const wanted = { leastMicros: null, isFailed: false };

describe('what a trace holds of an edge', () => {
  it('is the call as its caller saw it, else as its callee did', () => {
    const answered = { service: 'cart.shop', kind: 'server', durationMicros: 6_000_000 } as const;
    expect(held({ ...toCart, durationMicros: 1_000_000 }, answered)).toMatchObject({
      callMicros: 1_000_000,
      endMicros: 6_000_000,
    });
    expect(held({ durationMicros: 1_000_000 }, answered)).toMatchObject({ callMicros: 6_000_000 });
    expect(held({ durationMicros: 1_000_000 })).toMatchObject({ callMicros: null, endMicros: 1_000_000 });
  });

  it('is nothing of the same names in another namespace', () => {
    expect(held({ service: 'web.bank' }, { service: 'cart.bank', kind: 'server' })).toMatchObject({
      endMicros: null,
      isInWindow: true,
    });
  });

  it('tells by which words the callee can be looked for', () => {
    expect(
      held({ attributes: { 'peer.service': 'Cart', 'upstream_cluster.name': 'outbound|80||stock.shop.svc.cluster.local' } })
        .callees,
    ).toEqual([]);
    expect(held({ attributes: { 'peer.service': 'cart', 'server.address': '10.0.0.1' } }).callees).toEqual([
      { key: 'peer.service', value: 'cart' },
    ]);
    expect(held(toCart).callees).toEqual([{ key: 'upstream_cluster.name', value: toCart.attributes['upstream_cluster.name'] }]);
  });

  it('counts only where it began in the window, whose end is outside of it', () => {
    const last = { ...toCart, startMicros: window.endMs * 1000 };
    expect(held({ ...toCart, afterMs: -1 }, last)).toMatchObject({ isInWindow: false, endMicros: null });
    expect(held({ ...toCart, startMicros: window.endMs * 1000 - 1 })).toMatchObject({ isInWindow: true, callMicros: 1000 });
    expect(held({ ...toCart, startMicros: null })).toMatchObject({ isInWindow: false, endMicros: null });
    // Of a request that began earlier, the call is what counts.
    expect(held({ afterMs: -5000, durationMicros: 9_000_000 }, toCart)).toMatchObject({ endMicros: 1000 });
  });

  it.each<[string, Given, boolean]>([
    ['by its status', { isError: true }, true],
    ['by a response that was cut, whatever its code', { attributes: { ...toCart.attributes, response_flags: 'DI,UT' } }, true],
    ['not by a client that left', { attributes: { ...toCart.attributes, response_flags: 'DC' } }, false],
    ['not by what failed elsewhere', { service: 'stock', isError: true }, false],
    ['not by another call of its caller', { attributes: { 'peer.service': 'stock' }, isError: true }, false],
    ['by its callee’s own account', { service: 'cart.shop', kind: 'server', isError: true, attributes: {} }, true],
  ])('has failed %s', (_, span, isFailed) => {
    const one = held(toCart, { ...toCart, ...span });
    expect(one.isFailed).toBe(isFailed);
    expect(isWanted(one, { ...wanted, isFailed: true })).toBe(isFailed);
  });

  it('has failed by a span of either end where no call of it can be told', () => {
    expect(held({ isError: true })).toMatchObject({ callMicros: null, isFailed: true });
  });

  it('is wanted where an end lasted long enough', () => {
    const one = held({ ...toCart, durationMicros: 500 }, { service: 'stock', kind: 'server', durationMicros: 9000 });
    expect([500, 501].map((leastMicros) => isWanted(one, { ...wanted, leastMicros }))).toEqual([true, false]);
    expect(isWanted(held({ service: 'stock' }), wanted)).toBe(false);
  });

  it('of an edge whose caller has no name is what its callee saw', () => {
    const unknown = { ...edge, source: nobody };
    expect(heldBy(traceOf({ service: 'stock' }, { service: 'cart', kind: 'server' }), unknown, window)).toMatchObject({
      callMicros: 1000,
    });
    expect(heldBy(traceOf({ service: 'stock' }), unknown, window)).toMatchObject({ endMicros: null });
  });

  it('comes before what holds no call, the longest first', () => {
    const [long, short, none] = [
      held({ ...toCart, durationMicros: 9 }),
      held({ ...toCart, durationMicros: 3 }),
      held({ durationMicros: 99 }),
    ];
    expect([none, short, long].sort(longestFirst)).toEqual([long, short, none]);
  });
});
