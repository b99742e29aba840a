import { statusText } from '../../../domain/span-status.ts';
import type { Trace, TraceAnalysis } from '../../../domain/trace.ts';
import { percent } from '../figures.ts';
import { counted } from './names.ts';
import type { WaterfallRow } from './row.ts';
import type { WaterfallRows } from './rows.ts';
import { sumMicros } from './stretches.ts';
import { took } from './took.ts';

/** "2026-11-23 03:12:44 UTC". */
const utc = (atMs: number): string => {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: 'UTC', dateStyle: 'short', timeStyle: 'medium' });
  return `${format.format(atMs)} UTC`;
};

/** What makes a trace less than the whole request. */
const partly = ['truncated', 'missing-parent', 'several-roots', 'malformed-span', 'no-duration', 'no-start'] as const;

/** Whose trace, from when; how much of it is shown. */
export const footerLines = (
  trace: Trace,
  store: string,
  { wholeMicros, shownMicros, folded, outside }: WaterfallRows,
): readonly string[] => {
  const has = (code: string): boolean => trace.problems.some((problem) => problem.code === code);
  const shown = [
    `critical path ${took(shownMicros)} of ${took(wholeMicros)} shown`,
    ...(folded > 0 ? [`${counted(folded, 'span')} folded`] : []),
    ...(outside > 0 ? [`${counted(outside, 'span')} outside`] : []),
    ...(has('clock-skew') ? ['clocks differ'] : []),
    ...(partly.some(has) ? ['may be incomplete'] : []),
  ];
  return [`trace ${trace.id} · ${store} · ${utc(trace.startMicros / 1000)}`, shown.join(' · ')];
};

/** "Whole trace: 5.1 s, 218 spans, 9 services". */
export const traceCaption = (trace: Trace): string => {
  const services = new Set(trace.spans.map(({ service }) => service)).size;
  return `Whole trace: ${took(trace.durationMicros)}, ${counted(trace.spans.length, 'span')}, ${counted(services, 'service')}`;
};

/** ": 503 UH" of the span where an error starts. */
export const errorDetail = (trace: Trace, { errorOrigin }: TraceAnalysis): string => {
  const span = errorOrigin === null ? undefined : trace.spans[errorOrigin];
  const said = span === undefined ? '' : statusText(span);
  // An answer that went well is not what failed.
  return said === '' || /^[123]\d\d$/.test(said) ? '' : `: ${said}`;
};

const mostWords = 1000;

/** The sentence, and the five rows that hold most of the critical path, for those who cannot see the picture (Slack takes 2,000 characters). */
export const waterfallAltText = (sentence: string, { rows, wholeMicros }: WaterfallRows): string => {
  const shareOf = ({ path }: WaterfallRow): number => sumMicros(path) / Math.max(1, wholeMicros);
  const first = rows
    .filter(({ kind }) => kind !== 'context')
    .toSorted((a, b) => shareOf(b) - shareOf(a) || b.tookMicros - a.tookMicros)
    .slice(0, 5)
    .map((row) => {
      const marks = [
        row.isCulprit ? 'culprit' : '',
        row.isErrorOrigin ? 'the error starts here' : row.errors > 0 ? 'failed' : '',
      ];
      const share = shareOf(row) > 0 ? `${percent(shareOf(row))} of the critical path` : 'not on the critical path';
      const text = row.text.length > 120 ? `${row.text.slice(0, 119)}…` : row.text;
      return [text, share, ...marks.filter((mark) => mark !== '')].join(', ');
    });
  return `${sentence.slice(0, 400)} Rows of the waterfall with most of it: ${first.join('; ')}.`
    .slice(0, mostWords)
    .toWellFormed();
};
