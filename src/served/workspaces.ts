import type { Beside } from '../adapters/http/server.ts';
import type { OnGesture } from '../adapters/slack/inbox.ts';
import { soleTenant, type Tenants } from '../adapters/slack/tenants.ts';
import { slackWeb } from '../adapters/slack/web.ts';
import { type Addresses, type Served, type ServedParts, sendingWords, serveOne } from './one.ts';

/** The workspaces that are served: one by its token, or those that have installed the app. */
export type Workspaces = {
  /** Pages of their own beside the webhook. */
  readonly beside: readonly Beside[];
  /** Begins to send; `hearing` makes what hears the gestures of one of them. */
  readonly start: (hearing: (served: Served) => OnGesture) => Promise<Tenants>;
  readonly wake: () => void;
  /** Null where that workspace is not served. */
  readonly addressesOf: (workspace: string) => Addresses | null;
  /** How sending is, for /readyz. */
  readonly state: () => Promise<string>;
  readonly stop: () => Promise<void>;
};

/** One workspace by SLACK_BOT_TOKEN: it is installed, and needs no store to be so. */
export const soleWorkspace = (parts: ServedParts): Workspaces => {
  const { botToken: token, apiUrl, workspace, channel } = parts.config.slack;
  const served = serveOne(parts, { workspace, channel, web: slackWeb({ token, apiUrl, fetch: parts.transport.fetch }) });
  const { sender, calls } = served;
  return {
    beside: [],
    start: async (hearing) => {
      sender.start();
      return soleTenant({ workspace, token, calls, onGesture: hearing(served) });
    },
    wake: sender.wake,
    addressesOf: () => served,
    state: async () => sendingWords(served),
    stop: sender.stop,
  };
};
