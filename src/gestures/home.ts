import type { Person, Screen } from '../domain/gesture.ts';
import type { Message } from '../domain/message.ts';
import { gather } from '../gather.ts';
import { homeView } from '../stages/compose/home.ts';
import { keptFrom } from './permission.ts';
import type { GestureWorld } from './world.ts';

/** Shows what is open in the Home of whoever opened it; `told`: what came of a click there. */
export const showHome = async (
  world: GestureWorld,
  person: Person,
  screen: Screen,
  told: Message | null = null,
): Promise<void> => {
  const kept = keptFrom(world, person);
  const open = await gather('open incidents', 'the store', 5000, world.openIncidents);
  const setting = world.settingOf(null, world.clusters[0]?.name ?? '');
  await screen.publish(
    homeView({
      incidents: open.ok && kept === null ? open.value : [],
      linkOf: ({ channelId, rootTs }) => (channelId === null || rootTs === null ? null : world.linkOf(channelId, rootTs)),
      buttons: setting.buttons,
      atMs: world.clock.nowMs(),
      zone: setting.timeZone,
      told,
      gap: kept ?? (open.ok ? null : `The store ${open.gap.detail}.`),
    }),
  );
};
