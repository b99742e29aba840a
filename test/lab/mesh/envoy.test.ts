import { describe, expect, it } from 'vitest';
import { bootstrap } from './envoy/bootstrap.ts';
import type { JsonObject } from './envoy/json.ts';
import { listenersOf, type Tracer } from './envoy/listeners.ts';
import { outboundRoutes } from './envoy/routes.ts';
import { healthyProxy } from './proxy.ts';
import { podsOf } from './topology.ts';

const podOf = (service: string) => {
  const pod = podsOf(0).find((one) => one.service === service);
  if (pod === undefined) throw new Error(`there is no ${service}`);
  return pod;
};

/** What is said of tracing in every listener of a pod's proxy that carries HTTP. */
const tracingOf = (service: string, tracer: Tracer): readonly JsonObject[] => {
  const found: JsonObject[] = [];
  const look = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if ('tracing' in value) found.push(value.tracing as JsonObject);
    for (const inner of Object.values(value)) look(inner);
  };
  const pod = podOf(service);
  look(listenersOf(pod, healthyProxy(0, pod), { index: 0, logFile: '/tmp/log', certificates: '/tmp/certificates', tracer }));
  return found;
};

describe('spans of the lab’s proxies', () => {
  it.each(['opentelemetry', 'zipkin'] as const)('bear by %s what Istio adds to them, on both sides of a proxy', (tracer) => {
    const all = tracingOf('checkout', tracer);
    // Outbound, and inbound with TLS and without.
    expect(all).toHaveLength(3);
    for (const { provider, custom_tags: tags } of all) {
      expect(provider).toMatchObject({ name: `envoy.tracers.${tracer}` });
      expect(tags).toEqual([
        { tag: 'istio.canonical_revision', literal: { value: 'v1' } },
        { tag: 'istio.canonical_service', literal: { value: 'checkout' } },
        { tag: 'istio.mesh_id', literal: { value: 'cluster.local' } },
        { tag: 'istio.namespace', literal: { value: 'shop' } },
      ]);
    }
  });

  it('are of services named as Istio names them, whichever tracer tells them', () => {
    expect(bootstrap(podOf('bank'), 0, 9000, '/tmp/pressure')['node']).toMatchObject({ cluster: 'bank.finance' });
    for (const { provider } of tracingOf('bank', 'opentelemetry'))
      expect(provider).toMatchObject({ typed_config: { service_name: 'bank.finance' } });
  });

  it('are a router’s at the entrance, and a sidecar’s everywhere else', () => {
    const idOf = (service: string) => (bootstrap(podOf(service), 0, 9000, '/tmp/pressure')['node'] as { readonly id: string }).id;
    expect(idOf('istio-ingressgateway')).toMatch(/^router~127\.40\.0\.10~istio-ingressgateway-\S+\.istio-system~istio-system\./);
    expect(idOf('checkout')).toMatch(/^sidecar~127\.40\.0\.12~checkout-\S+\.shop~shop\.svc\.cluster\.local$/);
  });

  it('are called after the host that is asked', () => {
    const pod = podOf('checkout');
    const { virtual_hosts: hosts } = outboundRoutes(healthyProxy(0, pod), pod.name);
    const operations = (hosts as readonly { readonly routes: readonly { readonly decorator: JsonObject }[] }[]).flatMap(
      ({ routes }) => routes.map(({ decorator }) => decorator['operation']),
    );
    expect(operations).toEqual(['payments.shop.svc.cluster.local:8080/*', 'inventory.shop.svc.cluster.local:9090/*']);
  });
});
