import type { Labels } from '../../domain/alert.ts';
import { labelOf } from '../../domain/alert.ts';
import { childrenOf, type Edit, edited, pinEdit, selectorsOf, textOf, unquoted } from '../../domain/promql/tree.ts';
import { equals, isLabelName, type Matcher } from '../../domain/promql.ts';
import type { PlannedQuery } from '../../domain/question.ts';
import type { EpochMs } from '../../domain/time.ts';
import { branchLabel } from './read.ts';
import { type Family, meshMetric, type Shape } from './shape.ts';

/** What each family prints to name an edge, and the label that tells the reporters apart. */
export const edgeLabelsOf: Readonly<Record<'istio' | 'linkerd' | 'envoy-cluster', readonly string[]>> = {
  istio: [
    'reporter',
    'source_workload',
    'source_workload_namespace',
    'destination_service_name',
    'destination_service_namespace',
  ],
  linkerd: [
    'direction',
    'deployment',
    'statefulset',
    'daemonset',
    'namespace',
    'dst_deployment',
    'dst_statefulset',
    'dst_service',
    'dst_namespace',
    'client_id',
  ],
  'envoy-cluster': ['app', 'pod', 'namespace', 'kubernetes_namespace', 'envoy_cluster_name', 'cluster_name'],
};

const meshLabel = /^(source_|destination_|dst_|deployment$|statefulset$|daemonset$|envoy_cluster_name$|cluster_name$|direction$)/;

/** Values of the alert's own series that may pick it again: labels of the mesh that survived, never static or external ones. */
export const pinsOf = (shape: Shape, labels: Labels, ruleLabels: Labels | null): readonly Matcher[] => {
  const written = writtenLabels(shape);
  return Object.keys(labels)
    .filter(
      (name) =>
        isLabelName(name) &&
        !written.has(name) &&
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
};

/** What `label_replace` and `label_join` write: labels of the alert that no series carries under that name. */
const writtenLabels = ({ parsed }: Shape): ReadonlySet<string> =>
  new Set([...parsed.text.matchAll(/\blabel_(?:replace|join)\b/g)].length === 0 ? [] : stringArguments(parsed));

const stringArguments = ({ root, text }: Shape['parsed']): readonly string[] => {
  const found: string[] = [];
  root.cursor().iterate(({ node }) => {
    if (node.name !== 'FunctionCall' || !node.firstChild || !/^label_/.test(textOf(node.firstChild, text))) return;
    const target = childrenOf(node.lastChild ?? node).find(({ name }) => name === 'StringLiteral');
    if (target) found.push(unquoted(textOf(target, text)));
  });
  return found;
};

type Node = ReturnType<typeof childrenOf>[number];

/** `by (…)` gets the labels of the edge, `without (…)` loses them; an `on (…)` must match on them where both sides have them. */
const groupingEdits = ({ parsed }: Shape, wanted: readonly string[], mesh: RegExp): readonly Edit[] => {
  const { text } = parsed;
  const edits: Edit[] = [];
  const scalars: Node[] = [];
  const names = (list: Node): readonly string[] =>
    text
      .slice(list.from + 1, list.to - 1)
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '');
  const rewrite = (list: Node, labels: readonly string[]): void =>
    void edits.push({ at: list.from + 1, insert: labels.join(', '), remove: list.to - list.from - 2 });
  const extend = (list: Node): void => rewrite(list, [...new Set([...names(list), ...wanted])]);
  const isMesh = (at: Node | null): boolean =>
    at !== null && selectorsOf({ ...parsed, root: at }).some(({ metric }) => mesh.test(metric));
  parsed.root.cursor().iterate(({ node }) => {
    if (node.name === 'FunctionCall' && node.firstChild && textOf(node.firstChild, text) === 'scalar') scalars.push(node);
    if (scalars.some(({ from, to }) => node.from >= from && node.to <= to)) return;
    if (node.name === 'AggregateExpr') {
      const op = node.firstChild;
      if (!op || /^(topk|bottomk|limitk|limit_ratio|count_values)$/i.test(textOf(op, text))) return;
      const modifier = childrenOf(node).find(({ name }) => name === 'AggregateModifier');
      const list = modifier ? childrenOf(modifier).find(({ name }) => name === 'GroupingLabels') : undefined;
      if (!modifier) edits.push({ at: op.to, insert: ` by (${wanted.join(', ')}) `, remove: 0 });
      else if (list && modifier.firstChild?.name === 'By') extend(list);
      else if (list)
        rewrite(
          list,
          names(list).filter((name) => !wanted.includes(name)),
        );
    }
    if (node.name !== 'MatchingModifierClause' || node.firstChild?.name !== 'On') return;
    const list = childrenOf(node).find(({ name }) => name === 'GroupingLabels');
    if (list && isMesh(node.parent?.firstChild ?? null) && isMesh(node.parent?.lastChild ?? null)) extend(list);
  });
  return edits;
};

/** Both reporters are asked and compared, whatever the rule picked. */
const withoutReporter = (text: string): string =>
  text
    .replace(/\breporter\s*=~?\s*(["'`])(source|destination|waypoint)\1/g, 'reporter=~"source|destination|waypoint"')
    .replace(/\breporter\s*!=\s*(["'`])(source|destination)\1/g, 'reporter=~"source|destination|waypoint"')
    .replace(/\bdirection\s*=~?\s*(["'`])(inbound|outbound)\1/g, 'direction=~"inbound|outbound"');

/** Comparisons are taken out (their values are compared here), so that one question serves threshold and largest contributor alike. */
const withoutComparisons = ({ cuts, parsed }: Shape): string =>
  [...cuts]
    .filter(
      ({ from, to }, index, all) =>
        !all.some((other, at) => other.from <= from && other.to >= to && (other.to - other.from > to - from || at < index)),
    )
    .sort((a, b) => b.from - a.from)
    .reduce((text, { from, to }) => `${text.slice(0, from)} ${text.slice(to)}`, parsed.text);

/** Each side of `or` is marked, or a healthy left side would hide the right one. */
const branchEdits = ({ branches }: Shape): readonly Edit[] =>
  branches.length < 2
    ? []
    : branches.flatMap(({ from, to }, index) => [
        { at: from, insert: 'label_replace((' },
        { at: to, insert: `), "${branchLabel}", "${index}", "", "")` },
      ]);

const maxQueryLength = 32_768;

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
  const pinEdits =
    pins.length === 0
      ? []
      : bare.selectors
          .filter(({ metric }) => meshMetric[family].test(metric))
          .map((selector) => pinEdit(selector, bare.parsed.text, pins));
  const edits = [...branchEdits(bare), ...groupingEdits(bare, edgeLabelsOf[family], meshMetric[family]), ...pinEdits];
  const promql = edited(bare.parsed.text, edits);
  if (promql.length > maxQueryLength) return null;
  const base = { id: 'rule', what: "the alert rule's own values", promql, budget: 'edge' } as const;
  const lengthSeconds = Math.round((atMs - startsAtMs) / 1000);
  if (lengthSeconds < 5) return { family, query: { ...base, kind: 'instant', atMs } };
  return {
    family,
    query: { ...base, kind: 'range', startMs: atMs - lengthSeconds * 1000, endMs: atMs, stepSeconds: lengthSeconds },
  };
};
