/** One end of an edge. Missing parts are null; `unknown` in Istio's labels is a missing part. */
export type EdgeEnd = {
  readonly namespace: string | null;
  /** The Deployment or its like. An attribute at the destination (UH, NC, NR and UO print `unknown` there). */
  readonly workload: string | null;
  /** The service's short name, or a host for what lies outside the mesh. Only the destination has one in Istio. */
  readonly service: string | null;
};

/**
 * Which workload calls which: (cluster, caller namespace/workload, callee namespace/service). Callee workload and version are
 * attributes, not identity.
 */
export type Edge = { readonly cluster: string | null; readonly source: EdgeEnd; readonly destination: EdgeEnd };

export const nobody: EdgeEnd = { namespace: null, workload: null, service: null };

/** All callers of a callee together: no name of Kubernetes has a space, so no workload is mistaken for it. */
const everybody: EdgeEnd = { namespace: null, workload: null, service: 'all callers' };
export const isEverybody = ({ namespace, workload, service }: EdgeEnd): boolean =>
  namespace === null && workload === null && service === everybody.service;

/** The callee of an edge as all its callers see it. */
export const calledByAll = (edge: Edge): Edge => ({ ...edge, source: everybody });

/** The short name a person would say for an end: the service at the destination, else the workload. */
export const callerName = (edge: Edge): string => edge.source.workload ?? edge.source.service ?? 'unknown';
export const calleeName = (edge: Edge): string => edge.destination.service ?? edge.destination.workload ?? 'unknown';

/** What may stand behind the name of a service in that of its Deployment: a version, or a part in a rollout. */
export const versionSuffix = '-v?[0-9][a-z0-9.-]*|-(canary|stable|primary|green|blue)';
const isVersion = new RegExp(`^(${versionSuffix})?$`);

/** A Deployment that is named after this service: `payments-v2` is after `payments`, `payments-vault` is not. */
export const isNamedAfter = (workload: string, service: string): boolean =>
  workload.startsWith(service) && isVersion.test(workload.slice(service.length));

/** No destination was chosen, as for what matches no route: the requests end at the caller's proxy. */
export const isNowhere = ({ destination }: Edge): boolean => destination.service === null && destination.workload === null;

/** "checkout → payments"; "checkout → no destination" */
export const edgeTitle = (edge: Edge): string => `${callerName(edge)} → ${isNowhere(edge) ? 'no destination' : calleeName(edge)}`;

/** Identity of an edge as text, for maps and sorting. JSON, so that no value can imitate a separator. */
export const edgeKey = (edge: Edge): string =>
  JSON.stringify([edge.cluster, edge.source.namespace, callerName(edge), edge.destination.namespace, calleeName(edge)]);

/** Identity of the callee alone. */
export const calleeKey = (edge: Edge): string => JSON.stringify([edge.cluster, edge.destination.namespace, calleeName(edge)]);

/** Whether two edges lead to one callee, known by its name and namespace. */
export const isSameCallee = (a: Edge, b: Edge): boolean => calleeKey(a) === calleeKey(b);

/** Byte order of keys: the last tie-breaker everywhere, so the same input gives the same message. */
export const byEdgeKey = (a: Edge, b: Edge): number => {
  const [left, right] = [edgeKey(a), edgeKey(b)];
  return left < right ? -1 : left > right ? 1 : 0;
};

/** What an alert is about. Only `edge` and `workload` are measured; every other kind gets its own card. */
export type Subject =
  | { readonly kind: 'edge'; readonly edge: Edge }
  /** The alert names one end only; `edge` is that workload's worst edge, and the message says so. */
  | { readonly kind: 'workload'; readonly role: 'caller' | 'callee'; readonly workload: EdgeEnd; readonly edge: Edge | null }
  /** Listener and downstream metrics: a proxy, not an edge. */
  | { readonly kind: 'node'; readonly workload: EdgeEnd }
  | { readonly kind: 'control-plane'; readonly component: string }
  /** `absent()` and its like: the metric is missing, nobody knows how the edge is. */
  | { readonly kind: 'no-data'; readonly metric: string; readonly matchers: string }
  | { readonly kind: 'low-traffic'; readonly workload: EdgeEnd | null }
  | { readonly kind: 'plain'; readonly why: string };

/** How the edge was found; stands in the footer. `score` is 0–1. */
export type Located = {
  readonly way: 'labels' | 'expression' | 'rules-api' | 'largest-contributor' | 'walk' | 'self-made' | 'command' | 'none';
  readonly score: number;
  /** The second best, only when its share is within .15 of the best. */
  readonly runnerUp: { readonly edge: Edge; readonly score: number } | null;
  /** One sentence for the footer: "edge from the rule's expression at 07:15, source reporter". */
  readonly how: string;
};

/** The edge a subject is about, or null. */
export const edgeOf = (subject: Subject): Edge | null =>
  subject.kind === 'edge' || subject.kind === 'workload' ? subject.edge : null;
