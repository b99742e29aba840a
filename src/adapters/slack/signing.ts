import { createHmac, timingSafeEqual } from 'node:crypto';
import type { EpochMs } from '../../domain/time.ts';

/** What Slack's two headers say of a request: when it was signed, and the signature over that and the body. */
export type Seal = { readonly timestamp: string; readonly signature: string };

type Headers = Readonly<Record<string, readonly string[] | undefined>>;

/** Each header once and in its form, else null: no body is read for what cannot be Slack's. */
export const sealIn = (headers: Headers): Seal | null => {
  const [timestamps = [], signatures = []] = [headers['x-slack-request-timestamp'], headers['x-slack-signature']];
  const [[timestamp = ''], [signature = '']] = [timestamps, signatures];
  const isOnce = timestamps.length === 1 && signatures.length === 1;
  return isOnce && /^\d{1,12}$/.test(timestamp) && /^v0=[0-9a-f]{64}$/.test(signature) ? { timestamp, signature } : null;
};

/** How far a request may be from now, either way: from the future it could be kept and played much later. */
export const sealedWithinSeconds = 300;

export const isTimely = ({ timestamp }: Seal, nowMs: EpochMs): boolean =>
  Math.abs(nowMs / 1000 - Number(timestamp)) <= sealedWithinSeconds;

/** Whether who knows the signing secret sent these very bytes (docs.slack.dev/authentication/verifying-requests-from-slack). */
export const isGenuine = ({ timestamp, signature }: Seal, body: Uint8Array, signingSecret: string): boolean => {
  const expected = createHmac('sha256', signingSecret).update(`v0:${timestamp}:`).update(body).digest();
  // 64 hexadecimal digits are 32 bytes: `timingSafeEqual` throws where the lengths differ.
  return timingSafeEqual(expected, Buffer.from(signature.slice(3), 'hex'));
};
