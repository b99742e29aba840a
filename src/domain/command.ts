import type { FirstCheck } from './diagnosis.ts';

/** What may stand in a shell command offered for copying. */
const safe = /^[A-Za-z0-9._-]{1,253}$/;

/**
 * A first check with its command, when every name in it is safe; else the sentence stands alone. `build` gets the names in order.
 * A name must not start with a dash either: a shell would take it for an option.
 */
export const firstCheck = (
  sentence: string,
  object: string | null,
  names: readonly (string | null)[],
  build: (...names: string[]) => string,
): FirstCheck => {
  const known = names.filter((name) => name !== null);
  const isSafe = known.length === names.length && known.every((name) => safe.test(name) && !name.startsWith('-'));
  return { sentence, object, command: isSafe ? build(...known) : null };
};
