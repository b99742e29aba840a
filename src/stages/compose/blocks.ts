import type { Block } from '../../domain/message.ts';
import { clean, type Mrkdwn } from './mrkdwn.ts';

/** Limits of Block Kit (docs.slack.dev/reference/block-kit/blocks); ours are a little lower, since escaping lengthens. */
const sectionLimit = 2900;
const contextLimit = 2000;

/** Cuts mrkdwn at a line break where it can, and never inside an entity or a link. */
export const shortened = (text: string, limit: number): string => {
  if (text.length <= limit) return text;
  const cut = text.slice(0, limit - 1).replace(/[\ud800-\udbff]$/, '');
  const line = cut.lastIndexOf('\n');
  const whole = line > limit / 2 ? cut.slice(0, line) : cut.replace(/<[^>]*$/, '').replace(/&[a-z]*$/, '');
  return `${whole}…`;
};

/** `plain_text`, so nothing in it is parsed; emoji names are not expanded. */
export const header = (text: string): Block => ({
  type: 'header',
  text: { type: 'plain_text', text: clean(text, 148) || '–', emoji: false },
});

/** `verbatim`: Slack makes no links or mentions of its own. */
export const section = (text: Mrkdwn): Block => ({
  type: 'section',
  text: { type: 'mrkdwn', text: shortened(text, sectionLimit) || '–', verbatim: true },
});

/** Small print; several texts stand one below the other. */
export const context = (...texts: readonly Mrkdwn[]): Block => ({
  type: 'context',
  elements: texts.map((text) => ({ type: 'mrkdwn', text: shortened(text, contextLimit) || '–', verbatim: true })),
});

/** A table of plain cells, whose first column may take several lines, and so may others; at most 100 rows of 20, header included. Nothing in a cell is parsed. */
export const table = (
  rows: readonly (readonly string[])[],
  rightAligned: readonly number[] = [],
  wrapped: readonly number[] = [],
): Block => ({
  type: 'table',
  column_settings: (rows[0] ?? []).slice(0, 20).map((_, index) => ({
    align: rightAligned.includes(index) ? 'right' : 'left',
    is_wrapped: index === 0 || wrapped.includes(index),
  })),
  rows: rows.slice(0, 100).map((row) => row.slice(0, 20).map((cell) => ({ type: 'raw_text', text: clean(cell, 80) || '–' }))),
});

/** A button; `value` comes back with the click. */
export type Button = {
  readonly text: string;
  readonly action: string;
  readonly value: string;
  readonly style?: 'primary' | 'danger';
  /** What a screen reader says, where the words alone do not tell. */
  readonly label?: string;
  /** Where the client goes by itself when it is clicked: an address of our own making. */
  readonly url?: string;
};

const button = ({ text, action, value, style, label, url }: Button): Block => ({
  type: 'button',
  text: { type: 'plain_text', text: clean(text, 75) || '–', emoji: true },
  action_id: action.slice(0, 255),
  value: value.slice(0, 2000),
  ...(url === undefined ? {} : { url }),
  ...(style === undefined ? {} : { style }),
  ...(label === undefined ? {} : { accessibility_label: clean(label, 75) }),
});

/** At most 25 buttons side by side. */
export const actions = (id: string, buttons: readonly Button[]): Block => ({
  type: 'actions',
  block_id: id.slice(0, 255),
  elements: buttons.slice(0, 25).map(button),
});
