import type { OutboxPurpose } from '../../domain/incident.ts';
import type { Block, Message } from '../../domain/message.ts';
import type { Clock, OutboxItem } from '../../ports.ts';
import type { SlackCalls } from './calls.ts';
import { classify } from './classify.ts';
import { metadataOf } from './history-page.ts';
import { imageBlock, isProcessed, type PictureFile, sharePicture } from './pictures.ts';

/** Where a message went. */
export type Sent = {
  readonly channelId: string;
  readonly ts: string;
  /** It stands in place of the incident's root, which is gone: what comes later edits and answers this one. */
  readonly isNewRoot?: true;
};

export type DeliverOptions = {
  readonly calls: SlackCalls;
  readonly fetch: typeof globalThis.fetch;
  readonly clock: Clock;
  /** A public channel where the bot shares a picture first, so that a root may carry it inline; null: pictures go to the thread only. */
  readonly pictureChannel: () => Promise<string | null>;
  /** What may be told in a channel, where not everything may; null: everything. */
  readonly briefIn: (channelId: string) => Promise<Brief | null>;
};

/** A message as people of another organisation may read it, without its picture. */
type Brief = (message: Message, purpose: OutboxPurpose) => Message;

type Post = {
  readonly channel: string;
  readonly text: string;
  readonly blocks: readonly Block[];
  readonly threadTs: string | null;
  readonly broadcast: boolean;
  readonly key: string;
};

const maxText = 3900;

/** No links, names or previews of Slack's own making; an edit forgets what the post had said, so both say it. */
const asWritten = { parse: 'none', link_names: false } as const;

/** One section that says the text alone: what is left when Slack refuses the blocks. */
const plain = (text: string): readonly Block[] => [
  { type: 'section', text: { type: 'mrkdwn', text: text.slice(0, 2900) || '–', verbatim: true } },
];

const postOnce = async ({ calls }: DeliverOptions, message: Post, withMetadata = true): Promise<Sent> => {
  const answer = await calls.call('chat.postMessage', {
    channel: message.channel,
    text: message.text,
    ...(message.blocks.length > 0 ? { blocks: JSON.stringify(message.blocks) } : {}),
    ...(message.threadTs === null
      ? {}
      : { thread_ts: message.threadTs, ...(message.broadcast ? { reply_broadcast: true } : {}) }),
    ...(withMetadata ? { metadata: JSON.stringify(metadataOf(message.key)) } : {}),
    unfurl_links: false,
    unfurl_media: false,
    ...asWritten,
  });
  return { channelId: String(answer['channel'] ?? message.channel), ts: String(answer['ts']) };
};

/** What Slack does not like about a message itself: less of it may be taken. */
const isAboutMessage = (error: unknown): boolean =>
  ['bad-blocks', 'too-long', 'bad-metadata', 'bad-file'].includes(classify(error).kind);

/** chat.postMessage; refused blocks, lengths and metadata are taken back step by step, since a plain message beats none. */
const post = async (options: DeliverOptions, message: Post): Promise<Sent> => {
  try {
    return await postOnce(options, message);
  } catch (error) {
    if (!isAboutMessage(error)) throw error;
  }
  try {
    return await postOnce(options, { ...message, text: message.text.slice(0, maxText), blocks: plain(message.text) });
  } catch (error) {
    if (!isAboutMessage(error)) throw error;
  }
  return postOnce(options, { ...message, text: message.text.slice(0, 2900), blocks: [] }, false);
};

const edit = async ({ calls }: DeliverOptions, item: OutboxItem, channel: string, ts: string): Promise<Sent> => {
  const update = (text: string, blocks: readonly Block[]) =>
    calls.call('chat.update', { channel, ts, text, blocks: JSON.stringify(blocks), ...asWritten });
  try {
    await update(item.message.text.slice(0, maxText), item.message.blocks);
  } catch (error) {
    if (!['bad-blocks', 'too-long'].includes(classify(error).kind)) throw error;
    await update(item.message.text.slice(0, 2900), plain(item.message.text));
  }
  return { channelId: channel, ts };
};

/** Shares the picture into the thread, where everybody sees it: shared, it shows as soon as Slack has processed it. */
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

/** Text never waits longer than this for its picture. */
const inlineWithinMs = 1500;

/** The picture, shared in the picture channel and ready to be named in a block; null when it is not, for whatever reason. */
const inlineImage = async (options: DeliverOptions, picture: PictureFile): Promise<Block | null> => {
  try {
    const shared = await options.pictureChannel();
    if (shared === null) return null;
    const fileId = await sharePicture(options.calls, options.fetch, picture, { channel: shared, threadTs: null });
    const isReady = await isProcessed(options.calls, options.clock, fileId, [100, 200, 400]);
    return isReady ? imageBlock(fileId, picture.altText) : null;
  } catch {
    // The text must not fail for its picture.
    return null;
  }
};

/** A new root; its picture stands inline when it is ready in time, else in the thread: an edit never adds an image. */
const newRoot = async (options: DeliverOptions, item: OutboxItem, channel: string): Promise<Sent> => {
  const { text, blocks } = item.message;
  const bare = { channel, text, blocks, threadTs: null, broadcast: false, key: item.key };
  const { picture } = item;
  if (picture === null) return post(options, bare);
  const image = await Promise.race([inlineImage(options, picture), options.clock.sleep(inlineWithinMs).then(() => null)]);
  if (image !== null) {
    try {
      return await postOnce(options, { ...bare, blocks: [...blocks, image] });
    } catch (error) {
      if (!isAboutMessage(error)) throw error;
    }
  }
  const sent = await post(options, bare);
  await sharePicture(options.calls, options.fetch, picture, { channel: sent.channelId, threadTs: sent.ts }).catch(
    () => undefined,
  );
  return sent;
};

/** The item as those may read it who read along in its channel. */
const readable = async ({ briefIn }: DeliverOptions, item: OutboxItem, channel: string): Promise<OutboxItem> => {
  const brief = await briefIn(channel);
  return brief === null ? item : { ...item, message: brief(item.message, item.purpose), picture: null };
};

/** Brings one message to Slack. Throws what the Web API threw. */
export const deliver = async (options: DeliverOptions, told: OutboxItem, channel: string): Promise<Sent> => {
  const item = await readable(options, told, channel);
  // A picture is nothing but figures: where they are kept, there is nothing left to send.
  if (told.picture !== null && told.purpose === 'picture' && item.picture === null)
    return { channelId: channel, ts: item.rootTs ?? '' };
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
export const noteInThread = async (options: DeliverOptions, told: OutboxItem, channel: string): Promise<Sent> => {
  const { message, rootTs, key } = await readable(options, told, channel);
  return post(options, { channel, text: message.text, blocks: message.blocks, threadTs: rootTs, broadcast: false, key });
};

/** In place of a root that is gone: what cannot be told as an edit or in a thread stands in the channel itself. */
export const inPlaceOfRoot = async (options: DeliverOptions, told: OutboxItem, channel: string): Promise<Sent> => {
  const { message, key } = await readable(options, told, channel);
  const { text, blocks } = message;
  return { ...(await post(options, { channel, text, blocks, threadTs: null, broadcast: false, key })), isNewRoot: true };
};
