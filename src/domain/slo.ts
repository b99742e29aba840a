import type { Edge, EdgeEnd } from './edge.ts';

/** Requests that count as bad, by what became of them: `OutcomeClass` says what each class is. */
export type BadRequests = 'failed' | 'failed-and-refused' | 'non-2xx';

/** Whose proxy counts. The callee's sees unmeshed callers, and not what never reached it (UF, UH, UT); the callers' the other way round. */
export type SloReporter = 'destination' | 'source';

/**
 * What a service level indicator counts: good events of all. Latency counts what was answered within a threshold. A template of PromQL
 * gives events per second, or all events, of the window that takes the place of `windowMark`.
 */
export type Sli =
  | { readonly kind: 'availability'; readonly bad: BadRequests; readonly reporter: SloReporter }
  | {
      readonly kind: 'latency';
      readonly thresholdSeconds: number;
      /** Off a bucket's edge nobody knows the share: refused, or everything of that bucket taken for slow. */
      readonly offEdge: 'refuse' | 'pessimistic';
      readonly reporter: SloReporter;
    }
  | {
      readonly kind: 'queries';
      readonly counts: 'bad' | 'good';
      readonly counted: string;
      readonly total: string;
      /** What both give: `rate` events per second, `increase` and `sum_over_time` those of the whole window. */
      readonly per: 'second' | 'window';
    }
  /** A ratio without its events: what a busy and what a quiet hour weigh is lost. */
  | { readonly kind: 'ratio-query'; readonly errorRatio: string }
  /** Known by nothing but what rules record of it. */
  | { readonly kind: 'recorded' };

/** Stands for the window in a template, as `5m` would: no PromQL has it. */
export const windowMark = '\u0000window\u0000';

/** Over how long an objective is kept. */
export type SloWindow =
  | { readonly kind: 'rolling'; readonly days: number }
  /** Begins anew at midnight of `zone`: of each day, Monday, first of a month, quarter, year. */
  | { readonly kind: 'calendar'; readonly unit: 'day' | 'week' | 'month' | 'quarter' | 'year'; readonly zone: string };

/** What an objective is about. */
export type SloSubject =
  | { readonly kind: 'service'; readonly callee: EdgeEnd }
  | { readonly kind: 'edge'; readonly edge: Edge }
  /** An imported one: its queries say what it is about, the file only calls it something. */
  | { readonly kind: 'named'; readonly service: string };

/** Which file says so, in whose format; no file: rules of that tool record it. */
export type SloOrigin =
  | { readonly format: 'Edgewise' | 'Sloth' | 'Pyrra' | 'OpenSLO'; readonly file: string }
  | { readonly format: 'Sloth' | 'Pyrra' | 'Grafana SLO'; readonly file: null };

/** A service level objective: how much of what is counted must be good, over how long (SRE Workbook, chapter 2). */
export type Slo = {
  /** Unique in an installation, and what people say: "payments-availability". */
  readonly name: string;
  readonly about: SloSubject;
  readonly sli: Sli;
  /** Whole parts per million: 99.9 % is 999,000. Below 1,000,000, which would leave no budget. */
  readonly objectivePpm: number;
  readonly window: SloWindow;
  /** Null: the only or first cluster. */
  readonly cluster: string | null;
  readonly owner: string | null;
  readonly channel: string | null;
  readonly origin: SloOrigin;
};

/** Events of a stretch of time. Increases are extrapolated between scrapes, so they are not whole; `bad` may pass `total` by a hair. */
export type Events = { readonly total: number; readonly bad: number };

export const noEvents: Events = { total: 0, bad: 0 };

export const eventsTogether = (parts: readonly Events[]): Events =>
  parts.reduce((sum, { total, bad }) => ({ total: sum.total + total, bad: sum.bad + bad }), noEvents);
