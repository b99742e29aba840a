import type { SlackTransport } from '../adapters/http/slack-transport.ts';
import { type SlackCalls, slackCalls } from '../adapters/slack/calls.ts';
import { homeAddress } from '../adapters/slack/home-address.ts';
import { asSourceError } from '../adapters/slack/screen-failure.ts';
import { slackSender } from '../adapters/slack/sender.ts';
import { sharedChannels } from '../adapters/slack/shared-channels.ts';
import type { SlackApi } from '../adapters/slack/web.ts';
import { systemClock } from '../adapters/system/clock.ts';
import type { SlackResult, Telemetry } from '../adapters/system/telemetry.ts';
import type { Config } from '../config.ts';
import type { Clock, Log, Store } from '../ports.ts';
import { brief } from '../stages/compose/brief.ts';

const results: Readonly<Record<string, SlackResult>> = {
  ok: 'ok',
  'rate-limited': 'limited',
  'locked-out': 'refused',
  unknown: 'timeout',
};

const askAgainMs = 60_000;

/** What a message whose fate is unknown is looked for with. */
const historyScopes = ['channels:history', 'groups:history'] as const;

/** Where our Home is; null where nobody would hear that it is opened, or where it is not known. */
const homeUrlFor = async (
  { inbound }: Config['slack'],
  calls: SlackCalls,
  answer: Readonly<Record<string, unknown>>,
  log: Log,
): Promise<string | null> => {
  if (inbound === null) return null;
  try {
    return await homeAddress(calls, inbound.kind === 'socket' ? inbound.appToken : null, answer);
  } catch (error) {
    log('warn', 'messages do not lead to the Home: Slack does not say whose app the bot is', { error });
    return null;
  }
};

/**
 * Asks Slack who the bot is and what it may do, again and again until it answers; nothing waits for it. Until then, and with the
 * history scopes, a message whose outcome is unknown is looked for before it is sent again; without them it is sent again.
 */
const greetSlack = ({ slack }: Config, calls: SlackCalls, clock: Clock, log: Log) => {
  const ending = new AbortController();
  let mayRead = true;
  let address: string | null = null;
  let homeUrl: string | null = null;
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
        homeUrl = await homeUrlFor(slack, calls, answer, log);
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
  /** Opens our Home; null until Slack has said whose app this is, or where it does not. */
  const homeUrlNow = (): string | null => homeUrl;
  return { canReadHistory: (): boolean => mayRead, linkOf, homeUrl: homeUrlNow, stop: async (): Promise<void> => ending.abort() };
};

/** What every workspace is served with. */
export type ServedParts = {
  readonly config: Config;
  readonly transport: SlackTransport;
  readonly store: Store;
  readonly telemetry: Telemetry;
  readonly log: Log;
};

/** Which workspace, by which token, and where its messages go that no rule sends elsewhere. */
type Who = { readonly workspace: string; readonly web: SlackApi; readonly channel: string };

/** Whether a channel's details are kept: where people of other organisations read along, unless that is allowed. */
const sharedWith = ({ slack }: Config, calls: SlackCalls): ((channelId: string) => Promise<boolean>) =>
  slack.showsStrangers ? async () => false : sharedChannels(calls, systemClock);

/** The loop that brings the outbox of one workspace to it. */
const openSender = (
  { config, transport, store, telemetry, log }: ServedParts,
  { workspace, channel }: Who,
  calls: SlackCalls,
) => {
  const clock = systemClock;
  const { canReadHistory, linkOf, homeUrl, stop } = greetSlack(config, calls, clock, log);
  const isShared = sharedWith(config, calls);
  const sender = slackSender({
    outbox: store.outbox,
    workspace,
    calls,
    fetch: transport.fetch,
    clock,
    log,
    pictureChannel: config.slack.pictureChannel,
    defaultChannel: channel,
    canReadHistory,
    briefIn: async (channelId) => ((await isShared(channelId)) ? brief : null),
    onSent: ({ purpose, createdAtMs }) => {
      if (purpose === 'root') telemetry.told('text', (clock.nowMs() - createdAtMs) / 1000);
      if (purpose === 'picture') telemetry.told('picture', (clock.nowMs() - createdAtMs) / 1000);
    },
  });
  return {
    ...sender,
    linkOf,
    homeUrl,
    stop: async (): Promise<void> => {
      await stop();
      await sender.stop();
    },
  };
};

/**
 * One workspace, with a sender, limits, a gate and a channel book of its own: trouble in one never holds up another. Its methods are
 * counted, and their limits kept for everything that calls them.
 */
export const serveOne = (parts: ServedParts, who: Who) => {
  const { config, telemetry } = parts;
  const calls = slackCalls(who.web, systemClock, {
    onCall: (method, result) => telemetry.slackCall(method, results[result] ?? 'failed'),
    onWait: telemetry.slackWait,
  });
  const { linkOf, homeUrl, ...sender } = openSender(parts, who, calls);
  const isShared = sharedWith(config, calls);
  return {
    workspace: who.workspace,
    calls,
    sender,
    linkOf,
    homeUrl,
    /** For who asks before something is shared. Throws `SourceError`. */
    isSharedOutside: (channelId: string): Promise<boolean> =>
      isShared(channelId).catch((error: unknown) => {
        throw asSourceError(error);
      }),
  };
};

export type Served = ReturnType<typeof serveOne>;

/** What leads to a message of the bot, and to its Home; null while that is not known. */
export type Addresses = Pick<Served, 'linkOf' | 'homeUrl'>;

/** How sending is, for people. */
export const sendingWords = ({ sender }: Pick<Served, 'sender'>): string => {
  const state = sender.state();
  return state.kind === 'sending' ? 'sending' : `${state.kind} (${state.why})`;
};
