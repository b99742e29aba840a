import { endedSilences, unsilenced } from '../domain/deeds.ts';
import type { Incident } from '../domain/incident.ts';
import { noteMessage } from '../stages/compose/outgoing.ts';
import { silenceEndedNote } from '../stages/compose/silence.ts';
import { doTo } from './deeds.ts';
import type { EpisodeWorld } from './world.ts';

/** A silence that was made here is over by its time: the root and the thread say so, before the alerts come back. */
export const endSilence = async (world: EpisodeWorld, incidentId: string): Promise<void> => {
  const atMs = world.clock.nowMs();
  // What has ended is read under the lock: of one that somebody ends at this moment nobody says that its time was over.
  const endedOf = (incident: Incident) => endedSilences(incident, atMs);
  await doTo(
    world,
    incidentId,
    (incident) =>
      unsilenced(
        incident,
        endedOf(incident).map(({ id }) => id),
      ),
    (incident, before) => {
      const { timeZone } = world.settingOf(before.edge, before.cluster, before.workspace);
      const messages = endedOf(before).map((silence) =>
        noteMessage(incident, `silence-over:${silence.id}`, silenceEndedNote(silence, null, timeZone)),
      );
      return { messages, jobs: [] };
    },
  );
};
