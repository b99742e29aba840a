import { createHash, randomUUID } from 'node:crypto';
import type { NewDelivery } from '../../ports.ts';

/** RFC 9562 version 5: the same words give the same id, so that a repeat finds itself. */
export const nameBasedId = (words: string): string => {
  const hash = createHash('sha1').update('edgewise:').update(words).digest().subarray(0, 16);
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x50, 6);
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = hash.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
};

/**
 * RFC 9562 version 7: ids that sort as they were made, also within one millisecond. PGlite's clock counts milliseconds, and pg-boss
 * orders what has the same moment by id.
 */
export const orderedIds = (nowMs: () => number): (() => string) => {
  let last = 0;
  return () => {
    last = Math.max(last + 1, Math.floor(nowMs()) * 1024);
    const hex = Math.floor(last / 1024)
      .toString(16)
      .padStart(12, '0');
    const place = (last % 1024).toString(16).padStart(3, '0');
    return `${hex.slice(0, 8)}-${hex.slice(8)}-7${place}${randomUUID().slice(18)}`;
  };
};

/**
 * Repeats are looked for in this window and the one before it, so 30 to 60 s back: an HTTP retry and an HA twin (15 s a peer)
 * lie within, and no sensible repeat_interval does, whose repeat must count as heard again.
 */
const receiveWindowMs = 30_000;

/** Objects as sorted pairs: two bodies that differ in the order of their keys are one. */
const canonical = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, inner]) => [key, canonical(inner)]);
};

/**
 * Identity of a delivery: Alertmanager gives none, and an HA twin differs only in `externalURL`. It merely saves work;
 * that nothing is told twice rests on the state of the incident.
 */
export const deliveryId = ({ workspace, cluster, group, receivedAtMs }: NewDelivery, windowOffset = 0): string => {
  const window = Math.floor(receivedAtMs / receiveWindowMs) + windowOffset;
  const said = canonical({ ...group, externalUrl: '', notificationReason: null });
  return nameBasedId(JSON.stringify([workspace, cluster, window, said]));
};
