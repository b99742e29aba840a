import { describe, expect, it } from 'vitest';
import { isEntrance } from '../../../src/domain/entrance.ts';
import { got } from '../../../src/domain/gathered.ts';
import { readingWith, saidOf } from '../../support/edges.ts';
import { edgeNamed } from '../../support/report.ts';
import { diagnosed, readingAt } from './flags.ts';

const from = (workload: string, namespace: string | null = 'shop') => ({
  ...edgeNamed(),
  source: { namespace, workload, service: null },
});

describe('a proxy at the entrance of the mesh', () => {
  it.each([
    ['istio-ingressgateway', 'istio-system'],
    ['istio-ingressgateway', null],
    ['istio-ingress', 'istio-ingress'],
    ['ingress-nginx-controller', 'web'],
    ['shop-gateway-istio', 'shop'],
    ['public-gateway', 'istio-ingress'],
  ])('is %s in %s', (workload, namespace) => {
    expect(isEntrance(from(workload, namespace))).toBe(true);
  });

  it.each([
    ['payment-gateway', 'shop'],
    ['payment-gateway', null],
    ['api-gateway-v2', 'shop'],
    ['data-ingress-worker', 'shop'],
    ['istio-egressgateway', 'istio-system'],
    ['waypoint', 'shop'],
    ['istiod', 'istio-system'],
  ])('is not %s in %s', (workload, namespace) => {
    expect(isEntrance(from(workload, namespace))).toBe(false);
  });
});

describe('who feels it', () => {
  const failing = { now: [[2000], [1000, '500']] } as const;
  const impact = (workload: string, namespace: string) =>
    saidOf([readingWith(from(workload, namespace), { caller: failing, callee: failing })]).impact;

  it('are the users where the caller stands at the entrance, which cannot be told of a payment gateway', () => {
    expect(impact('istio-ingressgateway', 'istio-system')?.ingressAffected).toBe(true);
    expect(impact('payment-gateway', 'shop')?.ingressAffected).toBeNull();
  });

  it('are the users of an edge at the entrance that was never seen before', () => {
    const edge = from('istio-ingressgateway', 'istio-system');
    const reading = readingAt(edge, { caller: '503 -', callee: 'none', share: 1, isNew: true });
    expect(saidOf([reading]).impact?.ingressAffected).toBe(true);
  });

  it('is never the client of a payment gateway that leaves: its own application may', () => {
    expect(diagnosed({ caller: '0 DC', callee: '0 DC' }).verdict?.sentence).not.toMatch(/clients of/);
    const left = { now: [[2000], [1000, '0', 'DC']] } as const;
    const words = (workload: string, namespace: string) =>
      saidOf([readingWith(from(workload, namespace), { caller: left, callee: left })]).verdict?.sentence;
    expect(words('payment-gateway', 'shop')).toMatch(/^payment-gateway leaves/);
    expect(words('istio-ingressgateway', 'istio-system')).toMatch(/^The clients of istio-ingressgateway leave/);
  });
});

describe('what is wrong with the requests that arrive at the entrance', () => {
  const said = (workload: string, namespace: string, code: string, flags: string) => {
    const hit = { now: [[2000], [1000, code, flags]] } as const;
    const reading = readingWith(from(workload, namespace), { caller: hit, callee: { now: [[2000]], usual: 3000 } });
    return saidOf([reading]).verdict;
  };

  it.each([
    ['408', 'SI', 'duration-limit', /^The clients of istio-ingressgateway stall while they send: its idle limit ends 33 %/],
    ['400', 'DPE', 'protocol-error', /^The clients of istio-ingressgateway send what is no valid HTTP: it refused/],
    ['400', 'IH', 'bad-request-header', /^The clients of istio-ingressgateway send x-envoy headers/],
  ])('is laid on the clients outside, not on the gateway: %s %s', (code, flags, rule, words) => {
    const verdict = said('istio-ingressgateway', 'istio-system', code, flags);
    expect([verdict?.rule, verdict?.side]).toEqual([rule, 'caller']);
    expect(verdict?.sentence).toMatch(words);
    expect(verdict?.firstCheck.sentence).not.toMatch(/rollout/);
  });

  it('is so too where only a counter of the proxy tells that a request came too slowly', () => {
    const hit = { now: [[2000], [1000, '408', '-']], usual: 3000 } as const;
    const edge = from('istio-ingressgateway', 'istio-system');
    const counter = { name: 'http_downstream_rq_timeout', side: 'caller' as const, now: 1000, before: 0 };
    const { verdict } = saidOf([readingWith(edge, { caller: hit, callee: { now: [[2000]], usual: 3000 } })], {
      proxyCounters: got([counter]),
    });
    expect(verdict?.rule).toBe('proxy-answered');
    expect(verdict?.sentence).toContain('the clients of istio-ingressgateway do not send the whole request in time');
  });

  it('is laid on the application inside, whose proxy it is', () => {
    expect(said('checkout', 'shop', '400', 'DPE')?.sentence).toMatch(/^checkout sends what is no valid HTTP: its proxy refused/);
  });
});
