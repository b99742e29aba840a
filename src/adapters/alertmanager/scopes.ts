import type { Alert, AlertGroup } from '../../domain/alert.ts';
import type { Scope } from '../../domain/incident.ts';

/** Workspace and cluster of an alert. */
export type ScopeOf = (alert: Alert) => Scope;

/** Alertmanager groups by the labels of the route, and a route without `cluster` in `group_by` sends the alerts of several clusters in one body. */
export const byScope = (
  group: AlertGroup,
  scopeOf: ScopeOf,
): readonly { readonly scope: Scope; readonly group: AlertGroup }[] => {
  const parts = new Map<string, { readonly scope: Scope; readonly alerts: Alert[] }>();
  for (const alert of group.alerts) {
    const scope = scopeOf(alert);
    const key = JSON.stringify([scope.workspace, scope.cluster]);
    const part = parts.get(key) ?? { scope, alerts: [] };
    part.alerts.push(alert);
    parts.set(key, part);
  }
  if (parts.size === 1) return [...parts.values()].map(({ scope }) => ({ scope, group }));
  return [...parts.values()].map(({ scope, alerts }) => {
    const status = alerts.some((alert) => alert.status === 'firing') ? 'firing' : 'resolved';
    return { scope, group: { ...group, status, alerts } };
  });
};
