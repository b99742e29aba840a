import { expect, it } from 'vitest';
import type { Incident, OutboxMessage } from '../../src/domain/incident.ts';
import type { Store } from '../../src/ports.ts';
import { decided, incidentOf, message, scope } from './store-values.ts';

/** What every outbox must do. `opened` gives the store, open when the tests run. */
export const outboxContract = (opened: () => Store): void => {
  const put = (incident: Incident, messages: readonly OutboxMessage[]) =>
    opened().change(scope, incident.key, 0, () => decided(incident, messages));
  const claimAll = (nowMs: number) => opened().outbox.claim(nowMs, 30_000, 50, scope.workspace);
  const mineOf = async (incident: Incident, nowMs: number) =>
    (await claimAll(nowMs)).filter(({ rootId }) => rootId === incident.id);
  const putRoot = async (incident: Incident, nowMs: number) => {
    await put(incident, [message(incident, 'root')]);
    for (const item of await mineOf(incident, nowMs)) await opened().outbox.sent(item, { channelId: 'C1', ts: '1.1' });
  };

  it('sends the root first, then by priority, one message an incident at a time', async () => {
    const incident = incidentOf('ordered');
    await put(incident, [
      message(incident, 'thread', 't1'),
      message(incident, 'picture'),
      message(incident, 'root'),
      message(incident, 'escalation'),
    ]);
    const order: string[] = [];
    const nowMs = Date.now() + 1000;
    for (let round = 0; round < 6; round += 1) {
      const mine = (await claimAll(nowMs)).filter(({ rootId }) => rootId === incident.id);
      expect(mine.length).toBeLessThanOrEqual(1);
      for (const item of mine) {
        order.push(`${item.purpose}${item.rootTs ?? ''}${item.picture ? item.picture.png.length : ''}`);
        await opened().outbox.sent(item, { channelId: 'C1', ts: '1.1' });
      }
    }
    expect(order).toEqual(['root', 'escalation1.1', 'thread1.1', 'picture1.13']);
    expect(await opened().incident(incident.id)).toMatchObject({ rootTs: '1.1', channelId: 'C1' });
  });

  it('replaces an edit that waits by a newer one', async () => {
    const incident = incidentOf('edited');
    await put(incident, [message(incident, 'root')]);
    const nowMs = Date.now() + 2000;
    for (const item of await claimAll(nowMs)) await opened().outbox.sent(item, { channelId: 'C1', ts: '2.1' });
    await put(incident, [message(incident, 'edit', 'e1')]);
    await put(incident, [message(incident, 'edit', 'e2')]);
    const mine = (await claimAll(nowMs)).filter(({ rootId }) => rootId === incident.id);
    expect(mine.map(({ key }) => key)).toEqual([`${incident.id}:e2`]);
  });

  it('leases: nobody else gets a claimed message, and one whose holder died comes back as unknown', async () => {
    const incident = incidentOf('leased');
    await put(incident, [message(incident, 'root')]);
    const nowMs = Date.now() + 3000;
    const [first] = (await claimAll(nowMs)).filter(({ rootId }) => rootId === incident.id);
    expect(first?.unknownSinceMs).toBeNull();
    expect((await claimAll(nowMs + 29_000)).filter(({ rootId }) => rootId === incident.id)).toEqual([]);
    const [again] = (await claimAll(nowMs + 31_000)).filter(({ rootId }) => rootId === incident.id);
    expect([again?.attempt, again?.unknownSinceMs]).toEqual([2, nowMs]);
    if (!first || !again) throw new Error('nothing to send');
    await opened().outbox.retry(first, nowMs, 'too late to say so', 'not-sent');
    await opened().outbox.park(first, 'too late to say so');
    expect(await mineOf(incident, nowMs + 32_000)).toEqual([]);
    expect((await mineOf(incident, nowMs + 62_000)).map(({ attempt }) => attempt)).toEqual([3]);
  });

  it('believes whoever saw a message stand, also after the lease', async () => {
    const incident = incidentOf('late');
    await put(incident, [message(incident, 'root')]);
    const nowMs = Date.now() + 4000;
    const [first] = await mineOf(incident, nowMs);
    const [second] = await mineOf(incident, nowMs + 31_000);
    if (!first || !second) throw new Error('nothing to send');
    await opened().outbox.sent(first, { channelId: 'C9', ts: '9.9' });
    await opened().outbox.sent(second, { channelId: 'C9', ts: '9.8' });
    expect(await opened().incident(incident.id)).toMatchObject({ channelId: 'C9', rootTs: '9.9' });
    expect(await mineOf(incident, nowMs + 99_000)).toEqual([]);
  });

  it('brings back what is in doubt before anything newer of the incident', async () => {
    const incident = incidentOf('in-doubt');
    const nowMs = Date.now() + 5000;
    await putRoot(incident, nowMs);
    await put(incident, [message(incident, 'thread')]);
    expect((await mineOf(incident, nowMs)).map(({ purpose }) => purpose)).toEqual(['thread']);
    await put(incident, [message(incident, 'escalation')]);
    expect(await mineOf(incident, nowMs + 1000)).toEqual([]);
    const [doubtful] = await mineOf(incident, nowMs + 31_000);
    expect([doubtful?.purpose, doubtful?.unknownSinceMs]).toEqual(['thread', nowMs]);
    if (doubtful) await opened().outbox.retry(doubtful, nowMs + 90_000, 'ratelimited', 'not-sent');
    expect((await mineOf(incident, nowMs + 32_000)).map(({ purpose }) => purpose)).toEqual(['escalation']);
    // What nobody knows the outcome of stays in doubt until somebody saw it stand.
    const [later] = await mineOf({ ...incident }, nowMs + 99_000).then(async (items) => {
      for (const item of items) await opened().outbox.sent(item, { channelId: 'C1', ts: '5.2' });
      return mineOf(incident, nowMs + 99_000);
    });
    expect([later?.purpose, later?.unknownSinceMs]).toEqual(['thread', nowMs]);
  });

  it('drops an edit that failed once a newer one waits, and never for a repeat of an old one', async () => {
    const incident = incidentOf('edited-twice');
    const nowMs = Date.now() + 6000;
    await putRoot(incident, nowMs);
    await put(incident, [message(incident, 'edit', 'e1')]);
    const [e1] = await mineOf(incident, nowMs);
    await put(incident, [message(incident, 'edit', 'e2')]);
    await put(incident, [message(incident, 'edit', 'e1')]);
    if (e1) await opened().outbox.retry(e1, nowMs, 'ratelimited', 'unknown');
    const after = await mineOf(incident, nowMs + 1000);
    expect(after.map(({ key }) => key)).toEqual([`${incident.id}:e2`]);
    for (const item of after) await opened().outbox.sent(item, { channelId: 'C1', ts: '6.1' });
    expect(await mineOf(incident, nowMs + 2000)).toEqual([]);
  });

  it('gives concurrent senders different incidents, each once', async () => {
    const incidents = Array.from({ length: 12 }, (_, index) => incidentOf(`many-${index}`));
    for (const incident of incidents) await put(incident, [message(incident, 'root'), message(incident, 'thread')]);
    const nowMs = Date.now() + 7000;
    const taken = (
      await Promise.all(Array.from({ length: 8 }, () => opened().outbox.claim(nowMs, 30_000, 3, scope.workspace)))
    ).flat();
    const rest = await claimAll(nowMs);
    const keys = [...taken, ...rest].map(({ key }) => key).filter((key) => incidents.some(({ id }) => key === `${id}:root`));
    expect(keys.length).toBe(12);
    expect(new Set(keys).size).toBe(12);
  });

  it('gives a sender what is for its own workspace, and counts what waits for each', async () => {
    const nowMs = Date.now() + 7500;
    for (const item of await claimAll(nowMs)) await opened().outbox.park(item, 'other tests');
    const theirs = { ...incidentOf('of-another-workspace'), workspace: 'T2' };
    await opened().change({ ...scope, workspace: 'T2' }, theirs.key, 0, () => decided(theirs, [message(theirs, 'root')]));
    const ours = incidentOf('of-this-workspace');
    await put(ours, [message(ours, 'root'), message(ours, 'thread')]);
    expect((await opened().outbox.waiting('T2')).count).toBe(1);
    expect((await opened().outbox.waiting('T3')).count).toBe(0);
    expect((await claimAll(nowMs)).map(({ key }) => key)).toEqual([`${ours.id}:root`]);
    const claimed = await opened().outbox.claim(nowMs, 30_000, 50, 'T2');
    expect(claimed.map(({ key, workspace }) => [key, workspace])).toEqual([[`${theirs.id}:root`, 'T2']]);
    for (const item of claimed) await opened().outbox.sent(item, { channelId: 'C2', ts: '9.1' });
    expect((await opened().outbox.waiting('T2')).count).toBe(0);
  });

  it('counts no backlog behind a root that was given up', async () => {
    const incident = incidentOf('given-up');
    const nowMs = Date.now() + 8000;
    for (const item of await claimAll(nowMs)) await opened().outbox.park(item, 'other tests');
    const before = (await opened().outbox.waiting()).count;
    await put(incident, [message(incident, 'root'), message(incident, 'thread')]);
    expect((await opened().outbox.waiting()).count).toBe(before + 2);
    for (const item of await mineOf(incident, nowMs + 1000)) await opened().outbox.park(item, 'channel_not_found');
    expect((await opened().outbox.waiting()).count).toBe(before);
  });

  it('waits before a retry, remembers an unknown outcome, and parks what cannot be sent', async () => {
    const incident = incidentOf('retried');
    await put(incident, [message(incident, 'root')]);
    const mine = async (nowMs: number) => (await claimAll(nowMs)).find(({ rootId }) => rootId === incident.id);
    const nowMs = Date.now() + 100_000;
    const first = await mine(nowMs);
    if (!first) throw new Error('nothing to send');
    await opened().outbox.retry(first, nowMs + 10_000, 'timeout', 'unknown');
    expect(await mine(nowMs + 5000)).toBeUndefined();
    const second = await mine(nowMs + 10_000);
    expect(second?.unknownSinceMs).toBe(nowMs);
    if (second) await opened().outbox.park(second, 'channel_not_found');
    expect(await mine(nowMs + 999_000)).toBeUndefined();
  });

  it('takes a message back that was not tried, and counts no attempt', async () => {
    const incident = incidentOf('given-back');
    await put(incident, [message(incident, 'root')]);
    const nowMs = Date.now() + 200_000;
    const [first] = await mineOf(incident, nowMs);
    if (!first) throw new Error('nothing to send');
    await opened().outbox.release(first, nowMs + 5000);
    expect(await mineOf(incident, nowMs + 4000)).toEqual([]);
    const [second] = await mineOf(incident, nowMs + 5000);
    expect([second?.attempt, second?.unknownSinceMs]).toEqual([1, null]);
    await opened().outbox.release({ ...first, attempt: 9 }, nowMs);
    expect(await mineOf(incident, nowMs + 6000)).toEqual([]);
  });

  it('takes the same message once', async () => {
    const incident = incidentOf('keyed');
    await put(incident, [message(incident, 'root')]);
    await put(incident, [message(incident, 'root')]);
    const before = await opened().outbox.waiting();
    await put(incident, [message(incident, 'root')]);
    expect((await opened().outbox.waiting()).count).toBe(before.count);
  });
};
