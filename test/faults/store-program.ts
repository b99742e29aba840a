import { randomUUID } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { open } from '../../src/domain/episode.ts';
import type { OutboxItem, Store } from '../../src/ports.ts';
import { alertWith, edgeNamed } from '../support/report.ts';

export const scope = { workspace: 'T1', cluster: 'prod' };

const leaseMs = 3000;

/** The outside world: a file to which each message that Slack took is a line. */
export type Slack = { readonly path: string };

export const saidIn = ({ path }: Slack): readonly string[] =>
  existsSync(path)
    ? readFileSync(path, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
    : [];

/** A triage whose effect is keyed: the incident of the alert, under a new id at every run, and its root message. */
const triage = async (store: Store, deliveryId: string): Promise<void> => {
  const delivery = await store.delivery(deliveryId);
  const name = delivery?.group.alerts[0]?.fingerprint;
  if (name === undefined) return;
  await store.change(scope, name, 0, (current) => {
    if (current !== null) return null;
    const id = randomUUID();
    const subject = { kind: 'edge', edge: edgeNamed('checkout', name) } as const;
    const opening = { ...scope, id, key: name, subject, title: name, channel: '#oncall' };
    return {
      incident: open(opening, alertWith(), [{ ...alertWith(), fingerprint: name }], Date.now()),
      messages: [
        {
          key: `${id}:root`,
          rootId: id,
          purpose: 'root',
          message: { text: name, blocks: [] },
          broadcast: false,
          picture: null,
        },
      ],
      jobs: [],
    };
  });
};

/** Says it once: what an earlier attempt may have said is looked for first, as the bot does by the metadata of messages. */
const send = async (store: Store, item: OutboxItem, slack: Slack, untilMs: number): Promise<void> => {
  const line = `${item.message.text} ${item.key}`;
  const stands = item.unknownSinceMs !== null && saidIn(slack).includes(line);
  if (!stands && Date.now() > untilMs) return;
  if (!stands) appendFileSync(slack.path, `${line}\n`);
  await store.outbox.sent(item, { channelId: 'C1', ts: item.key });
};

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Works jobs and sends what they write, as the bot does; `stop` ends both. Failures of the store are lived through. */
export const startProgram = async (store: Store, slack: Slack): Promise<{ readonly stop: () => Promise<void> }> => {
  let isOn = true;
  const stopJobs = await store.work(async (job) => {
    if (job.kind === 'triage') await triage(store, job.deliveryId);
  }, 4);
  const sending = (async () => {
    while (isOn) {
      const nowMs = Date.now();
      const items = await store.outbox.claim(nowMs, leaseMs, 20, scope.workspace).catch(() => []);
      for (const item of items) await send(store, item, slack, nowMs + leaseMs - 500).catch(() => undefined);
      if (items.length === 0) await pause(20);
    }
  })();
  return {
    stop: async () => {
      isOn = false;
      await sending;
      await stopJobs();
    },
  };
};
