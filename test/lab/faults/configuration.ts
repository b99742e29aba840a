import type { Fault } from '../lab.ts';
import { knows, routed } from './acts.ts';
import { gateway, of, routes, toCheckout, toInventory, toPayments, truth } from './truths.ts';

const callersProxy = ["caller's proxy"] as const;
const noTls = ['mutual TLS'] as const;

/** Routes, endpoints and limits that somebody changed. */
export const configurationFaults: readonly Fault[] = [
  {
    name: 'no-route',
    says: 'no rule of checkout matches its requests to payments any more',
    kind: 'fault',
    truth: truth([toPayments, ['checkout', 'unknown']], ['no-route'], callersProxy, of('payments', routes), noTls),
    act: routed('checkout', 'payments', { prefix: null }),
  },
  {
    name: 'no-cluster',
    says: 'the route of checkout to payments names a subset that does not exist',
    kind: 'fault',
    truth: truth(
      [toPayments, ['checkout', 'unknown']],
      ['no-route'],
      callersProxy,
      of('payments', `${routes}|DestinationRule`),
      noTls,
    ),
    act: ({ outbound }) =>
      outbound('checkout', 'payments', (known) => ({
        ...known,
        route: { ...known.route, cluster: `outbound|8080|v3|${known.host}` },
      })),
  },
  {
    name: 'no-route-inbound',
    says: 'the proxies of payments have no route for what comes in',
    kind: 'fault',
    truth: truth(toPayments, ['no-route'], ["callee's proxy"], of('payments', 'Sidecar|EnvoyFilter'), noTls),
    act: ({ inbound }) => inbound('payments', (known) => ({ ...known, prefix: null })),
  },
  {
    name: 'no-cluster-inbound',
    says: 'the route for what comes in at payments names a cluster that does not exist',
    kind: 'fault',
    truth: truth(toPayments, ['no-route'], ["callee's proxy"], of('payments', 'Sidecar|EnvoyFilter|Service'), noTls),
    act: ({ inbound }) => inbound('payments', (known) => ({ ...known, endpoints: 'missing-cluster' })),
  },
  {
    name: 'no-endpoints-inbound',
    says: 'the proxies of payments know no endpoint for their own application',
    kind: 'fault',
    truth: truth(
      toPayments,
      ['no-healthy-upstream', 'connection-failure'],
      ["callee's proxy", 'callee application'],
      of('payments', 'Sidecar|EnvoyFilter|Deployment|Service'),
      noTls,
    ),
    act: ({ inbound }) => inbound('payments', (known) => ({ ...known, endpoints: 'none' })),
  },
  {
    name: 'answered-directly',
    says: 'the proxy of checkout answers 502 itself to everything meant for payments',
    kind: 'fault',
    truth: truth(
      [toPayments, ['checkout', 'unknown']],
      ['proxy-answered'],
      callersProxy,
      of('payments', `${routes}|EnvoyFilter`),
      noTls,
    ),
    act: routed('checkout', 'payments', { direct: { status: 502 } }),
  },
  {
    name: 'no-endpoints',
    says: 'payments has no ready endpoint left',
    kind: 'fault',
    truth: truth(toPayments, ['no-healthy-upstream'], ['callee application'], of('payments', 'Service|Deployment'), noTls),
    act: knows('checkout', 'payments', { endpoints: [] }),
  },
  {
    name: 'no-endpoints-grpc',
    says: 'inventory, which speaks gRPC, has no ready endpoint left',
    kind: 'fault',
    truth: truth(toInventory, ['no-healthy-upstream'], ['callee application'], of('inventory', 'Service|Deployment'), noTls),
    act: knows('checkout', 'inventory', { endpoints: [] }),
  },
  {
    name: 'health-check-fails',
    says: 'checkout checks the health of payments actively, and every pod says it is not well',
    kind: 'fault',
    setup: knows('checkout', 'payments', { healthCheckPath: '/healthz/ready' }),
    truth: truth(
      toPayments,
      ['no-healthy-upstream', 'local-health-check'],
      ['callee application', "callee's proxy"],
      of('payments', 'Service|Deployment'),
      noTls,
    ),
    act: ({ admin }) => admin('payments', '/healthcheck/fail'),
  },
  {
    name: 'all-ejected',
    says: 'payments answers 500 to everything, and outlier detection may eject every host',
    kind: 'fault',
    setup: knows('checkout', 'payments', { outlier: { consecutive: 3, maxEjectedPercent: 100, ejectedSeconds: 8 } }),
    truth: truth(
      toPayments,
      ['outlier-ejection', 'callee-errors'],
      ['callee application'],
      of('payments', 'Deployment|DestinationRule'),
      noTls,
    ),
    act: ({ behave }) => behave('payments', { share: 1, does: { kind: 'status', code: 500 } }),
  },
  {
    name: 'ejected-in-turn',
    says: 'payments answers 500 to 60 %; outlier detection ejects its pods in turn, two of the three at most',
    kind: 'fault',
    setup: knows('checkout', 'payments', { outlier: { consecutive: 3, maxEjectedPercent: 67, ejectedSeconds: 4 } }),
    truth: truth(
      toPayments,
      ['callee-errors', 'outlier-ejection'],
      ['callee application'],
      of('payments', 'Deployment|DestinationRule'),
      noTls,
    ),
    act: ({ behave }) => behave('payments', { share: 0.6, does: { kind: 'status', code: 500 } }),
  },
  {
    name: 'limit-connections',
    says: 'somebody allows checkout one connection to payments, and one request that waits',
    kind: 'fault',
    load: 60,
    truth: truth(toPayments, ['circuit-breaker'], callersProxy, of('payments', 'DestinationRule'), [...noTls, 'outlier']),
    act: knows('checkout', 'payments', { limits: { connections: 1, pending: 1 } }),
  },
  {
    name: 'limit-requests-grpc',
    says: 'somebody allows checkout one request at a time to inventory, over HTTP/2',
    kind: 'fault',
    load: 40,
    truth: truth(toInventory, ['circuit-breaker'], callersProxy, of('inventory', 'DestinationRule'), [...noTls, 'outlier']),
    act: knows('checkout', 'inventory', { limits: { requests: 1 } }),
  },
  {
    name: 'limit-inbound',
    says: 'somebody allows the proxy of each payments pod one connection to its application, and one request that waits',
    kind: 'fault',
    load: 80,
    truth: truth(toPayments, ['circuit-breaker'], ["callee's proxy"], of('payments', 'DestinationRule|Sidecar'), [
      ...noTls,
      'outlier',
    ]),
    act: ({ inbound }) => inbound('payments', (known) => ({ ...known, limits: { connections: 1, pending: 1 } })),
  },
  {
    name: 'limit-when-slow',
    says: 'checkout may have four connections and four waiting requests to payments, as ever, and payments now takes 1.5 s longer',
    kind: 'fault',
    setup: knows('checkout', 'payments', { limits: { connections: 4, pending: 4 } }),
    truth: truth(
      toPayments,
      ['circuit-breaker', 'slow-callee'],
      ['callee application', "caller's proxy"],
      of('payments', 'DestinationRule|Deployment'),
      [...noTls, 'outlier'],
    ),
    act: ({ behave }) => behave('payments', { share: 1, does: { kind: 'slow', seconds: 1.5 } }),
  },
  {
    name: 'retry-budget',
    says: 'checkout may retry but has no budget for it (as ever), and payments now answers 500 to 40 %',
    kind: 'fault',
    setup: ({ outbound }) =>
      outbound('checkout', 'payments', (known) => ({
        ...known,
        limits: { retries: 0 },
        route: { ...known.route, retries: { on: '5xx', attempts: 2 } },
      })),
    // The application is the cause: a retry that was not allowed is none, and a higher limit would mend nothing. Who is told of the
    // limit must be told of the errors first.
    truth: truth(toPayments, ['callee-errors', 'circuit-breaker'], ['callee application'], of('payments', 'Deployment'), [
      ...noTls,
      'connectionPool limits',
      'refused at once',
    ]),
    act: ({ behave }) => behave('payments', { share: 0.4, does: { kind: 'status', code: 500 } }),
  },
  {
    name: 'retries-exhausted',
    says: 'checkout tries three times on 5xx, as ever, and payments now answers 503 to 90 %',
    kind: 'fault',
    setup: routed('checkout', 'payments', { retries: { on: '5xx', attempts: 2 } }),
    truth: truth(
      toPayments,
      ['callee-errors', 'retry-exhausted', 'retry-storm'],
      ['callee application'],
      of('payments', 'Deployment'),
      noTls,
    ),
    act: ({ behave }) => behave('payments', { share: 0.9, does: { kind: 'status', code: 503 } }),
  },
  {
    name: 'retry-storm',
    says: 'checkout tries six times on 5xx, as ever, and payments now answers 500 to 75 %: its load triples',
    kind: 'fault',
    setup: routed('checkout', 'payments', { retries: { on: '5xx', attempts: 5 } }),
    truth: truth(
      toPayments,
      ['retry-storm', 'callee-errors', 'retry-exhausted'],
      ['callee application'],
      of('payments', 'Deployment'),
      noTls,
    ),
    act: ({ behave }) => behave('payments', { share: 0.75, does: { kind: 'status', code: 500 } }),
  },
  {
    name: 'dropped-by-control-plane',
    says: 'the control plane tells checkout to drop half of its requests to payments (drop_overload)',
    kind: 'fault',
    truth: truth(toPayments, ['dropped-on-purpose'], ['policy'], 'Endpoint policy \\(drop_overload\\) of payments', noTls),
    act: knows('checkout', 'payments', { dropPercent: 50 }),
  },
  {
    name: 'name-does-not-resolve',
    says: 'payments is reached by a name that no resolver answers for',
    kind: 'fault',
    truth: truth(toPayments, ['dns-failure'], ['network/TLS'], of('payments', 'ServiceEntry|Service'), noTls),
    act: knows('checkout', 'payments', { isUnresolvable: true }),
  },
  {
    name: 'filter-not-delivered',
    says: 'a filter of the proxy of storefront waits for a configuration that never comes',
    kind: 'fault',
    truth: truth(toCheckout, ['filter-not-configured'], callersProxy, of('storefront', 'WasmPlugin|EnvoyFilter'), noTls),
    act: ({ proxy }) => proxy('storefront', (config) => ({ ...config, hasMissingFilter: true })),
  },
  {
    name: 'proxy-overloaded',
    says: 'the proxy of checkout is at 95 % of its memory and stops taking requests, those from its own application too',
    kind: 'fault',
    truth: truth(
      [toCheckout, toPayments, toInventory, ['checkout', 'unknown']],
      ['proxy-answered'],
      ["callee's proxy", "caller's proxy"],
      of('checkout', 'Deployment|Pod'),
      noTls,
    ),
    act: ({ press }) => press('checkout', 0.95),
  },
  {
    name: 'gateway-overloaded',
    says: 'the gateway is at 95 % of its memory and stops taking requests',
    kind: 'fault',
    truth: truth(
      [
        [gateway, 'storefront'],
        [gateway, 'unknown'],
      ],
      ['proxy-answered'],
      callersProxy,
      of(gateway, 'Deployment|Pod'),
      noTls,
    ),
    act: ({ press }) => press(gateway, 0.95),
  },
];
