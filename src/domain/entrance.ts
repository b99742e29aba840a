import type { Edge } from './edge.ts';

/**
 * Names that meshes give the proxies at their entrance: `istio-ingressgateway` of istioctl, the chart's `istio-ingress`, `ingress-nginx-…`,
 * and the Deployment of a Gateway of the Gateway API, which is called after it and its class (istio.io, "Gateway API", automated deployment).
 */
const entranceNames = /^(istio-)?ingress(gateway)?(-|$)|^nginx-ingress(-|$)|gateway-istio$/i;
/** Where only proxies of the entrance, or of the mesh itself, run. */
const entranceNamespaces: ReadonlySet<string> = new Set(['istio-system', 'istio-ingress', 'ingress-nginx']);

/**
 * Its callers are outside of the mesh. Only what is known for sure: `payment-gateway` is an application as likely as not, and the callers of
 * an egress gateway or a waypoint are inside.
 */
export const isEntrance = ({ source }: Edge): boolean => {
  const name = source.workload ?? source.service ?? '';
  if (/egress|waypoint/i.test(name)) return false;
  const isAmongProxies = source.namespace !== null && entranceNamespaces.has(source.namespace);
  return entranceNames.test(name) || (isAmongProxies && /gateway|ingress/i.test(name));
};
