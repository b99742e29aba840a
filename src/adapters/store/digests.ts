import type { KeptDigest, NewDigest } from '../../domain/digest.ts';
import { type DigestSubscription, subscriptionKey } from '../../domain/digest-subscription.ts';
import type { Store } from '../../ports.ts';
import type { Database } from './database.ts';
import { guarded, retried } from './errors.ts';
import { enqueue } from './outbox.ts';

const subscribeText = `
  insert into edgewise.digest_subscription (workspace, key, document) values ($1, $2, $3)
  on conflict (workspace, key) do update set document = excluded.document`;

const lastText = `
  select date, at, memory from edgewise.digest where workspace = $1 and subscription = $2 order by date desc limit 1`;

/** The unique key of workspace, subscription and date decides who tells it: whoever comes second finds the row of the first. */
const tellText = `
  insert into edgewise.digest (id, workspace, subscription, date, at, channel, memory) values ($1, $2, $3, $4, $5, $6, $7)
  on conflict do nothing returning id`;

const tell = (database: Database, nowMs: () => number, digest: NewDigest): Promise<boolean> =>
  database.transact(async () => {
    const { id, workspace, subscription, date, atMs, channel, memory, messages } = digest;
    const values = [id, workspace, subscription, date, atMs, channel, JSON.stringify(memory)];
    if ((await database.query(tellText, values)).length === 0) return false;
    // A digest may be of several clusters.
    await enqueue(database, 'digest', { workspace, cluster: '' }, messages, nowMs());
    return true;
  });

/** Who asked for digests, and what they were told. */
export const digestsOf = (database: Database, nowMs: () => number): Pick<Store, 'digests'> => ({
  digests: {
    subscriptions: (workspace) =>
      guarded(async () => {
        const text = 'select document from edgewise.digest_subscription where workspace = $1 order by key';
        return (await database.query(text, [workspace])).map((row) => row['document'] as DigestSubscription);
      }),
    subscribe: (workspace, subscription) =>
      guarded(async () => {
        await database.query(subscribeText, [workspace, subscriptionKey(subscription), JSON.stringify(subscription)]);
      }),
    unsubscribe: (workspace, key) =>
      guarded(async () => {
        const text = 'delete from edgewise.digest_subscription where workspace = $1 and key = $2 returning key';
        return (await database.query(text, [workspace, key])).length > 0;
      }),
    last: (workspace, key) =>
      guarded(async () => {
        const [row] = await database.query(lastText, [workspace, key]);
        if (row === undefined) return null;
        return { date: String(row['date']), atMs: Number(row['at']), memory: row['memory'] as KeptDigest['memory'] };
      }),
    tell: (digest) => guarded(() => retried(() => tell(database, nowMs, digest))),
  },
});
