/** Prometheus remote write 1.0 (prometheus.io/docs/specs/prw/remote_write_spec): a protobuf message in a Snappy block. */

/** Samples of one series, in the order of time. */
export type Part = {
  /** From `labelBytes`. */
  readonly labels: Uint8Array;
  readonly moments: readonly number[];
  readonly values: Float64Array;
  /** First sample, and the first that is not sent any more. */
  readonly from: number;
  readonly to: number;
};

/** prometheus/model/value: the NaN that marks staleness, told from others by its bits. */
export const staleBits = 0x7ff0000000000002n;

/** Bytes of a number in protobuf's varint (protobuf.dev/programming-guides/encoding). Also beyond 32 bits, where operators on bits end. */
const varint = (value: number): readonly number[] => {
  const bytes: number[] = [];
  let left = value;
  while (left >= 128) {
    bytes.push((left % 128) + 128);
    left = Math.floor(left / 128);
  }
  return [...bytes, left];
};

const text = new TextEncoder();

/** A field that has a length: a text, or a message inside a message. */
const delimited = (field: number, bytes: Uint8Array): Uint8Array => {
  const head = [field * 8 + 2, ...varint(bytes.length)];
  const whole = new Uint8Array(head.length + bytes.length);
  whole.set(head);
  whole.set(bytes, head.length);
  return whole;
};

const joined = (parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

/** The labels of a series as they stand in the message: sorted by name, `__name__` among them. */
export const labelBytes = (labels: Readonly<Record<string, string>>): Uint8Array =>
  joined(
    Object.entries(labels)
      .filter(([, value]) => value !== '')
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => delimited(1, joined([delimited(1, text.encode(name)), delimited(2, text.encode(value))]))),
  );

/** Each sample: field 2 of the series; its value as a double, its time in ms as a varint. */
const sampleBytes = ({ moments, values, from, to }: Part): Uint8Array => {
  const bytes = new Uint8Array((to - from) * 24);
  // Bytes, not numbers: which NaN it is would be lost. Both sides are little-endian.
  const doubles = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  let at = 0;
  for (let index = from; index < to; index += 1) {
    const time = varint(moments[index] ?? 0);
    bytes.set([2 * 8 + 2, 10 + time.length, 1 * 8 + 1], at);
    bytes.set(doubles.subarray(index * 8, index * 8 + 8), at + 3);
    bytes[at + 11] = 2 * 8;
    bytes.set(time, at + 12);
    at += 12 + time.length;
  }
  return bytes.subarray(0, at);
};

/** The message `WriteRequest`: every part a series. */
export const writeRequest = (parts: readonly Part[]): Uint8Array =>
  joined(parts.map((part) => delimited(1, joined([part.labels, sampleBytes(part)]))));

const literalBytes = 65_536;

/** A Snappy block of literals alone (github.com/google/snappy, format_description.txt): valid, and not smaller. Loopback does not mind. */
export const snappyLiterals = (bytes: Uint8Array): Uint8Array => {
  const pieces: Uint8Array[] = [new Uint8Array(varint(bytes.length))];
  for (let at = 0; at < bytes.length; at += literalBytes) {
    const piece = bytes.subarray(at, at + literalBytes);
    const last = piece.length - 1;
    // 61: the length, less one, in the next two bytes.
    pieces.push(new Uint8Array([61 * 4, last & 255, last >> 8]), piece);
  }
  return joined(pieces);
};
