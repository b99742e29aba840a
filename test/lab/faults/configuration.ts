import type { Fault } from '../lab.ts';
import { knows, routed } from './acts.ts';
import { poolFaults } from './pools.ts';
import { gateway, of, routes, routesFrom, toCheckout, toInventory, toPayments, truth } from './truths.ts';

const callersProxy = ["caller's proxy"] as const;
const noTls = ['mutual TLS'] as const;

/** Routes, endpoints and limits that somebody changed, or that are reached. */
export const configurationFaults: readonly Fault[] = [
  {
    name: 'no-route',
    says: 'no rule of checkout matches its requests to payments any more',
    kind: 'fault',
    truth: truth(
      [toPayments, ['checkout', 'unknown']],
      ['no-route'],
      callersProxy,
      `${of('payments', routes)}|${routesFrom('checkout')}`,
      noTls,
    ),
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
      `${of('payments', `${routes}|DestinationRule`)}|${routesFrom('checkout')}`,
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
      `${of('payments', `${routes}|EnvoyFilter`)}|${routesFrom('checkout')}`,
      noTls,
      ['fixed answer|direct response'],
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
  ...poolFaults,
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
      ['overload'],
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
      ['overload'],
    ),
    act: ({ press }) => press(gateway, 0.95),
  },
];
