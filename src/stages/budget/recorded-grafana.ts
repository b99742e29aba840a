import { labelOf, labelsOf } from '../../domain/alert.ts';
import { secondsOfPromql } from '../../domain/duration.ts';
import { tagged, union } from '../../domain/promql/union.ts';
import { duration, oneOf, selector } from '../../domain/promql.ts';
import type { PlannedQuery } from '../../domain/question.ts';
import { ppmOfNumber } from '../../domain/slo/objective.ts';
import { type Burnt, burnWindows } from '../../domain/slo/reading.ts';
import { dayMs, type EpochMs } from '../../domain/time.ts';
import {
  burntIn,
  burntOf,
  discovered,
  nameOf,
  type Recorded,
  type RecordedSlo,
  recordedReading,
  slotSeconds,
  tagOfRow,
} from './recorded.ts';

const uuidLabel = 'grafana_slo_uuid';
const sliName = 'grafana_slo_sli_';

/** What Grafana SLO records of the moment (grafana.com/docs/grafana-cloud/alerting-and-irm/slo). */
export const planGrafanaNow = (atMs: EpochMs): PlannedQuery => ({
  id: 'grafana-now',
  what: 'what Grafana SLO records',
  promql: `{__name__=~"grafana_slo_info|grafana_slo_objective|grafana_slo_objective_window_seconds|${sliName}.+",${uuidLabel}!=""}`,
  budget: 'apart',
  kind: 'instant',
  atMs,
});

/** One objective, as far as the series of the moment tell. */
type GrafanaNow = {
  readonly id: string;
  readonly name: string;
  readonly service: string;
  readonly owner: string | null;
  readonly objectivePpm: number;
  readonly seconds: number;
  /** Shares of good events of what knows no events, by the seconds of their window. */
  readonly slis: ReadonlyMap<number, number>;
};

const objectiveOf = (id: string, rows: readonly Recorded[]): readonly GrafanaNow[] => {
  const row = (name: string): Recorded | undefined => rows.find(({ labels }) => nameOf(labels) === name);
  const objectivePpm = ppmOfNumber(row('grafana_slo_objective')?.value ?? Number.NaN);
  const seconds = row('grafana_slo_objective_window_seconds')?.value ?? Number.NaN;
  if (objectivePpm === null || !(seconds > 0)) return [];
  const { labels } = row('grafana_slo_info') ?? { labels: labelsOf([]) };
  const slis = rows.flatMap((one) => {
    const window = nameOf(one.labels).startsWith(sliName) ? nameOf(one.labels).slice(sliName.length) : '';
    const length = window === 'window' ? seconds : secondsOfPromql(window);
    return length === null ? [] : [[length, one.value] as const];
  });
  const name = labelOf(labels, 'grafana_slo_name') ?? id;
  const service = labelOf(labels, 'grafana_slo_service') ?? name;
  const owner = labelOf(labels, 'grafana_slo_team');
  return [{ id, name, service, owner, objectivePpm, seconds, slis: new Map(slis) }];
};

/** The objectives that Grafana's series tell of. */
export const grafanaNow = (samples: readonly Recorded[]): readonly GrafanaNow[] => {
  const byId = new Map<string, Recorded[]>();
  for (const row of samples) {
    const id = labelOf(row.labels, uuidLabel);
    if (id !== null) byId.set(id, [...(byId.get(id) ?? []), row]);
  }
  return [...byId].flatMap(([id, rows]) => objectiveOf(id, rows));
};

/** The events of every window: rates of five minutes, those that are 0/0 left out as Grafana does, and how many slots there were. */
export const planGrafanaPeriods = (known: readonly GrafanaNow[], atMs: EpochMs): PlannedQuery | null => {
  const summed = (metric: string, ids: readonly string[], seconds: number): string => {
    const series = selector(metric, [oneOf(uuidLabel, ids)]);
    return `sum by (${uuidLabel}) (sum_over_time((${series} < +Inf)[${duration(seconds)}:${duration(slotSeconds)}])) * ${slotSeconds}`;
  };
  const events = (ids: readonly string[], seconds: number): readonly string[] => [
    tagged(`good ${seconds}`, summed('grafana_slo_success_rate_5m', ids, seconds)),
    tagged(`all ${seconds}`, summed('grafana_slo_total_rate_5m', ids, seconds)),
  ];
  const periods = [...new Set(known.map(({ seconds }) => seconds))].flatMap((seconds) => {
    const ids = known.filter((one) => one.seconds === seconds).map(({ id }) => id);
    const total = selector('grafana_slo_total_rate_5m', [oneOf(uuidLabel, ids)]);
    const sli = selector(`${sliName}5m`, [oneOf(uuidLabel, ids)]);
    const range = `[${duration(seconds)}:${duration(slotSeconds)}]`;
    const slots = `max by (${uuidLabel}) (count_over_time(${total}${range}) or count_over_time(${sli}${range}))`;
    return [...events(ids, seconds), tagged(`slots ${seconds}`, slots)];
  });
  const ids = known.map(({ id }) => id);
  const promql = ids.length === 0 ? null : union([...periods, ...burnWindows.flatMap((seconds) => events(ids, seconds))]);
  return promql === null
    ? null
    : { id: 'grafana-periods', what: 'the periods that Grafana SLO records', promql, budget: 'apart', kind: 'instant', atMs };
};

const readingOf = (now: GrafanaNow, periods: readonly Recorded[], atMs: EpochMs, source: string): RecordedSlo => {
  const { id, seconds, slis } = now;
  const of = (part: string, window: number): number | null =>
    periods.find(({ labels }) => tagOfRow(labels) === `${part} ${window}` && labelOf(labels, uuidLabel) === id)?.value ?? null;
  const counted = (window: number): Burnt | null | undefined => {
    const total = of('all', window);
    if (total === null) return undefined;
    return total > 0 ? burntOf(1 - (of('good', window) ?? 0) / total, total) : null;
  };
  const whole = counted(seconds);
  const known = burnWindows.flatMap((window) => {
    const burnt = counted(window);
    return burnt === undefined ? [] : [[window, burnt] as const];
  });
  const bySli = new Map([...slis].map(([window, good]) => [window, 1 - good]));
  const sli = bySli.get(seconds);
  const slo = discovered('Grafana SLO', { ...now, days: (seconds * 1000) / dayMs });
  const gap = { what: 'the period that Grafana SLO records', source, reason: 'absent', detail: 'has no share of it' } as const;
  return {
    by: 'Grafana SLO',
    id,
    group: labelsOf([]),
    reading: recordedReading(slo, atMs, {
      whole: whole === undefined ? burntOf(sli ?? Number.NaN) : whole,
      burnt: whole === undefined ? burntIn(bySli) : new Map(known),
      coverage: Math.min(1, (of('slots', seconds) ?? 0) / Math.floor(seconds / slotSeconds)),
      // A query of one's own has no events; how Grafana weighs it stands in no series.
      method: { kind: 'recorded', by: 'Grafana SLO', weighs: whole === undefined ? 'not-known' : 'events' },
      gaps: whole === undefined && sli === undefined ? [gap] : [],
    }),
  };
};

/** Puts together what Grafana SLO records. `periods` answers `planGrafanaPeriods`. */
export const grafanaReadings = (
  known: readonly GrafanaNow[],
  periods: readonly Recorded[],
  told: { readonly atMs: EpochMs; readonly source: string },
): readonly RecordedSlo[] => known.map((now) => readingOf(now, periods, told.atMs, told.source));
