import type { SignalName } from '../../domain/diagnosis.ts';
import { edgeOf, edgeTitle } from '../../domain/edge.ts';
import type { PanelSpec, PictureSpec, TextSpec } from '../../domain/message.ts';
import type { Report } from '../../domain/report.ts';
import type { PictureSeries } from '../../domain/signals.ts';
import { minuteOfDay } from '../../domain/time.ts';
import { middleCut } from '../../domain/words.ts';
import { altText } from './alt-text.ts';
import { type Chart, chartOf, colours } from './charts.ts';
import { dotRows } from './dots.ts';
import { zoneName } from './figures.ts';
import {
  changeMarks,
  type Drawn,
  type Marks,
  type Plot,
  plotNotes,
  reasonNotes,
  smallTitle,
  smallWorst,
  usuallyText,
} from './notes.ts';
import { dodge, niceAxis, timeTicks } from './scale.ts';
import { type Thresholds, thresholdsOf } from './threshold.ts';

/** Logical size; drawn at twice that (0.86 MP), so that 13 px text is readable on a phone 360 px wide. */
const width = 560;
const height = 384;
const big = { x: 0, y: 74, padding: { left: 66, right: 118, top: 10, bottom: 26 }, width: 376, height: 166 } as const;
const small = { y: 310, padding: { left: 6, right: 6, top: 6, bottom: 6 }, height: 54, gap: 12, margin: 14 } as const;

/**
 * Which signal stands large: the one that the alert's rule is about, where that is known; else the one that moved, errors first, since
 * a failed request is worse than a slow one.
 */
const heroSignal = ({ diagnosis }: Report, thresholds: Thresholds): SignalName => {
  const moved = (['errors', 'latency', 'traffic', 'saturation'] as const).find((name) =>
    diagnosis.signals.some((line) => line.signal === name && line.moved === true),
  );
  return (['errors', 'latency'] as const).find((name) => thresholds[name] !== undefined) ?? moved ?? 'errors';
};

/** Without any sample a firing line alone would look like a measurement. */
const noMarks: Marks = { firedAtMs: null, changes: [] };

const data = (chart: Chart, series: PictureSeries, marks: Marks, top: number) => {
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

const bigPanel = (
  { chart, line }: Drawn,
  series: PictureSeries,
  marks: Marks,
  zone: string,
): { readonly panel: PanelSpec; readonly texts: readonly TextSpec[] } => {
  const axis = niceAxis(chart.max, 4, chart.smallest);
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
  const top = big.y + big.padding.top;
  const wanted = chart.labels.map(({ text, at, colour }) => ({
    text,
    colour,
    yPx: top + big.height * (1 - Math.min(1, Math.max(0, at / axis.max))) + 4,
  }));
  const labels = dodge(wanted, 17, top + 6, top + big.height + 2).map(
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
    xPx: big.x,
    yPx: big.y,
    widthPx: big.width,
    heightPx: big.height,
    padding: big.padding,
    data: data(chart, series, chart.labels.length === 0 ? noMarks : marks, axis.max),
    signals,
  };
  const plot: Plot = { xPx: big.padding.left, yPx: top, widthPx: big.width, heightPx: big.height };
  const title = [chart.title, usuallyText(line, chart)].filter((text) => text !== '').join('  ·  ');
  return {
    panel,
    texts: [
      { text: middleCut(title, 62), xPx: 14, yPx: 62, sizePx: 16, weight: 700, colour: colours.ink, anchor: 'start' },
      ...plotNotes(chart, axis.max, chart.labels.length === 0 ? [] : marks.changes, series, plot),
      ...reasonNotes(chart, line, { ...plot, xPx: plot.xPx + 8, yPx: plot.yPx + 8 }),
      ...labels,
    ],
  };
};

/** Above a small panel: its signal with the figure, and on a line of their own what is usual and the worst trace. */
const smallTexts = ({ chart, line }: Drawn, xPx: number, rightPx: number): readonly TextSpec[] => {
  const yPx = small.y - 1;
  const title = middleCut(smallTitle(line, chart), 24);
  const usually = usuallyText(line, chart);
  return [
    { text: title, xPx, yPx: yPx - 15, sizePx: 13, weight: 600, colour: colours.ink, anchor: 'start' },
    { text: usually, xPx, yPx, sizePx: 12, weight: 400, colour: colours.mute, anchor: 'start' },
    ...smallWorst(chart, rightPx, yPx),
  ];
};

const smallPanel = (
  { chart, line }: Drawn,
  index: number,
  series: PictureSeries,
  marks: Marks,
): { readonly panel: PanelSpec; readonly texts: readonly TextSpec[] } => {
  const outer = (width - 2 * small.margin - 2 * small.gap) / 3;
  const x = small.margin + index * (outer + small.gap);
  const axis = niceAxis(chart.max, 2, chart.smallest);
  const signals = {
    x0: series.startMs,
    x1: Math.max(series.endMs, series.startMs + 1),
    y0: 0,
    y1: axis.max,
    xTicks: [],
    xLabels: [],
    yTicks: [],
    yLabels: [],
    lineWidth: 1.9,
  };
  const { padding } = small;
  const panel = {
    template: chart.template,
    xPx: x - padding.left,
    yPx: small.y,
    widthPx: outer,
    heightPx: small.height,
    padding,
    // Small, only the worst request is more than a blot.
    data: data(
      { ...chart, dots: chart.dots.filter(({ isWorst }) => isWorst) },
      series,
      chart.labels.length === 0 ? noMarks : marks,
      axis.max,
    ),
    signals,
  };
  return {
    panel,
    texts: [
      ...smallTexts({ chart, line }, x, x + outer),
      ...reasonNotes(chart, line, { xPx: x, yPx: small.y, widthPx: outer, heightPx: small.height }),
    ],
  };
};

const heading = (report: Report, series: PictureSeries, marks: Marks, zone: string): readonly TextSpec[] => {
  const edge = edgeOf(report.evidence.subject);
  const range = `${minuteOfDay(series.startMs, zone)}–${minuteOfDay(series.endMs, zone)} ${zoneName(series.endMs, zone)}`;
  const since = marks.firedAtMs === null ? range : `firing since ${minuteOfDay(marks.firedAtMs, zone)}  ·  ${range}`;
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

/**
 * The hero picture: the signal that fired large, the other three small; firing band, threshold, the same hour before as a
 * ghost, change marks, traced requests. Null when there is nothing to draw.
 */
export const hero = (report: Report, zone: string): PictureSpec | null => {
  const { picture, changes, rule, tracing } = report.evidence;
  if (picture === null || !picture.ok) return null;
  const series = picture.value;
  const thresholds = rule === null ? {} : thresholdsOf(rule.expression);
  const first = heroSignal(report, thresholds);
  const order = [first, ...(['latency', 'traffic', 'errors', 'saturation'] as const).filter((name) => name !== first)];
  const drawn = order.map(
    (name): Drawn => ({
      chart: chartOf(name, series, thresholds[name] ?? null, tracing?.ok ? tracing.value.requests : []),
      line: report.diagnosis.signals.find(({ signal }) => signal === name),
    }),
  );
  const marks: Marks = { firedAtMs: firedAt(report), changes: changes.ok ? changeMarks(report) : [] };
  const [large, ...rest] = drawn;
  if (!large) return null;
  const parts = [bigPanel(large, series, marks, zone), ...rest.map((one, index) => smallPanel(one, index, series, marks))];
  return {
    name: 'golden-signals',
    widthPx: width,
    heightPx: height,
    panels: parts.map((part) => part.panel),
    texts: [...heading(report, series, marks, zone), ...parts.flatMap((part) => part.texts)],
    altText: altText(report, drawn, series, marks, zone),
  };
};
