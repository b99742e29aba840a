import type { Incident, Scope } from '../../domain/incident.ts';
import type { Job, Store } from '../../ports.ts';
import { type Database, guarded, type Row } from './database.ts';
import { enqueue } from './outbox.ts';

/** Where the root stands is written by the outbox beside the document, so a change in between cannot undo it. */
const incidentOf = (row: Row | undefined): Incident | null =>
  row === undefined
    ? null
    : {
        ...(row['document'] as Incident),
        channelId: (row['channel_id'] as string | null) ?? null,
        rootTs: (row['root_ts'] as string | null) ?? null,
      };

const save = async (database: Database, incident: Incident): Promise<void> => {
  await database.query(
    `insert into edgewise.incident (id, workspace, cluster, key, state, opened_at, closed_at, document) values ($1, $2, $3, $4, $5, $6, $7, $8)
     on conflict (id) do update set key = excluded.key, state = excluded.state, opened_at = excluded.opened_at, closed_at = excluded.closed_at, document = excluded.document`,
    [
      incident.id,
      incident.workspace,
      incident.cluster,
      incident.key,
      incident.state,
      incident.openedAtMs,
      incident.closedAtMs,
      JSON.stringify(incident),
    ],
  );
  for (const alert of incident.alerts) {
    await database.query(
      `insert into edgewise.incident_alert (workspace, cluster, fingerprint, starts_at, incident_id) values ($1, $2, $3, $4, $5)
       on conflict (workspace, cluster, fingerprint, starts_at) do update set incident_id = excluded.incident_id where incident_alert.incident_id <> excluded.incident_id`,
      [incident.workspace, incident.cluster, alert.fingerprint, alert.startsAtMs, incident.id],
    );
  }
};

/** Reading and changing incidents. `change` holds an advisory lock on scope and key for its transaction, so that replicas take turns. */
export const incidentsOf = (
  database: Database,
  nowMs: () => number,
  later: (job: Job, atMs: number) => Promise<void>,
): Pick<Store, 'incidentOfAlert' | 'incident' | 'openIncidents' | 'change'> => ({
  incidentOfAlert: ({ workspace, cluster }: Scope, fingerprint, startsAtMs) =>
    guarded(async () => {
      const rows = await database.query(
        `select i.document, i.channel_id, i.root_ts from edgewise.incident_alert a join edgewise.incident i on i.id = a.incident_id
          where a.workspace = $1 and a.cluster = $2 and a.fingerprint = $3 and a.starts_at = $4`,
        [workspace, cluster, fingerprint, startsAtMs],
      );
      return incidentOf(rows[0]);
    }),
  incident: (id) =>
    guarded(async () =>
      incidentOf((await database.query('select document, channel_id, root_ts from edgewise.incident where id = $1', [id]))[0]),
    ),
  openIncidents: () =>
    guarded(async () => {
      const rows = await database.query(
        "select document, channel_id, root_ts from edgewise.incident where state = 'open' order by opened_at, id",
      );
      return rows.map(incidentOf).filter((incident) => incident !== null);
    }),
  change: ({ workspace, cluster }, key, reopenAfterMs, decide) =>
    guarded(() =>
      database.transact(async () => {
        await database.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [
          JSON.stringify([workspace, cluster, key]),
        ]);
        const rows = await database.query(
          `select document, channel_id, root_ts from edgewise.incident
            where workspace = $1 and cluster = $2 and key = $3 and (state = 'open' or closed_at >= $4)
            order by (state = 'open') desc, closed_at desc nulls first, id limit 1`,
          [workspace, cluster, key, reopenAfterMs],
        );
        const decision = decide(incidentOf(rows[0]));
        if (decision === null) return null;
        await save(database, decision.incident);
        await enqueue(database, decision.incident, decision.messages, nowMs());
        for (const { job, atMs } of decision.jobs) await later(job, atMs);
        return decision.incident;
      }),
    ),
});
