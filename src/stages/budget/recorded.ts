import { type Labels, labelOf, type RecordingRule } from '../../domain/alert.ts';
import { tagLabel } from '../../domain/promql/union.ts';
import {
  type Burnt,
  type BurnWindow,
  burnWindows,
  type Recorder,
  type SloReading,
  type Weighing,
} from '../../domain/slo/reading.ts';
import { periodAt } from '../../domain/slo/window.ts';
import type { Slo } from '../../domain/slo.ts';
import type { EpochMs } from '../../domain/time.ts';

/** One sample of what rules record. */
export type Recorded = { readonly labels: Labels; readonly value: number };

/** What the rules of one tool record of one objective. */
export type RecordedSlo = {
  readonly by: Recorder;
  /** By which the tool tells its objectives apart: `sloth_id`, `slo`, `grafana_slo_uuid`. */
  readonly id: string;
  /** The labels of one of several groups of one objective; none where it has one budget for all. */
  readonly group: Labels;
  /** Its `slo` is what the series say of it. */
  readonly reading: SloReading;
};

/** The rules as they could be read; null: nobody could. */
export type Rules = readonly RecordingRule[] | null;

/** Slots of the period are looked at this far apart, as Sloth and Grafana do. */
export const slotSeconds = 300;

export const nameOf = (labels: Labels): string => labelOf(labels, '__name__') ?? '';
export const tagOfRow = (labels: Labels): string => labelOf(labels, tagLabel) ?? '';

/** A recorded share; null: it was 0/0, there were no events. Rounding of floats is no failure and no gain. */
export const burntOf = (ratio: number, total: number | null = null): Burnt | null => {
  if (!Number.isFinite(ratio)) return null;
  const share = Math.min(1, Math.max(0, ratio));
  return { ratio: share, events: total === null ? null : { total, bad: share * total } };
};

/** Windows of a tool that are not quite ours: Pyrra's of 30 d are 1 h 4 min where those of 28 d are 1 h. */
const nearEnough = 0.1;

/** What is recorded over the windows of the burn, of shares by their seconds. */
export const burntIn = (shares: ReadonlyMap<number, number>): ReadonlyMap<BurnWindow, Burnt | null> =>
  new Map(
    burnWindows.flatMap((window) => {
      const off = (seconds: number): number => Math.abs(seconds - window) / window;
      const [nearest] = [...shares].filter(([seconds]) => off(seconds) <= nearEnough).sort(([a], [b]) => off(a) - off(b));
      return nearest === undefined ? [] : [[window, burntOf(nearest[1])] as const];
    }),
  );

/** "checkout-availability (host=api, zone=a)": a group by its labels, in their order. */
export const groupedName = (name: string, group: Labels): string => {
  const said = Object.entries(group)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([label, value]) => `${label}=${value}`);
  return said.length === 0 ? name : `${name} (${said.join(', ')})`;
};

/** What weighs in a share, by the text that it is made with: rates are of events, means are over time. */
export const weighsOf = (expression: string): Weighing =>
  /\b(?:avg|sum|count)_over_time\s*\(/.test(expression) && !/\b(?:rate|increase)\s*\(/.test(expression)
    ? 'time'
    : /\b(?:rate|increase)\s*\(/.test(expression)
      ? 'events'
      : 'not-known';

/** What a reading of recorded series has in common. */
export const recordedReading = (
  slo: Slo,
  atMs: EpochMs,
  known: Pick<SloReading, 'whole' | 'burnt' | 'coverage' | 'method' | 'gaps'> & Pick<Partial<SloReading>, 'dropped'>,
): SloReading => ({
  slo,
  atMs,
  period: periodAt(slo.window, atMs),
  hours: [],
  sinceMs: null,
  reporter: null,
  ...known,
});

/** An objective of which only the series tell. */
export const discovered = (
  by: Recorder,
  known: Pick<Slo, 'name' | 'objectivePpm'> & { readonly service: string; readonly days: number; readonly owner: string | null },
): Slo => ({
  name: known.name,
  about: { kind: 'named', service: known.service },
  sli: { kind: 'recorded' },
  objectivePpm: known.objectivePpm,
  window: { kind: 'rolling', days: known.days },
  cluster: null,
  owner: known.owner,
  channel: null,
  origin: { format: by, file: null },
});
