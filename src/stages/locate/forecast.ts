import { type Alert, type AlertRule, type Labels, labelOf, labelsOf } from '../../domain/alert.ts';
import type { Located, Subject } from '../../domain/edge.ts';
import { clueOf } from './clue.ts';
import { type Family, type Shape, shapeOf } from './shape.ts';

/** What the alerts of a rule will be about, and how that will be found; told before one of them fires. */
export type Forecast = {
  readonly subject: Subject['kind'];
  readonly way: Located['way'];
  readonly mesh: 'istio' | 'linkerd' | 'envoy' | null;
  readonly how: string;
};

const meshOf: Readonly<Partial<Record<Family, Forecast['mesh']>>> = {
  istio: 'istio',
  linkerd: 'linkerd',
  'envoy-cluster': 'envoy',
  'envoy-node': 'envoy',
};

/** Labels that a series of each mesh carries, as far as they name an end. */
const carried: Readonly<Partial<Record<Family, Readonly<Record<string, string>>>>> = {
  istio: {
    source_workload: 'x',
    source_workload_namespace: 'x',
    source_canonical_service: 'x',
    source_app: 'x',
    destination_service: 'x.x.svc.cluster.local',
    destination_service_name: 'x',
    destination_service_namespace: 'x',
    destination_workload: 'x',
    destination_workload_namespace: 'x',
    destination_canonical_service: 'x',
    destination_app: 'x',
    reporter: 'source',
  },
  linkerd: { deployment: 'x', namespace: 'x', direction: 'outbound', dst_service: 'x', dst_deployment: 'x', dst_namespace: 'x' },
  'envoy-cluster': {
    cluster_name: 'outbound|80||x.x.svc.cluster.local',
    envoy_cluster_name: 'outbound|80||x.x.svc.cluster.local',
    pod: 'x-6d5f7c9b4-abcde',
    namespace: 'x',
  },
  'envoy-node': { pod: 'x-6d5f7c9b4-abcde', namespace: 'x' },
};

/** What is aggregated by names that no mesh has (recording rules, relabelling) still reaches the alert. */
const labelsFor = (rule: AlertRule, shape: Shape | null): Labels => {
  const survives = (label: string): boolean => !shape?.survivors || shape.survivors.has(label);
  const fixed = (shape?.selectors ?? []).flatMap(({ matchers }) =>
    matchers.flatMap(({ label, op, value }) => (op === '=' && value !== '' ? [[label, value] as const] : [])),
  );
  const own = Object.entries((shape && carried[shape.family]) ?? {});
  return labelsOf([
    ...[...own, ...fixed].filter(([label]) => survives(label)),
    ...Object.entries(rule.labels).filter(([, value]) => !value.includes('{{')),
    ['alertname', rule.name],
  ]);
};

/** Runs the first step of `locate` on an alert as this rule would send it; nothing is asked. */
export const forecastOf = (rule: AlertRule): Forecast => {
  const shape = shapeOf(rule.expression);
  const alert: Alert = {
    fingerprint: '',
    status: 'firing',
    labels: labelsFor(rule, shape),
    annotations: labelsOf([]),
    startsAtMs: 0,
    endsAtMs: null,
    generatorUrl: '',
  };
  const clue = clueOf(alert, rule, 'expression', null);
  const mesh = (shape && meshOf[shape.family]) ?? null;
  if (clue.kind === 'settled') return { subject: clue.subject.kind, way: clue.located.way, mesh, how: clue.located.how };
  if (clue.kind === 'rule' && clue.edge !== null)
    return { subject: 'edge', way: 'labels', mesh, how: "edge from the alert's labels" };
  const end = clue.end === null ? '' : `; the alert names only the ${clue.end.role}`;
  const subject = clue.end === null ? 'edge' : 'workload';
  return clue.kind === 'rule'
    ? { subject, way: 'expression', mesh, how: `the rule is run again, split by edge${end}` }
    : { subject, way: 'self-made', mesh, how: `${clue.why}: the whole mesh is looked over${end}` };
};

/** The severity that the rule sets, as it is written there. */
export const severityText = ({ labels }: AlertRule): string | null =>
  labelOf(labels, 'severity') ?? labelOf(labels, 'sloth_severity');
