import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { memoryOf } from '../../../src/adapters/slack/inbox-memory.ts';
import { isGenuine, isTimely, sealIn } from '../../../src/adapters/slack/signing.ts';
import type { Gesture } from '../../../src/domain/gesture.ts';
import { until } from '../../contracts/store-values.ts';
import { alertBody, deliveryBody } from '../alertmanager/bodies.ts';
import { post, token } from '../alertmanager/door.ts';
import { command } from './gestures.ts';
import { openApp, signedPost, signingSecret, wireOf } from './stage.ts';

const form = 'application/x-www-form-urlencoded';
const minutes = 60_000;

describe('the signature of a request', () => {
  // The worked example of docs.slack.dev/authentication/verifying-requests-from-slack.
  const body = Buffer.from(
    'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c',
  );
  const secret = '8f742231b10e8888abcd99yyyzzz85a5';
  const seal = {
    timestamp: '1531420618',
    signature: 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
  };

  it('is that of Slack’s own example', () => {
    expect(isGenuine(seal, body, secret)).toBe(true);
    expect(isGenuine(seal, body, `${secret}x`)).toBe(false);
    expect(isGenuine(seal, Buffer.concat([body, Buffer.from('&')]), secret)).toBe(false);
    expect(isGenuine({ ...seal, timestamp: '1531420619' }, body, secret)).toBe(false);
  });

  it.each([
    ['now', 0, true],
    ['300 s ago', -300, true],
    ['301 s ago', -301, false],
    ['300 s ahead', 300, true],
    ['301 s ahead', 301, false],
  ])('is %s in time: %s s, %s', (_name, seconds, isGood) => {
    expect(isTimely({ ...seal, timestamp: String(1_531_420_618 + seconds) }, 1_531_420_618_000)).toBe(isGood);
  });

  it.each<[string, Record<string, readonly string[]>]>([
    ['neither header', {}],
    ['no time', { 'x-slack-signature': [seal.signature] }],
    ['no signature', { 'x-slack-request-timestamp': [seal.timestamp] }],
    ['two signatures', { 'x-slack-request-timestamp': [seal.timestamp], 'x-slack-signature': [seal.signature, seal.signature] }],
    ['two times', { 'x-slack-request-timestamp': [seal.timestamp, '1'], 'x-slack-signature': [seal.signature] }],
    ['a time that is none', { 'x-slack-request-timestamp': ['1e9'], 'x-slack-signature': [seal.signature] }],
    ['a negative time', { 'x-slack-request-timestamp': ['-1'], 'x-slack-signature': [seal.signature] }],
    ['another version', { 'x-slack-request-timestamp': ['1'], 'x-slack-signature': [seal.signature.replace('v0', 'v1')] }],
    ['half a signature', { 'x-slack-request-timestamp': ['1'], 'x-slack-signature': [seal.signature.slice(0, 40)] }],
    ['letters that are no digits', { 'x-slack-request-timestamp': ['1'], 'x-slack-signature': [`v0=${'g'.repeat(64)}`] }],
  ])('is none with %s', (_name, headers) => expect(sealIn(headers)).toBeNull());
});

describe('what was seen', () => {
  it('is forgotten after its time, and the oldest before there is too much', () => {
    let nowMs = 0;
    const memory = memoryOf<number>(() => nowMs, { forMs: 100, most: 3 });
    for (const id of ['a', 'b', 'c', 'd']) memory.keep(id, nowMs);
    expect(['a', 'b', 'd'].map(memory.recall)).toEqual([undefined, 0, 0]);
    nowMs = 100;
    memory.keep('e', nowMs);
    expect(memory.recall('d')).toBe(0);
    nowMs = 101;
    expect(['d', 'e'].map(memory.recall)).toEqual([undefined, 100]);
  });
});

describe('the port that Slack and Alertmanager share', () => {
  let app: Awaited<ReturnType<typeof openApp>>;
  let answer: () => Promise<void> = async () => undefined;
  const heard: Gesture[] = [];
  beforeAll(async () => {
    app = await openApp('http', async (gesture) => {
      heard.push(gesture);
      return answer();
    });
  });
  beforeEach(() => {
    heard.length = 0;
    answer = async () => undefined;
  });
  afterAll(() => app.stop());
  const alert = () => post(app.webhook.port, deliveryBody([alertBody()]));
  const typed = (text: string) => wireOf('slash_commands', command(text, app.respondUrl)).body;

  it('takes alerts, and asks Slack to come again, while it is not known whose app this is', async () => {
    app.slack.refuse('auth.test', 'account_inactive');
    await expect(app.app.start()).rejects.toMatchObject({ name: 'SourceError', reason: 'refused' });
    const body = typed('early');
    expect((await signedPost(app.base, body, form)).status).toBe(503);
    expect((await alert()).status).toBe(200);
    expect(app.app.state()).toBe('connecting');
    await app.app.start();
    expect(app.app.state()).toBe('connected');
    // What was not answered well is no replay.
    expect((await signedPost(app.base, body, form)).status).toBe(200);
    await until(() => heard.length === 1);
  });

  it('is verified by Slack, with its challenge, and only where that is signed', async () => {
    const body = JSON.stringify({ token: 'x', challenge: '3eZbrw1aB', type: 'url_verification' });
    const verified = await signedPost(app.base, body, 'application/json');
    expect([verified.status, await verified.text()]).toEqual([200, '3eZbrw1aB']);
    expect((await signedPost(app.base, body, 'application/json', { secret: 'other' })).status).toBe(401);
  });

  it.each([
    ['another secret', { secret: 'wrong' }, 401],
    ['six minutes ago', { atMs: Date.now() - 6 * minutes }, 401],
    ['six minutes ahead', { atMs: Date.now() + 6 * minutes }, 401],
    ['a body that was changed', { headers: { 'x-slack-signature': `v0=${createHash('sha256').digest('hex')}` } }, 401],
    ['no signature', { headers: { 'x-slack-signature': '' } }, 401],
    ['a compressed body', { headers: { 'content-encoding': 'gzip' } }, 415],
    ['a content that is not Slack’s', { headers: { 'content-type': 'text/plain' } }, 400],
  ])('refuses a request with %s, and says nothing', async (_name, signing, status) => {
    const answered = await signedPost(app.base, typed('no'), form, signing);
    expect([answered.status, await answered.text()]).toEqual([status, '']);
    expect((await signedPost(app.base, typed('yes'), form)).status).toBe(200);
    await until(() => heard.length > 0);
    expect(heard).toEqual([expect.objectContaining({ text: 'yes' })]);
  });

  it.each([
    ['no JSON', 'application/json', '{'],
    ['a list', 'application/json', '[]'],
    ['a payload that is no JSON', form, 'payload=%7B'],
  ])('refuses %s that is well signed', async (_name, type, body) => {
    expect((await signedPost(app.base, body, type)).status).toBe(400);
  });

  it('reads the same with a charset, and four minutes off in either direction', async () => {
    for (const atMs of [Date.now() - 4 * minutes, Date.now() + 4 * minutes])
      expect((await signedPost(app.base, typed('near'), `${form}; charset=utf-8`, { atMs })).status).toBe(200);
    await until(() => heard.length === 2);
  });

  it('answers a replay, and does not run it again', async () => {
    // A signature alone: nothing in it by which it would be known as the same gesture.
    const { body } = wireOf('slash_commands', command('replayed', app.respondUrl, { trigger_id: '' }));
    const atMs = Date.now();
    for (let times = 0; times < 3; times += 1) {
      const answered = await signedPost(app.base, body, form, { atMs });
      expect([answered.status, await answered.text()]).toEqual([200, '']);
    }
    await until(() => heard.length > 0);
    expect((await signedPost(app.base, body, form, { atMs: atMs - 1000 })).status).toBe(200);
    await until(() => heard.length === 2);
  });

  it('lets what could not be worked come again, sealed as before', async () => {
    const body = JSON.stringify({ type: 'event_callback', event: 'nonsense' });
    const atMs = Date.now();
    const statuses = [];
    for (let times = 0; times < 2; times += 1)
      statuses.push((await signedPost(app.base, body, 'application/json', { atMs })).status);
    expect(statuses).toEqual([500, 500]);
  });

  it('reads no more than a megabyte, announced or not', async () => {
    const big = `text=${'x'.repeat(1_048_576)}`;
    expect((await signedPost(app.base, big, form).catch(() => ({ status: 413 }))).status).toBe(413);
    const socket = connect(app.webhook.port, '127.0.0.1');
    socket.on('error', () => undefined);
    let got = '';
    socket.on('data', (data) => {
      got += data;
    });
    const head = `POST /slack/events HTTP/1.1\r\nhost: x\r\ncontent-type: ${form}\r\ntransfer-encoding: chunked\r\n`;
    socket.write(
      `${head}x-slack-request-timestamp: ${Math.floor(Date.now() / 1000)}\r\nx-slack-signature: v0=${'0'.repeat(64)}\r\n\r\n`,
    );
    for (let sent = 0; sent < 20; sent += 1) socket.write(`10000\r\n${'x'.repeat(65_536)}\r\n`);
    await until(() => got !== '');
    expect(got).toMatch(/^HTTP\/1.1 413 /);
    socket.destroy();
  });

  it('takes alerts while Slack’s requests hang, and others of Slack’s wait outside', async () => {
    const sockets = Array.from({ length: 64 }, () => {
      const socket = connect(app.webhook.port, '127.0.0.1');
      socket.on('error', () => undefined);
      socket.write(
        `POST /slack/events HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\nx-slack-request-timestamp: ${Math.floor(Date.now() / 1000)}\r\nx-slack-signature: v0=${'0'.repeat(64)}\r\n\r\n`,
      );
      return socket;
    });
    await until(async () => (await signedPost(app.base, typed('outside'), form)).status === 503);
    expect((await alert()).status).toBe(200);
    // Nobody ends these, and they are cut: Slack waits no longer either.
    await until(async () => (await signedPost(app.base, typed('inside'), form)).status === 200);
    await until(() => sockets.every(({ closed }) => closed));
  });

  it('takes alerts by their own credential, which opens nothing to Slack’s path', async () => {
    const headers = { authorization: `Bearer ${token}` };
    expect((await fetch(`${app.base}/slack/events`, { method: 'POST', headers, body: 'x' })).status).toBe(401);
    expect((await fetch(`${app.base}/slack/events`)).status).toBe(405);
    expect((await signedPost(app.base, typed('x'), form, { path: '/webhooks/alertmanager' })).status).toBe(401);
    expect(heard).toEqual([]);
    expect(app.webhook.heard.results).not.toContain('malformed');
  });

  it('tells the log why, once a minute, without what was sent', () => {
    const refused = app.lines.filter((line) => line.includes('not signed as Slack does'));
    expect(refused).toHaveLength(1);
    expect(app.lines.join('\n')).not.toContain('canary');
    expect(app.lines.join('\n')).not.toContain(signingSecret);
  });
});
