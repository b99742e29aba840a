import type { Fault } from '../lab.ts';
import { allowed, asks, filtered, knows, routed, slow } from './acts.ts';
import { either, of, routes, toCheckout, toLedger, toPayments, truth } from './truths.ts';

const app = ['callee application'] as const;
const noTls = ['mutual TLS'] as const;
/** Half of the body, and no more. */
const stallsWhileItSends = asks('checkout', ['half-body', 0.4]);

/** Limits of time and size, wherever they stand. */
export const limitFaults: readonly Fault[] = [
  {
    name: 'idle-timeout-request',
    says: 'a stream to payments may be idle for 0.3 s (a limit that was there before), and checkout now stalls in the middle of 40 % of its requests',
    kind: 'fault',
    setup: routed('checkout', 'payments', { idleSeconds: 0.3 }),
    truth: truth(
      toPayments,
      ['duration-limit'],
      ['caller'],
      of('checkout', 'Deployment|EnvoyFilter'),
      [...noTls, 'payments (is slow|stalls|sends nothing)'],
      ['stalls?', 'idle'],
    ),
    act: stallsWhileItSends,
  },
  {
    name: 'idle-timeout-per-try',
    says: 'one try may be idle for 0.3 s (a limit that was there before), there is no second, and payments now takes 1 s longer',
    kind: 'fault',
    setup: routed('checkout', 'payments', { retries: { on: 'gateway-error', attempts: 0, perTryIdleSeconds: 0.3 } }),
    truth: truth(toPayments, ['duration-limit'], app, of('payments', `${routes}|EnvoyFilter|DestinationRule|Deployment`), noTls, [
      'each try',
    ]),
    act: slow('payments', 1),
  },
  {
    name: 'request-timeout',
    says: 'the proxy of checkout waits 0.3 s for a whole request (a limit that was there before), and checkout now stalls in the middle of 40 % of those to payments',
    kind: 'fault',
    setup: allowed('checkout', 'outboundLimits', { requestSeconds: 0.3 }),
    truth: either(
      truth(toPayments, ['proxy-answered'], ['caller'], of('checkout', 'Deployment'), [...noTls, 'payments itself answers']),
      // Who stalls fails: that is true of checkout too, and sends to the same place.
      truth(toCheckout, ['callee-errors'], app, of('checkout', 'Deployment')),
    ),
    act: stallsWhileItSends,
  },
  {
    name: 'max-duration-inbound',
    says: 'the proxies of payments let a stream that comes in last 0.3 s (a limit that was there before), and payments now takes 1 s longer; no flag is printed at either end',
    kind: 'fault',
    setup: allowed('payments', 'inboundLimits', { maxStreamSeconds: 0.3 }),
    truth: truth(
      toPayments,
      ['proxy-answered', 'duration-limit'],
      ["callee's proxy", 'callee application'],
      of('payments', 'EnvoyFilter|Sidecar|Deployment'),
      [...noTls, 'payments itself answers'],
      ['duration'],
    ),
    act: slow('payments', 1),
  },
  {
    name: 'tcp-duration-tight',
    says: 'somebody lets connections from bank to ledger last 3 ms, about what they take (maxConnectionDuration)',
    kind: 'fault',
    truth: truth(
      toLedger,
      ['tcp-failure'],
      ["caller's proxy"],
      of('ledger', 'DestinationRule'),
      [...noTls, 'NetworkPolicy'],
      ['duration'],
    ),
    act: knows('bank', 'ledger', { maxConnectionSeconds: 0.003 }),
  },
  {
    name: 'body-too-large',
    says: 'a new filter of payments takes requests of ten bytes at most, and every one has twelve',
    kind: 'fault',
    truth: truth(
      toPayments,
      ['proxy-answered'],
      ["callee's proxy"],
      of('payments', 'EnvoyFilter'),
      [...noTls, 'itself answers'],
      ['large|size'],
    ),
    act: filtered('payments', 'body-limit'),
  },
];
