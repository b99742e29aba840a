import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../src/demo/engine-process.ts';
import type { TraceStore } from '../../src/domain/tracing.ts';
import { openServer } from '../adapters/http/servers.ts';
import { type WireCall, wireStore } from '../support/wire-store.ts';
import { open } from './doctor-servers.ts';
import { run, start } from './run.ts';

let folder: string;
const endings: (() => unknown)[] = [];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'edgewise-trace-id-'));
});
afterEach(async () => {
  for (const end of endings.splice(0)) await end();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const patience = { timeout: 120_000 };
const call: WireCall = { id: '5af7183fb1d4cf5fa11bad00deadbee1', startMs: 1_795_749_164_000, tookMs: 4200, code: '503' };
const narrow: WireCall = { ...call, id: '0000000000000000463ac35c9f6413ad' };

/** A store over HTTP, as its adapter meets it. */
const listening =
  (store: TraceStore, onRequest: (request: IncomingMessage) => void): RequestListener =>
  async (request, response) => {
    onRequest(request);
    const url = new URL(request.url ?? '', 'http://store');
    const signal = AbortSignal.timeout(10_000);
    const answer = await wireStore(store, [call, narrow]).request({
      path: url.pathname.slice(1),
      query: [...url.searchParams],
      signal,
    });
    response.writeHead(answer.status, { 'content-type': 'text/plain' }).end(answer.text);
  };

const serve = async (store: TraceStore, onRequest: (request: IncomingMessage) => void = () => undefined): Promise<string> => {
  const { url, close } = await open(listening(store, onRequest));
  endings.push(close);
  return url;
};
const storeAt = async (store: TraceStore, more: Record<string, string> = {}) => ({
  TRACES_URL: await serve(store),
  TRACES_STORE: store,
  ...more,
});

const sentence = "/* of checkout failed after 4.2 s. It began at payments' call to ledger-db.";

describe('edgewise trace with the id of a trace', () => {
  it.each<[TraceStore, string, (url: string) => string]>([
    ['jaeger', 'Jaeger', (url) => `${url}/trace/${call.id}?uiFind=11bad00deadbee13`],
    ['zipkin', 'Zipkin', (url) => `${url}/zipkin/traces/${call.id}`],
  ])('says the same as of a file, and from whom it is: %s', patience, async (store, name, link) => {
    const env = await storeAt(store);
    const { status, out, err } = await run(['trace', call.id], env);
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out).toContain(sentence);
    expect(out).toContain('Critical path, 4.2 s:');
    expect(out.trimEnd().split('\n').slice(-3)).toEqual([
      `trace ${call.id}`,
      `found by its id, from ${name}`,
      link(env.TRACES_URL),
    ]);
  });

  it('of Tempo links to Grafana, and to nothing where no data source is named', patience, async () => {
    const env = await storeAt('tempo');
    const plain = await run(['trace', call.id], env);
    expect(plain.out.trimEnd().split('\n').at(-1)).toBe('found by its id, from Tempo');
    const more = { TRACES_GRAFANA_DATASOURCE: 'uid', GRAFANA_URL: 'https://grafana.example' };
    const { out } = await run(['trace', call.id], { ...env, ...more });
    expect(out).toMatch(/\nhttps:\/\/grafana\.example\/explore\?schemaVersion=1&panes=%7B%22trace%22/);
  });

  it('takes ids in capitals and without their leading zeros', patience, async () => {
    const env = await storeAt('zipkin');
    for (const id of ['463AC35C9F6413AD', '0000463ac35c9f6413ad']) {
      const { status, out } = await run(['trace', id], env);
      expect(status).toBe(0);
      expect(out).toContain(`trace ${narrow.id}\n`);
    }
  });

  it('with --json writes nothing else to standard output, and draws with --out', patience, async () => {
    const out = join(folder, 'drawn');
    const ended = await run(['trace', call.id, '--json', '--edge', 'checkout/payments', '--out', out], await storeAt('jaeger'));
    expect(ended.status).toBe(0);
    expect(JSON.parse(ended.out)).toMatchObject({ traceId: call.id, durationMs: 4200 });
    expect(ended.err).toContain('found by its id, from Jaeger\n');
    expect(readdirSync(out).sort()).toEqual(['trace.json', 'waterfall.png']);
  });

  it('ends with 1 where no store has it, or none answers, and says so', patience, async () => {
    const unknown = '00000000000000000000000000000abc';
    const none = await run(['trace', 'abc'], await storeAt('tempo'));
    expect(none).toEqual({ status: 1, out: '', err: `Tempo has no trace ${unknown}, or has it no more.\n` });
    const gone = { TRACES_URL: `http://127.0.0.1:${await freePort()}`, TRACES_STORE: 'zipkin' };
    expect(await run(['trace', 'abc'], gone)).toEqual({ status: 1, out: '', err: 'No trace: Zipkin refused the connection.\n' });
  });

  it('says of a page that somebody else answers, in one sentence', patience, async () => {
    const { port, close } = await openServer((_request, response) => void response.end('<!doctype html><title>Sign in</title>'));
    const { err } = await run(['trace', 'abc'], { TRACES_URL: `http://127.0.0.1:${port}`, TRACES_STORE: 'zipkin' });
    await close();
    expect(err).toBe('No trace: Zipkin answered with a web page instead of JSON: is a login or another program in front?\n');
  });

  it('without a store says what to set', patience, async () => {
    const { status, out, err } = await run(['trace', call.id]);
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toBe(
      'One setting is wrong:\n  TRACES_URL: is missing; expected the address of a trace store, beside TRACES_STORE, for example http://tempo:3200\n',
    );
  });

  it('is a file where there is one of that name', patience, async () => {
    writeFileSync(join(folder, 'abc'), '{"data":[]}');
    const { ended } = start(['trace', 'abc'], {}, folder);
    expect(await ended).toEqual({ status: 1, out: '', err: 'abc: no trace in it\n' });
  });

  it('asks every store of several clusters, or the one that is named', patience, async () => {
    const asked: string[] = [];
    const [eu, us] = await Promise.all([
      serve('zipkin', () => asked.push('eu')),
      serve('jaeger', (request) => asked.push(`us ${request.headers['x-tenant']} ${request.headers['x-scope-orgid']}`)),
    ]);
    const clusters = [
      { name: 'eu', prometheus: { url: 'http://p' }, traces: { store: 'zipkin', url: eu } },
      {
        name: 'us',
        prometheus: { url: 'http://p' },
        traces: { store: 'jaeger', url: us, tenant: 'team-a', ui: 'https://jaeger.us.example' },
      },
      { name: 'asia', prometheus: { url: 'http://p' } },
    ];
    const file = join(folder, 'clusters.yaml');
    writeFileSync(file, JSON.stringify({ clusters }));
    const env = { CONFIG_FILE: file };
    const { out } = await run(['trace', call.id, '--cluster', 'us'], env);
    expect(out).toContain('found by its id, from Jaeger (us)\nhttps://jaeger.us.example/trace/');
    expect(new Set(asked)).toEqual(new Set(['us team-a undefined']));
    expect((await run(['trace', call.id], env)).out).toContain('found by its id, from Zipkin (eu)');
    expect(asked).toContain('eu');
    expect((await run(['trace', 'abc'], env)).err).toMatch(/^Zipkin \(eu\) has no trace .*\nJaeger \(us\) has no trace .*\n$/);
    expect(await run(['trace', 'abc', '--cluster', 'mars'], env)).toMatchObject({
      status: 2,
      err: '--cluster mars: this cluster is not configured; there are: eu, us, asia\n',
    });
    expect(await run(['trace', 'abc', '--cluster', 'asia'], env)).toMatchObject({
      status: 2,
      err: '--cluster asia: it has no trace store (traces in CONFIG_FILE)\n',
    });
    expect(await run(['trace', file, '--cluster', 'us'], env)).toMatchObject({ status: 2, out: '' });
  });
});
