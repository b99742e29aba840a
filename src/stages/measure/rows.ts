import type { Dialect } from '../../domain/dialect.ts';
import type { Edge } from '../../domain/edge.ts';
import { type RowLabels, readRow } from '../../domain/row.ts';
import type { Reporter } from '../../domain/signals.ts';
import type { EpochMs } from '../../domain/time.ts';

/** One row of an answer: labels and its points. */
export type CountRow = {
  readonly labels: Readonly<Record<string, string>>;
  readonly points: readonly (readonly [EpochMs, number])[];
};

export type Row = { readonly read: RowLabels; readonly points: ReadonlyMap<EpochMs, number> };

/** Rows of one edge and reporter. */
export type Grouped = { readonly edge: Edge; readonly reporter: Reporter; readonly rows: readonly Row[] };

/** Rounded to the second: servers print the moments of a range as they like. */
export const second = (atMs: EpochMs): EpochMs => Math.round(atMs / 1000) * 1000;

/** Rows of an answer that belong to the dialect; negative and non-finite values are no counts. */
export const rowsOf = (dialect: Dialect, cluster: string | null, series: readonly CountRow[]): readonly Row[] =>
  series.flatMap(({ labels, points }) => {
    const read = readRow(dialect, cluster, labels);
    return read === null
      ? []
      : [
          {
            read,
            points: new Map(
              points.filter(([, value]) => Number.isFinite(value)).map(([atMs, value]) => [second(atMs), Math.max(0, value)]),
            ),
          },
        ];
  });
