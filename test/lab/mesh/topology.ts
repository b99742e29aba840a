import type { Pod } from '../lab.ts';

/** How requests travel between two proxies: as the client sent them, upgraded to HTTP/2, as gRPC, or as bytes. */
export type Protocol = 'http' | 'http2' | 'grpc' | 'tcp';

/** One edge of the healthy mesh. */
type Call = {
  readonly caller: string;
  readonly callee: string;
  readonly protocol: Protocol;
  /** Mutual TLS between the proxies, or plaintext. */
  readonly isMutual: boolean;
};

/** Port of the service, which is also the port of its application. */
export const ports: Readonly<Record<Protocol, number>> = { http: 8080, http2: 8080, grpc: 9090, tcp: 5432 };

/** Ports of a sidecar, as Istio has them; `tcpOut` stands for the address of a TCP service, which iptables would catch. */
export const sidecar = { out: 15001, in: 15006, tcpOut: 15432, tcpIn: 15433, admin: 15000 } as const;

const gateway = 'istio-ingressgateway';

type Deployment = {
  readonly namespace: string;
  readonly workload: string;
  readonly service: string;
  readonly version: string;
  readonly pods: number;
};

/** gateway → storefront → checkout → {payments v1 + v2, inventory} → bank → ledger. */
const deployments: readonly Deployment[] = [
  {
    namespace: 'istio-system',
    workload: gateway,
    service: gateway,
    version: 'latest',
    pods: 1,
  },
  { namespace: 'shop', workload: 'storefront', service: 'storefront', version: 'v1', pods: 1 },
  { namespace: 'shop', workload: 'checkout', service: 'checkout', version: 'v1', pods: 1 },
  { namespace: 'shop', workload: 'payments-v1', service: 'payments', version: 'v1', pods: 2 },
  { namespace: 'shop', workload: 'payments-v2', service: 'payments', version: 'v2', pods: 1 },
  { namespace: 'shop', workload: 'inventory', service: 'inventory', version: 'v1', pods: 2 },
  { namespace: 'finance', workload: 'bank', service: 'bank', version: 'v1', pods: 2 },
  { namespace: 'finance', workload: 'ledger', service: 'ledger', version: 'v1', pods: 1 },
];

export const calls: readonly Call[] = [
  { caller: gateway, callee: 'storefront', protocol: 'http', isMutual: false },
  { caller: 'storefront', callee: 'checkout', protocol: 'http', isMutual: true },
  { caller: 'checkout', callee: 'payments', protocol: 'http', isMutual: true },
  { caller: 'checkout', callee: 'inventory', protocol: 'grpc', isMutual: true },
  { caller: 'payments', callee: 'bank', protocol: 'http2', isMutual: true },
  { caller: 'inventory', callee: 'bank', protocol: 'grpc', isMutual: false },
  { caller: 'bank', callee: 'ledger', protocol: 'tcp', isMutual: true },
];

const hashes = ['6c9f7d5b8', '7d4f9c6b5', '5b8d6f7c9', '84c7d9f5b'];
const tails = ['x2k4d', 'p7m9q', 'z5t8w'];

/** The pods of the mesh with this index, each at an address of its own in 127.0.0.0/8. */
export const podsOf = (index: number): readonly Pod[] =>
  deployments
    .flatMap((deployment, at) =>
      Array.from({ length: deployment.pods }, (_, pod) => ({
        ...deployment,
        name: `${deployment.workload}-${hashes[at % hashes.length]}-${tails[pod]}`,
      })),
    )
    .map(({ name, namespace, workload, service, version }, at) => ({
      name,
      namespace,
      workload,
      service,
      version,
      address: `127.${40 + index}.0.${10 + at}`,
    }));

/** Address of what is no pod: the control plane, the trace receiver, and a place that answers nothing. */
export const aside = (index: number, what: 'control' | 'traces' | 'hole' | 'nobody' | 'policy'): string =>
  `127.${40 + index}.0.${{ control: 2, traces: 3, hole: 4, nobody: 5, policy: 6 }[what]}`;

/** The service's name in the mesh. */
export const hostOf = (pod: Pick<Pod, 'service' | 'namespace'>): string => `${pod.service}.${pod.namespace}.svc.cluster.local`;

/** "outbound|8080||payments.shop.svc.cluster.local", as Istio names the cluster of a service. */
export const clusterOf = (host: string, port: number, subset = ''): string => `outbound|${port}|${subset}|${host}`;

/** As Istio calls a proxy: what stands at the mesh's edge is a router, what stands beside an application a sidecar. */
export const nodeIdOf = ({ service, address, name, namespace }: Pod): string =>
  `${service === gateway ? 'router' : 'sidecar'}~${address}~${name}.${namespace}~${namespace}.svc.cluster.local`;

/** "checkout.shop": the service of a proxy's spans (istio.io, "Distributed Tracing", canonical service and namespace). */
export const tracedAs = ({ service, namespace }: Pick<Pod, 'service' | 'namespace'>): string => `${service}.${namespace}`;

/** The identity that a pod's certificate proves; one service account a service. */
export const identityOf = (pod: Pick<Pod, 'service' | 'namespace'>): string =>
  `spiffe://cluster.local/ns/${pod.namespace}/sa/${pod.service}`;
