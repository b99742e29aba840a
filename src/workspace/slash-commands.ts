import type { Deliver } from './delivery.ts';
import { appId, ours } from './people.ts';
import { audienceOf, type Reply, type ResponseUrls, replyOf } from './response-urls.ts';
import { addMessage, type Channel, channelNamed, type State, type User } from './state.ts';
import type { Triggers } from './triggers.ts';
import { escapedText } from './wire.ts';

type SlashCommandOptions = {
  readonly state: State;
  readonly deliver: Deliver;
  readonly urls: ResponseUrls;
  readonly triggers: Triggers;
  readonly onChange: () => void;
  readonly nowMs: () => number;
};

/** What Slack sends for a command (docs.slack.dev/interactivity/implementing-slash-commands). */
const payloadOf = (
  user: User,
  channel: Channel,
  text: string,
  ids: { readonly response_url: string; readonly trigger_id: string },
) => {
  const [, word = '/mesh', rest = ''] = /^(\S+)\s*([\s\S]*)$/.exec(text.trim()) ?? [];
  return {
    token: 'demo',
    team_id: ours.id,
    team_domain: ours.domain,
    channel_id: channel.id,
    channel_name: channel.name,
    user_id: user.id,
    user_name: user.name,
    command: word,
    text: escapedText(rest),
    api_app_id: appId,
    is_enterprise_install: 'false',
    ...ids,
  };
};

const reasons = {
  dispatch_failed: 'the app could not be reached',
  operation_timeout: 'the app did not answer within 3 seconds',
} as const;

/** Slash commands: typed by a person, answered at a `response_url` or with the acknowledgement. */
export const slashCommands = ({ state, deliver, urls, triggers, onChange, nowMs }: SlashCommandOptions) => ({
  /** Types a command; resolves with the first answer. */
  type: async (text: string, channelName: string, person: string): Promise<Reply> => {
    const [channel, user] = [channelNamed(state, channelName), state.users.get(person)];
    if (!channel) throw new Error(`no channel ${channelName}`);
    if (!user) throw new Error(`no person ${person}`);
    const { promise: answered, resolve } = Promise.withResolvers<Reply>();
    const ids = {
      response_url: urls.make({ channel: channel.id, person, original: null, onReply: resolve }),
      trigger_id: triggers.make(person),
    };
    const payload = payloadOf(user, channel, text, ids);
    const heard = await deliver('slash_commands', payload);
    if (heard.ok) {
      const inAck = replyOf(heard.payload);
      if (inAck === null) return answered;
      addMessage(state, nowMs(), { channel: channel.id, ...inAck, ephemeralFor: audienceOf(heard.payload, person) });
      onChange();
      resolve(inAck);
      return answered;
    }
    const why = `${payload.command} failed with the error "${heard.error}": ${reasons[heard.error]}`;
    addMessage(state, nowMs(), { channel: channel.id, user: 'USLACKBOT', text: why, ephemeralFor: person });
    onChange();
    return { text: why, blocks: [] };
  },
});
