import type { QueryRecord } from './domain/evidence.ts';
import { type Gap, type Gathered, got, missed, SourceError } from './domain/gathered.ts';
import type { PlannedQuery } from './domain/question.ts';
import type { Answer, Ask, MetricsSource, Sample, Series } from './ports.ts';

/** The answer to one planned query: samples of an instant, or series of a range. */
export type QueryAnswer = {
  readonly samples: readonly Sample[];
  readonly series: readonly Series[];
  readonly warnings: readonly string[];
};

/** A question through a port under a deadline: an answer or a gap. Never throws; what is not a `SourceError` is our own bug, and says so. */
export const gather = async <T>(
  what: string,
  source: string,
  deadlineMs: number,
  ask: (ask: Ask) => Promise<T>,
  outer?: AbortSignal,
): Promise<Gathered<T>> => {
  // Node takes whole milliseconds only, and 1.005 s are 1004.9999999999999 ms.
  const deadline = AbortSignal.timeout(Math.max(1, Math.round(deadlineMs)));
  const signal = outer ? AbortSignal.any([deadline, outer]) : deadline;
  const startedMs = performance.now();
  const late = new Promise<never>((_, reject) => {
    signal.addEventListener(
      'abort',
      () =>
        reject(new SourceError(source, 'timeout', `did not answer in ${((performance.now() - startedMs) / 1000).toFixed(1)} s`)),
      { once: true },
    );
  });
  // Nobody may be left to hear the lateness when the answer came first.
  late.catch(() => undefined);
  try {
    const leftMs = (): number => Math.floor(deadlineMs - (performance.now() - startedMs));
    return got(await Promise.race([ask({ signal, leftMs }), late]));
  } catch (error) {
    return missed(gapOf(what, source, error));
  }
};

const gapOf = (what: string, source: string, error: unknown): Gap => {
  if (error instanceof SourceError) return { what, source: error.source, reason: error.reason, detail: error.message };
  return {
    what,
    source,
    reason: 'bug',
    detail: `could not be read: a bug of ours (${error instanceof Error ? error.name : 'unknown'})`,
  };
};

/** The one budget of a triage: calls that count stop at `maxCalls`, and every call is remembered for "the PromQL on request". */
export type QueryBudget = {
  readonly records: QueryRecord[];
  readonly maxCalls: number;
  readonly deadlineMs: number;
  readonly signal?: AbortSignal;
};

const runPlanned = async (metrics: MetricsSource, query: PlannedQuery, ask: Ask): Promise<Answer<QueryAnswer>> => {
  if (query.kind === 'instant') {
    const { value, warnings, samplesRead } = await metrics.instant(query.promql, query.atMs, ask);
    return { value: { samples: value, series: [], warnings }, warnings, samplesRead };
  }
  const { value, warnings, samplesRead } = await metrics.range(query.promql, query, ask);
  return { value: { samples: [], series: value, warnings }, warnings, samplesRead };
};

/** Asks the queries of one wave side by side. An empty answer with a warning is unknown, never zero. */
export const gatherQueries = async (
  metrics: MetricsSource,
  queries: readonly PlannedQuery[],
  budget: QueryBudget,
): Promise<ReadonlyMap<string, Gathered<QueryAnswer>>> => {
  const answers = await Promise.all(
    queries.map(async (query): Promise<readonly [string, Gathered<QueryAnswer>]> => {
      const spent = budget.records.filter((record) => record.budget === 'edge').length;
      if (query.budget === 'edge' && spent >= budget.maxCalls) {
        return [
          query.id,
          missed({
            what: query.what,
            source: metrics.name,
            reason: 'too-expensive',
            detail: `was not asked: the budget of ${budget.maxCalls} queries is spent`,
          }),
        ];
      }
      const startedMs = performance.now();
      const index = budget.records.push({ text: query.promql, samples: null, ms: 0, budget: query.budget }) - 1;
      const answer = await gather(
        query.what,
        metrics.name,
        budget.deadlineMs,
        (ask) => runPlanned(metrics, query, ask),
        budget.signal,
      );
      budget.records[index] = {
        text: query.promql,
        samples: answer.ok ? answer.value.samplesRead : null,
        ms: Math.round(performance.now() - startedMs),
        budget: query.budget,
      };
      if (!answer.ok) return [query.id, answer];
      const { value, warnings } = answer.value;
      const isEmpty = value.samples.length === 0 && value.series.length === 0;
      if (isEmpty && warnings.length > 0)
        return [
          query.id,
          missed({
            what: query.what,
            source: metrics.name,
            reason: 'absent',
            detail: `answered with nothing and a warning (${(warnings[0] ?? '').slice(0, 120)})`,
          }),
        ];
      return [query.id, got(value)];
    }),
  );
  return new Map(answers);
};
