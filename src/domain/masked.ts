/** Beginnings that say what a secret is and give nothing of it away. */
const publicStart = /^(xox[a-z]-|xapp-|postgres(ql)?:\/\/|https?:\/\/)/;

/** A value as a mistake may show it: secrets only by their length, addresses without user and password. */
export const masked = (value: string, isSecret: boolean): string => {
  if (isSecret) return `a secret ${publicStart.exec(value)?.[0] ?? ''}… of ${value.length} characters`;
  const safe = value
    .replace(/\/\/\S*@/g, '//***@')
    .replace(/^(?!\S*\/\/)[^@\s]*:\S*@/, '***@')
    .replace(/([?&#][^=&#\s]*=)[^&#\s]*/g, '$1***');
  return JSON.stringify(safe.length > 80 ? `${safe.slice(0, 80)}…` : safe);
};
