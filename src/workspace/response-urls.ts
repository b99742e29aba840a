import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { blockProblems } from './block-rules.ts';
import { failed } from './methods/call.ts';
import { addMessage, type Block, fileState, type Message, messageAt, removeMessage, type State } from './state.ts';
import { bodyOf, send } from './wire.ts';

/** What a person is answered. */
export type Reply = { readonly text: string; readonly blocks: readonly Block[] };

/** What a `response_url` is made for: the person, and the message that was clicked where there is one. */
type Purpose = {
  readonly channel: string;
  readonly person: string;
  readonly original: string | null;
  /** Hears every answer. */
  readonly onReply?: (reply: Reply) => void;
};
type Url = Purpose & { uses: number; readonly sinceMs: number };

/** Five uses within half an hour (docs.slack.dev/interactivity/handling-user-interaction, "Message responses"). */
const usesOfUrl = 5;
const lifeOfUrlMs = 1_800_000;

type Body = Readonly<Record<string, unknown>>;

const bodyObject = (text: string): Body | null => {
  try {
    const read = JSON.parse(text) as unknown;
    return typeof read === 'object' && read !== null ? (read as Body) : null;
  } catch {
    return null;
  }
};

/** The message in an answer; null when it holds neither text nor blocks. A text alone may stand for the whole. */
export const replyOf = (answer: unknown): Reply | null => {
  if (typeof answer === 'string') return answer === '' ? null : { text: answer, blocks: [] };
  if (typeof answer !== 'object' || answer === null) return null;
  const { text, blocks } = answer as { readonly text?: unknown; readonly blocks?: unknown };
  const reply = {
    text: typeof text === 'string' ? text : '',
    blocks: (Array.isArray(blocks) ? blocks : []) as readonly Block[],
  };
  return reply.text === '' && reply.blocks.length === 0 ? null : reply;
};

/** Whether only its person sees what an answer says: so it is unless it says otherwise. */
export const audienceOf = (answer: unknown, person: string): string | null =>
  (answer as { readonly response_type?: unknown } | null)?.response_type === 'in_channel' ? null : person;

type ResponseUrlOptions = {
  readonly state: State;
  readonly base: () => string;
  readonly nowMs: () => number;
  readonly onChange: () => void;
};

/** The message that an answer may stand in place of: the bot's own one that was clicked. */
const originalOf = (state: State, { channel, original }: Url): Message | undefined => {
  const message = original === null ? undefined : messageAt(state, channel, original);
  return message?.user === state.botUserId ? message : undefined;
};

/** Addresses where answers go that need no token: every command, click and shortcut brings one. */
export const responseUrls = ({ state, base, nowMs, onChange }: ResponseUrlOptions) => {
  const urls = new Map<string, Url>();

  const tell = (url: Url, body: Body, reply: Reply): void => {
    const message = originalOf(state, url);
    if (message && body['replace_original'] === true) Object.assign(message, reply);
    else {
      const thread = typeof body['thread_ts'] === 'string' ? body['thread_ts'] : null;
      addMessage(state, nowMs(), {
        channel: url.channel,
        ...reply,
        threadTs: thread,
        ephemeralFor: audienceOf(body, url.person),
      });
    }
    onChange();
    url.onReply?.(reply);
  };

  return {
    make: (purpose: Purpose): string => {
      const id = randomUUID();
      urls.set(id, { ...purpose, uses: 0, sinceMs: nowMs() });
      return `${base()}/respond/${id}`;
    },
    /** What the app posts to a `response_url`. */
    respond: async (id: string, request: IncomingMessage, response: ServerResponse): Promise<void> => {
      const body = bodyObject((await bodyOf(request)).toString());
      const url = urls.get(id);
      if (!url) return send(response, failed('expired_url'), 404);
      if (url.uses >= usesOfUrl || nowMs() - url.sinceMs > lifeOfUrlMs) return send(response, failed('used_url'), 404);
      const original = originalOf(state, url);
      if (body?.['delete_original'] === true) {
        if (!original) return send(response, failed('no_original'), 404);
        url.uses += 1;
        removeMessage(state, original);
        onChange();
        return send(response, { ok: true });
      }
      const reply = replyOf(body);
      if (reply === null || body === null) return send(response, failed('no_text'), 400);
      if (blockProblems(reply.blocks, (file) => fileState(state, file, nowMs())).length > 0)
        return send(response, failed('invalid_blocks'), 400);
      url.uses += 1;
      tell(url, body, reply);
      send(response, { ok: true });
    },
  };
};

export type ResponseUrls = ReturnType<typeof responseUrls>;
