import { Refusal } from './query.ts';

/** As Zipkin keeps ids of traces: 16 digits, or 32 where the upper half is not zero. Throws `Refusal` for what is none. */
export const keptId = (given: string): string => {
  if (given.length > 32) throw new Refusal('traceId.length > 32');
  if (!/^[0-9a-f]+$/.test(given)) throw new Refusal(`${given} should be lower-hex encoded with no prefix`);
  const padded = given.padStart(given.length > 16 ? 32 : 16, '0');
  return padded.replace(/^0{16}(?=.{16}$)/, '');
};
