/** How Slack reaches the app: envelopes of Socket Mode, or signed requests. */

/** What the app answered within three seconds, or what Slack says when it did not. */
export type Heard =
  | { readonly ok: true; readonly payload: unknown }
  | { readonly ok: false; readonly error: 'operation_timeout' | 'dispatch_failed' };

export type Kind = 'slash_commands' | 'interactive' | 'events_api';
export type Deliver = (kind: Kind, payload: object) => Promise<Heard>;

/** docs.slack.dev/interactivity/handling-user-interaction, "Acknowledgment response". */
export const patienceMs = 3000;
