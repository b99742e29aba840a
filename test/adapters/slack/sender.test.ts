import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openEmbedded } from '../../../src/adapters/store/embedded.ts';
import type { OutboxMessage } from '../../../src/domain/incident.ts';
import type { Store } from '../../../src/ports.ts';
import { allScopes } from '../../../src/workspace/web-api.ts';
import { startWorkspace, type Workspace } from '../../../src/workspace/workspace.ts';
import { incidentOf, message, scope, until } from '../../contracts/store-values.ts';
import { fastClock } from '../../support/fast-clock.ts';
import { smallPng } from '../../support/png.ts';
import { put, senderTo } from '../../support/slack.ts';

/** Eight seconds pass in one: the rates and pauses are Slack's and ours, only the clock is another. */
const clock = fastClock(8);
const folder = mkdtempSync(join(tmpdir(), 'edgewise-sender-'));
let store: Store;
let workspace: Workspace;
let sender: ReturnType<typeof senderTo>;

beforeAll(async () => {
  store = await openEmbedded({ dataDir: folder, clock, log: () => undefined });
}, 60_000);
afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  workspace = await startWorkspace({ channels: ['#mesh-alerts', '#oncall', '#other'], nowMs: clock.nowMs });
  for (const name of ['#oncall', '#other']) Object.assign(workspace.channel(name) ?? {}, { isMember: true });
  sender = senderTo(workspace, store, clock);
});
afterEach(async () => {
  await sender.stop();
  await workspace.close();
  // What a test left behind must not arrive in the next.
  for (const item of await store.outbox.claim(clock.nowMs() + 86_400_000, 1, 100, scope.workspace))
    await store.outbox.park(item, 'end of test');
});

const text = (incident: { readonly id: string }, name = 'root'): string => `${incident.id} ${name}`;
const say = (
  incident: ReturnType<typeof incidentOf>,
  purpose: OutboxMessage['purpose'],
  name: string = purpose,
): OutboxMessage => ({
  ...message(incident, purpose, name),
  message: { text: text(incident, name), blocks: [{ type: 'section', text: { type: 'mrkdwn', text: text(incident, name) } }] },
});
const inChannel = (channel: string, name: string) => ({ ...incidentOf(name), channel });
const textsIn = (channel: string): readonly string[] => workspace.messages(channel).map((shown) => shown.text);
const arrives = (count: number): Promise<void> => until(() => sender.sent.length >= count);
const drained = (): Promise<void> => until(async () => (await store.outbox.waiting()).count === 0);

describe('messages on their way to Slack', () => {
  it('arrive in order within an incident: the root, then the escalation, then the thread', async () => {
    const incident = inChannel('#oncall', 'order');
    await put(store, incident, say(incident, 'thread'), say(incident, 'escalation'), say(incident, 'root'));
    sender.start();
    await arrives(3);
    const shown = workspace.messages('#oncall');
    expect(shown.map((one) => one.text)).toEqual(['root', 'escalation', 'thread'].map((name) => text(incident, name)));
    expect(shown.slice(1).every((one) => one.threadTs === shown[0]?.ts)).toBe(true);
    expect(shown.map((one) => one.isBroadcast)).toEqual([false, true, false]);
  });

  it('keep to one post a second a channel, the most urgent first, while other channels go on', async () => {
    const quiet = inChannel('#other', 'quiet');
    const busy = Array.from({ length: 6 }, (_, index) => inChannel('#oncall', `busy-${index}`));
    const [first] = busy;
    if (!first) throw new Error('no incident');
    await put(store, first, say(first, 'root'));
    sender.start();
    await arrives(1);
    await put(store, first, say(first, 'thread'));
    for (const incident of busy.slice(1)) await put(store, incident, say(incident, 'root'));
    await put(store, quiet, say(quiet, 'root'));
    sender.wake();
    await drained();
    const posts = workspace.calls.filter(({ method }) => method === 'chat.postMessage');
    // By how long they took together: the machine may be late with any one of them.
    const [began, ended] = [posts[0]?.atMs ?? 0, posts.at(-1)?.atMs ?? 0];
    expect(ended - began).toBeGreaterThanOrEqual(5000);
    expect(posts.map(({ given }) => given['text']).at(-1)).toBe(text(first, 'thread'));
    // It came last, and goes before those that wait for their channel; a slow machine has sent some of them by then.
    expect(posts.findIndex(({ given }) => given['text'] === text(quiet))).toBeLessThan(posts.length - 2);
  });

  it('wait in their own channel when Slack says so, and in no other', async () => {
    workspace.fail('chat.postMessage', { kind: 'status', status: 429, retryAfter: 30 }, 1);
    const [limited, other] = [inChannel('#oncall', 'limited'), inChannel('#other', 'free')];
    await put(store, limited, say(limited, 'root'));
    sender.start();
    await until(() => sender.answers.includes('chat.postMessage rate-limited'));
    await put(store, other, say(other, 'root'));
    sender.wake();
    await arrives(2);
    expect(sender.sent.map(({ key }) => key)).toEqual([`${other.id}:root`, `${limited.id}:root`]);
    const [refused, , again] = workspace.calls.filter(({ method }) => method === 'chat.postMessage').map(({ atMs }) => atMs);
    expect((again ?? 0) - (refused ?? 0)).toBeGreaterThanOrEqual(29_000);
  });

  it('hold up their incident when they fail, never their channel', async () => {
    // Tried again much later than the other can take, however loaded the machine is.
    const retry: Store['outbox']['retry'] = (item, atMs, why, outcome) => store.outbox.retry(item, atMs + 30_000, why, outcome);
    sender = senderTo(workspace, store, clock, { outbox: { ...store.outbox, retry } });
    workspace.fail('chat.postMessage', { kind: 'error', error: 'a_code_nobody_knows' }, 1);
    const [failing, other] = [inChannel('#oncall', 'failing'), inChannel('#oncall', 'fine')];
    await put(store, failing, say(failing, 'root'), say(failing, 'thread'));
    sender.start();
    await until(() => sender.answers.includes('chat.postMessage hopeless'));
    await put(store, other, say(other, 'root'));
    sender.wake();
    await arrives(3);
    expect(textsIn('#oncall')).toEqual([text(other), text(failing), text(failing, 'thread')]);
  });

  it('are edited once where many edits wait', async () => {
    const incident = inChannel('#oncall', 'edited');
    await put(store, incident, say(incident, 'root'));
    sender.start();
    await arrives(1);
    for (let index = 0; index < 12; index += 1) await put(store, incident, say(incident, 'edit', `edit ${index}`));
    sender.wake();
    await drained();
    expect(textsIn('#oncall')).toEqual([text(incident, 'edit 11')]);
    expect(workspace.calls.filter(({ method }) => method === 'chat.update').length).toBeLessThan(6);
  });
});

describe('when Slack fails', () => {
  it('arrives once after 500s', async () => {
    workspace.fail('chat.postMessage', { kind: 'status', status: 500 }, 3);
    const incident = inChannel('#oncall', 'five-hundred');
    await put(store, incident, say(incident, 'root'));
    sender.start();
    await drained();
    expect(textsIn('#oncall')).toEqual([text(incident)]);
  });

  it('arrives once when the answer to the first attempt was lost', async () => {
    workspace.fail('chat.postMessage', { kind: 'timeout-after-accept' }, 1);
    const incident = inChannel('#oncall', 'lost-answer');
    await put(store, incident, say(incident, 'root'), say(incident, 'thread'));
    sender.start();
    await drained();
    expect(textsIn('#oncall')).toEqual([text(incident), text(incident, 'thread')]);
    expect((await store.incident(incident.id))?.rootTs).toBe(workspace.messages('#oncall')[0]?.ts);
  });

  it('waits without spending attempts while the token is refused, and says so', async () => {
    workspace.fail('*', { kind: 'error', error: 'invalid_auth' }, 3);
    const incident = inChannel('#oncall', 'locked-out');
    await put(store, incident, say(incident, 'root'));
    sender.start();
    await until(() => sender.state().kind === 'locked-out');
    expect(sender.state()).toEqual({ kind: 'locked-out', why: 'invalid_auth' });
    await arrives(1);
    expect(sender.sent[0]?.attempt).toBe(1);
    expect(sender.state()).toEqual({ kind: 'sending' });
  });

  it('sends the text alone when Slack refuses the blocks', async () => {
    const incident = inChannel('#oncall', 'bad-blocks');
    const bad = { type: 'header', text: { type: 'plain_text', text: 'x'.repeat(151) } };
    await put(store, incident, { ...say(incident, 'root'), message: { text: text(incident), blocks: [bad] } });
    sender.start();
    await drained();
    const [shown] = workspace.messages('#oncall');
    expect([shown?.text, shown?.blocks.map(({ type }) => type)]).toEqual([text(incident), ['section']]);
  });

  it('tells the news in the thread when the root can no longer be edited', async () => {
    const incident = inChannel('#oncall', 'uneditable');
    await put(store, incident, say(incident, 'root'));
    sender.start();
    await arrives(1);
    workspace.fail('chat.update', { kind: 'error', error: 'cant_update_message' }, 1);
    await put(store, incident, say(incident, 'resolution'));
    sender.wake();
    await drained();
    const [root, note] = workspace.messages('#oncall');
    expect([note?.text, note?.threadTs]).toEqual([text(incident, 'resolution'), root?.ts]);
  });
});

describe('a root that a person deleted', () => {
  const deleted = async (name: string) => {
    const incident = inChannel('#oncall', name);
    await put(store, incident, say(incident, 'root'));
    sender.start();
    await arrives(1);
    workspace.remove('#oncall', workspace.messages('#oncall')[0]?.ts ?? '');
    return incident;
  };

  it('is told anew by the next edit, and what comes later edits and answers that one', async () => {
    const incident = await deleted('deleted-edit');
    await put(store, incident, say(incident, 'edit'));
    sender.wake();
    await arrives(2);
    await put(store, incident, say(incident, 'resolution'), say(incident, 'thread'));
    sender.wake();
    await drained();
    const [root, thread] = workspace.messages('#oncall');
    expect(textsIn('#oncall')).toEqual([text(incident, 'resolution'), text(incident, 'thread')]);
    expect([root?.threadTs, thread?.threadTs]).toEqual([null, root?.ts]);
  });

  it('does not silence an escalation: it stands in the channel itself', async () => {
    const incident = await deleted('deleted-escalation');
    await put(store, incident, say(incident, 'escalation'));
    sender.wake();
    await drained();
    expect(workspace.messages('#oncall').map((one) => [one.text, one.threadTs])).toEqual([[text(incident, 'escalation'), null]]);
  });

  it('is told once although the answer to the new one was lost', async () => {
    const incident = await deleted('deleted-lost');
    workspace.fail('chat.postMessage', { kind: 'timeout-after-accept' }, 1);
    await put(store, incident, say(incident, 'edit'));
    sender.wake();
    await drained();
    expect(textsIn('#oncall')).toEqual([text(incident, 'edit')]);
  });
});

describe('a scope that is missing', () => {
  const without = async (...missing: readonly string[]): Promise<void> => {
    await sender.stop();
    await workspace.close();
    workspace = await startWorkspace({
      channels: ['#mesh-alerts', '#oncall'],
      nowMs: clock.nowMs,
      scopes: allScopes.filter((scope) => !missing.includes(scope)),
    });
    Object.assign(workspace.channel('#oncall') ?? {}, { isMember: true });
    sender = senderTo(workspace, store, clock);
  };

  it.each([[['groups:read']], [['channels:read', 'groups:read']]])(
    'to list channels (%j) does not keep text back',
    async (missing) => {
      await without(...missing);
      const incident = inChannel('#oncall', `without-${missing.join('-')}`);
      await put(store, incident, say(incident, 'root'), say(incident, 'thread'));
      sender.start();
      await drained();
      expect(textsIn('#oncall')).toEqual([text(incident), text(incident, 'thread')]);
      expect(sender.state()).toEqual({ kind: 'sending' });
    },
  );

  it('to upload files costs the picture and nothing else', async () => {
    await without('files:write');
    const [drawn, other] = [inChannel('#oncall', 'no-files'), inChannel('#oncall', 'no-files-other')];
    const picture = { name: 'hero', altText: 'Errors 5 %', png: await smallPng() };
    await put(store, drawn, say(drawn, 'root'), { ...say(drawn, 'picture'), picture });
    sender.start();
    await until(() => sender.answers.includes('files.getUploadURLExternal hopeless'));
    await put(store, other, say(other, 'root'));
    sender.wake();
    await drained();
    expect(textsIn('#oncall')).toEqual([text(drawn), text(other)]);
  });

  it('to read the history means at least once, never not at all', async () => {
    await without('channels:history', 'groups:history');
    workspace.fail('chat.postMessage', { kind: 'timeout-after-accept' }, 1);
    const incident = inChannel('#oncall', 'no-history');
    await put(store, incident, say(incident, 'root'));
    sender.start();
    await drained();
    expect(textsIn('#oncall')).toEqual([text(incident), text(incident)]);
  });

  it('to write at all holds everything, and says which', async () => {
    await without('chat:write');
    const incident = inChannel('#oncall', 'no-writing');
    await put(store, incident, say(incident, 'root'));
    sender.start();
    await until(() => sender.state().kind === 'locked-out');
    expect(sender.state()).toEqual({ kind: 'locked-out', why: 'missing_scope chat:write' });
  });
});

describe('what every message asks of Slack', () => {
  it('is to make no links, names or previews of its own, in posts and in edits', async () => {
    const incident = inChannel('#oncall', 'as-written');
    await put(store, incident, say(incident, 'root'), say(incident, 'thread'));
    sender.start();
    await arrives(2);
    await put(store, incident, say(incident, 'edit'));
    sender.wake();
    await drained();
    const sent = workspace.calls.filter(({ method }) => method.startsWith('chat.'));
    expect(sent.map(({ method }) => method)).toEqual(['chat.postMessage', 'chat.postMessage', 'chat.update']);
    for (const { given } of sent) expect(given).toMatchObject({ parse: 'none', link_names: 'false' });
    for (const { given } of sent.slice(0, 2)) expect(given).toMatchObject({ unfurl_links: 'false', unfurl_media: 'false' });
  });
});

describe('a channel that cannot be posted to', () => {
  it('keeps its note in the default channel through every edit', async () => {
    const incident = inChannel('no-such-channel', 'noted');
    await put(store, incident, say(incident, 'root'));
    sender.start();
    await arrives(1);
    await put(store, incident, say(incident, 'edit'));
    sender.wake();
    await drained();
    const [root] = workspace.messages('#mesh-alerts');
    expect(root?.text).toBe(text(incident, 'edit'));
    expect(JSON.stringify(root?.blocks)).toContain('invite me to #no-such-channel');
  });

  it('is looked for in the list of channels once a minute, however many messages are meant for it', async () => {
    const incidents = Array.from({ length: 8 }, (_, index) => inChannel('#nowhere', `nowhere-${index}`));
    for (const incident of incidents) await put(store, incident, say(incident, 'root'));
    sender.start();
    await arrives(8);
    expect(workspace.calls.filter(({ method }) => method === 'conversations.list').length).toBe(1);
  });

  it('loses no escalation when it is archived after the root: the default channel hears it', async () => {
    const incident = inChannel('#other', 'archived-later');
    await put(store, incident, say(incident, 'root'));
    sender.start();
    await arrives(1);
    Object.assign(workspace.channel('#other') ?? {}, { isArchived: true });
    await put(store, incident, say(incident, 'escalation'));
    sender.wake();
    await drained();
    expect(textsIn('#mesh-alerts')).toEqual([text(incident, 'escalation')]);
  });

  it('is joined when it is public', async () => {
    Object.assign(workspace.channel('#other') ?? {}, { isMember: false });
    const incident = inChannel('#other', 'joined');
    await put(store, incident, say(incident, 'root'));
    sender.start();
    await drained();
    expect(textsIn('#other')).toEqual([text(incident)]);
  });

  it.each([
    ['private', { isMember: false, isPrivate: true }],
    ['archived', { isArchived: true }],
  ])('gives its messages to the default channel, with how to mend it, when it is %s', async (what, change) => {
    Object.assign(workspace.channel('#other') ?? {}, change);
    const incident = inChannel('#other', `diverted-${what}`);
    await put(store, incident, say(incident, 'root'), say(incident, 'thread'));
    sender.start();
    await drained();
    const [root, thread] = workspace.messages('#mesh-alerts');
    expect(JSON.stringify(root?.blocks)).toContain('invite me to #other');
    expect([root?.text, thread?.threadTs]).toEqual([text(incident), root?.ts]);
  });

  it('is looked up again after a while, since another may have taken its name', async () => {
    let aheadMs = 0;
    await sender.stop();
    sender = senderTo(workspace, store, { ...clock, nowMs: () => clock.nowMs() + aheadMs });
    const [before, after] = [inChannel('#other', 'renamed-before'), inChannel('#other', 'renamed-after')];
    await put(store, before, say(before, 'root'));
    sender.start();
    await arrives(1);
    Object.assign(workspace.channel('#other') ?? {}, { name: 'other-old' });
    Object.assign(workspace.channel('#oncall') ?? {}, { name: 'other' });
    aheadMs = 700_000;
    await put(store, after, say(after, 'root'));
    sender.wake();
    await drained();
    expect(textsIn('#other')).toEqual([text(after)]);
  });

  it('is looked up again after it was archived and another took its name', async () => {
    const first = inChannel('#other', 'before');
    await put(store, first, say(first, 'root'));
    sender.start();
    await arrives(1);
    Object.assign(workspace.channel('#other') ?? {}, { name: 'other-old', isArchived: true });
    Object.assign(workspace.channel('#oncall') ?? {}, { name: 'other' });
    const second = inChannel('#other', 'after');
    await put(store, second, say(second, 'root'));
    sender.wake();
    await drained();
    expect(textsIn('#other')).toEqual([text(second)]);
    expect(textsIn('#mesh-alerts')).toEqual([]);
  });
});

describe('pictures', () => {
  const withPicture = async (incident: ReturnType<typeof incidentOf>, purpose: 'root' | 'picture'): Promise<OutboxMessage> => ({
    ...say(incident, purpose),
    picture: { name: 'golden-signals', altText: 'Errors 5.3 %', png: await smallPng() },
  });

  it('are shared into the thread, where everybody sees them', async () => {
    const incident = inChannel('#oncall', 'in-thread');
    await put(store, incident, say(incident, 'root'), await withPicture(incident, 'picture'));
    sender.start();
    await drained();
    const [root, picture] = workspace.messages('#oncall');
    expect([picture?.threadTs, picture?.files.length]).toEqual([root?.ts, 1]);
    expect(workspace.file(picture?.files[0] ?? '')?.bytes).toEqual(await smallPng());
  });

  it('stand in the new root where a picture channel is configured', async () => {
    await sender.stop();
    sender = senderTo(workspace, store, clock, { pictureChannel: '#mesh-alerts' });
    const incident = inChannel('#oncall', 'inline');
    await put(store, incident, await withPicture(incident, 'root'));
    sender.start();
    await drained();
    const image = workspace.messages('#oncall')[0]?.blocks.find(({ type }) => type === 'image');
    expect(image).toMatchObject({ alt_text: 'Errors 5.3 %', slack_file: { id: expect.stringMatching(/^F/) } });
    expect(workspace.messages('#mesh-alerts')[0]?.files.length).toBe(1);
  });

  it.each(['files.getUploadURLExternal', 'files.completeUploadExternal', 'files.info'])(
    'never hold up the root: it goes without one when %s fails',
    async (method) => {
      await sender.stop();
      sender = senderTo(workspace, store, clock, { pictureChannel: '#mesh-alerts' });
      workspace.fail(method, { kind: 'error', error: 'some_error' }, 5);
      const incident = inChannel('#oncall', `without-${method}`);
      await put(store, incident, await withPicture(incident, 'root'));
      sender.start();
      await drained();
      expect(textsIn('#oncall')[0]).toBe(text(incident));
    },
  );

  it('never hold up the root for more than a moment when Slack does not answer about them', async () => {
    await sender.stop();
    sender = senderTo(workspace, store, clock, { pictureChannel: '#mesh-alerts' });
    workspace.fail('files.getUploadURLExternal', { kind: 'timeout-after-accept' }, 1);
    const incident = inChannel('#oncall', 'slow-upload');
    await put(store, incident, await withPicture(incident, 'root'));
    sender.start();
    await drained();
    const [began, told] = ['files.getUploadURLExternal', 'chat.postMessage'].map(
      (method) => workspace.calls.find((call) => call.method === method)?.atMs ?? 0,
    );
    expect((told ?? 0) - (began ?? 0)).toBeLessThan(2900);
    expect(textsIn('#oncall')[0]).toBe(text(incident));
  });

  it('go to the thread when the root could not wait for them', async () => {
    await sender.stop();
    sender = senderTo(workspace, store, clock, { pictureChannel: '#mesh-alerts' });
    workspace.fail('files.info', { kind: 'error', error: 'some_error' }, 1);
    const incident = inChannel('#oncall', 'too-late');
    await put(store, incident, await withPicture(incident, 'root'));
    sender.start();
    await drained();
    const [root, picture] = workspace.messages('#oncall');
    expect(root?.blocks.some(({ type }) => type === 'image')).toBe(false);
    expect([picture?.threadTs, picture?.files.length]).toEqual([root?.ts, 1]);
  });
});
