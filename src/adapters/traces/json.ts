/** An object of foreign JSON. `JSON.parse` keeps `__proto__` as an own key, so that reading known keys is safe. */
export type JsonObject = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What is no list, has no entries. */
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** A list as it is; anything else that is there counts as one entry, which then is no span. */
export const entriesOf = (value: unknown): readonly unknown[] => {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
};

/** Names and values are cut here: longer ones are bodies or attacks. */
const maxCharacters = 1_000;

/** Text that is fit to be shown: not empty, not endless, without halves of characters. */
export const shortText = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' ? value.slice(0, maxCharacters).toWellFormed() : null;
