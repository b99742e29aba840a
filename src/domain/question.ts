import type { EpochMs } from './time.ts';

/** One question to a metrics source, as a stage plans it; `triage.ts` asks, the stage reads the answer by `id`. */
export type PlannedQuery = {
  readonly id: string;
  /** In the reader's words, for the gap: "golden signals". */
  readonly what: string;
  readonly promql: string;
  readonly budget: 'edge' | 'apart';
} & (
  | { readonly kind: 'instant'; readonly atMs: EpochMs }
  | { readonly kind: 'range'; readonly startMs: EpochMs; readonly endMs: EpochMs; readonly stepSeconds: number }
);
