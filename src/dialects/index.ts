import type { Dialect, Security, View } from '../domain/dialect.ts';
import { ambient } from './ambient.ts';
import { istio } from './istio.ts';
import { linkerd } from './linkerd.ts';

/** The meshes whose requests can be measured, by name. Plain Envoy counts per cluster, not per edge: `locate` reads it, nothing measures it yet. */
export const dialects = { istio, ambient, linkerd } as const satisfies Readonly<Record<string, Dialect>>;

/** Names as one installation has them: metric → metric, label → label; unknown names are left alone. */
type Renames = { readonly metrics: Readonly<Record<string, string>>; readonly labels: Readonly<Record<string, string>> };

const renamedSecurity = (security: Security, labels: Renames['labels']): Security => {
  const own = (label: string | null): string | null => (label === null ? null : (labels[label] ?? label));
  const { label, reason, clientIdentity, serverIdentity } = security;
  return {
    ...security,
    label: own(label),
    reason: own(reason),
    clientIdentity: own(clientIdentity),
    serverIdentity: own(serverIdentity),
  };
};

const renamedView = (view: View, labels: Renames['labels']): View => ({
  ...view,
  matchers: view.matchers.map((matcher) => ({ ...matcher, label: labels[matcher.label] ?? matcher.label })),
  labels: Object.fromEntries(
    Object.entries(view.labels).map(([part, label]) => [part, label === null ? null : (labels[label] ?? label)]),
  ) as View['labels'],
  security: renamedSecurity(view.security, labels),
});

/** The dialect with the installation's own names (recording rules and relabelling rename both). */
export const renamed = (dialect: Dialect, { metrics, labels }: Renames): Dialect => ({
  ...dialect,
  metrics: Object.fromEntries(
    Object.entries(dialect.metrics).map(([part, metric]) => [part, metric === null ? null : (metrics[metric] ?? metric)]),
  ) as Dialect['metrics'],
  labels: Object.fromEntries(
    Object.entries(dialect.labels).map(([part, label]) => [part, label === null ? null : (labels[label] ?? label)]),
  ) as Dialect['labels'],
  views: { caller: renamedView(dialect.views.caller, labels), callee: renamedView(dialect.views.callee, labels) },
});
