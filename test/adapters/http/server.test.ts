import { afterEach, describe, expect, it } from 'vitest';
import { isLoopback } from '../../../src/adapters/http/loopback.ts';
import { httpServer, type ListenerSettings, listen } from '../../../src/adapters/http/server.ts';

const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

describe('what only this machine reaches', () => {
  it.each(['127.0.0.1', '127.8.9.10', 'localhost', 'LOCALHOST', '::1', '[::1]', '0:0:0:0:0:0:0:1', '::ffff:127.0.0.1'])(
    'is %s',
    (host) => expect(isLoopback(host)).toBe(true),
  );
  it.each([
    '0.0.0.0',
    '::',
    '[::]',
    '10.0.0.1',
    '128.0.0.1',
    '127.0.0.256',
    '127.0.0.1.example',
    'localhost.example',
    '::2',
    '::ffff:10.0.0.1',
    '',
  ])('is not %j', (host) => expect(isLoopback(host)).toBe(false));
});

const open = async (settings: Partial<ListenerSettings>) => {
  const all = { host: '127.0.0.1', port: 0, ...settings };
  const app = await httpServer(all);
  endings.push(() => app.close());
  app.get('/who', async (request) => ({ ip: request.ip, host: request.host, protocol: request.protocol }));
  const port = await listen(app, all);
  return (headers: Record<string, string> = {}) =>
    fetch(`http://${all.host.includes(':') ? `[${all.host}]` : all.host}:${port}/who`, { headers }).then((answer) =>
      answer.json(),
    );
};
const forwarded = {
  'x-forwarded-for': '203.0.113.9, 10.1.2.3',
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'edgewise.example',
};

describe('a listener', () => {
  it('believes nobody about where a request came from', async () => {
    const ask = await open({});
    expect(await ask(forwarded)).toMatchObject({ ip: '127.0.0.1', protocol: 'http' });
  });

  it.each([
    ['a trusted proxy', ['127.0.0.0/8'], '10.1.2.3'],
    ['a chain of trusted proxies', ['127.0.0.1', '10.0.0.0/8'], '203.0.113.9'],
    ['nobody, where another is trusted', ['192.0.2.0/24', 'fd00::/8'], '127.0.0.1'],
  ])('believes %s', async (_name, trustedProxies, ip) => {
    const ask = await open({ trustedProxies });
    expect(await ask(forwarded)).toMatchObject({ ip });
  });

  it('says in words where it cannot listen', async () => {
    const app = await httpServer({ host: '127.0.0.1', port: 0 });
    const again = await httpServer({ host: '127.0.0.1', port: 0 });
    endings.push(
      () => app.close(),
      () => again.close(),
    );
    const port = await listen(app, { host: '127.0.0.1', port: 0 });
    await expect(listen(again, { host: '127.0.0.1', port })).rejects.toMatchObject({
      name: 'SourceError',
      message: `cannot listen on 127.0.0.1:${port}: the port is in use`,
    });
    await expect(listen(again, { host: '192.0.2.1', port: 0 })).rejects.toMatchObject({
      message: expect.stringMatching(/no such address/),
    });
  });

  it('listens on IPv6', async ({ skip }) => {
    const ask = await open({ host: '::1' }).catch(() => null);
    if (ask === null) return skip('this machine has no IPv6 loopback');
    expect(await ask()).toMatchObject({ ip: '::1' });
  });
});
