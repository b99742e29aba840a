import type { FormValues, Gesture, Person, Screen, View } from '../../../src/domain/gesture.ts';
import type { Block, Message } from '../../../src/domain/message.ts';
import { ours, people, users } from '../../../src/workspace/people.ts';
import type { Step } from './story.ts';
import { messageIn, type Told } from './told.ts';

const idOf = { Ada: people.ada, Bo: people.bo, Sam: people.sam } as const;

type Name = keyof typeof idOf;

const personNamed = (name: Name, channelId: string | null): Person => {
  const teamId = users.find(({ id }) => id === idOf[name])?.teamId ?? '';
  return { userId: idOf[name], teamId, isStranger: teamId !== ours.id, channelId };
};

/** What somebody sees: a message in a channel, an answer to them alone, their Home. */
type Seen = {
  readonly place: string;
  readonly to: string | null;
  readonly ts: string | null;
  readonly channelId: string | null;
  readonly threadTs: string | null;
  readonly message: Message;
};

const seenIn = (told: Told, index: number): Seen | null => {
  if (told.kind === 'said')
    return {
      place: `answer ${index}`,
      to: told.to,
      ts: `answer ${index}`,
      channelId: null,
      threadTs: null,
      message: told.message,
    };
  if (told.kind === 'view' && told.how === 'home')
    return {
      place: `home ${told.to}`,
      to: told.to,
      ts: null,
      channelId: null,
      threadTs: null,
      message: { text: '', blocks: told.view.blocks },
    };
  if (told.kind !== 'call' || told.answer['ok'] !== true) return null;
  if (told.method !== 'chat.postMessage' && told.method !== 'chat.update') return null;
  const ts = String(told.answer['ts'] ?? told.given['ts']);
  const threadTs = told.given['thread_ts'] === undefined ? null : String(told.given['thread_ts']);
  const channelId = String(told.answer['channel'] ?? told.given['channel']);
  return { place: `${channelId} ${ts}`, to: null, ts, channelId, threadTs, message: messageIn(told.given) };
};

/** The newest first; of a message that was edited only how it reads now, or every state that it ever had. */
const seenBy = (told: readonly Told[], name: Name, everything: boolean): readonly Seen[] => {
  const all = told.flatMap((one, index) => seenIn(one, index) ?? []).toReversed();
  const known = new Set<string>();
  return all.filter(({ place, to }) => {
    const isNewest = !known.has(place);
    known.add(place);
    return (to === null || to === name) && (everything || isNewest);
  });
};

type Clickable = { readonly text?: { readonly text?: string }; readonly action_id?: string; readonly value?: string };

const clickablesIn = (blocks: readonly Block[]): readonly Clickable[] =>
  blocks.flatMap((block) => [
    ...((block.type === 'actions' ? block['elements'] : []) as readonly Clickable[]),
    ...(block['accessory'] === undefined ? [] : [block['accessory'] as Clickable]),
  ]);

const isAbout = ({ message }: Seen, where: string): boolean =>
  `${message.text} ${JSON.stringify(message.blocks)}`.includes(where);

type Field = {
  readonly initial_option?: { readonly value: string };
  readonly initial_options?: readonly { readonly value: string }[];
  readonly initial_value?: string;
};

/** A form as it comes back: what it was opened with, and what was filled in. */
const valuesOf = ({ blocks }: View, filled: FormValues): FormValues => {
  const first = blocks
    .filter(({ type }) => type === 'input')
    .map((block) => {
      const { initial_option, initial_options, initial_value } = block['element'] as Field;
      return [
        String(block['block_id']),
        initial_options?.map(({ value }) => value) ?? initial_option?.value ?? initial_value ?? null,
      ] as const;
    });
  return { ...Object.fromEntries(first), ...filled };
};

type PersonsStep = Extract<Step, { readonly who: Name }>;

/** The gesture that a step of the story is, by what the person sees when it is made. Throws where there is nothing such to do. */
export const gestureOf = (step: PersonsStep, told: readonly Told[], channelId: string): Gesture => {
  const person = personNamed(step.who, channelId);
  if ('types' in step) return { kind: 'command', person, text: step.types.replace(/^\/mesh ?/, '') };
  if ('opens' in step) return { kind: 'home', person: { ...person, channelId: null } };
  if ('submits' in step) {
    const form = told.findLast((one) => one.kind === 'view' && one.to === step.who && one.how !== 'home');
    if (form?.kind !== 'view') throw new Error(`${step.who} sees no form`);
    const { callback = '', context = '' } = form.view;
    return {
      kind: 'submit',
      person: { ...person, channelId: null },
      callback,
      context,
      values: valuesOf(form.view, step.submits),
    };
  }
  const seen = seenBy(told, step.who, 'old' in step && step.old).filter((one) => isAbout(one, step.where));
  if ('chooses' in step) {
    const found = seen.find(({ channelId: in_, ts }) => in_ !== null && ts !== null);
    if (found?.ts == null) throw new Error(`${step.who} sees no message that says “${step.where}”`);
    const where = { ...person, channelId: found.channelId };
    return { kind: 'shortcut', person: where, callback: step.chooses, messageTs: found.ts, threadTs: found.threadTs };
  }
  for (const { message, ts, channelId: in_ } of seen) {
    const button = clickablesIn(message.blocks).find(({ text }) => text?.text === step.clicks);
    if (button === undefined) continue;
    const where = ts === null ? null : (in_ ?? channelId);
    const { action_id: action = '', value = '' } = button;
    return {
      kind: 'click',
      person: { ...person, channelId: where },
      action,
      value,
      messageTs: ts,
      isEphemeral: in_ === null,
      form: null,
    };
  }
  throw new Error(`${step.who} sees no button “${step.clicks}”`);
};

/** Where answers go: what a person alone is shown is told of them, what they share is posted like anything else. */
export const screenOf = (name: string, tell: (told: Told) => void, nowMs: () => number): Screen => {
  let opened = 0;
  const now = () => ({ atMs: nowMs(), to: name });
  return {
    say: async (message, shared = false) => tell({ kind: 'said', ...now(), to: shared ? 'Everybody there' : name, message }),
    replace: async () => undefined,
    open: async (view) => {
      opened += 1;
      tell({ kind: 'view', ...now(), how: 'opens', view });
      return `V${opened}`;
    },
    update: async (_, view) => tell({ kind: 'view', ...now(), how: 'changes', view }),
    publish: async (view) => tell({ kind: 'view', ...now(), how: 'home', view }),
  };
};
