import { subscriptionsIn } from '../digests/world.ts';
import type { DigestSubscription } from '../domain/digest-subscription.ts';
import type { Gap } from '../domain/gathered.ts';
import { isStillKnown, type KnownStanding } from '../domain/slo/known.ts';
import { gather } from '../gather.ts';
import type { GestureWorld } from './world.ts';

const storeMs = 5000;

/** How objectives stood when they were last read, and who is told of them; a gap where the store does not say. */
export type ObjectivesNow = {
  readonly standings: readonly KnownStanding[];
  readonly digests: readonly DigestSubscription[];
  readonly gap: Gap | null;
};

export const noObjectives: ObjectivesNow = { standings: [], digests: [], gap: null };

/** Never reads an objective: whoever opens the Home does not wait for a month of figures. */
export const objectivesNow = async (world: GestureWorld): Promise<ObjectivesNow> => {
  const { store, workspace, clock } = world;
  const found = await gather('objectives and digests', 'the store', storeMs, () =>
    Promise.all([store.standings.all(), subscriptionsIn(world, workspace)]),
  );
  if (!found.ok) return { ...noObjectives, gap: found.gap };
  const [standings, digests] = found.value;
  return { standings: standings.filter((standing) => isStillKnown(standing, clock.nowMs())), digests, gap: null };
};

/** What a change of makes the Home another one. */
export const objectivesState = ({ standings, digests }: ObjectivesNow): unknown => [
  standings.map(({ slo, state, left, atMs }) => [slo.cluster, slo.name, state, left, atMs]),
  digests,
];
