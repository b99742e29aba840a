/** What a failed Slack call means for the message it carried. One table (docs.slack.dev method errors). */
export type Failure =
  /** Not sent; come again after a wait. */
  | { readonly kind: 'rate-limited'; readonly waitMs: number }
  | { readonly kind: 'later'; readonly why: string }
  /** May have been sent: look before sending again. */
  | { readonly kind: 'unknown'; readonly why: string }
  /** Slack lets nobody look yet whether it was sent; nothing was sent now. */
  | { readonly kind: 'look-later'; readonly waitMs: number }
  /** The workspace refuses us: everything waits. */
  | { readonly kind: 'locked-out'; readonly why: string }
  | { readonly kind: 'not-in-channel' }
  | { readonly kind: 'no-channel'; readonly why: string }
  | { readonly kind: 'bad-blocks' }
  | { readonly kind: 'too-long' }
  | { readonly kind: 'bad-metadata' }
  | { readonly kind: 'cannot-edit' }
  /** A person deleted the message that was to be edited or answered. */
  | { readonly kind: 'root-gone' }
  | { readonly kind: 'bad-file' }
  | { readonly kind: 'hopeless'; readonly why: string };

/** The history may not be read for so long. */
export class LookLater extends Error {
  readonly waitMs: number;
  constructor(waitMs: number) {
    super(`the history may be read again in ${Math.ceil(waitMs / 1000)} s`);
    this.name = 'LookLater';
    this.waitMs = waitMs;
  }
}

const codes: Readonly<Record<string, (code: string) => Failure>> = Object.fromEntries(
  (
    [
      [['ratelimited', 'rate_limited'], () => ({ kind: 'rate-limited', waitMs: 5000 })],
      [['internal_error', 'service_unavailable', 'team_added_to_org'], (why) => ({ kind: 'later', why })],
      [['fatal_error', 'request_timeout'], (why) => ({ kind: 'unknown', why })],
      [
        [
          'invalid_auth',
          'not_authed',
          'account_inactive',
          'token_revoked',
          'token_expired',
          'team_not_found',
          'org_login_required',
          'ekm_access_denied',
          'not_allowed_token_type',
          'message_limit_exceeded',
        ],
        (why) => ({ kind: 'locked-out', why }),
      ],
      [['not_in_channel'], () => ({ kind: 'not-in-channel' })],
      [
        [
          'channel_not_found',
          'is_archived',
          'restricted_action',
          'restricted_action_read_only_channel',
          'restricted_action_non_threadable_channel',
          'cannot_reply_to_message',
        ],
        (why) => ({ kind: 'no-channel', why }),
      ],
      [
        [
          'invalid_blocks',
          'invalid_blocks_format',
          'msg_blocks_too_long',
          'invalid_attachments',
          'block_mismatch',
          'too_many_attachments',
        ],
        () => ({ kind: 'bad-blocks' }),
      ],
      [['msg_too_long'], () => ({ kind: 'too-long' })],
      [
        ['metadata_too_large', 'invalid_metadata_format', 'invalid_metadata_schema', 'metadata_must_be_sent_from_app'],
        () => ({ kind: 'bad-metadata' }),
      ],
      [['cant_update_message', 'edit_window_closed', 'is_inactive', 'update_failed'], () => ({ kind: 'cannot-edit' })],
      [['message_not_found', 'thread_not_found'], () => ({ kind: 'root-gone' })],
      [
        ['file_not_found', 'file_deleted', 'invalid_slack_file', 'files_uploads_disabled', 'slack_file_not_found'],
        () => ({ kind: 'bad-file' }),
      ],
    ] as const satisfies readonly (readonly [readonly string[], (code: string) => Failure])[]
  ).flatMap(([names, make]) => names.map((name) => [name, make as (code: string) => Failure])),
);

/** Network failures before anything can have been sent. */
const neverLeft: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

type SdkError = {
  readonly code?: string;
  readonly retryAfter?: number;
  readonly statusCode?: number;
  readonly data?: { readonly error?: string; readonly needed?: string };
  readonly cause?: { readonly code?: string; readonly cause?: { readonly code?: string } };
  readonly original?: { readonly cause?: { readonly code?: string } };
  readonly message?: string;
};

/** Without `chat:write` nothing can be said; without another scope only what needs it cannot be done (a picture, a look at the history). */
const missingScope = (needed: string | undefined): Failure =>
  needed === undefined || /\bchat:write\b/.test(needed)
    ? { kind: 'locked-out', why: `missing_scope ${needed ?? ''}`.trim() }
    : { kind: 'hopeless', why: `missing_scope ${needed}` };

/** What the error of @slack/web-api means. */
export const classify = (error: unknown): Failure => {
  if (error instanceof LookLater) return { kind: 'look-later', waitMs: error.waitMs };
  const seen = error as SdkError;
  if (typeof seen.retryAfter === 'number') return { kind: 'rate-limited', waitMs: Math.max(1, seen.retryAfter) * 1000 };
  const platform = seen.data?.error;
  if (platform === 'missing_scope') return missingScope(seen.data?.needed);
  if (platform !== undefined)
    return (Object.hasOwn(codes, platform) ? codes[platform]?.(platform) : undefined) ?? { kind: 'hopeless', why: platform };
  if (seen.statusCode !== undefined)
    return seen.statusCode >= 500
      ? { kind: 'unknown', why: `HTTP ${seen.statusCode}` }
      : { kind: 'later', why: `HTTP ${seen.statusCode}` };
  const network = seen.cause?.cause?.code ?? seen.cause?.code ?? seen.original?.cause?.code ?? '';
  return neverLeft.has(network)
    ? { kind: 'later', why: network }
    : { kind: 'unknown', why: network || (seen.message ?? 'unknown').slice(0, 100) };
};
