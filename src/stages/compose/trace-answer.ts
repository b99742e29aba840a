import type { Evidence } from '../../domain/evidence.ts';
import type { Gathered } from '../../domain/gathered.ts';
import type { Block, Message } from '../../domain/message.ts';
import { soughtIn } from '../../domain/sought.ts';
import type { PathPart, TraceAnalysis } from '../../domain/trace.ts';
import type { FollowedTrace, Tracing } from '../../domain/tracing.ts';
import { count, counted, took } from '../../domain/words.ts';
import { context, section, table } from './blocks.ts';
import { dateToken } from './dates.ts';
import { gapLines } from './footer.ts';
import { linkText } from './links.ts';
import { joined, mrkdwn, raw } from './mrkdwn.ts';
import type { Setting } from './setting.ts';
import { foundWords, noneLine } from './trace-line.ts';
import { traceLink } from './trace-links.ts';

/** More rows of the critical path are noise on a phone, and so is what took next to nothing of the whole. */
const mostRows = 8;
const leastShare = 0.01;

type TraceAnswer = {
  readonly title: string;
  readonly source: string;
  readonly worst: FollowedTrace;
  /** Whose time a part is, and in what it was spent. */
  readonly labels: (part: PathPart) => { readonly whose: string; readonly operation: string };
};

const rowOf = (part: PathPart, labels: TraceAnswer['labels'], isCompared: boolean): readonly string[] => {
  const { whose, operation } = labels(part);
  const usually = isCompared ? [part.usualMicros === null ? '' : took(part.usualMicros)] : [];
  return [whose, took(part.selfMicros), ...usually, part.calls > 1 ? `${count(part.calls)} × ${operation}` : operation];
};

/** Whose time it was, the longest first; and how many parts are not worth a row. */
const pathTable = ({ criticalPath }: TraceAnalysis, labels: TraceAnswer['labels']) => {
  const shown = criticalPath.filter(({ share }, index) => index === 0 || share >= leastShare).slice(0, mostRows);
  const isCompared = shown.some(({ usualMicros }) => usualMicros !== null);
  const head = ['Whose', 'Time', ...(isCompared ? ['Usually'] : []), 'In'];
  const figures = isCompared ? [1, 2] : [1];
  return {
    block: table([head, ...shown.map((part) => rowOf(part, labels, isCompared))], figures),
    rest: criticalPath.length - shown.length,
  };
};

/** `/mesh trace`: the sentence, whose time it was as a table, and where the trace is from. */
export const traceMessage = ({ title, source, worst, labels }: TraceAnswer, setting: Setting): Message => {
  const { trace, analysis, sentence, found, mayBeIncomplete } = worst;
  const { block, rest } = pathTable(analysis, labels);
  // A sentence that begins with its edge needs no other title.
  const [head, said] = sentence.startsWith(title) ? [title, sentence.slice(title.length)] : [`${title}:`, ` ${sentence}`];
  const link = traceLink(setting.traceUi, worst);
  const blocks: readonly Block[] = [
    section(mrkdwn`*${head}* ${said}`),
    block,
    context(
      joined(
        [
          mrkdwn`began ${raw(dateToken(trace.startMicros / 1000, setting.timeZone))}`,
          mrkdwn`found ${foundWords(found, source)}`,
          mrkdwn`${counted(trace.spans.length, 'span')}`,
          rest > 0 ? mrkdwn`${counted(rest, 'smaller part')}` : null,
          mayBeIncomplete ? mrkdwn`spans may be missing` : null,
          title.includes(trace.id) ? null : mrkdwn`trace ${trace.id}`,
          link === null ? null : linkText({ ...link, label: 'open it' }),
        ],
        ' · ',
      ),
    ),
  ];
  return { text: mrkdwn`${head} ${said}`, blocks };
};

/** `/mesh trace worst` where there is none: what that means, in numbers, or who did not answer. */
export const noTraceMessage = (title: string, tracing: Gathered<Tracing>, evidence: Evidence): Message => {
  const why = tracing.ok ? [noneLine(tracing.value, soughtIn(evidence))] : gapLines(evidence.gaps);
  const text = joined([mrkdwn`*${title}*`, ...why]);
  return { text, blocks: [section(text)] };
};
