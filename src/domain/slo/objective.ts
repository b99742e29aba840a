const million = 1_000_000;

/**
 * An objective as people write it, in whole parts per million: "99.9", "99.9 %", 99.95. Read as text, since 99.95 is no number of a
 * computer's. Null: not a percentage above 0 and below 100 with at most four decimals.
 */
export const ppmOfPercent = (text: string): number | null => {
  const parts = /^(\d{1,2})(?:\.(\d{1,4})0*)?\s*%?$/.exec(text.trim());
  if (parts === null) return null;
  const ppm = Number(parts[1]) * 10_000 + Number((parts[2] ?? '').padEnd(4, '0'));
  return ppm > 0 ? ppm : null;
};

/** The same of a ratio: "0.999", ".9995". */
export const ppmOfRatio = (text: string): number | null => {
  const parts = /^0?\.(\d{1,6})0*$/.exec(text.trim());
  const ppm = parts === null ? 0 : Number((parts[1] ?? '').padEnd(6, '0'));
  return ppm > 0 ? ppm : null;
};

/** The same of a ratio that a computer has computed with: 0.9990000000000001 is 999,000. */
export const ppmOfNumber = (ratio: number): number | null => {
  const ppm = Math.round(ratio * million);
  return ppm > 0 && ppm < million ? ppm : null;
};

/** 999,000 → "99.9 %": no more digits than it has. */
export const objectiveText = (ppm: number): string => {
  const decimals = String(ppm % 10_000)
    .padStart(4, '0')
    .replace(/0+$/, '');
  return `${Math.floor(ppm / 10_000)}${decimals === '' ? '' : `.${decimals}`} %`;
};

/** What may fail: 999,000 → 1,000 of a million. */
export const budgetPpm = (objectivePpm: number): number => million - objectivePpm;

/**
 * 0.99937 of an objective of 99.9 % → "99.937 %". Two digits more than the objective needs, and never rounded up to 100 % nor across
 * the objective: what missed it must not read as if it had been met.
 */
export const attainedText = (errorRatio: number, objectivePpm: number): string => {
  const decimals = Math.max(2, Math.ceil(-Math.log10(budgetPpm(objectivePpm) / million)) - 2 + 2);
  const scale = 10 ** decimals;
  const exact = (1 - errorRatio) * 100 * scale;
  const rounded = Math.round(exact);
  const objective = (objectivePpm / 10_000) * scale;
  const isMissed = exact < objective - 1e-6 && rounded >= objective;
  const isNearlyAll = errorRatio > 0 && rounded >= 100 * scale;
  return `${Number(((isMissed || isNearlyAll ? Math.floor(exact) : rounded) / scale).toFixed(decimals))} %`;
};
