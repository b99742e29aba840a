import { afterEach, describe, expect, it } from 'vitest';
import { httpSource, type SourceSettings } from '../../../src/adapters/http/client.ts';
import { proxyFor } from '../../../src/adapters/http/proxy.ts';
import { slackTransport } from '../../../src/adapters/http/slack-transport.ts';
import { makeAuthority, opensslMissing } from './openssl.ts';
import { openProxy, openServer } from './servers.ts';

const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});
const proxied = async (toPort: number, options?: Parameters<typeof openProxy>[1]) => {
  const proxy = await openProxy(toPort, options);
  endings.push(proxy.close);
  return proxy;
};
const sourceAt = (url: string, proxy: string, settings: Partial<SourceSettings> = {}) => {
  const source = httpSource({ name: 'Thanos', url, proxy: { httpProxy: proxy, httpsProxy: proxy, noProxy: null }, ...settings });
  endings.push(source.close);
  return source;
};
const signal = () => AbortSignal.timeout(15_000);
const both = { httpProxy: 'http://plain:3128', httpsProxy: 'http://secure:3128' };

describe('which proxy an address takes', () => {
  it.each<[string, string | null, string | null]>([
    ['http://prometheus:9090', null, 'http://plain:3128'],
    ['https://slack.com/api/', '', 'http://secure:3128'],
    ['wss://wss-primary.slack.com', null, 'http://secure:3128'],
    ['https://slack.com', '*', null],
    ['https://slack.com', 'other, *', null],
    ['http://prometheus:9090', 'prometheus', null],
    ['http://PROMETHEUS.:9090', 'Prometheus', null],
    ['http://prometheus:9090', 'prometheus:9090', null],
    ['http://prometheus:9090', 'prometheus:9091', 'http://plain:3128'],
    ['https://thanos.example', 'thanos.example:443', null],
    ['http://thanos.mon.svc', 'svc', null],
    ['http://thanos.mon.svc', '.svc', null],
    ['http://thanos.mon.svc', '*.svc', null],
    ['http://svc', '*.svc', 'http://plain:3128'],
    ['http://svc', '.svc', null],
    ['http://notsvc', 'svc', 'http://plain:3128'],
    ['http://10.4.3.2:9090', '10.0.0.0/8', null],
    ['http://11.4.3.2:9090', '10.0.0.0/8', 'http://plain:3128'],
    ['http://10.4.3.2:9090', '10.0.0.0/99', 'http://plain:3128'],
    ['http://10.4.3.2', '4.3.2', 'http://plain:3128'],
    ['http://[fd00::9]:9090', 'fd00::/8', null],
    ['http://[fd00::9]:9090', '10.0.0.0/8', 'http://plain:3128'],
    ['http://[fd00::1]:9090', 'fd00::1', null],
    ['http://[fd00::1]:9090', '[fd00::1]', null],
    ['http://[fd00::1]:9090', '[fd00::1]:9090', null],
    ['http://[fd00::1]:9090', '[fd00::1]:80', 'http://plain:3128'],
    ['http://127.0.0.1:9090', null, null],
    ['http://[::1]:9090', null, null],
    ['https://localhost', null, null],
  ])('%s with NO_PROXY %s: %s', (url, noProxy, expected) => {
    expect(proxyFor(new URL(url), { ...both, noProxy })).toBe(expected);
  });

  it('is never the one of the other protocol, and a missing scheme is http', () => {
    expect(proxyFor(new URL('https://slack.com'), { ...both, httpsProxy: null, noProxy: null })).toBeNull();
    expect(proxyFor(new URL('http://prometheus'), { ...both, httpProxy: '', noProxy: null })).toBeNull();
    expect(proxyFor(new URL('http://prometheus'), { ...both, httpProxy: 'proxy:3128', noProxy: null })).toBe('http://proxy:3128');
  });
});

describe('a plain source behind a proxy', () => {
  it('is asked through it, the proxy resolving the name', async () => {
    const proxy = await proxied(0);
    const source = sourceAt('http://thanos.invalid:9090/prefix', `http://127.0.0.1:${proxy.port}`);
    expect((await source.request({ path: '/q', signal: signal() })).text).toBe('{"through":"proxy"}');
    expect(proxy.forwarded).toEqual(['http://thanos.invalid:9090/prefix/q']);
  });

  it('is asked directly where no proxy is for it', async () => {
    const proxy = await proxied(0);
    const server = await openServer((_request, response) => response.end('{"direct":true}'));
    endings.push(server.close);
    const source = sourceAt(`http://127.0.0.1:${server.port}`, '', {
      proxy: { httpProxy: `http://127.0.0.1:${proxy.port}`, httpsProxy: null, noProxy: null },
    });
    expect((await source.request({ path: '/', signal: signal() })).text).toBe('{"direct":true}');
    expect(proxy.requests).toHaveLength(0);
  });

  it.each<[string, string, Parameters<typeof openProxy>[1], RegExp]>([
    ['wants a password', 'https', { credentials: 'user:canary' }, /^could not be reached: the proxy answered HTTP 407$/],
    ['wants a password for plain HTTP too', 'http', { credentials: 'user:canary' }, /HTTP 407$/],
    ['cannot reach it', 'https', { refusal: 502 }, /^could not be reached: the proxy answered HTTP 502$/],
  ])('says so when the proxy %s', async (_name, protocol, options, words) => {
    const proxy = await proxied(0, options);
    const source = sourceAt(`${protocol}://thanos.invalid`, `http://user:wrong-canary@127.0.0.1:${proxy.port}`);
    const asked = source.request({ path: '/', signal: signal() });
    await expect(asked).rejects.toMatchObject({
      name: 'SourceError',
      reason: 'unreachable',
      message: expect.stringMatching(words),
    });
    await expect(asked).rejects.not.toMatchObject({ message: expect.stringContaining('canary') });
  });

  it.each(['http', 'https'])('says for %s that it was the proxy that nobody answered at', async (protocol) => {
    const source = sourceAt(`${protocol}://thanos.invalid`, 'http://user:canary@127.0.0.1:1');
    await expect(source.request({ path: '/', signal: signal() })).rejects.toMatchObject({
      reason: 'unreachable',
      message: 'refused the connection (asked through the proxy)',
    });
  });
});

const why = opensslMissing === null ? '' : `: skipped, ${opensslMissing}`;
describe.skipIf(opensslMissing !== null)(`TLS through a CONNECT proxy${why}`, () => {
  const secure = async (options?: Parameters<typeof openProxy>[1]) => {
    const authority = makeAuthority();
    endings.push(authority.remove);
    const bodies: string[] = [];
    const server = await openServer(
      (request, response) => {
        request.setEncoding('utf8').on('data', (text) => bodies.push(text));
        request.on('end', () => response.setHeader('content-type', 'application/json').end('{"ok":true}'));
      },
      authority.issue('slack', 'DNS:slack.invalid,DNS:thanos.invalid'),
    );
    endings.push(server.close);
    return { authority, server, bodies, proxy: await proxied(server.port, options) };
  };

  it('is end to end: the far certificate is checked, the token never shown to the proxy', async () => {
    const { authority, server, proxy } = await secure({ credentials: 'user:p@ss' });
    const source = sourceAt('https://thanos.invalid:10902', `http://user:p%40ss@127.0.0.1:${proxy.port}`, {
      caFile: authority.caFile,
      bearerToken: 'canary',
    });
    expect((await source.request({ path: '/', signal: signal() })).status).toBe(200);
    expect(proxy.tunnels).toEqual(['thanos.invalid:10902']);
    expect(server.requests[0]?.headers.authorization).toBe('Bearer canary');
    expect(JSON.stringify(proxy.requests.map(({ headers }) => headers))).not.toContain('canary');
  });

  it('carries Slack: forms, JSON and uploads arrive as they were given', async () => {
    const { authority, server, bodies, proxy } = await secure();
    const slack = slackTransport({
      proxy: { httpProxy: null, httpsProxy: `http://127.0.0.1:${proxy.port}`, noProxy: null },
      caFile: authority.caFile,
    });
    endings.push(() => slack.dispatcher.close());
    const upload = new FormData();
    upload.append('body', new Blob(['picture'], { type: 'image/png' }), 'golden-signals.png');
    for (const body of [new URLSearchParams({ text: 'a&b' }), '{"text":"hi"}', upload, new Uint8Array([112, 110, 103])]) {
      const answer = await slack.fetch('https://slack.invalid/api/chat.postMessage', {
        method: 'POST',
        body,
        headers: { authorization: 'Bearer xoxb-1' },
      });
      expect(await answer.json()).toEqual({ ok: true });
    }
    const types = server.requests.map(({ headers }) => headers['content-type'] ?? null);
    expect(types[0]).toMatch(/^application\/x-www-form-urlencoded/);
    expect(types[2]).toMatch(/^multipart\/form-data; boundary=/);
    expect(bodies[0]).toBe('text=a%26b');
    expect(bodies[1]).toBe('{"text":"hi"}');
    expect(bodies[2]).toMatch(/filename="golden-signals.png"[\s\S]*picture/);
    expect(bodies[3]).toBe('png');
    expect(new Set(proxy.tunnels)).toEqual(new Set(['slack.invalid:443']));
  });

  it('ends a call of Slack when its asker gives up', async () => {
    const hanging = await openServer(() => undefined);
    endings.push(hanging.close);
    const slack = slackTransport({ proxy: { httpProxy: null, httpsProxy: null, noProxy: null } });
    endings.push(() => slack.dispatcher.destroy());
    const asked = slack.fetch(`http://127.0.0.1:${hanging.port}/`, { signal: AbortSignal.timeout(50) });
    await expect(asked).rejects.toMatchObject({ name: 'TimeoutError' });
  });
});
