import type { AuditEntry } from '../ports.ts';

/** The longest moment that has a date (ECMA-262, "Time Values and Time Range"). */
const lastMs = 8.64e15;

/** The same entry as fields of a line in the log, for those who collect logs and read no database. */
export const auditLine = ({ atMs, by, action, outcome, detail, ...entry }: AuditEntry): Readonly<Record<string, string>> => ({
  at: Math.abs(atMs) <= lastMs ? new Date(atMs).toISOString() : String(atMs),
  by,
  action,
  outcome,
  detail,
  ...(entry.channelId === null ? {} : { channelId: entry.channelId }),
  ...(entry.incidentId === null ? {} : { incidentId: entry.incidentId }),
  workspace: entry.workspace,
  cluster: entry.cluster,
});
