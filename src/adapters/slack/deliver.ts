import type { Block } from '../../domain/message.ts';
import type { Clock, OutboxItem } from '../../ports.ts';
import type { SlackCalls } from './calls.ts';
import { classify } from './classify.ts';
import { imageBlock, isProcessed, sharePicture } from './pictures.ts';
import { metadataOf } from './reconcile.ts';

/** Where a message went. */
export type Sent = { readonly channelId: string; readonly ts: string };

export type DeliverOptions = {
  readonly calls: SlackCalls;
  readonly fetch: typeof globalThis.fetch;
  readonly clock: Clock;
  /** A public channel where the bot shares a picture first, so that a root may carry it inline; null: pictures go to the thread only. */
  readonly pictureChannel: string | null;
};

type Post = {
  readonly channel: string;
  readonly text: string;
  readonly blocks: readonly Block[];
  readonly threadTs: string | null;
  readonly broadcast: boolean;
  readonly key: string;
};

const maxText = 3900;

/** One section that says the text alone: what is left when Slack refuses the blocks. */
const plain = (text: string): readonly Block[] => [
  { type: 'section', text: { type: 'mrkdwn', text: text.slice(0, 2900) || '–', verbatim: true } },
];

/** chat.postMessage; refused blocks, lengths and metadata are taken back step by step, since a plain message beats none. */
const post = async ({ calls }: DeliverOptions, message: Post): Promise<Sent> => {
  const send = (text: string, blocks: readonly Block[], withMetadata: boolean) =>
    calls.call('chat.postMessage', {
      channel: message.channel,
      text,
      ...(blocks.length > 0 ? { blocks: JSON.stringify(blocks) } : {}),
      ...(message.threadTs === null
        ? {}
        : { thread_ts: message.threadTs, ...(message.broadcast ? { reply_broadcast: true } : {}) }),
      ...(withMetadata ? { metadata: JSON.stringify(metadataOf(message.key)) } : {}),
      unfurl_links: false,
      unfurl_media: false,
      link_names: false,
    });
  const steps = [
    () => send(message.text, message.blocks, true),
    () => send(message.text.slice(0, maxText), plain(message.text), true),
    () => send(message.text.slice(0, 2900), [], false),
  ];
  for (const [index, step] of steps.entries()) {
    try {
      const answer = await step();
      return { channelId: String(answer['channel'] ?? message.channel), ts: String(answer['ts']) };
    } catch (error) {
      const { kind } = classify(error);
      if (index === steps.length - 1 || !['bad-blocks', 'too-long', 'bad-metadata', 'bad-file'].includes(kind)) throw error;
    }
  }
  throw new Error('unreachable');
};

const edit = async ({ calls }: DeliverOptions, item: OutboxItem, channel: string, ts: string): Promise<Sent> => {
  const update = (text: string, blocks: readonly Block[]) =>
    calls.call('chat.update', { channel, ts, text, blocks: JSON.stringify(blocks) });
  try {
    await update(item.message.text.slice(0, maxText), item.message.blocks);
  } catch (error) {
    if (!['bad-blocks', 'too-long'].includes(classify(error).kind)) throw error;
    await update(item.message.text.slice(0, 2900), plain(item.message.text));
  }
  return { channelId: channel, ts };
};

/** Shares the picture into the thread, where everybody sees it; a message with the image and its numbers follows when Slack has processed it. */
const pictureInThread = async (options: DeliverOptions, item: OutboxItem, channel: string, threadTs: string): Promise<Sent> => {
  if (item.picture === null)
    return post(options, {
      channel,
      text: item.message.text,
      blocks: item.message.blocks,
      threadTs,
      broadcast: false,
      key: item.key,
    });
  await sharePicture(options.calls, options.fetch, item.picture, { channel, threadTs });
  return { channelId: channel, ts: threadTs };
};

/** A new root; with a picture channel its image stands inline when it is ready, and is left out when it is not. */
const newRoot = async (options: DeliverOptions, item: OutboxItem, channel: string): Promise<Sent> => {
  const bare = { channel, text: item.message.text, blocks: item.message.blocks, threadTs: null, broadcast: false, key: item.key };
  if (item.picture === null || options.pictureChannel === null) return post(options, bare);
  try {
    const fileId = await sharePicture(options.calls, options.fetch, item.picture, {
      channel: options.pictureChannel,
      threadTs: null,
    });
    if (!(await isProcessed(options.calls, options.clock, fileId, [100, 200, 400]))) return await post(options, bare);
    return await post(options, { ...bare, blocks: [...item.message.blocks, imageBlock(fileId, item.picture.altText)] });
  } catch (error) {
    // The text must not fail for its picture; but what may have been posted must not be posted again.
    if (classify(error).kind === 'unknown') throw error;
    return post(options, bare);
  }
};

/** Brings one message to Slack. Throws what the Web API threw. */
export const deliver = (options: DeliverOptions, item: OutboxItem, channel: string): Promise<Sent> => {
  if (item.purpose === 'root') return newRoot(options, item, channel);
  const rootTs = item.rootTs ?? '';
  if (item.purpose === 'edit' || item.purpose === 'resolution') return edit(options, item, channel, rootTs);
  if (item.purpose === 'picture') return pictureInThread(options, item, channel, rootTs);
  return post(options, {
    channel,
    text: item.message.text,
    blocks: item.message.blocks,
    threadTs: rootTs,
    broadcast: item.broadcast,
    key: item.key,
  });
};

/** The edit of a root that can no longer be edited, told in its thread. */
export const noteInThread = (options: DeliverOptions, item: OutboxItem, channel: string): Promise<Sent> =>
  post(options, {
    channel,
    text: item.message.text,
    blocks: item.message.blocks,
    threadTs: item.rootTs,
    broadcast: false,
    key: item.key,
  });
