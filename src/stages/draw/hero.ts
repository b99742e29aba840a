import type { SignalName } from '../../domain/diagnosis.ts';
import type { PictureSpec, TextSpec } from '../../domain/message.ts';
import type { Report } from '../../domain/report.ts';
import type { PictureSeries } from '../../domain/signals.ts';
import { middleCut } from '../../domain/words.ts';
import { altText } from './alt-text.ts';
import { colours } from './charts.ts';
import { type Drawn, type Marks, reasonNotes, smallTitle, smallWorst, usuallyText } from './notes.ts';
import { bigPanel, data, heading, noMarks, type Part, sceneOf, width } from './panels.ts';
import { niceAxis } from './scale.ts';
import type { Thresholds } from './threshold.ts';

/** Drawn at twice that (0.86 MP). */
const height = 384;
const large = { titleYPx: 62, yPx: 74, heightPx: 166, ticks: 4 } as const;
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

const smallPanel = ({ chart, line }: Drawn, index: number, series: PictureSeries, marks: Marks): Part => {
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

/**
 * The hero picture: the signal that fired large, the other three small; firing band, threshold, the same hour before as a
 * ghost, change marks, traced requests. Null when there is nothing to draw.
 */
export const hero = (report: Report, zone: string): PictureSpec | null => {
  const scene = sceneOf(report);
  if (scene === null) return null;
  const { series, thresholds, marks } = scene;
  const first = heroSignal(report, thresholds);
  const others = (['latency', 'traffic', 'errors', 'saturation'] as const).filter((name) => name !== first);
  const [one, ...rest] = [scene.drawn(first), ...others.map(scene.drawn)] as const;
  const parts = [
    bigPanel(one, series, marks, zone, large),
    ...rest.map((drawn, index) => smallPanel(drawn, index, series, marks)),
  ];
  return {
    name: 'golden-signals',
    widthPx: width,
    heightPx: height,
    panels: parts.map(({ panel }) => panel),
    texts: [...heading(report, series, marks, zone), ...parts.flatMap(({ texts }) => texts)],
    altText: altText(report, [one, ...rest], 1, series, marks, zone),
  };
};
