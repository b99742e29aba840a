import { type Alert, severityOf } from '../domain/alert.ts';
import { edgeOf } from '../domain/edge.ts';
import { hear, open, reopenWithinMs } from '../domain/episode.ts';
import { aboutOf, budgetWindowMs, calling, floodKeyOf, retitledFlood } from '../domain/flood.ts';
import type { Incident, IncidentAlert, Scope } from '../domain/incident.ts';
import { type EpochMs, minuteMs } from '../domain/time.ts';
import type { Found } from '../inquiry.ts';
import type { Decision } from '../ports.ts';
import { subjectTitle } from '../stages/compose/header.ts';
import { callMessage, newsMessages, restoodIncident, rootMessage } from '../stages/compose/outgoing.ts';
import { ownNews, retold } from './retold.ts';
import type { EpisodeWorld } from './world.ts';

/** Alerts about one subject that get no message of their own. */
export type Beyond = { readonly key: string; readonly alerts: readonly Alert[]; readonly found: Found };

/** Whether what is about to open may have a message of its own. What comes back into its old message needs none. */
export const mayOpenRoot = async (world: EpisodeWorld, scope: Scope, key: string, channel: string): Promise<boolean> => {
  if (world.channelBudget === 0) return true;
  const atMs = world.clock.nowMs();
  let isThere = false;
  await world.store.change(scope, key, atMs - reopenWithinMs, (current) => {
    isThere = current !== null;
    return null;
  });
  return isThere || world.store.claimRoot(scope, key, { channel, most: world.channelBudget, atMs, withinMs: budgetWindowMs });
};

type Told = { readonly about: NonNullable<IncidentAlert['about']>; readonly mention: string | null };

/** What each alert is about, and whom it calls, by its fingerprint. */
const toldOf = (world: EpisodeWorld, { workspace }: Scope, beyond: readonly Beyond[]): ReadonlyMap<string, Told> =>
  new Map(
    beyond.flatMap(({ key, alerts, found: { subject } }) =>
      alerts.map((alert) => {
        const { mention } = world.routeOf(alert, edgeOf(subject), severityOf(alert.labels), workspace);
        return [alert.fingerprint, { about: aboutOf(key, subjectTitle(subject, alert)), mention }] as const;
      }),
    ),
  );

/** The alerts as the incident holds them; those that people are called for are told by the call. */
const held = (alerts: readonly IncidentAlert[], known: number, told: ReadonlyMap<string, Told>): readonly IncidentAlert[] =>
  alerts.map((alert, index) => {
    const more = told.get(alert.fingerprint);
    if (more === undefined || index < known) return alert;
    return { ...alert, ...more, isTold: alert.isTold && alert.severity !== 'page' };
  });

const foldLater = ({ id }: Incident, atMs: EpochMs): Decision['jobs'] => [
  { job: { kind: 'fold', incidentId: id }, atMs: atMs + minuteMs },
];

/** What a channel gets beyond its budget: one incident of that channel, whatever it is about, and nothing is asked. */
export const joinFlood = async (
  world: EpisodeWorld,
  { scope, channel, mayClose }: { readonly scope: Scope; readonly channel: string; readonly mayClose: boolean },
  beyond: readonly Beyond[],
): Promise<void> => {
  const alerts = beyond.flatMap((one) => one.alerts);
  const [lead] = alerts;
  if (lead === undefined) return;
  const atMs = world.clock.nowMs();
  const [id, key, told] = [crypto.randomUUID(), floodKeyOf(channel), toldOf(world, scope, beyond)];
  const setting = world.settingOf(null, scope.cluster, scope.workspace);
  const flood = await world.store.change(scope, key, atMs - reopenWithinMs, (current) => {
    const subject = { kind: 'plain', why: 'more than its channel can take' } as const;
    const heard =
      current === null
        ? { incident: open({ ...scope, id, key, subject, title: '', channel }, lead, alerts, atMs), news: ['opened' as const] }
        : hear(current, alerts, atMs, mayClose);
    const known = retitledFlood({
      ...heard.incident,
      alerts: held(heard.incident.alerts, current?.alerts.length ?? 0, told),
    });
    const called = calling(known, atMs);
    const call = callMessage(called.incident, called.alerts);
    const calls = call === null ? [] : [call];
    if (current !== null) {
      const news = call === null ? ownNews(known, heard.news) : [];
      const messages = [...newsMessages(called.incident, news, null, atMs, setting), ...calls];
      return retold(world, called.incident, messages, atMs, foldLater(known, atMs));
    }
    const stood = restoodIncident(called.incident, setting);
    if (stood === null) return null;
    return { incident: stood, messages: [rootMessage(stood, null), ...calls], jobs: foldLater(known, atMs) };
  });
  world.wakeSender();
  if (flood !== null) world.log('info', 'told together: more than the channel can take', { incident: flood.id, channel });
};
