import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { buckets } from '../../../src/adapters/slack/buckets.ts';
import { openEmbedded } from '../../../src/adapters/store/embedded.ts';
import type { OutboxMessage } from '../../../src/domain/incident.ts';
import type { Store } from '../../../src/ports.ts';
import { startWorkspace, type Workspace } from '../../../src/workspace/workspace.ts';
import { incidentOf, message, scope, until } from '../../contracts/store-values.ts';
import { fastClock } from '../../support/fast-clock.ts';
import { put, senderTo } from '../../support/slack.ts';

/** A minute is two seconds: the limits and pauses are Slack's and ours, only the clock is another. */
const clock = fastClock(30);
const minuteMs = 60_000;
const folder = mkdtempSync(join(tmpdir(), 'edgewise-rare-history-'));
let store: Store;
let workspace: Workspace;
let sender: ReturnType<typeof senderTo>;
let lines: string[] = [];

beforeAll(async () => {
  store = await openEmbedded({ dataDir: folder, clock, log: () => undefined });
}, 60_000);
afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  workspace = await startWorkspace({
    channels: ['#mesh-alerts', '#oncall', '#other'],
    nowMs: clock.nowMs,
    isDistributed: true,
  });
  for (const name of ['#oncall', '#other']) Object.assign(workspace.channel(name) ?? {}, { isMember: true });
  lines = [];
  sender = senderTo(workspace, store, clock, { log: (level, event) => void lines.push(`${level} ${event}`) });
});
afterEach(async () => {
  await sender.stop();
  await workspace.close();
  for (const item of await store.outbox.claim(clock.nowMs() + 86_400_000, 1, 100, scope.workspace))
    await store.outbox.park(item, 'end of test');
});

type Incident = ReturnType<typeof incidentOf>;
const inChannel = (channel: string, name: string): Incident => ({ ...incidentOf(name), channel });
const say = (incident: Incident, purpose: OutboxMessage['purpose'], name: string = purpose): OutboxMessage => ({
  ...message(incident, purpose, name),
  message: { text: `${incident.id} ${name}`, blocks: [] },
});
const textsIn = (channel: string): readonly string[] => workspace.messages(channel).map(({ text }) => text);
const callsOf = (method: string) => workspace.calls.filter((call) => call.method === method);
const drained = (): Promise<void> => until(async () => (await store.outbox.waiting()).count === 0);
const isSent = ({ id }: Incident, name = 'root') => sender.sent.some(({ key }) => key === `${id}:${name}`);
const chatter = (channel: string, count: number): void => {
  for (let index = 0; index < count; index += 1) workspace.say({ person: workspace.people.ada, channel, text: `word ${index}` });
};
/** An incident whose root stands. */
const standing = async (channel: string, name: string): Promise<Incident> => {
  const incident = inChannel(channel, name);
  await put(store, incident, say(incident, 'root'));
  sender.wake();
  await until(() => isSent(incident));
  return incident;
};

describe('an app whose histories Slack lets be read once a minute', () => {
  it('looks for all roots of a channel at once, and finds each whose answer was lost', async () => {
    workspace.fail('chat.postMessage', { kind: 'timeout-after-accept' }, 3);
    const lost = ['a', 'b', 'c'].map((name) => inChannel('#oncall', `together-${name}`));
    for (const incident of lost) await put(store, incident, say(incident, 'root'));
    sender.start();
    await drained();
    expect(textsIn('#oncall').toSorted()).toEqual(lost.map(({ id }) => `${id} root`).toSorted());
    expect(callsOf('conversations.history').length).toBeLessThanOrEqual(2);
    for (const { given } of callsOf('conversations.history').slice(1)) expect(given['limit']).toBe('15');
  }, 60_000);

  it('learns of all that never arrived from the same page, and sends each once', async () => {
    workspace.fail('chat.postMessage', { kind: 'reset' }, 4);
    const gone = ['a', 'b', 'c', 'd'].map((name) => inChannel('#oncall', `gone-${name}`));
    for (const incident of gone) await put(store, incident, say(incident, 'root'));
    sender.start();
    await drained();
    expect(textsIn('#oncall').toSorted()).toEqual(gone.map(({ id }) => `${id} root`).toSorted());
    // The first look was there before the others asked; one more is for all of them. A refusal may stand between the two.
    expect(sender.answers.filter((answer) => answer === 'conversations.history ok')).toHaveLength(2);
    expect(callsOf('conversations.history').length).toBeLessThanOrEqual(3);
    expect(lines.filter((line) => line.startsWith('warn') && line.includes('twice'))).toEqual([]);
  }, 60_000);

  it('keeps to that after the first refusal, while edits and new roots of the same channel go on', async () => {
    sender.start();
    const before = await standing('#other', 'stands-already');
    workspace.fail('chat.postMessage', { kind: 'reset' }, 2);
    const [first, second, fresh] = [
      inChannel('#oncall', 'never-arrived'),
      inChannel('#other', 'waits'),
      inChannel('#other', 'new'),
    ];
    await put(store, first, say(first, 'root'));
    await put(store, second, say(second, 'root'));
    sender.wake();
    await until(() => sender.answers.includes('conversations.history rate-limited'));
    const refusedMs = clock.nowMs();
    await put(store, fresh, say(fresh, 'root'));
    await put(store, before, say(before, 'edit'));
    sender.wake();
    await until(() => isSent(fresh) && isSent(before, 'edit'));
    expect(clock.nowMs() - refusedMs).toBeLessThan(minuteMs / 2);
    expect([isSent(first), isSent(second)].filter(Boolean)).toHaveLength(1);
    await drained();
    expect(textsIn('#other')).toContain(`${second.id} root`);
    const [, , ...later] = callsOf('conversations.history').map(({ atMs }) => atMs);
    expect(later).toHaveLength(1);
    expect((later[0] ?? 0) - refusedMs).toBeGreaterThan(minuteMs / 2);
    expect(callsOf('conversations.history').at(-1)?.given['limit']).toBe('15');
    expect(workspace.messages('#oncall')).toHaveLength(1);
  }, 60_000);

  it('reads a busy channel page by page until the root is found', async () => {
    workspace.fail('chat.postMessage', { kind: 'timeout-after-accept' }, 1);
    const incident = inChannel('#oncall', 'deep');
    await put(store, incident, say(incident, 'root'), say(incident, 'thread'));
    sender.start();
    await until(() => workspace.messages('#oncall').length === 1);
    chatter('#oncall', 34);
    await drained();
    const ours = workspace.messages('#oncall').filter(({ text }) => text.startsWith(incident.id));
    expect(ours.map(({ text }) => text)).toEqual([`${incident.id} root`, `${incident.id} thread`]);
    const pages = callsOf('conversations.history').filter(({ given }) => given['cursor'] !== undefined);
    expect(new Set(pages.map(({ given }) => given['cursor'])).size).toBe(2);
  }, 60_000);

  it('sends a root after five minutes without a look, and says so', async () => {
    workspace.fail('chat.postMessage', { kind: 'timeout-after-accept' }, 1);
    workspace.fail('conversations.history', { kind: 'status', status: 429, retryAfter: 60 }, 100);
    const incident = inChannel('#oncall', 'given-up');
    await put(store, incident, say(incident, 'root'));
    sender.start();
    await until(() => callsOf('conversations.history').length > 0);
    const askedMs = callsOf('conversations.history')[0]?.atMs ?? 0;
    await until(() => isSent(incident));
    const atMs = callsOf('chat.postMessage').at(-1)?.atMs ?? 0;
    expect(atMs - askedMs).toBeGreaterThanOrEqual(5 * minuteMs - 5000);
    expect(atMs - askedMs).toBeLessThan(7 * minuteMs);
    expect(callsOf('conversations.history').length).toBeLessThanOrEqual(6);
    expect(lines.filter((line) => line.startsWith('warn') && line.includes('may stand twice'))).toHaveLength(1);
    expect(sender.sent[0]?.attempt).toBe(2);
  }, 60_000);

  it('sends replies again that it would have to wait for, and says once that they go out at least once', async () => {
    sender.start();
    const incidents = [await standing('#oncall', 'reply-a'), await standing('#other', 'reply-b')];
    workspace.fail('conversations.replies', { kind: 'status', status: 429, retryAfter: 60 }, 5);
    workspace.fail('chat.postMessage', { kind: 'timeout-after-accept' }, 2);
    const beganMs = clock.nowMs();
    for (const incident of incidents) await put(store, incident, say(incident, 'thread'));
    sender.wake();
    await until(() => incidents.every((incident) => isSent(incident, 'thread')));
    expect(clock.nowMs() - beganMs).toBeLessThan(minuteMs);
    expect(textsIn('#oncall').slice(1)).toEqual(Array(2).fill(`${incidents[0]?.id} thread`));
    expect(textsIn('#other').slice(1)).toEqual(Array(2).fill(`${incidents[1]?.id} thread`));
    expect(lines.filter((line) => line.includes('at least once'))).toHaveLength(1);
    // Both may have asked before either was refused.
    expect(callsOf('conversations.replies').length).toBeLessThanOrEqual(2);
  }, 60_000);
});

describe('how often Slack may be asked', () => {
  it('is learned from a long pause for both histories, and tried again after an hour', () => {
    let nowMs = 0;
    const limits = buckets(() => nowMs);
    limits.holdMethod('conversations.history', 3000);
    expect(limits.historyPage()).toBe(200);
    limits.holdMethod('conversations.history', 50_000);
    expect([limits.historyPage(), limits.methodWait('conversations.history')]).toEqual([15, 50_000]);
    for (const method of ['conversations.history', 'conversations.replies']) {
      nowMs = 50_000;
      limits.takeMethod(method);
      expect(limits.methodWait(method)).toBe(minuteMs);
    }
    nowMs = 3_700_000;
    expect([limits.historyPage(), limits.methodWait('conversations.history')]).toEqual([200, 0]);
  });

  it('is heeded to the end of the pause by methods that allow a few calls at once', () => {
    const limits = buckets(() => 0);
    limits.holdMethod('chat.update', 30_000);
    expect([limits.methodWait('chat.update'), limits.methodWait('views.open')]).toEqual([30_000, 0]);
  });
});
