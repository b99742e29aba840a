const units = [
  ['d', 86_400],
  ['h', 3600],
  ['m', 60],
  ['s', 1],
] as const;

const shape = /^(?:(\d{1,5})\s*d)?\s*(?:(\d{1,5})\s*h)?\s*(?:(\d{1,6})\s*m(?:in)?)?\s*(?:(\d{1,7})\s*s)?$/i;

/** "2h", "90m", "1d", "1h30m" in seconds, as Prometheus writes durations, spaces allowed; null for what is none. */
export const secondsOfDuration = (text: string): number | null => {
  const parts = shape.exec(text.trim())?.slice(1);
  if (parts === undefined || parts.every((part) => part === undefined)) return null;
  return units.reduce((seconds, [, each], index) => seconds + Number(parts[index] ?? 0) * each, 0);
};

/** The same the other way round: 5400 → "1h30m". Parts of a second are dropped. */
export const durationText = (seconds: number): string => {
  let left = Math.max(0, Math.floor(seconds));
  const said = units.flatMap(([unit, each]) => {
    const many = Math.floor(left / each);
    left -= many * each;
    return many === 0 ? [] : [`${many}${unit}`];
  });
  return said.join('') || '0s';
};

const promqlUnits: Readonly<Record<string, number>> = { y: 31_536_000, w: 604_800, d: 86_400, h: 3600, m: 60, s: 1 };

/** A duration in a name that Prometheus wrote: "4w", "1h30m"; null for what is none. A year is 365 days there. */
export const secondsOfPromql = (text: string): number | null => {
  if (!/^(?:\d{1,7}[ywdhms])+$/.test(text)) return null;
  return [...text.matchAll(/(\d+)([ywdhms])/g)].reduce(
    (seconds, [, many, unit]) => seconds + Number(many) * (promqlUnits[unit ?? ''] ?? 0),
    0,
  );
};
