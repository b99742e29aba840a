import type { Side } from '../../../src/domain/diagnosis.ts';
import type { EdgeName, Truth } from '../lab.ts';

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

/** Nothing may be blamed. */
export const nothing: Truth = { edge: null, rules: ['healthy', 'recovered'], sides: ['nothing wrong'], object: '', not: [] };
