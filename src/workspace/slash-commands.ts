import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { blockProblems } from './block-rules.ts';
import { failed } from './methods/call.ts';
import type { SocketHub } from './socket-hub.ts';
import { addMessage, type Block, channelNamed, fileState, personId, type State } from './state.ts';
import { bodyOf, escapedText, send } from './wire.ts';

/** What a person is answered. */
export type CommandReply = { readonly text: string; readonly blocks: readonly Block[] };

type Waiting = {
  readonly resolve: (reply: CommandReply) => void;
  uses: number;
  readonly channel: string;
  readonly sinceMs: number;
};

type SlashCommandOptions = {
  readonly state: State;
  readonly hub: SocketHub;
  readonly base: () => string;
  readonly onChange: () => void;
  readonly nowMs: () => number;
};

/** A `response_url` may be used five times within half an hour. */
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
const replyOf = (answer: unknown): CommandReply | null => {
  if (typeof answer === 'string') return answer === '' ? null : { text: answer, blocks: [] };
  if (typeof answer !== 'object' || answer === null) return null;
  const { text, blocks } = answer as { readonly text?: unknown; readonly blocks?: unknown };
  const reply = {
    text: typeof text === 'string' ? text : '',
    blocks: (Array.isArray(blocks) ? blocks : []) as readonly Block[],
  };
  return reply.text === '' && reply.blocks.length === 0 ? null : reply;
};

/** What Slack sends for a command. */
const payloadOf = (id: string, channelId: string, channelName: string, text: string, base: string) => {
  const [, word = '/mesh', rest = ''] = /^(\S+)\s*([\s\S]*)$/.exec(text.trim()) ?? [];
  return {
    token: 'demo',
    team_id: 'T0DEMO0001',
    channel_id: channelId,
    channel_name: channelName,
    user_id: personId,
    user_name: 'on-call',
    command: word,
    text: escapedText(rest),
    api_app_id: 'A0EDGEWISE',
    response_url: `${base}/respond/${id}`,
    trigger_id: id,
  };
};

/** Slash commands: typed by the one person of the workspace, delivered by Socket Mode, answered at a `response_url`. */
export const slashCommands = ({ state, hub, base, onChange, nowMs }: SlashCommandOptions) => {
  const waiting = new Map<string, Waiting>();

  return {
    /** Types a command; resolves with the first answer. */
    type: async (text: string, channelName: string): Promise<CommandReply> => {
      const channel = channelNamed(state, channelName);
      if (!channel) throw new Error(`no channel ${channelName}`);
      const id = randomUUID();
      const answered = new Promise<CommandReply>((resolve) =>
        waiting.set(id, { resolve, uses: 0, channel: channel.id, sinceMs: nowMs() }),
      );
      const payload = payloadOf(id, channel.id, channel.name, text, base());
      const ack = await hub.deliver('slash_commands', payload);
      if (ack !== null) {
        const inAck = replyOf(ack.payload);
        if (inAck === null) return answered;
        waiting.get(id)?.resolve(inAck);
        addMessage(state, nowMs(), { channel: channel.id, ...inAck, ephemeralFor: personId });
        onChange();
        return answered;
      }
      const why = `${payload.command} failed with the error "dispatch_failed": the app did not answer within 3 seconds`;
      addMessage(state, nowMs(), { channel: channel.id, user: 'USLACKBOT', text: why, ephemeralFor: personId });
      onChange();
      return { text: why, blocks: [] };
    },
    /** What the app posts to a `response_url`. */
    respond: async (id: string, request: IncomingMessage, response: ServerResponse): Promise<void> => {
      const body = bodyObject((await bodyOf(request)).toString());
      const asked = waiting.get(id);
      if (!asked) return send(response, failed('expired_url'), 404);
      if (asked.uses >= usesOfUrl || nowMs() - asked.sinceMs > lifeOfUrlMs) return send(response, failed('used_url'), 404);
      const reply = replyOf(body);
      if (reply === null) return send(response, failed('no_text'), 400);
      if (blockProblems(reply.blocks, (file) => fileState(state, file, nowMs())).length > 0)
        return send(response, failed('invalid_blocks'), 400);
      asked.uses += 1;
      const ephemeralFor = body?.['response_type'] === 'in_channel' ? null : personId;
      addMessage(state, nowMs(), { channel: asked.channel, ...reply, ephemeralFor });
      onChange();
      asked.resolve(reply);
      send(response, { ok: true });
    },
  };
};
