import type { Beside } from './adapters/http/server.ts';
import { type SlackTransport, slackTransport } from './adapters/http/slack-transport.ts';
import { type SlackAppState, type SlackWay, slackInbox } from './adapters/slack/app.ts';
import { type SlackCalls, slackCalls } from './adapters/slack/calls.ts';
import { gestureMemory, type InboxWords, type OnGesture } from './adapters/slack/inbox.ts';
import { slackDoor } from './adapters/slack/request-door.ts';
import { asSourceError } from './adapters/slack/screen-failure.ts';
import { slackSender } from './adapters/slack/sender.ts';
import { sharedChannels } from './adapters/slack/shared-channels.ts';
import { slackWeb } from './adapters/slack/web.ts';
import { systemClock } from './adapters/system/clock.ts';
import type { SlackResult, Telemetry } from './adapters/system/telemetry.ts';
import type { Config } from './config.ts';
import type { Clock, Log, Store } from './ports.ts';
import { plainAnswer } from './stages/compose/answers.ts';
import { brief } from './stages/compose/brief.ts';

const results: Readonly<Record<string, SlackResult>> = {
  ok: 'ok',
  'rate-limited': 'limited',
  'locked-out': 'refused',
  unknown: 'timeout',
};

const askAgainMs = 60_000;

/** What a message whose fate is unknown is looked for with. */
const historyScopes = ['channels:history', 'groups:history'] as const;

/**
 * Asks Slack who the bot is and what it may do, again and again until it answers; nothing waits for it. Until then, and with the
 * history scopes, a message whose outcome is unknown is looked for before it is sent again; without them it is sent again.
 */
const greetSlack = (calls: SlackCalls, clock: Clock, log: Log) => {
  const ending = new AbortController();
  let mayRead = true;
  let address: string | null = null;
  const greet = async (): Promise<void> => {
    while (!ending.signal.aborted) {
      try {
        const answer = await calls.call('auth.test', {});
        const { scopes } = (answer['response_metadata'] ?? {}) as { readonly scopes?: readonly string[] };
        const missing = scopes === undefined ? [] : historyScopes.filter((scope) => !scopes.includes(scope));
        mayRead = missing.length === 0;
        address = typeof answer['url'] === 'string' ? answer['url'] : null;
        log('info', 'Slack answers', { team: answer['team'], user: answer['user'] });
        if (!mayRead)
          log('warn', 'messages go out at least once: after a lost answer one may stand twice', { addTheScopes: missing });
        return;
      } catch (error) {
        log('warn', 'Slack could not be asked who we are; alerts are taken all the same', { error });
      }
      await clock.sleep(askAgainMs, ending.signal);
    }
  };
  void greet();
  /** As Slack's own "Copy link" makes it; null until Slack has said whose workspace it is. */
  const linkOf = (channelId: string, ts: string): string | null =>
    address === null ? null : `${address}archives/${encodeURIComponent(channelId)}/p${ts.replace('.', '')}`;
  return { canReadHistory: (): boolean => mayRead, linkOf, stop: async (): Promise<void> => ending.abort() };
};

/** The way to Slack, and what ends it. */
export const openTransport = (config: Config): SlackTransport =>
  slackTransport({
    proxy: config.proxy,
    ...(config.slack.caFile === null ? {} : { caFile: config.slack.caFile }),
  });

/** Slack's methods, counted, with their limits kept for everything that calls them. */
export const openCalls = (config: Config, { fetch }: SlackTransport, telemetry: Telemetry): SlackCalls =>
  slackCalls(slackWeb({ token: config.slack.botToken, apiUrl: config.slack.apiUrl, fetch }), systemClock, {
    onCall: (method, result) => telemetry.slackCall(method, results[result] ?? 'failed'),
    onWait: telemetry.slackWait,
  });

/** Whether a channel's details are kept: where people of other organisations read along, unless that is allowed. */
const sharedWith = ({ slack }: Config, calls: SlackCalls): ((channelId: string) => Promise<boolean>) =>
  slack.showsStrangers ? async () => false : sharedChannels(calls, systemClock);

/** The same for who asks before something is shared. Throws `SourceError`. */
export const sharedOutside = (config: Config, calls: SlackCalls): ((channelId: string) => Promise<boolean>) => {
  const isShared = sharedWith(config, calls);
  return (channelId) =>
    isShared(channelId).catch((error: unknown) => {
      throw asSourceError(error);
    });
};

/** The loop that brings the outbox to Slack. */
export const openSender = (
  config: Config,
  { fetch }: SlackTransport,
  calls: SlackCalls,
  store: Store,
  telemetry: Telemetry,
  log: Log,
) => {
  const clock = systemClock;
  const { canReadHistory, linkOf, stop } = greetSlack(calls, clock, log);
  const isShared = sharedWith(config, calls);
  const sender = slackSender({
    outbox: store.outbox,
    workspace: config.slack.workspace,
    calls,
    fetch,
    clock,
    log,
    pictureChannel: config.slack.pictureChannel,
    defaultChannel: config.slack.channel,
    canReadHistory,
    briefIn: async (channel) => ((await isShared(channel)) ? brief : null),
    onSent: ({ purpose, createdAtMs }) => {
      if (purpose === 'root') telemetry.told('text', (clock.nowMs() - createdAtMs) / 1000);
      if (purpose === 'picture') telemetry.told('picture', (clock.nowMs() - createdAtMs) / 1000);
    },
  });
  return {
    ...sender,
    linkOf,
    stop: async (): Promise<void> => {
      await stop();
      await sender.stop();
    },
  };
};

const connectAgainMs = 30_000;
const lookMs = 5000;
/** Slack's client opens a lost connection again by itself; one that it has not opened for this long it has given up. */
const lostAfterMs = 60_000;

/** What is kept alive: a connection, or a door that is open. */
type Inbound = {
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
  readonly state: () => SlackAppState;
};

/** Keeps one connected app alive, whatever Slack answers: it may be down, or refuse the token for a while, at any moment. */
export const keepConnected = (make: () => Inbound, clock: Clock, log: Log) => {
  const ending = new AbortController();
  let app: Inbound | null = null;
  const untilLost = async ({ state }: Inbound): Promise<void> => {
    let lostMs = 0;
    while (!ending.signal.aborted && lostMs < lostAfterMs) {
      await clock.sleep(lookMs, ending.signal);
      lostMs = state() === 'connected' ? 0 : lostMs + lookMs;
    }
  };
  const keep = async (): Promise<void> => {
    while (!ending.signal.aborted) {
      app = make();
      try {
        await app.start();
        await untilLost(app);
        if (!ending.signal.aborted) log('warn', 'the connection for what people do in Slack is lost; it is made anew', {});
      } catch (error) {
        log('error', 'what people do in Slack does not reach us; tried again in 30 s', { error });
      }
      await app.stop().catch(() => undefined);
      await clock.sleep(connectAgainMs, ending.signal);
    }
  };
  void keep();
  return {
    state: () => app?.state() ?? 'connecting',
    stop: async (): Promise<void> => {
      ending.abort();
      await app?.stop().catch(() => undefined);
    },
  };
};

const words: InboxWords = {
  failed: plainAnswer(['Edgewise could not answer this; the reason is in its log.']),
  late: (problems) =>
    problems === null
      ? plainAnswer(['What you sent is done; it took longer than Slack waits.'])
      : plainAnswer(['What you sent was not done; it took longer than Slack waits to see why:', ...Object.values(problems)]),
};

/** By the settings: a connection of ours, or a path on the webhook's port and what listens there. */
const wayIn = ({ inbound }: Config['slack'], log: Log): { readonly way: SlackWay; readonly beside: Beside | null } | null => {
  if (inbound === null) return null;
  if (inbound.kind === 'socket') return { way: inbound, beside: null };
  const door = slackDoor({ signingSecret: inbound.signingSecret, clock: systemClock, log });
  return { way: { kind: 'http', door }, beside: { path: inbound.path, listener: door.listener } };
};

/** What people do in Slack, where it is configured how that reaches us; text and alerts never wait for it. */
export const openInbox = (config: Config, transport: SlackTransport, calls: SlackCalls, onGesture: OnGesture, log: Log) => {
  const found = wayIn(config.slack, log);
  if (found === null) return null;
  const { botToken, apiUrl } = config.slack;
  const memory = gestureMemory(systemClock);
  const shared = { way: found.way, botToken, apiUrl, calls, transport, memory, words, clock: systemClock, log, onGesture };
  return { ...keepConnected(() => slackInbox(shared), systemClock, log), beside: found.beside };
};
