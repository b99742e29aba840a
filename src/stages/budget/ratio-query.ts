import { tagged, union } from '../../domain/promql/union.ts';
import { duration } from '../../domain/promql.ts';
import type { PlannedQuery } from '../../domain/question.ts';
import { type BurnWindow, burnWindows, type SloReading, type Weighing } from '../../domain/slo/reading.ts';
import { periodAt } from '../../domain/slo/window.ts';
import { type Slo, windowMark } from '../../domain/slo.ts';
import { type EpochMs, hourMs } from '../../domain/time.ts';
import { burntOf, type Recorded, recordedReading, slotSeconds, tagOfRow, weighsOf } from './recorded.ts';

const lookSeconds = hourMs / 1000;

/** A share over a window: as its query takes one, else the mean of what it gives every five minutes, 0/0 left out. */
export const ratioOver = (errorRatio: string, seconds: number): string =>
  errorRatio.includes(windowMark)
    ? errorRatio.replaceAll(windowMark, duration(seconds))
    : `avg_over_time(((${errorRatio}) < +Inf)[${duration(seconds)}:${duration(slotSeconds)}])`;

const instant = (id: string, what: string, parts: readonly string[], atMs: EpochMs): PlannedQuery => ({
  id,
  what,
  promql: union(parts) ?? '',
  budget: 'apart',
  kind: 'instant',
  atMs,
});

/** A ratio over its whole period, and how many hours of it had one: the dear question; and the short windows of the burn. */
export const planRatio = (slo: Slo, errorRatio: string, atMs: EpochMs): readonly PlannedQuery[] => {
  const { startMs } = periodAt(slo.window, atMs);
  const seconds = Math.max(slotSeconds, (atMs - startMs) / 1000);
  const looked = `count_over_time((${errorRatio.replaceAll(windowMark, duration(slotSeconds))})[${duration(seconds)}:${duration(Math.min(lookSeconds, seconds))}])`;
  const looks = Math.max(1, Math.floor(seconds / lookSeconds));
  return [
    instant(
      'ratio-whole',
      'the share of bad events of its window',
      [tagged('whole', `(${ratioOver(errorRatio, seconds)})`), tagged('seen', `(${looked} / ${looks})`)],
      atMs,
    ),
    instant(
      'ratio-burnt',
      'the share of bad events of the last hours',
      burnWindows
        .filter((window) => window <= seconds)
        .map((window) => tagged(`${window}`, `(${ratioOver(errorRatio, window)})`)),
      atMs,
    ),
  ];
};

/** A ratio that takes no window weighs every five minutes the same. */
const weighing = (errorRatio: string): Weighing => (errorRatio.includes(windowMark) ? weighsOf(errorRatio) : 'time');

/** Puts together what a ratio answered; null: nobody did. */
export const ratioReading = (
  slo: Slo,
  errorRatio: string,
  answers: { readonly whole: readonly Recorded[] | null; readonly burnt: readonly Recorded[] | null },
  told: { readonly atMs: EpochMs; readonly source: string; readonly gaps: SloReading['gaps'] },
): SloReading => {
  const { atMs, source, gaps } = told;
  const rows = (tag: string): readonly Recorded[] => (answers.whole ?? []).filter(({ labels }) => tagOfRow(labels) === tag);
  const several = rows('whole').length > 1;
  const gap = {
    what: 'the share of bad events of its window',
    source,
    reason: 'unsupported',
    detail: `answered with ${rows('whole').length} shares, one is expected: its query has to leave none of several`,
  } as const;
  const burnt = (answers.burnt ?? []).flatMap(({ labels, value }) => {
    const window = burnWindows.find((one) => `${one}` === tagOfRow(labels));
    return window === undefined ? [] : [[window, burntOf(value)] as const];
  });
  return recordedReading(slo, atMs, {
    whole: several ? null : burntOf(rows('whole')[0]?.value ?? Number.NaN),
    burnt: new Map<BurnWindow, ReturnType<typeof burntOf>>(several ? [] : burnt),
    coverage: Math.min(1, rows('seen')[0]?.value ?? 0),
    method: { kind: 'asked', weighs: weighing(errorRatio) },
    gaps: several ? [...gaps, gap] : gaps,
  });
};
