import { z } from 'zod';
import type { Window } from '../../domain/time.ts';
import { hexIds } from '../traces/ids.ts';

/** Tempo's search and its metrics, as far as we read them (grafana.com/docs/tempo, "Tempo HTTP API"). 64-bit numbers are text. */
const number = z.union([z.number(), z.string()]).transform(Number);
const span = z.object({ startTimeUnixNano: number.optional(), durationNanos: number.optional() });
const spanSet = z.object({ spans: z.array(span).nullish(), matched: number.optional() });
const trace = z.object({
  traceID: z.string(),
  startTimeUnixNano: number.optional(),
  durationMs: number.optional(),
  /** Of older ones; newer ones say it twice. */
  spanSet: spanSet.nullish(),
  spanSets: z.array(spanSet).nullish(),
});

export const searchAnswer = z
  .object({
    traces: z.array(trace).nullish(),
    metrics: z.object({ completedJobs: number.optional(), totalJobs: number.optional() }).nullish(),
  })
  .refine(({ traces, metrics }) => traces != null || metrics != null, 'neither traces nor metrics of a search');

/** A value of zero is left out. */
const sample = z.object({ value: number.optional() });
export const rangeAnswer = z.object({ series: z.array(z.object({ samples: z.array(sample).nullish() })).nullish() });

/** One trace that a search tells of. */
export type Hit = {
  /** 32 lower-case hexadecimal digits. */
  readonly id: string;
  /** Of the longest span that matched and was told. */
  readonly longestMicros: number;
  /** When the spans that matched began, and the trace where not all of them were told. */
  readonly startsMs: readonly number[];
  /** All that matched was told. */
  readonly isWhole: boolean;
};

const finite = (values: readonly (number | undefined)[]): readonly number[] =>
  values.filter((value) => value !== undefined && Number.isFinite(value)) as number[];

const hitOf = ({ traceID, startTimeUnixNano, durationMs, ...rest }: z.output<typeof trace>): readonly Hit[] => {
  // Leading zeros are cut off (grafana/tempo#4723).
  const id = hexIds.trace(traceID);
  const sets = rest.spanSets?.length ? rest.spanSets : rest.spanSet ? [rest.spanSet] : [];
  const spans = sets.flatMap((set) => set.spans ?? []);
  const isWhole = spans.length > 0 && sets.every((set) => (set.matched ?? 0) <= (set.spans?.length ?? 0));
  const nanos = finite(spans.map(({ durationNanos }) => durationNanos));
  const starts = [...spans.map((one) => one.startTimeUnixNano), ...(isWhole ? [] : [startTimeUnixNano])];
  if (id === null) return [];
  return [
    {
      id,
      longestMicros: nanos.length > 0 ? Math.max(...nanos) / 1000 : (finite([durationMs])[0] ?? 0) * 1000,
      startsMs: finite(starts).map((nanosOfStart) => nanosOfStart / 1e6),
      isWhole,
    },
  ];
};

/** What a search tells; `isCut` where it stopped before it had looked everywhere. */
export const hitsIn = ({ traces, metrics }: z.output<typeof searchAnswer>, limit: number) => ({
  hits: (traces ?? []).flatMap(hitOf),
  isCut: (traces?.length ?? 0) >= limit || (metrics?.completedJobs ?? 0) < (metrics?.totalJobs ?? 0),
});

/**
 * Whether a hit is what was asked for. A range that Tempo will not search it leaves out altogether, and answers with what began outside of it;
 * where it did not tell all that matched, the rest may be longer.
 */
export const isWanted = ({ longestMicros, startsMs, isWhole }: Hit, { startMs, endMs }: Window, leastMicros: number): boolean =>
  startsMs.some((startedMs) => startedMs >= startMs && startedMs < endMs) && (longestMicros >= leastMicros || !isWhole);

/** The largest value of an answer, in microseconds; null where there is none. */
export const largestMicros = ({ series }: z.output<typeof rangeAnswer>): number | null => {
  const seconds = finite((series ?? []).flatMap(({ samples }) => (samples ?? []).map(({ value }) => value)));
  return seconds.length === 0 ? null : Math.floor(Math.max(...seconds) * 1e6);
};
