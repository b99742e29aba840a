import type { Alert, AlertGroup } from './domain/alert.ts';
import { subjectKey } from './domain/episode.ts';
import type { Evidence } from './domain/evidence.ts';
import type { EpochMs } from './domain/time.ts';
import { follow } from './follow-trace.ts';
import type { Cluster, Found } from './inquiry.ts';
import { locate } from './locate.ts';
import { measure } from './triage.ts';

type Subject = { readonly cluster: Cluster; readonly one: Found; readonly alerts: Alert[] };

/** Alerts of one delivery by what they are about, each asked about at its own cluster: each subject is one report. Nothing is stored or posted. */
export const triageGroup = async (
  group: Pick<AlertGroup, 'alerts' | 'groupKey'>,
  clusterOf: (alert: Alert) => Cluster,
  atMs: EpochMs,
): Promise<readonly Evidence[]> => {
  const found = await Promise.all(
    group.alerts.map(async (alert) => {
      const cluster = clusterOf(alert);
      return { alert, cluster, one: await locate(cluster, alert, atMs) };
    }),
  );
  const subjects = new Map<string, Subject>();
  for (const { alert, cluster, one } of found) {
    const key = JSON.stringify([cluster.name, subjectKey(one.subject, alert, group.groupKey)]);
    const known = subjects.get(key) ?? { cluster, one, alerts: [] };
    known.alerts.push(alert);
    subjects.set(key, known);
  }
  return Promise.all(
    [...subjects.values()].map(async ({ cluster, one, alerts }) => follow(cluster, await measure(cluster, one, alerts, atMs))),
  );
};
