import type {
  BlockAction,
  EnvelopedEvent,
  MessageShortcut,
  SlashCommand,
  ViewOutput,
  ViewStateValue,
  ViewSubmitAction,
} from '@slack/bolt';
import type { AppHomeOpenedEvent } from '@slack/types';
import type { FormValues, Gesture, Person } from '../../domain/gesture.ts';

/** Where answers to one gesture can go. `responseUrl` and `triggerId` are keys of a sort: they never reach a log. */
export type Reach = {
  readonly userId: string;
  readonly responseUrl: string | null;
  readonly triggerId: string | null;
  /** The thread it was done in; null at the top of a conversation, and outside of one. */
  readonly threadTs: string | null;
  /** The modal it was done in. */
  readonly viewId: string | null;
  readonly isEphemeral: boolean;
};

/** A gesture as it came; `ids` are the names that a second delivery of it would have too. */
export type Received = {
  readonly gesture: Gesture;
  readonly reach: Reach;
  readonly ids: readonly string[];
  /** A field of the submitted modal, where an error can stand. */
  readonly field?: string;
};

const entities: Readonly<Record<string, string>> = { '&amp;': '&', '&lt;': '<', '&gt;': '>' };

/** What was typed: Slack escapes three characters, and makes `<address|text>` of what looks like a host, a person or a channel. */
export const asTyped = (text: string): string =>
  text
    .replace(/<[^<>|]*\|([^<>]*)>/g, '$1')
    .replace(/<((?:https?:\/\/|mailto:|[@#])[^<>|]*)>/g, '$1')
    .replace(/&(?:amp|lt|gt);/g, (entity) => entities[entity] ?? entity)
    .trim();

/** What is chosen or typed in an element, whatever its kind (docs.slack.dev/reference/views, "state.values"). */
const chosen = (element: Partial<ViewStateValue>): string | readonly string[] | null => {
  const several =
    element.selected_options?.map(({ value }) => value) ??
    element.selected_users ??
    element.selected_channels ??
    element.selected_conversations ??
    element.files?.map(({ id }) => id);
  if (several !== undefined) return several;
  if (typeof element.selected_date_time === 'number') return String(element.selected_date_time);
  return (
    element.selected_option?.value ??
    element.selected_user ??
    element.selected_channel ??
    element.selected_conversation ??
    element.selected_date ??
    element.selected_time ??
    element.value ??
    null
  );
};

/** By block id; of a block that holds several elements each stands under its action id. */
const valuesOf = ({ state }: Pick<ViewOutput, 'state'>): FormValues =>
  Object.fromEntries(
    Object.entries(state?.values ?? {}).flatMap(([blockId, elements]) => {
      const inBlock = Object.entries(elements);
      return inBlock.map(([actionId, element]) => [inBlock.length === 1 ? blockId : actionId, chosen(element)]);
    }),
  );

/** In a conversation shared with another organisation everybody's own workspace is told apart; where Slack does not say it, nobody is ours. */
const personOf = (userId: string, teamId: string | undefined, channelId: string | null, ourTeamId: string): Person => ({
  userId,
  teamId: teamId ?? '',
  isStranger: ourTeamId === '' || teamId !== ourTeamId,
  channelId,
});

const nowhere = { responseUrl: null, triggerId: null, threadTs: null, viewId: null, isEphemeral: false } as const;

/** Only names that are there: an absent one must not make two gestures one. */
const named = (kind: string, id: string | undefined): readonly string[] => (id ? [`${kind}:${id}`] : []);

/** A reply's thread; a message that begins a thread stands at the top itself, and answers to it belong there. */
const threadOf = (threadTs: unknown, messageTs: unknown): string | null =>
  typeof threadTs === 'string' && threadTs !== messageTs ? threadTs : null;

/** `/mesh …`. Its team is that of the person who types it. */
export const commandIn = (body: SlashCommand, ourTeamId: string): Received => ({
  gesture: {
    kind: 'command',
    person: personOf(body.user_id, body.team_id, body.channel_id, ourTeamId),
    text: asTyped(body.text ?? ''),
  },
  reach: { ...nowhere, userId: body.user_id, responseUrl: body.response_url, triggerId: body.trigger_id },
  ids: named('trigger', body.trigger_id),
});

/** A button or a choice; several choices of one element come as one value, by comma. */
export const clickIn = (body: BlockAction, ourTeamId: string): Received => {
  const { user, view, container, message, trigger_id: triggerId } = body;
  const [action] = body.actions;
  const messageTs: unknown = container?.['message_ts'] ?? message?.ts ?? null;
  const isEphemeral = container?.['is_ephemeral'] === true;
  const isModal = view?.type === 'modal';
  const value = action === undefined ? null : chosen(action as Partial<ViewStateValue>);
  return {
    gesture: {
      kind: 'click',
      person: personOf(user.id, user.team_id, body.channel?.id ?? null, ourTeamId),
      action: action?.action_id ?? '',
      value: value === null || typeof value === 'string' ? (value ?? '') : value.join(','),
      messageTs: typeof messageTs === 'string' ? messageTs : null,
      isEphemeral,
      form: isModal ? { callback: view.callback_id, context: view.private_metadata, values: valuesOf(view) } : null,
    },
    reach: {
      userId: user.id,
      responseUrl: view === undefined ? (body.response_url ?? null) : null,
      triggerId: triggerId ?? null,
      threadTs: threadOf(container?.['thread_ts'] ?? message?.['thread_ts'], messageTs),
      viewId: isModal ? view.id : null,
      isEphemeral,
    },
    ids: named('trigger', triggerId),
  };
};

/** Slack shows errors at input blocks alone. */
const fieldOf = ({ blocks }: ViewOutput): { readonly field?: string } => {
  const id = blocks?.find(({ type }) => type === 'input')?.block_id;
  return id === undefined ? {} : { field: id };
};

/** A modal was sent. */
export const submitIn = (body: ViewSubmitAction, ourTeamId: string): Received => ({
  gesture: {
    kind: 'submit',
    person: personOf(body.user.id, body.user.team_id, null, ourTeamId),
    callback: body.view.callback_id,
    context: body.view.private_metadata,
    values: valuesOf(body.view),
  },
  reach: { ...nowhere, userId: body.user.id, triggerId: body.trigger_id ?? null, viewId: body.view.id },
  ids: named('trigger', body.trigger_id),
  ...fieldOf(body.view),
});

/** The Home was opened; null: another tab of it was. */
export const homeIn = (body: EnvelopedEvent<AppHomeOpenedEvent>, ourTeamId: string): Received | null => {
  const { event } = body;
  if (event.tab !== 'home') return null;
  const { user_team: theirs } = event as { readonly user_team?: string };
  const teamId = theirs ?? (body.is_ext_shared_channel === true ? undefined : body.team_id);
  return {
    gesture: { kind: 'home', person: personOf(event.user, teamId, null, ourTeamId) },
    reach: { ...nowhere, userId: event.user },
    ids: named('event', body.event_id),
  };
};

/** From the menu of a message. */
export const shortcutIn = (body: MessageShortcut, ourTeamId: string): Received => {
  const messageTs = body.message?.ts ?? body.message_ts;
  const threadTs: unknown = body.message?.['thread_ts'];
  return {
    gesture: {
      kind: 'shortcut',
      person: personOf(body.user.id, body.user.team_id, body.channel?.id ?? null, ourTeamId),
      callback: body.callback_id,
      messageTs,
      threadTs: typeof threadTs === 'string' ? threadTs : null,
    },
    reach: {
      ...nowhere,
      userId: body.user.id,
      responseUrl: body.response_url,
      triggerId: body.trigger_id,
      threadTs: threadOf(threadTs, messageTs),
    },
    ids: named('trigger', body.trigger_id),
  };
};
