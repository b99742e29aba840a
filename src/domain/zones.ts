import { isZone } from './local-time.ts';
import { nearOf } from './near.ts';

/** "Europe/Berlin" of "europe/berlin", "UTC" of "utc"; null: there is no such zone. */
export const zoneNamed = (text: string): string | null => {
  const listed = Intl.supportedValuesOf('timeZone').find((zone) => zone.toLowerCase() === text.toLowerCase());
  if (listed !== undefined) return listed;
  return isZone(text) ? (text.includes('/') ? text : text.toUpperCase()) : null;
};

/** The city of a zone, as people say it: "new york". */
const cityOf = (zone: string): string => (zone.split('/').at(-1) ?? '').toLowerCase();

/** The zone that was probably meant: of that city before one of a similar name. */
export const zoneNear = (text: string): string | null => {
  const zones = Intl.supportedValuesOf('timeZone');
  const city = cityOf(text.replaceAll(' ', '_'));
  const named = zones.find((zone) => cityOf(zone) === city);
  return named ?? nearOf(text, zones, 1)[0] ?? null;
};
