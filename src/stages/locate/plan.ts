import type { Labels } from '../../domain/alert.ts';
import { labelOf } from '../../domain/alert.ts';
import { childrenOf, type Edit, edited, pinEdit, textOf } from '../../domain/promql/tree.ts';
import { equals, isLabelName, type Matcher } from '../../domain/promql.ts';
import type { PlannedQuery } from '../../domain/question.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { Family, Shape } from './shape.ts';

/** What each family prints to name an edge, and the label that tells the reporters apart. */
export const edgeLabelsOf: Readonly<Record<'istio' | 'linkerd' | 'envoy-cluster', readonly string[]>> = {
  istio: [
    'reporter',
    'source_workload',
    'source_workload_namespace',
    'destination_service_name',
    'destination_service_namespace',
  ],
  linkerd: ['direction', 'deployment', 'namespace', 'dst_deployment', 'dst_service', 'dst_namespace', 'client_id'],
  'envoy-cluster': ['app', 'pod', 'namespace', 'kubernetes_namespace', 'envoy_cluster_name', 'cluster_name'],
};

const meshLabel = /^(source_|destination_|dst_|deployment$|statefulset$|daemonset$|envoy_cluster_name$|cluster_name$|direction$)/;

/** Values of the alert's own series that may pick it again: labels of the mesh that survived, never static or external ones. */
export const pinsOf = (shape: Shape, labels: Labels, ruleLabels: Labels | null): readonly Matcher[] =>
  Object.keys(labels)
    .filter(
      (name) =>
        isLabelName(name) &&
        meshLabel.test(name) &&
        (shape.survivors === null || shape.survivors.has(name)) &&
        (ruleLabels === null || labelOf(ruleLabels, name) === null),
    )
    .sort()
    .slice(0, 8)
    .flatMap((name) => {
      const value = labelOf(labels, name);
      return value === null ? [] : [equals(name, value)];
    });

/** `by (…)` of every aggregation gets the labels of the edge; an `on (…)` must match on them too. */
const groupingEdits = ({ parsed }: Shape, wanted: readonly string[]): readonly Edit[] => {
  const edits: Edit[] = [];
  const extend = (list: ReturnType<typeof childrenOf>[number]): void => {
    const inside = parsed.text.slice(list.from + 1, list.to - 1);
    const have = new Set(inside.split(',').map((name) => name.trim()));
    const added = wanted.filter((name) => !have.has(name));
    if (added.length > 0) edits.push({ at: list.to - 1, insert: `${inside.trim() === '' ? '' : ', '}${added.join(', ')}` });
  };
  parsed.root.cursor().iterate(({ node }) => {
    if (node.name === 'AggregateExpr') {
      const op = node.firstChild;
      if (!op || /^(topk|bottomk|limitk|count_values)$/i.test(textOf(op, parsed.text))) return;
      const modifier = childrenOf(node).find(({ name }) => name === 'AggregateModifier');
      if (!modifier) edits.push({ at: op.to, insert: ` by (${wanted.join(', ')}) ` });
      else if (modifier.firstChild?.name === 'By')
        for (const list of childrenOf(modifier).filter(({ name }) => name === 'GroupingLabels')) extend(list);
    }
    if (node.name === 'MatchingModifierClause' && node.firstChild?.name === 'On') {
      const list = childrenOf(node).find(({ name }) => name === 'GroupingLabels');
      if (list) extend(list);
    }
  });
  return edits;
};

/** Both reporters are asked and compared, whatever the rule picked (design decision 5). */
const withoutReporter = (text: string): string =>
  text
    .replace(/\breporter\s*=\s*"(source|destination|waypoint)"/g, 'reporter=~"source|destination|waypoint"')
    .replace(/\bdirection\s*=\s*"(inbound|outbound)"/g, 'direction=~"inbound|outbound"');

/** Comparisons are taken out (their values are compared here), so that one question serves threshold and largest contributor alike. */
const withoutComparisons = (shape: Shape): string =>
  [...shape.comparisons]
    .sort((a, b) => b.from - a.from)
    .filter(({ from, to }, _index, all) => !all.some((other) => other.from < from && other.to > to))
    .reduce((text, { from, to }) => `${text.slice(0, from)}${text.slice(to)}`, shape.parsed.text);

export type RulePlan = { readonly query: PlannedQuery; readonly family: Family };

/**
 * The rule, re-aggregated per edge for both reporters, pinned to the alert's own series; as a two-point range, at `startsAt` and now, since
 * an alert at its threshold may look healthy at either. Null where it cannot or should not be run.
 */
export const planRule = (
  shape: Shape,
  labels: Labels,
  ruleLabels: Labels | null,
  startsAtMs: EpochMs,
  atMs: EpochMs,
  reshape: (text: string) => Shape | null,
): RulePlan | null => {
  const { family } = shape;
  if (shape.isExpensive || (family !== 'istio' && family !== 'linkerd' && family !== 'envoy-cluster')) return null;
  const bare = reshape(withoutReporter(withoutComparisons(shape)));
  if (bare === null) return null;
  const pins = pinsOf(shape, labels, ruleLabels);
  const pinEdits = pins.length === 0 ? [] : bare.selectors.map((selector) => pinEdit(selector, bare.parsed.text, pins));
  const promql = edited(bare.parsed.text, [...groupingEdits(bare, edgeLabelsOf[family]), ...pinEdits]);
  const base = { id: 'rule', what: "the alert rule's own values", promql, budget: 'edge' } as const;
  const lengthSeconds = Math.round((atMs - startsAtMs) / 1000);
  if (lengthSeconds < 5) return { family, query: { ...base, kind: 'instant', atMs } };
  return {
    family,
    query: { ...base, kind: 'range', startMs: atMs - lengthSeconds * 1000, endMs: atMs, stepSeconds: lengthSeconds },
  };
};
