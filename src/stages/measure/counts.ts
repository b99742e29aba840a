import { labelOf } from '../../domain/alert.ts';
import { sorted } from '../../domain/connections.ts';
import type { Dialect } from '../../domain/dialect.ts';
import { byEdgeKey, type Edge, edgeKey, isSameCallee } from '../../domain/edge.ts';
import { tagLabel } from '../../domain/promql/union.ts';
import type { RowLabels } from '../../domain/row.ts';
import type { Counts, Duration, EdgeReading, Outcome, Reporter, ReporterReading, Windows } from '../../domain/signals.ts';
import type { EpochMs } from '../../domain/time.ts';
import { withBorn } from './born.ts';
import { grouped, groupKey, servicesOf } from './grouped.ts';
import { type CountRow, type Grouped, type Row, rowsOf, second } from './rows.ts';
import type { WindowPlan } from './windows.ts';

const none: Counts = { requests: 0, failed: 0, refused: 0, clientLeft: 0, clientError: 0 };

const plus = (counts: Counts, { outcome }: RowLabels, requests: number): Counts => ({
  requests: counts.requests + requests,
  failed: counts.failed + (outcome === 'failed' ? requests : 0),
  refused: counts.refused + (outcome === 'refused' ? requests : 0),
  clientLeft: counts.clientLeft + (outcome === 'client-left' ? requests : 0),
  clientError: counts.clientError + (outcome === 'client-error' ? requests : 0),
});

const countsAt = (rows: readonly Row[], atMs: EpochMs): Counts | null => {
  const moment = second(atMs);
  const there = rows.filter(({ points }) => points.has(moment));
  return there.length === 0 ? null : there.reduce((sum, { read, points }) => plus(sum, read, points.get(moment) ?? 0), none);
};

const outcomesAt = (rows: readonly Row[], atMs: EpochMs): readonly Outcome[] =>
  rows
    .map(({ read, points }) => ({
      code: read.code,
      grpcStatus: read.grpcStatus,
      flags: read.flags,
      protocol: read.protocol,
      workload: read.workload,
      version: read.version,
      requests: points.get(second(atMs)) ?? 0,
    }))
    .filter(({ requests }) => requests > 0)
    .sort((a, b) => b.requests - a.requests || (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));

/** The answers of wave 2, as rows. */
export type CountAnswers = {
  readonly range: readonly CountRow[];
  readonly older: readonly CountRow[];
  readonly base: readonly CountRow[];
};

const tags = ['1h', '1d', '1w', 'first', 'second', 'born', 'sum', 'count', 'sum-past', 'count-past', 'seen'] as const;
type Tag = (typeof tags)[number];

/** Every answer, read once and grouped by edge. */
type Indexed = {
  readonly range: ReadonlyMap<string, Grouped>;
  readonly older: ReadonlyMap<string, Grouped>;
  readonly tag: Readonly<Record<Tag, ReadonlyMap<string, Grouped>>>;
};

export const indexed = (
  dialect: Dialect,
  cluster: string | null,
  answers: CountAnswers,
  plan: WindowPlan,
  asked: Edge | null = null,
): Indexed => {
  const untagged = (rows: readonly CountRow[]): readonly Row[] =>
    rowsOf(
      dialect,
      cluster,
      rows.filter(({ labels }) => labelOf(labels, tagLabel) === null),
    );
  const every = [untagged(answers.range), untagged(answers.older)];
  const [range = [], older = []] = every.map((rows) => sorted(dialect, rows, every.flat()));
  const taggedRows = (tag: Tag): readonly Row[] =>
    sorted(
      dialect,
      rowsOf(
        dialect,
        cluster,
        [...answers.base, ...answers.range, ...answers.older].filter(({ labels }) => labelOf(labels, tagLabel) === tag),
      ),
      every.flat(),
    );
  const services = servicesOf([...range, ...older, ...taggedRows('1d')]);
  const tag = Object.fromEntries(
    tags.map((name) => [name, grouped(taggedRows(name), services, asked)]),
  ) as unknown as Indexed['tag'];
  return { range: withBorn(grouped(range, services, asked), tag.born, plan), older: grouped(older, services, asked), tag };
};

/** Values of the windows of the recent past, oldest first; windows without samples are left out. */
export const localOf = <T>({ local, seconds }: WindowPlan, at: (atMs: EpochMs) => T | null): readonly T[] => {
  const found: T[] = [];
  for (let atMs = local.startMs; atMs <= local.endMs; atMs += seconds * 1000) {
    const value = at(atMs);
    if (value !== null) found.push(value);
  }
  return found;
};

/**
 * The mean's parts, in every window that can be trusted: where the ends of a window missed more than half of the requests that were
 * counted in it (series reset or born inside), their mean is that of a few, or of nothing.
 */
const meanOf = (dialect: Dialect, index: Indexed, key: string, plan: WindowPlan): Windows<Duration> | null => {
  const perUnit = dialect.durationUnit === 'ms' ? 0.001 : 1;
  const total = (tag: Tag, atMs: EpochMs): number | null => {
    const values = (index.tag[tag].get(key)?.rows ?? [])
      .map(({ points }) => points.get(second(atMs)))
      .filter((value) => value !== undefined);
    return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0);
  };
  const read = (sumTag: Tag, countTag: Tag, atMs: EpochMs): Duration | null => {
    const [sum, count] = [total(sumTag, atMs), total(countTag, atMs)];
    return sum === null || count === null ? null : { requests: count, totalSeconds: sum * perUnit };
  };
  const now = read('sum', 'count', plan.atMs);
  if (now === null) return null;
  const counted = (atMs: EpochMs): number =>
    (countsAt(index.range.get(key)?.rows ?? [], atMs) ?? countsAt(index.older.get(key)?.rows ?? [], atMs))?.requests ?? 0;
  const timedShare = now.requests / Math.max(now.requests, counted(plan.atMs));
  const past = (atMs: EpochMs): Duration | null => {
    const value = read('sum', 'count', atMs) ?? read('sum-past', 'count-past', atMs);
    return value !== null && value.requests < (timedShare * counted(atMs)) / 2 ? null : value;
  };
  const previous = past(plan.atMs - plan.seconds * 1000);
  return { now, halves: null, previous, local: localOf(plan, past), base: [] };
};

const windowsOf = (index: Indexed, key: string, plan: WindowPlan): Windows<Counts> => {
  const at = (atMs: EpochMs) => countsAt(index.range.get(key)?.rows ?? [], atMs);
  const atOlder = (atMs: EpochMs) => countsAt(index.older.get(key)?.rows ?? [], atMs);
  const tag = (name: Tag) => countsAt(index.tag[name].get(key)?.rows ?? [], plan.atMs);
  const [first, last] = [tag('first'), tag('second')];
  return {
    now: at(plan.atMs) ?? none,
    // A half without samples is not a half without requests: the edge was not scraped twice in it, or is younger.
    halves: first === null || last === null ? null : [first, last],
    previous: at(plan.atMs - plan.seconds * 1000),
    local: localOf(plan, plan.older === null ? at : atOlder),
    base: (['1h', '1d', '1w'] as const).flatMap((ago) => {
      const value = tag(ago);
      return value === null || value.requests === 0 ? [] : [{ ago, value }];
    }),
  };
};

/** Callees whose own reporter had series in the past: without it "the callee did not see it" proves nothing. */
const reportingCallees = (
  readings: readonly { readonly edge: Edge; readonly callee: ReporterReading | null }[],
): readonly Edge[] =>
  readings
    .filter(
      ({ callee }) =>
        callee !== null &&
        [callee.counts.previous, ...callee.counts.local, ...callee.counts.base.map(({ value }) => value)].some(
          (counts) => (counts?.requests ?? 0) > 0,
        ),
    )
    .map(({ edge }) => edge);

/** Requests that came back fine: whoever answered them is there. */
const hasAnswers = ({ caller }: { readonly caller: ReporterReading | null }): boolean => {
  if (caller === null) return false;
  const { requests, failed, refused, clientLeft } = caller.counts.now;
  return requests - failed - refused - clientLeft >= 1;
};

/**
 * The readings of every edge that answered, sorted by key. A window without samples is left out, never taken for zero: nor is now. Where
 * `asked` is a callee as all its callers see it, all of them together are one reading more.
 */
export const readCounts = (
  dialect: Dialect,
  cluster: string | null,
  answers: CountAnswers,
  plan: WindowPlan,
  asked: Edge | null = null,
): readonly EdgeReading[] => {
  const index = indexed(dialect, cluster, answers, plan, asked);
  const groups = new Map([...index.tag['1w'], ...index.tag['1d'], ...index.tag['1h'], ...index.older, ...index.range]);
  const found = new Map<string, { edge: Edge; caller: ReporterReading | null; callee: ReporterReading | null }>();
  for (const [key, { edge, reporter }] of [...groups].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const rows = index.range.get(key)?.rows ?? [];
    const reading: ReporterReading = {
      reporter,
      counts: windowsOf(index, key, plan),
      outcomes: outcomesAt(rows, plan.atMs),
      duration: meanOf(dialect, index, key, plan),
      latency: null,
    };
    const known = found.get(edgeKey(edge)) ?? { edge, caller: null, callee: null };
    found.set(edgeKey(edge), {
      ...known,
      edge: known.edge.destination.workload === null ? edge : known.edge,
      [reporter]: reading,
    });
  }
  const isCounted = (edge: Edge, reporter: Reporter): boolean =>
    countsAt(index.range.get(groupKey(reporter, edge))?.rows ?? [], plan.atMs) !== null;
  /** Its proxies are not scraped any more while the callee's are: what it counted of now is a part, and the callee's count is whole. */
  const hasLeft = (edge: Edge): boolean =>
    !index.tag.seen.has(groupKey('caller', edge)) && index.tag.seen.has(groupKey('callee', edge));
  const readings = [...found.values()];
  const reporting = reportingCallees(readings);
  return readings
    .map((reading) => {
      const same = readings.filter(({ edge }) => isSameCallee(edge, reading.edge));
      // A callee that answers and has no series at all is one whose proxies are not scraped any more.
      const isUnseen = !same.some(({ edge }) => isCounted(edge, 'callee')) && same.some(hasAnswers);
      return {
        edge: reading.edge,
        caller: isCounted(reading.edge, 'caller') && !hasLeft(reading.edge) ? reading.caller : null,
        callee: isCounted(reading.edge, 'callee') ? reading.callee : null,
        calleeReports: !isUnseen && reporting.some((edge) => isSameCallee(edge, reading.edge)),
      };
    })
    .sort((a, b) => byEdgeKey(a.edge, b.edge));
};
