import { App, type Receiver, type ViewSubmitAction } from '@slack/bolt';
import { SourceError } from '../../domain/gathered.ts';
import type { Clock, Log, Store } from '../../ports.ts';
import type { SlackTransport } from '../http/slack-transport.ts';
import { type FormAnswer, type GestureMemory, type InboxWords, inbox, type OnGesture } from './inbox.ts';
import { clickIn, commandIn, homeIn, type Received, shortcutIn, submitIn } from './inbox-gesture.ts';
import type { SlackDoor } from './request-door.ts';
import { screenFor } from './screen.ts';
import { sisterWorkspaces } from './sister-workspaces.ts';
import { type SocketState, socketWay } from './socket.ts';
import { type Tenant, type Tenants, teamsIn } from './tenants.ts';
import { silent } from './web.ts';

/** How gestures come in: by a connection that we open, or by requests to a door that outlives the app. */
export type SlackWay =
  | { readonly kind: 'socket'; readonly appToken: string }
  | { readonly kind: 'http'; readonly door: SlackDoor };

type SlackInboxOptions = {
  readonly way: SlackWay;
  readonly apiUrl: string;
  readonly tenants: Tenants;
  /** Proxy and CA aware; without one Slack is reached directly. */
  readonly transport?: SlackTransport;
  /** Kept by who makes the app, so that one made anew knows what was done before. */
  readonly memory: GestureMemory;
  readonly once: Store['once'];
  readonly words: InboxWords;
  readonly clock: Clock;
  readonly log: Log;
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

type Ack = (answer?: FormAnswer) => Promise<void>;
type Context = Readonly<Record<string, unknown>>;

/** `read` is handed the team that was asked: a person of another one is a stranger. */
type Take = (read: (ourTeamId: string) => Received | null, ack: Ack, context: Context) => Promise<void>;

const acknowledged = async (): Promise<void> => undefined;

/** One listener a kind of gesture, whatever the way it came by. Bolt acknowledges events itself. */
const listen = (app: App, take: Take): void => {
  app.command('/mesh', ({ body, ack, context }) =>
    take(
      (team) => commandIn(body, team),
      () => ack(),
      context,
    ),
  );
  app.action({ type: 'block_actions' }, ({ body, ack, context }) =>
    take(
      (team) => clickIn(body, team),
      () => ack(),
      context,
    ),
  );
  app.view<ViewSubmitAction>({ type: 'view_submission' }, ({ body, ack, context }) =>
    take(
      (team) => submitIn(body, team),
      (answer) => ack(answer),
      context,
    ),
  );
  app.shortcut({ type: 'message_action' }, ({ body, ack, context }) =>
    take(
      (team) => shortcutIn(body, team),
      () => ack(),
      context,
    ),
  );
  app.event('app_home_opened', ({ body, context }) => take((team) => homeIn(body, team), acknowledged, context));
};

/** Tokens of people may be revoked too; we have none. */
const isOfBot = (event: object): boolean => {
  const { tokens } = event as { readonly tokens?: { readonly bot?: readonly string[] } };
  return tokens === undefined || (tokens.bot?.length ?? 0) > 0;
};

/** After these nothing arrives from that workspace any more, and nothing that is sent: who operates us has to hear of it. */
const watch = (app: App, tenants: Tenants, log: Log): void => {
  for (const type of ['app_uninstalled', 'tokens_revoked'] as const)
    app.event(type, async ({ event, body }) => {
      if (!isOfBot(event)) return;
      log('error', 'Slack has taken the app away: install it again', { event: type, team: body.team_id });
      await tenants.left(body.team_id);
    });
};

const callsOf = (tenant: Tenant | null): Tenant['calls'] => {
  if (tenant === null) throw new SourceError('Slack', 'absent', 'has taken the app away from this workspace');
  return tenant.calls;
};

/** What each workspace's people do, one inbox a workspace. */
const inboxes = (options: SlackInboxOptions) => {
  const { tenants, transport, apiUrl, clock, log } = options;
  const open = new Map<string, ReturnType<typeof inbox>>();
  const inboxOf = ({ workspace }: Tenant): ReturnType<typeof inbox> => {
    const known = open.get(workspace);
    if (known !== undefined) return known;
    // Whoever is served under this name by then: it may have been installed anew.
    const now = (): Tenant | null => tenants.named(workspace);
    const recognised = sisterWorkspaces({ call: (method, given) => callsOf(now()).call(method, given) }, clock, log);
    const onGesture: OnGesture = async (gesture, screen) => {
      const person = await recognised(gesture.person, now()?.enterpriseId ?? '');
      return now()?.onGesture({ ...gesture, person }, screen);
    };
    const made = inbox({ ...options, onGesture });
    open.set(workspace, made);
    return made;
  };
  const take: Take = async (read, ack, { teamId, deliveredAs }) => {
    const tenant = await tenants.of(typeof teamId === 'string' ? [teamId] : []);
    const received = tenant === null ? null : read(tenant.teamId);
    if (tenant === null || received === null) return;
    const world = { calls: tenant.calls, fetch: transport?.fetch ?? globalThis.fetch, apiUrl };
    const ids = typeof deliveredAs === 'string' ? [...received.ids, deliveredAs] : received.ids;
    await inboxOf(tenant).take({ ...received, ids }, screenFor(world, received.reach), ack);
  };
  return { take, finish: () => Promise.all([...open.values()].map(({ finish }) => finish())) };
};

/**
 * Everything that people do in Slack, as gestures: by Socket Mode or by HTTP, the same, each with its workspace. `start` may throw
 * `SourceError` where it is not known yet who we are; a failing handler is answered in words and never ends the process.
 */
export const slackInbox = (given: SlackInboxOptions) => {
  const { way: chosen, tenants, transport, log } = given;
  const apiUrl = given.apiUrl.endsWith('/') ? given.apiUrl : `${given.apiUrl}/`;
  const options = { ...given, apiUrl };
  const reach = transport === undefined ? {} : { transport };
  const way = chosen.kind === 'http' ? doorWay(chosen.door) : socketWay({ appToken: chosen.appToken, apiUrl, ...reach, log });
  const app = new App({
    receiver: way.receiver,
    authorize: async ({ teamId }, body) => {
      const tenant = await tenants.of(teamsIn(teamId, body));
      if (tenant === null) throw new SourceError('Slack', 'absent', `workspace ${teamId ?? ''} has not installed the app`);
      const { botId, botUserId, botToken } = tenant;
      return { botToken: await botToken(), botId, botUserId, teamId: tenant.teamId };
    },
    convoStore: false,
    logger: silent,
    clientOptions: { slackApiUrl: apiUrl, retryConfig: { retries: 0 } },
  });
  app.error(async (error) => log('error', 'a Slack handler failed', { error }));
  const { take, finish } = inboxes(options);
  listen(app, take);
  watch(app, tenants, log);
  return {
    start: async (): Promise<void> => {
      await tenants.ready();
      await app.start();
    },
    stop: async (): Promise<void> => {
      await app.stop();
      await finish();
    },
    state: way.state,
  };
};
