import { type DigestSubscription, subscriptionsTogether } from '../domain/digest-subscription.ts';
import type { EpisodeWorld } from '../episodes/world.ts';
import type { Cluster } from '../inquiry.ts';
import type { ObjectiveWorld } from '../read-objectives.ts';

/** What telling channels of their objectives needs of the world. */
export type DigestsWorld = Pick<
  EpisodeWorld,
  'store' | 'clock' | 'log' | 'charts' | 'hasPictureChannel' | 'wakeSender' | 'onGaps' | 'linkOf'
> & {
  readonly clusters: readonly Cluster[];
  readonly objectives: Pick<ObjectiveWorld, 'home' | 'slos' | 'days' | 'standings'>;
  /** The workspaces that have us now. */
  readonly workspaces: () => Promise<readonly string[]>;
  readonly onDigest: (result: 'told' | 'late') => void;
  /** What the configuration says a workspace gets. */
  readonly configured: (workspace: string) => readonly DigestSubscription[];
};

/** Every digest that a workspace gets. */
export const subscriptionsIn = async (
  { store, configured }: Pick<DigestsWorld, 'store' | 'configured'>,
  workspace: string,
): Promise<readonly DigestSubscription[]> =>
  subscriptionsTogether(configured(workspace), await store.digests.subscriptions(workspace));
