import { createHash } from 'node:crypto';
import { readPayload } from '../../../src/adapters/alertmanager/payload.ts';
import { type Alert, type AlertGroup, labelsOf } from '../../../src/domain/alert.ts';
import type { NewSilence } from '../../../src/domain/silence.ts';
import type { AlertsSource, Clock, SilencesSource } from '../../../src/ports.ts';
import type { Story, StoryAlert, StoryDelivery } from './story.ts';

/** Equal labels, equal fingerprint, as in Alertmanager; that it is another hash than its own is seen by nobody. */
const fingerprintOf = ({ labels }: StoryAlert): string =>
  createHash('sha256')
    .update(JSON.stringify(Object.entries(labels).sort()))
    .digest('hex')
    .slice(0, 16);

type Silence = NewSilence & { readonly id: string; endsAtMs: number };

const hides = ({ matchers, endsAtMs }: Silence, labels: Readonly<Record<string, string>>, nowMs: number): boolean =>
  endsAtMs > nowMs && matchers.every(({ name, value }) => labels[name] === value);

const answered = (name: string): string => `5a7c0000-0000-4000-8000-${name.padStart(12, '0')}`;

/** The story's Alertmanager: what it sends is what it lists, until the story says otherwise; it takes silences, and keeps to them. */
export const storyAlertmanager = ({ alerts }: Story, clock: Clock, startMs: number) => {
  const firing = new Set<string>();
  const silences: Silence[] = [];
  let listed: readonly string[] | null = null;
  const alertNamed = (name: string): StoryAlert => {
    const alert = alerts[name];
    if (alert === undefined) throw new Error(`the story has no alert ${name}`);
    return alert;
  };
  const bodyOf = (name: string, status: Alert['status']) => {
    const alert = alertNamed(name);
    const { labels, annotations, since, expression } = alert;
    return {
      status,
      labels,
      annotations,
      startsAt: new Date(startMs + since).toISOString(),
      endsAt: status === 'resolved' ? new Date(clock.nowMs()).toISOString() : '0001-01-01T00:00:00Z',
      generatorURL:
        expression === undefined ? '' : `http://prometheus.shop.example:9090/graph?g0.expr=${encodeURIComponent(expression)}`,
      fingerprint: fingerprintOf(alert),
    };
  };
  const source: AlertsSource = {
    name: 'Alertmanager',
    active: async () =>
      (listed ?? [...firing]).map((name) => {
        const alert = alertNamed(name);
        const by = silences.filter((silence) => hides(silence, alert.labels, clock.nowMs())).map(({ id }) => id);
        return {
          fingerprint: fingerprintOf(alert),
          labels: labelsOf(Object.entries(alert.labels)),
          startsAtMs: startMs + alert.since,
          state: by.length > 0 ? ('suppressed' as const) : ('active' as const),
          silencedBy: by,
          inhibitedBy: [],
        };
      }),
  };
  const silencing: SilencesSource = {
    name: 'Alertmanager',
    all: async () =>
      silences.map(({ matchers, ...silence }) => ({
        ...silence,
        state: silence.endsAtMs > clock.nowMs() ? ('active' as const) : ('expired' as const),
        matchers: matchers.map(({ name, value }) => `${name}=${JSON.stringify(value)}`),
      })),
    create: async (silence) => {
      const id = answered(String(silences.length + 1));
      silences.push({ ...silence, id });
      return id;
    },
    expire: async (id) => {
      for (const silence of silences) if (silence.id === id) silence.endsAtMs = clock.nowMs();
    },
  };
  /** What it sends, as its webhook writes it. */
  const send = (sent: StoryDelivery): AlertGroup => {
    for (const name of sent.firing) firing.add(name);
    for (const name of sent.resolved) firing.delete(name);
    const bodies = [
      ...sent.firing.map((name) => bodyOf(name, 'firing')),
      ...sent.resolved.map((name) => bodyOf(name, 'resolved')),
    ];
    const alertname = bodies[0]?.labels['alertname'] ?? '';
    const read = readPayload(
      JSON.stringify({
        version: '4',
        receiver: 'edgewise',
        status: sent.firing.length > 0 ? 'firing' : 'resolved',
        groupKey: sent.group ?? `{}:{alertname="${alertname}"}`,
        groupLabels: { alertname },
        commonLabels: {},
        commonAnnotations: {},
        externalURL: sent.from,
        truncatedAlerts: sent.truncated,
        alerts: bodies,
      }),
    );
    if (!read.ok) throw new Error(`${read.refusal.field}: ${read.refusal.given}, expected ${read.refusal.expected}`);
    return read.group;
  };
  return {
    source,
    silencing,
    send,
    lists: (names: readonly string[]): void => {
      listed = names;
    },
  };
};

export type StoryAlertmanager = ReturnType<typeof storyAlertmanager>;
