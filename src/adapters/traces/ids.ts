/**
 * Ids of traces (16 bytes, older ones 8) and spans (8 bytes). Zipkin, Jaeger and OTLP write them in hexadecimal digits (OTLP specification, "JSON
 * Protobuf Encoding"), some with leading zeros cut off; Tempo writes protobuf's own JSON, which is base64.
 */

type ReadId = (value: unknown) => string | null;

/** How one document writes its ids: lower-case hexadecimal digits, 32 of a trace and 16 of a span; null for what is no id. */
export type Ids = { readonly trace: ReadId; readonly span: ReadId };

const isHex = (text: string): boolean => /^[0-9a-f]+$/i.test(text);

/** All zeros are no id (w3.org/TR/trace-context, "trace-id" and "parent-id"). */
const padded = (hex: string, digits: number): string | null => {
  const significant = hex.replace(/^0+/, '').toLowerCase();
  return significant === '' || significant.length > digits ? null : significant.padStart(digits, '0');
};

const fromHex =
  (digits: number): ReadId =>
  (value) =>
    typeof value === 'string' && isHex(value) ? padded(value, digits) : null;

/** Ids in hexadecimal digits of any case. */
export const hexIds: Ids = { trace: fromHex(32), span: fromHex(16) };

const inWords: ReadId = (value) => (typeof value === 'string' && /^[\w.:-]{1,64}$/.test(value) ? value : null);

/** Ids of traces that were written by hand, as in the examples of a handbook: "span-1" stays as it is. */
export const wordIds: Ids = {
  trace: (value) => hexIds.trace(value) ?? inWords(value),
  span: (value) => hexIds.span(value) ?? inWords(value),
};

/** Of 16 or 8 bytes, with the padding that no hexadecimal digits end in. */
const isPadded = (text: string): boolean => /^(?:[\w+/-]{22}==|[\w+/-]{11}=)$/.test(text);
/** The same without: eleven or 22 characters, which might be digits as well. */
const isUnpadded = (text: string): boolean => /^(?:[\w+/-]{22}|[\w+/-]{11})$/.test(text);

const fromBase64 =
  (digits: number, isBase64: (text: string) => boolean): ReadId =>
  (value) =>
    typeof value === 'string' && isBase64(value)
      ? padded(Buffer.from(value, 'base64').toString('hex'), digits)
      : fromHex(digits)(value);

/**
 * How a document with these trace ids writes its ids. Padding decides for each id by itself; without padding, a trace id that cannot be
 * hexadecimal decides for all of them, since a single one may consist of digits by chance.
 */
export const idsOf = (traceIds: readonly unknown[]): Ids => {
  const isBare = traceIds.some((id) => typeof id === 'string' && id.length === 22 && isUnpadded(id) && !isHex(id));
  const isBase64 = isBare ? (text: string) => isPadded(text) || isUnpadded(text) : isPadded;
  return { trace: fromBase64(32, isBase64), span: fromBase64(16, isBase64) };
};
