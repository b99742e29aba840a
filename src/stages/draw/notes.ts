import type { SignalLine } from '../../domain/diagnosis.ts';
import type { TextSpec } from '../../domain/message.ts';
import type { Report } from '../../domain/report.ts';
import type { PictureSeries } from '../../domain/signals.ts';
import { hourMs } from '../../domain/time.ts';
import { middleCut } from '../../domain/words.ts';
import { type Chart, colours } from './charts.ts';
import { type Dot, heightOf } from './dots.ts';
import { seconds } from './figures.ts';

/** Where a plot stands in the picture, without its axes. */
export type Plot = { readonly xPx: number; readonly yPx: number; readonly widthPx: number; readonly heightPx: number };

/** Something that changed: its moment and a word or two. */
type ChangeMark = { readonly atMs: number; readonly text: string };

/** When it fired, and what changed. */
export type Marks = { readonly firedAtMs: number | null; readonly changes: readonly ChangeMark[] };

/** A chart with what the message says of its signal. */
export type Drawn = { readonly chart: Chart; readonly line: SignalLine | undefined };

/** The three that matter most, with a word or two. */
export const changeMarks = ({ diagnosis }: Report): readonly ChangeMark[] =>
  diagnosis.changes
    .flatMap(({ atMs, kind, workload }) =>
      atMs === null ? [] : [{ atMs, text: [kind.replaceAll('-', ' '), workload ?? ''].join(' ').trim() }],
    )
    .slice(0, 3);

const note = (text: string, xPx: number, yPx: number, rest: Partial<TextSpec> = {}): TextSpec => ({
  text,
  xPx,
  yPx,
  sizePx: 12.5,
  weight: 600,
  colour: colours.mute,
  anchor: 'start',
  rim: 'white',
  ...rest,
});

/** Where a moment stands between the left end of the plot and its right one. */
const shareOf = (atMs: number, { startMs, endMs }: PictureSeries): number => (atMs - startMs) / Math.max(1, endMs - startMs);

/** Beside a mark, on the side with more room. */
const beside = (share: number, plot: Plot, gapPx: number): Pick<TextSpec, 'xPx' | 'anchor'> =>
  share > 0.5
    ? { xPx: plot.xPx + share * plot.widthPx - gapPx, anchor: 'end' }
    : { xPx: plot.xPx + share * plot.widthPx + gapPx, anchor: 'start' };

/** "usually 0.9 %": as the message says it, so that both agree. */
export const usuallyText = (line: SignalLine | undefined, chart: Chart): string =>
  !line || line.usual === null || chart.labels.length === 0 ? '' : `usually ${line.usual}`;

const names: Readonly<Record<string, string>> = { latency: 'Latency', traffic: 'Traffic', errors: 'Errors' };

/**
 * The title of a small panel: the figure of the message, so that both agree, for its curve's last point is of a window that may end some
 * seconds earlier. The large one carries its figures at the end of its curves, and is titled by them.
 */
export const smallTitle = (line: SignalLine | undefined, chart: Chart): string => {
  const name = names[chart.template];
  return line === undefined || line.value === null || name === undefined || chart.labels.length === 0
    ? chart.title
    : `${name} ${line.now}`;
};

/** "alert above 5 %": what the dashed line is. */
const limitText = ({ threshold, axisText, template }: Chart): string =>
  threshold === null ? '' : `${template === 'saturation' ? 'limit' : 'alert above'} ${axisText(threshold)}`;

/** A panel for those who cannot see it. */
export const inWords = (line: SignalLine | undefined, chart: Chart, isLarge: boolean): string =>
  [isLarge ? chart.title : smallTitle(line, chart), usuallyText(line, chart), limitText(chart), worstText(chart)]
    .filter(Boolean)
    .join(', ');

/** What the dashed line is, on it at the end that `taken` leaves free; beneath it where it stands at the top. */
const limitNote = (chart: Chart, max: number, plot: Plot, taken: TextSpec | null): readonly TextSpec[] => {
  const { threshold } = chart;
  if (threshold === null || threshold < 0) return [];
  const yPx = plot.yPx + plot.heightPx * (1 - Math.min(1, threshold / max)) + (threshold > max * 0.92 ? 15 : -5);
  return taken?.anchor === 'start'
    ? [note(limitText(chart), plot.xPx + plot.widthPx - 5, yPx, { anchor: 'end' })]
    : [note(limitText(chart), plot.xPx + 5, yPx)];
};

const worstOf = ({ dots }: Chart): Dot | null => dots.find(({ isWorst }) => isWorst) ?? null;

const worstText = (chart: Chart): string => {
  const worst = worstOf(chart);
  return worst === null ? '' : `worst trace ${seconds(worst.latencySeconds)}`;
};

/** Above the axis stand the lines of quiet times. */
const quietPx = 12;

/** What the largest dot is, beside it. */
const worstNote = (chart: Chart, max: number, series: PictureSeries, plot: Plot): TextSpec | null => {
  const worst = worstOf(chart);
  if (worst === null) return null;
  const { xPx, anchor } = beside(shareOf(worst.atMs, series), plot, 9);
  const yPx = plot.yPx + Math.min(plot.heightPx * (1 - heightOf(worst, max)) + 4.5, plot.heightPx - quietPx);
  return note(worstText(chart), xPx, yPx, { colour: colours.bad, anchor });
};

const changeLinePx = 15;

/** Words beside the marks of what changed, one below the other, but for the line that `taken` stands on. */
const changeNotes = (
  changes: readonly ChangeMark[],
  series: PictureSeries,
  plot: Plot,
  taken: TextSpec | null,
): readonly TextSpec[] => {
  const lines = Array.from({ length: changes.length + 2 }, (_, index) => plot.yPx + 11 + index * changeLinePx);
  const free = lines.filter((yPx) => taken === null || Math.abs(yPx - taken.yPx) >= changeLinePx);
  return changes
    .filter(({ atMs }) => atMs >= series.startMs && atMs <= series.endMs)
    .map(({ atMs, text }, index) => {
      const { xPx, anchor } = beside(shareOf(atMs, series), plot, 5);
      return note(middleCut(text, 24), xPx, free[index] ?? plot.yPx, { colour: colours.change, anchor });
    });
};

/** What the marks in the large panel are: its threshold, what changed, the worst trace. */
export const plotNotes = (
  chart: Chart,
  max: number,
  changes: readonly ChangeMark[],
  series: PictureSeries,
  plot: Plot,
): readonly TextSpec[] => {
  const worst = worstNote(chart, max, series, plot);
  return [
    ...limitNote(chart, max, plot, worst),
    ...changeNotes(changes, series, plot, worst),
    ...(worst === null ? [] : [worst]),
  ];
};

/** Of a small panel the worst trace is told above it, at the end of its own line. */
export const smallWorst = (chart: Chart, rightPx: number, yPx: number): readonly TextSpec[] => {
  const worst = worstOf(chart);
  if (worst === null) return [];
  return [note(`trace ${seconds(worst.latencySeconds)}`, rightPx, yPx, { sizePx: 12, colour: colours.bad, anchor: 'end' })];
};

/** Breaks at spaces; a word longer than a line is cut in its middle. */
const wrapped = (text: string, letters: number): readonly string[] => {
  const lines: string[] = [];
  for (const word of text.split(/\s+/).map((whole) => middleCut(whole, letters))) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= letters) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.slice(0, 3);
};

/** Why a panel is empty, in it: an empty panel would look like a measurement of nothing. */
export const reasonNotes = (chart: Chart, line: SignalLine | undefined, plot: Plot): readonly TextSpec[] =>
  chart.labels.length > 0
    ? []
    : wrapped(
        line?.moved === null && line.why !== null ? line.why : 'no samples in this time',
        Math.floor(plot.widthPx / 6.4),
      ).map((text, index) => note(text, plot.xPx, plot.yPx + 16 + index * 16, { sizePx: 12, weight: 400 }));

/** "its last 12 h" where the trouble began before what is drawn. */
export const cutText = ({ evidence: { onsetMs } }: Report, { startMs, endMs }: PictureSeries): string | null =>
  onsetMs === null || onsetMs >= startMs ? null : `its last ${Math.round((endMs - startMs) / hourMs)} h`;
