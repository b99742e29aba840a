/** What a workspace holds. Everything lives in memory: it is a stage, not an archive. */

export type Channel = {
  readonly id: string;
  name: string;
  readonly isPrivate: boolean;
  isArchived: boolean;
  isMember: boolean;
  /** The one person of a direct message; absent in a channel. */
  readonly directWith?: string;
};
type User = { readonly id: string; readonly name: string; readonly isBot: boolean };
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
  readonly botUserId: string;
  nextNumber: number;
};

const botUserId = 'U0EDGEWISE';
export const personId = 'U0ONCALL01';

const direct: Channel = {
  id: 'D00000001',
  name: 'directmessage',
  isPrivate: true,
  isArchived: false,
  isMember: true,
  directWith: personId,
};

export const newState = (channels: readonly string[]): State => ({
  channels: new Map<string, Channel>([
    ...channels.map((name, index): readonly [string, Channel] => {
      const id = `C0${String(index + 1).padStart(7, '0')}`;
      return [id, { id, name: name.replace(/^#/, ''), isPrivate: false, isArchived: false, isMember: index === 0 }];
    }),
    [direct.id, { ...direct }],
  ]),
  users: new Map([
    [botUserId, { id: botUserId, name: 'edgewise', isBot: true }],
    [personId, { id: personId, name: 'on-call', isBot: false }],
  ]),
  messages: [],
  files: new Map(),
  botUserId,
  nextNumber: 1,
});

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
