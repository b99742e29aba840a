import type { Counter, Target } from '../lab.ts';
import type { Snapshot } from './past/measured.ts';

/** Counters of a mesh of two edges for the tests of the stack: gateway → checkout (two pods), checkout → payments. */

const pods = ['gateway', 'checkout-a', 'checkout-b', 'payments'] as const;

export const smallTargets: readonly Target[] = pods.map((pod, index) => ({
  job: 'istio',
  address: `127.0.0.1:${19_000 + index}`,
  path: '/metrics',
  labels: { namespace: 'shop', pod, app: pod.split('-')[0] ?? pod, version: 'v1' },
}));

const bounds = ['5', '10', '25', '50', '+Inf'] as const;
const below = [0.3, 0.6, 0.9, 0.99, 1] as const;
const meanMs = 12;

const cell = (
  target: number,
  reporter: string,
  caller: string,
  callee: string,
  code: string,
  requests: number,
): readonly Counter[] => {
  const labels = {
    reporter,
    source_workload: caller,
    source_workload_namespace: 'shop',
    destination_service_name: callee,
    destination_service_namespace: 'shop',
    destination_workload: `${callee}-v1`,
    destination_version: 'v1',
    response_code: code,
    response_flags: '-',
  };
  const duration = 'istio_request_duration_milliseconds';
  return [
    { target, name: 'istio_requests_total', labels, value: requests },
    ...bounds.map((le, index) => ({
      target,
      name: `${duration}_bucket`,
      labels: { ...labels, le },
      value: Math.round(requests * (below[index] ?? 1)),
    })),
    { target, name: `${duration}_sum`, labels, value: requests * meanMs },
    { target, name: `${duration}_count`, labels, value: requests },
  ];
};

/** Bare connections, with what they carried. */
const connections = (target: number, reporter: string, ended: number): readonly Counter[] => {
  const labels = {
    reporter,
    request_protocol: 'tcp',
    source_workload: 'payments-v1',
    source_workload_namespace: 'shop',
    destination_service_name: 'ledger',
    destination_service_namespace: 'shop',
    response_flags: '-',
  };
  return [
    { target, name: 'istio_tcp_connections_closed_total', labels, value: ended },
    { target, name: 'istio_tcp_sent_bytes_total', labels, value: 300 * ended },
  ];
};

/** As they stand after so many seconds at 40 requests a second, one in fifty failing at payments. */
const smallCounters = (seconds: number): readonly Counter[] => {
  const [gateway, checkoutA, checkoutB, payments] = [0, 1, 2, 3] as const;
  return [
    ...cell(gateway, 'source', 'gateway', 'checkout', '200', 40 * seconds),
    ...cell(checkoutA, 'destination', 'gateway', 'checkout', '200', 20 * seconds),
    ...cell(checkoutB, 'destination', 'gateway', 'checkout', '200', 20 * seconds),
    ...cell(checkoutA, 'source', 'checkout-v1', 'payments', '200', 19.6 * seconds),
    ...cell(checkoutA, 'source', 'checkout-v1', 'payments', '503', 0.4 * seconds),
    ...cell(checkoutB, 'source', 'checkout-v1', 'payments', '200', 19.6 * seconds),
    ...cell(checkoutB, 'source', 'checkout-v1', 'payments', '503', 0.4 * seconds),
    ...cell(payments, 'destination', 'checkout-v1', 'payments', '200', 39.2 * seconds),
    ...cell(payments, 'destination', 'checkout-v1', 'payments', '503', 0.8 * seconds),
    ...connections(payments, 'source', 3 * seconds),
    ...connections(gateway, 'destination', 3 * seconds),
    // Grew before the measurement, and not since.
    { target: gateway, name: 'istio_requests_total', labels: { reporter: 'source', response_code: '404' }, value: 7 },
  ];
};

const smallSnapshot = (seconds: number): Snapshot => ({
  atMs: 1_000_000 + seconds * 1000,
  counters: smallCounters(10 + seconds),
});

/** Fifty seconds of it. */
export const smallSnapshots: readonly [Snapshot, Snapshot] = [smallSnapshot(0), smallSnapshot(50)];
