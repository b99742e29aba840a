import { type OutboxMessage, purposePriority, type Scope } from '../../domain/incident.ts';
import type { OutboxItem, Store } from '../../ports.ts';
import { type Database, numberOrNull, type Row, textOrNull } from './database.ts';
import { guarded, retried } from './errors.ts';

const pictureOf = (row: Row): OutboxMessage['picture'] =>
  row['picture'] instanceof Uint8Array
    ? { name: String(row['picture_name']), altText: String(row['picture_alt']), png: new Uint8Array(row['picture']) }
    : null;

const itemOf = (row: Row): OutboxItem => ({
  key: String(row['key']),
  rootId: String(row['root_id']),
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

/** Both tell the root anew, whole: of several that wait, the newest says everything. */
const retelling = "('edit', 'resolution')";

/** The columns of the tables that roots are kept in. */
const columnOf = { incident: 'incident_id', digest: 'digest_id' } as const;

const insertInto = (column: string): string => `
  insert into edgewise.outbox
    (key, workspace, cluster, ${column}, purpose, priority, message, broadcast, picture_name, picture_alt, picture, not_before, created_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12) on conflict (key) do nothing returning seq`;

const supersedeText = `
  update edgewise.outbox set state = 'superseded'
   where root_id = $1 and seq < $2 and state = 'pending' and purpose in ${retelling}`;

/** Writes what is to be told, in the transaction of the state it tells; the roots are all incidents', or all digests'. A key that is known already changes nothing. */
export const enqueue = async (
  database: Database,
  kind: keyof typeof columnOf,
  { workspace, cluster }: Scope,
  messages: readonly OutboxMessage[],
  nowMs: number,
): Promise<void> => {
  for (const { key, rootId, purpose, message, broadcast, picture } of messages) {
    const [added] = await database.query(insertInto(columnOf[kind]), [
      ...[key, workspace, cluster, rootId, purpose, purposePriority[purpose], JSON.stringify(message), broadcast],
      ...[picture?.name ?? null, picture?.altText ?? null, picture?.png ?? null, nowMs],
    ]);
    if (added !== undefined && (purpose === 'edit' || purpose === 'resolution'))
      await database.query(supersedeText, [rootId, added['seq']]);
  }
};

/**
 * The head of each root's messages: what is in flight before all else, and nothing before the root. Row locks keep replicas apart, and the
 * unique index on what is in flight keeps two of one root apart even when their snapshots differ.
 */
const claimText = `
  with waiting as (
    select o.key, o.priority, o.seq,
           row_number() over (partition by o.root_id order by (o.state = 'sending') desc, o.priority, o.seq) as place
      from edgewise.outbox o join edgewise.root r on r.id = o.root_id
     where o.workspace = $4 and o.state in ('pending', 'sending') and (o.purpose = 'root' or r.root_ts is not null)),
  taken as (
    select o.key from edgewise.outbox o join waiting w on w.key = o.key
     where w.place = 1 and (o.state = 'pending' and o.not_before <= $1 or o.state = 'sending' and o.lease_until <= $1)
     order by w.priority, w.seq limit $3 for update of o skip locked)
  update edgewise.outbox o
     set state = 'sending', attempt = o.attempt + 1, lease_until = $2, attempt_at = $1,
         unknown_since = case when o.state = 'sending' then coalesce(o.unknown_since, o.attempt_at) else o.unknown_since end
    from taken t, edgewise.root r
   where o.key = t.key and r.id = o.root_id
  returning o.*, r.channel, r.channel_id, r.root_ts`;

/** Whoever saw it stand in Slack is right, also when its lease was over. */
const sentText = `
  update edgewise.outbox set state = 'sent', slack_ts = $2, picture = null, lease_until = null, why = null
   where key = $1 and state <> 'sent'`;

/** Where its root stands, of whichever kind it is. */
const standTexts = ['incident', 'digest'].map(
  (table) => `update edgewise.${table} set channel_id = $2, root_ts = $3 where id = $1 and root_ts is not distinct from $4`,
);

/** A retelling that waited while a newer one came is not worth sending any more. */
const stateAgain = `
  case when o.purpose in ${retelling} and exists (
    select 1 from edgewise.outbox n where n.root_id = o.root_id and n.seq > o.seq and n.state = 'pending' and n.purpose in ${retelling})
  then 'superseded' else 'pending' end`;

const retryText = `
  update edgewise.outbox o set not_before = $3, why = $4, lease_until = null,
         unknown_since = case when $5 then coalesce(o.unknown_since, o.attempt_at) else o.unknown_since end,
         state = ${stateAgain}
   where o.key = $1 and o.attempt = $2 and o.state = 'sending'`;

const releaseText = `
  update edgewise.outbox o set not_before = $3, lease_until = null, attempt = o.attempt - 1, state = ${stateAgain}
   where o.key = $1 and o.attempt = $2 and o.state = 'sending'`;

const parkText = `
  update edgewise.outbox set state = 'dead', why = $3, picture = null, lease_until = null
   where key = $1 and attempt = $2 and state = 'sending'`;

/** What waits behind a root that was given up can never go: it is no backlog. */
const waitingText = `
  select count(*)::int as count, min(o.created_at) as oldest
    from edgewise.outbox o join edgewise.root r on r.id = o.root_id
   where o.state in ('pending', 'sending') and o.workspace = coalesce($1::text, o.workspace) and (r.root_ts is not null or exists (
     select 1 from edgewise.outbox first where first.root_id = o.root_id and first.purpose = 'root' and first.state in ('pending', 'sending')))`;

type Claim = Store['outbox']['claim'];

const claimed = async (database: Database, [nowMs, leaseMs, limit, workspace]: Parameters<Claim>): ReturnType<Claim> => {
  const rows = await retried(() => database.query(claimText, [nowMs, nowMs + leaseMs, limit, workspace]));
  return [...rows]
    .sort((a, b) => Number(a['priority']) - Number(b['priority']) || Number(a['seq']) - Number(b['seq']))
    .map(itemOf);
};

/** The outbox: one table with leases. `retry`, `release` and `park` are fenced by the attempt they belong to. */
export const outboxOf = (database: Database): Store['outbox'] => ({
  claim: (...asked) => guarded(() => claimed(database, asked)),
  sent: (item, { channelId, ts, isNewRoot }) =>
    guarded(() =>
      database.transact(async () => {
        await database.query(sentText, [item.key, ts]);
        if (item.purpose !== 'root' && isNewRoot !== true) return;
        const values = [item.rootId, channelId, ts, isNewRoot === true ? item.rootTs : null];
        for (const stand of standTexts) await database.query(stand, values);
      }),
    ),
  retry: ({ key, attempt }, atMs, why, outcome) =>
    guarded(async () => {
      await database.query(retryText, [key, attempt, atMs, why, outcome === 'unknown']);
    }),
  release: ({ key, attempt }, atMs) =>
    guarded(async () => {
      await database.query(releaseText, [key, attempt, atMs]);
    }),
  park: ({ key, attempt }, why) =>
    guarded(async () => {
      await database.query(parkText, [key, attempt, why]);
    }),
  waiting: (workspace) =>
    guarded(async () => {
      const [row] = await database.query(waitingText, [workspace ?? null]);
      return { count: Number(row?.['count'] ?? 0), oldestMs: numberOrNull(row?.['oldest']) };
    }),
});
