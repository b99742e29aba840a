import type { Fault } from '../lab.ts';
import { andThen, both, noNetwork, of, toBank, toBankFromInventory, toInventory, toPayments, truth } from './truths.ts';

const app = ['callee application'] as const;

/** The application answers, and what it answers is wrong. */
export const applicationFaults: readonly Fault[] = [
  {
    name: 'app-500',
    says: 'payments answers 500 to 40 % of its requests',
    kind: 'fault',
    truth: truth(toPayments, ['callee-errors'], app, of('payments', 'Deployment'), noNetwork),
    act: ({ behave }) => behave('payments', { share: 0.4, does: { kind: 'status', code: 500 } }),
  },
  {
    name: 'app-503',
    says: 'payments answers 503 to 30 % of its requests',
    kind: 'fault',
    truth: truth(toPayments, ['callee-errors'], app, of('payments', 'Deployment'), [...noNetwork, 'endpoint']),
    act: ({ behave }) => behave('payments', { share: 0.3, does: { kind: 'status', code: 503 } }),
  },
  {
    name: 'app-500-deep',
    says: 'bank answers 500 to everything that payments asks, three calls below the gateway',
    kind: 'fault',
    truth: truth(toBank, ['callee-errors'], app, of('bank', 'Deployment'), noNetwork),
    act: ({ behave }) => behave('bank', { share: 1, does: { kind: 'status', code: 500 } }),
  },
  {
    name: 'app-500-few',
    says: 'payments answers 500 to 12 % of its requests',
    kind: 'fault',
    ageSeconds: 100,
    truth: truth(toPayments, ['callee-errors'], app, of('payments', 'Deployment'), noNetwork),
    act: ({ behave }) => behave('payments', { share: 0.12, does: { kind: 'status', code: 500 } }),
  },
  {
    name: 'app-down',
    says: 'the application of payments has crashed in every pod; the proxies run',
    kind: 'fault',
    truth: truth(toPayments, ['connection-failure'], app, of('payments', 'Deployment'), ['mutual TLS']),
    act: ({ appDown }) => appDown('payments'),
  },
  {
    name: 'app-down-grpc',
    says: 'the application of inventory, which speaks gRPC, has crashed in every pod',
    kind: 'fault',
    truth: truth(toInventory, ['connection-failure'], app, of('inventory', 'Deployment'), ['mutual TLS']),
    act: ({ appDown }) => appDown('inventory'),
  },
  {
    name: 'app-closes',
    says: 'payments closes half of its connections instead of answering',
    kind: 'fault',
    truth: truth(toPayments, ['connection-failure'], app, of('payments', 'Deployment'), ['mutual TLS']),
    act: ({ behave }) => behave('payments', { share: 0.5, does: { kind: 'close' } }),
  },
  {
    name: 'app-resets',
    says: 'bank resets half of its connections instead of answering',
    kind: 'fault',
    truth: truth([toBank, toBankFromInventory], ['connection-failure'], app, of('bank', 'Deployment'), ['mutual TLS']),
    act: ({ behave }) => behave('bank', { share: 0.5, does: { kind: 'reset' } }),
  },
  {
    name: 'cut-200',
    says: 'payments dies in the middle of 40 % of its answers, after the status 200',
    kind: 'fault',
    truth: truth(toPayments, ['cut-response'], app, of('payments', 'Deployment'), noNetwork, ['\\b200\\b']),
    act: ({ behave }) => behave('payments', { share: 0.4, does: { kind: 'half' } }),
  },
  {
    name: 'cut-200-reset',
    says: 'payments resets the connection in the middle of 40 % of its answers',
    kind: 'fault',
    truth: truth(toPayments, ['cut-response'], app, of('payments', 'Deployment'), noNetwork, ['\\b200\\b']),
    act: ({ behave }) => behave('payments', { share: 0.4, does: { kind: 'half-reset' } }),
  },
  {
    name: 'cut-grpc',
    says: 'inventory resets the stream in the middle of 40 % of its gRPC answers',
    kind: 'fault',
    truth: truth(toInventory, ['cut-response', 'grpc-errors'], app, of('inventory', 'Deployment'), noNetwork),
    act: ({ behave }) => behave('inventory', { share: 0.4, does: { kind: 'half' } }),
  },
  {
    name: 'grpc-stream-reset',
    says: 'inventory resets 40 % of its gRPC streams before it answers',
    kind: 'fault',
    truth: truth(
      toInventory,
      ['protocol-error', 'connection-failure', 'grpc-errors'],
      app,
      of('inventory', 'Deployment'),
      noNetwork,
    ),
    act: ({ behave }) => behave('inventory', { share: 0.4, does: { kind: 'stream-reset', code: 2 } }),
  },
  {
    name: 'grpc-internal',
    says: 'inventory answers 40 % of its gRPC calls with status 13 (INTERNAL)',
    kind: 'fault',
    truth: truth(toInventory, ['grpc-errors'], app, of('inventory', 'Deployment'), noNetwork, ['INTERNAL']),
    act: ({ behave }) => behave('inventory', { share: 0.4, does: { kind: 'grpc-status', status: 13 } }),
  },
  {
    name: 'grpc-unavailable',
    says: 'inventory answers 60 % of its gRPC calls with status 14 (UNAVAILABLE), which the mesh retries',
    kind: 'fault',
    truth: truth(toInventory, ['grpc-errors', 'retry-exhausted', 'retry-storm'], app, of('inventory', 'Deployment'), noNetwork, [
      'UNAVAILABLE',
    ]),
    act: ({ behave }) => behave('inventory', { share: 0.6, does: { kind: 'grpc-status', status: 14 } }),
  },
  {
    name: 'grpc-deadline',
    says: 'inventory answers 40 % of its gRPC calls with status 4 (DEADLINE_EXCEEDED)',
    kind: 'fault',
    truth: truth(toInventory, ['grpc-errors'], app, of('inventory', 'Deployment'), noNetwork, ['DEADLINE_EXCEEDED']),
    act: ({ behave }) => behave('inventory', { share: 0.4, does: { kind: 'grpc-status', status: 4 } }),
  },
  {
    name: 'not-http',
    says: 'payments answers 40 % of its requests with what is no HTTP',
    kind: 'fault',
    truth: truth(toPayments, ['protocol-error'], app, of('payments', 'Deployment|Service'), ['mutual TLS']),
    act: ({ behave }) => behave('payments', { share: 0.4, does: { kind: 'garbage' } }),
  },
  {
    name: 'big-headers',
    says: 'payments answers 40 % of its requests with 200 KB of headers',
    kind: 'fault',
    truth: truth(toPayments, ['protocol-error'], app, of('payments', 'Deployment|Service|EnvoyFilter'), ['mutual TLS']),
    act: ({ behave }) => behave('payments', { share: 0.4, does: { kind: 'big-headers' } }),
  },
  {
    name: 'two-at-once',
    says: 'inventory answers gRPC status 13 and payments answers 500, each to 40 %',
    kind: 'fault',
    truth: both(
      truth(toPayments, ['callee-errors'], app, of('payments', 'Deployment'), noNetwork),
      truth(toInventory, ['grpc-errors'], app, of('inventory', 'Deployment')),
    ),
    act: ({ behave }) => {
      behave('inventory', { share: 0.4, does: { kind: 'grpc-status', status: 13 } });
      behave('payments', { share: 0.4, does: { kind: 'status', code: 500 } });
    },
  },
  {
    name: 'healed-already',
    says: 'payments answers 500 to everything for 30 seconds, and is well again before anyone asks',
    kind: 'fault',
    ageSeconds: 110,
    truth: andThen(
      truth(toPayments, ['callee-errors'], app, of('payments', 'Deployment'), noNetwork),
      truth(toPayments, ['recovered', 'healthy'], ['nothing wrong'], ''),
    ),
    act: async ({ behave, wait }) => {
      behave('payments', { share: 1, does: { kind: 'status', code: 500 } });
      await wait(30);
      behave('payments');
    },
  },
];
