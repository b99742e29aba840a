import { labelOf } from '../../domain/alert.ts';
import {
  confidenceWord,
  type Finding,
  type FlagLine,
  type RankedChange,
  type SignalLine,
  shownEvidence,
} from '../../domain/diagnosis.ts';
import { edgeOf, edgeTitle, isEverybody } from '../../domain/edge.ts';
import { toldReturns } from '../../domain/episode.ts';
import { type Mesh, proxyIn } from '../../domain/mesh.ts';
import type { Report } from '../../domain/report.ts';
import { callerOf } from '../../domain/storm.ts';
import { nounAt } from '../../domain/tcp.ts';
import { count, counted, percent } from '../../domain/words.ts';
import { worstCallerOf } from '../../domain/worst-caller.ts';
import { dateToken, span } from './dates.ts';
import { alertName, loudest } from './header.ts';
import { command, joined, type Mrkdwn, mrkdwn, ours, raw } from './mrkdwn.ts';
import type { Paragraph, Setting, Standing } from './setting.ts';

/** Severity, alert (+n more), cluster and namespace, since, owner. */
export const about = (report: Report, setting: Setting, standing: Standing): Mrkdwn => {
  const { evidence } = report;
  const first = evidence.alerts[0];
  const more = standing.alertCount - 1;
  const edge = edgeOf(evidence.subject);
  const namespace = edge?.destination.namespace ?? edge?.source.namespace ?? (first ? labelOf(first.labels, 'namespace') : null);
  const { callee, caller } = setting.owners;
  const callerOnly =
    report.diagnosis.verdict !== null && ['caller', "caller's proxy", 'network/TLS'].includes(report.diagnosis.verdict.side);
  return joined(
    [
      first ? mrkdwn`*${standing.severity ?? loudest(evidence.alerts)}*` : null,
      first === undefined
        ? ours('asked for, without an alert')
        : more > 0
          ? mrkdwn`${alertName(first)} (+${more} more)`
          : mrkdwn`${alertName(first)}`,
      namespace === null ? mrkdwn`${evidence.cluster}` : mrkdwn`${evidence.cluster} / ${namespace}`,
      first === undefined
        ? null
        : mrkdwn`since ${raw(dateToken(standing.openedAtMs, setting.timeZone))} (${span(evidence.atMs - standing.openedAtMs)})`,
      standing.reopened > 0
        ? standing.reopened >= toldReturns
          ? mrkdwn`flapping: came back ${standing.reopened}×`
          : mrkdwn`came back ${standing.reopened}×`
        : null,
      callee === null ? null : mrkdwn`owner ${callee}`,
      caller !== null && callerOnly && caller !== callee ? mrkdwn`caller's owner ${caller}` : null,
    ],
    '  ·  ',
  );
};

/** The cause and the side to blame, a confidence word, and up to three lines of evidence. */
export const verdict = (report: Report): Mrkdwn => {
  const { verdict: found, summary } = report.diagnosis;
  const { pending } = report.evidence;
  if (found === null) return pending.length > 0 ? mrkdwn`_Still asking ${pending.join(', ')} …_` : mrkdwn`*${summary}*`;
  const word = confidenceWord(found.confidence);
  const blamed = found.side === 'nothing wrong' ? mrkdwn`_${word}_` : mrkdwn`_${word}_ · ${found.side}`;
  return joined([mrkdwn`*${found.sentence}* ${raw(blamed)}`, ...shownEvidence(found).map((line) => mrkdwn`•  ${line}`)]);
};

/** Failed requests per minute, callers affected, whether an ingress edge sees it. */
export const impact = (report: Report): Paragraph => {
  const seen = report.diagnosis.impact;
  if (seen === null) return null;
  const failed = seen.failedPerMinute;
  const isUsual = report.diagnosis.signals.some(({ signal, moved }) => signal === 'errors' && moved === false);
  const edge = edgeOf(report.evidence.subject);
  const isOfAll = edge !== null && isEverybody(edge.source);
  const noun = nounAt(report.evidence.readings, report.evidence.path[0]);
  const many = failed >= 9.95 ? count(failed) : String(Math.round(failed * 10) / 10);
  return joined(
    [
      many === '0'
        ? mrkdwn`*Impact:* no failed ${noun}s`
        : mrkdwn`*Impact:* about ${many} failed ${many === '1' ? noun : `${noun}s`}/min${isUsual ? ', as usual' : ''}`,
      // Of a callee as all see it, alerts say who is in trouble still, above.
      seen.callers > 1 && !isOfAll ? mrkdwn`${seen.callersAffected} of ${seen.callers} callers affected` : null,
      seen.ingressAffected === null ? null : ours(seen.ingressAffected ? 'an ingress edge sees it' : 'no ingress edge sees it'),
    ],
    ' · ',
  );
};

/** Of all callers together, the one that it hurts most: its own figures. */
export const worstCaller = ({ evidence }: Report): Paragraph => {
  const edge = edgeOf(evidence.subject);
  const worst = edge !== null && isEverybody(edge.source) ? worstCallerOf(edge, evidence.readings) : null;
  if (worst === null) return null;
  const { requests, failed, refused } = worst.counts;
  const [bad, how] = refused > failed ? [refused, 'refused'] : [failed, 'failing'];
  const noun = nounAt(evidence.readings, worst.edge);
  return mrkdwn`*Worst caller:* ${callerOf(worst.edge)}, ${percent(bad / requests)} ${how} (${count(bad)} of ${counted(requests, noun)})`;
};

/** One command to copy and the object it looks at. */
export const firstCheck = (found: Finding): Mrkdwn => {
  const { sentence, command: text, object } = found.firstCheck;
  const shell = text === null ? null : command(text);
  return joined([object === null ? mrkdwn`*First check:* ${sentence}` : mrkdwn`*First check:* ${sentence} (${object})`, shell]);
};

const changeLine = (change: RankedChange, setting: Setting): Mrkdwn =>
  change.atMs === null
    ? mrkdwn`•  ${change.what} _${change.relation}_`
    : mrkdwn`•  ${raw(dateToken(change.atMs, setting.timeZone))} ${change.what} _${change.relation}_`;

/** Up to three changes, or that none was found. */
export const changes = (report: Report, setting: Setting): Paragraph => {
  const { evidence, diagnosis } = report;
  if (!evidence.changes.ok || evidence.readings.length === 0) return null;
  if (diagnosis.changes.length === 0) return mrkdwn`*What changed:* none found in 2 h`;
  return joined([ours('*What changed*'), ...diagnosis.changes.slice(0, 3).map((change) => changeLine(change, setting))]);
};

const names: Readonly<Record<SignalLine['signal'], string>> = {
  latency: 'Latency',
  traffic: 'Traffic',
  errors: 'Errors',
  saturation: 'Saturation',
};

const movedLine = (line: SignalLine): Mrkdwn =>
  joined(
    [
      mrkdwn`*${names[line.signal]}* ${line.now}`,
      line.usual === null ? null : mrkdwn`usually ${line.usual}`,
      line.change === null ? null : mrkdwn`${line.change}`,
    ],
    ' · ',
  );

/** Only the signals that moved; the others "as usual", and those that could not be told with their reason. */
export const signals = (report: Report): Paragraph => {
  const lines = report.diagnosis.signals;
  if (lines.length === 0) return null;
  const still = lines.filter((line) => line.moved === false).map((line) => `${names[line.signal].toLowerCase()} ${line.now}`);
  return joined([
    ...lines.filter((line) => line.moved === true).map(movedLine),
    ...lines
      .filter((line) => line.moved === null)
      .map((line) =>
        line.why === null
          ? mrkdwn`*${names[line.signal]}* ${line.now}`
          : mrkdwn`*${names[line.signal]}* ${line.now} (${line.why})`,
      ),
    still.length > 0 ? mrkdwn`As usual: ${still.join(', ')}` : null,
  ]);
};

const flagLine = (line: FlagLine, mesh: Mesh, noun: string): Mrkdwn =>
  mrkdwn`•  *${line.flag}* ${line.meaning}: ${counted(line.requests, noun)} (${proxyIn(mesh, line.reporter)})`;

/** Up to three response flags with their plain meaning: of the edge where the walk ended, which is named where it is not the alert's. */
export const flags = (report: Report): Paragraph => {
  const { mesh, path, readings } = report.evidence;
  const noun = nounAt(readings, path.at(-1));
  const end = path.length > 1 ? path.at(-1) : undefined;
  if (report.diagnosis.flags.length === 0) return null;
  return joined([
    end === undefined ? ours('*Response flags*') : mrkdwn`*Response flags* of ${edgeTitle(end)}`,
    ...report.diagnosis.flags.slice(0, 3).map((line) => flagLine(line, mesh, noun)),
  ]);
};
