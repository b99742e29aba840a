/** The simulated shop: who calls whom, how often, how fast. Every number is what a small real shop could have. */

type Service = {
  readonly name: string;
  readonly namespace: string;
  readonly versions: readonly { readonly name: string; readonly weight: number }[];
};

export type Call = {
  readonly caller: string;
  readonly callee: string;
  /** Requests per second at noon. */
  readonly perSecond: number;
  /** Median of the callee's own time, seconds. */
  readonly medianSeconds: number;
  /** Share that fails on a good day. */
  readonly failing: number;
  readonly protocol: 'http' | 'grpc';
  /** Whether the caller fails when this call does. */
  readonly isCritical: boolean;
};

const one = [{ name: 'v1', weight: 1 }] as const;
const service = (name: string, namespace = 'shop', versions: Service['versions'] = one): Service => ({
  name,
  namespace,
  versions,
});

export const services: readonly Service[] = [
  service('istio-ingressgateway', 'istio-system'),
  service('frontend'),
  service('catalog'),
  service('search'),
  service('cart'),
  service('recommendations'),
  service('checkout'),
  service('payments', 'shop', [
    { name: 'v1', weight: 0.75 },
    { name: 'v2', weight: 0.25 },
  ]),
  service('inventory'),
  service('shipping'),
  service('currency'),
  service('notifications'),
  service('warehouse', 'logistics'),
  service('bank', 'finance'),
  service('fraud', 'finance'),
];

const call = (
  caller: string,
  callee: string,
  perSecond: number,
  medianMs: number,
  failing: number,
  rest: Partial<Call> = {},
): Call => ({ caller, callee, perSecond, medianSeconds: medianMs / 1000, failing, protocol: 'http', isCritical: true, ...rest });

/** Callees before callers would be found first in a depth-first walk; the order here is the order of the message path. */
export const calls: readonly Call[] = [
  call('istio-ingressgateway', 'frontend', 40, 6, 0.0005),
  call('frontend', 'catalog', 28, 9, 0.0008),
  call('frontend', 'search', 12, 35, 0.001),
  call('frontend', 'cart', 16, 5, 0.0004),
  call('frontend', 'recommendations', 20, 14, 0.003, { isCritical: false }),
  call('frontend', 'checkout', 11, 12, 0.001),
  call('recommendations', 'catalog', 18, 8, 0.0008, { isCritical: false }),
  call('checkout', 'payments', 10, 18, 0.001),
  call('checkout', 'inventory', 10, 8, 0.0006),
  call('checkout', 'shipping', 9, 15, 0.001, { protocol: 'grpc' }),
  call('checkout', 'currency', 10, 3, 0.0002, { protocol: 'grpc' }),
  call('checkout', 'notifications', 9, 20, 0.004, { isCritical: false }),
  call('payments', 'bank', 10, 42, 0.0015),
  call('payments', 'fraud', 10, 11, 0.0007),
  call('inventory', 'warehouse', 8, 13, 0.0008),
];

export const serviceNamed = (name: string): Service => services.find((candidate) => candidate.name === name) ?? service(name);
export const callKey = ({ caller, callee }: Pick<Call, 'caller' | 'callee'>): string => `${caller}>${callee}`;

/** Two milliseconds of processor time a request, and what a process needs when nothing calls it. */
export const cpuSecondsPerRequest = 0.002;
export const idleCores = 0.02;

/** The limit of a service's pods of one version: about three times what they need at noon. */
export const limitCores = (name: string, version: string): number => {
  const weight = serviceNamed(name).versions.find((known) => known.name === version)?.weight ?? 1;
  const perSecond = calls.filter(({ callee }) => callee === name).reduce((sum, call) => sum + call.perSecond, 0) * weight;
  return Math.ceil((idleCores + perSecond * cpuSecondsPerRequest) * 30) / 10;
};

/** The Deployment of one version: with a version in its name only where there are several. */
export const workloadOf = (name: string, version: string): string =>
  serviceNamed(name).versions.length > 1 ? `${name}-${version}` : name;

/** One pod a version, named as a Deployment names it. */
export const podOf = (name: string, version: string): string => `${workloadOf(name, version)}-7d9f6c5b8d-x2k9q`;
