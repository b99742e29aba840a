import type { Evidence } from './evidence.ts';
import type { Reporter } from './signals.ts';

/** How meshes differ in what may be said of them. Their labels and metrics are in the dialects. */
export type Mesh = Evidence['mesh'];

/** Who counted. In an ambient mesh it is a waypoint, which stands before the callee (istio.io, "Istio Standard Metrics", reporter). */
export const counterOf = (mesh: Mesh, reporter: Reporter): string =>
  mesh === 'ambient' && reporter === 'caller' ? 'waypoints' : `the ${reporter}'s proxies`;

/** One such proxy. */
export const proxyIn = (mesh: Mesh, reporter: Reporter): string =>
  mesh === 'ambient' && reporter === 'caller' ? 'waypoint' : `${reporter}'s proxy`;

/** Linkerd's proxies print no response flags (linkerd.io, "Proxy Metrics"): there none can be told, nor ruled out. */
export const printsFlags = (mesh: Mesh): boolean => mesh !== 'linkerd';

/** What counts as failed. Linkerd's proxies say it themselves in `classification`. */
export const failedMeans = (mesh: Mesh, noun: 'request' | 'connection' = 'request'): string =>
  noun === 'connection'
    ? 'connections, not requests; failed = never made (UF, UH, UO, NR) or cut off'
    : mesh === 'linkerd'
      ? 'failed = what Linkerd classifies as failure'
      : 'failed = 5xx, gRPC 2 4 8 12–15, or cut off';

/** The container of the proxy in a pod. */
export const proxyContainer = (mesh: Mesh): string => (mesh === 'linkerd' ? 'linkerd-proxy' : 'istio-proxy');
