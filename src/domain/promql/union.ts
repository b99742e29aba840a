import { quote } from '../promql.ts';

/** The label that tells the parts of one joined answer apart. */
export const tagLabel = 'edgewise';

/** `label_replace` with an empty source: every row gets the tag. */
export const tagged = (tag: string, promql: string): string => `label_replace(${promql}, "${tagLabel}", ${quote(tag)}, "", "")`;

/** Parts joined into one call; rows with equal labels count once. */
export const union = (parts: readonly (string | null)[]): string | null => {
  const kept = [...new Set(parts.filter((part) => part !== null))];
  return kept.length === 0 ? null : kept.join(' or ');
};
