import type { SignalName } from '../../domain/diagnosis.ts';
import type { Curve, PictureSeries } from '../../domain/signals.ts';
import type { TracedRequest } from '../../domain/tracing.ts';
import { type Dot, dotsIn, stretched } from './dots.ts';
import { bytes, count, percent, rate, seconds } from './figures.ts';
import { lastOf, maxOf } from './scale.ts';

/** Okabe–Ito; vermillion is for bad only. Label colours are darker twins, ≥ 4.5:1 on white. */
export const colours = {
  ink: '#1d1c1d',
  mute: '#616061',
  bad: '#b34e00',
  p99: '#00639c',
  p90: '#1a6fa3',
  p50: '#666666',
  ghost: '#6d6d74',
  refused: '#8f6200',
  change: '#6a4391',
} as const;

type Row = Readonly<Record<string, number | null>>;
type ChartLabel = { readonly text: string; readonly at: number; readonly colour: string };

/** One signal ready to be drawn at any size. Values are finite or null (the line breaks there). */
export type Chart = {
  readonly template: SignalName;
  /** Short, with the figure: "Errors 9.1 %". */
  readonly title: string;
  readonly max: number;
  readonly smallest: number;
  readonly rows: readonly Row[];
  /** A line's only point would be invisible: it is drawn as a dot. */
  readonly single: readonly Row[];
  readonly labels: readonly ChartLabel[];
  readonly threshold: number | null;
  /** Single requests by their traces, the worst first. */
  readonly dots: readonly Dot[];
  readonly axisText: (value: number) => string;
};

const finite = (value: number | undefined): number | null =>
  value !== undefined && Number.isFinite(value) ? Math.min(Math.max(value, -1e15), 1e15) : null;

/** More points than pixels cannot be seen: the worst of each bucket is kept, so that a spike survives. */
const maxPoints = 400;

/** Wide rows from curves that share their moments; a moment missing in one curve is a gap in that line. */
const rowsOf = (curves: Readonly<Record<string, Curve>>): readonly Row[] => {
  const at = new Map<number, Record<string, number | null>>();
  for (const [name, curve] of Object.entries(curves)) {
    const stride = Math.max(1, Math.ceil(curve.length / maxPoints));
    for (let index = 0; index < curve.length; index += stride) {
      const bucket = curve.slice(index, index + stride);
      const t = bucket[0]?.[0];
      if (t === undefined || !Number.isFinite(t)) continue;
      const value = stride === 1 ? finite(bucket[0]?.[1]) : finite(maxOf(bucket));
      at.set(t, { ...at.get(t), [name]: value });
    }
  }
  const names = Object.keys(curves);
  return [...at]
    .sort(([a], [b]) => a - b)
    .map(([t, values]) => ({ t, ...Object.fromEntries(names.map((name) => [name, values[name] ?? null])) }));
};

/**
 * A ghost line without its single missing moments: yesterday is often kept at a wider step than the picture's, and a dot between two
 * gaps would not be drawn at all. Only for what is usual; a gap of now stays a gap.
 */
const bridged = (curve: Curve): Curve =>
  curve.map(([t, value], index) => {
    const [before, after] = [finite(curve[index - 1]?.[1]), finite(curve[index + 1]?.[1])];
    return Number.isFinite(value) || before === null || after === null ? [t, value] : [t, (before + after) / 2];
  });

/** Rows whose value stands between two gaps. */
const lonely = (rows: readonly Row[], name: string): readonly Row[] =>
  rows.filter(
    (row, index) =>
      (row[name] ?? null) !== null && (rows[index - 1]?.[name] ?? null) === null && (rows[index + 1]?.[name] ?? null) === null,
  );

const label = (text: string, at: number | null, colour: string): readonly ChartLabel[] =>
  at === null ? [] : [{ text, at, colour }];

const latency = (series: PictureSeries, threshold: number | null, requests: readonly TracedRequest[]): Chart => {
  const { p50, p90, p99, usualP99, clipSeconds } = series.latency;
  const dots = dotsIn(series, requests);
  const highest = Math.max(maxOf(p50, p90, p99, usualP99), threshold ?? 0);
  const rows = rowsOf({ p50, p90, p99, usual: bridged(usualP99) });
  const said = (value: number): string =>
    clipSeconds !== null && value >= clipSeconds ? `≥ ${seconds(clipSeconds)}` : seconds(value);
  const [l50, l90, l99] = [lastOf(p50), lastOf(p90), lastOf(p99)];
  return {
    template: 'latency',
    title: l99 === null ? 'Latency: no data' : `Latency p99 ${said(l99)}`,
    max: stretched(highest, dots) * 1.05,
    smallest: 0.005,
    rows,
    single: lonely(rows, 'p99'),
    labels: [
      ...label(`p99 ${l99 === null ? '' : said(l99)}`, l99, colours.p99),
      ...label(`p90 ${l90 === null ? '' : said(l90)}`, l90, colours.p90),
      ...label(`p50 ${l50 === null ? '' : said(l50)}`, l50, colours.p50),
      ...label('p99 yesterday', lastOf(usualP99), colours.ghost),
    ],
    threshold,
    dots,
    axisText: seconds,
  };
};

const errors = ({ errors: { failed, refused, usual } }: PictureSeries, threshold: number | null): Chart => {
  const wide = rowsOf({ failed, refused, usual: bridged(usual) });
  const rows = wide.map((row) => {
    const low = row.failed ?? null;
    return {
      t: row.t ?? null,
      failed0: low === null ? null : 0,
      failed1: low,
      refused0: low,
      refused1: low === null ? null : low + (row.refused ?? 0),
      usual: row.usual ?? null,
    };
  });
  const [lastFailed, lastRefused] = [lastOf(failed), lastOf(refused)];
  const total = rows.reduce((max, row) => Math.max(max, row.refused1 ?? 0), 0);
  return {
    template: 'errors',
    title: lastFailed === null ? 'Errors: no data' : `Errors ${percent(lastFailed)}`,
    max: Math.max(total, maxOf(usual), threshold ?? 0) * 1.05,
    smallest: 0.01,
    rows,
    single: lonely(rows, 'failed1'),
    labels: [
      ...label(`failed ${percent(lastFailed ?? 0)}`, lastFailed, colours.bad),
      ...((lastRefused ?? 0) > 0
        ? label(`refused ${percent(lastRefused ?? 0)}`, (lastFailed ?? 0) + (lastRefused ?? 0), colours.refused)
        : []),
      ...label('yesterday', lastOf(usual), colours.ghost),
    ],
    threshold,
    dots: [],
    axisText: percent,
  };
};

const traffic = ({ traffic: { now, usual } }: PictureSeries): Chart => {
  const rows = rowsOf({ now, usual: bridged(usual) });
  const last = lastOf(now);
  return {
    template: 'traffic',
    title: last === null ? 'Traffic: no data' : `Traffic ${rate(last)}`,
    max: maxOf(now, usual) * 1.1,
    smallest: 1,
    rows,
    single: lonely(rows, 'now'),
    labels: [...label(`now ${rate(last ?? 0)}`, last, colours.p99), ...label('yesterday', lastOf(usual), colours.ghost)],
    threshold: null,
    dots: [],
    axisText: rate,
  };
};

const units: Readonly<Record<NonNullable<PictureSeries['saturation']>['unit'], (value: number) => string>> = {
  ratio: percent,
  'requests/s': rate,
  connections: count,
  cores: count,
  bytes,
};

const saturation = ({ saturation: seen }: PictureSeries): Chart => {
  const limit = finite(seen?.limit ?? undefined);
  const rows = rowsOf({ now: seen?.now ?? [] });
  const last = lastOf(seen?.now ?? []);
  const text = units[seen?.unit ?? 'ratio'];
  return {
    template: 'saturation',
    title: seen === null || last === null ? 'Saturation: not known' : `${seen.label} ${text(last)}`,
    max: Math.max(maxOf(seen?.now ?? []) * 1.05, limit ?? 0),
    smallest: seen === null || seen.unit === 'ratio' ? 1 : 0.01,
    rows,
    single: lonely(rows, 'now'),
    labels: last === null ? [] : [{ text: text(last), at: last, colour: colours.ink }],
    threshold: limit,
    dots: [],
    axisText: text,
  };
};

/** The four golden signals as charts. */
export const chartOf = (
  signal: SignalName,
  series: PictureSeries,
  threshold: number | null,
  requests: readonly TracedRequest[] = [],
): Chart => {
  if (signal === 'latency') return latency(series, threshold, requests);
  if (signal === 'errors') return errors(series, threshold);
  return signal === 'traffic' ? traffic(series) : saturation(series);
};
