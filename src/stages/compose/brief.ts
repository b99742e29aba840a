import type { OutboxPurpose } from '../../domain/incident.ts';
import type { Block, Message } from '../../domain/message.ts';
import { context, header, section } from './blocks.ts';
import { joined, type Mrkdwn, ours, untrusted } from './mrkdwn.ts';
import { aboutId } from './standing.ts';

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

/** Of what stands below the header: since when, and who looks after it. */
const shownFacts = (blocks: Message['blocks']): readonly Mrkdwn[] => {
  const about = blocks.find(({ block_id: id }) => id === aboutId);
  const texts = ((about?.['elements'] ?? []) as readonly { readonly text?: string }[]).map(({ text = '' }) => text).join('\n');
  const found = [/since <!date\^[^>]*>/.exec(texts), /👀 \*Acknowledged\* by .*$/mu.exec(texts)];
  return found.flatMap((match) => (match === null ? [] : [match[0] as Mrkdwn]));
};

const firstLine = (text: string): Mrkdwn => (text.split('\n')[0] ?? '') as Mrkdwn;

/**
 * What is told where people of another organisation read along: which edge, since when, who looks after it, and the buttons, which they may not use. Of what
 * goes to the thread the first line, which says what happened.
 */
export const brief = ({ text, blocks }: Message, purpose: OutboxPurpose): Message => {
  if (purpose === 'thread' || purpose === 'escalation') {
    const line = firstLine(text);
    return { text: line, blocks: [section(line), ...blocks.filter(({ type }) => type === 'actions')] };
  }
  const head = subjectOf(headText(blocks.find(({ type }) => type === 'header')));
  const [first, ...rest] = shownFacts(blocks);
  const facts = first === undefined ? null : joined([first, ...rest]);
  return {
    text: joined([untrusted(head, 150), kept]),
    blocks: [
      header(head),
      ...(facts === null ? [] : [section(facts)]),
      ...blocks.filter(({ type }) => type === 'actions'),
      context(kept),
    ],
  };
};
