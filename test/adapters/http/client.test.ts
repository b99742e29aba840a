import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { RequestListener, ServerResponse } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { addressUnder, type HttpSource, httpSource, type SourceSettings } from '../../../src/adapters/http/client.ts';
import { SourceError } from '../../../src/domain/gathered.ts';
import { type Opened, openServer } from './servers.ts';

const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});
const serve = async (answer: RequestListener, host?: string): Promise<Opened> => {
  const server = await openServer(answer, null, host);
  endings.push(server.close);
  return server;
};
const sourceAt = (url: string, settings: Partial<SourceSettings> = {}): HttpSource => {
  const source = httpSource({ name: 'Prometheus', url, headersTimeoutMs: 5000, bodyTimeoutMs: 5000, ...settings });
  endings.push(source.close);
  return source;
};
const signal = () => AbortSignal.timeout(15_000);
const get = (source: HttpSource, path = '/api/v1/query') => source.request({ path, signal: signal() });
const problem = async (promise: Promise<unknown>): Promise<SourceError> => {
  const error: unknown = await promise.then(
    () => new Error('an answer came'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(SourceError);
  return error as SourceError;
};
const folder = (): string => {
  const directory = mkdtempSync(join(tmpdir(), 'edgewise-http-'));
  endings.push(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
};
const sayOk: RequestListener = (_request, response) => response.end('{"ok":true}');

describe('a source over HTTP', () => {
  it('asks again on the connection it has', async () => {
    const server = await serve(sayOk);
    const source = sourceAt(`http://127.0.0.1:${server.port}`);
    for (let turn = 0; turn < 5; turn += 1) await get(source);
    expect(server.requests).toHaveLength(5);
    // The first may not be free yet in the very moment in which its answer is read.
    expect(server.sockets.size).toBeLessThanOrEqual(2);
  });

  it('keeps the path prefix of its address, and encodes every value', async () => {
    const server = await serve(sayOk);
    const source = sourceAt(`http://127.0.0.1:${server.port}/tenant/prometheus/`);
    await source.request({ path: '/api/v1/query', query: [['query', 'a{b="c&d=e#f"}']], signal: signal() });
    expect(server.requests[0]?.url).toBe('/tenant/prometheus/api/v1/query?query=a%7Bb%3D%22c%26d%3De%23f%22%7D');
  });

  it('never sends the user and password of an address', () => {
    expect(addressUnder('http://user:secret@host:9090/x', 'y').href).toBe('http://host:9090/x/y');
  });

  it.each(['POST', 'DELETE'] as const)('sends a %s once, also when the connection ends before the answer', async (method) => {
    const server = await serve((request) => request.socket.destroy());
    const source = sourceAt(`http://user:canary@127.0.0.1:${server.port}`, { bearerToken: 'canary-token' });
    const error = await problem(source.request({ method, path: '/api/v2/silences', signal: signal() }));
    expect(error).toMatchObject({ reason: 'unreachable', message: 'closed the connection' });
    expect(error.message).not.toContain('canary');
    expect(server.requests.map((request) => [request.method, request.headers['authorization']])).toEqual([
      [method, 'Bearer canary-token'],
    ]);
  });

  it.each(['POST', 'DELETE'] as const)('gives up a %s whose answer is late', async (method) => {
    const server = await serve(() => undefined);
    const source = sourceAt(`http://127.0.0.1:${server.port}`, { headersTimeoutMs: 1000 });
    const late = source.request({ method, path: '/x', signal: AbortSignal.timeout(100) });
    expect(await problem(late)).toMatchObject({ reason: 'timeout' });
    expect(server.requests).toHaveLength(1);
  });

  it('sends a form, JSON and its own headers', async () => {
    const seen: string[] = [];
    const server = await serve((request, response) => {
      let text = '';
      request.on('data', (chunk) => {
        text += chunk;
      });
      request.on('end', () => {
        seen.push(`${request.method} ${request.headers['content-type']} ${text}`);
        response.end('{}');
      });
    });
    const source = sourceAt(`http://127.0.0.1:${server.port}`);
    await source.request({ method: 'POST', path: '/q', form: [['query', 'a b&c']], signal: signal() });
    await source.request({ method: 'POST', path: '/q', json: { a: 1 }, headers: { 'x-mine': 'yes' }, signal: signal() });
    expect(seen).toEqual(['POST application/x-www-form-urlencoded query=a+b%26c', 'POST application/json {"a":1}']);
    expect(server.requests[1]?.headers['x-mine']).toBe('yes');
  });

  it('does not follow a redirect, so no credential reaches another host', async () => {
    const other = await serve(sayOk);
    const server = await serve((_request, response) => {
      response.writeHead(302, { location: `http://127.0.0.1:${other.port}/elsewhere` }).end();
    });
    const answer = await get(sourceAt(`http://127.0.0.1:${server.port}`, { bearerToken: 'secret-token' }));
    expect(answer.status).toBe(302);
    expect(other.requests).toHaveLength(0);
  });

  it('speaks to an IPv6 address', async ({ skip }) => {
    const server = await serve(sayOk, '::1').catch(() => null);
    if (server === null) return skip('this machine has no IPv6 loopback');
    expect((await get(sourceAt(`http://[::1]:${server.port}`))).text).toBe('{"ok":true}');
  });
});

describe('the credentials of a source', () => {
  it.each<[string, Partial<SourceSettings>, string]>([
    ['a bearer token', { bearerToken: 'n2zq' }, 'Bearer n2zq'],
    [
      'user and password',
      { username: 'edgewise', password: 'pässwörd' },
      `Basic ${Buffer.from('edgewise:pässwörd').toString('base64')}`,
    ],
  ])('are %s', async (_name, settings, expected) => {
    const server = await serve(sayOk);
    await get(sourceAt(`http://127.0.0.1:${server.port}`, { ...settings, tenant: 'team-a' }));
    expect(server.requests[0]?.headers).toMatchObject({ authorization: expected, 'x-scope-orgid': 'team-a' });
  });

  it('name the tenant in the header that the source reads it from', async () => {
    const server = await serve(sayOk);
    await get(sourceAt(`http://127.0.0.1:${server.port}`, { tenant: 'team-a', tenantHeader: 'x-tenant' }));
    expect(server.requests[0]?.headers).toMatchObject({ 'x-tenant': 'team-a' });
    expect(server.requests[0]?.headers).not.toHaveProperty('x-scope-orgid');
  });

  it('are read again when their file changes, while we run', async () => {
    const server = await serve(sayOk);
    const file = join(folder(), 'token');
    writeFileSync(file, 'first\n');
    const bearer = sourceAt(`http://127.0.0.1:${server.port}`, { bearerTokenFile: file });
    const basic = sourceAt(`http://127.0.0.1:${server.port}`, { username: 'u', passwordFile: file });
    await get(bearer);
    await get(basic);
    writeFileSync(file, 'the second\n');
    await get(bearer);
    await get(basic);
    const basicOf = (password: string) => `Basic ${Buffer.from(`u:${password}`).toString('base64')}`;
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer first',
      basicOf('first'),
      'Bearer the second',
      basicOf('the second'),
    ]);
  });

  it('still serve in the moment of a rotation without a file, and their first absence is told', async () => {
    const server = await serve(sayOk);
    const file = join(folder(), 'token');
    const absent = await problem(get(sourceAt(`http://127.0.0.1:${server.port}`, { bearerTokenFile: file })));
    expect(absent).toMatchObject({ source: 'Prometheus', reason: 'absent', message: `cannot be read: ${file}` });
    writeFileSync(file, 'first');
    const source = sourceAt(`http://127.0.0.1:${server.port}`, { bearerTokenFile: file });
    await get(source);
    rmSync(file);
    await get(source);
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer first', 'Bearer first']);
  });
});

/** Writes for ever, as fast as the reader reads, until the connection ends; counts. */
const pour = (response: ServerResponse, chunk: Buffer, onBytes: (count: number) => void): void => {
  const more = (): void => {
    while (!response.destroyed && response.write(chunk)) onBytes(chunk.length);
    if (!response.destroyed) response.once('drain', more);
  };
  more();
};

describe('a source that misbehaves', () => {
  it.each<[string, RequestListener, Partial<SourceSettings>, string, RegExp]>([
    ['sends no headers', () => undefined, { headersTimeoutMs: 100 }, 'timeout', /^did not answer in \d+\.\d s$/],
    [
      'drips its body',
      (_request, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        const drip = setInterval(() => response.write(' '), 20);
        response.on('close', () => clearInterval(drip));
      },
      { bodyTimeoutMs: 200 },
      'timeout',
      /^did not finish its answer in 0\.2 s$/,
    ],
    [
      'announces too large a body',
      (_request, response) => response.writeHead(200, { 'content-length': '1099511627776' }).write('{'),
      { maxBytes: 2 * 1024 * 1024 },
      'too-expensive',
      /^answered with more than 2 MiB$/,
    ],
    [
      'answers compressed, unasked (a bomb may be in it)',
      (_request, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(50_000_000))),
      { maxBytes: 1024 * 1024 },
      'malformed',
      /^answered with a compressed body/,
    ],
    ['closes the connection', (request) => request.socket.destroy(), {}, 'unreachable', /^closed the connection$/],
    ['resets the connection', (request) => request.socket.resetAndDestroy(), {}, 'unreachable', /^closed the connection$/],
    [
      'breaks off in the body',
      (request, response) => {
        response.writeHead(200, { 'content-length': '1000' }).write('{"half":');
        setImmediate(() => request.socket.destroy());
      },
      {},
      'unreachable',
      /^closed the connection$/,
    ],
    [
      'speaks no HTTP',
      (request) => request.socket.end('+OK POP3 ready\r\n'),
      {},
      'malformed',
      /^answered with something that is not HTTP$/,
    ],
  ])('and %s', async (_name, answer, settings, reason, words) => {
    const server = await serve(answer);
    const error = await problem(get(sourceAt(`http://127.0.0.1:${server.port}`, settings)));
    expect(error).toMatchObject({ source: 'Prometheus', reason });
    expect(error.message).toMatch(words);
  });

  it('and pours out an endless body is read up to the cap', async () => {
    let sent = 0;
    const server = await serve((_request, response) =>
      pour(response, Buffer.alloc(65_536, 32), (count) => {
        sent += count;
      }),
    );
    const source = sourceAt(`http://127.0.0.1:${server.port}`);
    const error = await problem(source.request({ path: '/', signal: signal(), maxBytes: 512 * 1024 }));
    expect(error).toMatchObject({ reason: 'too-expensive', message: 'answered with more than 512 KiB' });
    expect(sent).toBeLessThan(64 * 1024 * 1024);
    expect((await problem(source.request({ path: '/', signal: signal(), maxBytes: 1024 }))).reason).toBe('too-expensive');
  });

  it('and whose asker gives up is told as a timeout, and its connection ends', async () => {
    const asker = new AbortController();
    const closed = Promise.withResolvers<void>();
    const server = await serve((request) => {
      request.socket.on('close', () => closed.resolve());
      asker.abort();
    });
    const asked = sourceAt(`http://127.0.0.1:${server.port}`).request({ path: '/', signal: asker.signal });
    expect((await problem(asked)).reason).toBe('timeout');
    await closed.promise;
  });

  it.each([
    ['nobody listens', 'http://127.0.0.1:1', /^refused the connection$/],
    ['its name does not resolve', 'http://prometheus.invalid:9090', /^has a name that does not resolve( now)?$/],
    ['it takes the connection and is then gone', 'ephemeral', /^refused the connection$/],
  ])('and %s says so without a secret', async (_name, url, words) => {
    const gone = createServer();
    await new Promise<void>((resolve) => gone.listen(0, '127.0.0.1', resolve));
    const { port } = gone.address() as { port: number };
    await new Promise((resolve) => gone.close(resolve));
    const source = sourceAt(url === 'ephemeral' ? `http://127.0.0.1:${port}` : url, { bearerToken: 'canary-token', tenant: 't' });
    const error = await problem(get(source));
    expect(error.reason).toBe('unreachable');
    expect(error.message).toMatch(words);
    expect(JSON.stringify([error.message, error.source])).not.toContain('canary');
  });
});
