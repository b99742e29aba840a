import { isScalar, LineCounter, parseAllDocuments, visit } from 'yaml';

/** 1 MiB is thousands of objectives; more is not ours. */
const maxCharacters = 1_048_576;

type Documents =
  | { readonly ok: true; readonly documents: readonly unknown[] }
  | { readonly ok: false; readonly given: string; readonly expected: string };

const refused = (given: string, expected: string): Documents => ({ ok: false, given, expected });

/** Control characters, and those that turn the direction of what is read: a name must be what it looks like (trojansource.codes). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const hidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u200e\u200f\u202a-\u202e\u2066-\u2069]/;

/** A list of documents (OpenSLO's SDK), or a Kubernetes List, as what is in it. */
const partsOf = (value: unknown): readonly unknown[] => {
  if (Array.isArray(value)) return value;
  if (typeof value !== 'object' || value === null) return value === null || value === '' ? [] : [value];
  const { kind, items } = value as { readonly kind?: unknown; readonly items?: unknown };
  return typeof kind === 'string' && kind.endsWith('List') && Array.isArray(items) ? items : [value];
};

const hasPrototype = (document: Parameters<typeof visit>[0]): boolean => {
  let isFound = false;
  visit(document, {
    Pair: (_, { key }) => {
      if (!isScalar(key) || key.value !== '__proto__') return;
      isFound = true;
      return visit.BREAK;
    },
  });
  return isFound;
};

/**
 * Every document of a YAML file, every scalar as the text it is written in (the failsafe schema of YAML 1.2): 99.95 is no number of a
 * computer's, and no objective has to become one on the way.
 */
export const documentsOf = (text: string): Documents => {
  if (text.length > maxCharacters) return refused(`${text.length} characters`, 'at most 1 MiB of YAML');
  const at = hidden.exec(text);
  if (at !== null) {
    const code = at[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
    return refused(`U+${code} in line ${text.slice(0, at.index).split('\n').length}`, 'text without hidden characters');
  }
  const lines = new LineCounter();
  try {
    const documents = [...parseAllDocuments(text, { lineCounter: lines, schema: 'failsafe', merge: true, logLevel: 'silent' })];
    const [broken] = documents.flatMap(({ errors }) => errors);
    if (broken?.message.includes('call stack') === true) return refused('very deep', 'YAML of reasonable depth');
    if (broken !== undefined) {
      const words = broken.message.split('\n')[0]?.replace(/ at line \d+.*$/, '') ?? '';
      return refused(`line ${lines.linePos(broken.pos[0]).line}: ${words}`, 'YAML');
    }
    if (documents.some((document) => 'contents' in document && hasPrototype(document)))
      return refused('a key __proto__', 'no such key');
    // At most 100 aliases: a bomb of anchors would grow without end.
    return { ok: true, documents: documents.flatMap((document) => partsOf(document.toJS({ maxAliasCount: 100 }))) };
  } catch {
    return refused('very deep, or full of aliases', 'YAML of reasonable depth, with at most 100 aliases');
  }
};
