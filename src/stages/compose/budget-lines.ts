import { edgeOf } from '../../domain/edge.ts';
import type { Report } from '../../domain/report.ts';
import { type BudgetCost, type BudgetSpent, burnsOut, costsOf, goneAtMs, sharePerHour } from '../../domain/slo/cost.ts';
import type { SloWindow } from '../../domain/slo.ts';
import type { EpochMs } from '../../domain/time.ts';
import { count, percent } from '../../domain/words.ts';
import { dateToken, span } from './dates.ts';
import { joined, type Mrkdwn, mrkdwn, ours, raw } from './mrkdwn.ts';
import type { Paragraph } from './setting.ts';
import { leftText } from './slo-words.ts';

/** Less than this of a budget in all is what a good day costs. */
const leastSpent = 0.001;
const told = 2;

/** "the 30-day budget", "this month's budget" */
const budgetOver = (window: SloWindow): string => {
  if (window.kind === 'rolling') return `the ${window.days}-day budget`;
  return window.unit === 'day' ? "today's budget" : `this ${window.unit}'s budget`;
};

const budgetName = ({ name, window }: Pick<BudgetSpent, 'name' | 'window'>): Mrkdwn => mrkdwn`${budgetOver(window)} of *${name}*`;

type Timed = { readonly cost: BudgetCost; readonly goneMs: EpochMs | null };

const goneText = ({ cost, goneMs }: Timed, atMs: EpochMs): string => {
  if (goneMs === null || cost.budget.left <= 0) return '';
  return goneMs <= atMs ? ', gone by now' : `, gone in ${span(goneMs - atMs)} at this pace`;
};

const line = (timed: Timed, atMs: EpochMs, zone: string): Mrkdwn => {
  const { budget, isOfOthersToo } = timed.cost;
  const costs = mrkdwn`*Budget:* costs ${percent(sharePerHour(timed.cost))} of ${raw(budgetName(budget))} an hour`;
  const stood = mrkdwn`${leftText(budget.left)} at ${raw(dateToken(budget.readAtMs, zone))}`;
  return mrkdwn`${raw(costs)}${raw(isOfOthersToo ? ours(' (all callers)') : ours(''))} · ${raw(stood)}${goneText(timed, atMs)}`;
};

/** What is gone first before all, what lasts after it. */
const byUrgency = (a: Timed, b: Timed): number => {
  const soonest = (a.goneMs ?? Number.MAX_VALUE) - (b.goneMs ?? Number.MAX_VALUE);
  const costliest = sharePerHour(b.cost) - sharePerHour(a.cost);
  return soonest || costliest || (a.cost.budget.name < b.cost.budget.name ? -1 : 1);
};

/** What the failures of now spend of error budgets, the one that is gone first before all; null: of none, or no more than they are there for. */
export const budgetLines = ({ evidence }: Report, zone: string): Paragraph => {
  const edge = edgeOf(evidence.subject);
  if (edge === null || evidence.budgets === undefined) return null;
  const { atMs, window, onsetMs, readings } = evidence;
  const costs = costsOf(evidence.budgets, readings, edge, window)
    .filter(burnsOut)
    .map((cost) => ({ cost, goneMs: goneAtMs(cost, onsetMs ?? window.startMs, atMs) }))
    .sort(byUrgency);
  return costs.length === 0 ? null : joined(costs.slice(0, told).map((cost) => line(cost, atMs, zone)));
};

const spentLine = (spent: BudgetSpent, share: number): Mrkdwn => {
  const { bad, allowed, left, window, isOfOthersToo } = spent;
  const events = `${count(bad)} of ${count(allowed)} allowed${isOfOthersToo ? ', all callers' : ''}`;
  // Of a calendar's it is said what is left of what so far allows, which no later moment follows from.
  const rest = window.kind === 'rolling' ? `; ${leftText(left)}` : '';
  return mrkdwn`*Budget:* spent about ${percent(share)} of ${raw(budgetName(spent))} (${events})${rest}`;
};

/** What an incident has spent of error budgets in all, the most first; null: of none, or hardly any. */
export const spentLines = (spent: readonly BudgetSpent[]): Paragraph => {
  const shares = spent
    .map((one) => ({ one, share: one.bad / one.allowed }))
    .filter(({ share }) => share >= leastSpent)
    .sort((a, b) => b.share - a.share || (a.one.name < b.one.name ? -1 : 1));
  return shares.length === 0 ? null : joined(shares.slice(0, told).map(({ one, share }) => spentLine(one, share)));
};
