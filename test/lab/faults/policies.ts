import type { Fault } from '../lab.ts';
import { routed } from './acts.ts';
import { gateway, of, toPayments, toStorefront, truth } from './truths.ts';

const policy = ['policy'] as const;
/** The one by which Istio asks a service of one's own. */
const authorization = 'AuthorizationPolicy(?: \\(CUSTOM\\))?';
const notTheApp = ['mutual TLS', 'itself answers', 'crash'] as const;

/** Somebody decided that requests fail, are late, or are refused. */
export const policyFaults: readonly Fault[] = [
  {
    name: 'fault-abort',
    says: 'a fault injection fails 30 % of the requests from checkout to payments',
    kind: 'fault',
    truth: truth(toPayments, ['fault-injected'], policy, of('payments', 'VirtualService'), notTheApp),
    act: routed('checkout', 'payments', { abort: { status: 503, percent: 30 } }),
  },
  {
    name: 'fault-delay',
    says: 'a fault injection delays half of the requests from checkout to payments by 1.5 s',
    kind: 'fault',
    truth: truth(toPayments, ['fault-injected'], policy, of('payments', 'VirtualService'), notTheApp, ['delay']),
    act: routed('checkout', 'payments', { delay: { seconds: 1.5, percent: 50 } }),
  },
  {
    name: 'rate-limit-local',
    says: 'each payments pod may take two requests a second',
    kind: 'fault',
    truth: truth(toPayments, ['rate-limited'], policy, of('payments', 'EnvoyFilter'), notTheApp, ['local rate limit']),
    act: ({ inbound }) => inbound('payments', (known) => ({ ...known, localLimit: 2 })),
  },
  {
    name: 'rate-limit-service',
    says: 'the rate limit service finds every request to payments over its limit',
    kind: 'fault',
    truth: truth(toPayments, ['rate-limited'], policy, of('payments', 'EnvoyFilter'), notTheApp, ['rate limit service']),
    act: ({ inbound }) => inbound('payments', (known) => ({ ...known, filters: ['limit-service'] })),
  },
  {
    name: 'rate-limit-service-down',
    says: 'the rate limit service of payments is down, and its filter fails closed',
    kind: 'fault',
    truth: truth(toPayments, ['rate-limit-unavailable'], policy, 'Rate limit service', notTheApp),
    act: ({ inbound }) => inbound('payments', (known) => ({ ...known, filters: ['limit-service-down'] })),
  },
  {
    name: 'authorization-denies',
    says: 'the external authorization service refuses every request to payments',
    kind: 'fault',
    truth: truth(toPayments, ['external-authorization'], policy, of('payments', authorization), notTheApp, ['den(?:y|ies)']),
    act: ({ inbound }) => inbound('payments', (known) => ({ ...known, filters: ['authz'] })),
  },
  {
    name: 'authorization-down',
    says: 'the external authorization service of payments is down, and its filter fails closed',
    kind: 'fault',
    truth: truth(toPayments, ['external-authorization'], policy, of('payments', authorization), notTheApp, [
      'does not answer|is down|cannot be reached',
    ]),
    act: ({ inbound }) => inbound('payments', (known) => ({ ...known, filters: ['authz-down'] })),
  },
  {
    name: 'rbac',
    says: 'a new policy of payments allows the ledger only',
    kind: 'fault',
    truth: truth(toPayments, ['rbac-denied'], policy, of('payments', 'AuthorizationPolicy'), notTheApp),
    act: ({ inbound }) => inbound('payments', (known) => ({ ...known, filters: ['rbac'] })),
  },
  {
    name: 'jwt',
    says: 'payments now demands a token that checkout does not send',
    kind: 'fault',
    truth: truth(toPayments, ['jwt-refused'], policy, of('payments', 'RequestAuthentication'), notTheApp),
    act: ({ inbound }) => inbound('payments', (known) => ({ ...known, filters: ['jwt'] })),
  },
  {
    name: 'jwt-at-gateway',
    says: 'the gateway now demands a token that its clients do not send',
    kind: 'fault',
    truth: truth(
      toStorefront,
      ['jwt-refused'],
      policy,
      of(gateway, 'RequestAuthentication'),
      [...notTheApp, 'storefront refuses'],
      ['clients'],
    ),
    act: routed(gateway, 'storefront', { filters: ['jwt'] }),
  },
  {
    name: 'rbac-at-gateway',
    says: 'a new policy of the gateway allows the ledger only, and so none of its clients',
    kind: 'fault',
    truth: truth(toStorefront, ['rbac-denied'], policy, of(gateway, 'AuthorizationPolicy'), notTheApp, ['clients']),
    act: routed(gateway, 'storefront', { filters: ['rbac'] }),
  },
];
