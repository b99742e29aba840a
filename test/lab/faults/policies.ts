import type { Fault } from '../lab.ts';
import { toPayments, truth } from './truths.ts';

const policy = ['policy'] as const;
const notTheApp = ['mutual TLS', 'itself answers', 'crash'] as const;

/** Somebody decided that requests fail, are late, or are refused. */
export const policyFaults: readonly Fault[] = [
  {
    name: 'fault-abort',
    says: 'a fault injection fails 30 % of the requests from checkout to payments',
    kind: 'fault',
    truth: truth(toPayments, ['fault-injected'], policy, 'VirtualService', notTheApp),
    act: ({ outbound }) =>
      outbound('checkout', 'payments', (known) => ({ ...known, route: { ...known.route, abort: { status: 503, percent: 30 } } })),
  },
  {
    name: 'fault-delay',
    says: 'a fault injection delays half of the requests from checkout to payments by 1.5 s',
    kind: 'fault',
    truth: truth(toPayments, ['fault-injected'], policy, 'VirtualService', notTheApp),
    act: ({ outbound }) =>
      outbound('checkout', 'payments', (known) => ({
        ...known,
        route: { ...known.route, delay: { seconds: 1.5, percent: 50 } },
      })),
  },
  {
    name: 'rate-limit-local',
    says: 'each payments pod may take two requests a second',
    kind: 'fault',
    truth: truth(toPayments, ['rate-limited'], policy, 'EnvoyFilter|rate limit', notTheApp),
    act: ({ inbound }) => inbound('payments', (known) => ({ ...known, localLimit: 2 })),
  },
  {
    name: 'rate-limit-service',
    says: 'the rate limit service finds every request to payments over its limit',
    kind: 'fault',
    truth: truth(toPayments, ['rate-limited'], policy, 'EnvoyFilter|rate limit', notTheApp),
    act: ({ inbound }) => inbound('payments', (known) => ({ ...known, filters: ['limit-service'] })),
  },
  {
    name: 'rate-limit-service-down',
    says: 'the rate limit service of payments is down, and its filter fails closed',
    kind: 'fault',
    truth: truth(toPayments, ['rate-limit-unavailable'], policy, 'rate limit', notTheApp),
    act: ({ inbound }) => inbound('payments', (known) => ({ ...known, filters: ['limit-service-down'] })),
  },
  {
    name: 'authorization-denies',
    says: 'the external authorization service refuses every request to payments',
    kind: 'fault',
    truth: truth(toPayments, ['external-authorization'], policy, 'authorization|AuthorizationPolicy', notTheApp),
    act: ({ inbound }) => inbound('payments', (known) => ({ ...known, filters: ['authz'] })),
  },
  {
    name: 'authorization-down',
    says: 'the external authorization service of payments is down, and its filter fails closed',
    kind: 'fault',
    truth: truth(toPayments, ['external-authorization'], policy, 'authorization|AuthorizationPolicy', notTheApp),
    act: ({ inbound }) => inbound('payments', (known) => ({ ...known, filters: ['authz-down'] })),
  },
  {
    name: 'rbac',
    says: 'a new policy of payments allows the ledger only',
    kind: 'fault',
    truth: truth(toPayments, ['rbac-denied'], policy, 'AuthorizationPolicy', notTheApp),
    act: ({ inbound }) => inbound('payments', (known) => ({ ...known, filters: ['rbac'] })),
  },
  {
    name: 'jwt',
    says: 'payments now demands a token that checkout does not send',
    kind: 'fault',
    truth: truth(toPayments, ['jwt-refused'], policy, 'RequestAuthentication|AuthorizationPolicy', notTheApp),
    act: ({ inbound }) => inbound('payments', (known) => ({ ...known, filters: ['jwt'] })),
  },
];
