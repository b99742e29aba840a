import type { DigestSubscription } from '../../domain/digest-subscription.ts';
import type { Block } from '../../domain/message.ts';
import type { KnownStanding } from '../../domain/slo/known.ts';
import { byState } from '../../domain/slo/standing.ts';
import type { EpochMs } from '../../domain/time.ts';
import { counted } from '../../domain/words.ts';
import { context, section } from './blocks.ts';
import { dayAndTime } from './dates.ts';
import { joined, type Mrkdwn, mrkdwn, ours } from './mrkdwn.ts';
import { budgetBar, leftText, sloSign } from './slo-words.ts';
import { subscriptionLines } from './subscriptions.ts';

const objectivesTold = 6;
const digestsTold = 10;

const lineOf = ({ slo, state, left, atMs }: KnownStanding, newestMs: EpochMs, zone: string): Mrkdwn => {
  const what = left === null ? (state === 'no-traffic' ? 'no traffic' : 'not judged') : `${budgetBar(left)} ${leftText(left)}`;
  const where = slo.cluster === null ? '' : ` in ${slo.cluster}`;
  // All are read together once an hour; of one that was not, its own time is said.
  const when = newestMs - atMs > 120_000 ? `, as of ${dayAndTime(atMs, zone)}` : '';
  return mrkdwn`${sloSign[state]}  *${slo.name}*${where}  ${what}${when}`;
};

/** How objectives stood when they were last read, the worst first; nothing where none is known. */
export const objectiveBlocks = (standings: readonly KnownStanding[], zone: string): readonly Block[] => {
  if (standings.length === 0) return [];
  const newestMs = Math.max(...standings.map(({ atMs }) => atMs));
  const told = standings.toSorted(byState).slice(0, objectivesTold);
  const more = standings.length - told.length;
  const rest =
    more > 0
      ? mrkdwn`${counted(more, 'more objective')} and what spent their budgets: “/mesh slo” in a channel`
      : ours('“/mesh slo” in a channel says what spent their budgets');
  return [
    { type: 'divider' },
    section(joined([ours('*Objectives*'), ...told.map((standing) => lineOf(standing, newestMs, zone))])),
    context(joined([mrkdwn`as of ${dayAndTime(newestMs, zone)}`, rest], ' · ')),
  ];
};

/** Which channels get a digest, the next one first; nothing where none does. */
export const digestBlocks = (digests: readonly DigestSubscription[], atMs: EpochMs): readonly Block[] =>
  digests.length === 0
    ? []
    : [{ type: 'divider' }, section(joined([ours('*Digests*'), ...subscriptionLines(digests, null, atMs, digestsTold)]))];
