import { type Labels, labelOf } from '../../domain/alert.ts';
import type { Dialect } from '../../domain/dialect.ts';
import type { EdgeEnd } from '../../domain/edge.ts';
import { tagLabel } from '../../domain/promql/union.ts';
import { type RowLabels, readRow } from '../../domain/row.ts';
import type { Spent } from '../../domain/slo/reading.ts';
import { type BadRequests, type Events, noEvents, type Sli, type Slo } from '../../domain/slo.ts';
import { statusText } from '../../domain/span-status.ts';
import { seconds } from '../../domain/words.ts';
import { isBad } from './bad.ts';
import type { Part } from './family.ts';
import { readTag } from './plan.ts';

/** One row of an answer at one stretch. */
export type Tally = { readonly labels: Labels; readonly part: Part; readonly value: number };

/** What was counted of one stretch: null where nothing answered for it. */
export type Counted = {
  readonly events: Events;
  readonly spent: readonly Spent[];
  /** Those that answered anything. */
  readonly versions: readonly string[];
  readonly seen: number;
};

const endingOf = ({ code, grpcStatus, flags }: RowLabels): string =>
  statusText({
    attributes: {
      ...(code === '' ? {} : { 'http.status_code': code }),
      ...(grpcStatus === null ? {} : { 'grpc.status_code': grpcStatus }),
    },
    flags,
  }) || 'no status';

const callerOf = (row: RowLabels | null): EdgeEnd | null => {
  const source = row?.edge.source;
  return source == null || (source.workload === null && source.namespace === null) ? null : source;
};

const spentKey = ({ caller, ending, version }: Spent): string => JSON.stringify([caller, ending, version]);

/** Alike ones as one, the most first. */
export const spentTogether = (parts: readonly Spent[]): readonly Spent[] => {
  const sums = new Map<string, Spent>();
  for (const part of parts) {
    const key = spentKey(part);
    sums.set(key, { ...part, bad: part.bad + (sums.get(key)?.bad ?? 0) });
  }
  return [...sums.values()].filter(({ bad }) => bad > 0).sort((a, b) => b.bad - a.bad || (spentKey(a) < spentKey(b) ? -1 : 1));
};

const sumOf = (tallies: readonly Tally[], part: Part): number =>
  tallies.reduce((sum, tally) => sum + (tally.part === part ? tally.value : 0), 0);

/** Of rows that counted anything: the counters of a version that is gone are still there for a while. */
const versionsOf = (rows: readonly { readonly version: string | null; readonly many: number }[]): readonly string[] => [
  ...new Set(rows.flatMap(({ version, many }) => (version === null || many <= 0 ? [] : [version]))),
];

const byOutcome = (dialect: Dialect, bad: BadRequests, tallies: readonly Tally[]): Omit<Counted, 'seen'> => {
  const rows = tallies.flatMap(({ part, labels, value }) => {
    const row = part === 'all' ? readRow(dialect, null, labels) : null;
    return row === null ? [] : [{ row, value }];
  });
  const spent = rows
    .filter(({ row }) => isBad(bad, row))
    .map(({ row, value }) => ({ caller: callerOf(row), ending: endingOf(row), version: row.version, bad: value }));
  const total = rows.reduce((sum, { value }) => sum + value, 0);
  return {
    events: { total, bad: spent.reduce((sum, one) => sum + one.bad, 0) },
    spent: spentTogether(spent),
    versions: versionsOf(rows.map(({ row, value }) => ({ version: row.version, many: value }))),
  };
};

/** What was slower: all of a caller and version less those within the threshold. */
const bySlowness = (dialect: Dialect, thresholdSeconds: number, tallies: readonly Tally[]): Omit<Counted, 'seen'> => {
  const ending = `slower than ${seconds(thresholdSeconds)}`;
  const signed = tallies.flatMap(({ part, labels, value }): readonly Spent[] => {
    if (part === 'seen') return [];
    const row = readRow(dialect, null, labels);
    return [{ caller: callerOf(row), ending, version: row?.version ?? null, bad: part === 'within' ? -value : value }];
  });
  const total = sumOf(tallies, 'all');
  return {
    events: { total, bad: Math.max(0, total - sumOf(tallies, 'within')) },
    spent: spentTogether(signed),
    versions: versionsOf(signed.map(({ version, bad }) => ({ version, many: bad }))),
  };
};

/** By queries of a file: what these are about only the file knows. No row of what is counted is none of it: all of them were bad, or good. */
const byQueries = (counts: 'bad' | 'good', tallies: readonly Tally[]): Omit<Counted, 'seen'> => {
  const total = sumOf(tallies, 'all');
  const bad = Math.max(0, counts === 'good' ? total - sumOf(tallies, 'good') : sumOf(tallies, 'bad'));
  return { events: { total, bad }, spent: spentTogether([{ caller: null, ending: 'bad', version: null, bad }]), versions: [] };
};

const countedBy = (sli: Sli, dialect: Dialect, tallies: readonly Tally[]): Omit<Counted, 'seen'> => {
  if (sli.kind === 'availability') return byOutcome(dialect, sli.bad, tallies);
  if (sli.kind === 'latency') return bySlowness(dialect, sli.thresholdSeconds, tallies);
  return sli.kind === 'queries' ? byQueries(sli.counts, tallies) : { events: noEvents, spent: [], versions: [] };
};

/** Makes events of the rows of one stretch. */
export const countedOf = ({ sli }: Slo, dialect: Dialect, tallies: readonly Tally[]): Counted => {
  const clean = tallies
    .filter(({ value }) => Number.isFinite(value))
    .map((tally) => ({ ...tally, value: Math.max(0, tally.value) }));
  const seen = Math.min(1, Math.max(0, ...clean.filter(({ part }) => part === 'seen').map(({ value }) => value)));
  return clean.length === 0
    ? { events: noEvents, spent: [], versions: [], seen: 0 }
    : { ...countedBy(sli, dialect, clean), seen };
};

/** The tag of a row, read; null where it has none. */
export const taggedRow = (labels: Labels): { readonly part: Part; readonly of: string } | null => {
  const tag = labelOf(labels, tagLabel);
  return tag === null ? null : readTag(tag);
};
