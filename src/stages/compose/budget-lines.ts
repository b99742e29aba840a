import { edgeOf } from '../../domain/edge.ts';
import type { Report } from '../../domain/report.ts';
import { type BudgetCost, type BudgetSpent, costsOf, leftNow, sharePerHour } from '../../domain/slo/cost.ts';
import type { SloWindow } from '../../domain/slo.ts';
import { type EpochMs, hourMs } from '../../domain/time.ts';
import { count, percent } from '../../domain/words.ts';
import { dateToken, span } from './dates.ts';
import { joined, type Mrkdwn, mrkdwn, raw } from './mrkdwn.ts';
import type { Paragraph } from './setting.ts';
import { leftText } from './slo-words.ts';

/** Less than this of a budget in an hour is what a good day costs. */
const leastPerHour = 0.001;
const told = 2;

/** "the 30-day budget", "this month's budget" */
const budgetOver = (window: SloWindow): string => {
  if (window.kind === 'rolling') return `the ${window.days}-day budget`;
  return window.unit === 'day' ? "today's budget" : `this ${window.unit}'s budget`;
};

const budgetName = ({ name, window }: Pick<BudgetSpent, 'name' | 'window'>): Mrkdwn => mrkdwn`${budgetOver(window)} of *${name}*`;

const line = (cost: BudgetCost, begunMs: EpochMs, atMs: EpochMs, zone: string): Mrkdwn => {
  const { budget } = cost;
  const perHour = sharePerHour(cost);
  const left = leftNow(cost, begunMs, atMs);
  const gone =
    left === null || (budget.left ?? 0) <= 0
      ? null
      : left <= 0
        ? mrkdwn`gone by now`
        : mrkdwn`gone in ${span((left / perHour) * hourMs)} at this pace`;
  const stood = budget.left === null ? null : mrkdwn`${leftText(budget.left)} at ${raw(dateToken(budget.readAtMs, zone))}`;
  return joined(
    [
      mrkdwn`*Budget:* costs ${percent(perHour)} of ${raw(budgetName(budget))} an hour`,
      joined([stood, gone], ', ') || null,
    ].filter((part) => part !== null),
    ' · ',
  );
};

/** What the failures of now spend of error budgets, the one that is gone first before all; null: of none, or hardly any. */
export const budgetLines = ({ evidence }: Report, zone: string): Paragraph => {
  const edge = edgeOf(evidence.subject);
  if (edge === null || evidence.budgets === undefined) return null;
  const { atMs, window, onsetMs, readings } = evidence;
  const begunMs = onsetMs ?? window.startMs;
  const hoursOf = (cost: BudgetCost): number =>
    Math.max(0, leftNow(cost, begunMs, atMs) ?? Number.POSITIVE_INFINITY) / sharePerHour(cost);
  const costs = costsOf(evidence.budgets, readings, edge, window)
    .filter((cost) => sharePerHour(cost) >= leastPerHour)
    .sort((a, b) => hoursOf(a) - hoursOf(b) || sharePerHour(b) - sharePerHour(a) || (a.budget.name < b.budget.name ? -1 : 1));
  return costs.length === 0 ? null : joined(costs.slice(0, told).map((cost) => line(cost, begunMs, atMs, zone)));
};

/** What an incident has spent of error budgets in all, the most first; null: of none, or hardly any. */
export const spentLines = (spent: readonly BudgetSpent[]): Paragraph => {
  const shares = spent
    .map((one) => ({ ...one, share: one.bad / one.allowed }))
    .filter(({ share }) => share >= leastPerHour)
    .sort((a, b) => b.share - a.share || (a.name < b.name ? -1 : 1));
  return shares.length === 0
    ? null
    : joined(
        shares
          .slice(0, told)
          .map(
            (one) =>
              mrkdwn`*Budget:* spent about ${percent(one.share)} of ${raw(budgetName(one))} (${count(one.bad)} of the ${count(one.allowed)} bad requests that it allows)`,
          ),
      );
};
