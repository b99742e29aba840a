import { once } from 'node:events';
import { connect } from 'node:net';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { WebhookOptions } from '../../../src/adapters/alertmanager/webhook.ts';
import { SourceError } from '../../../src/domain/gathered.ts';
import { alertBody, deliveryBody } from './bodies.ts';
import { answerOf, beginPost, openWebhook, post, token } from './door.ts';

const opened: { readonly drain: () => Promise<void> }[] = [];
const open = async (changes: Partial<WebhookOptions> = {}) => {
  const webhook = await openWebhook(changes);
  opened.push(webhook);
  return webhook;
};
afterEach(async () => {
  await Promise.all(opened.splice(0).map(({ drain }) => drain()));
});

const valid = deliveryBody([alertBody()]);
/** A store whose commits are released by hand. */
const slowStore = () => {
  const release: (() => void)[] = [];
  const begun: (() => void)[] = [];
  const accept = () =>
    new Promise<'accepted'>((resolve) => {
      release.push(() => resolve('accepted'));
      begun.shift()?.();
    });
  return { store: { accept }, release, begins: () => new Promise<void>((resolve) => begun.push(resolve)) };
};

describe('a delivery', () => {
  it('is answered with 200 only after the store has committed it', async () => {
    const { store, release, begins } = slowStore();
    const { port, heard } = await open({ store });
    const begin = begins();
    let isAnswered = false;
    const answer = post(port, valid).finally(() => {
      isAnswered = true;
    });
    await begin;
    expect(isAnswered).toBe(false);
    expect(heard.results).toEqual([]);
    release[0]?.();
    expect(await answer).toMatchObject({ status: 200, text: '{"status":"accepted"}' });
    expect(heard.results).toEqual(['accepted']);
  });

  it('reaches the store with workspace, cluster, the moment of its receipt and its bytes counted', async () => {
    const { port, heard } = await open();
    await post(port, valid);
    expect(heard.deliveries[0]).toMatchObject({ workspace: 'T1', cluster: 'blue', receivedAtMs: 1_000_000 });
    expect(heard.bytes).toBe(JSON.stringify(valid).length);
  });

  it('that the store already holds is a success', async () => {
    const { port, heard } = await open({ store: { accept: async () => 'duplicate' } });
    expect((await post(port, valid)).status).toBe(200);
    expect(heard.results).toEqual(['duplicate']);
  });

  it('of two thousand alerts is taken whole', async () => {
    const { port, heard } = await open();
    const alerts = Array.from({ length: 2000 }, (_, index) => alertBody({ fingerprint: `f${index}` }));
    expect((await post(port, deliveryBody(alerts))).status).toBe(200);
    expect(heard.deliveries[0]?.group.alerts.length).toBe(2000);
  });

  it('needs no content type', async () => {
    const { port } = await open();
    expect((await post(port, valid, { 'content-type': 'text/plain' })).status).toBe(200);
  });

  it('that is malformed is refused with the field, and costs the store nothing', async () => {
    const { port, heard } = await open();
    const answer = await post(port, { ...valid, status: 'paused' });
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.text)).toMatchObject({ field: 'status', given: '"paused"' });
    expect((await post(port, '')).status).toBe(400);
    expect(heard).toMatchObject({ results: ['malformed', 'malformed'], deliveries: [] });
  });

  it('whatever it holds, is never answered with 5xx, 429 or 408', async () => {
    const { port } = await open();
    const body = fc.oneof(
      fc.string(),
      fc.json(),
      fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    );
    await fc.assert(
      fc.asyncProperty(body, async (text) => {
        expect((await post(port, text)).status).toBe(400);
      }),
      { numRuns: 200 },
    );
  });
});

describe('alerts that always fire', () => {
  const watchdog = alertBody({ labels: { alertname: 'Watchdog', severity: 'none', cluster: 'blue' } });
  it('alone feed the dead-man metric, and nothing is stored', async () => {
    const { port, heard } = await open();
    expect((await post(port, deliveryBody([watchdog]))).status).toBe(200);
    expect(heard).toMatchObject({ results: ['dead-man'], deadMen: ['Watchdog blue 1000000'], deliveries: [] });
  });

  it('beside others are split off', async () => {
    const { port, heard } = await open();
    const inhibitor = alertBody({ labels: { alertname: 'InfoInhibitor', severity: 'none', cluster: 'blue' } });
    await post(port, deliveryBody([watchdog, inhibitor, alertBody({ status: 'resolved' })]));
    expect(heard.deadMen).toEqual(['Watchdog blue 1000000', 'InfoInhibitor blue 1000000']);
    expect(heard.deliveries[0]?.group.alerts.map(({ labels }) => labels['alertname'])).toEqual(['HighErrorRate']);
    expect(heard.deliveries[0]?.group.status).toBe('resolved');
  });

  it('resolved are no sign of life', async () => {
    const { port, heard } = await open();
    expect((await post(port, deliveryBody([{ ...watchdog, status: 'resolved' }]))).status).toBe(200);
    expect(heard.deadMen).toEqual([]);
  });
});

describe('what may pass later is answered with 503 and Retry-After', () => {
  it('when the store fails, without its secrets', async () => {
    const accept = async () => {
      throw new SourceError('the database', 'unreachable', 'refused the connection', { cause: new Error('postgres://u:p@h') });
    };
    const { port, heard } = await open({ store: { accept } });
    const answer = await post(port, valid);
    expect(answer).toMatchObject({ status: 503, text: '{"error":"the database refused the connection"}' });
    expect(answer.headers['retry-after']).toBe('1');
    expect(heard.results).toEqual(['store-failed']);
  });

  it('when the store breaks in a way nobody foresaw', async () => {
    const accept = () => {
      throw new TypeError('password is hunter2');
    };
    const { port } = await open({ store: { accept } });
    expect(await post(port, valid)).toMatchObject({ status: 503, text: '{"error":"the store failed"}' });
  });

  it('when the store hangs, and what hangs keeps its slot', async () => {
    const { store, release } = slowStore();
    const { port, heard } = await open({ store, acceptWithinMs: 30, maxInFlight: 1 });
    expect((await post(port, valid)).status).toBe(503);
    expect((await post(port, valid)).status).toBe(503);
    expect(heard.results).toEqual(['store-failed', 'overload']);
    release[0]?.();
  });

  it('when more are in hand than may be, and the rest is taken', async () => {
    const { store, release, begins } = slowStore();
    const { port, heard } = await open({ store, maxInFlight: 2 });
    const both = [begins(), begins()];
    const taken = [post(port, valid), post(port, valid)];
    await Promise.all(both);
    const refused = await post(port, valid);
    expect(refused.status).toBe(503);
    expect(refused.headers['retry-after']).toBe('1');
    for (const one of release) one();
    expect((await Promise.all(taken)).map(({ status }) => status)).toEqual([200, 200]);
    expect(heard.results).toEqual(['overload', 'accepted', 'accepted']);
  });

  it('while shutting down, and what is in hand is finished first', async () => {
    const { store, release, begins } = slowStore();
    const { port, drain, heard } = await open({ store });
    const begin = begins();
    const taken = post(port, valid);
    await begin;
    const drained = drain();
    const late = await post(port, valid);
    expect(late.status).toBe(503);
    expect(late.headers['retry-after']).toBe('1');
    release[0]?.();
    expect((await taken).status).toBe(200);
    await drained;
    expect(heard.results).toEqual(['stopping', 'accepted']);
    await expect(post(port, valid)).rejects.toThrow(/ECONNREFUSED|hang up|ECONNRESET/);
  });

  it('a thousand at once are all taken when there is room', async () => {
    const { port, heard } = await open({ maxInFlight: 1000 });
    const answers = await Promise.all(Array.from({ length: 1000 }, () => post(port, valid)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(heard.deliveries.length).toBe(1000);
  });
});

describe('a body that is too large', () => {
  it('by its own word is refused with 413 before it is read, and counted', async () => {
    const { port, heard } = await open({ maxBodyBytes: 1000 });
    const answer = await post(port, deliveryBody([alertBody({ annotations: { text: 'x'.repeat(2000) } })]));
    expect(answer.status).toBe(413);
    expect(answer.text).toContain('max_alerts');
    expect(heard.results).toEqual(['too-large']);
    expect(heard.lines.join()).toContain('max_alerts');
  });

  it('is counted while it streams when it does not say its length', async () => {
    const { port, heard } = await open({ maxBodyBytes: 1000 });
    const begun = beginPost(port, { 'transfer-encoding': 'chunked' });
    begun.on('error', () => undefined);
    const answer = answerOf(begun);
    begun.write('x'.repeat(600));
    begun.write('x'.repeat(600));
    expect((await answer).status).toBe(413);
    begun.destroy();
    expect(heard).toMatchObject({ results: ['too-large'], deliveries: [] });
  });

  it('that is compressed is refused with 415', async () => {
    const { port, heard } = await open();
    expect((await post(port, valid, { 'content-encoding': 'gzip' })).status).toBe(415);
    expect(heard.results).toEqual(['unsupported']);
  });
});

describe('who may come in', () => {
  const credentials = { bearer: [token, 'the-next-token-of-the-rotation'], basic: ['mesh:pass:word'] };
  const basic = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`;
  it.each<[string, string | undefined, number]>([
    ['the first token', `Bearer ${token}`, 200],
    ['the second token', 'Bearer the-next-token-of-the-rotation', 200],
    ['the scheme in small letters', `bearer ${token}`, 200],
    ['user and password, with a colon in it', basic('mesh:pass:word'), 200],
    ['nothing', undefined, 401],
    ['an empty header', '', 401],
    ['a scheme alone', 'Bearer ', 401],
    ['a wrong token', 'Bearer wrong', 401],
    ['a prefix of the token', `Bearer ${token.slice(0, -1)}`, 401],
    ['the token and more', `Bearer ${token}x`, 401],
    ['the token in capitals', `Bearer ${token.toUpperCase()}`, 401],
    ['the token as a password', basic(`:${token}`), 401],
    ['the password as a token', 'Bearer mesh:pass:word', 401],
    ['another scheme', `Token ${token}`, 401],
    ['fifteen thousand bytes', `Bearer ${'x'.repeat(15_000)}`, 401],
  ])('%s', async (_name, authorization, status) => {
    const { port, heard } = await open({ credentials });
    const answer = await post(port, valid, { authorization });
    expect(answer.status).toBe(status);
    if (status === 401) {
      expect(answer.text).toBe('{"error":"unauthorized"}');
      expect(heard).toMatchObject({ results: ['unauthorized'], deliveries: [] });
    }
  });

  it('two headers are refused, even when both are right', async () => {
    const { port } = await open({ credentials });
    const socket = connect(port, '127.0.0.1');
    const header = `Authorization: Bearer ${token}\r\n`;
    socket.end(
      `POST /webhooks/alertmanager HTTP/1.1\r\nHost: a\r\n${header}${header}Content-Length: 0\r\nConnection: close\r\n\r\n`,
    );
    const [first] = await once(socket, 'data');
    expect(String(first)).toMatch(/^HTTP\/1\.1 401/);
  });

  it('pages that do not exist ask for credentials too, and echo nothing', async () => {
    const { port } = await open({ credentials });
    const without = await fetch(`http://127.0.0.1:${port}/metrics`);
    expect(without.status).toBe(401);
    const headers = { authorization: `Bearer ${token}` };
    const known = await fetch(`http://127.0.0.1:${port}/%3Cscript%3E`, { headers });
    expect(known.status).toBe(404);
    expect(await known.text()).not.toContain('script');
    expect((await fetch(`http://127.0.0.1:${port}/webhooks/alertmanager`, { headers })).status).toBe(404);
  });

  it('nobody, without credentials on an address others reach: it refuses to start', async () => {
    const none = { bearer: [], basic: [] };
    for (const host of ['0.0.0.0', '::', '10.1.2.3', 'edgewise'])
      await expect(openWebhook({ host, credentials: none })).rejects.toThrow(/without credentials.*WEBHOOK_TOKENS/);
    const { port } = await open({ credentials: none });
    expect((await post(port, valid)).status).toBe(200);
  });
});

describe('slow and broken clients', () => {
  it('that never finish their headers neither keep others out nor hold up the shutdown', async () => {
    const { port, drain } = await open({ maxInFlight: 1 });
    const sockets = Array.from({ length: 50 }, () => connect(port, '127.0.0.1'));
    for (const socket of sockets)
      socket.on('error', () => undefined).write('POST /webhooks/alertmanager HTTP/1.1\r\nHost: a\r\nX-Slow: ');
    expect((await post(port, valid)).status).toBe(200);
    await drain();
    for (const socket of sockets) socket.destroy();
  });

  it('that leave in the middle of a body give their slot back', async () => {
    const { port, heard } = await open({ maxInFlight: 1 });
    const begun = beginPost(port, { 'content-length': 1000 });
    begun.on('error', () => undefined);
    begun.write('{"half');
    while ((await post(port, valid)).status !== 503);
    begun.destroy();
    while ((await post(port, valid)).status !== 200);
    expect(heard.results.at(-1)).toBe('accepted');
  });

  it('that hang in the middle of a body are cut by the shutdown', async () => {
    const { port, drain } = await open({ drainWithinMs: 50 });
    const begun = beginPost(port, { 'content-length': 1000 });
    const broken = once(begun, 'error');
    begun.write('{"half');
    await post(port, valid);
    await drain();
    await broken;
  });
});
