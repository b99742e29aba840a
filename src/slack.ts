import type { Beside } from './adapters/http/server.ts';
import { type SlackTransport, slackTransport } from './adapters/http/slack-transport.ts';
import { type SlackAppState, type SlackWay, slackInbox } from './adapters/slack/app.ts';
import { gestureMemory, type InboxWords } from './adapters/slack/inbox.ts';
import { slackDoor } from './adapters/slack/request-door.ts';
import type { Tenants } from './adapters/slack/tenants.ts';
import { systemClock } from './adapters/system/clock.ts';
import type { Config } from './config.ts';
import type { Clock, Log, Store } from './ports.ts';
import { plainAnswer } from './stages/compose/answers.ts';

/** The way to Slack, and what ends it. */
export const openTransport = (config: Config): SlackTransport =>
  slackTransport({
    proxy: config.proxy,
    ...(config.slack.caFile === null ? {} : { caFile: config.slack.caFile }),
  });

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
  elsewhere: plainAnswer([
    'What you sent came twice and was taken the first time. Whether it was done stands in the message of the incident: look there before you send it again.',
  ]),
};

/** By the settings: a connection of ours, or a path on the webhook's port and what listens there. */
const wayIn = ({ inbound }: Config['slack'], log: Log): { readonly way: SlackWay; readonly beside: Beside | null } | null => {
  if (inbound === null) return null;
  if (inbound.kind === 'socket') return { way: inbound, beside: null };
  const door = slackDoor({ signingSecret: inbound.signingSecret, clock: systemClock, log });
  return { way: { kind: 'http', door }, beside: { path: inbound.path, listener: door.listener } };
};

/** What people do in Slack, where it is configured how that reaches us; text and alerts never wait for it. */
export const openInbox = (
  config: Config,
  transport: SlackTransport,
  tenants: Tenants,
  { once }: Pick<Store, 'once'>,
  log: Log,
) => {
  const found = wayIn(config.slack, log);
  if (found === null) return null;
  const { apiUrl } = config.slack;
  const memory = gestureMemory(systemClock);
  const shared = { way: found.way, apiUrl, tenants, transport, memory, once, words, clock: systemClock, log };
  return { ...keepConnected(() => slackInbox(shared), systemClock, log), beside: found.beside };
};
