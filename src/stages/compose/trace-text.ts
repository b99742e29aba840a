import { statusText } from '../../domain/span-status.ts';
import { type PathPart, type ProblemCode, type Span, storedId, type Trace, type TraceAnalysis } from '../../domain/trace.ts';
import { count, counted, percent, took } from '../../domain/words.ts';
import { clean } from './mrkdwn.ts';

/** The table has so many rows; the last of them tells the rest. */
const mostRows = 12;
const [whoseLetters, operationLetters] = [64, 48];

const its = (number: number): string => (number === 1 ? 'its' : 'their');

/** What was repaired, in the words of one who never saw how. */
const problemWords: Readonly<Record<ProblemCode, (number: number) => string>> = {
  'missing-parent': (number) => `${counted(number, 'span')} with a parent that is not there: ${its(number)} place is a guess`,
  'several-roots': (number) => `${counted(number, 'root')}: only what hangs below the one measured is on the path`,
  cycle: (number) => `${counted(number, 'circle')} of spans that name each other as parents: opened`,
  'clock-skew': (number) => `${counted(number, 'span')} timed by another clock than ${its(number)} caller: moved`,
  'duplicate-span': (number) => `${counted(number, 'span')} received twice: counted once`,
  'shared-ids': (number) => `${counted(number, 'id')} of several spans: told apart`,
  'no-start': (number) => `${counted(number, 'span')} without a start: placed by the spans below or above`,
  'no-duration': (number) => `${counted(number, 'span')} without a duration: as long as what is below`,
  'no-kind': (number) => `${counted(number, 'span')} without a kind: taken for work inside of a service`,
  'no-service': (number) => `${counted(number, 'span')} without a service: called "unknown"`,
  'outlives-parent': (number) => `${counted(number, 'span')} that ended after ${its(number)} parent: counted up to there`,
  'malformed-span': (number) =>
    `${counted(number, 'entry', 'entries')} that ${number === 1 ? 'is no span' : 'are no spans'}: left out`,
  truncated: () => 'spans were left out by the store, or for their number',
};

/** Whose time a part is, and in what it was spent. */
type Labels = (part: PathPart) => { readonly whose: string; readonly operation: string };

const cellsOf = (part: PathPart, { whose, operation }: ReturnType<Labels>): readonly string[] => [
  took(part.selfMicros),
  percent(part.share),
  count(part.calls),
  clean(whose, whoseLetters),
  clean(operation, operationLetters),
];

/** Figures to the right, names to the left. */
const aligned = (rows: readonly (readonly string[])[]): readonly string[] => {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column < 3 ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
};

const pathLines = (trace: Trace, { criticalPath, focus }: TraceAnalysis, labels: Labels): readonly string[] => {
  if (criticalPath.length === 0) return [];
  const shown = criticalPath.length > mostRows ? criticalPath.slice(0, mostRows - 1) : criticalPath;
  const rest = criticalPath.slice(shown.length);
  const restMicros = rest.reduce((sum, { selfMicros }) => sum + selfMicros, 0);
  const restShare = percent(rest.reduce((sum, { share }) => sum + share, 0));
  const rows = [
    ['time', 'share', 'calls', 'whose', 'in'],
    ...shown.map((part) => cellsOf(part, labels(part))),
    ...(rest.length > 0 ? [[took(restMicros), restShare, '', `${counted(rest.length, 'further part')}`, '']] : []),
  ];
  const whole = trace.spans[focus]?.durationMicros ?? 0;
  return [`Critical path, ${took(whole)}:`, ...aligned(rows).map((line) => `  ${line}`)];
};

/** "payments.shop, POST /charge (503 UH), span 00f067aa0ba902b7" */
const originWords = (span: Span): string => {
  const { service, operation } = span;
  const said = statusText(span);
  return `${clean(service, 80)}, ${clean(operation, 80)}${said === '' || /^[123]\d\d$/.test(said) ? '' : ` (${clean(said, 40)})`}, span ${storedId(span)}`;
};

/** What a trace says, as a terminal shows it: the sentence, the critical path, where an error starts, and what was repaired. */
export const traceText = (trace: Trace, analysis: TraceAnalysis, sentence: string, labels: Labels): string => {
  const origin = analysis.errorOrigin === null ? undefined : trace.spans[analysis.errorOrigin];
  const blocks = [
    [clean(sentence, 400)],
    pathLines(trace, analysis, labels),
    origin === undefined ? [] : [`The error starts at ${originWords(origin)}`],
    trace.problems.length === 0
      ? []
      : ['Of this trace:', ...trace.problems.map(({ code, count: number }) => `  ${problemWords[code](number)}`)],
    [`trace ${trace.id}`],
  ];
  return blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
};
