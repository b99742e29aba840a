import { type Alert, labelOf, type Severity, severityOf, severityRank } from '../../domain/alert.ts';
import type { SignalLine } from '../../domain/diagnosis.ts';
import { edgeOf, edgeTitle, type Subject } from '../../domain/edge.ts';
import type { Report } from '../../domain/report.ts';
import { stormHead } from '../../domain/storm.ts';
import { type Standing, stateSign } from './setting.ts';

/** The loudest severity among the alerts that fire, or among all when none does. */
export const loudest = (alerts: readonly Alert[]): Severity => {
  const firing = alerts.filter((alert) => alert.status === 'firing');
  return (firing.length > 0 ? firing : alerts)
    .map((alert) => severityOf(alert.labels))
    .reduce<Severity>((loud, next) => (severityRank[next] > severityRank[loud] ? next : loud), 'none');
};

/** The alert's name as a person knows it. */
export const alertName = (alert: Alert | undefined): string =>
  alert ? (labelOf(alert.labels, 'alertname') ?? 'an alert without a name') : 'a question';

const usually = (line: SignalLine): string => (line.usual === null ? '' : ` (usually ${line.usual})`);

/** "5.3 % failing (usually 0.1 %), 30 % refused": only the first share is of failures, and of what is usual. */
const failing = (line: SignalLine): string =>
  line.now.replace(/^(.*?)(, .* refused)?$/, (_, failed: string, refused = '') => `${failed} failing${usually(line)}${refused}`);

/** The signal that matters most, in a few words: "5.3 % failing (usually 0.1 %)". */
const trouble = (report: Report): string | null => {
  const moved = (name: SignalLine['signal']) =>
    report.diagnosis.signals.find((line) => line.signal === name && line.moved === true);
  const errors = moved('errors');
  if (errors) return failing(errors);
  const unclear = report.diagnosis.signals.find((line) => line.signal === 'errors' && line.moved === null && line.usual !== null);
  const latency = moved('latency');
  if (latency) return `${latency.now}${usually(latency)}`;
  const traffic = moved('traffic');
  if (traffic) return `${traffic.now}${usually(traffic)}`;
  const saturation = moved('saturation');
  if (saturation) return `${saturation.now}${usually(saturation)}`;
  return unclear ? failing(unclear) : null;
};

/** What the incident is about, in a few words. Untrusted names inside: the caller escapes. */
export const titleOf = ({ evidence: { subject, alerts } }: Report): string => subjectTitle(subject, alerts[0]);

/** The same of what was only found yet. */
export const subjectTitle = (subject: Subject, alert: Alert | undefined): string => {
  const edge = edgeOf(subject);
  if (edge) return edgeTitle(edge);
  if (subject.kind === 'workload' || subject.kind === 'node')
    return subject.workload.workload ?? subject.workload.service ?? 'a workload';
  if (subject.kind === 'control-plane') return `Control plane: ${subject.component}`;
  return alertName(alert);
};

/** The header line, before it is cut to Slack's 150 characters. */
export const headline = (report: Report, standing: Standing): string => {
  const edge = edgeOf(report.evidence.subject);
  const title = edge !== null && standing.callers !== null ? stormHead(edge, standing.callers) : titleOf(report);
  if (standing.state === 'resolved') return `${stateSign.resolved} Resolved: ${title}`;
  if (standing.state === 'unreported') return `${stateSign.unreported} No longer reported: ${title}`;
  const sign = stateSign[standing.severity ?? loudest(report.evidence.alerts)];
  const what = trouble(report);
  if (what !== null) return `${sign} ${title}: ${what}`;
  const { subject } = report.evidence;
  if (subject.kind === 'no-data') return `${sign} ${title}: no data`;
  if (subject.kind === 'low-traffic') return `${sign} ${title}: low traffic`;
  if (report.evidence.alerts.length === 0)
    return `${sign} ${title}: ${report.evidence.readings.length === 0 ? 'not measured' : 'no signal has moved'}`;
  const name = alertName(report.evidence.alerts[0]);
  return title === name ? `${sign} ${name}` : `${sign} ${title}: ${name}`;
};
