import type { Fault } from '../lab.ts';
import { calls } from '../mesh/topology.ts';
import { knows, routed } from './acts.ts';
import {
  noNetwork,
  of,
  routes,
  toBank,
  toBankFromInventory,
  toCheckout,
  toInventory,
  toPayments,
  toStorefront,
  truth,
} from './truths.ts';

const slowBy = (seconds: number) => ({ share: 1, does: { kind: 'slow', seconds } }) as const;
const timeoutRules = ['upstream-timeout'] as const;

/** Somebody is slow, or somebody's patience is short. */
export const timeFaults: readonly Fault[] = [
  {
    name: 'slow-callee',
    says: 'payments takes 1.5 s longer for everything',
    kind: 'fault',
    truth: truth(
      toPayments,
      ['slow-callee', 'slow-dependency'],
      ['callee application', "callee's dependency"],
      of('payments', 'Deployment'),
      noNetwork,
    ),
    act: ({ behave }) => behave('payments', slowBy(1.5)),
  },
  {
    name: 'slow-some',
    says: 'payments takes 2 s longer for a tenth of its requests',
    kind: 'fault',
    ageSeconds: 110,
    truth: truth(
      toPayments,
      ['slow-callee', 'slow-dependency'],
      ['callee application', "callee's dependency"],
      of('payments', 'Deployment'),
      noNetwork,
    ),
    act: ({ behave }) => behave('payments', { share: 0.1, does: { kind: 'slow', seconds: 2 } }),
  },
  {
    name: 'slow-dependency',
    says: 'bank takes 1.5 s longer for everything, two calls below checkout',
    kind: 'fault',
    truth: truth(
      [toBank, toBankFromInventory],
      ['slow-dependency', 'slow-callee'],
      ["callee's dependency", 'callee application'],
      of('bank', 'Deployment'),
      noNetwork,
    ),
    act: ({ behave }) => behave('bank', slowBy(1.5)),
  },
  {
    name: 'slow-grpc',
    says: 'inventory, which speaks gRPC, takes 1.5 s longer for everything',
    kind: 'fault',
    truth: truth(
      toInventory,
      ['slow-dependency', 'slow-callee'],
      ["callee's dependency", 'callee application'],
      of('inventory', 'Deployment'),
      noNetwork,
    ),
    act: ({ behave }) => behave('inventory', slowBy(1.5)),
  },
  {
    name: 'slow-database',
    says: 'ledger, which bank reaches by bare TCP, takes 1.5 s longer',
    kind: 'fault',
    truth: truth(
      [toBank, toBankFromInventory],
      ['slow-dependency', 'slow-callee'],
      ["callee's dependency", 'callee application'],
      `${of('bank', 'Deployment')}|${of('ledger', 'Deployment')}`,
      noNetwork,
    ),
    act: ({ behave }) => behave('ledger', slowBy(1.5)),
  },
  {
    name: 'timeout',
    says: 'checkout waits 0.5 s for payments (a limit that was there before), and payments now takes 1 s longer',
    kind: 'fault',
    setup: routed('checkout', 'payments', { timeoutSeconds: 0.5 }),
    truth: truth(toPayments, timeoutRules, ['callee application'], of('payments', `${routes}|Deployment`), ['mutual TLS']),
    act: ({ behave }) => behave('payments', slowBy(1)),
  },
  {
    name: 'timeout-tight',
    says: 'somebody sets a timeout of 40 ms for a callee that takes about 35 ms',
    kind: 'fault',
    truth: truth(toPayments, timeoutRules, ["caller's proxy"], of('payments', routes), ['mutual TLS']),
    act: routed('checkout', 'payments', { timeoutSeconds: 0.04 }),
  },
  {
    name: 'timeout-per-try',
    says: 'one try may take 0.3 s (a limit that was there before), there is no second, and payments now takes 1 s longer',
    kind: 'fault',
    setup: routed('checkout', 'payments', { retries: { on: 'gateway-error', attempts: 0, perTrySeconds: 0.3 } }),
    truth: truth(toPayments, timeoutRules, ['callee application'], of('payments', `${routes}|Deployment`), ['mutual TLS']),
    act: ({ behave }) => behave('payments', slowBy(1)),
  },
  {
    name: 'timeout-retried',
    says: 'two tries of 0.3 s each, and payments now takes 1 s longer',
    kind: 'fault',
    setup: routed('checkout', 'payments', { retries: { on: 'gateway-error', attempts: 1, perTrySeconds: 0.3 } }),
    truth: truth(toPayments, timeoutRules, ['callee application'], of('payments', `${routes}|Deployment`), ['mutual TLS']),
    act: ({ behave }) => behave('payments', slowBy(1)),
  },
  {
    name: 'timeout-inbound',
    says: 'the proxy of payments waits 0.3 s for its own application, which now takes 1 s longer',
    kind: 'fault',
    setup: ({ inbound }) => inbound('payments', (known) => ({ ...known, timeoutSeconds: 0.3 })),
    truth: truth(
      toPayments,
      timeoutRules,
      ['callee application', "callee's proxy"],
      of('payments', 'EnvoyFilter|Sidecar|Deployment'),
      ['mutual TLS'],
    ),
    act: ({ behave }) => behave('payments', slowBy(1)),
  },
  {
    name: 'timeouts-in-lock-step',
    says: 'every caller waits 1 s, and bank now takes 3 s longer: all clocks run out together',
    kind: 'fault',
    setup: async (controls) => {
      for (const { caller, callee, protocol } of calls)
        if (protocol !== 'tcp') await routed(caller, callee, { timeoutSeconds: 1 })(controls);
    },
    truth: truth(
      [toBank, toBankFromInventory],
      ['upstream-timeout', 'slow-dependency', 'slow-callee'],
      ['callee application', "callee's dependency"],
      of('bank', `${routes}|Deployment`),
      noNetwork,
    ),
    act: ({ behave }) => behave('bank', slowBy(3)),
  },
  {
    name: 'idle-timeout',
    says: 'a stream to payments may be idle for 0.3 s (a limit that was there before), and payments now takes 1 s longer',
    kind: 'fault',
    setup: routed('checkout', 'payments', { idleSeconds: 0.3 }),
    truth: truth(
      toPayments,
      ['duration-limit'],
      ["caller's proxy", 'callee application'],
      of('payments', `${routes}|EnvoyFilter|DestinationRule|Deployment`),
      ['mutual TLS'],
    ),
    act: ({ behave }) => behave('payments', slowBy(1)),
  },
  {
    name: 'max-duration-route',
    says: 'a stream to payments may last 0.3 s (a limit that was there before), and payments now takes 1 s longer; no flag is printed',
    kind: 'fault',
    setup: routed('checkout', 'payments', { maxStreamSeconds: 0.3 }),
    truth: truth(
      toPayments,
      ['proxy-answered', 'duration-limit'],
      ["caller's proxy", 'callee application'],
      `${of('payments', `${routes}|EnvoyFilter|Deployment`)}|${of('checkout', 'Deployment')}`,
      ['mutual TLS'],
    ),
    act: ({ behave }) => behave('payments', slowBy(1)),
  },
  {
    name: 'max-duration-cluster',
    says: 'the connection pool lets a stream last 0.3 s (a limit that was there before), and payments now takes 1 s longer',
    kind: 'fault',
    setup: knows('checkout', 'payments', { maxStreamSeconds: 0.3 }),
    truth: truth(
      toPayments,
      ['duration-limit'],
      ["caller's proxy", 'callee application'],
      of('payments', `${routes}|EnvoyFilter|DestinationRule|Deployment`),
      ['mutual TLS'],
    ),
    act: ({ behave }) => behave('payments', slowBy(1)),
  },
  {
    name: 'clients-lose-patience',
    says: 'a third of the clients hang up after 0.8 s as ever, and payments now takes 1.5 s longer',
    kind: 'fault',
    hasOwnPast: true,
    setup: ({ load }) => load.impatient(0.33, 0.8),
    truth: truth(
      toPayments,
      ['slow-callee', 'slow-dependency'],
      ['callee application', "callee's dependency"],
      of('payments', 'Deployment'),
      noNetwork,
    ),
    act: ({ behave }) => behave('payments', slowBy(1.5)),
  },
  {
    name: 'clients-hang-up',
    says: 'a new version of the client hangs up after 15 ms, 70 % of the time',
    kind: 'fault',
    truth: truth([toStorefront, toCheckout], ['client-gave-up'], ['caller'], '', [...noNetwork, 'is slow']),
    act: ({ load }) => load.impatient(0.7, 0.015),
  },
];
