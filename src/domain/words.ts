/** Figures as a person reads them at night: few digits, units, no locale. Rounding is for display only. */

const trimmed = (value: number, digits: number): string => String(Number(value.toFixed(digits)));

/** 0.0534 → "5.3 %"; 0.00042 → "0.04 %"; 0 → "0 %", but a little is never none: 0.00001 → "< 0.01 %". */
export const percent = (ratio: number): string => {
  const value = ratio * 100;
  if (value === 0) return '0 %';
  if (value > 0 && value < 0.005) return '< 0.01 %';
  return `${trimmed(value, value >= 10 ? 0 : value >= 0.95 ? 1 : value >= 0.095 ? 1 : 2)} %`;
};

/** The other way round: 0.0004 failing → "99.96 %"; only what never failed is "100 %". */
export const success = (failing: number): string => {
  const value = failing * 100;
  if (value > 0 && value < 0.005) return '> 99.99 %';
  return `${trimmed(100 - value, value >= 10 ? 0 : value >= 0.95 ? 1 : 2)} %`;
};

/** 1.234 → "1.23 s"; 0.0421 → "42 ms"; 0.0004 → "0.4 ms". */
export const seconds = (value: number): string => {
  if (value >= 60) return `${trimmed(value / 60, value >= 600 ? 0 : 1)} min`;
  if (value >= 1) return `${trimmed(value, value >= 10 ? 1 : 2)} s`;
  const ms = value * 1000;
  return `${trimmed(ms, ms >= 10 ? 0 : 1)} ms`;
};

/** "180 µs" where milliseconds would round it to nothing. */
export const took = (micros: number): string =>
  micros > 0 && micros < 1000 ? `${Math.round(micros)} µs` : seconds(micros / 1e6);

/** 12345.6 → "12,346"; extrapolated counts are never whole, so they are rounded for display. */
export const count = (value: number): string => String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',');

/** 1 → "1 request", 12.3 → "12 requests". */
export const counted = (value: number, noun: string, plural = `${noun}s`): string =>
  `${count(value)} ${Math.round(value) === 1 ? noun : plural}`;

/** Requests per second: "230/s", "4.2/s", "0.05/s". */
export const rate = (perSecond: number): string =>
  `${perSecond >= 100 ? count(perSecond) : trimmed(perSecond, perSecond >= 10 ? 0 : perSecond >= 1 ? 1 : 2)}/s`;

/** "5.3 %" of many, "7 of 12 requests" of few: below 20 requests a percentage pretends to know. */
export const share = (part: number, whole: number, noun = 'request'): string =>
  whole < 20 ? `${count(part)} of ${count(whole)} ${noun}s` : percent(part / whole);

/** "2.4×"; beyond a thousand the usual value is next to nothing, and the figure would pretend to know. */
export const factor = (value: number): string => (value > 1000 ? '> 1,000×' : `${trimmed(value, value >= 10 ? 0 : 1)}×`);

/** A quantile as honestly as buckets allow. */
export const quantileText = (value: { readonly seconds: number; readonly atLeast: boolean }): string =>
  `${value.atLeast ? '≥ ' : ''}${seconds(value.seconds)}`;

/** Cuts a name in its middle: both ends tell pods and versions apart. */
export const middleCut = (name: string, limit: number): string => {
  const letters = [...name];
  if (letters.length <= limit) return name;
  const half = Math.floor((limit - 1) / 2);
  return `${letters.slice(0, half).join('')}…${letters.slice(letters.length - half).join('')}`;
};
