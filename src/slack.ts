import { type SlackTransport, slackTransport } from './adapters/http/slack-transport.ts';
import { slackApp } from './adapters/slack/app.ts';
import { type SlackCalls, slackCalls } from './adapters/slack/calls.ts';
import { slackSender } from './adapters/slack/sender.ts';
import { slackWeb } from './adapters/slack/web.ts';
import { systemClock } from './adapters/system/clock.ts';
import type { SlackResult, Telemetry } from './adapters/system/telemetry.ts';
import { type AskWorld, ask } from './ask.ts';
import type { Config } from './config.ts';
import type { Clock, Log, Store } from './ports.ts';

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
  const greet = async (): Promise<void> => {
    while (!ending.signal.aborted) {
      try {
        const answer = await calls.call('auth.test', {});
        const { scopes } = (answer['response_metadata'] ?? {}) as { readonly scopes?: readonly string[] };
        const missing = scopes === undefined ? [] : historyScopes.filter((scope) => !scopes.includes(scope));
        mayRead = missing.length === 0;
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
  return { canReadHistory: (): boolean => mayRead, stop: async (): Promise<void> => ending.abort() };
};

/** The way to Slack, and what ends it. */
export const openTransport = (config: Config): SlackTransport =>
  slackTransport({
    proxy: config.proxy,
    ...(config.slack.caFile === null ? {} : { caFile: config.slack.caFile }),
  });

/** The loop that brings the outbox to Slack. */
export const openSender = (config: Config, { fetch }: SlackTransport, store: Store, telemetry: Telemetry, log: Log) => {
  const clock = systemClock;
  const calls = slackCalls(slackWeb({ token: config.slack.botToken, apiUrl: config.slack.apiUrl, fetch }), clock, {
    onCall: (method, result) => telemetry.slackCall(method, results[result] ?? 'failed'),
    onWait: telemetry.slackWait,
  });
  const { canReadHistory, stop } = greetSlack(calls, clock, log);
  const sender = slackSender({
    outbox: store.outbox,
    calls,
    fetch,
    clock,
    log,
    pictureChannel: config.slack.pictureChannel,
    defaultChannel: config.slack.channel,
    canReadHistory,
    onSent: ({ purpose, createdAtMs }) => {
      if (purpose === 'root') telemetry.told('text', (clock.nowMs() - createdAtMs) / 1000);
      if (purpose === 'picture') telemetry.told('picture', (clock.nowMs() - createdAtMs) / 1000);
    },
  });
  return {
    ...sender,
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

type CommandApp = ReturnType<typeof slackApp>;

/** Keeps one connected app alive, whatever Slack answers: it may be down, or refuse the token for a while, at any moment. */
export const keepConnected = (make: () => CommandApp, clock: Clock, log: Log) => {
  const ending = new AbortController();
  let app: CommandApp | null = null;
  const untilLost = async ({ state }: CommandApp): Promise<void> => {
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
        if (!ending.signal.aborted) log('warn', 'the connection for slash commands is lost; it is made anew', {});
      } catch (error) {
        log('error', 'slash commands are not connected; tried again in 30 s', { error });
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

/** Slash commands, where an app-level token is set; text and alerts never wait for them. */
export const openCommands = (config: Config, transport: SlackTransport, asking: AskWorld, log: Log) => {
  const { appToken, botToken, apiUrl } = config.slack;
  if (appToken === null) return null;
  const onCommand = async ({ text }: { readonly text: string }) => {
    const startedMs = performance.now();
    const { message, ending, evidence } = await ask(asking, text);
    const measured = evidence === null ? {} : { cluster: evidence.cluster, atMs: evidence.atMs };
    log('info', 'a command was answered', { ending, ...measured, ms: Math.round(performance.now() - startedMs) });
    return message;
  };
  return keepConnected(() => slackApp({ botToken, appToken, apiUrl, transport, log, onCommand }), systemClock, log);
};
