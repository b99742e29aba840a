import type { Block, Message } from './message.ts';

/** Who does something in Slack, and from where. Ids are Slack's; nothing here is a right to anything. */
export type Person = {
  readonly userId: string;
  /** The workspace of the person: of another organisation where it is not ours (Slack Connect). */
  readonly teamId: string;
  /** Another organisation's: may look, never act. */
  readonly isStranger: boolean;
  /** A sentence on why it is not known whether they are another's; they count as a stranger meanwhile. */
  readonly doubt?: string;
  /** The conversation it was done in; null in the Home and in modals. */
  readonly channelId: string | null;
};

/** What people typed or chose in a modal, by block id; several choices are a list. */
export type FormValues = Readonly<Record<string, string | readonly string[] | null>>;

/** What a person does in Slack. `value`, `context` and `callback` are ours: what a block of ours was made with. */
export type Gesture = { readonly person: Person } & (
  | { readonly kind: 'command'; readonly text: string }
  /** A button or a choice in a message, in the Home, or in a modal that asks to hear of it. */
  | {
      readonly kind: 'click';
      readonly action: string;
      readonly value: string;
      /** The message it stands in; null in the Home and in modals. */
      readonly messageTs: string | null;
      readonly isEphemeral: boolean;
      /** The modal it stands in, as its fields are now. */
      readonly form: { readonly callback: string; readonly context: string; readonly values: FormValues } | null;
    }
  | { readonly kind: 'submit'; readonly callback: string; readonly context: string; readonly values: FormValues }
  | { readonly kind: 'home' }
  /** From the menu of a message: what slash commands cannot do within threads. */
  | { readonly kind: 'shortcut'; readonly callback: string; readonly messageTs: string; readonly threadTs: string | null }
);

/** A modal or the Home (docs.slack.dev/reference/views). Text is escaped where blocks are composed. */
export type View = {
  readonly type: 'modal' | 'home';
  /** At most 24 characters; modals only. */
  readonly title?: string;
  readonly submit?: string;
  readonly close?: string;
  readonly callback?: string;
  /** Comes back with clicks and the submission; at most 3,000 characters. */
  readonly context?: string;
  readonly blocks: readonly Block[];
};

/** What stands in the way of a submitted form: a sentence a block id. Null: accepted, and the modal closes. */
export type FormProblems = Readonly<Record<string, string>> | null;

/** Where answers to one gesture go. Every method throws `SourceError` and nothing else. */
export type Screen = {
  /** To the person alone; `shared`: for everybody in the conversation. */
  readonly say: (message: Message, shared?: boolean) => Promise<void>;
  /** In place of the ephemeral message that was clicked; null takes it away. */
  readonly replace: (message: Message | null) => Promise<void>;
  /** Within 3 s of a command, click or shortcut: Slack takes no modal later. Gives the modal's id. */
  readonly open: (view: View) => Promise<string>;
  /** A modal that is open; null is the one that was clicked in. Slack keeps what was typed where block ids stay. */
  readonly update: (viewId: string | null, view: View) => Promise<void>;
  /** The Home of the person. */
  readonly publish: (view: View) => Promise<void>;
};
