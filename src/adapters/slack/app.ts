import { App, SocketModeReceiver } from '@slack/bolt';
import type { Log } from '../../ports.ts';
import type { SlackTransport } from '../http/slack-transport.ts';
import { silent } from './web.ts';

export type SlackCommand = {
  readonly text: string;
  readonly userId: string;
  readonly channelId: string;
  readonly teamId: string;
};

/** One block message, as an answer to a command takes it. */
type CommandAnswer = { readonly text: string; readonly blocks: readonly object[] };

type SlackAppOptions = {
  readonly botToken: string;
  readonly appToken: string;
  readonly apiUrl: string;
  /** Proxy and CA aware; without one Slack is reached directly. */
  readonly transport?: SlackTransport;
  readonly log: Log;
  /** Answers a command; the promise may take seconds, the acknowledgement never does. */
  readonly onCommand: (command: SlackCommand) => Promise<CommandAnswer>;
};

export type SlackAppState = 'connecting' | 'connected' | 'disconnected';

const entities: Readonly<Record<string, string>> = { '&amp;': '&', '&lt;': '<', '&gt;': '>' };

/** What was typed: Slack escapes three characters, and makes `<address|text>` of what looks like a host, a person or a channel. */
export const asTyped = (text: string): string =>
  text
    .replace(/<[^<>|]*\|([^<>]*)>/g, '$1')
    .replace(/<((?:https?:\/\/|mailto:|[@#])[^<>|]*)>/g, '$1')
    .replace(/&(?:amp|lt|gt);/g, (entity) => entities[entity] ?? entity)
    .trim();

/** Redelivered envelopes are answered once; Slack redelivers within minutes. */
const seenRecently = () => {
  const seen = new Map<string, number>();
  return (id: string, nowMs: number): boolean => {
    for (const [known, atMs] of seen) if (nowMs - atMs > 600_000) seen.delete(known);
    const isKnown = seen.has(id);
    seen.set(id, nowMs);
    return isKnown;
  };
};

/** Bolt and its receiver, with options objects of their own: the socket client inherits and changes what it is given. */
const bolt = ({ botToken, appToken, apiUrl, transport }: SlackAppOptions) => {
  const slackApiUrl = apiUrl.endsWith('/') ? apiUrl : `${apiUrl}/`;
  const way = transport === undefined ? {} : { fetch: transport.fetch };
  const receiver = new SocketModeReceiver({
    appToken: appToken,
    logger: silent,
    ...(transport === undefined ? {} : { dispatcher: transport.dispatcher }),
    installerOptions: {
      clientOptions: {
        ...way,
        slackApiUrl,
        retryConfig: { forever: true, minTimeout: 500, maxTimeout: 15_000, randomize: true },
      },
    },
  });
  const app = new App({
    token: botToken,
    receiver,
    deferInitialization: true,
    convoStore: false,
    logger: silent,
    clientOptions: { ...way, slackApiUrl, timeout: 8000, rejectRateLimitedCalls: true, retryConfig: { retries: 0 } },
  });
  return { app, receiver };
};

/**
 * Slash commands by Socket Mode: no inbound port. Reconnects for ever; a failing handler is answered in words and never ends the process.
 */
export const slackApp = (options: SlackAppOptions) => {
  const { log } = options;
  const { app, receiver } = bolt(options);
  const isRepeat = seenRecently();
  let state: SlackAppState = 'connecting';
  receiver.client.on('connected', () => {
    state = 'connected';
  });
  receiver.client.on('reconnecting', () => {
    state = 'connecting';
  });
  receiver.client.on('disconnected', () => {
    state = 'disconnected';
  });
  app.error(async (error) => log('error', 'a Slack handler failed', { error }));
  app.command('/mesh', async ({ command, ack, respond }) => {
    await ack();
    if (isRepeat(command.trigger_id, Date.now())) return;
    const answer = await options
      .onCommand({
        text: asTyped(command.text),
        userId: command.user_id,
        channelId: command.channel_id,
        teamId: command.team_id,
      })
      .catch((error: unknown): CommandAnswer => {
        log('error', 'a command failed', { error });
        return { text: 'Edgewise could not answer this; the reason is in its log.', blocks: [] };
      });
    const answered = { response_type: 'ephemeral', text: answer.text } as const;
    if (answer.blocks.length === 0) return void (await respond(answered));
    // Refused blocks are no reason to leave a person without an answer.
    await respond({ ...answered, blocks: [...answer.blocks] as never[] }).catch((error: unknown) => {
      log('warn', 'Slack refused the blocks of an answer', { error });
      return respond(answered);
    });
  });
  return {
    start: async (): Promise<void> => {
      await app.init();
      await app.start();
    },
    stop: async (): Promise<void> => {
      await app.stop();
    },
    state: (): SlackAppState => state,
  };
};
