import type { Deed, Incident, IncidentSilence } from './incident.ts';
import type { EpochMs } from './time.ts';

/**
 * What a person does to an incident: the incident that it becomes, or why nothing was to be done. Clicks come late, and twice, and from
 * two people: each is answered by what is true now.
 */
export type Done =
  | { readonly kind: 'done'; readonly incident: Incident }
  /** Somebody was first, or nothing was there to take back. */
  | { readonly kind: 'already'; readonly incident: Incident }
  | { readonly kind: 'over'; readonly incident: Incident };

const changed = (incident: Incident, change: Partial<Incident>): Done => ({
  kind: 'done',
  incident: { ...incident, ...change, revision: incident.revision + 1 },
});

/** Somebody looks after it; the first who says so. */
export const acknowledge = (incident: Incident, deed: Deed): Done => {
  if (incident.state !== 'open') return { kind: 'over', incident };
  return incident.acknowledged == null ? changed(incident, { acknowledged: deed }) : { kind: 'already', incident };
};

/** Anybody may take it back: who is away must not keep others from it. */
export const unacknowledge = (incident: Incident): Done => {
  if (incident.state !== 'open') return { kind: 'over', incident };
  return incident.acknowledged == null ? { kind: 'already', incident } : changed(incident, { acknowledged: null });
};

/** A silence that Alertmanager has taken. */
export const silenced = (incident: Incident, silence: IncidentSilence): Done =>
  incident.state === 'open'
    ? changed(incident, { silences: [...(incident.silences ?? []), silence] })
    : { kind: 'over', incident };

/** Silences that were ended in Alertmanager, or that ended there. */
export const unsilenced = (incident: Incident, ids: readonly string[]): Done => {
  const silences = incident.silences ?? [];
  const left = silences.filter(({ id }) => !ids.includes(id));
  return left.length === silences.length ? { kind: 'already', incident } : changed(incident, { silences: left });
};

/** Silences of an incident whose end has come. */
export const endedSilences = ({ silences = [] }: Incident, atMs: EpochMs): readonly IncidentSilence[] =>
  silences.filter(({ endsAtMs }) => endsAtMs <= atMs);
