import type { Side } from '../../../src/domain/diagnosis.ts';
import type { EdgeName, Truth } from '../lab.ts';
import { podsOf } from '../mesh/topology.ts';

export const gateway = 'istio-ingressgateway';
export const toStorefront: EdgeName = [gateway, 'storefront'];
export const toCheckout: EdgeName = ['storefront', 'checkout'];
export const toPayments: EdgeName = ['checkout', 'payments'];
export const toInventory: EdgeName = ['checkout', 'inventory'];
export const toBank: EdgeName = ['payments', 'bank'];
export const toBankFromInventory: EdgeName = ['inventory', 'bank'];
export const toLedger: EdgeName = ['bank', 'ledger'];

/** Words that are wrong wherever the application or a policy, not the way to it, is at fault. */
export const noNetwork = ['mutual TLS', 'NetworkPolicy'] as const;

const namespaceOf = (who: string): string => {
  const pod = podsOf(0).find(({ service, workload }) => [service, workload].includes(who));
  if (pod === undefined) throw new Error(`nobody in the mesh is called ${who}`);
  return pod.namespace;
};

/** "shop/payments" as a pattern; a Deployment carries its version in its name, or the reader knows of it. */
export const named = (who: string): string => `${namespaceOf(who)}/${who}(?:-v\\d)?`;

/** Kinds of which Istio reads all that stand in a namespace: a check may mean them together ("EnvoyFilter in shop"). */
const together = /Virtual|Route|Filter|Sidecar|Policy|Authentication|Plugin/;

/** "Deployment|Service" of payments: objects that a first check may look at, as a pattern. */
export const of = (who: string, kinds: string): string =>
  kinds
    .split('|')
    .map((kind) => (together.test(kind) ? `${kind} (?:${named(who)}|in ${namespaceOf(who)})` : `${kind} ${named(who)}`))
    .join('|');

/** The pod of a workload with this place, and no other. */
export const podOf = (workload: string, at: number): string => {
  const pod = podsOf(0).filter((one) => one.workload === workload)[at];
  if (pod === undefined) throw new Error(`${workload} has no pod ${at}`);
  return `Pod ${pod.namespace}/${pod.name}`;
};

export const routes = 'VirtualService|HTTPRoute';

/** The truth of a fault. `rules` and `sides`: the expected one first, then those that a reader would call right too. */
export const truth = (
  edge: EdgeName | readonly [EdgeName, ...EdgeName[]],
  rules: readonly string[],
  sides: readonly Side[],
  object: string,
  not: readonly string[] = [],
): Truth => {
  const edges = typeof edge[0] === 'string' ? [edge as EdgeName] : (edge as readonly EdgeName[]);
  const [first = null, ...others] = edges;
  return { edge: first, ...(others.length > 0 ? { orEdges: others } : {}), rules, sides, object, not };
};

/** Either is right, wholly; what is false of one is false of both. */
export const either = (one: Truth, { not: _, or: __, ...or }: Truth): Truth => ({ ...one, or });

/** Nothing may be blamed. */
export const nothing: Truth = { edge: null, rules: ['healthy', 'recovered'], sides: ['nothing wrong'], object: '', not: [] };
