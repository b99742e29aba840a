import type { View } from './dialect.ts';
import { type Edge, type EdgeEnd, isEverybody, versionSuffix } from './edge.ts';
import { equals, type Matcher, quoteRegex } from './promql.ts';

/** Matchers that pick one edge, or the edges around one, in one reporter's view; null when that view cannot print it. */

const both = (view: View, matchers: readonly (Matcher | null)[]): readonly Matcher[] | null =>
  matchers.some((matcher) => matcher === null) ? null : [...view.matchers, ...matchers.filter((matcher) => matcher !== null)];

const part = (label: string | null, value: string | null): Matcher | null =>
  label === null || value === null ? null : equals(label, value);
const optional = (label: string | null, value: string | null): readonly Matcher[] =>
  label === null || value === null ? [] : [equals(label, value)];

/** A Deployment is named after its service, often with a version behind: `payments`, `payments-v2`. */
const namedAfter = (service: string): string => `${quoteRegex(service)}(${versionSuffix})?`;

const workloadsOf = (label: string, service: string): Matcher => ({ label, op: '=~', value: namedAfter(service) });

/** What Kubernetes puts behind a workload's name: two random parts (Deployment), one (DaemonSet) or a number (StatefulSet). */
export const podSuffix = '([a-z0-9]{4,10}-)?[a-z0-9]{5}|[0-9]+';

/** The names of these workloads' pods. */
export const podsOfWorkloads = (workloads: readonly string[]): string =>
  workloads.length === 1 && workloads[0] !== undefined
    ? `${quoteRegex(workloads[0])}-(${podSuffix})`
    : `(${workloads.map(quoteRegex).join('|')})-(${podSuffix})`;

/** The names of one end's pods, and not those of a neighbour whose name only begins alike: `payments-api` beside `payments`. */
export const podNames = (end: EdgeEnd): string | null => {
  const { workload, service } = end;
  if (isEverybody(end)) return null;
  if (workload !== null) return podsOfWorkloads([workload]);
  return service === null ? null : `${namedAfter(service)}-(${podSuffix})`;
};

const callee = (view: View, { destination }: Edge): readonly Matcher[] | null => {
  const { labels } = view;
  const namespace = optional(labels.destinationNamespace, destination.namespace);
  if (labels.destinationService !== null && destination.service !== null)
    return [...namespace, equals(labels.destinationService, destination.service)];
  const name = destination.workload ?? destination.service;
  return labels.destinationWorkload === null || name === null ? null : [...namespace, equals(labels.destinationWorkload, name)];
};

const caller = (view: View, { source }: Edge): readonly Matcher[] | null => {
  const { labels } = view;
  if (labels.sourceWorkload !== null)
    return source.workload === null
      ? null
      : [...optional(labels.sourceNamespace, source.namespace), equals(labels.sourceWorkload, source.workload)];
  if (labels.sourceIdentity === null || source.workload === null) return null;
  const namespace = source.namespace === null ? '[^.]+' : quoteRegex(source.namespace);
  return [{ label: labels.sourceIdentity, op: '=~', value: `${quoteRegex(source.workload)}\\.${namespace}\\..*` }];
};

/** The edge itself. */
export const edgeMatchers = (view: View, edge: Edge): readonly Matcher[] | null => {
  const [from, to] = [caller(view, edge), callee(view, edge)];
  if (from === null && edge.source.workload !== null) return null;
  return to === null ? null : [...view.matchers, ...(from ?? []), ...to];
};

/** Every edge into the callee. */
export const calleeIn = (view: View, edge: Edge): readonly Matcher[] | null => {
  const to = callee(view, edge);
  return to === null ? null : [...view.matchers, ...to];
};

/** Every edge out of the callee: its dependencies. Its workload is what the labels said, else named after its service. */
export const calleeOut = (view: View, { destination }: Edge): readonly Matcher[] | null => {
  const label = view.labels.sourceWorkload;
  const name = destination.service ?? destination.workload;
  if (label === null || name === null) return null;
  return both(view, [workloadsOf(label, name), ...optional(view.labels.sourceNamespace, destination.namespace)]);
};

/** Every edge out of the caller, NR and NC included, which name no destination. */
export const callerOut = (view: View, { source }: Edge): readonly Matcher[] | null =>
  both(view, [part(view.labels.sourceWorkload, source.workload), ...optional(view.labels.sourceNamespace, source.namespace)]);

/** Every edge into the caller, by its workload: who calls who calls. */
export const callerIn = (view: View, { source }: Edge): readonly Matcher[] | null =>
  both(view, [
    part(view.labels.destinationWorkload, source.workload),
    ...optional(view.labels.destinationNamespace, source.namespace),
  ]);
