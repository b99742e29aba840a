import { labelOf } from '../../domain/alert.ts';
import type { Edge } from '../../domain/edge.ts';
import type { Change } from '../../domain/evidence.ts';
import { tagged, tagLabel, union } from '../../domain/promql/union.ts';
import { oneOf, selector } from '../../domain/promql.ts';
import type { PlannedQuery } from '../../domain/question.ts';
import { type EpochMs, hourMs } from '../../domain/time.ts';
import type { CountRow } from './rows.ts';

const lookBackMs = 2 * hourMs;
const configKinds =
  'VirtualService|DestinationRule|Gateway|Sidecar|EnvoyFilter|PeerAuthentication|AuthorizationPolicy|ServiceEntry|HTTPRoute|RequestAuthentication';

const namespacesOf = (edge: Edge): readonly string[] =>
  [...new Set([edge.source.namespace, edge.destination.namespace].filter((namespace) => namespace !== null))].sort();

/** What changed, from Prometheus alone: kube-state-metrics in one call, the control plane in another. Runs of either may be doubled, hence `max`. */
export const planChanges = (edge: Edge, atMs: EpochMs, onsetMs: EpochMs | null): readonly PlannedQuery[] => {
  const since = Math.floor(((onsetMs ?? atMs) - lookBackMs) / 1000);
  const namespaces = namespacesOf(edge);
  const query = (id: string, parts: readonly (string | null)[]): readonly PlannedQuery[] => {
    const promql = union(parts);
    return promql === null ? [] : [{ id, what: 'changes', promql, budget: 'edge', kind: 'instant', atMs }];
  };
  const here = namespaces.length === 0 ? null : oneOf('namespace', namespaces);
  const kube =
    here === null
      ? []
      : [
          tagged(
            'rollout',
            `max by (namespace, owner_name, replicaset) ((${selector('kube_replicaset_created', [here])} > ${since}) * on (namespace, replicaset) group_left (owner_name) max by (namespace, replicaset, owner_name) (${selector('kube_replicaset_owner', [here, oneOf('owner_kind', ['Deployment'])])}))`,
          ),
          tagged(
            'restart',
            `sum by (namespace, pod) (increase(${selector('kube_pod_container_status_restarts_total', [here])}[30m])) > 0.5`,
          ),
          tagged(
            'out-of-memory',
            `max by (namespace, pod) (${selector('kube_pod_container_status_last_terminated_reason', [here, oneOf('reason', ['OOMKilled'])])} == 1) and on (namespace, pod) (sum by (namespace, pod) (increase(${selector('kube_pod_container_status_restarts_total', [here])}[30m])) > 0.5)`,
          ),
          tagged(
            'scale',
            `max by (namespace, horizontalpodautoscaler) (changes(${selector('kube_horizontalpodautoscaler_status_desired_replicas', [here])}[1h])) > 0`,
          ),
        ];
  const pilot = [
    tagged(
      'config-push',
      `max by (type, event) (increase(${selector('pilot_k8s_cfg_events', [{ label: 'type', op: '=~', value: configKinds }])}[30m])) > 0.5`,
    ),
    tagged('config-reject', `sum by (type) (increase(pilot_total_xds_rejects[30m])) > 0.5`),
    tagged('mesh-upgrade', `count by (component, tag) (istio_build) unless count by (component, tag) (istio_build offset 2h)`),
  ];
  return [...query('changes-kube', kube), ...query('changes-mesh', pilot)];
};

const first = (row: CountRow): number => row.points[0]?.[1] ?? 0;

type Reader = (row: CountRow, label: (name: string) => string) => Omit<Change, 'kind'>;

const plain = { object: null, namespace: null, workload: null, atMs: null } as const;

const readers: Readonly<Record<Exclude<Change['kind'], 'new-version'>, Reader>> = {
  rollout: (row, label) => ({
    what: `${label('owner_name')} rolled out (${label('replicaset')})`,
    object: `Deployment ${label('namespace')}/${label('owner_name')}`,
    namespace: label('namespace'),
    workload: label('owner_name'),
    atMs: first(row) * 1000,
  }),
  restart: (row, label) => ({
    ...plain,
    what: `${label('pod')} restarted ${Math.round(first(row))}× in 30 min`,
    object: `Pod ${label('namespace')}/${label('pod')}`,
    namespace: label('namespace'),
    workload: label('pod').replace(/-[a-z0-9]+-[a-z0-9]+$/, ''),
  }),
  'out-of-memory': (_row, label) => ({
    ...plain,
    what: `${label('pod')} ran out of memory`,
    object: `Pod ${label('namespace')}/${label('pod')}`,
    namespace: label('namespace'),
    workload: label('pod').replace(/-[a-z0-9]+-[a-z0-9]+$/, ''),
  }),
  scale: (row, label) => ({
    ...plain,
    what: `${label('horizontalpodautoscaler')} was scaled ${Math.round(first(row))}× in 1 h`,
    object: `HorizontalPodAutoscaler ${label('namespace')}/${label('horizontalpodautoscaler')}`,
    namespace: label('namespace'),
    workload: label('horizontalpodautoscaler'),
  }),
  'config-push': (row, label) => ({
    ...plain,
    what: `${Math.round(first(row))} ${label('type')} ${label('event')}${Math.round(first(row)) === 1 ? '' : 's'} in 30 min (somewhere in the mesh)`,
    object: label('type'),
  }),
  'config-reject': (row, label) => ({
    ...plain,
    what: `proxies refused ${Math.round(first(row))} configurations (${label('type') || 'xds'})`,
  }),
  'mesh-upgrade': (_row, label) => ({ ...plain, what: `new mesh version ${label('tag')} of ${label('component')}` }),
};

/** A restarted istiod replays every object as `add`: many kinds of additions at once are no change. */
const isReplay = (changes: readonly CountRow[]): boolean =>
  changes.filter(({ labels }) => labelOf(labels, tagLabel) === 'config-push' && labelOf(labels, 'event') === 'add').length >= 4;

export const readChanges = (rows: readonly CountRow[]): readonly Change[] => {
  const replay = isReplay(rows);
  return rows
    .flatMap((row): readonly Change[] => {
      const tag = labelOf(row.labels, tagLabel) ?? '';
      if (!Object.hasOwn(readers, tag) || (replay && tag === 'config-push' && labelOf(row.labels, 'event') === 'add')) return [];
      const kind = tag as keyof typeof readers;
      return [{ kind, ...readers[kind](row, (name) => labelOf(row.labels, name) ?? '') }];
    })
    .sort((a, b) => (b.atMs ?? 0) - (a.atMs ?? 0) || (a.what < b.what ? -1 : 1));
};
