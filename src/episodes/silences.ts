import { endedSilences, unsilenced } from '../domain/deeds.ts';
import { noteMessage } from '../stages/compose/outgoing.ts';
import { silenceEndedNote } from '../stages/compose/silence.ts';
import { doTo } from './deeds.ts';
import type { EpisodeWorld } from './world.ts';

/** A silence that was made here is over by its time: the root and the thread say so, before the alerts come back. */
export const endSilence = async (world: EpisodeWorld, incidentId: string): Promise<void> => {
  const known = await world.store.incident(incidentId);
  if (known === null) return;
  const ended = endedSilences(known, world.clock.nowMs());
  const { timeZone } = world.settingOf(known.edge, known.cluster);
  await doTo(
    world,
    incidentId,
    (incident) =>
      unsilenced(
        incident,
        ended.map(({ id }) => id),
      ),
    (incident) => ({
      messages: ended.map((silence) =>
        noteMessage(incident, `silence-over:${silence.id}`, silenceEndedNote(silence, null, timeZone)),
      ),
      jobs: [],
    }),
  );
};
