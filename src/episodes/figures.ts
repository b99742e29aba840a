import type { Alert } from '../domain/alert.ts';
import { calledByAll, calleeName, type Edge } from '../domain/edge.ts';
import type { Evidence } from '../domain/evidence.ts';
import type { Incident } from '../domain/incident.ts';
import { isStormKey } from '../domain/storm.ts';
import type { EpochMs } from '../domain/time.ts';
import type { Cluster, Found } from '../inquiry.ts';
import { locate, provisional } from '../locate.ts';
import { measure } from '../triage.ts';

/** What was found about one caller, turned to its callee as all its callers see it: that is what a storm is about. */
export const seenByAll = (found: Found, edge: Edge): Found => ({
  ...found,
  subject: { kind: 'edge', edge: calledByAll(edge) },
  located: { way: 'labels', score: 1, runnerUp: null, how: `all callers of ${calleeName(edge)} together` },
});

/** The figures of an incident now: of the edge that its first alert is about; of all callers together where it is about many, which nobody has to look for. */
export const measureIncident = async (
  cluster: Cluster,
  { key, edge, lead, openedAtMs }: Incident,
  alerts: readonly Alert[],
  atMs: EpochMs,
  options: Parameters<typeof measure>[4] = {},
): Promise<Evidence> =>
  edge !== null && isStormKey(key)
    ? measure(cluster, seenByAll(provisional(cluster, { ...lead, startsAtMs: openedAtMs }), edge), alerts, atMs, options)
    : measure(cluster, await locate(cluster, lead, atMs), alerts, atMs, options);
