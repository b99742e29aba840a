import type { Diagnosis } from './domain/diagnosis.ts';
import { open, subjectKey } from './domain/episode.ts';
import type { Evidence } from './domain/evidence.ts';
import type { Message } from './domain/message.ts';
import { titleOf } from './stages/compose/header.ts';
import { standingOf } from './stages/compose/outgoing.ts';
import { root } from './stages/compose/root.ts';
import type { Setting } from './stages/compose/setting.ts';
import { diagnose } from './stages/diagnose/index.ts';

/** What was gathered, what it means, and the message that says so. */
export type Answer = { readonly evidence: Evidence; readonly diagnosis: Diagnosis; readonly message: Message };

/** Of an installation that is not known: nothing is linked, nobody owns anything. */
export const offlineSetting: Setting = {
  timeZone: 'UTC',
  linkHosts: [],
  grafanaUrl: null,
  serviceDashboardUid: null,
  controlPlaneDashboardUid: null,
  kialiUrl: null,
  traceUi: null,
  owners: { callee: null, caller: null },
  buttons: [],
  homeUrl: null,
};

/** The first message of an incident about this evidence; null where the evidence holds no alert. */
export const answerTo = (evidence: Evidence, setting: Setting): Answer | null => {
  const diagnosis = diagnose(evidence);
  const [lead] = evidence.alerts;
  if (!lead) return null;
  const report = { evidence, diagnosis };
  const subject = {
    id: 'triage',
    workspace: '',
    cluster: evidence.cluster,
    key: subjectKey(evidence.subject, lead, ''),
    subject: evidence.subject,
    title: titleOf(report),
    channel: '',
  };
  const incident = open(subject, lead, evidence.alerts, evidence.atMs);
  return { evidence, diagnosis, message: root(report, setting, standingOf(incident)) };
};
