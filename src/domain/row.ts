import { type Labels, labelOf } from './alert.ts';
import type { Dialect, View } from './dialect.ts';
import type { Edge, EdgeEnd } from './edge.ts';
import { flagsOf, type OutcomeClass, outcomeBy, outcomeCases } from './outcome.ts';
import type { Reporter } from './signals.ts';

/** What the labels of one answered row say. */
export type RowLabels = {
  readonly edge: Edge;
  readonly reporter: Reporter;
  readonly code: string;
  readonly grpcStatus: string | null;
  readonly flags: readonly string[];
  readonly protocol: string | null;
  readonly version: string | null;
  readonly workload: string | null;
  readonly outcome: OutcomeClass;
};

/** Istio prints `unknown` for what it does not know; an edge has null there. */
const value = (labels: Labels, label: string | null): string | null => {
  const text = label === null ? null : labelOf(labels, label);
  return text === 'unknown' ? null : text;
};

/** `checkout.shop.serviceaccount.identity.linkerd.cluster.local` → checkout in shop (linkerd.io, "Automatic mTLS"). */
const identity = (text: string | null): { readonly workload: string | null; readonly namespace: string | null } => {
  const [workload, namespace, kind] = (text ?? '').split('.');
  return kind === 'serviceaccount'
    ? { workload: workload || null, namespace: namespace || null }
    : { workload: null, namespace: null };
};

const viewOf = ({ views }: Dialect, labels: Labels): View | null =>
  [views.caller, views.callee].find((view) =>
    view.matchers.every(({ label, value: wanted }) => labelOf(labels, label) === wanted),
  ) ?? null;

/** Istio counts what reached a workload by no service of its own under this name; the workload is the callee there. */
const service = (text: string | null): string | null => (text?.startsWith('InboundPassthroughCluster') ? null : text);

const ends = (view: View, labels: Labels): { readonly source: EdgeEnd; readonly destination: EdgeEnd } => {
  const names = view.labels;
  const shown = identity(value(labels, names.sourceIdentity));
  return {
    source: {
      namespace: value(labels, names.sourceNamespace) ?? shown.namespace,
      workload: value(labels, names.sourceWorkload) ?? shown.workload,
      service: null,
    },
    destination: {
      namespace: value(labels, names.destinationNamespace),
      workload: value(labels, names.destinationWorkload),
      service: service(value(labels, names.destinationService)),
    },
  };
};

/** Reads a row; null when it belongs to neither view of the dialect. */
export const readRow = (dialect: Dialect, cluster: string | null, labels: Labels): RowLabels | null => {
  const view = viewOf(dialect, labels);
  if (view === null) return null;
  const code = value(labels, dialect.labels.code) ?? '';
  const grpcStatus = value(labels, dialect.labels.grpcStatus);
  const flags = flagsOf(value(labels, dialect.labels.flags) ?? '-');
  const said = value(labels, dialect.labels.classification);
  const { source, destination } = ends(view, labels);
  return {
    edge: { cluster, source, destination },
    reporter: view.reporter,
    code,
    grpcStatus,
    flags,
    protocol: value(labels, dialect.labels.protocol),
    version: value(labels, view.labels.destinationVersion),
    workload: destination.workload,
    outcome: outcomeBy(outcomeCases, { code, grpcStatus, flags, said }),
  };
};

const known = (labels: readonly (string | null)[]): readonly string[] => [...new Set(labels.filter((label) => label !== null))];

/** Labels that say which edge a row is about, and whose view it is. */
export const edgeLabels = ({ labels, matchers }: View): readonly string[] =>
  known([
    ...matchers.map(({ label }) => label),
    labels.sourceNamespace,
    labels.sourceWorkload,
    labels.sourceIdentity,
    labels.destinationNamespace,
    labels.destinationService,
    labels.destinationWorkload,
  ]);

/** Those of them that say whom it calls, whoever calls. */
export const calleeLabels = ({ labels, matchers }: View): readonly string[] =>
  known([
    ...matchers.map(({ label }) => label),
    labels.destinationNamespace,
    labels.destinationService,
    labels.destinationWorkload,
  ]);

/** Labels that say what became of the requests. */
export const outcomeLabels = (dialect: Dialect, view: View): readonly string[] =>
  known([
    dialect.labels.code,
    dialect.labels.grpcStatus,
    dialect.labels.flags,
    dialect.labels.protocol,
    dialect.labels.classification,
    view.labels.destinationVersion,
  ]);
