import { describe, expect, it } from 'vitest';
import { type Edge, nobody } from '../../../src/domain/edge.ts';
import { focusOf } from '../../../src/stages/follow/focus.ts';
import { drawn } from '../../support/traces.ts';

/** As Istio's metrics name it: the caller by its Deployment, the callee by its service. */
const edge = (caller: string, callee: string, namespace: string | null = 'bookinfo'): Edge => ({
  cluster: null,
  source: { namespace, workload: caller, service: null },
  destination: { namespace, workload: null, service: callee },
});

const toReviews = edge('productpage-v1', 'reviews');

const found = (drawing: string, of: Edge | null = toReviews): string | null => {
  const trace = drawn(drawing);
  const place = focusOf(trace, of);
  return place === null ? null : (trace.spans[place]?.id ?? null);
};

describe('the focus of an edge', () => {
  it.each<readonly [which: string, drawing: string, id: string | null]>([
    [
      'is the call that its caller’s proxy names the callee of',
      `
      productpage.bookinfo {server}                                [==========]
        productpage.bookinfo#d {client, peer=details.bookinfo}      [==]
        productpage.bookinfo#r {client, peer=reviews.bookinfo}          [====]
          reviews.bookinfo {server}                                      [==]`,
      'productpage.bookinfo#r',
    ],
    [
      'is the call that a span of the callee answers, where no peer is told',
      `
      productpage {server}          [==========]
        productpage#d {client}       [==]
          details {server}            []
        productpage#r {client}           [====]
          reviews {server}                [==]`,
      'productpage#r',
    ],
    [
      'is the longest of its calls',
      `
      productpage {server}                       [===============]
        productpage#1 {client, peer=reviews}      [==]
        productpage#2 {client, peer=reviews}          [======]
        productpage#3 {client, peer=reviews}                  [=]`,
      'productpage#2',
    ],
    [
      'is the application’s call rather than its proxy’s, which is inside of it',
      `
      productpage {server}                                        [==========]
        productpage#app {client, peer=reviews}                     [======]
          productpage.bookinfo {client, peer=reviews.bookinfo}      [====]
            reviews.bookinfo {server}                                [==]
              reviews {server}                                       []`,
      'productpage#app',
    ],
    [
      'is found by the canonical service of a proxy whose name says nothing',
      `
      x {server}                                                                                         [=====]
        x#c {client, peer=reviews, istio.canonical_service=productpage, istio.namespace=bookinfo}         [==]`,
      'x#c',
    ],
    [
      'is found by the pod of a proxy that gives its own name',
      `
      linkerd-proxy {client, peer=reviews, node_id=sidecar~10.0.0.1~productpage-v1-545db77b95-bcdfg.bookinfo~x}  [==]`,
      'linkerd-proxy',
    ],
    [
      'is found by the Deployment of a tracer that names its program',
      `
      python-app {client, peer=reviews, k8s.deployment.name=productpage-v1, k8s.namespace.name=bookinfo}  [==]`,
      'python-app',
    ],
    [
      'is the span of a waypoint, which tells both ends',
      `
      w {server, istio.source_workload=productpage-v1, istio.destination_canonical_service=reviews}          [======]
        w#c {client, istio.source_workload=productpage-v1, istio.destination_canonical_service=reviews}       [====]
          reviews {server}                                                                                     [==]`,
      'w#c',
    ],
    [
      'is what the callee saw, where its caller sees nothing',
      `
      productpage                  [==========]
        productpage#2               [====]
          reviews {server}           [==]
      reviews#other {server}       [======]`,
      'reviews',
    ],
    [
      'is what the callee saw, where nothing tells who called',
      `
      reviews.bookinfo {server, parent=lost}  [======]
        ratings.bookinfo {client}              [==]`,
      'reviews.bookinfo',
    ],
    [
      'is not what the callee saw, where it is above its caller: the edge goes the other way',
      `
      reviews {server}                      [=========]
        reviews#c {client}                   [======]
          productpage {server}                [===]`,
      null,
    ],
    [
      'is not what the callee saw, where it names another caller',
      `
      reviews {server, peer.service=cart}  [======]`,
      null,
    ],
    [
      'is what the callee saw, where it names its caller',
      `
      cart#r {client}                             [==========]
        reviews#c {server}                         [========]
      reviews {server, peer.service=productpage}  [======]`,
      'reviews',
    ],
    [
      'is the application’s call that its waypoint answers',
      `
      productpage {client}                                          [=======]
        w {server, istio.destination_canonical_service=reviews}      [=====]
          w#c {client, istio.source_workload=productpage-v1, peer=reviews}   [===]`,
      'productpage',
    ],
    [
      'is where the service changes, of a tracer that knows no kinds',
      `
      productpage {internal}             [=============]
        productpage#call {internal}       [=========]
          reviews {internal}               [======]
            reviews#sql {internal}          [===]`,
      'reviews',
    ],
    [
      'is where the callee begins, though a later step of it lasts longer',
      `
      productpage {internal}             [=========]
        reviews {internal}                [======]
          reviews#log {internal, async}        [============]`,
      'reviews',
    ],
    [
      'is not the call of another caller',
      `
      cart {server}                     [==========]
        cart#c {client, peer=reviews}    [====]
          reviews {server}                [==]`,
      null,
    ],
    [
      'is not in another namespace',
      `
      productpage.test {server}                               [==========]
        productpage.test#c {client, peer=reviews.test}         [====]
          reviews.test {server}                                 [==]`,
      null,
    ],
    [
      'is not in another namespace that only an attribute tells',
      `
      productpage {client, peer=reviews, k8s.namespace.name=test}    [====]
        reviews {server, k8s.namespace.name=test}                     [==]`,
      null,
    ],
    [
      'is no call of a service whose name only begins alike',
      `
      productpage-api {client, peer=reviews}     [====]
      productpage {client, peer=reviews-export}  [====]`,
      null,
    ],
  ])('%s', (_, drawing, id) => expect(found(drawing)).toBe(id));

  it('to itself is not the call of its own proxy', () => {
    const drawing = `
      reviews {client, peer=ratings}       [====]
        reviews#p {client, peer=ratings}    [==]`;
    expect(found(drawing, edge('reviews', 'reviews'))).toBeNull();
  });

  it('of an unknown caller is a call of anybody', () => {
    const drawing = `
      cart {client, peer=reviews}  [====]`;
    expect(found(drawing, { ...toReviews, source: nobody })).toBe('cart');
  });

  it('without a destination is nowhere', () => {
    expect(found('productpage {client} [==]', { ...toReviews, destination: nobody })).toBeNull();
  });

  it('to a name with its namespace is not to its namesake’s', () => {
    const drawing = `
      checkout.shop {server}                              [==========]
        checkout.shop#1 {client, peer=payments.shop}       [==]
        checkout.shop#2 {client, peer=payments.bank}          [====]`;
    expect(found(drawing, edge('checkout.shop', 'payments.shop', null))).toBe('checkout.shop#1');
    expect(found(drawing, edge('checkout.web', 'payments.shop', null))).toBeNull();
  });

  it('to a host outside of the mesh is the call of that host', () => {
    const drawing = `
      checkout {server}                               [==========]
        checkout#1 {client, peer=api.cards.example}     [====]
        checkout#2 {client, peer=cards}                       [=]`;
    expect(found(drawing, edge('checkout', 'api.cards.example', null))).toBe('checkout#1');
  });
});

describe('without an edge the focus', () => {
  it('is the longest root', () => {
    expect(
      found(
        `
      a  [==]
      b     [====]
        c    [==]`,
        null,
      ),
    ).toBe('b');
  });

  it('is a root rather than an orphan, however long', () => {
    const drawing = `
      a {parent=lost}  [======]
      b                [====]`;
    expect(found(drawing, null)).toBe('b');
  });

  it('is the longest orphan, where the beginning is lost', () => {
    const drawing = `
      a {parent=lost}  [===]
      b {parent=lost}  [====]`;
    expect(found(drawing, null)).toBe('b');
  });

  it('is null in a trace without spans', () => expect(found('', null)).toBeNull());
});
