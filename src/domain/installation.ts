import type { EpochMs } from './time.ts';

/** The app as one workspace has installed it. */
export type Installation = {
  readonly teamId: string;
  /** The organisation that the workspace belongs to (Enterprise Grid). */
  readonly enterpriseId: string | null;
  readonly teamName: string;
  readonly botId: string;
  readonly botUserId: string;
  /** Its tokens, legible with the key alone. */
  readonly sealed: string;
  /** Null: the token does not expire. */
  readonly expiresAtMs: EpochMs | null;
  readonly installedAtMs: EpochMs;
  /** A Slack user id. */
  readonly installedBy: string;
};
