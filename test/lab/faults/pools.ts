import type { Fault } from '../lab.ts';
import { knows, routed } from './acts.ts';
import { of, toInventory, toPayments, truth } from './truths.ts';

const callersProxy = ["caller's proxy"] as const;
const noTls = ['mutual TLS'] as const;
/** Of HTTP/1.1: no connection is free, and no place to wait for one. */
const connectionLimit = ['queue for connections|connection limit|http1MaxPendingRequests|maxConnections'] as const;

/** Slow enough that its connections are in use, whatever machine this is. */
const busy =
  (seconds: number): NonNullable<Fault['setup']> =>
  ({ behave }) =>
    behave('payments', { share: 1, does: { kind: 'slow', seconds } });

/** What a proxy counts and then refuses or tries again: hosts that are ejected, pools that are full, retries. */
export const poolFaults: readonly Fault[] = [
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
      ['eject'],
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
      ['eject'],
    ),
    act: ({ behave }) => behave('payments', { share: 0.6, does: { kind: 'status', code: 500 } }),
  },
  {
    name: 'limit-connections',
    says: 'somebody allows checkout one connection to payments, which takes 30 ms as ever, and one request that waits',
    kind: 'fault',
    load: 40,
    hasOwnPast: true,
    setup: busy(0.03),
    truth: truth(
      toPayments,
      ['circuit-breaker'],
      callersProxy,
      of('payments', 'DestinationRule'),
      [...noTls, 'outlier'],
      connectionLimit,
    ),
    act: knows('checkout', 'payments', { limits: { connections: 1, pending: 1 } }),
  },
  {
    name: 'limit-requests-grpc',
    says: 'somebody allows checkout one request at a time to inventory, over HTTP/2',
    kind: 'fault',
    load: 40,
    truth: truth(
      toInventory,
      ['circuit-breaker'],
      callersProxy,
      of('inventory', 'DestinationRule'),
      [...noTls, 'outlier'],
      ['request limit|http2MaxRequests'],
    ),
    act: knows('checkout', 'inventory', { limits: { requests: 1 } }),
  },
  {
    name: 'limit-inbound',
    says: 'somebody allows the proxy of each payments pod, which takes 80 ms as ever, one connection to it, and one request that waits',
    kind: 'fault',
    load: 40,
    hasOwnPast: true,
    setup: busy(0.08),
    truth: truth(
      toPayments,
      ['circuit-breaker'],
      ["callee's proxy"],
      of('payments', 'DestinationRule|Sidecar'),
      [...noTls, 'outlier'],
      connectionLimit,
    ),
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
      [...connectionLimit, 'slow'],
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
      ['retr(?:y|ies)|tried|trying|attempts'],
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
      // Who reads only that payments fails does not learn what it is buried under: a number, how many times.
      ['\\d attempts for each|\\d× the requests'],
    ),
    act: ({ behave }) => behave('payments', { share: 0.75, does: { kind: 'status', code: 500 } }),
  },
];
