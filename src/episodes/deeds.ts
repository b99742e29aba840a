import type { Done } from '../domain/deeds.ts';
import type { Incident } from '../domain/incident.ts';
import type { EpochMs } from '../domain/time.ts';
import type { Decision } from '../ports.ts';
import { editMessage, restoodIncident } from '../stages/compose/outgoing.ts';
import type { EpisodeWorld } from './world.ts';

/** What goes with it: lines for the thread, later work. */
type Beside = Pick<Decision, 'messages' | 'jobs'>;

const nothing: Beside = { messages: [], jobs: [] };

/** What becomes of an incident that somebody did something to: its root told anew at once, without a question to any source. */
const decided = (world: EpisodeWorld, incident: Incident, { messages, jobs }: Beside, atMs: EpochMs): Decision => {
  const { id, state, edge, cluster, workspace } = incident;
  if (state !== 'open') return { incident, messages, jobs };
  const stood = restoodIncident(incident, world.settingOf(edge, cluster, workspace));
  // The root of an older release is not known: it is measured and told anew.
  return stood === null
    ? { incident, messages, jobs: [...jobs, { job: { kind: 'refresh', incidentId: id, minute: 0 }, atMs }] }
    : { incident: stood, messages: [editMessage(stood), ...messages], jobs };
};

/**
 * Does something to an incident, and tells it; null where no such incident is known (any more). `decide` may run again. An incident
 * whose subject has a later one is over.
 */
export const doTo = async (
  world: EpisodeWorld,
  incidentId: string,
  decide: (incident: Incident) => Done,
  beside: (incident: Incident, before: Incident) => Beside = () => nothing,
): Promise<Done | null> => {
  const known = await world.store.incident(incidentId);
  if (known === null) return null;
  let done: Done = { kind: 'over', incident: known };
  await world.store.change(known, known.key, 0, (current) => {
    const before = current?.id === incidentId ? current : null;
    done = before === null ? { kind: 'over', incident: known } : decide(before);
    return done.kind === 'done' && before !== null
      ? decided(world, done.incident, beside(done.incident, before), world.clock.nowMs())
      : null;
  });
  world.wakeSender();
  return done;
};
