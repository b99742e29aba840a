import type { SignalName } from '../../domain/diagnosis.ts';
import { edgeOf, edgeTitle } from '../../domain/edge.ts';
import type { PanelSpec, TextSpec } from '../../domain/message.ts';
import type { Report } from '../../domain/report.ts';
import type { PictureSeries } from '../../domain/signals.ts';
import { minuteOfDay } from '../../domain/time.ts';
import { middleCut } from '../../domain/words.ts';
import { type Chart, chartOf, colours } from './charts.ts';
import { dotRows } from './dots.ts';
import { zoneName } from './figures.ts';
import { changeMarks, cutText, type Drawn, type Marks, type Plot, plotNotes, reasonNotes, usuallyText } from './notes.ts';
import { dodge, niceAxis, timeTicks } from './scale.ts';
import { type Thresholds, thresholdsOf } from './threshold.ts';

/** Logical width; drawn at twice that, so that 13 px text is readable on a phone 360 px wide. */
export const width = 560;
const big = { padding: { left: 66, right: 118, top: 10, bottom: 26 }, width: 376 } as const;

/** A panel with the texts around it. */
export type Part = { readonly panel: PanelSpec; readonly texts: readonly TextSpec[] };

/** Without any sample a firing line alone would look like a measurement. */
export const noMarks: Marks = { firedAtMs: null, changes: [] };

/** What a template is filled with. */
export const data = (chart: Chart, series: PictureSeries, marks: Marks, top: number) => {
  const fired = marks.firedAtMs === null || marks.firedAtMs > series.endMs ? null : Math.max(marks.firedAtMs, series.startMs);
  return {
    rows: chart.rows,
    single: chart.single,
    ...(chart.template === 'latency' ? { dots: dotRows(chart.dots, top) } : {}),
    band: fired === null ? [] : [{ a: fired, b: series.endMs }],
    threshold: chart.threshold === null ? [] : [{ v: chart.threshold }],
    changes: marks.changes.filter(({ atMs }) => atMs >= series.startMs && atMs <= series.endMs).map(({ atMs }) => ({ t: atMs })),
  };
};

/** Where a large panel stands: its title's baseline, its plot's outer top, how high the plot is and how many lines it may have. */
type Room = { readonly titleYPx: number; readonly yPx: number; readonly heightPx: number; readonly ticks: number };

/** A signal with its axes, its title above it and its labels beside it. */
export const bigPanel = ({ chart, line }: Drawn, series: PictureSeries, marks: Marks, zone: string, room: Room): Part => {
  const axis = niceAxis(chart.max, room.ticks, chart.smallest);
  const ticks = timeTicks(series.startMs, series.endMs, 5);
  const signals = {
    x0: series.startMs,
    x1: Math.max(series.endMs, series.startMs + 1),
    y0: 0,
    y1: axis.max,
    xTicks: ticks,
    xLabels: ticks.map((tick) => minuteOfDay(tick, zone)),
    yTicks: axis.ticks,
    yLabels: axis.ticks.map(chart.axisText),
    lineWidth: 2.4,
  };
  const top = room.yPx + big.padding.top;
  const wanted = chart.labels.map(({ text, at, colour }) => ({
    text,
    colour,
    yPx: top + room.heightPx * (1 - Math.min(1, Math.max(0, at / axis.max))) + 4,
  }));
  const labels = dodge(wanted, 17, top + 6, top + room.heightPx + 2).map(
    ({ text, yPx, colour }): TextSpec => ({
      text,
      xPx: big.padding.left + big.width + 8,
      yPx,
      sizePx: 13,
      weight: 600,
      colour,
      anchor: 'start',
    }),
  );
  const panel = {
    template: chart.template,
    xPx: 0,
    yPx: room.yPx,
    widthPx: big.width,
    heightPx: room.heightPx,
    padding: big.padding,
    data: data(chart, series, chart.labels.length === 0 ? noMarks : marks, axis.max),
    signals,
  };
  const plot: Plot = { xPx: big.padding.left, yPx: top, widthPx: big.width, heightPx: room.heightPx };
  const title = [chart.title, usuallyText(line, chart)].filter((text) => text !== '').join('  ·  ');
  return {
    panel,
    texts: [
      { text: middleCut(title, 62), xPx: 14, yPx: room.titleYPx, sizePx: 16, weight: 700, colour: colours.ink, anchor: 'start' },
      ...plotNotes(chart, axis.max, chart.labels.length === 0 ? [] : marks.changes, series, plot),
      ...reasonNotes(chart, line, { ...plot, xPx: plot.xPx + 8, yPx: plot.yPx + 8 }),
      ...labels,
    ],
  };
};

/** The edge and the time that is shown, above everything. */
export const heading = (report: Report, series: PictureSeries, marks: Marks, zone: string): readonly TextSpec[] => {
  const edge = edgeOf(report.evidence.subject);
  const range = `${minuteOfDay(series.startMs, zone)}–${minuteOfDay(series.endMs, zone)} ${zoneName(series.endMs, zone)}`;
  const fired = marks.firedAtMs === null ? null : `firing since ${minuteOfDay(marks.firedAtMs, zone)}`;
  const since = [cutText(report, series) ?? fired, range].filter((text) => text !== null).join('  ·  ');
  return [
    {
      text: middleCut(edge === null ? 'edge' : edgeTitle(edge), 34),
      xPx: 14,
      yPx: 30,
      sizePx: 17,
      weight: 700,
      colour: colours.ink,
      anchor: 'start',
    },
    {
      text: since,
      xPx: width - 14,
      yPx: 30,
      sizePx: 12.5,
      weight: 600,
      colour: marks.firedAtMs === null ? colours.mute : colours.bad,
      anchor: 'end',
    },
  ];
};

/** When the earliest alert that still fires began. */
const firedAt = (report: Report): number | null =>
  report.evidence.alerts
    .filter((alert) => alert.status === 'firing')
    .reduce<number | null>((first, { startsAtMs }) => (first === null ? startsAtMs : Math.min(first, startsAtMs)), null);

/** What every picture of an edge is drawn from; null when there is nothing to draw. */
type Scene = {
  readonly series: PictureSeries;
  readonly thresholds: Thresholds;
  readonly marks: Marks;
  readonly drawn: (name: SignalName) => Drawn;
};

/** A report as pictures need it. */
export const sceneOf = (report: Report): Scene | null => {
  const { picture, changes, rule, tracing } = report.evidence;
  if (picture === null || !picture.ok) return null;
  const series = picture.value;
  const thresholds = rule === null ? {} : thresholdsOf(rule.expression);
  return {
    series,
    thresholds,
    marks: { firedAtMs: firedAt(report), changes: changes.ok ? changeMarks(report) : [] },
    drawn: (name) => ({
      chart: chartOf(name, series, thresholds[name] ?? null, tracing?.ok ? tracing.value.requests : []),
      line: report.diagnosis.signals.find(({ signal }) => signal === name),
    }),
  };
};
