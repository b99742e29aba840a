import type { Installation } from '../../domain/installation.ts';
import type { Installations } from '../../ports.ts';
import { type Database, type Row, storableText } from './database.ts';
import { guarded } from './errors.ts';

const textOrNull = (value: unknown): string | null => (value === null || value === undefined ? null : String(value));

export const installationOf = (row: Row): Installation => ({
  teamId: String(row['team_id']),
  enterpriseId: textOrNull(row['enterprise_id']),
  teamName: String(row['team_name']),
  botId: String(row['bot_id']),
  botUserId: String(row['bot_user_id']),
  sealed: String(row['sealed']),
  expiresAtMs: row['expires_at'] === null ? null : Number(row['expires_at']),
  installedAtMs: Number(row['installed_at']),
  installedBy: String(row['installed_by']),
});

const firstOf = ([row]: readonly Row[]): Installation | null => (row === undefined ? null : installationOf(row));

const keepText = `
  insert into edgewise.installation
    (team_id, enterprise_id, team_name, bot_id, bot_user_id, sealed, expires_at, installed_at, installed_by)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
  on conflict (team_id) do update set enterprise_id = excluded.enterprise_id, team_name = excluded.team_name,
    bot_id = excluded.bot_id, bot_user_id = excluded.bot_user_id, sealed = excluded.sealed, expires_at = excluded.expires_at,
    installed_at = excluded.installed_at, installed_by = excluded.installed_by, leased_until = null`;

/** Of several that ask at once one updates the row, and the others see it leased (PostgreSQL manual, 13.2.1). */
const leaseText = `
  update edgewise.installation set leased_until = $3
   where team_id = $1 and (leased_until is null or leased_until <= $2) returning *`;

/** No two seals are alike: whoever finds the old one there is who may replace it. */
const replaceText = `
  update edgewise.installation set sealed = $3, expires_at = $4, leased_until = null
   where team_id = $1 and sealed = $2 returning 1`;

/** Who has installed the app. A lease stands in the row and in no transaction: on the one connection of PGlite alerts would wait for Slack. */
export const installationsOf = (database: Database): Installations => ({
  keep: ({ teamId, enterpriseId, teamName, botId, botUserId, sealed, expiresAtMs, installedAtMs, installedBy }) =>
    guarded(async () => {
      const who = [teamId, enterpriseId, storableText(teamName), botId, botUserId];
      await database.query(keepText, [...who, sealed, expiresAtMs, installedAtMs, installedBy]);
    }),
  find: (teamId) =>
    guarded(async () => firstOf(await database.query('select * from edgewise.installation where team_id = $1', [teamId]))),
  all: () =>
    guarded(async () => (await database.query('select * from edgewise.installation order by team_id')).map(installationOf)),
  remove: (teamId) =>
    guarded(async () => {
      const gone = await database.query('delete from edgewise.installation where team_id = $1 returning 1', [teamId]);
      return gone.length > 0;
    }),
  lease: (teamId, nowMs, leaseMs) =>
    guarded(async () => firstOf(await database.query(leaseText, [teamId, nowMs, nowMs + leaseMs]))),
  replace: ({ teamId, sealed }, next) =>
    guarded(async () => (await database.query(replaceText, [teamId, sealed, next.sealed, next.expiresAtMs])).length > 0),
});
