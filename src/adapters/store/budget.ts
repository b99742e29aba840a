import type { Store } from '../../ports.ts';
import type { Database } from './database.ts';
import { guarded, retried } from './errors.ts';

/** How many new messages a channel got lately. Replicas take turns by channel, so that together they keep to one budget. */
export const budgetOf = (database: Database): Pick<Store, 'claimRoot'> => ({
  claimRoot: ({ workspace, cluster }, key, { channel, most, atMs, withinMs }) =>
    guarded(() =>
      retried(() =>
        database.transact(async () => {
          const claim = JSON.stringify([cluster, key]);
          const lock = 'select pg_advisory_xact_lock(hashtextextended($1, 0))';
          await database.query(lock, [JSON.stringify(['channel root', workspace, channel])]);
          const mine = [workspace, channel];
          const over = 'delete from edgewise.channel_root where workspace = $1 and channel = $2 and at <= $3';
          await database.query(over, [...mine, atMs - withinMs]);
          const held = 'select claim from edgewise.channel_root where workspace = $1 and channel = $2';
          const claims = (await database.query(held, mine)).map((row) => row['claim']);
          if (claims.includes(claim)) return true;
          if (claims.length >= most) return false;
          const add = 'insert into edgewise.channel_root (workspace, channel, claim, at) values ($1, $2, $3, $4)';
          await database.query(add, [...mine, claim, atMs]);
          return true;
        }),
      ),
    ),
});
