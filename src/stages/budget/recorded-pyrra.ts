import { type Labels, labelOf, labelsOf } from '../../domain/alert.ts';
import { secondsOfPromql } from '../../domain/duration.ts';
import { tagged, tagLabel, union } from '../../domain/promql/union.ts';
import { duration, equals, oneOf, selector } from '../../domain/promql.ts';
import type { PlannedQuery } from '../../domain/question.ts';
import { ppmOfNumber } from '../../domain/slo/objective.ts';
import type { Burnt, Weighing } from '../../domain/slo/reading.ts';
import { dayMs, type EpochMs } from '../../domain/time.ts';
import { type Increased, increasedIn } from './pyrra-rules.ts';
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
} from './recorded.ts';

const daySeconds = dayMs / 1000;
const windowed = /^(.+):(burnrate|increase|count|sum)([0-9a-z]+)$/;

/**
 * What Pyrra records of the moment (pyrra-dev/pyrra, slo/rules.go): the generic series, where it was started with them, the burn rates,
 * and which increases there are. Their series themselves are many: one for every code.
 */
export const planPyrraNow = (atMs: EpochMs): PlannedQuery => {
  const now = '{__name__=~"pyrra_objective|pyrra_window|pyrra_availability|.+:burnrate[0-9a-z]+",slo!=""}';
  const increases = 'group by (__name__, slo) ({__name__=~".+:(increase|count)[0-9a-z]+",slo!=""})';
  return {
    id: 'pyrra-now',
    what: 'what Pyrra records',
    promql: union([now, tagged('increases', increases)]) ?? '',
    budget: 'apart',
    kind: 'instant',
    atMs,
  };
};

/** One objective, as far as the series of the moment and the rules tell. */
type PyrraNow = {
  readonly id: string;
  readonly objectivePpm: number;
  readonly days: number;
  readonly owner: string | null;
  /** Null: started without generic rules, or its events are grouped. */
  readonly availability: number | null;
  readonly burnrates: readonly {
    readonly series: string;
    readonly seconds: number;
    readonly labels: Labels;
    readonly value: number;
  }[];
  /** What its increases are asked with; null: the rules do not say. */
  readonly increased: Increased | null;
  readonly weighs: Weighing;
};

/** 0.995 of "… > (14 * (1 - 0.995))": without generic rules only the alerts say what is to be kept. */
const objectiveIn = (expression: string): number | null => {
  const parts = /\(\s*[\d.]+\s*\*\s*\(\s*1\s*-\s*(0?\.\d+)\s*\)\s*\)/.exec(expression);
  return parts === null ? null : ppmOfNumber(Number(parts[1]));
};

const weighing = (id: string, seconds: number, rules: Rules): Weighing => {
  const period = (rules ?? []).find(({ name, labels }) => {
    const parts = windowed.exec(name);
    return labelOf(labels, 'slo') === id && parts?.[2] !== 'burnrate' && secondsOfPromql(parts?.[3] ?? '') === seconds;
  });
  if (period === undefined) return 'not-known';
  return /:(?:increase|count|sum)5m\b/.test(period.expression) ? 'nearly-events' : 'events';
};

const pyrraOf = (id: string, rows: readonly Recorded[], rules: Rules, alerts: Rules): readonly PyrraNow[] => {
  const recordedAs = (name: string): number | null => rows.find(({ labels }) => nameOf(labels) === name)?.value ?? null;
  const timed = rows.flatMap(({ labels, value }) => {
    const parts = windowed.exec(nameOf(labels));
    const seconds = secondsOfPromql(parts?.[3] ?? '');
    return parts === null || seconds === null ? [] : [{ series: parts[0], kind: parts[2], seconds, labels, value }];
  });
  const ownAlerts = (alerts ?? []).filter(({ labels }) => labelOf(labels, 'slo') === id);
  const objectivePpm =
    ppmOfNumber(recordedAs('pyrra_objective') ?? Number.NaN) ??
    ownAlerts.map(({ expression }) => objectiveIn(expression)).find((ppm) => ppm !== null) ??
    null;
  // Beside the period there is at most the increase of 5 min that it is summed of.
  const periods = timed.filter(({ kind }) => kind !== 'burnrate').map(({ seconds }) => seconds);
  const seconds = recordedAs('pyrra_window') ?? Math.max(0, ...periods.filter((one) => one > slotSeconds));
  if (objectivePpm === null || !(seconds > 0)) return [];
  const first = rows.find(({ labels }) => nameOf(labels) === 'pyrra_objective') ?? rows[0];
  return [
    {
      id,
      objectivePpm,
      days: seconds / daySeconds,
      owner: first === undefined ? null : labelOf(first.labels, 'team'),
      availability: recordedAs('pyrra_availability'),
      burnrates: timed.filter(({ kind }) => kind === 'burnrate'),
      increased: increasedIn(id, seconds, rules),
      weighs: weighing(id, seconds, rules),
    },
  ];
};

/** The objectives that Pyrra's series tell of. `alerts`: the alerting rules, which hold the objective where no series does. */
export const pyrraNow = (samples: readonly Recorded[], rules: Rules, alerts: Rules): readonly PyrraNow[] => {
  const byId = new Map<string, Recorded[]>();
  for (const row of samples) {
    const id = labelOf(row.labels, 'slo');
    // Others use the label `slo` as well: what Pyrra records has names of its own.
    const isPyrras = nameOf(row.labels).startsWith('pyrra_') || windowed.test(nameOf(row.labels));
    if (id !== null && isPyrras) byId.set(id, [...(byId.get(id) ?? []), row]);
  }
  return [...byId].flatMap(([id, rows]) => pyrraOf(id, rows, rules, alerts));
};

/** A series of which every slot of the period has a sample while Prometheus and its rules run, and none else. */
const looked = ({ id, availability, burnrates }: PyrraNow): string | null => {
  if (availability !== null) return selector('pyrra_requests:rate5m', [equals('slo', id)]);
  const [shortest] = [...burnrates].sort((a, b) => a.seconds - b.seconds);
  return shortest === undefined ? null : selector(shortest.series, [equals('slo', id)]);
};

const seen = (now: PyrraNow): string | null => {
  const series = looked(now);
  const range = `[${duration(now.days * daySeconds)}:${duration(slotSeconds)}]`;
  return series === null ? null : tagged(`slots ${now.id}`, `max(count_over_time(${series}${range}))`);
};

/** Of generic ones that are alike all in one: as many parts as there are windows. */
const seenTogether = (known: readonly PyrraNow[]): readonly string[] => {
  const generic = known.filter(({ availability }) => availability !== null);
  return [...new Set(generic.map(({ days }) => days))].map((days) => {
    const ids = generic.filter((one) => one.days === days).map(({ id }) => id);
    const series = selector('pyrra_requests:rate5m', [oneOf('slo', ids)]);
    const range = `[${duration(days * daySeconds)}:${duration(slotSeconds)}]`;
    return tagged('slots', `max by (slo) (count_over_time(${series}${range}))`);
  });
};

/** The events of every period, as far as the rules say how they are told apart, and how much of it was recorded. */
export const planPyrraPeriods = (known: readonly PyrraNow[], atMs: EpochMs): PlannedQuery | null => {
  const parts = known.flatMap((now) => [
    now.increased === null ? null : tagged(`all ${now.id}`, `(${now.increased.total})`),
    now.increased?.bad == null ? null : tagged(`bad ${now.id}`, `(${now.increased.bad})`),
    now.availability === null ? seen(now) : null,
  ]);
  const promql = union([...parts, ...seenTogether(known)]);
  return promql === null
    ? null
    : { id: 'pyrra-periods', what: 'the periods that Pyrra records', promql, budget: 'apart', kind: 'instant', atMs };
};

const groupOf = (labels: Labels): Labels => labelsOf(Object.entries(labels).filter(([name]) => name !== tagLabel));

/** The share of one group over its period, with its events where those are recorded; undefined: nobody knows. */
const wholeOf = (now: PyrraNow, total: number | null, bad: number | null): Burnt | null | undefined => {
  if (now.availability !== null) return burntOf(1 - now.availability, total);
  if (total === null) return undefined;
  return total > 0 ? burntOf((bad ?? 0) / total, total) : null;
};

const readingsOf = (now: PyrraNow, periods: readonly Recorded[], atMs: EpochMs, source: string): readonly RecordedSlo[] => {
  const { id, days, burnrates, weighs } = now;
  const of = (part: string): readonly Recorded[] => periods.filter(({ labels }) => tagOfRow(labels) === `${part} ${id}`);
  const shared = periods.find(({ labels }) => tagOfRow(labels) === 'slots' && labelOf(labels, 'slo') === id);
  const slots = of('slots')[0]?.value ?? shared?.value ?? 0;
  const totals = of('all').map(({ labels, value }) => ({ group: groupOf(labels), total: value }));
  const rows = totals.length === 0 ? [{ group: labelsOf([]), total: null }] : totals;
  return rows.map(({ group, total }) => {
    const isSame = ({ labels }: Pick<Recorded, 'labels'>): boolean =>
      Object.entries(group).every(([name, value]) => labelOf(labels, name) === value);
    const whole = wholeOf(now, total, of('bad').find(isSame)?.value ?? null);
    const slo = discovered('Pyrra', { ...now, name: groupedName(id, group), service: id });
    const gap = {
      what: 'the period that Pyrra records',
      source,
      reason: 'absent',
      detail: 'does not tell bad events of it apart',
    } as const;
    return {
      by: 'Pyrra',
      id,
      group,
      reading: recordedReading(slo, atMs, {
        whole: whole ?? null,
        burnt: burntIn(new Map(burnrates.filter(isSame).map(({ seconds, value }) => [seconds, value]))),
        coverage: Math.min(1, slots / Math.floor((days * daySeconds) / slotSeconds)),
        method: { kind: 'recorded', by: 'Pyrra', weighs },
        gaps: whole === undefined ? [gap] : [],
      }),
    };
  });
};

/** Puts together what Pyrra records. `periods` answers `planPyrraPeriods`. */
export const pyrraReadings = (
  known: readonly PyrraNow[],
  periods: readonly Recorded[],
  told: { readonly atMs: EpochMs; readonly source: string },
): readonly RecordedSlo[] => known.flatMap((now) => readingsOf(now, periods, told.atMs, told.source));
