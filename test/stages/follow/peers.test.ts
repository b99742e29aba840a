import { describe, expect, it } from 'vitest';
import type { SpanKind } from '../../../src/domain/trace.ts';
import { orderTrace } from '../../../src/stages/follow/order.ts';
import { span, traceOf } from './spans.ts';

const peer = (attributes: Record<string, string>, kind: SpanKind = 'client') =>
  orderTrace(traceOf(span('a', null, 0, 1, { kind, attributes }))).spans[0]?.peer;

describe('whom a client span calls', () => {
  it.each([
    ['outbound|9080||reviews.bookinfo.svc.cluster.local', 'reviews.bookinfo'],
    ['outbound|9080|v1|reviews.bookinfo.svc.cluster.local', 'reviews.bookinfo'],
    ['outbound|9080||reviews.bookinfo.svc.corp.example', 'reviews.bookinfo'],
    ['outbound_.9080_._.reviews.bookinfo.svc.cluster.local', 'reviews.bookinfo'],
    ['outbound_.9080_.v1_.reviews.bookinfo.svc.cluster.local', 'reviews.bookinfo'],
    ['outbound|443||api.example.com', 'api.example.com'],
    ['frontend', 'frontend'],
    ['inbound-vip|9080|http|reviews.bookinfo.svc.cluster.local', 'reviews.bookinfo'],
    ['inbound|9080||', null],
    ['PassthroughCluster', null],
    ['InboundPassthroughClusterIpv4', null],
    ['BlackHoleCluster', null],
    ['-', null],
  ])('is told by the cluster %s', (cluster, expected) => {
    expect(peer({ upstream_cluster: cluster })).toBe(expected);
    expect(peer({ 'upstream_cluster.name': cluster })).toBe(expected);
  });

  it('is told by whatever else it says, the surest first', () => {
    expect(peer({ 'istio.destination_canonical_service': 'reviews', 'istio.destination_namespace': 'bookinfo' })).toBe(
      'reviews.bookinfo',
    );
    expect(peer({ 'istio.destination_workload': 'reviews-v1', 'peer.service': 'x' })).toBe('reviews-v1');
    expect(peer({ 'peer.service': 'checkout', 'server.address': 'y' })).toBe('checkout');
    expect(peer({ 'server.address': 'cart.shop.svc.cluster.local:8080' })).toBe('cart.shop');
    expect(peer({ 'net.peer.name': 'cart.shop' })).toBe('cart.shop');
    expect(peer({ 'db.system': 'postgresql', 'db.name': 'orders' })).toBe('postgresql/orders');
    expect(peer({ 'db.system.name': 'redis' })).toBe('redis');
    expect(peer({ 'messaging.system': 'kafka' }, 'producer')).toBe('kafka');
    expect(peer({ upstream_cluster: 'PassthroughCluster', 'peer.service': 'stripe' })).toBe('stripe');
  });

  it('is else the host of what an application asked for, which at a proxy may be the proxy', () => {
    expect(peer({ 'http.url': 'http://cart.shop.svc.cluster.local:8080/items' })).toBe('cart.shop');
    expect(peer({ 'url.full': 'https://api.cards.example/v1', 'server.address': '10.2.3.4' })).toBe('api.cards.example');
    expect(peer({ 'http.url': 'http://10.2.3.4/' })).toBe('10.2.3.4');
    expect(peer({ 'url.full': 'http://es:9200/_search', 'db.system': 'elasticsearch' })).toBe('elasticsearch');
    expect(peer({ 'http.url': 'http://shop.example/cart', component: 'proxy' })).toBeNull();
    expect(peer({ 'http.url': '/items' })).toBeNull();
    expect(peer({ 'http.url': 'http://cart/items' }, 'internal')).toBeNull();
  });

  it('is a bare address only where nothing has a name', () => {
    expect(peer({ 'server.address': '10.2.3.4', 'db.system': 'mysql' })).toBe('mysql');
    expect(peer({ 'server.address': '10.2.3.4' })).toBe('10.2.3.4');
    expect(peer({ 'server.address': '[fd00::1]:5432' })).toBe('[fd00::1]');
    expect(peer({ 'server.address': 'localhost', 'net.peer.name': '127.0.0.1' })).toBeNull();
  });

  it('is never its own address', () => {
    expect(peer({ 'peer.address': '10.244.0.14', upstream_address: '10.244.0.9:9080' })).toBeNull();
  });

  it('is nobody for who is called, nor, by a host alone, for work inside', () => {
    expect(peer({ 'peer.service': 'web' }, 'server')).toBeNull();
    expect(peer({ 'messaging.system': 'kafka' }, 'consumer')).toBeNull();
    expect(peer({ 'server.address': 'cart.shop' }, 'internal')).toBeNull();
    expect(peer({ 'db.system': 'postgresql' }, 'internal')).toBe('postgresql');
  });
});
