import type { Kind } from './kinds.ts';

/** The commands that read settings; each asks only for what it uses. Most settings are of `everyCommand`; `feedback` reads the store alone. */
export type Command = 'serve' | 'triage' | 'rules' | 'ask' | 'doctor' | 'trace' | 'feedback' | 'slo';
export const everyCommand: readonly Command[] = ['serve', 'triage', 'rules', 'ask', 'doctor', 'trace'];

/** One setting: everything that is ever said about it stands here (.env.example, mistakes, documentation). */
export type Entry = {
  readonly name: string;
  readonly says: string;
  readonly example: string;
  readonly kind: Kind;
  readonly fallback: string | null;
  /** May also come as NAME_FILE, and is never shown. */
  readonly isSecret: boolean;
  /** Commands that cannot do without it. */
  readonly neededBy: readonly Command[];
  /** Commands that look at it at all: the others do not mind if it is wrong. */
  readonly usedBy: readonly Command[];
  readonly group: string;
};

/** What most settings leave out. */
export type Extra = Partial<Pick<Entry, 'fallback' | 'isSecret' | 'neededBy' | 'usedBy'>>;

/** Settings that stand together. */
export const groupOf =
  (group: string, usedBy: readonly Command[] = everyCommand) =>
  (name: string, kind: Kind, example: string, says: string, extra: Extra = {}): Entry => ({
    group,
    usedBy,
    name,
    kind,
    example,
    says,
    fallback: null,
    isSecret: false,
    neededBy: [],
    ...extra,
  });
