/** Times of the wire as whole microseconds. */

/** A count of microseconds, as number or digits; null for what is none. Fractions are rounded. */
export const microsOf = (value: unknown): number | null => {
  const number = typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : value;
  if (typeof number !== 'number' || number < 0) return null;
  const whole = Math.round(number);
  return Number.isSafeInteger(whole) ? whole : null;
};

/**
 * Nanoseconds since the epoch, as digits or as a number that has lost the last of them already: beyond what a number holds exactly, so that
 * they are rounded as integers. Zero is protobuf's word for "not set".
 */
export const microsOfNanos = (value: unknown): number | null => {
  if (typeof value === 'number') return value > 0 ? microsOf(value / 1000) : null;
  if (typeof value !== 'string' || !/^\d{1,20}$/.test(value)) return null;
  const micros = Number((BigInt(value) + 500n) / 1000n);
  return micros > 0 && Number.isSafeInteger(micros) ? micros : null;
};
