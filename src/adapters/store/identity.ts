import { createHash } from 'node:crypto';
import type { NewDelivery } from '../../ports.ts';

/** RFC 9562 version 5: the same words give the same id, so that a repeat finds itself. */
export const nameBasedId = (words: string): string => {
  const hash = createHash('sha1').update('edgewise:').update(words).digest().subarray(0, 16);
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x50, 6);
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = hash.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
};

/** Shorter than any sensible repeat_interval: a repeat must count as heard again, a retry must not. */
export const receiveWindowMs = 60_000;

/**
 * Identity of a delivery: Alertmanager gives none, and an HA twin differs only in `externalURL`. It merely saves work;
 * that nothing is told twice rests on the state of the incident.
 */
export const deliveryId = ({ workspace, cluster, group, receivedAtMs }: NewDelivery, windowOffset = 0): string => {
  const window = Math.floor(receivedAtMs / receiveWindowMs) + windowOffset;
  return nameBasedId(JSON.stringify([workspace, cluster, window, { ...group, externalUrl: '', notificationReason: null }]));
};
