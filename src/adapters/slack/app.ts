import { App, type Receiver, type ViewSubmitAction } from '@slack/bolt';
import { SourceError } from '../../domain/gathered.ts';
import type { Clock, Log, Store } from '../../ports.ts';
import type { SlackTransport } from '../http/slack-transport.ts';
import type { SlackCalls } from './calls.ts';
import { type FormAnswer, type GestureMemory, type InboxWords, inbox, type OnGesture } from './inbox.ts';
import { clickIn, commandIn, homeIn, type Received, shortcutIn, submitIn } from './inbox-gesture.ts';
import type { SlackDoor } from './request-door.ts';
import { screenFor } from './screen.ts';
import { asSourceError } from './screen-failure.ts';
import { sisterWorkspaces } from './sister-workspaces.ts';
import { type SocketState, socketWay } from './socket.ts';
import { silent } from './web.ts';

/** How gestures come in: by a connection that we open, or by requests to a door that outlives the app. */
export type SlackWay =
  | { readonly kind: 'socket'; readonly appToken: string }
  | { readonly kind: 'http'; readonly door: SlackDoor };

type SlackInboxOptions = {
  readonly way: SlackWay;
  readonly botToken: string;
  readonly apiUrl: string;
  readonly calls: SlackCalls;
  /** Proxy and CA aware; without one Slack is reached directly. */
  readonly transport?: SlackTransport;
  /** Kept by who makes the app, so that one made anew knows what was done before. */
  readonly memory: GestureMemory;
  readonly once: Store['once'];
  readonly words: InboxWords;
  readonly clock: Clock;
  readonly log: Log;
  readonly onGesture: OnGesture;
};

export type SlackAppState = SocketState;

type Way = { readonly receiver: Receiver; readonly state: () => SlackAppState };

/** A door has no connection that could be lost: it is open once we know whose app this is. */
const doorWay = ({ receiver }: SlackDoor): Way => {
  let state: SlackAppState = 'connecting';
  const start = async (): Promise<void> => {
    await receiver.start();
    state = 'connected';
  };
  const stop = async (): Promise<void> => {
    await receiver.stop();
    state = 'disconnected';
  };
  return { receiver: { init: receiver.init, start, stop }, state: () => state };
};

/** Who we are: a person of another team is a stranger, unless both are of one organisation (`enterpriseId`, empty outside of Enterprise Grid). */
type Us = { readonly teamId: string; readonly enterpriseId: string; readonly botId: string; readonly botUserId: string };

const askedWho = async ({ calls }: SlackInboxOptions): Promise<Us> => {
  try {
    const { team_id: teamId, enterprise_id: enterpriseId, bot_id: botId, user_id: botUserId } = await calls.call('auth.test', {});
    if (typeof teamId !== 'string' || teamId === '') throw new SourceError('Slack', 'malformed', 'does not say our team');
    return {
      ...{ teamId, enterpriseId: typeof enterpriseId === 'string' ? enterpriseId : '' },
      ...{ botId: String(botId ?? ''), botUserId: String(botUserId ?? '') },
    };
  } catch (error) {
    throw asSourceError(error);
  }
};

type Take = (received: Received | null, ack: (answer?: FormAnswer) => Promise<void>, deliveredAs: unknown) => Promise<void>;

const acknowledged = async (): Promise<void> => undefined;

/** One listener a kind of gesture, whatever the way it came by. Bolt acknowledges events itself. */
const listen = (app: App, take: Take, teamId: () => string): void => {
  app.command('/mesh', ({ body, ack, context }) => take(commandIn(body, teamId()), () => ack(), context['deliveredAs']));
  app.action({ type: 'block_actions' }, ({ body, ack, context }) =>
    take(clickIn(body, teamId()), () => ack(), context['deliveredAs']),
  );
  app.view<ViewSubmitAction>({ type: 'view_submission' }, ({ body, ack, context }) =>
    take(submitIn(body, teamId()), (answer) => ack(answer), context['deliveredAs']),
  );
  app.shortcut({ type: 'message_action' }, ({ body, ack, context }) =>
    take(shortcutIn(body, teamId()), () => ack(), context['deliveredAs']),
  );
  app.event('app_home_opened', ({ body, context }) => take(homeIn(body, teamId()), acknowledged, context['deliveredAs']));
};

/** After these nothing arrives any more, and nothing that is sent: who operates us has to hear of it. */
const watch = (app: App, log: Log): void => {
  for (const type of ['app_uninstalled', 'tokens_revoked'] as const)
    app.event(type, async () => log('error', 'Slack has taken the app away: install it again', { event: type }));
};

/**
 * Everything that people do in Slack, as gestures: by Socket Mode or by HTTP, the same. `start` asks Slack who we are first and throws
 * `SourceError` where it does not say; a failing handler is answered in words and never ends the process.
 */
export const slackInbox = (options: SlackInboxOptions) => {
  const { way: chosen, botToken, calls, transport, log } = options;
  const apiUrl = options.apiUrl.endsWith('/') ? options.apiUrl : `${options.apiUrl}/`;
  const reach = transport === undefined ? {} : { transport };
  const way = chosen.kind === 'http' ? doorWay(chosen.door) : socketWay({ appToken: chosen.appToken, apiUrl, ...reach, log });
  let us: Us = { teamId: '', enterpriseId: '', botId: '', botUserId: '' };
  const app = new App({
    receiver: way.receiver,
    authorize: async () => ({ botToken, botId: us.botId, botUserId: us.botUserId }),
    convoStore: false,
    logger: silent,
    clientOptions: { slackApiUrl: apiUrl, retryConfig: { retries: 0 } },
  });
  app.error(async (error) => log('error', 'a Slack handler failed', { error }));
  const recognised = sisterWorkspaces(calls, options.clock, log);
  const onGesture: OnGesture = async (gesture, screen) => {
    const person = await recognised(gesture.person, us.enterpriseId);
    return options.onGesture({ ...gesture, person }, screen);
  };
  const gestures = inbox({ ...options, onGesture });
  const world = { calls, fetch: transport?.fetch ?? globalThis.fetch, apiUrl };
  const take: Take = async (received, ack, deliveredAs) => {
    if (received === null) return;
    const ids = typeof deliveredAs === 'string' ? [...received.ids, deliveredAs] : received.ids;
    await gestures.take({ ...received, ids }, screenFor(world, received.reach), ack);
  };
  listen(app, take, () => us.teamId);
  watch(app, log);
  return {
    start: async (): Promise<void> => {
      us = await askedWho(options);
      await app.start();
    },
    stop: async (): Promise<void> => {
      await app.stop();
      await gestures.finish();
    },
    state: way.state,
  };
};
