import { people } from './people.ts';
import type { slashCommands } from './slash-commands.ts';
import { addMessage, channelNamed, isIn, messageAt, type State } from './state.ts';
import { escapedText } from './wire.ts';

/** What a person sends from the page. */
export type Said = { readonly text: string; readonly channel: string; readonly thread?: string | null; readonly person?: string };

type Parts = {
  readonly state: State;
  readonly commands: Pick<ReturnType<typeof slashCommands>, 'type'>;
  readonly nowMs: () => number;
  readonly onChange: () => void;
};

/** Sends it: a command to the app, everything else to the channel or the thread. False where it cannot be sent. */
export const say = (
  { state, commands, nowMs, onChange }: Parts,
  { text, channel: wanted, thread = null, person = people.ada }: Said,
): boolean => {
  const channel = channelNamed(state, String(wanted));
  const isThere =
    channel !== undefined &&
    isIn(state, String(person), channel) &&
    (thread === null || messageAt(state, channel.id, String(thread)) !== undefined);
  if (!isThere || typeof text !== 'string') return false;
  const isCommand = /^\/\w/.test(text);
  if (isCommand && thread === null) {
    void commands.type(text, channel.id, person).catch(() => undefined);
    return true;
  }
  const [word = ''] = text.split(/\s/, 1);
  const given = isCommand
    ? { text: `${word} is not supported in threads. Sorry!`, user: 'USLACKBOT', ephemeralFor: person }
    : { text: escapedText(text), user: person };
  addMessage(state, nowMs(), { channel: channel.id, threadTs: thread, ...given });
  onChange();
  return true;
};
