import { describe, expect, it } from 'vitest';
import type { Diagnosis, FirstCheck } from '../../../src/domain/diagnosis.ts';
import type { Edge } from '../../../src/domain/edge.ts';
import type { EdgeReading, PodReading } from '../../../src/domain/signals.ts';
import { command } from '../../../src/stages/compose/mrkdwn.ts';
import { rules } from '../../../src/stages/diagnose/rules/index.ts';
import { readingWith, type Said, type Side, saidOf } from '../../support/edges.ts';
import { edgeNamed } from '../../support/report.ts';
import { connectionsRows } from './flag-rows/connections.ts';
import { limitsRows } from './flag-rows/limits.ts';
import { policiesRows } from './flag-rows/policies.ts';
import { timeRows } from './flag-rows/time.ts';
import { diagnosed } from './flags.ts';

/** checkout → payments, whose Deployment is payments-v1: no command may take the service for it. */
const edge = edgeNamed();
const side = (...now: readonly Said[]): Side => ({ now, usual: 3000 });
const both = (of: Edge, one: Side): EdgeReading => readingWith(of, { caller: one, callee: one });
const slow = (of: Edge): EdgeReading => both(of, { ...side([3000]), mean: 0.9, usualMean: 0.02 });
const tcp = (...now: readonly Said[]): Side => ({ ...side(...now), protocol: 'tcp' });

const podOf = (name: string, failed: number): PodReading => ({
  name,
  isPod: true,
  version: 'v1',
  requests: 1500,
  failed,
  duration: null,
  before: 1500,
});

/** What the rows of flags do not show. */
const others: readonly (readonly [rule: string, readings: readonly EdgeReading[]])[] = [
  ['slow-callee', [slow(edge)]],
  ['slow-dependency', [slow(edge), slow(edgeNamed('payments-v1', 'ledger', 'shop'))]],
  ['one-version-bad', [both(edge, side([1500], [1500, '500', '-', null, 'v2', 'payments-v2']))]],
  ['one-pod-bad', [{ ...both(edge, side([2250], [750, '500'])), pods: [podOf('payments-a', 0), podOf('payments-b', 750)] }]],
  [
    'retry-storm',
    [readingWith(edge, { caller: side([2280], [720, '500', 'URX']), callee: { ...side([2280], [5520, '500']), usual: 3000 } })],
  ],
  ['tcp-failure', [readingWith(edge, { caller: tcp([2000, '', '-'], [1000, '', 'UF']), callee: tcp([2000, '', '-']) })]],
  ['traffic-vanished', [both(edge, { now: [[0]], usual: 3000 })]],
  ['traffic-surge', [both(edge, { now: [[24_000]], usual: 3000 })]],
];

const listOf = (list: string, workload = 'payments-v1'): string => `kubectl -n shop ${list} | grep -e NAME -e ^${workload}-`;

/** Every rule's commands, in whatever scene; `healthy` and `recovered` have nothing to look at. */
const commands: Readonly<Record<string, readonly string[]>> = {
  'no-route': ['istioctl analyze -n shop', 'kubectl -n shop get envoyfilters,sidecars -o yaml'],
  'no-healthy-upstream': [
    'kubectl -n shop get endpointslices -l kubernetes.io/service-name=payments',
    'kubectl -n shop get sidecars,envoyfilters -o yaml',
  ],
  'outlier-ejection': ['kubectl -n shop logs deploy/payments-v1 --since=30m'],
  'circuit-breaker': ['kubectl -n shop get destinationrules -o yaml', 'kubectl -n shop logs deploy/payments-v1 --since=15m'],
  'tcp-failure': [listOf('get pods -o wide')],
  'one-pod-bad': ['kubectl -n shop describe pod payments-b'],
  'fault-injected': ['kubectl -n shop get virtualservices -o yaml'],
  'one-version-bad': ['kubectl -n shop rollout history deploy/payments-v2'],
  'duration-limit': [
    'kubectl -n shop get envoyfilters,destinationrules -o yaml',
    'kubectl -n shop logs deploy/checkout --since=15m',
  ],
  'upstream-timeout': [
    'kubectl -n shop get envoyfilters,sidecars -o yaml',
    'kubectl -n shop get networkpolicies -o yaml',
    'kubectl -n shop get virtualservices -o yaml',
  ],
  'mtls-failure': [
    'istioctl -n shop proxy-config secret deploy/checkout',
    'istioctl -n shop proxy-config secret deploy/payments-v1',
    'kubectl -n shop get peerauthentications,destinationrules -o yaml',
  ],
  'cut-response': [
    listOf('get pods -o wide'),
    'kubectl -n shop logs deploy/payments-v1 --since=15m',
    listOf('top pods --containers', 'checkout'),
    listOf('top pods --containers'),
  ],
  'protocol-error': [
    'kubectl -n shop get peerauthentications,destinationrules -o yaml',
    'kubectl -n shop get service payments -o yaml',
    'kubectl -n shop logs deploy/payments-v1 --since=15m',
    'kubectl -n shop rollout history deploy/checkout',
  ],
  'connection-failure': ['kubectl -n shop get networkpolicies -o yaml', listOf('get pods -o wide')],
  'dns-failure': ['kubectl -n shop get serviceentries -o yaml'],
  'filter-not-configured': ['kubectl -n shop get wasmplugins,envoyfilters'],
  'dropped-on-purpose': ['istioctl -n shop proxy-config eds deploy/checkout -o json'],
  'local-health-check': [listOf('get pods -o wide')],
  'rate-limited': ['kubectl -n shop get envoyfilters -o yaml'],
  'rate-limit-unavailable': ['kubectl -n shop get envoyfilters -o yaml'],
  'external-authorization': ['kubectl -n shop get authorizationpolicies -o yaml'],
  'rbac-denied': ['kubectl -n shop get authorizationpolicies -o yaml'],
  'jwt-refused': ['kubectl -n shop get requestauthentications -o yaml'],
  'bad-request-header': ['kubectl -n shop rollout history deploy/checkout'],
  'slow-dependency': [listOf('top pods --containers', 'ledger-v1')],
  'grpc-errors': ['kubectl -n shop logs deploy/payments-v1 --since=15m'],
  'retry-exhausted': ['kubectl -n shop logs deploy/payments-v1 --since=15m'],
  'callee-errors': ['kubectl -n shop logs deploy/payments-v1 --since=15m'],
  'proxy-answered': [
    'kubectl -n shop get envoyfilters -o yaml',
    'kubectl -n shop get virtualservices -o yaml',
    'kubectl -n shop logs deploy/checkout -c istio-proxy --since=15m',
    'kubectl -n shop logs deploy/payments-v1 -c istio-proxy --since=15m',
  ],
  'slow-callee': [listOf('top pods --containers')],
  'retry-storm': ['kubectl -n shop get virtualservices,destinationrules -o yaml'],
  'traffic-vanished': ['kubectl -n shop get deployment checkout -o wide'],
  'traffic-surge': ['kubectl -n shop get deployments,hpa'],
  'client-gave-up': ['kubectl -n shop get networkpolicies -o yaml', listOf('get pods -o wide', 'checkout')],
};

const scenes: readonly Diagnosis[] = [
  ...[...connectionsRows, ...timeRows, ...limitsRows, ...policiesRows].map(([, fault]) => diagnosed(fault)),
  ...others.map(([, readings]) => saidOf(readings)),
];

const said = (rule: string): readonly (string | null)[] => [
  ...new Set(
    scenes.flatMap(({ verdict, findings }) =>
      [...(verdict === null ? [] : [verdict]), ...findings]
        .filter((found) => found.rule === rule)
        .map((found) => found.firstCheck.command),
    ),
  ),
];

describe('the first check', () => {
  it.each(rules.map(({ name }) => name).filter((name) => name !== 'healthy' && name !== 'recovered'))(
    'of %s is a command as it can be run',
    (rule) => {
      expect([...said(rule)].sort()).toEqual(commands[rule]);
      for (const text of said(rule)) expect(command(text ?? '')).not.toBeNull();
    },
  );
});

const checkOf = (readings: readonly EdgeReading[], mesh: 'istio' | 'ambient' | 'linkerd' = 'istio'): FirstCheck | undefined =>
  saidOf(readings, { mesh }).verdict?.firstCheck;

const failing = (workload: string | null, of: Edge = edge): EdgeReading =>
  both(of, side([2000, '200', '-', null, 'v1', workload], [1000, '500', '-', null, 'v1', workload]));
const nameless: Edge = { ...edge, destination: { ...edge.destination, workload: null } };
const outside: Edge = { ...edge, destination: { namespace: 'shop', workload: null, service: 'api.bank.example' } };
const unknownCaller: Edge = { ...edge, source: { namespace: null, workload: null, service: null } };

describe('whom a first check looks at', () => {
  it.each<readonly [string, readonly EdgeReading[], FirstCheck['command'], FirstCheck['object']]>([
    [
      'the workload that was measured, whatever the alert names',
      [failing('billing')],
      'logs deploy/billing',
      'Deployment shop/billing',
    ],
    [
      'of several the one that fails most, though another is busier',
      [
        both(
          edge,
          side([2500, '200', '-', null, 'v1', 'payments-v1'], [100, '500'], [400, '500', '-', null, 'v1', 'payments-batch']),
        ),
      ],
      'logs deploy/payments-batch',
      'Deployment shop/payments-batch',
    ],
    [
      'a StatefulSet, by the names of its pods',
      [{ ...failing('payments'), pods: [podOf('payments-0', 500), podOf('payments-1', 500)] }],
      'logs statefulset/payments',
      'StatefulSet shop/payments',
    ],
    [
      'a DaemonSet, by the names of its pods',
      [{ ...failing('payments'), pods: [podOf('payments-x2k4d', 500), podOf('payments-p7m9q', 500)] }],
      'logs daemonset/payments',
      'DaemonSet shop/payments',
    ],
    ['the service, where no workload is known', [failing(null, nameless)], 'logs svc/payments', 'Service shop/payments'],
    ['a host outside of the cluster: nothing that kubectl could show', [failing(null, outside)], null, 'shop/api.bank.example'],
  ])('%s', (_, readings, text, object) => {
    const found = checkOf(readings);
    expect(found?.command ?? null).toBe(text === null ? null : `kubectl -n shop ${text} --since=15m`);
    expect(found?.object).toBe(object);
  });

  it('has no command for a caller whom nobody names', () => {
    const dropped = readingWith(unknownCaller, { caller: side([1500], [1500, '503', 'DO']), callee: side([1500]) });
    expect(saidOf([dropped]).verdict).toMatchObject({ rule: 'dropped-on-purpose', firstCheck: { command: null } });
  });

  it('is never a kind that the mesh may lack: one such fails the whole command', () => {
    const late = readingWith(edge, { caller: side([1500], [1500, '504', 'UT']), callee: side([3000]) });
    expect(checkOf([late])?.command).toBe('kubectl -n shop get virtualservices -o yaml');
    expect(checkOf([late], 'ambient')?.command).toBe('kubectl -n shop get virtualservices,httproutes -o yaml');
  });
});
