import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { HttpAnswer, HttpCall, HttpSource } from '../../../src/adapters/http/client.ts';
import { prometheusExemplars } from '../../../src/adapters/prometheus/exemplars-source.ts';
import { SourceError } from '../../../src/domain/gathered.ts';
import { equals, type Matcher } from '../../../src/domain/promql.ts';

const fixtures = process.env['EDGEWISE_FIXTURES'];
const skipped = fixtures ? '' : ' (skipped: EDGEWISE_FIXTURES is not set)';
const recorded = (file: string): string => readFileSync(join(fixtures ?? '', file), 'utf8');
const patience = () => ({ signal: AbortSignal.timeout(5_000) });
const window = { startMs: 1_795_331_400_000, endMs: 1_795_331_500_250 };

type Reply = (call: HttpCall) => HttpAnswer;
const answer = (text: string, status = 200): HttpAnswer => ({ status, headers: {}, text });
const success = (data: unknown, more: object = {}): HttpAnswer => answer(JSON.stringify({ status: 'success', data, ...more }));

const backEnd = (
  reply: Reply,
  options: { readonly pinned?: readonly Matcher[]; readonly traceLabels?: readonly string[] } = {},
) => {
  const asked: HttpCall[] = [];
  const clock = { ms: 0, nowMs: () => clock.ms };
  const http: HttpSource = {
    name: 'Prometheus',
    request: async (call) => {
      asked.push(call);
      return reply(call);
    },
    close: async () => undefined,
  };
  return { asked, clock, source: prometheusExemplars(http, { pinned: [], concurrency: 4, clock, ...options }) };
};
const exemplarsOf = async (reply: Reply, promql = 'x_bucket') =>
  (await backEnd(reply).source.exemplars(promql, window, patience())).value;

describe.skipIf(!fixtures)(`exemplars recorded from Prometheus 2.42${skipped}`, () => {
  it('come with their series, of every selector of an expression', async () => {
    const found = await exemplarsOf(() => answer(recorded('exemplars/prometheus-2.42-histogram_quantile.json')));
    expect(found).toHaveLength(8);
    expect(found[0]).toEqual({
      traceId: '0102030405060708090a0b0c0d0e0f10',
      value: 7.5,
      atMs: 1_795_331_493_709,
      series: expect.objectContaining({ client: 'productpage', server: 'reviews', le: '+Inf' }),
    });
    // Two zeros were cut off.
    expect(found.map(({ traceId }) => traceId)).toContain('00af843259b0a78f5cbe59e11cbaf66b');
  });

  it('come of counters, with an id of 64 bits in base64', async () => {
    const [one, ...others] = await exemplarsOf(() => answer(recorded('exemplars/prometheus-2.42-counter.json')));
    expect(one).toMatchObject({ traceId: '000000000000000028e3b94b8bf18b4a', value: 1 });
    expect(others).toEqual([]);
  });

  it('come of span metrics, in milliseconds', async () => {
    const found = await exemplarsOf(() => answer(recorded('trace-backends/spanmetrics/query_exemplars.json')));
    const worst = found.toSorted((a, b) => b.value - a.value)[0];
    expect([found.length, worst?.traceId, worst?.value]).toEqual([4, '5af7183fb1d4cf5fa11bad00deadbeef', 4198]);
  });

  it('are none where the storage is off, where nothing was selected, and why not where the question is wrong', async () => {
    expect(await exemplarsOf(() => answer(recorded('exemplars/prometheus-2.42-feature-disabled.json')))).toEqual([]);
    expect(await exemplarsOf(() => answer(recorded('exemplars/prometheus-2.42-scalar-204.body'), 204))).toEqual([]);
    const refused = exemplarsOf(() => answer(recorded('exemplars/prometheus-2.42-error-400.json'), 400));
    await expect(refused).rejects.toMatchObject({
      reason: 'unsupported',
      message: 'did not understand the query (1:5: parse error: unclosed left parenthesis)',
    });
  });
});

describe('the question for exemplars', () => {
  it('is posted, in seconds, with the pinned matchers in every selector', async () => {
    const { asked, source } = backEnd(() => success([]), { pinned: [equals('cluster', 'c"1')] });
    await source.exemplars('x_bucket{le="+Inf"} or rate(y[5m])', window, patience());
    expect(asked[0]).toMatchObject({
      method: 'POST',
      path: 'api/v1/query_exemplars',
      form: [
        ['query', 'x_bucket{le="+Inf",cluster="c\\"1"} or rate(y{cluster="c\\"1"}[5m])'],
        ['start', '1795331400.000'],
        ['end', '1795331500.250'],
      ],
    });
  });

  it('is asked once by all who ask it at the same time', async () => {
    const { asked, source } = backEnd(() => success([]));
    await Promise.all(Array.from({ length: 40 }, () => source.exemplars('x', window, patience())));
    expect(asked).toHaveLength(1);
  });
});

describe('answers of others', () => {
  it('are none where Thanos says null, with its warnings', async () => {
    const { source } = backEnd(() => success(null, { warnings: ['store unreachable'] }));
    expect(await source.exemplars('x', window, patience())).toEqual({
      value: [],
      warnings: ['store unreachable'],
      samplesRead: null,
    });
  });

  it.each([
    [429, '', 'too-expensive'],
    [401, 'no org id', 'refused'],
    [404, '404 page not found', 'absent'],
    [503, '', 'unreachable'],
    [200, '<html>', 'malformed'],
    [200, '{"status":"success","data":{"resultType":"vector","result":[]}}', 'malformed'],
  ])('are a gap: HTTP %i with %j is %s', async (status, text, reason) => {
    await expect(exemplarsOf(() => answer(text, status))).rejects.toMatchObject({ name: 'SourceError', reason });
  });

  const labelled = (labels: object, value: unknown = '1', timestamp: unknown = 1_795_331_460.5) => ({ labels, value, timestamp });
  const series = (...exemplars: readonly unknown[]) => success([{ seriesLabels: { __name__: 'x' }, exemplars }]);

  it.each([
    [{ trace_id: '463AC35C9F6413AD48485A3953BB6124' }, '463ac35c9f6413ad48485a3953bb6124'],
    [{ traceID: '0x463ac35c9f6413ad' }, '0000000000000000463ac35c9f6413ad'],
    [{ traceId: 'f' }, '0000000000000000000000000000000f'],
    [{ TraceID: 'WvcYP7HUz1+hG60A3q2+7w==' }, '5af7183fb1d4cf5fa11bad00deadbeef'],
    [{ 'trace.id': 'WvcYP7HUz1+hG60A3q2+7w' }, '5af7183fb1d4cf5fa11bad00deadbeef'],
    [{ traceid: ' 463ac35c9f6413ad ' }, '0000000000000000463ac35c9f6413ad'],
    [{ trace_id: 'none', traceID: '1' }, '00000000000000000000000000000001'],
    [{ trace_id: 'EpTxMJ40fUus7aGY' }, null],
    [{ trace_id: '0'.repeat(32) }, null],
    [{ trace_id: '1'.repeat(33) }, null],
    [{ trace_id: '../../etc' }, null],
    [{ span_id: '463ac35c9f6413ad' }, null],
  ])('name traces by %j', async (labels, id) => {
    expect((await exemplarsOf(() => series(labelled(labels)))).map(({ traceId }) => traceId)).toEqual([id]);
  });

  it('name traces by the labels that are configured', async () => {
    const reply = () => series(labelled({ 'x-b3-traceid': '1', trace_id: '2' }));
    const { source } = backEnd(reply, { traceLabels: ['x-b3-traceid'] });
    const { value } = await source.exemplars('x', window, patience());
    expect(value.map(({ traceId }) => traceId)).toEqual(['1'.padStart(32, '0')]);
  });

  it('are read without what is no exemplar in them', async () => {
    const found = await exemplarsOf(() =>
      series(
        null,
        7,
        labelled({ trace_id: '1' }, '0.5', '1795331460'),
        labelled({ trace_id: 5 }),
        labelled({ trace_id: '1' }, '0.83'),
        labelled({ trace_id: '2' }, '+Inf'),
      ),
    );
    expect(found.map(({ value, atMs }) => [value, atMs])).toEqual([
      [0.83, 1_795_331_460_500],
      [Number.POSITIVE_INFINITY, 1_795_331_460_500],
    ]);
    expect(await exemplarsOf(() => success([{ seriesLabels: {}, exemplars: null }]))).toEqual([]);
  });
});

describe('whether exemplars are kept', () => {
  const told = (answers: Readonly<Record<string, HttpAnswer>>) =>
    backEnd(({ path }) => answers[path.split('/').at(-1) ?? ''] ?? answer('404 page not found', 404));
  const prometheus = success({ version: '2.42.0', goVersion: 'go1.19' });
  const off = success({ 'enable-feature': 'remote-write-receiver' });

  it.each([
    ['Prometheus with the flag', { flags: success({ 'enable-feature': 'a,exemplar-storage' }), buildinfo: prometheus }, 'on'],
    ['Prometheus without it', { flags: off, buildinfo: prometheus }, 'off'],
    ['Prometheus 3.9 by its features', { features: success({ api: {}, tsdb: { exemplar_storage: true } }), flags: off }, 'on'],
    [
      'Thanos, whose features are others',
      { flags: success({ 'enable-feature': '', 'grpc-address': '' }), buildinfo: prometheus },
      'unknown',
    ],
    [
      'Mimir, which says nothing',
      { buildinfo: success({ application: 'Grafana Mimir', version: '2.17', goVersion: 'go1' }) },
      'unknown',
    ],
    ['VictoriaMetrics 1.79', { buildinfo: success({}) }, 'off'],
    ['VictoriaMetrics of 2025', { buildinfo: success({ version: '2.24.0' }) }, 'off'],
    ['a page', { features: answer('<html>'), flags: answer('<html>'), buildinfo: answer('<html>') }, 'unknown'],
  ] as const)('is told by %s', async (_, answers, storage) => {
    expect(await told(answers).source.storage(patience())).toBe(storage);
  });

  it('is asked once in five minutes', async () => {
    const { asked, clock, source } = told({ flags: off });
    for (const ms of [0, 299_999]) {
      clock.ms = ms;
      await Promise.all([source.storage(patience()), source.storage(patience())]);
    }
    expect(asked).toHaveLength(3);
    clock.ms = 300_001;
    await source.storage(patience());
    expect(asked).toHaveLength(6);
  });

  it('is asked again where it could not be asked', async () => {
    let isDown = true;
    const { source } = backEnd(({ path }) => {
      if (isDown) throw new SourceError('Prometheus', 'unreachable', 'refused the connection');
      return path.endsWith('flags') ? off : answer('', 404);
    });
    await expect(source.storage(patience())).rejects.toMatchObject({ reason: 'unreachable' });
    isDown = false;
    expect(await source.storage(patience())).toBe('off');
  });
});
