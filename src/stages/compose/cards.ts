import { labelOf } from '../../domain/alert.ts';
import type { ControlPlane } from '../../domain/evidence.ts';
import type { Report } from '../../domain/report.ts';
import { counted } from '../../domain/words.ts';
import { alertName } from './header.ts';
import { joined, type Mrkdwn, mrkdwn, ours } from './mrkdwn.ts';
import type { Paragraph } from './setting.ts';

const count = (value: number): string => String(Math.round(value));

const controlPlaneLines = (seen: ControlPlane): readonly Paragraph[] => [
  seen.pushErrors === null ? null : mrkdwn`*Push errors* ${count(seen.pushErrors)} in 10 min`,
  seen.rejects === null ? null : mrkdwn`*Configurations refused by proxies* ${count(seen.rejects)} in 10 min`,
  seen.convergenceP99Seconds === null ? null : mrkdwn`*Convergence p99* ${seen.convergenceP99Seconds.toFixed(1)} s`,
  seen.cpuCores === null ? null : mrkdwn`*istiod CPU* ${seen.cpuCores.toFixed(2)} cores`,
  seen.memoryBytes === null ? null : mrkdwn`*istiod memory* ${count(seen.memoryBytes / 1048576)} MiB`,
];

/** What an alert says of itself: used where there is no edge to measure. Untrusted, and said to be the alert's words. */
const alertWords = (report: Report): Paragraph => {
  const first = report.evidence.alerts[0];
  if (!first) return null;
  const summary =
    labelOf(first.annotations, 'summary') ?? labelOf(first.annotations, 'title') ?? labelOf(first.annotations, 'message');
  const description = labelOf(first.annotations, 'description');
  const said = [...new Set([summary, description].filter((text) => text !== null))];
  return said.length === 0 ? null : joined([ours('*The alert says:*'), ...said.map((text) => mrkdwn`${text}`)]);
};

const shownLabels = (report: Report): Paragraph => {
  const first = report.evidence.alerts[0];
  if (!first) return null;
  const pairs = Object.entries(first.labels)
    .filter(([name]) => name !== 'alertname' && name !== 'severity')
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  const shown = pairs.slice(0, 8).map(([name, value]) => mrkdwn`${name.slice(0, 60)}: ${value.slice(0, 200)}`);
  return joined(pairs.length > 8 ? [...shown, mrkdwn`and ${counted(pairs.length - 8, 'more label')}`] : shown, ' · ');
};

/** The body for subjects that are not measured: each says what it is and why no edge is named. */
export const subjectCard = (report: Report): Mrkdwn => {
  const { subject, controlPlane } = report.evidence;
  const words = alertWords(report);
  if (subject.kind === 'control-plane') {
    const lines = controlPlane?.ok ? controlPlaneLines(controlPlane.value) : [];
    return joined([mrkdwn`The control plane itself raised this (${subject.component}); no edge is blamed.`, ...lines, words]);
  }
  if (subject.kind === 'no-data')
    return joined([
      mrkdwn`${subject.metric} has no series for ${subject.matchers || 'these matchers'}: nobody knows how it is. Check that it is scraped.`,
      words,
    ]);
  if (subject.kind === 'low-traffic')
    return joined([
      ours('The alert is about low traffic: a sum over many edges that names none of them.'),
      words,
      shownLabels(report),
    ]);
  if (subject.kind === 'node')
    return joined([
      mrkdwn`This is about the proxy of ${subject.workload.workload ?? 'a workload'} itself, not about a call between workloads.`,
      words,
      shownLabels(report),
    ]);
  return joined([words, shownLabels(report)]) || mrkdwn`${alertName(report.evidence.alerts[0])}`;
};
