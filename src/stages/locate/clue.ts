import { type Alert, type AlertRule, type Labels, labelOf, labelsOf, setsLabel } from '../../domain/alert.ts';
import type { Edge, Located, Subject } from '../../domain/edge.ts';
import { nobody } from '../../domain/edge.ts';
import { endsOf, fromHost, scraped } from './labels.ts';
import type { NamedEnd } from './named-end.ts';
import { writtenLabels } from './plan.ts';
import { type Shape, shapeOf } from './shape.ts';

/** What can be said of an alert before anything is asked. */
export type Clue =
  /** Nothing more to find: the subject stands. */
  | { readonly kind: 'settled'; readonly subject: Subject; readonly located: Located }
  /** Run the rule per edge. */
  | {
      readonly kind: 'rule';
      readonly shape: Shape;
      /** The one end that the labels name. */
      readonly end: NamedEnd | null;
      /** The edge that the labels name by names that the mesh's own series may not have: it stands when nothing better is found. */
      readonly edge: Edge | null;
      /** Ends that labels name which no series is known to carry. */
      readonly hints: readonly NamedEnd[];
      readonly way: 'expression' | 'rules-api';
    }
  /** A mesh alert without a usable expression: look over the whole mesh. */
  | { readonly kind: 'mesh'; readonly end: NamedEnd | null; readonly why: string };

const none = (how: string): Located => ({ way: 'none', score: 0, runnerUp: null, how });

const settled = (subject: Subject, located: Located): Clue => ({ kind: 'settled', subject, located });

const matchersText = (shape: Shape): string =>
  (shape.selectors[0]?.matchers ?? []).map(({ label, op, value }) => `${label}${op}"${value}"`).join(', ');

/** Subjects that are never an edge, however the rule is run. */
const withoutEdge = (alert: Alert, rule: AlertRule, shape: Shape): Clue | null => {
  if (shape.isAbsent)
    return settled(
      { kind: 'no-data', metric: shape.selectors[0]?.metric ?? 'the metric', matchers: matchersText(shape) },
      none('an alert about a missing metric names no edge'),
    );
  if (shape.family === 'control-plane')
    return settled(
      { kind: 'control-plane', component: componentOf(shape) },
      none('an alert about the control plane names no edge'),
    );
  if (isConfigCluster(alert))
    return settled({ kind: 'control-plane', component: 'istiod (xds-grpc)' }, none('the way to the control plane is no edge'));
  if (shape.family === 'envoy-node')
    return settled(
      { kind: 'node', workload: scraped(alert.labels) ?? nobody },
      none("an alert about one proxy's own listener names no edge"),
    );
  // Too little over many edges is about none of them; of the one edge that its series name it is.
  if (shape.isLowTraffic && !isOfOneEdge(alert, rule, shape))
    return settled(
      { kind: 'low-traffic', workload: endsOf(alert.labels)?.destination ?? null },
      none('an alert about low traffic names no edge'),
    );
  if (shape.isWholeTraffic)
    return settled({ kind: 'plain', why: plainWhy(alert) }, none('an alert about the traffic of the whole mesh names no edge'));
  return null;
};

const isOfOneEdge = (alert: Alert, rule: AlertRule, shape: Shape): boolean => {
  const { edge, isExact } = namedBy(carriedLabels(alert.labels, shape, rule), null);
  return edge !== null && isExact && edge.source.workload !== null;
};

/** The clusters by which a proxy reaches its control plane. */
const isConfigCluster = ({ labels }: Alert): boolean =>
  /^(xds-grpc|sds-grpc);?$/.test(labelOf(labels, 'envoy_cluster_name') ?? labelOf(labels, 'cluster_name') ?? '');

const componentOf = ({ selectors }: Shape): string => {
  const metric = selectors[0]?.metric ?? '';
  if (/push|xds|pilot/.test(metric)) return `istiod (${metric})`;
  return /identity|citadel|cert/.test(metric) ? `certificates (${metric})` : metric || 'istiod';
};

const meshWord =
  /^(source_(workload|app|canonical|service)|destination_(service|workload|app|canonical)|dst_(service|deployment|statefulset|daemonset|namespace)|envoy_cluster_name$|response_flags$)/;

const hasMeshLabel = (labels: Labels): boolean => Object.keys(labels).some((name) => meshWord.test(name));

/** The ends that labels name. `cluster` is the configured cluster's name. */
const namedBy = (
  labels: Labels,
  cluster: string | null,
): { readonly edge: Edge | null; readonly end: NamedEnd | null; readonly isExact: boolean } => {
  const ends = endsOf(labels);
  if (ends === null) return { edge: null, end: null, isExact: false };
  const { source, destination, isExact } = ends;
  if (destination !== null && (source !== null || ends.isUnmeshed))
    return { edge: { cluster, source: source ?? nobody, destination }, end: null, isExact };
  if (destination !== null) return { edge: null, end: { role: 'callee', workload: destination }, isExact };
  return { edge: null, end: source === null ? null : { role: 'caller', workload: source }, isExact };
};

/**
 * Labels of the alert that its series carry: those that the expression lets through and the rule does not set itself. What only the
 * author of the rule (or Prometheus' own settings) wrote may name anything.
 */
const carriedLabels = (labels: Labels, shape: Shape, rule: AlertRule): Labels => {
  const written = writtenLabels(shape);
  const fixed = (name: string): boolean =>
    shape.selectors.some(({ matchers }) =>
      matchers.some(({ label, op, value }) => label === name && op === '=' && value === labelOf(labels, name)),
    );
  const isCarried = (name: string): boolean =>
    (shape.survivors === null || shape.survivors.has(name) || written.has(name)) && !setsLabel(rule.labels, name);
  return labelsOf(Object.entries(labels).filter(([name]) => isCarried(name) || fixed(name)));
};

/** What the expression fixes about the reporter: Linkerd's `direction` tells which end `deployment` is. */
const directionOf = ({ selectors }: Shape): readonly (readonly [string, string])[] => {
  const [first] = selectors.flatMap(({ matchers }) => matchers.filter(({ label, op }) => label === 'direction' && op === '='));
  return first ? [['direction', first.value]] : [];
};

const hintLabels: Readonly<Record<NamedEnd['role'], RegExp>> = {
  callee:
    /^(service|service_name|svc|workload|app|application|component|deployment|destination|upstream|target|destination_\w+|dst_\w+)$/,
  caller: /^(service|service_name|svc|workload|app|application|component|deployment|source|client|downstream|source_\w+)$/,
};

/** Ends that such labels may name, the callee first: alerts are mostly written by who owns it. */
const hintsOf = (labels: Labels): readonly NamedEnd[] =>
  (['callee', 'caller'] as const).flatMap((role) =>
    Object.entries(labels)
      .filter(
        ([name, value]) =>
          hintLabels[role].test(name) && !/namespace|version|revision|principal|cluster/.test(name) && value !== '',
      )
      .slice(0, 8)
      .map(([, value]): NamedEnd => ({ role, workload: { ...fromHost(value), workload: null } })),
  );

const families: readonly Shape['family'][] = ['istio', 'linkerd', 'envoy-cluster'];
const meshName = /istio|envoy|linkerd|mesh/i;

/** A recorded metric is one of the mesh when its name or the alert says so: every monitoring of Kubernetes records other things. */
const isMeshRule = (shape: Shape, alert: Alert): boolean =>
  families.includes(shape.family) ||
  (shape.family === 'recorded' && (hasMeshLabel(alert.labels) || shape.selectors.some(({ metric }) => meshName.test(metric))));

const fromRule = (alert: Alert, rule: AlertRule, shape: Shape, way: 'expression' | 'rules-api', cluster: string | null): Clue => {
  const carried = carriedLabels(alert.labels, shape, rule);
  const { edge, end, isExact } = namedBy(labelsOf([...directionOf(shape), ...Object.entries(carried)]), cluster);
  if (!isMeshRule(shape, alert)) {
    // Other counters of calls (of an eBPF agent, of the application) may name the mesh's ends.
    if (edge !== null && hasMeshLabel(carried)) return settled({ kind: 'edge', edge }, byLabels);
    return settled({ kind: 'plain', why: plainWhy(alert) }, none('not a mesh metric: nothing was asked'));
  }
  if (edge !== null && (isExact || shape.isExpensive)) return named(edge, isExact, carried);
  if (shape.isExpensive) return { kind: 'mesh', end, why: 'the expression cannot be split by edge' };
  const rest = labelsOf(Object.entries(alert.labels).filter(([name]) => labelOf(carried, name) === null));
  return { kind: 'rule', shape, end, edge, hints: edge === null ? hintsOf(rest) : [], way };
};

/** The edge that labels name. Where they name it by other names than its series, those are asked; without a usable rule, by a count of their own. */
const named = (edge: Edge, isExact: boolean, labels: Labels): Clue => {
  const own = Object.keys(labels).filter((name) => /^(source|destination)_\w+$/.test(name));
  const shape = isExact || own.length === 0 ? null : shapeOf(`sum by (${own.join(', ')}) (rate(istio_requests_total[5m]))`);
  return shape === null
    ? settled({ kind: 'edge', edge }, byLabels)
    : { kind: 'rule', shape, end: null, edge, hints: [], way: 'expression' };
};

const byLabels: Located = { way: 'labels', score: 1, runnerUp: null, how: "edge from the alert's labels" };

/** First the labels, then the rule's own expression; alerts without a mesh word cost nothing. */
export const clueOf = (alert: Alert, rule: AlertRule | null, way: 'expression' | 'rules-api', cluster: string | null): Clue => {
  const shape = rule === null ? null : shapeOf(rule.expression);
  const special = rule === null || shape === null ? null : withoutEdge(alert, rule, shape);
  if (special !== null) return special;
  if (rule !== null && shape !== null) return fromRule(alert, rule, shape, way, cluster);
  const { edge, end, isExact } = namedBy(alert.labels, cluster);
  if (!hasMeshLabel(alert.labels))
    return settled({ kind: 'plain', why: plainWhy(alert) }, none('no mesh metric and no mesh label: nothing was asked'));
  return edge === null ? { kind: 'mesh', end, why: "the alert's expression is not known" } : named(edge, isExact, alert.labels);
};

const plainWhy = (alert: Alert): string =>
  labelOf(alert.annotations, 'summary') ??
  labelOf(alert.annotations, 'description') ??
  `${labelOf(alert.labels, 'alertname') ?? 'An alert'} is firing`;
