import { SourceError } from '../../domain/gathered.ts';
import type { Screen, View } from '../../domain/gesture.ts';
import type { Message } from '../../domain/message.ts';
import type { SlackCalls } from './calls.ts';
import type { Reach } from './inbox-gesture.ts';
import { asSourceError } from './screen-failure.ts';
import { respond } from './screen-respond.ts';

/** What screens are made with, whatever the gesture. */
type ScreenWorld = {
  readonly calls: SlackCalls;
  /** Proxy and CA aware. */
  readonly fetch: typeof globalThis.fetch;
  readonly apiUrl: string;
};

const cannot = (detail: string): SourceError => new SourceError('Slack', 'unsupported', detail);

const plainText = (text: string) => ({ type: 'plain_text', text, emoji: false });

/** A view as Slack takes it (docs.slack.dev/reference/views). */
const viewOf = (view: View): string =>
  JSON.stringify({
    type: view.type,
    ...(view.type === 'modal' ? { title: plainText(view.title ?? 'Edgewise') } : {}),
    ...(view.submit === undefined ? {} : { submit: plainText(view.submit) }),
    ...(view.close === undefined ? {} : { close: plainText(view.close) }),
    ...(view.callback === undefined ? {} : { callback_id: view.callback }),
    ...(view.context === undefined ? {} : { private_metadata: view.context }),
    blocks: view.blocks,
  });

/** Refused blocks are no reason to leave a person without an answer: once again as text alone. */
const orPlain = async (message: Message, send: (message: Message) => Promise<void>): Promise<void> => {
  try {
    await send(message);
  } catch (error) {
    if (!(error instanceof SourceError) || error.reason !== 'malformed' || message.blocks.length === 0) throw error;
    await send({ text: message.text, blocks: [] });
  }
};

const contentOf = ({ text, blocks }: Message) => ({ text, ...(blocks.length > 0 ? { blocks } : {}) });

const quietly = { unfurl_links: false, unfurl_media: false } as const;

/** Slack's methods, whose every failure is a `SourceError`. */
const calling =
  ({ calls }: ScreenWorld) =>
  async (method: string, given: Record<string, unknown>): Promise<Record<string, unknown>> => {
    try {
      return await calls.call(method, given);
    } catch (error) {
      throw asSourceError(error);
    }
  };

/** To the person's direct message: where a gesture has no conversation, it has no `response_url`. */
const sayDirectly = async (world: ScreenWorld, userId: string, message: Message): Promise<void> => {
  const call = calling(world);
  const { channel } = (await call('conversations.open', { users: userId })) as { readonly channel?: { readonly id?: string } };
  if (channel?.id === undefined) throw new SourceError('Slack', 'malformed', 'opened a direct message without an id');
  const to = channel.id;
  await orPlain(message, async ({ text, blocks }) => {
    const given = { text, ...(blocks.length > 0 ? { blocks: JSON.stringify(blocks) } : {}) };
    await call('chat.postMessage', { channel: to, ...given, ...quietly, parse: 'none', link_names: false });
  });
};

/** Where answers to one gesture go: its `response_url`, its modal, the person's Home or direct message. */
export const screenFor = (world: ScreenWorld, reach: Reach): Screen => {
  const { userId, responseUrl, triggerId, threadTs, viewId, isEphemeral } = reach;
  const call = calling(world);
  const thread = threadTs === null ? {} : { thread_ts: threadTs };
  return {
    say: async (message, shared = false) => {
      if (responseUrl === null) return sayDirectly(world, userId, message);
      const how = { response_type: shared ? 'in_channel' : 'ephemeral', replace_original: false, ...thread, ...quietly };
      await orPlain(message, (content) => respond(world, responseUrl, { ...how, ...contentOf(content) }));
    },
    replace: async (message) => {
      // Of a message that everybody sees it would take the place of the incident itself.
      if (responseUrl === null || !isEphemeral) throw cannot('replaces only a message that its reader alone sees');
      if (message === null) return respond(world, responseUrl, { delete_original: true });
      await orPlain(message, (content) =>
        respond(world, responseUrl, { replace_original: true, ...quietly, ...contentOf(content) }),
      );
    },
    open: async (view) => {
      if (triggerId === null) throw cannot('opens a modal only after a command, a click or a shortcut');
      // A modal that is open stays below: `views.open` is for the first of a stack (docs.slack.dev/surfaces/modals).
      const method = viewId === null ? 'views.open' : 'views.push';
      const { view: opened } = (await call(method, { trigger_id: triggerId, view: viewOf(view) })) as {
        readonly view?: { readonly id?: string };
      };
      if (opened?.id === undefined) throw new SourceError('Slack', 'malformed', 'opened a modal without an id');
      return opened.id;
    },
    update: async (wanted, view) => {
      const id = wanted ?? viewId;
      if (id === null) throw cannot('has no modal to update: this was not done in one');
      await call('views.update', { view_id: id, view: viewOf(view) });
    },
    publish: async (view) => {
      await call('views.publish', { user_id: userId, view: viewOf(view) });
    },
  };
};
