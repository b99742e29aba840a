import type { Incident, IncidentPart, PartOf } from '../domain/incident.ts';
import { isStormKey, partFrom, partsAmong, withParts } from '../domain/storm.ts';
import { editMessage, newsMessages, restoodIncident } from '../stages/compose/outgoing.ts';
import { refreshJobs, retold } from './retold.ts';
import { type EpisodeWorld, isOf } from './world.ts';

const isSame = (a: IncidentPart | undefined, b: IncidentPart): boolean => a?.severity === b.severity && a.isFiring === b.isFiring;

/** Lets the incident that speaks for others count them as they are now; louder ones are its own escalation. */
const countParts = async (
  world: EpisodeWorld,
  whole: Pick<Incident, 'id' | 'key' | 'workspace' | 'cluster'>,
  told: readonly IncidentPart[],
): Promise<void> => {
  const atMs = world.clock.nowMs();
  await world.store.change(whole, whole.key, 0, (current) => {
    if (current === null || current.id !== whole.id || current.state !== 'open') return null;
    const isKnown = (part: IncidentPart) =>
      isSame(
        current.parts?.find((one) => one.incidentId === part.incidentId),
        part,
      );
    if (told.every(isKnown)) return null;
    const { incident, isRaised } = withParts(current, told);
    const { mention } = world.routeOf(incident.lead, incident.edge, incident.severity, incident.workspace);
    const setting = world.settingOf(incident.edge, incident.cluster, incident.workspace);
    return retold(world, incident, newsMessages(incident, isRaised ? ['severity-raised'] : [], mention, atMs, setting), atMs);
  });
};

/** What an incident is part of, or is part of no more: said in its own message, without a question to any source. */
export const standAs = async (
  world: EpisodeWorld,
  part: Pick<Incident, 'id' | 'key' | 'workspace' | 'cluster'>,
  change: (partOf: PartOf | null) => PartOf | null,
): Promise<void> => {
  const atMs = world.clock.nowMs();
  await world.store.change(part, part.key, 0, (current) => {
    if (current === null || current.id !== part.id) return null;
    const before = current.partOf ?? null;
    const after = change(before);
    if (after === before) return null;
    const next = { ...current, partOf: after, revision: current.revision + 1 };
    const stood = next.state === 'open' ? restoodIncident(next, world.settingOf(next.edge, next.cluster, next.workspace)) : null;
    // By itself again it is measured again.
    const isAlone = after === null && next.state === 'open';
    const soon = { job: { kind: 'refresh', incidentId: next.id, minute: 0 } as const, atMs };
    return {
      incident: stood ?? next,
      messages: stood === null ? [] : [editMessage(stood)],
      jobs: isAlone ? [soon, ...refreshJobs(next, atMs)] : [],
    };
  });
};

/** The incident that speaks for this one, as its message names it. No number: that would be another one a minute later. */
const wholeOf = (world: EpisodeWorld, storm: Incident): PartOf => ({
  incidentId: storm.id,
  key: storm.key,
  title: storm.title.replace(/^[\d,]+ callers? →/, 'callers →'),
  link: world.linkOf(storm),
});

const isSaid = (said: PartOf | null, { incidentId, link }: PartOf): boolean =>
  said?.incidentId === incidentId && said.link === link;

/** A storm counts the incidents that stood before it, as they are now, and each of them says that it is part of it. */
export const adopt = async (world: EpisodeWorld, storm: Incident): Promise<void> => {
  const { edge, parts = [] } = storm;
  if (edge === null || !isStormKey(storm.key) || storm.state !== 'open') return;
  const open = (await world.store.openIncidents()).filter(isOf(storm));
  const ids = new Set([...parts, ...partsAmong(open, edge, world.clock.nowMs())].map(({ incidentId }) => incidentId));
  const stood = await Promise.all([...ids].map((id) => world.store.incident(id)));
  const known = stood.flatMap((part) => (part === null || part.edge === null ? [] : [{ ...part, edge: part.edge }]));
  await countParts(world, storm, known.map(partFrom));
  const whole = wholeOf(world, storm);
  for (const part of known) if (part.state === 'open') await standAs(world, part, (said) => (isSaid(said, whole) ? said : whole));
  world.wakeSender();
};

/** The incident that speaks for this one now; null where it speaks for itself, or that one is over. */
export const speakerOf = async (world: EpisodeWorld, { partOf }: Incident): Promise<Incident | null> => {
  if (partOf == null) return null;
  const whole = await world.store.incident(partOf.incidentId);
  return whole?.state === 'open' ? whole : null;
};

/** What is part of an open storm says where that stands, once it is known. */
export const linkUp = (world: EpisodeWorld, part: Incident, storm: Incident): Promise<void> => {
  const whole = wholeOf(world, storm);
  return standAs(world, part, (said) => (isSaid(said, whole) || said === null ? said : whole));
};

/** What became of an incident matters to others: to the one that speaks for it, and to those that it speaks for when it is over. */
export const spread = async (world: EpisodeWorld, incident: Incident): Promise<void> => {
  const { edge, partOf, parts = [], workspace, cluster } = incident;
  if (partOf != null && edge !== null)
    await countParts(world, { id: partOf.incidentId, key: partOf.key, workspace, cluster }, [partFrom({ ...incident, edge })]);
  if (!isStormKey(incident.key) || incident.state === 'open') return;
  for (const { incidentId, key } of parts)
    await standAs(world, { id: incidentId, key, workspace, cluster }, (said) => (said?.incidentId === incident.id ? null : said));
};
