import { type OutboxMessage, purposePriority } from '../../domain/incident.ts';
import type { OutboxItem, Store } from '../../ports.ts';
import { type Database, guarded, type Row } from './database.ts';

const numberOrNull = (value: unknown): number | null => (value === null || value === undefined ? null : Number(value));
const textOrNull = (value: unknown): string | null => (value === null || value === undefined ? null : String(value));

const pictureOf = (row: Row): OutboxMessage['picture'] =>
  row['picture'] instanceof Uint8Array
    ? { name: String(row['picture_name']), altText: String(row['picture_alt']), png: new Uint8Array(row['picture']) }
    : null;

const itemOf = (row: Row): OutboxItem => ({
  key: String(row['key']),
  incidentId: String(row['incident_id']),
  workspace: String(row['workspace']),
  cluster: String(row['cluster']),
  purpose: row['purpose'] as OutboxItem['purpose'],
  message: row['message'] as OutboxItem['message'],
  broadcast: row['broadcast'] === true,
  picture: pictureOf(row),
  channel: String(row['channel']),
  channelId: textOrNull(row['channel_id']),
  rootTs: textOrNull(row['root_ts']),
  attempt: Number(row['attempt']),
  unknownSinceMs: numberOrNull(row['unknown_since']),
  createdAtMs: Number(row['created_at']),
});

/** Writes what is to be told, in the transaction of the state it tells. A newer edit makes older ones that wait superfluous. */
export const enqueue = async (
  database: Database,
  scope: { readonly workspace: string; readonly cluster: string },
  messages: readonly OutboxMessage[],
  nowMs: number,
): Promise<void> => {
  for (const { key, incidentId, purpose, message, broadcast, picture } of messages) {
    if (purpose === 'edit' || purpose === 'resolution') {
      await database.query(
        "update edgewise.outbox set state = 'superseded' where incident_id = $1 and purpose in ('edit', 'resolution') and state = 'pending' and key <> $2 and unknown_since is null",
        [incidentId, key],
      );
    }
    await database.query(
      `insert into edgewise.outbox (key, workspace, cluster, incident_id, purpose, priority, message, broadcast, picture_name, picture_alt, picture, not_before, created_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12) on conflict (key) do nothing`,
      [
        key,
        scope.workspace,
        scope.cluster,
        incidentId,
        purpose,
        purposePriority[purpose],
        JSON.stringify(message),
        broadcast,
        picture?.name ?? null,
        picture?.altText ?? null,
        picture?.png ?? null,
        nowMs,
      ],
    );
  }
};

/** One head per incident, no incident with a live lease, nothing before its root; taken under row locks so that replicas never share one. */
const claimText = `
  with waiting as (
    select o.key, o.priority, o.seq, o.not_before, row_number() over (partition by o.incident_id order by o.priority, o.seq) as place
      from edgewise.outbox o join edgewise.incident i on i.id = o.incident_id
     where o.state in ('pending', 'sending') and (o.purpose = 'root' or i.root_ts is not null)
       and not exists (select 1 from edgewise.outbox b where b.incident_id = o.incident_id and b.state = 'sending' and b.lease_until > $1)),
  taken as (
    select o.key from edgewise.outbox o join waiting w on w.key = o.key
     where w.place = 1 and w.not_before <= $1 and (o.state = 'pending' or o.lease_until <= $1)
     order by w.priority, w.seq limit $3 for update of o skip locked)
  update edgewise.outbox o
     set state = 'sending', attempt = o.attempt + 1, lease_until = $2, attempt_at = $1,
         unknown_since = case when o.state = 'sending' then coalesce(o.unknown_since, o.attempt_at) else o.unknown_since end
    from taken t, edgewise.incident i
   where o.key = t.key and i.id = o.incident_id
  returning o.*, i.document->>'channel' as channel, i.channel_id, i.root_ts`;

/** The outbox: one table with leases. Every answer is fenced by the attempt it belongs to. */
export const outboxOf = (database: Database): Store['outbox'] => ({
  claim: (nowMs, leaseMs, limit) =>
    guarded(async () => {
      const rows = await database.query(claimText, [nowMs, nowMs + leaseMs, limit]);
      return [...rows]
        .sort((a, b) => Number(a['priority']) - Number(b['priority']) || Number(a['seq']) - Number(b['seq']))
        .map(itemOf);
    }),
  sent: (item, { channelId, ts }) =>
    guarded(() =>
      database.transact(async () => {
        await database.query(
          "update edgewise.outbox set state = 'sent', slack_ts = $3, picture = null, why = null where key = $1 and attempt = $2",
          [item.key, item.attempt, ts],
        );
        if (item.purpose === 'root')
          await database.query('update edgewise.incident set channel_id = $2, root_ts = $3 where id = $1 and root_ts is null', [
            item.incidentId,
            channelId,
            ts,
          ]);
      }),
    ),
  retry: (item, atMs, why, outcome) =>
    guarded(async () => {
      await database.query(
        "update edgewise.outbox set state = 'pending', not_before = $3, why = $4, unknown_since = case when $5 then coalesce(unknown_since, attempt_at) else null end where key = $1 and attempt = $2",
        [item.key, item.attempt, atMs, why, outcome === 'unknown'],
      );
    }),
  park: (item, why) =>
    guarded(async () => {
      await database.query("update edgewise.outbox set state = 'dead', why = $3 where key = $1 and attempt = $2", [
        item.key,
        item.attempt,
        why,
      ]);
    }),
  waiting: () =>
    guarded(async () => {
      const [row] = await database.query(
        "select count(*)::int as count, min(created_at) as oldest from edgewise.outbox where state in ('pending', 'sending')",
      );
      return { count: Number(row?.['count'] ?? 0), oldestMs: numberOrNull(row?.['oldest']) };
    }),
});
