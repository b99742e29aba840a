import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HttpSource } from '../../src/adapters/http/client.ts';
import { type Question, replayedSource } from '../../src/adapters/http/recording.ts';
import { withPseudonyms } from '../../src/commands/pseudonyms.ts';
import type { TraceStore } from '../../src/domain/tracing.ts';
import { readRecording } from '../../src/recording/folder.ts';
import { pseudonymised } from '../../src/recording/pseudonyms/index.ts';
import { isPlain } from '../../src/recording/pseudonyms/words.ts';
import { withoutSecrets } from '../../src/recording/secrets.ts';
import { type Recording, recordingOf, wholeCluster } from '../../src/recording/shape.ts';
import { recordRun, replayRecording } from '../../src/replay.ts';
import { type WireCall, wireStore } from '../support/wire-store.ts';

const incident = readRecording('test/scenarios/wire/connection-refused-by-its-rule');
const { atMs } = incident;
const [worstId, tame] = ['00ab7183fb1d4cf5a11bad00deadbee1', '5af7183fb1d4cf5f0000000000001001'];
const calls: readonly WireCall[] = [
  { id: worstId, startMs: atMs - 40_000, tookMs: 4200, code: '503' },
  { id: '5af7183fb1d4cf5f0000000000002001', startMs: atMs - 35_000, tookMs: 300, code: '503' },
  { id: tame, startMs: atMs - 10 * 60_000, tookMs: 20, code: '200' },
];

/** The metrics of an incident that was recorded before there were traces. */
const http = (store: TraceStore, more: Partial<HttpSource> = {}) => ({
  metrics: replayedSource('Prometheus', incident.exchanges),
  rules: replayedSource('Alert rules', incident.exchanges),
  traces: { ...wireStore(store, calls), ...more },
});
const asked = { delivery: incident.delivery };
const clusterWith = (store: TraceStore, seconds = 3) => ({ name: 'demo', mesh: 'istio' as const, traces: { store, seconds } });
const record = (store: TraceStore, more: Partial<HttpSource> = {}, seconds = 3) =>
  recordRun(asked, clusterWith(store, seconds), http(store, more), atMs);

const worstOf = ([answer]: Awaited<ReturnType<typeof replayRecording>>) => {
  const tracing = answer?.evidence.tracing;
  return tracing?.ok ? tracing.value.worst : null;
};
const lineOf = ([answer]: Awaited<ReturnType<typeof replayRecording>>): string =>
  answer?.message.blocks.map((block) => JSON.stringify(block)).find((text) => text.includes('failed request:')) ?? '';

const kinds: readonly TraceStore[] = ['jaeger', 'tempo', 'zipkin'];

describe.each(kinds)('a record of a run with traces of %s', (store) => {
  it('replays the worst request without the store', async () => {
    const { recording, answers } = await record(store);
    expect(worstOf(answers)?.trace.id).toBe(worstId);
    const missing: Question[] = [];
    const replayed = await replayRecording(recordingOf(JSON.parse(JSON.stringify(recording))), (one) => missing.push(one));
    expect(missing).toEqual([]);
    expect(replayed.map(({ message }) => message)).toEqual(answers.map(({ message }) => message));
    expect(worstOf(replayed)).toEqual(worstOf(answers));
  });

  it('holds of each span what may leave the store, and nothing else', async () => {
    const { recording } = await record(store);
    const text = JSON.stringify(recording);
    expect(text).toContain('ledger-db');
    expect(text).not.toMatch(/jane|secrets|hunter2|statement|email/);
  });

  it('has other names in it where they are wanted, and the ids of its traces', async () => {
    const { recording, answers } = await record(store);
    const made = await withPseudonyms(recording, answers);
    expect(worstOf(made.answers)?.trace.id).toBe(worstId);
    expect(JSON.stringify([made.recording, made.answers])).not.toMatch(/checkout|payments|ledger|charge|884213377|shop\b/i);
    const figures = (text: string) => text.match(/\d[\d.]* (ms|s)\b/g);
    expect(figures(lineOf(made.answers))).toEqual(figures(lineOf(answers)));
    expect(lineOf(answers)).toContain('4.2 s');
  });

  it('asks the same under other names, though people use every word of its questions, and an id, for something else', async () => {
    const { recording } = await record(store);
    const words = JSON.stringify(recording.exchanges.map(({ path, query, form }) => [path, query, form])).match(/[a-z]+/gi) ?? [];
    const description = `${[...new Set(words)].join(' ')} ${worstId}`;
    const rule = { type: 'alerting', name: 'Any', query: 'up == 0', annotations: { description } };
    const body = JSON.stringify({ status: 'success', data: { groups: [{ name: 'a', file: 'a', rules: [rule] }] } });
    const rules: HttpSource = {
      name: 'Alert rules',
      request: async () => ({ status: 200, headers: {}, text: body }),
      close: async () => undefined,
    };
    const told = await recordRun(asked, clusterWith(store), { ...http(store), rules }, atMs);
    const made = await withPseudonyms(told.recording, told.answers);
    expect(worstOf(made.answers)?.trace.id).toBe(worstId);
  });

  it('keeps the exemplar that led to it, with pseudonyms too', async () => {
    const series = {
      __name__: 'traces_service_graph_request_server_seconds_bucket',
      client: 'checkout',
      server: 'payments',
      le: '+Inf',
    };
    const exemplars = [{ labels: { traceID: worstId.replace(/^0+/, '') }, value: '4.2', timestamp: (atMs - 30_000) / 1000 }];
    const text = JSON.stringify({ status: 'success', data: [{ seriesLabels: series, exemplars }] });
    const { metrics } = http(store);
    const request: HttpSource['request'] = async (call) =>
      call.path.endsWith('query_exemplars') ? { status: 200, headers: {}, text } : metrics.request(call);
    const { recording, answers } = await recordRun(
      asked,
      clusterWith(store),
      { ...http(store), metrics: { ...metrics, request } },
      atMs,
    );
    expect(worstOf(answers)).toMatchObject({ trace: { id: worstId }, found: { way: 'exemplar' } });
    expect((await replayRecording(recording)).map(({ message }) => message)).toEqual(answers.map(({ message }) => message));
    const made = await withPseudonyms(recording, answers);
    expect(worstOf(made.answers)).toMatchObject({ trace: { id: worstId }, found: { way: 'exemplar' } });
    expect(JSON.stringify(made.recording)).not.toMatch(/checkout|payments/i);
  });

  it('keeps a store that is down, and its replay tells the same gap', async () => {
    const down: HttpSource['request'] = async () => ({
      status: 503,
      headers: {},
      text: 'no tenant: user acme-7 of x-tenant: acme-7',
    });
    const { recording, answers } = await record(store, { request: down });
    expect(answers[0]?.evidence.tracing).toMatchObject({ ok: false, gap: { reason: 'unreachable' } });
    expect((await replayRecording(recording)).map(({ message }) => message)).toEqual(answers.map(({ message }) => message));
    expect(JSON.stringify(withoutSecrets(recording, [], ['acme-7']))).not.toContain('acme-7');
  });
});

describe('a recording', () => {
  it('that was made without a trace store says nothing of traces, and is asked for none', async () => {
    const { traces: _, ...cluster } = clusterWith('tempo');
    const { recording, answers } = await recordRun(asked, cluster, http('tempo'), atMs);
    const { traces: __, ...older } = recording.cluster;
    const replayed = await replayRecording(recordingOf({ ...recording, cluster: older }));
    expect(replayed.map(({ message }) => message)).toEqual(answers.map(({ message }) => message));
    expect(replayed[0]?.evidence.tracing).toBeUndefined();
  });

  it('names the store of one cluster of several', async () => {
    const { recording } = await recordRun(asked, { ...clusterWith('zipkin'), isOneOfSeveral: true }, http('zipkin'), atMs);
    expect(new Set(recording.exchanges.map(({ source }) => source))).toContain('Zipkin (demo)');
  });

  it('tells a list of services that came too late as what it was', async () => {
    const slow = wireStore('zipkin', calls);
    const request: HttpSource['request'] = async (call) => {
      if (call.path.endsWith('services')) await new Promise((resolve) => setTimeout(resolve, 500));
      return slow.request(call);
    };
    const { recording, answers } = await record('zipkin', { request }, 0.2);
    expect(answers[0]?.evidence.tracing).toMatchObject({ ok: false, gap: { reason: 'timeout' } });
    expect((await replayRecording(recording))[0]?.evidence.tracing).toMatchObject({ ok: false, gap: { reason: 'timeout' } });
  });

  it('of a store that was not asked again for want of time is not called one of another version', async () => {
    const many = Array.from(
      { length: 90 },
      (_, index): WireCall => ({
        id: (index + 16).toString(16).padStart(32, '5'),
        startMs: atMs - 50_000 + index,
        tookMs: 100 + index,
        code: '503',
      }),
    );
    const busy = wireStore('zipkin', many);
    const request: HttpSource['request'] = async (call) => {
      if (call.path === 'api/v2/traces') await new Promise((resolve) => setTimeout(resolve, 600));
      return busy.request(call);
    };
    const { recording, answers } = await record('zipkin', { request }, 1.4);
    const missing: Question[] = [];
    const replayed = await replayRecording(recording, (one) => missing.push(one));
    expect(missing).toEqual([]);
    expect(worstOf(answers)?.found).toMatchObject({ way: 'search', isCut: true });
    expect(worstOf(replayed)?.trace.id).toBe(worstOf(answers)?.trace.id);
  });

  it.each([
    ['a store of nobody', { store: 'grafana', seconds: 3 }, 'cluster.traces.store'],
    ['no patience', { store: 'tempo', seconds: 0 }, 'cluster.traces.seconds'],
    ['a key of nobody', { store: 'tempo', seconds: 3, url: 'http://tempo' }, 'cluster.traces'],
  ])('with %s is refused by its field', async (_, traces, field) => {
    const { recording } = await record('tempo');
    expect(() => recordingOf({ ...recording, cluster: { ...recording.cluster, traces } })).toThrow(field);
  });
});

/** One span with a name at every place that may hold one, in each of the wire forms. */
const bodies: Readonly<Record<string, (name: string) => unknown>> = {
  OTLP: (name) => ({
    resourceSpans: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: name } }] },
        scopeSpans: [
          {
            spans: [
              { traceId: worstId, spanId: 'a11bad00deadbeef', name: `GET /${name}`, attributes: otlpNames(name), status: {} },
            ],
          },
        ],
      },
    ],
  }),
  Jaeger: (name) => ({
    data: [
      {
        traceID: worstId,
        spans: [
          { traceID: worstId, spanID: 'a11bad00deadbeef', operationName: `GET /${name}`, processID: 'p1', tags: tagNames(name) },
        ],
        processes: { p1: { serviceName: name, tags: tagNames(name) } },
      },
    ],
  }),
  Zipkin: (name) => [
    {
      traceId: worstId,
      id: 'a11bad00deadbeef',
      name: `get /${name}`,
      localEndpoint: { serviceName: name },
      remoteEndpoint: { serviceName: name },
      tags: Object.fromEntries(named(name)),
    },
  ],
  'a list of services': (name) => ({ services: [name] }),
  'a bare list of services': (name) => [name],
  'a complaint': (name) => ({ error: { httpCode: 400, message: `unknown service ${name}` } }),
};
const named = (name: string): readonly (readonly [string, string])[] => [
  ['peer.service', name],
  ['upstream_cluster', `outbound|80||${name}.shop.svc.cluster.local`],
  ['node_id', `sidecar~10.1.2.3~${name}-6d5f7c9b4-x2x4d.shop~shop.svc.cluster.local`],
  ['http.url', `http://${name}/a`],
  ['k8s.pod.name', `${name}-6d5f7c9b4-x2x4d`],
  ['messaging.destination.name', name],
];
const codes = [
  ['http.status_code', '503'],
  ['response_flags', 'UF,URX'],
  ['db.system', 'postgresql'],
] as const;
const tagNames = (name: string) => [...named(name), ...codes].map(([key, value]) => ({ key, value }));
const otlpNames = (name: string) => tagNames(name).map(({ key, value }) => ({ key, value: { stringValue: value } }));

const holding = (body: unknown): Recording => ({
  version: 1,
  atMs: 1,
  cluster: wholeCluster({ name: 'demo', mesh: 'istio', traces: { store: 'tempo', seconds: 3 } }),
  question: 'why checkout',
  exchanges: [
    {
      source: 'Tempo',
      method: 'GET',
      path: `api/v2/traces/${worstId}`,
      query: [],
      form: [],
      status: 200,
      body: JSON.stringify(body),
    },
  ],
});

describe.each(Object.entries(bodies))('%s with pseudonyms', (_, bodyWith) => {
  it('holds no name of before, in no place, and ids and codes as they were', () => {
    const word = fc.stringMatching(/^[a-z]{1,4}[aeiou][a-z0-9]{2,5}$/).filter(
      (text) =>
        !isPlain(text) &&
        !JSON.stringify(holding(bodyWith('')))
          .toLowerCase()
          .includes(text),
    );
    fc.assert(
      fc.property(word, word, (one, other) => {
        const { recording, remains } = pseudonymised(holding(bodyWith(`${one}-${other}`)));
        const text = JSON.stringify(recording);
        for (const gone of [one, other]) expect(text.toLowerCase()).not.toContain(gone);
        expect(remains.asWords).toEqual([]);
        expect(text).toContain(worstId);
        if (JSON.stringify(bodyWith('')).includes('503')) for (const [, code] of codes) expect(text).toContain(code);
      }),
      { numRuns: 60 },
    );
  });
});

describe('exemplars with pseudonyms', () => {
  it('keep the ids of traces, whatever their label is called, and lose the names beside them', () => {
    const data = [
      {
        seriesLabels: { __name__: 'x_bucket', client: 'quokka', le: '0.5' },
        exemplars: [{ labels: { tid: worstId, span: 'a11bad00deadbeef', user: 'zebra' }, value: '0.4', timestamp: 1 }],
      },
    ];
    const recording = holding({});
    const [exchange] = recording.exchanges;
    if (exchange === undefined || !('body' in exchange)) throw new Error('no exchange');
    const body = JSON.stringify({ status: 'success', data });
    const { recording: made } = pseudonymised({ ...recording, exchanges: [{ ...exchange, source: 'Prometheus', body }] });
    const text = JSON.stringify(made.exchanges);
    expect(text).toContain(worstId);
    expect(text).toContain('a11bad00deadbeef');
    expect(text).not.toMatch(/quokka|zebra/);
  });
});
