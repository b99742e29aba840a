import { calleeName, callerName, type Edge, type EdgeEnd, isEverybody, isSameCallee } from '../edge.ts';
import { slowerThan } from '../histogram.ts';
import type { EdgeReading, ReporterReading } from '../signals.ts';
import type { BadRequests, Sli, SloReporter, SloWindow } from '../slo.ts';
import { type EpochMs, hourMs, lengthSeconds, minuteMs, type Window } from '../time.ts';
import { allowedBad } from './budget.ts';
import { isStillKnown, type KnownStanding } from './known.ts';

/** What proxies count, and so a triage too. */
type MeshSli = Extract<Sli, { readonly reporter: SloReporter }>;
type Latency = Extract<Sli, { readonly kind: 'latency' }>;

/** An error budget that failures of an edge are spent from, as it stood when it was last read. */
export type TouchedBudget = {
  readonly name: string;
  /** Of all calls of the callee, or of this very edge. */
  readonly of: 'service' | 'edge';
  readonly window: SloWindow;
  readonly wholeSeconds: number;
  /** When a calendar's begins anew; null: it rolls. */
  readonly endsAtMs: EpochMs | null;
  readonly sli: MeshSli;
  /** Bad requests that the budget of the whole window allows, at its traffic so far. */
  readonly allowed: number;
  /** Share of it that was left. */
  readonly left: number;
  readonly readAtMs: EpochMs;
};

/** What is spent of a budget now. */
export type BudgetCost = {
  readonly budget: TouchedBudget;
  readonly badPerMinute: number;
  /** Of a whole service, and more than a little of it by other callers than the one that it is about. */
  readonly isOfOthersToo: boolean;
};

const isEnd = (end: EdgeEnd, namespace: string | null, name: string): boolean =>
  [end.service, end.workload].includes(name) && (namespace === null || end.namespace === null || namespace === end.namespace);

const isCallee = (end: EdgeEnd, edge: Edge): boolean => isEnd(end, edge.destination.namespace, calleeName(edge));

/** Whether failures of this edge are spent from this budget: of its callee's, or of its own. */
const touches = ({ slo }: KnownStanding, edge: Edge): 'service' | 'edge' | null => {
  const { about } = slo;
  if (about.kind === 'service') return isCallee(about.callee, edge) ? 'service' : null;
  if (about.kind !== 'edge' || !isCallee(about.edge.destination, edge)) return null;
  return isEnd(about.edge.source, edge.source.namespace, callerName(edge)) ? 'edge' : null;
};

const touchedBudget = (known: KnownStanding, of: TouchedBudget['of'], nowMs: EpochMs): TouchedBudget | null => {
  const { slo, events, left, period, atMs } = known;
  const { name, sli, window } = slo;
  const isCounted = sli.kind === 'availability' || sli.kind === 'latency';
  if (!isCounted || events === null || events.total <= 0 || left === null) return null;
  const { wholeSeconds } = period;
  const endsAtMs = window.kind === 'rolling' ? null : period.startMs + wholeSeconds * 1000;
  // That of another month: this month's nobody has read yet.
  if (endsAtMs !== null && endsAtMs <= nowMs) return null;
  // Of a month that has just begun the events of so far allow hardly anything: those of a whole one are what its budget is of.
  const allowed = (allowedBad(events.total, slo.objectivePpm) * wholeSeconds) / lengthSeconds(period);
  return { name, of, window, wholeSeconds, endsAtMs, sli, allowed, left, readAtMs: atMs };
};

/**
 * The budgets that this edge of `cluster` spends from, by what was last read of them. One whose events nobody knows, whose window was
 * scraped too little to say what is left, or that was read too long ago, has no figures to tell.
 */
export const touchedBudgets = (
  standings: readonly KnownStanding[],
  cluster: string,
  edge: Edge,
  nowMs: EpochMs,
): readonly TouchedBudget[] =>
  standings.flatMap((known) => {
    const of = known.cluster === cluster && isStillKnown(known, nowMs) ? touches(known, edge) : null;
    return of === null ? [] : (touchedBudget(known, of, nowMs) ?? []);
  });

/** Of gRPC, whose HTTP code is 200 for every ending, all but OK; a bare connection, which has no code, is no request. */
const isOtherThan2xx = (code: string, grpcStatus: string | null): boolean =>
  code !== '' && !(code.startsWith('2') && ['', '0'].includes(grpcStatus ?? ''));

const badOf = ({ counts, outcomes }: ReporterReading, bad: BadRequests): number => {
  if (bad === 'failed') return counts.now.failed;
  if (bad === 'failed-and-refused') return counts.now.failed + counts.now.refused;
  return outcomes.reduce((sum, { code, grpcStatus, requests }) => sum + (isOtherThan2xx(code, grpcStatus) ? requests : 0), 0);
};

/** Bounds that were printed in milliseconds are not to the last bit what somebody wrote in seconds. */
const nearly = 1 + 1e-9;

/** What was slower than the threshold; null where there are no buckets, or none that tells: the same bucket as the objective itself counts by. */
const slowOf = ({ counts, latency }: ReporterReading, { thresholdSeconds, offEdge }: Latency): number | null => {
  if (latency === null) return counts.now.requests > 0 ? null : 0;
  const index = latency.now.boundsSeconds.findLastIndex((bound) => bound <= thresholdSeconds * nearly);
  const isOnEdge = (latency.now.boundsSeconds[index] ?? 0) * nearly >= thresholdSeconds;
  return index < 0 || (offEdge === 'refuse' && !isOnEdge) ? null : slowerThan(index, latency.now);
};

const isSameCaller = (a: Edge, b: Edge): boolean => {
  const [one, other] = [a.source.namespace, b.source.namespace];
  return callerName(a) === callerName(b) && (one === null || other === null || one === other);
};

const sumOf = (parts: readonly number[]): number => parts.reduce((sum, part) => sum + part, 0);

/** The readings that a budget is spent by: all of them together where nothing but that has buckets. */
const countedFor = ({ of, sli }: TouchedBudget, readings: readonly EdgeReading[], edge: Edge): readonly EdgeReading[] => {
  const into = readings.filter((reading) => isSameCallee(reading.edge, edge));
  const together = into.find((reading) => isEverybody(reading.edge.source));
  if (of === 'service' && sli.kind === 'latency' && together !== undefined) return [together];
  const callers = into.filter((reading) => reading !== together);
  return of === 'service' ? callers : callers.filter((reading) => isSameCaller(reading.edge, edge));
};

/** Less than this of what is bad by others than the caller at hand is how they always are. */
const othersMatter = 0.1;

const costOf = (budget: TouchedBudget, readings: readonly EdgeReading[], edge: Edge, window: Window): BudgetCost | null => {
  const { sli } = budget;
  const parts = countedFor(budget, readings, edge).flatMap((reading) => {
    const seen = sli.reporter === 'source' ? reading.caller : reading.callee;
    if (seen === null) return [];
    return [{ of: reading.edge, bad: sli.kind === 'latency' ? slowOf(seen, sli) : badOf(seen, sli.bad) }];
  });
  const bads = parts.flatMap(({ bad }) => bad ?? []);
  // A part that is not known makes no sum.
  if (parts.length === 0 || bads.length < parts.length) return null;
  const bad = sumOf(bads);
  const others = sumOf(parts.flatMap((part) => (isSameCaller(part.of, edge) ? [] : (part.bad ?? 0))));
  const isOfOthersToo = !isEverybody(edge.source) && others > bad * othersMatter;
  return { budget, badPerMinute: bad / (lengthSeconds(window) / 60), isOfOthersToo };
};

/**
 * What the failures of now spend of each budget, by the proxies and the definition of its own objective: of a service's by all its callers.
 * One that those proxies say nothing of, or not of every caller, has none.
 */
export const costsOf = (
  budgets: readonly TouchedBudget[],
  readings: readonly EdgeReading[],
  edge: Edge,
  window: Window,
): readonly BudgetCost[] => budgets.flatMap((budget) => costOf(budget, readings, edge, window) ?? []);

const minutesAnHour = hourMs / minuteMs;

/** Share of the whole budget that an hour of this spends. */
export const sharePerHour = ({ budget, badPerMinute }: BudgetCost): number => (badPerMinute * minutesAnHour) / budget.allowed;

/** Whether the budget would not last its window at this pace: a burn rate above 1. What is less, it is there for. */
export const burnsOut = (cost: BudgetCost): boolean => (sharePerHour(cost) * cost.budget.wholeSeconds) / 3600 > 1;

/**
 * What is left of it at a moment: what was left when it was read, without what has been spent at this pace since then, or since the
 * trouble began.
 */
export const leftNow = (cost: BudgetCost, begunMs: EpochMs, atMs: EpochMs): number => {
  const { left, readAtMs } = cost.budget;
  return left - (sharePerHour(cost) * Math.max(0, atMs - Math.max(readAtMs, begunMs))) / hourMs;
};

/** When nothing is left of it at this pace; the moment itself where nothing is; null: a calendar's that begins anew before. */
export const goneAtMs = (cost: BudgetCost, begunMs: EpochMs, atMs: EpochMs): EpochMs | null => {
  const goneMs = atMs + (Math.max(0, leftNow(cost, begunMs, atMs)) / sharePerHour(cost)) * hourMs;
  const { endsAtMs } = cost.budget;
  return endsAtMs !== null && goneMs >= endsAtMs ? null : goneMs;
};

/** What an incident has spent of a budget so far. */
export type BudgetSpent = Pick<TouchedBudget, 'name' | 'window' | 'allowed' | 'readAtMs'> & {
  readonly bad: number;
  /** What it has left of it: what was left when it was last read, without what was spent since. */
  readonly left: number;
  readonly isOfOthersToo: boolean;
};

/** Adds what the minutes before `atMs` cost. A budget that was not touched before begins with them. */
export const spentMore = (
  spent: readonly BudgetSpent[],
  costs: readonly BudgetCost[],
  minutes: number,
  atMs: EpochMs,
): readonly BudgetSpent[] => {
  const sums = new Map(spent.map((one) => [one.name, one]));
  for (const cost of costs) {
    const { name, window, allowed, readAtMs } = cost.budget;
    const known = sums.get(name);
    const bad = cost.badPerMinute * minutes;
    // Read anew, it tells itself what was spent until then.
    const left =
      known === undefined || readAtMs > known.readAtMs
        ? leftNow(cost, atMs - minutes * minuteMs, atMs)
        : known.left - bad / allowed;
    const isOfOthersToo = cost.isOfOthersToo || (known?.isOfOthersToo ?? false);
    sums.set(name, { name, window, allowed, readAtMs, bad: (known?.bad ?? 0) + bad, left, isOfOthersToo });
  }
  return [...sums.values()];
};
