import { type EpochMs, hourMs, minuteMs } from './time.ts';

/** A token that is renewed so long before its end outlives an outage of an hour (Slack's live for 12 h: docs.slack.dev/authentication/using-token-rotation). */
const renewBeforeMs = 2 * hourMs;
/** Between two tries: each costs a call, and the first may only have come too early. */
const tryAgainMs = minuteMs;

/** `soon`: renew it, and use it meanwhile. `now`: it is over, and nothing works without another one. */
type TokenNeed = 'none' | 'soon' | 'now';

/** Whether a token is to be renewed; one without an end lives for ever, and after a try the next waits. */
export const tokenNeed = (
  { expiresAtMs, triedAtMs }: { readonly expiresAtMs: EpochMs | null; readonly triedAtMs: EpochMs | null },
  nowMs: EpochMs,
): TokenNeed => {
  if (expiresAtMs === null || expiresAtMs - nowMs >= renewBeforeMs) return 'none';
  if (triedAtMs !== null && nowMs >= triedAtMs && nowMs - triedAtMs < tryAgainMs) return 'none';
  return expiresAtMs > nowMs ? 'soon' : 'now';
};
