import type { Fault } from '../lab.ts';
import { knows } from './acts.ts';
import { deployment, noNetwork, of, onlyV2, podOf, toInventory, toLedger, toPayments, truth } from './truths.ts';

const app = ['callee application'] as const;

/** What no single request shows: one version, one pod; and connections without requests. */
export const podFaults: readonly Fault[] = [
  {
    name: 'bad-version',
    says: 'version v2 of payments answers 500 to 80 %',
    kind: 'fault',
    truth: truth(toPayments, ['one-version-bad'], app, deployment('payments-v2'), [...noNetwork, ...onlyV2]),
    act: ({ behave }) => behave('payments-v2', { share: 0.8, does: { kind: 'status', code: 500 } }),
  },
  {
    name: 'slow-version',
    says: 'version v2 of payments takes 2 s longer',
    kind: 'fault',
    truth: truth(
      toPayments,
      ['one-version-bad', 'slow-callee', 'one-pod-bad'],
      app,
      `${deployment('payments-v2')}|${podOf('payments-v2', 0)}`,
      [...noNetwork, ...onlyV2],
    ),
    act: ({ behave }) => behave('payments-v2', { share: 1, does: { kind: 'slow', seconds: 2 } }),
  },
  {
    name: 'bad-pod',
    says: 'one of the two pods of payments v1 answers 500 to 90 %',
    kind: 'fault',
    truth: truth(toPayments, ['one-pod-bad'], app, podOf('payments-v1', 1), [...noNetwork, 'version v\\d of payments is']),
    act: ({ behave, podsOf }) =>
      behave(podsOf('payments-v1')[1]?.name ?? '', { share: 0.9, does: { kind: 'status', code: 500 } }),
  },
  {
    name: 'bad-pod-down',
    says: 'the application of one of the two inventory pods has crashed; its proxy runs',
    kind: 'fault',
    truth: truth(
      toInventory,
      ['one-pod-bad', 'connection-failure'],
      app,
      `${podOf('inventory', 1)}|${of('inventory', 'Deployment')}`,
      ['mutual TLS'],
    ),
    act: ({ appDown, podsOf }) => appDown(podsOf('inventory')[1]?.name ?? ''),
  },
  {
    name: 'slow-pod',
    says: 'one of the two inventory pods takes 2 s longer',
    kind: 'fault',
    truth: truth(
      toInventory,
      ['one-pod-bad', 'slow-callee', 'slow-dependency'],
      [...app, "callee's dependency"],
      `${podOf('inventory', 1)}|${of('inventory', 'Deployment')}`,
      noNetwork,
    ),
    act: ({ behave, podsOf }) => behave(podsOf('inventory')[1]?.name ?? '', { share: 1, does: { kind: 'slow', seconds: 2 } }),
  },
  {
    name: 'tcp-app-down',
    says: 'ledger, which bank reaches by bare TCP, has crashed; its proxy runs',
    kind: 'fault',
    truth: truth(toLedger, ['tcp-failure'], app, of('ledger', 'Deployment|Pod'), ['mutual TLS']),
    act: ({ appDown }) => appDown('ledger'),
  },
  {
    name: 'tcp-proxy-dead',
    says: 'the proxy of ledger has died',
    kind: 'fault',
    truth: truth(toLedger, ['tcp-failure'], ["callee's proxy", 'network/TLS'], of('ledger', 'Deployment|Pod'), ['mutual TLS']),
    act: ({ killProxy }) => killProxy('ledger'),
  },
  {
    name: 'tcp-no-endpoints',
    says: 'ledger has no ready endpoint left',
    kind: 'fault',
    truth: truth(toLedger, ['tcp-failure', 'no-healthy-upstream'], app, of('ledger', 'Service|Deployment'), ['mutual TLS']),
    act: knows('bank', 'ledger', { endpoints: [] }),
  },
];
