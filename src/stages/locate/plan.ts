import type { Labels } from '../../domain/alert.ts';
import { labelOf, setsLabel } from '../../domain/alert.ts';
import { childrenOf, edited, pinEdit, textOf, unquoted } from '../../domain/promql/tree.ts';
import { equals, isLabelName, type Matcher } from '../../domain/promql.ts';
import type { PlannedQuery } from '../../domain/question.ts';
import type { EpochMs } from '../../domain/time.ts';
import { bareText, isConditional, markLabels } from './bare.ts';
import { groupingEdits } from './grouping.ts';
import { meshMetric, type Shape } from './shape.ts';
import { volumeText } from './volume.ts';

const istioLabels = [
  'reporter',
  'source_workload',
  'source_workload_namespace',
  'destination_service_name',
  'destination_service_namespace',
] as const;

/** What each family prints to name an edge, and the label that tells the reporters apart. What is recorded may have kept Istio's. */
const edgeLabelsOf: Readonly<Record<PlannedFamily, readonly string[]>> = {
  istio: istioLabels,
  recorded: istioLabels,
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
    'dst',
    'parent_name',
    'parent_namespace',
  ],
  'envoy-cluster': ['app', 'pod', 'namespace', 'kubernetes_namespace', 'envoy_cluster_name', 'cluster_name'],
};

/** Families whose rules can be split by edge. */
type PlannedFamily = 'istio' | 'linkerd' | 'envoy-cluster' | 'recorded';

const countedBy: Readonly<Record<PlannedFamily, RegExp>> = { ...meshMetric, recorded: /:/ };

const meshLabel =
  /^(source_|destination_|dst_|deployment$|statefulset$|daemonset$|envoy_cluster_name$|cluster_name$|direction$|parent_name)/;

/** Values of the alert's own series that may pick it again: labels of the mesh that survived, never static or external ones. */
const pinsOf = (shape: Shape, labels: Labels, ruleLabels: Labels | null): readonly Matcher[] => {
  const written = writtenLabels(shape);
  return Object.keys(labels)
    .filter(
      (name) =>
        isLabelName(name) &&
        !written.has(name) &&
        meshLabel.test(name) &&
        (shape.survivors === null || shape.survivors.has(name)) &&
        (ruleLabels === null || !setsLabel(ruleLabels, name)),
    )
    .sort()
    .slice(0, 8)
    .flatMap((name) => {
      const value = labelOf(labels, name);
      return value === null ? [] : [equals(name, value)];
    });
};

/** What `label_replace` and `label_join` write: labels of the alert that no series carries under that name. */
export const writtenLabels = ({ parsed }: Shape): ReadonlySet<string> =>
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

const maxQueryLength = 32_768;

/** Linkerd counts a call at both ends under names of its own: the callers' view of the workload that an alert names. */
const mirror: ReadonlyMap<string, string> = new Map([
  ['deployment', 'dst_deployment'],
  ['statefulset', 'dst_statefulset'],
  ['daemonset', 'dst_daemonset'],
]);

const mirrored = (pins: readonly Matcher[]): readonly Matcher[] | null => {
  const ends = pins.filter(({ label, value }) => label !== 'direction' || value !== 'inbound');
  return ends.length > 0 && ends.every(({ label }) => mirror.has(label))
    ? [...ends.map(({ label, value }) => equals(mirror.get(label) ?? label, value)), equals('direction', 'outbound')]
    : null;
};

const splitBy = (shape: Shape, family: PlannedFamily, pins: readonly Matcher[]): string => {
  const pinned = shape.selectors.filter(({ metric }) => countedBy[family].test(metric));
  const edits = pins.length === 0 ? [] : pinned.map((selector) => pinEdit(selector, shape.parsed.text, pins));
  const wanted = [...edgeLabelsOf[family], ...markLabels.filter((label) => shape.parsed.text.includes(label))];
  return edited(shape.parsed.text, [...groupingEdits(shape.parsed, wanted, countedBy[family]), ...edits]);
};

/** The question, and whether the rule's conditions beside the value are in it. */
type RulePlan = { readonly query: PlannedQuery; readonly isGuarded: boolean };

const isPlanned = (family: Shape['family']): family is PlannedFamily => family in countedBy;

type When = { readonly startsAtMs: EpochMs; readonly atMs: EpochMs };

/** A two-point range, at `startsAt` and now, since an alert at its threshold may look healthy at either. */
const asked = (promql: string, { startsAtMs, atMs }: When): PlannedQuery => {
  const base = { id: 'rule', what: "the alert rule's own values", promql, budget: 'edge' } as const;
  const lengthSeconds = Math.round((atMs - startsAtMs) / 1000);
  if (lengthSeconds < 5) return { ...base, kind: 'instant', atMs };
  return { ...base, kind: 'range', startMs: atMs - lengthSeconds * 1000, endMs: atMs, stepSeconds: lengthSeconds };
};

/**
 * The rule, re-aggregated per edge for both reporters, pinned to the alert's own series: with the rule's conditions and the requests of
 * each edge, then, for a source that cannot answer that, with less. Empty where it cannot or should not be run.
 */
export const planRule = (
  shape: Shape,
  labels: Labels,
  ruleLabels: Labels | null,
  when: When,
  reshape: (text: string) => Shape | null,
): readonly RulePlan[] => {
  const { family } = shape;
  if (shape.isExpensive || !isPlanned(family)) return [];
  const pins = pinsOf(shape, labels, ruleLabels);
  const callers = family === 'linkerd' ? mirrored(pins) : null;
  const planOf = (isGuarded: boolean, isWeighed: boolean): RulePlan | null => {
    const bare = reshape(bareText(shape, isGuarded));
    const seenByCallers = callers === null ? null : reshape(bareText(shape, isGuarded, true));
    if (bare === null) return null;
    const parts = [
      splitBy(bare, family, pins),
      callers === null || seenByCallers === null ? null : splitBy(seenByCallers, family, callers),
      isWeighed ? volumeText(bare, family, edgeLabelsOf[family], pins) : null,
    ].filter((part) => part !== null);
    const promql = parts.length === 1 ? String(parts[0]) : parts.map((part) => `(${part})`).join(' or ');
    return promql.length > maxQueryLength ? null : { query: asked(promql, when), isGuarded };
  };
  const plans = [planOf(isConditional(shape), true), planOf(false, true), planOf(false, false)].filter((plan) => plan !== null);
  return plans.filter(({ query }, index) => plans.findIndex((plan) => plan.query.promql === query.promql) === index);
};
