/** What a workspace holds. Everything lives in memory: it is a stage, not an archive. */
export type { User } from './people.ts';

import { botUserId, type Group, groups, ours, people, type User, users } from './people.ts';

export type Channel = {
  readonly id: string;
  name: string;
  readonly isPrivate: boolean;
  isArchived: boolean;
  isMember: boolean;
  /** Another organisation is in it too (Slack Connect). */
  readonly isShared: boolean;
  /** The one person of a direct message; absent in a channel. */
  readonly directWith?: string;
};
export type Block = Readonly<Record<string, unknown>>;
export type Message = {
  readonly channel: string;
  readonly ts: string;
  readonly user: string;
  text: string;
  blocks: readonly Block[];
  readonly threadTs: string | null;
  readonly isBroadcast: boolean;
  metadata: unknown;
  isEdited: boolean;
  /** Images that an edit added: Slack shows them broken. */
  brokenImages: readonly string[];
  readonly files: readonly string[];
  /** Seen by one person only, and gone on reload. */
  readonly ephemeralFor: string | null;
};
/** A modal that a person has open, or their Home. Its blocks have ids, given or made. */
export type OpenView = {
  readonly id: string;
  readonly person: string;
  readonly type: 'modal' | 'home';
  given: Readonly<Record<string, unknown>>;
  blocks: readonly Block[];
  hash: string;
  readonly rootId: string;
  readonly previousId: string | null;
};
/** An entry in the menu of a message (docs.slack.dev/interactivity/implementing-shortcuts). */
export type Shortcut = { readonly name: string; readonly callbackId: string };
type StoredFile = {
  readonly id: string;
  readonly name: string;
  title: string;
  bytes: Uint8Array;
  state: 'waiting' | 'processing' | 'ready';
  readyAtMs: number;
  shares: string[];
};

export type State = {
  readonly channels: Map<string, Channel>;
  readonly users: Map<string, User>;
  readonly messages: Message[];
  readonly files: Map<string, StoredFile>;
  readonly groups: readonly Group[];
  readonly shortcuts: readonly Shortcut[];
  /** The modals of each person, the one on top last. */
  readonly modals: Map<string, readonly OpenView[]>;
  readonly homes: Map<string, OpenView>;
  readonly botUserId: string;
  nextNumber: number;
};

const directOf = (id: string, person: string): Channel => ({
  id,
  name: 'directmessage',
  isPrivate: true,
  isArchived: false,
  isMember: true,
  isShared: false,
  directWith: person,
});

type Named = {
  readonly channels: readonly string[];
  readonly shared: readonly string[];
  readonly shortcuts: readonly Shortcut[];
};

const channelsOf = ({ channels, shared }: Named): readonly Channel[] =>
  channels.map((name, index) => ({
    id: `C0${String(index + 1).padStart(7, '0')}`,
    name: name.replace(/^#/, ''),
    isPrivate: false,
    isArchived: false,
    isMember: index === 0,
    isShared: shared.includes(name),
  }));

export const newState = (named: Named): State => ({
  channels: new Map(
    [...channelsOf(named), directOf('D00000001', people.ada), directOf('D00000002', people.bo)].map((channel) => [
      channel.id,
      channel,
    ]),
  ),
  users: new Map(users.map((user) => [user.id, user])),
  messages: [],
  files: new Map(),
  groups,
  shortcuts: named.shortcuts,
  modals: new Map(),
  homes: new Map(),
  botUserId,
  nextNumber: 1,
});

/** Opens the direct message between a person and the bot, or finds it. */
export const openDirect = (state: State, person: string): Channel => {
  const known = channelNamed(state, person);
  if (known) return known;
  const made = directOf(nextId(state, 'D'), person);
  state.channels.set(made.id, made);
  return made;
};

/** People of ours are everywhere but in others' direct messages; others only where a channel is shared with them. */
export const isIn = (state: State, person: string, channel: Channel): boolean => {
  const user = state.users.get(person);
  if (user === undefined) return false;
  if (channel.directWith !== undefined) return channel.directWith === person || user.isBot;
  return user.teamId === ours.id || channel.isShared;
};

/** Slack's message id: seconds with six digits, unique and rising. */
const nextTs = (state: State, nowMs: number): string => {
  state.nextNumber += 1;
  return `${Math.floor(nowMs / 1000)}.${String(state.nextNumber).padStart(6, '0')}`;
};

export const nextId = (state: State, prefix: string): string => {
  state.nextNumber += 1;
  return `${prefix}0${String(state.nextNumber).padStart(8, '0')}`;
};

/** Puts a message into a channel; what is not given is as in a plain message of the bot. */
export const addMessage = (
  state: State,
  nowMs: number,
  given: Pick<Message, 'channel'> & Partial<Omit<Message, 'channel' | 'ts'>>,
): Message => {
  const message: Message = {
    user: state.botUserId,
    text: '',
    blocks: [],
    threadTs: null,
    isBroadcast: false,
    metadata: undefined,
    isEdited: false,
    brokenImages: [],
    files: [],
    ephemeralFor: null,
    ...given,
    ts: nextTs(state, nowMs),
  };
  state.messages.push(message);
  return message;
};

/** By id or name; a person's id is their direct message. */
export const channelNamed = (state: State, wanted: string): Channel | undefined =>
  state.channels.get(wanted) ??
  [...state.channels.values()].find(({ name, directWith }) =>
    directWith === undefined ? name === wanted.replace(/^#/, '') : directWith === wanted,
  );

export const messageAt = (state: State, channel: string, ts: string): Message | undefined =>
  state.messages.find((message) => message.channel === channel && message.ts === ts);

/** A file can be named in a block once it is processed. */
export const fileState = (state: State, id: string, nowMs: number): 'ready' | 'processing' | 'missing' => {
  const file = state.files.get(id);
  if (!file || file.state === 'waiting') return 'missing';
  return nowMs >= file.readyAtMs ? 'ready' : 'processing';
};

/** Takes a message away; its replies stay, as they do in Slack. */
export const removeMessage = (state: State, message: Message): void => {
  const at = state.messages.indexOf(message);
  if (at >= 0) state.messages.splice(at, 1);
};
