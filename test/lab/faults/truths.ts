import type { Side } from '../../../src/domain/diagnosis.ts';
import type { EdgeName, RightAnswer, Truth } from '../lab.ts';
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

/** Kinds that choose what they apply to by labels: no metric tells which one it is, so that a check means all in a namespace ("EnvoyFilter in shop"). */
const nameless = /Filter|Sidecar|Policy|Authentication|Plugin/;

/** "Deployment|Service" of payments: objects that a first check may look at, as a pattern. */
export const of = (who: string, kinds: string): string =>
  kinds
    .split('|')
    .map((kind) => (nameless.test(kind) ? `${kind} (?:${named(who)}|in ${namespaceOf(who)})` : `${kind} ${named(who)}`))
    .join('|');

/** The Deployment with this name and no other, where a version beside it is well. */
export const deployment = (workload: string): string => `Deployment ${namespaceOf(workload)}/${workload}`;
/** What is false while v1 of payments is well. */
export const onlyV2 = ['version v1 of payments is'] as const;

/** Kinds that route, of one callee; where no destination was chosen nobody can tell whose route it is, and all of the caller's namespace are meant. */
export const routes = 'VirtualService|HTTPRoute';
export const routesFrom = (caller: string): string => `(?:${routes}) in ${namespaceOf(caller)}`;

/** The pod of a workload with this place, and no other. */
export const podOf = (workload: string, at: number): string => {
  const pod = podsOf(0).filter((one) => one.workload === workload)[at];
  if (pod === undefined) throw new Error(`${workload} has no pod ${at}`);
  return `Pod ${pod.namespace}/${pod.name}`;
};

/**
 * The truth of a fault. `rules` and `sides`: the expected one first, then those that a reader would call right too. `must`: the point of it
 * where the rule alone does not tell, in whatever words.
 */
export const truth = (
  edge: EdgeName | readonly [EdgeName, ...EdgeName[]],
  rules: readonly string[],
  sides: readonly Side[],
  object: string,
  not: readonly string[] = [],
  must: readonly string[] = [],
): Truth => {
  const edges = typeof edge[0] === 'string' ? [edge as EdgeName] : (edge as readonly EdgeName[]);
  const [first = null, ...others] = edges;
  return {
    edge: first,
    ...(others.length > 0 ? { orEdges: others } : {}),
    rules,
    sides,
    object,
    ...(must.length > 0 ? { must } : {}),
    not,
  };
};

const answerOf = ({ edge, orEdges, rules, sides, object }: Truth): RightAnswer => ({
  edge,
  ...(orEdges === undefined ? {} : { orEdges }),
  rules,
  sides,
  object,
});

/** Either is right, wholly; what is false of one is false of both. */
export const either = (one: Truth, other: Truth): Truth => ({ ...one, or: answerOf(other) });

/** Both are true at once, and both must be told; what is false of one is false of both. */
export const both = (one: Truth, other: Truth): Truth => ({ ...one, and: answerOf(other) });

/** It is over before anyone looks: alerts tell of it while it lasts, and whoever asks then is told `later`. */
export const andThen = (one: Truth, later: Truth): Truth => ({ ...one, asked: answerOf(later) });

/** Nothing may be blamed. */
export const nothing: Truth = { edge: null, rules: ['healthy', 'recovered'], sides: ['nothing wrong'], object: '', not: [] };
