import { calleeName, callerName, type Edge, type EdgeEnd, isEverybody, isSameCallee } from '../edge.ts';
import type { EdgeReading, ReporterReading } from '../signals.ts';
import type { BadRequests, SloReporter, SloWindow } from '../slo.ts';
import { type EpochMs, lengthSeconds, type Window } from '../time.ts';
import { allowedBad } from './budget.ts';
import { isStillKnown, type KnownStanding } from './known.ts';

/** An error budget that failures of an edge are spent from, as it stood when it was last read. */
export type TouchedBudget = {
  readonly name: string;
  /** Of all calls of the callee, or of this very edge. */
  readonly of: 'service' | 'edge';
  readonly window: SloWindow;
  readonly bad: BadRequests;
  readonly reporter: SloReporter;
  /** Bad requests that the budget of the whole window allows, at its traffic of then. */
  readonly allowed: number;
  /** Share of it that was left; null: too little was known to say. */
  readonly left: number | null;
  readonly readAtMs: EpochMs;
};

/** What is spent of a budget now. */
export type BudgetCost = {
  readonly budget: TouchedBudget;
  readonly badPerMinute: number;
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

/**
 * The budgets of availability that this edge of `cluster` spends from, by what was last read of them. One whose events nobody knows, or that was
 * read too long ago, has no figures to tell; what latency costs is not in the counts of a triage.
 */
export const touchedBudgets = (
  standings: readonly KnownStanding[],
  cluster: string,
  edge: Edge,
  nowMs: EpochMs,
): readonly TouchedBudget[] =>
  standings.flatMap((known) => {
    const { slo, events, left, atMs } = known;
    const of = known.cluster === cluster && isStillKnown(known, nowMs) ? touches(known, edge) : null;
    if (of === null || slo.sli.kind !== 'availability' || events === null || events.total <= 0) return [];
    const { bad, reporter } = slo.sli;
    const allowed = allowedBad(events.total, slo.objectivePpm);
    return [{ name: slo.name, of, window: slo.window, bad, reporter, allowed, left, readAtMs: atMs }];
  });

/** Of gRPC, whose HTTP code is 200 for every ending, all but OK; the same as the objective itself counts. */
const isTwoHundred = (code: string, grpcStatus: string | null): boolean =>
  code.startsWith('2') && (grpcStatus === null || grpcStatus === '' || grpcStatus === '0');

const badOf = ({ counts, outcomes }: ReporterReading, bad: BadRequests): number => {
  if (bad === 'failed') return counts.now.failed;
  if (bad === 'failed-and-refused') return counts.now.failed + counts.now.refused;
  return outcomes.reduce((sum, { code, grpcStatus, requests }) => sum + (isTwoHundred(code, grpcStatus) ? 0 : requests), 0);
};

/** What the failures of now spend of each budget, by the proxies and the definition of its own objective. One that those proxies say nothing of has none. */
export const costsOf = (
  budgets: readonly TouchedBudget[],
  readings: readonly EdgeReading[],
  edge: Edge,
  window: Window,
): readonly BudgetCost[] =>
  budgets.flatMap((budget) => {
    const counted = readings.filter(
      (reading) =>
        isSameCallee(reading.edge, edge) &&
        !isEverybody(reading.edge.source) &&
        (budget.of === 'service' || callerName(reading.edge) === callerName(edge)),
    );
    const seen = counted.flatMap(({ caller, callee }) => (budget.reporter === 'source' ? caller : callee) ?? []);
    if (seen.length === 0) return [];
    const bad = seen.reduce((sum, reading) => sum + badOf(reading, budget.bad), 0);
    return [{ budget, badPerMinute: bad / (lengthSeconds(window) / 60) }];
  });

const minutesAnHour = 60;

/** Share of the whole budget that an hour of this spends. */
export const sharePerHour = ({ budget, badPerMinute }: BudgetCost): number => (badPerMinute * minutesAnHour) / budget.allowed;

/**
 * What is left of it at a moment: what was left when it was read, without what has been spent at this pace since then, or since the
 * trouble began.
 */
export const leftNow = (cost: BudgetCost, begunMs: EpochMs, atMs: EpochMs): number | null => {
  const { left, readAtMs } = cost.budget;
  if (left === null) return null;
  const hours = Math.max(0, atMs - Math.max(readAtMs, begunMs)) / 3_600_000;
  return left - sharePerHour(cost) * hours;
};

/** What an incident has spent of a budget so far. */
export type BudgetSpent = Pick<TouchedBudget, 'name' | 'window' | 'allowed'> & { readonly bad: number };

/** Adds what these minutes cost. A budget that was not touched before begins with them. */
export const spentMore = (
  spent: readonly BudgetSpent[],
  costs: readonly BudgetCost[],
  minutes: number,
): readonly BudgetSpent[] => {
  const sums = new Map(spent.map((one) => [one.name, one]));
  for (const { budget, badPerMinute } of costs) {
    const { name, window, allowed } = budget;
    sums.set(name, { name, window, allowed, bad: (sums.get(name)?.bad ?? 0) + badPerMinute * minutes });
  }
  return [...sums.values()];
};
