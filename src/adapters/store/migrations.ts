import type { Database } from './database.ts';
import { unsupported } from './errors.ts';

type Migration = {
  readonly text: string;
  /** The least schema number a release must know to work on the result: raised only by a change that an older one would break on. */
  readonly minimum: number;
};

/**
 * Numbered by place, only ever added to. While replicas are replaced one by one, the previous release works on the newer schema;
 * so a migration only adds (tables, columns with a default or null, indexes), and leaves `minimum` alone. What must go is first
 * left unused for one release, and the migration that drops it raises `minimum` to the release before. Moments are milliseconds
 * since the epoch, from the program's clock; text from outside is `json`, since `jsonb` refuses U+0000.
 */
const migrations: readonly Migration[] = [
  {
    minimum: 1,
    text: `
      create table edgewise.delivery (
        id text primary key, workspace text not null, cluster text not null, received_at double precision not null, body json not null);
      create index delivery_received on edgewise.delivery (received_at);
      create table edgewise.incident (
        id text primary key, workspace text not null, cluster text not null, key text not null, state text not null,
        opened_at double precision not null, closed_at double precision, channel text not null, channel_id text, root_ts text,
        document json not null);
      create unique index incident_open on edgewise.incident (workspace, cluster, key) where state = 'open';
      create index incident_key on edgewise.incident (workspace, cluster, key, closed_at);
      create index incident_closed on edgewise.incident (closed_at);
      create table edgewise.incident_alert (
        workspace text not null, cluster text not null, fingerprint text not null, starts_at double precision not null,
        incident_id text not null references edgewise.incident (id) on delete cascade,
        primary key (workspace, cluster, fingerprint, starts_at));
      create index incident_alert_incident on edgewise.incident_alert (incident_id);
      create table edgewise.outbox (
        key text primary key, seq bigserial not null, workspace text not null, cluster text not null,
        incident_id text not null references edgewise.incident (id) on delete cascade,
        purpose text not null, priority int not null, message json not null, broadcast boolean not null,
        picture_name text, picture_alt text, picture bytea,
        state text not null default 'pending', attempt int not null default 0, lease_until double precision,
        attempt_at double precision, unknown_since double precision, not_before double precision not null,
        created_at double precision not null, slack_ts text, why text);
      create index outbox_incident on edgewise.outbox (incident_id, priority, seq);
      create index outbox_waiting on edgewise.outbox (created_at) where state in ('pending', 'sending');
      create unique index outbox_in_flight on edgewise.outbox (incident_id) where state = 'sending';`,
  },
  {
    minimum: 1,
    text: `
      create table edgewise.audit (
        seq bigserial primary key, workspace text not null, cluster text not null, at double precision not null, by_user text not null,
        channel_id text, action text not null, incident_id text, outcome text not null, detail text not null);
      create index audit_at on edgewise.audit (at);
      create index audit_incident on edgewise.audit (incident_id, seq);`,
  },
  {
    minimum: 1,
    text: `
      create table edgewise.once (id text primary key, keep_until double precision not null);
      create index once_kept on edgewise.once (keep_until);`,
  },
  {
    minimum: 1,
    text: `
      create table edgewise.installation (
        team_id text primary key, enterprise_id text, team_name text not null, bot_id text not null, bot_user_id text not null,
        sealed text not null, expires_at double precision, installed_at double precision not null, installed_by text not null,
        leased_until double precision);`,
  },
  {
    minimum: 1,
    text: `
      create table edgewise.channel_root (
        workspace text not null, channel text not null, claim text not null, at double precision not null,
        primary key (workspace, channel, claim));`,
  },
  {
    minimum: 1,
    text: `
      create table edgewise.slo_day (
        cluster text not null, question text not null, day double precision not null, rows json not null,
        primary key (cluster, question, day));
      create index slo_day_day on edgewise.slo_day (day);`,
  },
  {
    // What is told has a root: an incident's, or a digest's. The release before sees those of incidents alone, as it did.
    minimum: 1,
    text: `
      create table edgewise.slo_standing (
        cluster text not null, name text not null, at double precision not null, document json not null, primary key (cluster, name));
      create table edgewise.digest_subscription (
        workspace text not null, key text not null, document json not null, primary key (workspace, key));
      create table edgewise.digest (
        id text primary key, workspace text not null, subscription text not null, date text not null, at double precision not null,
        channel text not null, channel_id text, root_ts text, memory json not null, unique (workspace, subscription, date));
      create index digest_at on edgewise.digest (at);
      alter table edgewise.outbox
        alter column incident_id drop not null,
        add column digest_id text references edgewise.digest (id) on delete cascade,
        add column root_id text not null generated always as (coalesce(incident_id, digest_id)) stored;
      create index outbox_digest on edgewise.outbox (digest_id) where digest_id is not null;
      create index outbox_root on edgewise.outbox (root_id, priority, seq);
      create unique index outbox_root_in_flight on edgewise.outbox (root_id) where state = 'sending';
      create view edgewise.root as
        select id, channel, channel_id, root_ts from edgewise.incident
        union all select id, channel, channel_id, root_ts from edgewise.digest;`,
  },
];

/** Any number, the same in every release: replicas that start together take turns. */
const lockKey = 7_203_114;

const prepare = `
  create table if not exists edgewise.migration (
    number int primary key, minimum int not null, applied_at timestamptz not null default now())`;

/** Brings the schema up to date under a lock. Throws `SourceError` (unsupported) when a newer release has changed it so that this one would break. */
export const migrate = (database: Database): Promise<void> =>
  database.transact(async () => {
    await database.query('select pg_advisory_xact_lock($1)', [lockKey]);
    await database.query('set local statement_timeout = 0');
    // Asked first, since creating needs a right on the database even where the schema is there.
    const [schema] = await database.query("select to_regnamespace('edgewise') is not null as exists");
    if (schema?.['exists'] !== true) await database.query('create schema edgewise');
    await database.script(prepare);
    const [row] = await database.query(
      'select coalesce(max(number), 0) as number, coalesce(max(minimum), 0) as minimum from edgewise.migration',
    );
    const [done, minimum] = [Number(row?.['number'] ?? 0), Number(row?.['minimum'] ?? 0)];
    if (minimum > migrations.length) {
      throw unsupported(
        `database was changed by a newer Edgewise (schema ${done}, this release knows ${migrations.length}): run that release or a later one`,
      );
    }
    for (const [index, migration] of migrations.entries()) {
      if (index < done) continue;
      await database.script(migration.text);
      await database.query('insert into edgewise.migration (number, minimum) values ($1, $2)', [index + 1, migration.minimum]);
    }
  });
