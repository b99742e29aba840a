import { type Labels, labelOf, labelsOf } from '../../domain/alert.ts';
import { secondsOfPromql } from '../../domain/duration.ts';
import type { Gap } from '../../domain/gathered.ts';
import { tagged, union } from '../../domain/promql/union.ts';
import { duration, oneOf, selector } from '../../domain/promql.ts';
import type { PlannedQuery } from '../../domain/question.ts';
import { ppmOfNumber, ppmOfPercent } from '../../domain/slo/objective.ts';
import type { Weighing } from '../../domain/slo/reading.ts';
import { dayMs, type EpochMs } from '../../domain/time.ts';
import {
  burntIn,
  burntOf,
  discovered,
  groupedName,
  nameOf,
  type Recorded,
  type RecordedSlo,
  type Rules,
  recordedReading,
  slotSeconds,
  tagOfRow,
  weighsOf,
} from './recorded.ts';

const ratioName = 'slo:sli_error:ratio_rate';
const daySeconds = dayMs / 1000;

/** Everything that Sloth records of the moment, in one call (slok/sloth, pkg/common/conventions/prometheus.go names them). */
export const planSlothNow = (atMs: EpochMs): PlannedQuery => ({
  id: 'sloth-now',
  what: 'what Sloth records',
  promql: `{__name__=~"${ratioName}[0-9a-z]+|slo:objective:ratio|slo:time_period:days|sloth_slo_info",sloth_id!=""}`,
  budget: 'apart',
  kind: 'instant',
  atMs,
});

/** One group of one objective, as far as the series of the moment tell. */
type SlothNow = {
  readonly id: string;
  readonly group: Labels;
  readonly objectivePpm: number;
  readonly days: number;
  readonly service: string;
  readonly owner: string | null;
  /** Shares by the seconds of their window, NaN among them. */
  readonly shares: ReadonlyMap<number, number>;
};

const shareSeconds = (labels: Labels): number | null => {
  const name = nameOf(labels);
  return name.startsWith(ratioName) ? secondsOfPromql(name.slice(ratioName.length)) : null;
};

/** Labels of a share beyond those that all of its objective have: several series of one objective are told apart by them. */
const groupOf = (labels: Labels, own: ReadonlySet<string>): Labels =>
  labelsOf(Object.entries(labels).filter(([name]) => !own.has(name)));

const keyOf = (group: Labels): string => groupedName('', group);

const objectiveOf = (id: string, rows: readonly Recorded[]): readonly SlothNow[] => {
  const [info, objective, period] = ['sloth_slo_info', 'slo:objective:ratio', 'slo:time_period:days'].map((wanted) =>
    rows.find(({ labels }) => nameOf(labels) === wanted),
  );
  const printed = info === undefined ? null : labelOf(info.labels, 'sloth_objective');
  // The series of the objective may hold 0.9990000000000001: the text is what somebody wrote.
  const objectivePpm = (printed === null ? null : ppmOfPercent(printed)) ?? ppmOfNumber(objective?.value ?? Number.NaN);
  const days = period?.value ?? Number.NaN;
  if (objectivePpm === null || !(days > 0)) return [];
  const told = [info, objective, period].flatMap((row) => (row === undefined ? [] : [row.labels]));
  const own = new Set(['__name__', 'sloth_window', ...told.flatMap((labels) => Object.keys(labels))]);
  const groups = new Map<string, { readonly group: Labels; readonly shares: Map<number, number> }>();
  for (const { labels, value } of rows) {
    const seconds = shareSeconds(labels);
    if (seconds === null) continue;
    const group = groupOf(labels, own);
    const known = groups.get(keyOf(group)) ?? { group, shares: new Map<number, number>() };
    if (!known.shares.has(seconds)) known.shares.set(seconds, value);
    groups.set(keyOf(group), known);
  }
  const labels = told[0] ?? labelsOf([]);
  const service = labelOf(labels, 'sloth_service') ?? id;
  const owner = labelOf(labels, 'owner') ?? labelOf(labels, 'team');
  const all = groups.size === 0 ? [{ group: labelsOf([]), shares: new Map<number, number>() }] : [...groups.values()];
  return all.map(({ group, shares }) => ({ id, group, objectivePpm, days, service, owner, shares }));
};

/** The objectives that Sloth's series tell of. */
export const slothNow = (samples: readonly Recorded[]): readonly SlothNow[] => {
  const byId = new Map<string, Recorded[]>();
  for (const row of samples) {
    const id = labelOf(row.labels, 'sloth_id');
    if (id !== null) byId.set(id, [...(byId.get(id) ?? []), row]);
  }
  return [...byId].flatMap(([id, rows]) => objectiveOf(id, rows));
};

const isPoisoned = ({ shares, days }: SlothNow): boolean => Number.isNaN(shares.get(days * daySeconds));

/**
 * How many slots of each period recorded anything; and of periods that are NaN what is left without the slots that are: one 0/0 of a quiet
 * five minutes makes `sum_over_time` NaN for all of the period (slok/sloth#133).
 */
export const planSlothPeriods = (known: readonly SlothNow[], atMs: EpochMs): PlannedQuery | null => {
  const over = (days: number, part: string, of: readonly SlothNow[], text: (series: string, range: string) => string) => {
    const ids = [...new Set(of.filter((one) => one.days === days).map(({ id }) => id))];
    const range = `[${duration(days * daySeconds)}:${duration(slotSeconds)}]`;
    return ids.length === 0 ? null : tagged(part, text(selector(`${ratioName}5m`, [oneOf('sloth_id', ids)]), range));
  };
  const poisoned = known.filter(isPoisoned);
  const promql = union(
    [...new Set(known.map(({ days }) => days))].flatMap((days) => [
      over(days, 'slots', known, (series, range) => `count_over_time(${series}${range})`),
      over(days, 'kept', poisoned, (series, range) => `count_over_time((${series} < +Inf)${range})`),
      over(days, 'sum', poisoned, (series, range) => `sum_over_time((${series} < +Inf)${range})`),
    ]),
  );
  return promql === null
    ? null
    : { id: 'sloth-periods', what: 'the periods that Sloth records', promql, budget: 'apart', kind: 'instant', atMs };
};

/** What weighs in the period of an objective, by the text of its rule (slok/sloth, `--disable-optimized-rules` among it). */
const weighing = ({ id, days }: SlothNow, rules: Rules): Weighing => {
  const own = (rules ?? []).filter(({ labels }) => labelOf(labels, 'sloth_id') === id);
  const of = (seconds: number): string | undefined =>
    own.find(({ name }) => name.startsWith(ratioName) && secondsOfPromql(name.slice(ratioName.length)) === seconds)?.expression;
  const period = of(days * daySeconds);
  if (period === undefined) return 'not-known';
  if (!new RegExp(`sum_over_time\\s*\\(\\s*${ratioName}`).test(period)) return weighsOf(period);
  // Its plugin of corrected denominators weighs every slot by its share of all events before the mean is taken.
  return of(slotSeconds)?.includes('slo:numerator_correction:') ? 'nearly-events' : 'time';
};

const absent = (source: string): Gap => ({
  what: 'the period that Sloth records',
  source,
  reason: 'absent',
  detail: 'has no share of it: its rules record nothing of what never failed',
});

const readingOf = (now: SlothNow, periods: readonly Recorded[], rules: Rules, atMs: EpochMs, source: string): RecordedSlo => {
  const { id, group, days, shares } = now;
  const own = (part: string): number | null =>
    periods.find(
      ({ labels }) =>
        tagOfRow(labels) === part &&
        labelOf(labels, 'sloth_id') === id &&
        Object.entries(group).every(([name, value]) => labelOf(labels, name) === value),
    )?.value ?? null;
  const slots = own('slots') ?? 0;
  const period = shares.get(days * daySeconds);
  const weighs = weighing(now, rules);
  // By events 0/0 is a period without any; by time it is a single slot.
  const isMended = isPoisoned(now) && weighs !== 'events';
  const [kept, sum] = [own('kept') ?? 0, own('sum') ?? 0];
  const share = isMended && kept > 0 ? sum / kept : (period ?? Number.NaN);
  const slo = discovered('Sloth', { ...now, name: groupedName(id, group) });
  return {
    by: 'Sloth',
    id,
    group,
    reading: recordedReading(slo, atMs, {
      whole: burntOf(share),
      burnt: burntIn(shares),
      coverage: Math.min(1, slots / Math.floor((days * daySeconds) / slotSeconds)),
      method: { kind: 'recorded', by: 'Sloth', weighs: isMended && kept > 0 && weighs === 'not-known' ? 'time' : weighs },
      ...(isMended && kept > 0 ? { dropped: { slots: slots - kept, of: slots } } : {}),
      gaps: period === undefined ? [absent(source)] : [],
    }),
  };
};

/** Puts together what Sloth records. `periods` answers `planSlothPeriods`. */
export const slothReadings = (
  known: readonly SlothNow[],
  periods: readonly Recorded[],
  told: { readonly rules: Rules; readonly atMs: EpochMs; readonly source: string },
): readonly RecordedSlo[] => known.map((now) => readingOf(now, periods, told.rules, told.atMs, told.source));
