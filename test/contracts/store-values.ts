import type { AlertGroup } from '../../src/domain/alert.ts';
import { open, subjectKey } from '../../src/domain/episode.ts';
import type { Incident, OutboxMessage, OutboxPurpose } from '../../src/domain/incident.ts';
import type { Decision } from '../../src/ports.ts';
import { alertWith, edgeNamed } from '../support/report.ts';

export const scope = { workspace: 'T1', cluster: 'prod' };
export const startMs = 1_795_504_520_000;

export const groupOf = (name: string, groupKey = `{}:{alertname="${name}"}`): AlertGroup => ({
  receiver: 'edgewise',
  status: 'firing',
  groupKey,
  groupLabels: {},
  commonLabels: {},
  commonAnnotations: {},
  routeLabels: {},
  externalUrl: 'http://am-1:9093',
  truncatedAlerts: 0,
  notificationReason: null,
  alerts: [{ ...alertWith({ alertname: name }), fingerprint: name }],
});

let serial = 0;
export const incidentOf = (name: string): Incident => {
  const subject = { kind: 'edge', edge: edgeNamed('checkout', name) } as const;
  serial += 1;
  return open(
    { ...scope, id: `i-${serial}`, key: subjectKey(subject, alertWith(), ''), subject, title: name, channel: '#oncall' },
    alertWith(),
    [{ ...alertWith(), fingerprint: name }],
    startMs,
  );
};
export const message = (incident: Incident, purpose: OutboxPurpose, name: string = purpose): OutboxMessage => ({
  key: `${incident.id}:${name}`,
  rootId: incident.id,
  purpose,
  message: { text: name, blocks: [{ type: 'divider' }] },
  broadcast: purpose === 'escalation',
  picture: purpose === 'picture' ? { name: 'hero', png: new Uint8Array([1, 2, 3]), altText: 'alt' } : null,
});
export const decided = (incident: Incident, messages: readonly OutboxMessage[]): Decision => ({ incident, messages, jobs: [] });

/** Waits for what happens elsewhere, at most 15 s. */
export const until = async (isSo: () => boolean | Promise<boolean>): Promise<void> => {
  for (let waited = 0; !(await isSo()); waited += 20) {
    if (waited > 15_000) throw new Error('did not become so within 15 s');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};
