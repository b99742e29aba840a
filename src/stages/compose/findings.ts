import type { Message } from '../../domain/message.ts';
import { count, counted } from '../../domain/words.ts';
import { context, section } from './blocks.ts';
import { joined, type Mrkdwn, mrkdwn, ours, raw } from './mrkdwn.ts';

/** One thing that was looked at, and what to do about it where it is not well. */
type Found = { readonly mark: 'ok' | 'warning' | 'failure'; readonly text: string; readonly advice: string | null };

const signs: Readonly<Record<Found['mark'], Mrkdwn>> = { failure: ours('🔴'), warning: ours('🟡'), ok: ours('⚪') };

const lineOf = ({ mark, text, advice }: Found): Mrkdwn =>
  joined([mrkdwn`${raw(signs[mark])} ${text}`, advice === null ? null : mrkdwn`      → ${advice}`]);

/** Lines for one block each: a long one is cut at a line. */
const perBlock = 8;
const mostBlocks = 5;

const sectionsOf = (found: readonly Found[]) =>
  Array.from({ length: Math.min(mostBlocks, Math.ceil(found.length / perBlock)) }, (_, index) =>
    section(joined(found.slice(index * perBlock, (index + 1) * perBlock).map(lineOf))),
  );

/** `/mesh doctor`: what is not well first, with what to do about it; what is well, in few words. */
export const findingsMessage = (found: readonly Found[]): Message => {
  const of = (mark: Found['mark']): readonly Found[] => found.filter((one) => one.mark === mark);
  const [failures, warnings, well] = [of('failure'), of('warning'), of('ok')];
  const bad = [...failures, ...warnings];
  const title =
    bad.length === 0
      ? mrkdwn`All is well: ${counted(well.length, 'look')}`
      : mrkdwn`${counted(failures.length, 'failure')}, ${counted(warnings.length, 'warning')}; ${count(well.length)} well`;
  const more = bad.length - perBlock * mostBlocks;
  return {
    text: joined([title, ...bad.slice(0, 3).map(({ text }) => mrkdwn`${text}`)]),
    blocks: [
      section(mrkdwn`*${raw(title)}*`),
      ...sectionsOf(bad),
      ...(more > 0 ? [context(mrkdwn`${counted(more, 'more warning')}: “edgewise doctor” has all`)] : []),
      ...(well.length === 0 ? [] : [context(joined(well.map(lineOf)))]),
    ],
  };
};
