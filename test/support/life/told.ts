import type { FormProblems, View } from '../../../src/domain/gesture.ts';
import type { Block, Message } from '../../../src/domain/message.ts';

type Given = Readonly<Record<string, unknown>>;

/** What happened in a story, in order: what the story says, every call to Slack, and what people are shown alone. */
export type Told = { readonly atMs: number } & (
  | { readonly kind: 'step'; readonly words: string }
  | { readonly kind: 'call'; readonly method: string; readonly given: Given; readonly answer: Given }
  | { readonly kind: 'said'; readonly to: string; readonly message: Message }
  | { readonly kind: 'view'; readonly to: string; readonly how: 'opens' | 'changes' | 'home'; readonly view: View }
  | { readonly kind: 'problems'; readonly to: string; readonly problems: NonNullable<FormProblems> }
);

const parsed = (value: unknown): unknown => {
  if (typeof value !== 'string' || !/^[[{]/.test(value)) return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
};

/** The arguments of a call with what is JSON in them taken apart. */
export const argumentsOf = (given: Given): Given =>
  Object.fromEntries(
    Object.entries(given)
      .filter(([name]) => name !== 'token')
      .map(([name, value]) => [name, parsed(value)]),
  );

/** The message of a call that posts or edits one. */
export const messageIn = (given: Given): Message => {
  const { text, blocks } = argumentsOf(given);
  return { text: String(text ?? ''), blocks: Array.isArray(blocks) ? (blocks as readonly Block[]) : [] };
};

/** "+0 s", "+2.5 s", "+1 min 30 s", "+2 h 5 min" */
export const offsetText = (ms: number): string => {
  const seconds = ms / 1000;
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60), seconds % 60];
  const parts = [
    hours > 0 ? `${hours} h` : '',
    minutes > 0 ? `${minutes} min` : '',
    rest > 0 ? `${Number(rest.toFixed(3))} s` : '',
  ].filter((part) => part !== '');
  return `+${parts.length === 0 ? '0 s' : parts.join(' ')}`;
};

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/g;

/** Random ids by the order in which they appear. */
export const withStableIds = (): ((text: string) => string) => {
  const names = new Map<string, string>();
  return (text) =>
    text.replace(uuid, (id) => {
      const name = names.get(id) ?? `id-${names.size + 1}`;
      names.set(id, name);
      return name;
    });
};

/** One line for what is short and one a block, so that a diff shows which block has changed. */
const entryJson = ({ blocks, ...rest }: Given & { readonly blocks?: unknown }): string => {
  const head = JSON.stringify(rest);
  if (!Array.isArray(blocks) || blocks.length === 0) return head;
  return `${head.slice(0, -1)},"blocks":[\n    ${blocks.map((block) => JSON.stringify(block)).join(',\n    ')}\n  ]}`;
};

const entryOf = (told: Told, startMs: number): Given | null => {
  const at = offsetText(told.atMs - startMs);
  if (told.kind === 'step') return null;
  if (told.kind === 'call') {
    const { ok, error, status } = told.answer;
    return { at, method: told.method, ...(ok === true ? {} : { failed: error ?? status }), ...argumentsOf(told.given) };
  }
  if (told.kind === 'said') return { at, said: told.to, text: told.message.text, blocks: told.message.blocks };
  if (told.kind === 'problems') return { at, refused: told.to, problems: told.problems };
  const { blocks, ...view } = told.view;
  return { at, shown: told.to, how: told.how, view, blocks };
};

/** Every call to Slack in order, and what people are shown alone. */
export const toldJson = (all: readonly Told[], startMs: number): string => {
  const entries = all.flatMap((told) => {
    const entry = entryOf(told, startMs);
    return entry === null ? [] : [entryJson(entry)];
  });
  return withStableIds()(`[\n  ${entries.join(',\n  ')}\n]\n`);
};

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const editedTs = (one: Told | undefined, atMs: number): string | null =>
  one?.kind === 'call' && one.method === 'chat.update' && one.atMs === atMs ? String(one.given['ts'] ?? '') : null;

/** Edits of several messages at one moment overtake each other, and mean the same in any order: by message, those of one as they came. */
export const editsInOrder = (told: readonly Told[]): readonly Told[] => {
  const ordered: Told[] = [];
  for (let from = 0; from < told.length; ) {
    const { atMs = 0 } = told[from] ?? {};
    let to = from;
    while (editedTs(told[to], atMs) !== null) to += 1;
    const run = told.slice(from, Math.max(to, from + 1));
    ordered.push(...(to > from ? run.toSorted((a, b) => byText(editedTs(a, atMs) ?? '', editedTs(b, atMs) ?? '')) : run));
    from = Math.max(to, from + 1);
  }
  return ordered;
};
