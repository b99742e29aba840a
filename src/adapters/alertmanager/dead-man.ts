import { type Alert, type AlertGroup, labelOf, severityOf } from '../../domain/alert.ts';

/** Alerts that always fire, to prove that alerting lives (kube-prometheus and its ancestors). */
const names: ReadonlySet<string> = new Set(['Watchdog', 'InfoInhibitor', 'DeadMansSwitch']);

export const isDeadMan = (alert: Pick<Alert, 'labels'>): boolean =>
  names.has(labelOf(alert.labels, 'alertname') ?? '') || severityOf(alert.labels) === 'none';

/**
 * Splits a delivery into the names of the always-firing alerts heard (a resolved one is silence, not a sign of life)
 * and the group of all others, null when none is left.
 */
export const deadMan = (group: AlertGroup): { readonly heard: readonly string[]; readonly rest: AlertGroup | null } => {
  const heard = group.alerts
    .filter((alert) => isDeadMan(alert) && alert.status === 'firing')
    .map((alert) => labelOf(alert.labels, 'alertname') ?? 'unnamed');
  const alerts = group.alerts.filter((alert) => !isDeadMan(alert));
  if (alerts.length === group.alerts.length) return { heard, rest: group };
  if (alerts.length === 0) return { heard, rest: null };
  const status = alerts.some((alert) => alert.status === 'firing') ? 'firing' : 'resolved';
  return { heard, rest: { ...group, status, alerts } };
};
