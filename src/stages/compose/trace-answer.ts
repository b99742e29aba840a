import type { Evidence } from '../../domain/evidence.ts';
import type { Gathered } from '../../domain/gathered.ts';
import type { Block, Message } from '../../domain/message.ts';
import { soughtIn } from '../../domain/sought.ts';
import type { PathPart } from '../../domain/trace.ts';
import type { FollowedTrace, Tracing } from '../../domain/tracing.ts';
import { count, percent, took } from '../../domain/words.ts';
import { context, section, table } from './blocks.ts';
import { dateToken } from './dates.ts';
import { gapLines } from './footer.ts';
import { linkText } from './links.ts';
import { joined, mrkdwn, raw } from './mrkdwn.ts';
import type { Setting } from './setting.ts';
import { foundWords, noneLine } from './trace-line.ts';
import { traceLink } from './trace-links.ts';

/** More rows of the critical path are noise on a phone. */
const mostRows = 8;

type TraceAnswer = {
  readonly title: string;
  readonly source: string;
  readonly worst: FollowedTrace;
  /** Whose time a part is, and in what it was spent. */
  readonly labels: (part: PathPart) => { readonly whose: string; readonly operation: string };
};

const rowOf = (part: PathPart, labels: TraceAnswer['labels']): readonly string[] => {
  const { whose, operation } = labels(part);
  const usually = part.usualMicros === null ? '' : ` (usually ${took(part.usualMicros)})`;
  return [`${took(part.selfMicros)}${usually}`, percent(part.share), count(part.calls), whose, operation];
};

/** `/mesh trace`: the sentence, whose time it was as a table, and where the trace is from. */
export const traceMessage = ({ title, source, worst, labels }: TraceAnswer, setting: Setting): Message => {
  const { trace, analysis, sentence, found, mayBeIncomplete } = worst;
  const shown = analysis.criticalPath.slice(0, mostRows);
  const rest = analysis.criticalPath.length - shown.length;
  const link = traceLink(setting.traceUi, worst);
  const blocks: readonly Block[] = [
    section(mrkdwn`*${title}*: ${sentence}`),
    table([['Time', 'Share', 'Calls', 'Whose', 'In'], ...shown.map((part) => rowOf(part, labels))], [0, 1, 2]),
    context(
      joined(
        [
          mrkdwn`began ${raw(dateToken(trace.startMicros / 1000, setting.timeZone))}`,
          mrkdwn`found ${foundWords(found, source)}`,
          mrkdwn`${count(trace.spans.length)} spans`,
          rest > 0 ? mrkdwn`${count(rest)} smaller parts` : null,
          mayBeIncomplete ? mrkdwn`spans may be missing` : null,
          title.includes(trace.id) ? null : mrkdwn`trace ${trace.id}`,
          link === null ? null : linkText({ ...link, label: 'open it' }),
        ],
        ' · ',
      ),
    ),
  ];
  return { text: mrkdwn`${title}: ${sentence}`, blocks };
};

/** `/mesh trace worst` where there is none: what that means, in numbers, or who did not answer. */
export const noTraceMessage = (title: string, tracing: Gathered<Tracing>, evidence: Evidence): Message => {
  const why = tracing.ok ? [noneLine(tracing.value, soughtIn(evidence))] : gapLines(evidence.gaps);
  const text = joined([mrkdwn`*${title}*`, ...why]);
  return { text, blocks: [section(text)] };
};
