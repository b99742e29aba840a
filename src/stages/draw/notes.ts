import type { SignalLine } from '../../domain/diagnosis.ts';
import type { TextSpec } from '../../domain/message.ts';
import type { Report } from '../../domain/report.ts';
import type { PictureSeries } from '../../domain/signals.ts';
import { middleCut } from '../../domain/words.ts';
import { arrowAt, type Chart, colours } from './charts.ts';
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
  ...rest,
});

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

/** What the dashed line is, on it at its left end; beneath it where it stands at the top. */
export const limitNote = (chart: Chart, max: number, plot: Plot): readonly TextSpec[] => {
  const { threshold } = chart;
  if (threshold === null || threshold < 0) return [];
  const yPx = plot.yPx + plot.heightPx * (1 - Math.min(1, threshold / max)) + (threshold > max * 0.92 ? 15 : -5);
  return [note(limitText(chart), plot.xPx + 5, yPx)];
};

const worstText = ({ dots: [worst] }: Chart): string =>
  worst === undefined ? '' : `worst trace ${seconds(worst.latencySeconds)}`;

/** What the largest dot is, beside it on the side with more room. */
export const worstNote = (chart: Chart, max: number, { startMs, endMs }: PictureSeries, plot: Plot): readonly TextSpec[] => {
  const [worst] = chart.dots;
  if (worst === undefined) return [];
  const share = (worst.atMs - startMs) / Math.max(1, endMs - startMs);
  const [side, anchor] = share > 0.5 ? ([-9, 'end'] as const) : ([9, 'start'] as const);
  const yPx = plot.yPx + plot.heightPx * (1 - (worst.latencySeconds > max ? arrowAt : worst.latencySeconds / max)) + 4.5;
  return [note(worstText(chart), plot.xPx + share * plot.widthPx + side, yPx, { colour: colours.bad, anchor })];
};

/** Words beside the marks of what changed, on the side with more room, one below the other. */
export const changeNotes = (changes: readonly ChangeMark[], { startMs, endMs }: PictureSeries, plot: Plot): readonly TextSpec[] =>
  changes
    .filter(({ atMs }) => atMs >= startMs && atMs <= endMs)
    .map(({ atMs, text }, index) => {
      const share = (atMs - startMs) / Math.max(1, endMs - startMs);
      const [side, anchor] = share > 0.5 ? ([-5, 'end'] as const) : ([5, 'start'] as const);
      const xPx = plot.xPx + share * plot.widthPx + side;
      return note(middleCut(text, 24), xPx, plot.yPx + 11 + index * 15, { colour: colours.change, anchor });
    });

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
