/** A stretch of time after the start of the focus; below zero before it. */
export type Stretch = { readonly fromMicros: number; readonly toMicros: number };

export const lengthMicros = ({ fromMicros, toMicros }: Stretch): number => toMicros - fromMicros;

export const sumMicros = (stretches: readonly Stretch[]): number =>
  stretches.reduce((sum, stretch) => sum + lengthMicros(stretch), 0);

/** What overlaps or touches becomes one; in the order of time. */
export const joined = (stretches: readonly Stretch[]): readonly Stretch[] => {
  const sorted = stretches.toSorted((a, b) => a.fromMicros - b.fromMicros || a.toMicros - b.toMicros);
  const whole: Stretch[] = [];
  for (const next of sorted) {
    const last = whole.at(-1);
    if (last !== undefined && next.fromMicros <= last.toMicros)
      whole[whole.length - 1] = { fromMicros: last.fromMicros, toMicros: Math.max(last.toMicros, next.toMicros) };
    else whole.push(next);
  }
  return whole;
};

/** The part of each that lies within, without what does not. */
export const within = (stretches: readonly Stretch[], { fromMicros, toMicros }: Stretch): readonly Stretch[] =>
  stretches
    .map((one) => ({ fromMicros: Math.max(one.fromMicros, fromMicros), toMicros: Math.min(one.toMicros, toMicros) }))
    .filter((one) => one.toMicros > one.fromMicros);

/** What of `whole` none of them covers. */
export const holes = (stretches: readonly Stretch[], whole: Stretch): readonly Stretch[] => {
  const found: Stretch[] = [];
  let { fromMicros } = whole;
  for (const one of joined(within(stretches, whole))) {
    if (one.fromMicros > fromMicros) found.push({ fromMicros, toMicros: one.fromMicros });
    fromMicros = one.toMicros;
  }
  if (whole.toMicros > fromMicros) found.push({ fromMicros, toMicros: whole.toMicros });
  return found;
};
