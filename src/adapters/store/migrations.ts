import { SourceError } from '../../domain/gathered.ts';
import type { Database } from './database.ts';

/**
 * Numbered, only ever added to. Each may only add (tables, nullable columns, indexes), so that the previous release goes on working on
 * the newer schema while replicas are replaced one by one. Moments are milliseconds since the epoch, since the clock is the program's.
 */
const migrations: readonly string[] = [
  `create table edgewise.delivery (
     id text primary key, workspace text not null, cluster text not null, group_key text not null, received_at bigint not null, body jsonb);
   create index delivery_received on edgewise.delivery (received_at);
   create table edgewise.incident (
     id text primary key, workspace text not null, cluster text not null, key text not null, state text not null, opened_at bigint not null,
     closed_at bigint, channel_id text, root_ts text, document jsonb not null);
   create unique index incident_open on edgewise.incident (workspace, cluster, key) where state = 'open';
   create index incident_key on edgewise.incident (workspace, cluster, key, closed_at);
   create index incident_closed on edgewise.incident (closed_at);
   create table edgewise.incident_alert (
     workspace text not null, cluster text not null, fingerprint text not null, starts_at bigint not null,
     incident_id text not null references edgewise.incident (id) on delete cascade,
     primary key (workspace, cluster, fingerprint, starts_at));
   create index incident_alert_incident on edgewise.incident_alert (incident_id);
   create table edgewise.outbox (
     key text primary key, seq bigserial not null, workspace text not null, cluster text not null,
     incident_id text not null references edgewise.incident (id) on delete cascade,
     purpose text not null, priority int not null, message jsonb not null, broadcast boolean not null,
     picture_name text, picture_alt text, picture bytea,
     state text not null default 'pending', attempt int not null default 0, lease_until bigint, attempt_at bigint, unknown_since bigint,
     not_before bigint not null, created_at bigint not null, slack_ts text, why text);
   create index outbox_waiting on edgewise.outbox (incident_id, priority, seq) where state in ('pending', 'sending');`,
];

const lockKey = 7_203_114;

/** Brings the schema up to date under a lock; refuses a database that a newer release has changed. */
export const migrate = async (database: Database): Promise<void> => {
  await database.transact(async () => {
    await database.query('select pg_advisory_xact_lock($1)', [lockKey]);
    await database.query('create schema if not exists edgewise');
    await database.query(
      'create table if not exists edgewise.migration (number int primary key, applied_at timestamptz not null default now())',
    );
    const [row] = await database.query('select coalesce(max(number), 0)::int as number from edgewise.migration');
    const done = Number(row?.['number'] ?? 0);
    // A newer release may only have added, so a few numbers ahead is a rolling update; further ahead was never tried together.
    if (done > migrations.length + 3) {
      throw new SourceError(
        'the store',
        'unsupported',
        `was written by a newer Edgewise (schema ${done}, this release knows ${migrations.length}); run that release`,
      );
    }
    for (const [index, text] of migrations.entries()) {
      if (index < done) continue;
      await database.script(text);
      await database.query('insert into edgewise.migration (number) values ($1)', [index + 1]);
    }
  });
};
