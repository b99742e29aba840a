import { describe, expect, it } from 'vitest';
import { labelsOf } from '../../../src/domain/alert.ts';
import type { EdgeEnd } from '../../../src/domain/edge.ts';
import { endsOf, scraped } from '../../../src/stages/locate/labels.ts';

const of = (labels: Readonly<Record<string, string>>) => endsOf(labelsOf(Object.entries(labels)));
const text = (end: EdgeEnd | null | undefined): string | null =>
  end ? `${end.namespace ?? '?'}/${end.service ?? '-'}/${end.workload ?? '-'}` : null;

const caller = { source_workload: 'checkout', source_workload_namespace: 'shop' };

describe('the callee in Istio labels', () => {
  it.each([
    ['a service', { destination_service_name: 'payments', destination_service_namespace: 'shop' }, 'shop/payments/-'],
    ['a host of the cluster', { destination_service: 'payments.shop.svc.cluster.local' }, 'shop/payments/-'],
    ['another cluster domain', { destination_service: 'payments.shop.svc.k8s.corp.example' }, 'shop/payments/-'],
    ['a host with a port', { destination_service: 'payments.shop.svc.cluster.local:8080' }, 'shop/payments/-'],
    ['a short host with a port', { destination_service: 'payments.shop.svc:8080' }, 'shop/payments/-'],
    ['a host that ends with a dot', { destination_service: 'payments.shop.svc.cluster.local.' }, 'shop/payments/-'],
    [
      'a ServiceEntry',
      { destination_service: 'api.stripe.com', destination_service_name: 'api.stripe.com' },
      '?/api.stripe.com/-',
    ],
    ['a ServiceEntry with a port', { destination_service: 'api.stripe.com:443' }, '?/api.stripe.com/-'],
    ['a wildcard ServiceEntry', { destination_service_name: '*.stripe.com' }, '?/*.stripe.com/-'],
    [
      'no workload behind it',
      { destination_service_name: 'payments', destination_service_namespace: 'shop', destination_workload: 'unknown' },
      'shop/payments/-',
    ],
    ['a workload alone', { destination_workload: 'payments-v2', destination_workload_namespace: 'shop' }, 'shop/-/payments-v2'],
    ['a way out without a name', { destination_service_name: 'PassthroughCluster' }, '?/PassthroughCluster/-'],
    ['a way out that is closed', { destination_service_name: 'BlackHoleCluster' }, '?/BlackHoleCluster/-'],
    [
      'a workload reached by no service of its own',
      {
        destination_service_name: 'InboundPassthroughCluster',
        destination_service: 'InboundPassthroughCluster',
        destination_workload: 'payments-v1',
        destination_workload_namespace: 'shop',
        destination_canonical_service: 'payments',
      },
      'shop/-/payments-v1',
    ],
    ['a canonical service', { destination_canonical_service: 'payments' }, '?/payments/-'],
    ['nothing that is known', { destination_service: 'unknown', destination_workload: 'unknown' }, null],
  ])('%s', (_what, labels, wanted) => {
    expect(text(of({ ...caller, ...labels })?.destination)).toBe(wanted);
  });
});

describe('the caller in Istio labels', () => {
  const callee = { destination_service_name: 'payments', destination_service_namespace: 'shop' };
  it('tells a caller outside the mesh from a caller that the labels do not speak of', () => {
    expect(of({ ...callee, source_workload: 'unknown' })).toMatchObject({ source: null, isUnmeshed: true });
    expect(of(callee)).toMatchObject({ source: null, isUnmeshed: false });
  });
  it('knows names that may differ from those of the series', () => {
    expect(of({ ...callee, ...caller })?.isExact).toBe(true);
    expect(of({ ...callee, source_canonical_service: 'checkout' })?.isExact).toBe(false);
    expect(of({ ...caller, destination_canonical_service: 'payments' })?.isExact).toBe(false);
  });
});

describe("Envoy's clusters", () => {
  const proxy = { pod: 'checkout-6d5f7c9b4-abcde', namespace: 'shop' };
  it.each([
    ['Istio', 'outbound|8080||payments.shop.svc.cluster.local', 'shop/-/checkout', 'shop/payments/-'],
    [
      'a subset, as Istio 1.27 ends it',
      'outbound|8080|v1|payments.shop.svc.cluster.local;',
      'shop/-/checkout',
      'shop/payments/-',
    ],
    ['the spelling of server names', 'outbound_.8080_._.payments.shop.svc.cluster.local', 'shop/-/checkout', 'shop/payments/-'],
    ['a host outside', 'outbound|443||api.stripe.com', 'shop/-/checkout', '?/api.stripe.com/-'],
    ['Kuma', 'payments_shop_svc_8080', 'shop/-/checkout', 'shop/payments/-'],
    ['any word', 'mw-api-int_cluster', 'shop/-/checkout', '?/mw-api-int_cluster/-'],
    ['inbound: the proxy is the callee, nobody says who calls', 'inbound|8080||', null, 'shop/-/checkout'],
    ['inbound by no service', 'InboundPassthroughClusterIpv4', null, 'shop/-/checkout'],
  ])('%s', (_what, name, source, destination) => {
    const ends = of({ ...proxy, envoy_cluster_name: name });
    expect([text(ends?.source), text(ends?.destination)]).toEqual([source, destination]);
  });

  it('believes cluster_name only in Istio’s spelling: elsewhere it is the name of a Kubernetes cluster', () => {
    expect(of({ ...proxy, cluster_name: 'prod-eu-1' })).toBeNull();
    expect(text(of({ ...proxy, cluster_name: 'outbound|80||payments.shop.svc.cluster.local' })?.destination)).toBe(
      'shop/payments/-',
    );
  });

  it.each([
    ['checkout-6d5f7c9b4-abcde', 'checkout'],
    ['checkout-v2-6d5f7c9b4-x2x4z', 'checkout-v2'],
    ['db-0', 'db'],
    ['ztunnel-x7k2p', 'ztunnel'],
    ['bare', 'bare'],
  ])('the workload of pod %s is %s', (pod, workload) => {
    expect(scraped(labelsOf([['pod', pod]]))?.workload).toBe(workload);
  });
});

describe("Linkerd's labels", () => {
  const own = { deployment: 'checkout', namespace: 'shop' };
  it.each([
    [
      'outbound',
      { direction: 'outbound', dst_deployment: 'payments', dst_namespace: 'pay' },
      'shop/-/checkout',
      'pay/payments/payments',
    ],
    ['outbound to a service', { dst_service: 'pay', dst_deployment: 'payments' }, 'shop/-/checkout', '?/pay/payments'],
    [
      'inbound with an identity',
      { direction: 'inbound', client_id: 'web.front.serviceaccount.identity.linkerd.x' },
      'front/-/web',
      'shop/-/checkout',
    ],
    ['inbound without mutual TLS', { direction: 'inbound' }, null, 'shop/-/checkout'],
    ['an identity of another kind', { direction: 'inbound', client_id: 'spiffe://x/y.z' }, null, 'shop/-/checkout'],
  ])('%s', (_what, labels, source, destination) => {
    const ends = of({ ...own, ...labels });
    expect([text(ends?.source), text(ends?.destination)]).toEqual([source, destination]);
  });
  it('a deployment without a direction is neither end', () => {
    expect(of(own)).toBeNull();
  });
});
