/** Short figures for axes and titles; longer wording belongs to the message. */
const trimmed = (value: number, digits: number): string => String(Number(value.toFixed(digits)));

export const seconds = (value: number): string => {
  if (value === 0) return '0';
  if (value >= 60) return `${trimmed(value / 60, value >= 600 ? 0 : 1)} min`;
  if (value >= 1) return `${trimmed(value, value >= 10 ? 0 : 2)} s`;
  const ms = value * 1000;
  return `${trimmed(ms, ms >= 10 ? 0 : 1)} ms`;
};

export const percent = (ratio: number): string => {
  const value = ratio * 100;
  return `${trimmed(value, value >= 10 ? 0 : value >= 0.1 ? 1 : 2)} %`;
};

export const count = (value: number): string => {
  if (value >= 1e9) return `${value.toPrecision(2)}`;
  if (value >= 999_500) return `${trimmed(value / 1e6, 1)}M`;
  if (value >= 9950) return `${trimmed(value / 1000, 0)}k`;
  if (value >= 999.5) return `${trimmed(value / 1000, 1)}k`;
  return trimmed(value, value >= 10 ? 0 : value >= 1 ? 1 : 2);
};

export const rate = (value: number): string => `${count(value)}/s`;

export const bytes = (value: number): string =>
  value >= 1 << 30 ? `${trimmed(value / (1 << 30), 1)} GiB` : `${trimmed(value / (1 << 20), 0)} MiB`;

/** "UTC", "CET": the zone as the axis names it. */
export const zoneName = (atMs: number, zone: string): string =>
  new Intl.DateTimeFormat('en-GB', { timeZone: zone, timeZoneName: 'short' })
    .formatToParts(atMs)
    .find((part) => part.type === 'timeZoneName')?.value ?? zone;
