import type { Screen } from '../domain/gesture.ts';
import { gather } from '../gather.ts';
import { homeView } from '../stages/compose/home.ts';
import type { GestureWorld } from './world.ts';

/** Shows what is open in the Home of whoever opened it. */
export const showHome = async (world: GestureWorld, screen: Screen): Promise<void> => {
  const open = await gather('open incidents', 'the store', 5000, () => world.store.openIncidents());
  const setting = world.settingOf(null, world.clusters[0]?.name ?? '');
  await screen.publish(
    homeView({
      incidents: open.ok ? open.value : [],
      linkOf: ({ channelId, rootTs }) => (channelId === null || rootTs === null ? null : world.linkOf(channelId, rootTs)),
      buttons: setting.buttons,
      atMs: world.clock.nowMs(),
      zone: setting.timeZone,
      gap: open.ok ? null : `The store ${open.gap.detail}.`,
    }),
  );
};
