import type { PanelSpec, PictureSpec, TextSpec } from '../../domain/message.ts';
import { allowedBad } from '../../domain/slo/budget.ts';
import { attainedText, objectiveText } from '../../domain/slo/objective.ts';
import type { SloReading } from '../../domain/slo/reading.ts';
import type { PastIncident } from '../../domain/slo/spenders.ts';
import type { EpochMs } from '../../domain/time.ts';
import { middleCut, percent } from '../../domain/words.ts';
import { colours } from './charts.ts';
import { width } from './panels.ts';

/** One budget to draw: its reading, what is left of it, and the incidents that fell in it. */
type DrawnBudget = {
  readonly reading: SloReading;
  readonly left: number;
  readonly incidents: readonly PastIncident[];
};

type Point = { readonly t: EpochMs; readonly left: number };

const panelPx = { plot: 92, each: 182, top: 14, padding: { left: 66, right: 24, top: 8, bottom: 26 } } as const;
const most = 3;

/**
 * What was left after each hour: all of it at the beginning of the window, what is left now at its end. A hundredth of a budget cannot be
 * seen, so hours that spent less are one step.
 */
const curveOf = ({ period, hours, whole, slo }: SloReading): readonly Point[] => {
  const allowed = allowedBad(whole?.events?.total ?? 0, slo.objectivePpm);
  if (allowed <= 0) return [];
  const points: Point[] = [{ t: period.startMs, left: 1 }];
  let left = 1;
  for (const [index, { events }] of hours.entries()) {
    left -= events.bad / allowed;
    const endMs = hours[index + 1]?.startMs ?? period.endMs;
    points.push({ t: endMs, left });
  }
  return points.filter(({ left: one }, index) => {
    const [before, after] = [points[index - 1]?.left, points[index + 1]?.left];
    return before === undefined || after === undefined || Math.abs(one - before) > 0.0005 || Math.abs(after - one) > 0.0005;
  });
};

/** Above nothing blue, below it vermillion; where it crosses, both lines meet at nothing. */
const rowsOf = (curve: readonly Point[]) =>
  curve
    .flatMap((point, index): readonly Point[] => {
      const next = curve[index + 1];
      if (next === undefined || point.left < 0 === next.left < 0) return [point];
      const part = point.left / (point.left - next.left);
      return [point, { t: point.t + part * (next.t - point.t), left: 0 }];
    })
    .map(({ t, left }) => ({ t, left: left >= 0 ? left : null, over: left <= 0 ? left : null }));

/** Spent evenly, nothing is left at the very end of the window. */
const evenOf = ({ startMs, endMs, wholeSeconds }: SloReading['period']) => [
  { t: startMs, even: 1 },
  { t: endMs, even: Math.max(0, 1 - (endMs - startMs) / (wholeSeconds * 1000)) },
];

/** "18 Nov", in the zone of the reader. */
const dateText = (atMs: EpochMs, zone: string): string =>
  new Intl.DateTimeFormat('en-GB', { timeZone: zone, day: 'numeric', month: 'short' }).format(atMs);

const ticksOf = ({ startMs, endMs }: SloReading['period']): readonly EpochMs[] =>
  [0, 1, 2, 3, 4].map((part) => startMs + (part * (endMs - startMs)) / 4);

/** The axis goes as far down as the budget is overspent, in whole halves of it; ten times over is off the picture, and said in words. */
const lowest = (curve: readonly Point[]): number =>
  Math.max(-10, Math.floor(2 * Math.min(0, ...curve.map(({ left }) => left))) / 2);

const yTicksOf = (low: number): readonly number[] => (low === 0 ? [0, 0.5, 1] : low >= -1 ? [low, 0, 1] : [Math.ceil(low), 0, 1]);

/** Above and below, so that a line at either end keeps its width. */
const room = 0.04;
/** Of the window: an hour of a month would be a hair. */
const narrowest = 1 / 120;

const leftWords = (left: number): string => (left < 0 ? `overspent by ${percent(-left)}` : `${percent(left)} left`);

const panelOf = ({ reading, incidents }: DrawnBudget, curve: readonly Point[], yPx: number, zone: string): PanelSpec => {
  const { period } = reading;
  const low = lowest(curve);
  const [ticks, yTicks] = [ticksOf(period), yTicksOf(low)];
  const inside = (atMs: EpochMs): EpochMs => Math.min(Math.max(atMs, period.startMs), period.endMs);
  return {
    template: 'budget',
    xPx: 0,
    yPx,
    widthPx: width - panelPx.padding.left - panelPx.padding.right,
    heightPx: panelPx.plot,
    padding: panelPx.padding,
    data: {
      rows: rowsOf(curve),
      even: evenOf(period),
      threshold: [{ v: 0 }],
      band: incidents.map(({ openedAtMs, closedAtMs }) => {
        const from = inside(openedAtMs);
        return { a: from, b: Math.max(inside(closedAtMs ?? period.endMs), from + narrowest * (period.endMs - period.startMs)) };
      }),
    },
    signals: {
      x0: period.startMs,
      x1: Math.max(period.endMs, period.startMs + 1),
      y0: low - room * (1 - low),
      y1: 1 + room * (1 - low),
      xTicks: ticks,
      xLabels: ticks.map((tick) => dateText(tick, zone)),
      yTicks,
      yLabels: yTicks.map((tick) => `${tick < 0 ? '−' : ''}${percent(Math.abs(tick))}`),
      lineWidth: 2.4,
    },
  };
};

/** What the dashed line and the bands are, said once. */
const noteOf = (hasBands: boolean): string => `dashed is spent evenly${hasBands ? ', purple an incident' : ''}`;

const evenNote = (hasBands: boolean, yPx: number): TextSpec => ({
  text: noteOf(hasBands),
  ...{ xPx: width - 14, yPx, sizePx: 13, weight: 400, colour: colours.mute, anchor: 'end' },
});

const titlesOf = ({ reading, left }: DrawnBudget, yPx: number): readonly TextSpec[] => {
  const { slo, whole } = reading;
  const attained = whole === null ? '' : `${attainedText(whole.ratio, slo.objectivePpm)} of ${objectiveText(slo.objectivePpm)}`;
  return [
    { text: middleCut(slo.name, 34), xPx: 14, yPx, sizePx: 16, weight: 700, colour: colours.ink, anchor: 'start' },
    {
      text: leftWords(left),
      xPx: width - 14,
      yPx,
      sizePx: 16,
      weight: 700,
      colour: left < 0 ? colours.bad : colours.p99,
      anchor: 'end',
    },
    { text: attained, xPx: 14, yPx: yPx + 19, sizePx: 13, weight: 400, colour: colours.mute, anchor: 'start' },
  ];
};

/** How budgets were spent over their windows, the first few given; null where no events are known of any. */
export const budgetPicture = (budgets: readonly DrawnBudget[], zone: string): PictureSpec | null => {
  const drawn = budgets
    .map((budget) => ({ budget, curve: curveOf(budget.reading) }))
    .filter(({ curve }) => curve.length > 1)
    .slice(0, most);
  if (drawn.length === 0) return null;
  const yOf = (index: number): number => panelPx.top + index * panelPx.each;
  const hasBands = drawn.some(({ budget: { incidents } }) => incidents.length > 0);
  const lines = drawn.map(({ budget: { reading, left } }) => `${reading.slo.name} ${leftWords(left)}`);
  return {
    name: 'error-budgets',
    widthPx: width,
    heightPx: panelPx.top + drawn.length * panelPx.each,
    panels: drawn.map(({ budget, curve }, index) => panelOf(budget, curve, yOf(index) + 44, zone)),
    texts: [...drawn.flatMap(({ budget }, index) => titlesOf(budget, yOf(index) + 16)), evenNote(hasBands, yOf(0) + 35)],
    altText: `Error budgets over their windows: ${lines.join('; ')}. Here ${noteOf(hasBands)}.`,
  };
};
