import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type PeerCertificate, type TLSSocket, connect as tlsConnect } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { httpSource, type SourceSettings } from '../../../src/adapters/http/client.ts';
import { noProxies } from '../../../src/adapters/http/proxy.ts';
import { httpServer, listen } from '../../../src/adapters/http/server.ts';
import { slackTransport } from '../../../src/adapters/http/slack-transport.ts';
import { type Authority, makeAuthority, opensslMissing, type Pair, rotate } from './openssl.ts';
import { type Opened, openServer } from './servers.ts';

const why = opensslMissing === null ? '' : `: skipped, ${opensslMissing}`;

describe.skipIf(opensslMissing !== null)(`TLS with certificates made by openssl${why}`, () => {
  let ours: Authority;
  let theirs: Authority;
  let server: Pair;
  const endings: (() => unknown)[] = [];
  beforeAll(() => {
    [ours, theirs] = [makeAuthority('ours'), makeAuthority('theirs')];
    server = ours.issue('server', 'DNS:localhost,DNS:prometheus.test,IP:127.0.0.1');
  });
  afterEach(async () => {
    for (const end of endings.splice(0).reverse()) await end();
  });
  afterAll(() => {
    ours.remove();
    theirs.remove();
  });
  const serve = async (tls: object = {}): Promise<Opened> => {
    const opened = await openServer(
      (request, response) => {
        const { CN } = (request.socket as TLSSocket).getPeerCertificate().subject ?? ({} as PeerCertificate['subject']);
        response.end(JSON.stringify({ client: CN ?? null }));
      },
      { cert: server.cert, key: server.key, ...tls },
    );
    endings.push(opened.close);
    return opened;
  };
  const sourceAt = (port: number, settings: Partial<SourceSettings> = {}) => {
    const source = httpSource({ name: 'Prometheus', url: `https://localhost:${port}`, ...settings });
    endings.push(source.close);
    return { get: () => source.request({ path: '/', signal: AbortSignal.timeout(15_000) }).then(({ text }) => text) };
  };

  it('is trusted by the CA of the source', async () => {
    const { port } = await serve();
    expect(await sourceAt(port, { caFile: ours.caFile }).get()).toBe('{"client":null}');
  });

  it.each<[string, () => Partial<SourceSettings>, string]>([
    ['whose authority is unknown', () => ({}), 'has a certificate of an unknown authority'],
    ['of another authority', () => ({ caFile: theirs.caFile }), 'has a certificate of an unknown authority'],
    ['for another name', () => ({ caFile: ours.caFile, serverName: 'elsewhere.test' }), 'has a certificate for another name'],
  ])('is refused with a certificate %s', async (_name, settings, message) => {
    const { port, requests } = await serve();
    await expect(sourceAt(port, settings()).get()).rejects.toMatchObject({ name: 'SourceError', reason: 'unreachable', message });
    expect(requests).toHaveLength(0);
  });

  it('checks the configured server name rather than the address', async () => {
    const { port } = await serve();
    const url = `https://127.0.0.1:${port}`;
    expect(await sourceAt(port, { url, caFile: ours.caFile, serverName: 'prometheus.test' }).get()).toBe('{"client":null}');
  });

  it('says when the other side speaks no TLS', async () => {
    const plain = await openServer((_request, response) => response.end('{}'));
    endings.push(plain.close);
    await expect(sourceAt(plain.port).get()).rejects.toMatchObject({ message: expect.stringMatching(/^does not speak TLS/) });
  });

  it('shows a client certificate, and the next one after a rotation', async () => {
    const { port } = await serve({ ca: ours.ca, requestCert: true, rejectUnauthorized: true });
    const [first, second] = [ours.issue('first', 'DNS:first'), ours.issue('second', 'DNS:second')];
    const mounted = { certFile: join(ours.directory, 'mounted.pem'), keyFile: join(ours.directory, 'mounted.key') };
    rotate(first, mounted);
    const source = sourceAt(port, { caFile: ours.caFile, ...mounted });
    expect(await source.get()).toBe('{"client":"first"}');
    writeFileSync(mounted.certFile, second.cert);
    expect(await source.get(), 'the key is not there yet: the last pair that fitted').toBe('{"client":"first"}');
    rotate(second, mounted);
    expect(await source.get()).toBe('{"client":"second"}');
  });

  it('says which files are no certificate and key', async () => {
    const { port } = await serve();
    const wrong = sourceAt(port, { certFile: server.certFile, keyFile: ours.caFile, bearerToken: 'canary' });
    await expect(wrong.get()).rejects.toMatchObject({
      reason: 'malformed',
      message: `no usable certificate and key in ${server.certFile}, ${ours.caFile}`,
    });
  });

  it('trusts the CA of a source and NODE_EXTRA_CA_CERTS together', async () => {
    const foreign = theirs.issue('foreign', 'DNS:localhost');
    const [first, second] = [await serve(), await serve({ cert: foreign.cert, key: foreign.key })];
    const program = `
      import { httpSource } from ${JSON.stringify(join(import.meta.dirname, '../../../src/adapters/http/client.ts'))};
      for (const port of [${first.port}, ${second.port}]) {
        const source = httpSource({ name: 'x', url: 'https://localhost:' + port, caFile: ${JSON.stringify(ours.caFile)} });
        const { status } = await source.request({ path: '/', signal: AbortSignal.timeout(15000) });
        process.stdout.write(status + ' ');
        await source.close();
      }`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      env: { ...process.env, NODE_EXTRA_CA_CERTS: theirs.caFile },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    child.stdout.on('data', (text) => {
      said += text;
    });
    await once(child, 'close');
    expect(said).toBe('200 200 ');
  }, 60_000);

  it('is trusted by the CA of Slack, and an unreadable one is named at start', async () => {
    const { port } = await serve();
    const slack = slackTransport({ proxy: noProxies, caFile: ours.caFile });
    endings.push(() => slack.dispatcher.close());
    expect(await (await slack.fetch(`https://localhost:${port}/api/auth.test`)).json()).toEqual({ client: null });
    expect(() => slackTransport({ proxy: noProxies, caFile: '/nowhere/ca.pem' })).toThrow(/cannot be read: \/nowhere\/ca.pem/);
  });

  it('shows new connections of a listener the new certificate, without a restart, and keeps open ones', async () => {
    const [first, second] = [ours.issue('one', 'DNS:localhost'), ours.issue('two', 'DNS:localhost')];
    const mounted = { certFile: join(ours.directory, 'listener.pem'), keyFile: join(ours.directory, 'listener.key') };
    rotate(first, mounted);
    const app = await httpServer({ host: '127.0.0.1', port: 0, tls: mounted, tlsCheckMs: 20 });
    endings.push(() => app.close());
    app.get('/', async () => 'ok');
    const port = await listen(app, { host: '127.0.0.1', port: 0 });
    const greet = async (): Promise<{ readonly name: string; readonly socket: TLSSocket }> => {
      const socket = tlsConnect({ port, host: '127.0.0.1', servername: 'localhost', ca: ours.ca });
      endings.push(() => socket.destroy());
      await once(socket, 'secureConnect');
      return { name: String(socket.getPeerCertificate().subject.CN), socket };
    };
    const old = await greet();
    expect(old.name).toBe('one');
    // Half a rotation, seen by the listener, changes nothing and ends nothing.
    writeFileSync(mounted.certFile, second.cert);
    expect((await greet()).name).toBe('one');
    rotate(second, mounted);
    await expect.poll(async () => (await greet()).name, { timeout: 15_000 }).toBe('two');
    old.socket.write('GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n');
    const [answer] = (await once(old.socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1.1 200/);
  }, 60_000);

  it('refuses to listen with files that are no certificate', async () => {
    const tls = { certFile: ours.caFile, keyFile: server.keyFile };
    await expect(httpServer({ host: '127.0.0.1', port: 0, tls })).rejects.toMatchObject({
      name: 'SourceError',
      reason: 'malformed',
    });
  });
});
