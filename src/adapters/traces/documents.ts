import { TraceFormatError } from './format-error.ts';

/** The JSON values of a text: one, or several one after the other, as a gateway writes a stream. */

const parsed = (text: string): { readonly ok: boolean; readonly value?: unknown } => {
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch {
    return { ok: false };
  }
};

/** Past the text that begins at `from`. */
const endOfText = (text: string, from: number): number => {
  let at = from + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
};

/** Where each object or list at the top of a text begins and ends; null where one does not end, or something else stands between. */
const rangesOf = (text: string): readonly (readonly [number, number])[] | null => {
  const ranges: (readonly [number, number])[] = [];
  let [at, depth, from] = [0, 0, 0];
  while (at < text.length) {
    const sign = text[at] ?? '';
    const [isOpening, isClosing] = [sign === '{' || sign === '[', sign === '}' || sign === ']'];
    if (depth === 0 && isOpening) from = at;
    else if (depth === 0 && sign.trim() !== '') return null;
    at = sign === '"' ? endOfText(text, at) : at + 1;
    depth += Number(isOpening) - Number(isClosing);
    if (depth === 0 && isClosing) ranges.push([from, at]);
  }
  return depth === 0 ? ranges : null;
};

const severalOf = (text: string): readonly unknown[] | null => {
  const values = rangesOf(text)?.map(([from, to]) => parsed(text.slice(from, to)));
  return values !== undefined && values.length > 1 && values.every(({ ok }) => ok) ? values.map(({ value }) => value) : null;
};

/** What text is that is not JSON, as far as its first signs tell: bytes that are no UTF-8 come as \ufffd. */
const otherText = (text: string): string => {
  if (text.startsWith('\u001f\ufffd')) return 'compressed by gzip';
  if (/^\ufffd\ufffd|^\0?.\0/s.test(text)) return 'text in UTF-16';
  if (text.startsWith('<')) return /^<\?xml/i.test(text) ? 'XML' : 'an HTML page';
  return /^[{[]/.test(text) ? 'JSON that breaks off or is damaged' : 'text that is not JSON';
};

/** All values of a text; throws `TraceFormatError` where it is not JSON. */
export const documentsOf = (text: string): readonly unknown[] => {
  const bare = text.replace(/^\uFEFF/, '').trim();
  if (bare === '') throw new TraceFormatError('an empty document');
  const whole = parsed(bare);
  if (whole.ok) return [whole.value];
  const several = severalOf(bare);
  if (several !== null) return several;
  throw new TraceFormatError(otherText(bare));
};
