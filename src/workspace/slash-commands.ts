import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { failed } from './methods/call.ts';
import type { SocketHub } from './socket-hub.ts';
import { addMessage, type Block, channelNamed, personId, type State } from './state.ts';
import { bodyOf, send } from './wire.ts';

/** What a person is answered. */
export type CommandReply = { readonly text: string; readonly blocks: readonly Block[] };

type Waiting = { readonly resolve: (reply: CommandReply) => void; uses: number; readonly channel: string };

export type SlashCommandOptions = {
  readonly state: State;
  readonly hub: SocketHub;
  readonly base: () => string;
  readonly onChange: () => void;
  readonly nowMs: () => number;
};

/** A `response_url` may be used five times. */
const usesOfUrl = 5;

/** Slash commands: typed by the one person of the workspace, delivered by Socket Mode, answered at a `response_url`. */
export const slashCommands = ({ state, hub, base, onChange, nowMs }: SlashCommandOptions) => {
  const waiting = new Map<string, Waiting>();

  const payloadOf = (id: string, channelId: string, channelName: string, text: string) => {
    const [word = '/mesh', ...rest] = text.split(/\s+/);
    return {
      token: 'demo',
      team_id: 'T0DEMO0001',
      channel_id: channelId,
      channel_name: channelName,
      user_id: personId,
      user_name: 'on-call',
      command: word,
      text: rest.join(' ').replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'),
      api_app_id: 'A0EDGEWISE',
      response_url: `${base()}/respond/${id}`,
      trigger_id: id,
    };
  };

  return {
    /** Types a command; resolves with the first answer. */
    type: async (text: string, channelName: string): Promise<CommandReply> => {
      const channel = channelNamed(state, channelName);
      if (!channel) throw new Error(`no channel ${channelName}`);
      const id = randomUUID();
      const answered = new Promise<CommandReply>((resolve) => waiting.set(id, { resolve, uses: 0, channel: channel.id }));
      const payload = payloadOf(id, channel.id, channel.name, text);
      if (await hub.deliver('slash_commands', payload)) return answered;
      const why = `${payload.command} failed with the error "dispatch_failed": the app did not answer within 3 seconds`;
      addMessage(state, nowMs(), { channel: channel.id, user: 'USLACKBOT', text: why, ephemeralFor: personId });
      onChange();
      return { text: why, blocks: [] };
    },
    /** What the app posts to a `response_url`. */
    respond: async (id: string, request: IncomingMessage, response: ServerResponse): Promise<void> => {
      const body = JSON.parse((await bodyOf(request)).toString()) as Partial<CommandReply> & { readonly response_type?: string };
      const asked = waiting.get(id);
      if (!asked || asked.uses >= usesOfUrl) return send(response, failed('used_url'), 404);
      asked.uses += 1;
      const reply = { text: body.text ?? '', blocks: body.blocks ?? [] };
      const ephemeralFor = body.response_type === 'in_channel' ? null : personId;
      addMessage(state, nowMs(), { channel: asked.channel, ...reply, ephemeralFor });
      onChange();
      asked.resolve(reply);
      send(response, { ok: true });
    },
  };
};
