import { edgeOf, edgeTitle } from '../../domain/edge.ts';
import type { Report } from '../../domain/report.ts';
import type { PictureSeries } from '../../domain/signals.ts';
import { minuteOfDay } from '../../domain/time.ts';
import { zoneName } from './figures.ts';
import { cutText, type Drawn, inWords, type Marks } from './notes.ts';

/** The numbers of the picture for those who cannot see it (Slack takes 2,000 characters): of so many large panels, then of small ones. */
export const altText = (
  report: Report,
  drawn: readonly Drawn[],
  large: number,
  series: PictureSeries,
  marks: Marks,
  zone: string,
): string => {
  const edge = edgeOf(report.evidence.subject);
  const fired = marks.firedAtMs === null ? '' : `, firing since ${minuteOfDay(marks.firedAtMs, zone)}`;
  const cut = cutText(report, series);
  const said = [
    `Charts of ${edge === null ? 'the edge' : edgeTitle(edge)}, ${minuteOfDay(series.startMs, zone)} to ${minuteOfDay(series.endMs, zone)} ${zoneName(series.endMs, zone)}${fired}${cut === null ? '' : `, of which ${cut} are drawn`}`,
    ...drawn.map(({ chart, line }, index) => inWords(line, chart, index < large)),
    ...marks.changes.map(({ atMs, text }) => `${text} at ${minuteOfDay(atMs, zone)}`),
  ];
  return `${said.join('. ')}.`.slice(0, 1000);
};
