import { calleeName, callerName, type Edge, type EdgeEnd } from '../../domain/edge.ts';

/** The end that an alert names, where it names only one. */
export type NamedEnd = { readonly role: 'caller' | 'callee'; readonly workload: EdgeEnd };

/** A host and its first word are one service: `bank-api.bank.example`, `bank-api`. */
const sameName = (a: string, b: string): boolean => a === b || a.split('.')[0] === b || b.split('.')[0] === a;

const names = ({ workload, service }: EdgeEnd): readonly string[] => [service, workload].filter((name) => name !== null);

/** Whether one of the edge's ends is the named one; namespaces are compared where both are known. */
export const isAt =
  ({ role, workload }: NamedEnd) =>
  (edge: Edge): boolean => {
    const [end, own] =
      role === 'caller' ? [edge.source, [callerName(edge)]] : [edge.destination, [calleeName(edge), ...names(edge.destination)]];
    const isElsewhere = end.namespace !== null && workload.namespace !== null && end.namespace !== workload.namespace;
    return !isElsewhere && names(workload).some((name) => own.some((one) => sameName(one, name)));
  };

/** Into the same workload, as different counters name it. */
export const sameCallee = (a: Edge, b: Edge): boolean => isAt({ role: 'callee', workload: b.destination })(a);
