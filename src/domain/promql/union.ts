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

/** The parts of a joined question again: what stands between `or`s outside of brackets and strings. */
export const partsOf = (promql: string): readonly string[] => {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let at = 0; at < promql.length; at += 1) {
    const character = promql[at] as string;
    if (character === '"') {
      for (at += 1; at < promql.length && promql[at] !== '"'; at += 1) if (promql[at] === '\\') at += 1;
    } else if ('([{'.includes(character)) depth += 1;
    else if (')]}'.includes(character)) depth -= 1;
    else if (depth === 0 && promql.startsWith(' or ', at)) {
      parts.push(promql.slice(from, at));
      from = at + 4;
      at += 3;
    }
  }
  return [...parts, promql.slice(from)];
};

/** The tag that a part of a joined question gives its rows, or null. */
export const tagOf = (part: string): string | null => {
  const literal = part.match(new RegExp(`, "${tagLabel}", ("(?:[^"\\\\]|\\\\.)*"), "", ""\\)$`))?.[1];
  return literal === undefined ? null : (JSON.parse(literal) as string);
};
