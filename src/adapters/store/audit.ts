import type { AuditEntry, Store } from '../../ports.ts';
import { type Database, storableText } from './database.ts';
import { guarded } from './errors.ts';

/** What people did through the bot. Outlives the incident it was about. */
export const auditOf = (database: Database): Pick<Store, 'audit' | 'feedback'> => ({
  audit: ({ workspace, cluster, atMs, by, channelId, action, incidentId, outcome, detail }: AuditEntry) =>
    guarded(async () => {
      await database.query(
        `insert into edgewise.audit (workspace, cluster, at, by_user, channel_id, action, incident_id, outcome, detail)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
        [workspace, cluster, atMs, by, channelId, action, incidentId, outcome, storableText(detail)],
      );
    }),
  feedback: () =>
    guarded(async () => {
      const rows = await database.query(
        `select distinct on (incident_id, by_user) incident_id, by_user, at, action from edgewise.audit
         where action in ('right edge', 'wrong edge') and outcome = 'done' and incident_id is not null
         order by incident_id, by_user, seq desc`,
      );
      return rows.map((row) => ({
        incidentId: String(row['incident_id']),
        by: String(row['by_user']),
        atMs: Number(row['at']),
        isRight: row['action'] === 'right edge',
      }));
    }),
});
