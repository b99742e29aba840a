import { labelOf } from '../../domain/alert.ts';
import type { ControlPlane } from '../../domain/evidence.ts';
import { tagged, tagLabel, union } from '../../domain/promql/union.ts';
import type { PlannedQuery } from '../../domain/question.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { CountRow } from './rows.ts';

/** istiod's own signals, one call: push errors, refused configurations, how long a change takes to arrive, CPU and memory. */
export const planControlPlane = (atMs: EpochMs): readonly PlannedQuery[] => {
  const promql = union([
    tagged('push-errors', 'sum(increase(pilot_xds_push_errors[10m]))'),
    tagged('rejects', 'sum(increase(pilot_total_xds_rejects[10m]))'),
    tagged('convergence', 'histogram_quantile(0.99, sum by (le) (rate(pilot_proxy_convergence_time_bucket[10m])))'),
    tagged('cpu', 'sum(rate(container_cpu_usage_seconds_total{container="discovery"}[5m]))'),
    tagged('memory', 'sum(container_memory_working_set_bytes{container="discovery"})'),
  ]);
  return promql === null
    ? []
    : [{ id: 'control-plane', what: "the control plane's signals", promql, budget: 'edge', kind: 'instant', atMs }];
};

export const readControlPlane = (rows: readonly CountRow[]): ControlPlane => {
  const value = (tag: string): number | null => {
    const found = rows.find(({ labels }) => labelOf(labels, tagLabel) === tag)?.points[0]?.[1];
    return found !== undefined && Number.isFinite(found) ? found : null;
  };
  return {
    pushErrors: value('push-errors'),
    rejects: value('rejects'),
    convergenceP99Seconds: value('convergence'),
    cpuCores: value('cpu'),
    memoryBytes: value('memory'),
  };
};
