import { type EdgeEnd, versionSuffix } from './edge.ts';
import { quoteRegex } from './promql.ts';

/** `payments` of `payments-v2`: tracers are told a service's name, metrics its Deployment's. */
const versioned = new RegExp(`^(.+?)(?:${versionSuffix})$`);
/** `payments` of `payments.shop.svc.cluster.local`, as a host names it. */
const firstWord = /^([^.]*[a-z][^.]*)\../i;

const spellings = (name: string): readonly string[] => {
  const bare = versioned.exec(name)?.[1] ?? name;
  return [name, bare, firstWord.exec(name)?.[1] ?? name];
};

/**
 * How traces, and metrics made of them, may name one end of an edge, as a pattern of RE2 that begins and ends nowhere by itself: `checkout`,
 * `checkout.shop`, `checkout.shop.svc.cluster.local`, `checkout-v1`, in letters of either case. Null for an end without a name.
 */
export const servicePattern = ({ namespace, workload, service }: EdgeEnd): string | null => {
  const names = [service, workload].filter((name) => name !== null && name !== '');
  if (names.length === 0) return null;
  const words = [...new Set(names.flatMap((name) => spellings(name ?? '').map((word) => word.toLowerCase())))];
  const place = namespace === null || namespace === '' ? '[.].*' : `[.]${quoteRegex(namespace.toLowerCase())}(?:[.].*)?`;
  return `(?i:(?:${words.map(quoteRegex).join('|')})(?:${versionSuffix})?(?:${place})?)`;
};
