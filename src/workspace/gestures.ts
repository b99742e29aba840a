/** What people do in Slack beside typing: they click, open the Home, and use the menu of a message. Each becomes an interaction. */
import { randomUUID } from 'node:crypto';
import type { Deliver, Heard } from './delivery.ts';
import { elementAt, withIds } from './interactive.ts';
import { shown } from './methods/call.ts';
import { appId, ours, people } from './people.ts';
import type { ResponseUrls } from './response-urls.ts';
import {
  type Block,
  type Channel,
  channelNamed,
  isIn,
  type Message,
  messageAt,
  openDirect,
  type State,
  type User,
} from './state.ts';
import type { Triggers } from './triggers.ts';
import { actionOf, type Chosen, type Entered, isOffered, stateOf } from './values.ts';
import { modalsOf, shownView } from './views.ts';

type Json = Readonly<Record<string, unknown>>;

/** A message by its channel and `ts`, the modal on top, or the Home. */
type Place = { readonly channel: string; readonly ts: string } | 'modal' | 'home';

/** A click, or a choice. Ada does it where nobody is named. */
export type Click = {
  readonly person?: string;
  readonly in: Place;
  readonly action: string;
  /** Where the action stands in several blocks. */
  readonly block?: string;
  /** The option that is chosen, or the text that is typed. */
  readonly chosen?: Chosen;
  /** What else stands in the fields around it. */
  readonly values?: Entered;
};

/** An entry of a message's menu, by the callback id that the app gave it. */
export type ShortcutUse = {
  readonly person?: string;
  readonly channel: string;
  readonly ts: string;
  readonly callbackId: string;
};

export type GestureParts = {
  readonly state: State;
  readonly deliver: Deliver;
  readonly urls: ResponseUrls;
  readonly triggers: Triggers;
  readonly nowMs: () => number;
  readonly onChange: () => void;
};

export const userNamed = (state: State, person: string): User => {
  const user = state.users.get(person);
  if (!user || user.isBot) throw new Error(`no person ${person}`);
  return user;
};

/** What every interaction tells (docs.slack.dev/reference/interaction-payloads). */
export const interaction = ({ state, triggers }: Pick<GestureParts, 'state' | 'triggers'>, person: string): Json => {
  const { id, name, teamId } = userNamed(state, person);
  return {
    user: { id, username: name, name, team_id: teamId },
    team: { id: ours.id, domain: ours.domain },
    api_app_id: appId,
    token: 'demo',
    enterprise: null,
    is_enterprise_install: false,
    trigger_id: triggers.make(person),
  };
};

/** A message that the person sees; it is a mistake of the caller where there is none. */
const seen = (
  state: State,
  person: string,
  wanted: string,
  ts: string,
): { readonly channel: Channel; readonly message: Message } => {
  const channel = channelNamed(state, wanted);
  const message = channel && isIn(state, person, channel) ? messageAt(state, channel.id, ts) : undefined;
  if (!channel || !message || (message.ephemeralFor !== null && message.ephemeralFor !== person))
    throw new Error(`${person} sees no message ${ts} in ${wanted}`);
  return { channel, message };
};

type Found = { readonly blocks: readonly Block[]; readonly around: Json };

/** The blocks of a place, and what an interaction tells of it; an ephemeral message is told by its id alone. */
const placeOf = ({ state, urls }: GestureParts, person: string, place: Place, values: Entered): Found => {
  if (typeof place === 'string') {
    const view = place === 'home' ? state.homes.get(person) : modalsOf(state, person).at(-1);
    if (!view) throw new Error(`${person} has no ${place} open`);
    return { blocks: view.blocks, around: { container: { type: 'view', view_id: view.id }, view: shownView(view, values) } };
  }
  const { channel, message } = seen(state, person, place.channel, place.ts);
  const blocks = withIds(message.blocks, message.ts);
  const isEphemeral = message.ephemeralFor !== null;
  return {
    blocks,
    around: {
      container: {
        type: 'message',
        message_ts: message.ts,
        channel_id: channel.id,
        is_ephemeral: isEphemeral,
        ...(message.threadTs === null ? {} : { thread_ts: message.threadTs }),
      },
      channel: { id: channel.id, name: channel.name },
      ...(isEphemeral ? {} : { message: shown(message, false) }),
      state: stateOf(blocks, values),
      response_url: urls.make({ channel: channel.id, person, original: message.ts }),
    },
  };
};

const seconds = (nowMs: number): string => `${Math.floor(nowMs / 1000)}.${String(nowMs % 1000).padStart(6, '0')}`;

/** An element that tells of a click: a field within an input block does so only where `dispatch_action` says it shall. */
const clickable = ({ blocks }: Found, { action, block, chosen }: Click) => {
  const found = elementAt(blocks, action, block);
  if (!found) throw new Error(`nothing there has the action_id ${action}${block === undefined ? '' : ` in the block ${block}`}`);
  const parent = blocks.find((one) => one['block_id'] === found.blockId);
  if (parent?.['type'] === 'input' && parent['dispatch_action'] !== true)
    throw new Error(
      `${action} stands in an input block without dispatch_action: nobody hears of it before the modal is submitted`,
    );
  if (!isOffered(found.element, chosen)) throw new Error(`${action} does not offer ${JSON.stringify(chosen)}`);
  return found;
};

const click = async (parts: GestureParts, given: Click): Promise<Heard> => {
  const { person = people.ada, chosen, values = {} } = given;
  userNamed(parts.state, person);
  const found = placeOf(parts, person, given.in, values);
  const { blockId, element } = clickable(found, given);
  const entered: Entered =
    chosen === undefined ? values : { ...values, [blockId]: { ...values[blockId], [String(element['action_id'])]: chosen } };
  const { around } = chosen === undefined ? found : placeOf(parts, person, given.in, entered);
  const action = {
    action_id: element['action_id'],
    block_id: blockId,
    ...actionOf(element, chosen),
    action_ts: seconds(parts.nowMs()),
  };
  return parts.deliver('interactive', { type: 'block_actions', ...interaction(parts, person), ...around, actions: [action] });
};

const shortcut = async (
  parts: GestureParts,
  { person = people.ada, channel: wanted, ts, callbackId }: ShortcutUse,
): Promise<Heard> => {
  const { state, deliver, urls, nowMs } = parts;
  const { channel, message } = seen(state, person, wanted, ts);
  if (!state.shortcuts.some((known) => known.callbackId === callbackId)) throw new Error(`no shortcut ${callbackId}`);
  if (message.ephemeralFor !== null) throw new Error('a message that only one person sees has no menu');
  return deliver('interactive', {
    type: 'message_action',
    callback_id: callbackId,
    ...interaction(parts, person),
    action_ts: seconds(nowMs()),
    channel: { id: channel.id, name: channel.name },
    message_ts: message.ts,
    message: shown(message, false),
    response_url: urls.make({ channel: channel.id, person, original: message.ts }),
  });
};

/** The event of an opened Home (docs.slack.dev/reference/events/app_home_opened). */
const openHome = async ({ state, deliver, nowMs, onChange }: GestureParts, person: string): Promise<Heard> => {
  const user = userNamed(state, person);
  if (user.teamId !== ours.id)
    throw new Error(`${user.name} has no Home here: another organisation's people see none of our apps`);
  const home = state.homes.get(person);
  const now = nowMs();
  const event = {
    type: 'app_home_opened',
    user: person,
    channel: openDirect(state, person).id,
    tab: 'home',
    ...(home ? { view: shownView(home) } : {}),
    event_ts: seconds(now),
  };
  onChange();
  return deliver('events_api', {
    type: 'event_callback',
    token: 'demo',
    team_id: ours.id,
    api_app_id: appId,
    event,
    event_id: `Ev${randomUUID().replaceAll('-', '').slice(0, 9).toUpperCase()}`,
    event_time: Math.floor(now / 1000),
    authorizations: [
      { enterprise_id: null, team_id: ours.id, user_id: state.botUserId, is_bot: true, is_enterprise_install: false },
    ],
    is_ext_shared_channel: false,
  });
};

/** Each resolves with what the app answered; a gesture that nobody could make throws. */
export const newGestures = (parts: GestureParts) => ({
  click: (given: Click) => click(parts, given),
  shortcut: (given: ShortcutUse) => shortcut(parts, given),
  openHome: (person: string) => openHome(parts, person),
});
