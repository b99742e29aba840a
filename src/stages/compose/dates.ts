import { type EpochMs, minuteOfDay } from '../../domain/time.ts';
import type { Mrkdwn } from './mrkdwn.ts';

/** "07:15:20 UTC" in `zone` (IANA); deterministic, since the moment is an argument. */
export const clockText = (atMs: EpochMs, zone: string): string =>
  new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hour12: false,
    timeZoneName: 'short',
  }).format(atMs);

/** Shown by Slack in the reader's own zone; the fallback is for screen readers and old clients. */
export const dateToken = (atMs: EpochMs, zone: string): Mrkdwn =>
  `<!date^${Math.floor(atMs / 1000)}^{time}|${minuteOfDay(atMs, zone)}>` as Mrkdwn;

/** "4 min", "2 h 05 min", "3 d 4 h", for durations a person waits. */
export const span = (ms: number): string => {
  const minutes = Math.max(0, Math.round(ms / 60_000));
  if (minutes < 1) return `${Math.max(0, Math.round(ms / 1000))} s`;
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${String(minutes % 60).padStart(2, '0')} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
};

const withDate = (atMs: EpochMs, zone: string, more: Intl.DateTimeFormatOptions): string =>
  new Intl.DateTimeFormat('en-GB', { timeZone: zone, weekday: 'short', day: 'numeric', month: 'short', hour12: false, ...more })
    .format(atMs)
    .replace(/,/g, '');

/** "Sat 28 Nov 09:00" in `zone`. */
export const dayAndTime = (atMs: EpochMs, zone: string): string => withDate(atMs, zone, { hour: '2-digit', minute: '2-digit' });

/** "Sat 28 Nov" in `zone`. */
export const dayText = (atMs: EpochMs, zone: string): string => withDate(atMs, zone, {});
