import type { View } from '../../../src/domain/gesture.ts';
import type { Block, Message } from '../../../src/domain/message.ts';
import { spoken } from '../../../src/stages/compose/spoken.ts';
import { users } from '../../../src/workspace/people.ts';
import { messageIn, offsetText, type Told, withStableIds } from './told.ts';

type Part = { readonly text?: { readonly text?: string } | string };

const labelIn = (part: unknown): string => {
  const { text } = (part ?? {}) as Part;
  return typeof text === 'string' ? text : (text?.text ?? '');
};

type Element = Part & { readonly placeholder?: unknown; readonly options?: readonly Part[]; readonly initial_option?: Part };

const elementText = (element: Element): string => {
  if (element.options === undefined) return `[${labelIn(element) || labelIn({ text: element.placeholder as Part['text'] })}]`;
  return `[${labelIn(element.initial_option) || element.options.map(labelIn).join(' | ')}]`;
};

const richText = (part: unknown): string => {
  const { elements, text } = (part ?? {}) as { readonly elements?: readonly unknown[]; readonly text?: string };
  return text ?? (elements ?? []).map(richText).join('');
};

const blockText = (block: Block): string => {
  if (block.type === 'actions') return (block['elements'] as readonly Element[]).map(elementText).join(' ');
  if (block.type === 'input')
    return `${labelIn({ text: block['label'] as Part['text'] })}: ${elementText(block['element'] as Element)}`;
  if (block.type === 'image') return `(picture: ${String(block['alt_text'])})`;
  if (block.type === 'rich_text') return richText(block);
  const accessory = block['accessory'] as Element | undefined;
  const text = spoken({ text: '', blocks: [block] });
  return accessory === undefined ? text : `${text} ${elementText(accessory)}`;
};

/** People and user groups by their names, as Slack shows them. */
const named = (text: string): string =>
  users
    .reduce((all, { id, fullName }) => all.replaceAll(`<@${id}>`, `@${fullName.split(' ')[0]}`), text)
    .replaceAll('<!subteam^S0ONCALL01>', '@on-call')
    .replace(/<!date\^\d+\^[^|]*\|([^>]*)>/g, '$1');

/** A message or a view as a reader sees it, line by line. */
const linesOf = ({ text, blocks }: Message): readonly string[] =>
  named(
    blocks.length === 0
      ? text
      : blocks
          .map(blockText)
          .filter((line) => line !== '')
          .join('\n'),
  )
    .split('\n')
    .map((line) => line.trimEnd());

const indented = (lines: readonly string[], sign = '|'): readonly string[] =>
  lines.map((line) => `    ${sign} ${line}`.trimEnd());

/** What went from a message and what came, line by line. */
const changes = (before: readonly string[], after: readonly string[]): readonly string[] => [
  ...indented(
    before.filter((line) => !after.includes(line)),
    '-',
  ),
  ...indented(
    after.filter((line) => !before.includes(line)),
    '+',
  ),
];

const viewLines = ({ title, submit, blocks }: View): readonly string[] => [
  ...(title === undefined ? [] : [`« ${title} »`]),
  ...linesOf({ text: '', blocks }),
  ...(submit === undefined ? [] : [`[${submit}]`]),
];

type Standing = { readonly number: number; readonly channel: string; readonly isRoot: boolean; lines: readonly string[] };

const answerText = ({ error, status }: Readonly<Record<string, unknown>>): string => String(error ?? status ?? 'no answer');

/** Channels by id, as Slack told them. */
type Channels = (id: string) => string;

const callText = (
  { method, given, answer }: Extract<Told, { readonly kind: 'call' }>,
  standing: Map<string, Standing>,
  channelOf: Channels,
): readonly string[] => {
  const channel = channelOf(String(given['channel'] ?? given['channel_id'] ?? ''));
  const root = standing.get(String(given['thread_ts'] ?? ''));
  const inThread = root === undefined ? '' : `, in the thread of message ${root.number}`;
  if (answer['ok'] !== true && /^(chat|files)\./.test(method)) return [`${method} to ${channel} fails: ${answerText(answer)}`];
  if (method === 'chat.postMessage') {
    const message = messageIn(given);
    const lines = linesOf(message);
    const number = standing.size + 1;
    standing.set(String(answer['ts']), { number, channel, isRoot: root === undefined, lines });
    const also = given['reply_broadcast'] === undefined ? '' : ', also sent to the channel';
    return [`${channel}${inThread}: message ${number}${also}`, `    notifies: ${named(message.text)}`, ...indented(lines)];
  }
  if (method === 'chat.update') {
    const known = standing.get(String(given['ts']));
    const lines = linesOf(messageIn(given));
    const moved = changes(known?.lines ?? [], lines);
    if (known !== undefined) known.lines = lines;
    return [`${channel}: message ${known?.number ?? '?'} is edited${moved.length === 0 ? ', and reads the same' : ''}`, ...moved];
  }
  if (method !== 'files.completeUploadExternal') return [];
  const [file] = given['files'] as readonly { readonly title: string }[];
  return [`${channel}${inThread}: a picture, “${file?.title ?? ''}”`];
};

const partText = (told: Told, standing: Map<string, Standing>, channelOf: Channels): readonly string[] => {
  if (told.kind === 'step') return [`— ${told.words}`];
  if (told.kind === 'call') return callText(told, standing, channelOf);
  if (told.kind === 'said') return [`${told.to} is told:`, ...indented(linesOf(told.message))];
  if (told.kind === 'problems')
    return [
      `${told.to} sees in the form:`,
      ...indented(Object.entries(told.problems).map(([field, text]) => `${field}: ${text}`)),
    ];
  const how = { opens: 'sees a form', changes: 'sees the form change', home: 'sees the Home' }[told.how];
  return [`${told.to} ${how}:`, ...indented(viewLines(told.view))];
};

/** The story as its readers saw it: what happened and what they were told, and at the end each message as it stands. */
export const toldText = (title: string, all: readonly Told[], startMs: number, channelOf: Channels): string => {
  const standing = new Map<string, Standing>();
  const parts = all.flatMap((told) => {
    const [head, ...rest] = partText(told, standing, channelOf);
    return head === undefined ? [] : [[`${offsetText(told.atMs - startMs).padEnd(8)} ${head}`, ...rest].join('\n')];
  });
  const end = [...standing.values()]
    .filter(({ isRoot }) => isRoot)
    .map(({ number, channel, lines }) => [`At the end, ${channel}, message ${number}:`, ...indented(lines)].join('\n'));
  return withStableIds()(`${[title, ...parts, ...end].join('\n\n')}\n`);
};
