import type { Alert, AlertRule } from './domain/alert.ts';
import type { Dialect } from './domain/dialect.ts';
import type { Located, Subject } from './domain/edge.ts';
import type { QueryRecord } from './domain/evidence.ts';
import type { NamedHistogram } from './domain/exemplar.ts';
import { type Gap, type Gathered, got, missed } from './domain/gathered.ts';
import type { QueryAnswer, QueryBudget } from './gather.ts';
import type { ExemplarSource, MetricsSource, RulesSource, TraceSource } from './ports.ts';
import type { CountRow } from './stages/measure/rows.ts';

/** One cluster's sources, as a triage needs them. */
export type Cluster = {
  readonly name: string;
  readonly dialect: Dialect;
  readonly metrics: MetricsSource;
  readonly rules: RulesSource | null;
  /** Absent where no trace store is configured. */
  readonly tracing?: {
    readonly traces: TraceSource;
    readonly exemplars: ExemplarSource;
    /** Histograms whose exemplars are asked for before those that are known to have some. */
    readonly exemplarMetrics?: readonly NamedHistogram[];
    readonly deadlineMs: number;
    /** Share of requests that the mesh is configured to trace, 0–1; null: not said. */
    readonly samplingRatio: number | null;
  };
  /** For one query. */
  readonly deadlineMs: number;
};

/** What is known of an alert once its edge is found (or known not to exist). */
export type Found = {
  readonly alert: Alert;
  readonly rule: AlertRule | null;
  readonly subject: Subject;
  readonly located: Located;
  readonly records: readonly QueryRecord[];
  readonly gaps: readonly Gap[];
};

/** Hard stop of one triage. */
const maxCalls = 20;

/** A fresh budget of calls and patience. */
export const budgetOf = (cluster: Cluster): QueryBudget => ({ records: [], maxCalls, deadlineMs: cluster.deadlineMs });

/** What stayed unanswered. */
export const gapsOf = (answers: Iterable<Gathered<unknown>>): readonly Gap[] =>
  [...answers].flatMap((answer) => (answer.ok ? [] : [answer.gap]));

/** The rows of one answer, whether it was asked as an instant or as a range; none where there is a gap. */
export const rowsOf = (answers: ReadonlyMap<string, Gathered<QueryAnswer>>, id: string): readonly CountRow[] => {
  const answer = answers.get(id);
  if (!answer?.ok) return [];
  const { samples, series } = answer.value;
  return [...series, ...samples.map(({ labels, value, atMs }) => ({ labels, points: [[atMs, value] as const] }))];
};

/** What is made of these answers; where one of them is missing, its gap. */
export const partOf = <T>(
  answers: ReadonlyMap<string, Gathered<QueryAnswer>>,
  ids: readonly string[],
  read: () => T,
): Gathered<T> => {
  const failed = ids.map((id) => answers.get(id)).find((answer) => answer !== undefined && !answer.ok);
  return failed && !failed.ok ? missed(failed.gap) : got(read());
};
