import type { OutboxPurpose } from '../../domain/incident.ts';
import type { Block, Message } from '../../domain/message.ts';
import { context, header, section } from './blocks.ts';
import { joined, type Mrkdwn, ours, untrusted } from './mrkdwn.ts';

const kept = ours(
  'Figures and causes are kept from channels that are shared with other organisations; “/mesh” tells them to you alone.',
);

const headText = (block: Block | undefined): string => {
  const { text = '' } = (block?.['text'] ?? {}) as { readonly text?: string };
  return text;
};

/** "🔴 checkout → payments" of "🔴 checkout → payments: 5.3 % failing (usually 0.1 %)": what, not how bad. An end says no more than that. */
const subjectOf = (head: string): string =>
  /^(?:✅ Resolved|⚪ No longer reported): /u.test(head) ? head : (head.split(': ')[0] ?? '');

const firstLine = (text: string): Mrkdwn => (text.split('\n')[0] ?? '') as Mrkdwn;

/**
 * What is told where people of another organisation read along: which edge, how it stands, and the buttons, which they may not use. Of what
 * goes to the thread the first line, which says what happened.
 */
export const brief = ({ text, blocks }: Message, purpose: OutboxPurpose): Message => {
  if (purpose === 'thread' || purpose === 'escalation') {
    const line = firstLine(text);
    return { text: line, blocks: [section(line), ...blocks.filter(({ type }) => type === 'actions')] };
  }
  const head = subjectOf(headText(blocks.find(({ type }) => type === 'header')));
  return {
    text: joined([untrusted(head, 150), kept]),
    blocks: [header(head), ...blocks.filter(({ type }) => type === 'actions'), context(kept)],
  };
};
