import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { formatMistakes, readSettings } from '../src/config.ts';
import { labelsOf } from '../src/domain/alert.ts';
import { SourceError } from '../src/domain/gathered.ts';
import { clusterNamed, clusterOfAlert, openSources, type Sources, uncounted } from '../src/sources.ts';

const sourcesOf = (...names: readonly string[]): readonly Sources[] =>
  names.map((name) => ({
    cluster: { ...clusterNamed([], name) },
    match: `${name}-label`,
    alerts: null,
    silences: null,
    aboutMetrics: async () => ({ version: null, hasExemplarStorage: null, aheadSeconds: null }),
    aboutAlertmanager: null,
    aboutTraces: null,
    close: async () => undefined,
  }));

const cluster = (value: string) => ({ labels: labelsOf([['cluster', value]]) });

describe('the cluster of an alert', () => {
  const one = clusterOfAlert({ clusterLabel: 'cluster' }, sourcesOf('blue'));
  const two = clusterOfAlert({ clusterLabel: 'cluster' }, sourcesOf('blue', 'green'));

  it('is the one that its label names', () => expect(two(cluster('green-label'))).toBe('green'));
  it('is the first of several where it has no label', () => expect(two({ labels: labelsOf([]) })).toBe('blue'));
  it('is the only one configured, whatever its label says', () => expect(one(cluster('prod'))).toBe('blue'));
  it('is its own where it names none of several, and nobody else answers for it', async () => {
    const name = two(cluster('red'));
    expect(name).toBe('red');
    const asked = clusterNamed(sourcesOf('blue', 'green'), name).metrics.instant('up', 0, {
      signal: new AbortController().signal,
    });
    await expect(asked).rejects.toEqual(new SourceError('Prometheus', 'absent', 'is not configured for cluster red'));
  });
});

describe('the trace store of a cluster', () => {
  const endings: (() => unknown)[] = [];
  afterEach(async () => {
    for (const end of endings.splice(0)) await end();
  });

  /** A store that knows nothing, and keeps the headers that it is asked with. */
  const listening = async (status = 404) => {
    const headers: Record<string, unknown>[] = [];
    const server = createServer((request, response) => {
      headers.push(request.headers);
      response.writeHead(status).end(status === 404 ? '' : 'no');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    endings.push(() => server.close());
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, headers };
  };

  const sourcesWith = (env: Record<string, string>) => {
    const read = readSettings({ PROMETHEUS_URL: 'http://127.0.0.1:1', ...env }, 'triage');
    if (!read.ok) throw new Error(formatMistakes(read.mistakes));
    const counted: unknown[] = [];
    const [sources] = openSources(read.config, {
      clock: { nowMs: () => 0 },
      onQuery: () => undefined,
      onTraceQuestion: (source, seconds, isOk) => counted.push([source, seconds >= 0, isOk]),
    });
    if (sources === undefined) throw new Error('no cluster');
    endings.push(sources.close);
    return { tracing: sources.cluster.tracing, counted };
  };
  const id = '5af7183fb1d4cf5fa11bad00deadbeef';
  const ask = { signal: AbortSignal.timeout(10_000) };

  it('is not there where none is configured', () => expect(sourcesWith({}).tracing).toBeUndefined());

  it.each([
    ['tempo', 'x-scope-orgid'],
    ['jaeger', 'x-tenant'],
  ])('is asked with its credentials and its tenant, counted, and given its patience: %s', async (store, tenantHeader) => {
    const { url, headers } = await listening(store === 'tempo' ? 404 : 500);
    const more = { TRACES_TENANT: 'team-a', TRACES_BEARER_TOKEN: 'canary', TRACES_SECONDS: '1.5' };
    const { tracing, counted } = sourcesWith({ TRACES_URL: url, TRACES_STORE: store, ...more });
    expect(tracing).toMatchObject({ deadlineMs: 1500, traces: { store }, exemplars: { name: 'Prometheus' } });
    const found = await tracing?.traces.byId(id, ask).catch((error: unknown) => error);
    const name = store === 'tempo' ? 'Tempo' : 'Jaeger';
    if (store === 'tempo') expect(found).toBeNull();
    else expect(found).toMatchObject({ source: name, reason: 'unreachable' });
    expect(counted).toEqual([[name, true, store === 'tempo']]);
    for (const one of headers) {
      expect(one[tenantHeader]).toBe('team-a');
      expect(one['authorization']).toBe('Bearer canary');
    }
    const other = tenantHeader === 'x-tenant' ? 'x-scope-orgid' : 'x-tenant';
    expect(headers.some((one) => other in one)).toBe(false);
  });
});

describe('the silences of a cluster', () => {
  const opened = (env: Record<string, string>): Sources => {
    const read = readSettings({ PROMETHEUS_URL: 'http://127.0.0.1:1', ...env }, 'triage');
    const [sources] = read.ok ? openSources(read.config, { clock: { nowMs: () => 0 }, ...uncounted }) : [];
    if (sources === undefined) throw new Error('no cluster');
    return sources;
  };

  it('are not there without an Alertmanager', () => expect(opened({}).silences).toBeNull());

  it('are asked of its Alertmanager, with the credentials and the tenant of it', async () => {
    const asked: unknown[] = [];
    const server = createServer((request, response) => {
      asked.push([request.method, request.url, request.headers['x-scope-orgid'], request.headers['authorization']]);
      response.end('[]');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const sources = opened({
      ALERTMANAGER_URL: `http://127.0.0.1:${port}/alertmanager`,
      ALERTMANAGER_TENANT: 'team-a',
      ALERTMANAGER_BEARER_TOKEN: 'canary',
    });
    expect(await sources.silences?.all({ signal: AbortSignal.timeout(5000) })).toEqual([]);
    expect(asked).toEqual([['GET', '/alertmanager/api/v2/silences', 'team-a', 'Bearer canary']]);
    await sources.close();
    server.close();
  });
});
