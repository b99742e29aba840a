import type { News } from './episode.ts';
import type { Incident, IncidentAlert } from './incident.ts';
import { type EpochMs, hourMs, minuteMs } from './time.ts';

/** What Alertmanager's API says of the incident's alerts; null when it was not or could not be asked. */
export type Listed = ReadonlyMap<string, 'active' | 'silenced' | 'inhibited'> | null;

const missingTooLongMs = 10 * minuteMs;

/** Closes what nobody reports any more: never as resolved, unless every alert had said so itself. Silenced and inhibited are named. */
export const age = (
  incident: Incident,
  listed: Listed,
  atMs: EpochMs,
  unheardMs = 8 * hourMs,
): { readonly incident: Incident; readonly news: News | null; readonly note: string | null } => {
  if (incident.state !== 'open') return { incident, news: null, note: null };
  const isSilencedHere = (incident.silences ?? []).some(({ endsAtMs }) => endsAtMs > atMs);
  const alerts = incident.alerts.map((alert) => {
    if (listed === null || alert.state !== 'firing') return alert;
    const listedAs = listed.get(alert.fingerprint);
    // Somebody silenced it from its own message, for a while: it is still theirs, and comes back when the silence ends.
    const isThere = listedAs === 'active' || (listedAs === 'silenced' && isSilencedHere);
    return { ...alert, missingSinceMs: isThere ? null : (alert.missingSinceMs ?? atMs) };
  });
  const firing = alerts.filter((alert) => alert.state === 'firing');
  const isGone = (alert: IncidentAlert): boolean =>
    alert.missingSinceMs === null
      ? // Alertmanager is silent about what is silenced, so that a long silence is no sign that nobody reports it.
        listed === null && !isSilencedHere && atMs - alert.lastHeardAtMs >= unheardMs
      : atMs - alert.missingSinceMs >= missingTooLongMs;
  // Each said that it was resolved, in deliveries that left others out: those may fire, and their next delivery says so.
  const isOver = firing.length > 0 ? firing.every(isGone) : atMs - incident.lastHeardAtMs >= missingTooLongMs;
  if (!isOver) return { incident: { ...incident, alerts }, news: null, note: null };
  const quieted = [
    ...new Set(
      firing.map((alert) => listed?.get(alert.fingerprint)).filter((state) => state === 'silenced' || state === 'inhibited'),
    ),
  ].sort();
  const everSaidResolved = firing.length === 0;
  const note = everSaidResolved
    ? null
    : quieted.length > 0
      ? `No longer reported: the alert is ${quieted.join(' and ')} in Alertmanager`
      : listed === null
        ? 'No longer reported: Alertmanager has not sent it again within twice its repeat interval'
        : 'No longer reported: Alertmanager has not listed it for 10 minutes';
  const state = everSaidResolved ? 'resolved' : 'unreported';
  return {
    incident: {
      ...incident,
      state,
      closedAtMs: atMs,
      revision: incident.revision + 1,
      alerts: alerts.map((alert) => (alert.state === 'firing' ? { ...alert, state: 'unreported' as const } : alert)),
    },
    news: state,
    note,
  };
};
