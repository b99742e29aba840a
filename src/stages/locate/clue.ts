import { type Alert, type AlertRule, labelOf } from '../../domain/alert.ts';
import type { Edge, EdgeEnd, Located, Subject } from '../../domain/edge.ts';
import { nobody } from '../../domain/edge.ts';
import { endsOf, scraped } from './labels.ts';
import { type Shape, shapeOf } from './shape.ts';

/** What can be said of an alert before anything is asked. */
export type Clue =
  /** Nothing more to find: the subject stands. */
  | { readonly kind: 'settled'; readonly subject: Subject; readonly located: Located }
  /** Run the rule per edge; `end` is the one end that the labels name. */
  | {
      readonly kind: 'rule';
      readonly shape: Shape;
      readonly end: { readonly role: 'caller' | 'callee'; readonly workload: EdgeEnd } | null;
      readonly way: 'expression' | 'rules-api';
    }
  /** A mesh alert without a usable expression: look over the whole mesh. */
  | {
      readonly kind: 'mesh';
      readonly end: { readonly role: 'caller' | 'callee'; readonly workload: EdgeEnd } | null;
      readonly why: string;
    };

const none = (how: string): Located => ({ way: 'none', score: 0, runnerUp: null, how });

const settled = (subject: Subject, located: Located): Clue => ({ kind: 'settled', subject, located });

const matchersText = (shape: Shape): string =>
  (shape.selectors[0]?.matchers ?? []).map(({ label, op, value }) => `${label}${op}"${value}"`).join(', ');

/** Subjects that are never an edge, however the rule is run. */
const withoutEdge = (alert: Alert, shape: Shape): Clue | null => {
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
  if (shape.isLowTraffic)
    return settled(
      { kind: 'low-traffic', workload: endsOf(alert.labels)?.destination ?? null },
      none('an alert about low traffic names no edge'),
    );
  if (shape.isWholeTraffic)
    return settled({ kind: 'plain', why: plainWhy(alert) }, none('an alert about the traffic of the whole mesh names no edge'));
  return null;
};

/** The clusters by which a proxy reaches its control plane. */
const isConfigCluster = ({ labels }: Alert): boolean =>
  /^(xds-grpc|sds-grpc);?$/.test(labelOf(labels, 'envoy_cluster_name') ?? labelOf(labels, 'cluster_name') ?? '');

const componentOf = ({ selectors }: Shape): string => {
  const metric = selectors[0]?.metric ?? '';
  if (/push|xds|pilot/.test(metric)) return `istiod (${metric})`;
  return /identity|citadel|cert/.test(metric) ? `certificates (${metric})` : metric || 'istiod';
};

const meshWord = /^(source_|destination_|dst_|envoy_cluster_name$|response_flags$|reporter$|sloth_|destination$)/;

const hasMeshLabel = (alert: Alert): boolean => Object.keys(alert.labels).some((name) => meshWord.test(name));

/** The labels alone. `cluster` is the configured cluster's name. */
const fromLabels = (
  alert: Alert,
  cluster: string | null,
): { readonly edge: Edge | null; readonly end: { readonly role: 'caller' | 'callee'; readonly workload: EdgeEnd } | null } => {
  const ends = endsOf(alert.labels);
  if (ends === null) return { edge: null, end: null };
  if (ends.source !== null && ends.destination !== null)
    return { edge: { cluster, source: ends.source, destination: ends.destination }, end: null };
  if (ends.destination !== null) return { edge: null, end: { role: 'callee', workload: ends.destination } };
  return { edge: null, end: ends.source === null ? null : { role: 'caller', workload: ends.source } };
};

/** First the labels, then the rule's own expression; alerts without a mesh word cost nothing. */
export const clueOf = (alert: Alert, rule: AlertRule | null, way: 'expression' | 'rules-api', cluster: string | null): Clue => {
  const shape = rule === null ? null : shapeOf(rule.expression);
  const special = shape === null ? null : withoutEdge(alert, shape);
  if (special !== null) return special;
  const { edge, end } = fromLabels(alert, cluster);
  const isMesh = shape !== null && ['istio', 'linkerd', 'envoy-cluster', 'recorded'].includes(shape.family);
  if (edge !== null && (shape === null ? hasMeshLabel(alert) : isMesh))
    return settled({ kind: 'edge', edge }, { way: 'labels', score: 1, runnerUp: null, how: "edge from the alert's labels" });
  if (shape === null) {
    return hasMeshLabel(alert) || (end !== null && hasMeshLabel(alert))
      ? { kind: 'mesh', end, why: "the alert's expression is not known" }
      : settled({ kind: 'plain', why: plainWhy(alert) }, none('no mesh metric and no mesh label: nothing was asked'));
  }
  if (!isMesh) return settled({ kind: 'plain', why: plainWhy(alert) }, none('not a mesh metric: nothing was asked'));
  if (shape.family === 'recorded' || shape.isExpensive)
    return { kind: 'mesh', end, why: 'the expression cannot be split by edge' };
  return { kind: 'rule', shape, end, way };
};

const plainWhy = (alert: Alert): string =>
  labelOf(alert.annotations, 'summary') ??
  labelOf(alert.annotations, 'description') ??
  `${labelOf(alert.labels, 'alertname') ?? 'An alert'} is firing`;
