import { createHash, timingSafeEqual } from 'node:crypto';

/** What a caller may show; several at once, so that they can be rotated. */
export type Credentials = {
  readonly bearer: readonly string[];
  /** `user:password` */
  readonly basic: readonly string[];
};

/** Equal lengths for a comparison that tells nothing by its time. */
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Whether one Authorization header shows a known credential. Every known one is compared, so time does not tell which matched. */
export const mayEnter = ({ bearer, basic }: Credentials) => {
  const known = [
    ...bearer.map((token) => `bearer ${token}`),
    ...basic.map((pair) => `basic ${Buffer.from(pair).toString('base64')}`),
  ].map(digest);
  return (header: string | undefined): boolean => {
    if (known.length === 0) return true;
    const match = /^(Bearer|Basic) +(\S+)$/i.exec(header ?? '');
    const shown = digest(`${match?.[1]?.toLowerCase() ?? ''} ${match?.[2] ?? ''}`);
    return known.reduce((found, one) => timingSafeEqual(one, shown) || found, false);
  };
};

/** 127.0.0.0/8, ::1 and localhost: nobody else reaches it. */
const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);

/** The sentence that refuses to start an open door, or null. */
export const refuseToStart = (host: string, { bearer, basic }: Credentials): string | null =>
  bearer.length + basic.length > 0 || isLoopback(host)
    ? null
    : `it would listen on ${host} without credentials: set WEBHOOK_TOKENS (Alertmanager: http_config.authorization) or listen on 127.0.0.1`;
