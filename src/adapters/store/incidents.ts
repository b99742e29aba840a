import type { Incident } from '../../domain/incident.ts';
import type { Decision, Store } from '../../ports.ts';
import { type Database, type Row, storableText } from './database.ts';
import { guarded, retried } from './errors.ts';
import type { Jobs } from './jobs.ts';
import { enqueue } from './outbox.ts';
import { revivedAlert } from './revived.ts';

const columns = 'i.document, i.channel_id, i.root_ts';

/** Where the root stands is written by the outbox beside the document, so a change in between cannot undo it. */
const incidentOf = (row: Row): Incident => {
  const document = row['document'] as Incident;
  return {
    ...document,
    lead: revivedAlert(document.lead),
    channelId: (row['channel_id'] as string | null) ?? null,
    rootTs: (row['root_ts'] as string | null) ?? null,
  };
};

const firstOf = (rows: readonly Row[]): Incident | null => (rows[0] === undefined ? null : incidentOf(rows[0]));

const saveIncident = (database: Database, { id, workspace, cluster, key, state, ...rest }: Incident): Promise<unknown> =>
  database.query(
    `insert into edgewise.incident (id, workspace, cluster, key, state, opened_at, closed_at, channel, document)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     on conflict (id) do update set key = excluded.key, state = excluded.state, opened_at = excluded.opened_at,
       closed_at = excluded.closed_at, channel = excluded.channel, document = excluded.document`,
    [
      ...[id, workspace, cluster, key, state, rest.openedAtMs, rest.closedAtMs, rest.channel],
      JSON.stringify({ id, workspace, cluster, key, state, ...rest }),
    ],
  );

/** Alerts in one order, so that two incidents that share some cannot wait for each other. */
const saveAlerts = (database: Database, { id, workspace, cluster, alerts }: Incident): Promise<unknown> =>
  database.query(
    `insert into edgewise.incident_alert (workspace, cluster, fingerprint, starts_at, incident_id)
     select distinct $1::text, $2::text, a.fingerprint, a.starts_at, $3::text
       from json_to_recordset($4::json) as a (fingerprint text, starts_at double precision) order by a.fingerprint, a.starts_at
     on conflict (workspace, cluster, fingerprint, starts_at) do update set incident_id = excluded.incident_id
       where incident_alert.incident_id <> excluded.incident_id`,
    [
      ...[workspace, cluster, id],
      JSON.stringify(
        alerts.map(({ fingerprint, startsAtMs }) => ({
          fingerprint: storableText(fingerprint),
          starts_at: startsAtMs,
        })),
      ),
    ],
  );

const saveDecision = async (
  database: Database,
  { incident, messages, jobs }: Decision,
  later: Jobs['later'],
  nowMs: number,
): Promise<void> => {
  await saveIncident(database, incident);
  await saveAlerts(database, incident);
  await enqueue(database, 'incident', incident, messages, nowMs);
  for (const { job, atMs } of jobs) await later(job, atMs);
};

/**
 * Reading and changing incidents. `change` holds an advisory lock on scope and key for its transaction, so that replicas take turns
 * also where there is no row yet to lock; that at most one is open is a unique index besides.
 */
export const incidentsOf = (
  database: Database,
  nowMs: () => number,
  later: Jobs['later'],
): Pick<Store, 'incidentOfAlert' | 'incident' | 'openIncidents' | 'incidentsSince' | 'change'> => ({
  incidentOfAlert: ({ workspace, cluster }, fingerprint, startsAtMs) =>
    guarded(async () => {
      const text = `select ${columns} from edgewise.incident_alert a join edgewise.incident i on i.id = a.incident_id
        where a.workspace = $1 and a.cluster = $2 and a.fingerprint = $3 and a.starts_at = $4`;
      return firstOf(await database.query(text, [workspace, cluster, fingerprint, startsAtMs]));
    }),
  incident: (id) =>
    guarded(async () => firstOf(await database.query(`select ${columns} from edgewise.incident i where i.id = $1`, [id]))),
  openIncidents: () =>
    guarded(async () => {
      const text = `select ${columns} from edgewise.incident i where i.state = 'open' order by i.opened_at, i.id`;
      return (await database.query(text)).map(incidentOf);
    }),
  incidentsSince: (atMs) =>
    guarded(async () => {
      const text = `select ${columns} from edgewise.incident i where i.state = 'open' or i.closed_at >= $1 order by i.opened_at, i.id`;
      return (await database.query(text, [atMs])).map(incidentOf);
    }),
  change: ({ workspace, cluster }, key, reopenAfterMs, decide) =>
    guarded(() =>
      retried(() =>
        database.transact(async () => {
          const lock = 'select pg_advisory_xact_lock(hashtextextended($1, 0))';
          await database.query(lock, [JSON.stringify([workspace, cluster, key])]);
          const text = `select ${columns} from edgewise.incident i
            where i.workspace = $1 and i.cluster = $2 and i.key = $3 and (i.state = 'open' or i.closed_at >= $4)
            order by (i.state = 'open') desc, i.closed_at desc, i.id limit 1`;
          const decision = decide(firstOf(await database.query(text, [workspace, cluster, key, reopenAfterMs])));
          if (decision === null) return null;
          await saveDecision(database, decision, later, nowMs());
          return decision.incident;
        }),
      ),
    ),
});
