import { describe, expect, it } from 'vitest';
import type { HttpAnswer, HttpCall } from '../../../src/adapters/http/client.ts';
import { jaeger } from '../../../src/adapters/jaeger/trace-source.ts';
import { systemClock } from '../../../src/adapters/system/clock.ts';
import type { TraceSearch } from '../../../src/ports.ts';
import { traceFailureContract } from '../../contracts/trace-failures.ts';
import { asOtlp } from '../../support/trace-forms.ts';
import { storyEdge, storySpans, worstId } from '../../support/trace-story.ts';

traceFailureContract(
  'Jaeger',
  (http) => jaeger(http, systemClock),
  (path) => (path === '/base/api/v3/services' ? '{"services":["frontend","checkout"]}' : null),
);

type Given = readonly [status: number, text: string];
const page: Given = [200, '<!doctype html><html><title>Jaeger UI</title></html>'];
const gone: Given = [404, '404 page not found\n'];

/** A Jaeger made of answers by path; what it has none for is gone. */
const answering = (answers: Readonly<Record<string, Given>>, missing = gone) => {
  const calls: HttpCall[] = [];
  const request = async (call: HttpCall): Promise<HttpAnswer> => {
    calls.push(call);
    const [status, text] = answers[call.path] ?? missing;
    return { status, text, headers: { 'content-type': 'text/plain; charset=utf-8' } };
  };
  const source = jaeger({ name: 'Jaeger', request, close: async () => undefined }, systemClock);
  return { source, calls, paths: () => calls.map(({ path }) => path) };
};

const window = { startMs: 1_795_504_500_000.25, endMs: 1_795_504_800_000.75 };
const story = JSON.stringify({ result: asOtlp(storySpans(window)) });
const patience = () => ({ signal: AbortSignal.timeout(5000) });
const wanted: TraceSearch = { edge: storyEdge, window, leastMicros: 500_000.5, isFailed: true, most: 5 };
const services: Given = [200, '{"services":["checkout","frontend"]}'];
const noTraces: Given = [404, '{"error":{"httpCode":404,"message":"No traces found"}}'];

describe('Jaeger', () => {
  it('is asked in words that every version reads, and by tags in its older words for as long as it has them', async () => {
    const { source, calls } = answering({
      'api/v3/services': services,
      'api/v3/traces': [200, story],
      'api/traces': [200, '{"data":[]}'],
    });
    expect((await source.search(wanted, patience())).traces.map(({ id }) => id)).toEqual([worstId]);
    const asked = new Map(calls.map(({ path, query }) => [path, Object.fromEntries(query ?? [])]));
    expect(asked.get('api/v3/traces')).toEqual({
      'query.service_name': 'frontend',
      'query.start_time_min': '2026-11-24T07:15:00.000Z',
      'query.start_time_max': '2026-11-24T07:20:00.001Z',
      'query.num_traces': '40',
      'query.search_depth': '40',
      'query.duration_min': '500001us',
    });
    expect(asked.get('api/traces')).toEqual({
      service: 'frontend',
      start: '1795504500000000',
      end: '1795504800001000',
      limit: '40',
      minDuration: '500001us',
      tags: '{"error":"true"}',
    });
  });

  it('is asked by attributes where its older search is gone', async () => {
    const { source, calls } = answering({ 'api/v3/services': services, 'api/v3/traces': [200, story] });
    await source.search(wanted, patience());
    await source.search(wanted, patience());
    const attributes = calls.map(({ query }) => new Map(query).get('query.attributes')).filter(Boolean);
    expect(attributes).toEqual(['{"error":"true"}', '{"error":"true"}']);
    expect(calls.filter(({ path }) => path === 'api/traces')).toHaveLength(1);
  });

  it.each([
    ['a page', page],
    ['a text', gone],
    ['a refusal in words', [400, 'unsupported path requested: "/select/jaeger/api/v3/services"'] as const],
  ])('without its newer API, which is told by %s, is asked by the older one from then on', async (_, missing) => {
    const { source, paths } = answering(
      {
        'api/services': [200, '{"data":["frontend"],"total":1}'],
        'api/traces': [200, '{"data":[],"errors":null}'],
        [`api/traces/${worstId}`]: [404, '{"data":null,"errors":[{"code":404,"msg":"trace not found"}]}'],
      },
      missing,
    );
    expect(await source.search({ ...wanted, isFailed: false }, patience())).toEqual({ traces: [], seen: 0, isCut: false });
    expect(await source.byId(worstId, patience())).toBeNull();
    expect(paths()).toEqual(['api/v3/services', 'api/services', 'api/traces', `api/traces/${worstId}`]);
  });

  it('that is replaced by a newer one is asked by the newer API again', async () => {
    const answers: Record<string, Given> = { 'api/services': [200, '{"data":["frontend"]}'], 'api/traces': [200, '{"data":[]}'] };
    const { source, paths } = answering(answers);
    await source.search({ ...wanted, isFailed: false }, patience());
    for (const path of Object.keys(answers)) delete answers[path];
    Object.assign(answers, { 'api/v3/traces': noTraces });
    expect((await source.search({ ...wanted, isFailed: false }, patience())).seen).toBe(0);
    expect(paths().slice(-2)).toEqual(['api/traces', 'api/v3/traces']);
  });

  it('says in one way that there is no trace, and gateways say in others that there is no Jaeger', async () => {
    const path = `api/v3/traces/${worstId}`;
    expect(await answering({ [path]: noTraces }).source.byId(worstId, patience())).toBeNull();
    expect(
      await answering({ [path]: [404, '{"code":5,"message":"trace not found"}'] }).source.byId(worstId, patience()),
    ).toBeNull();
    for (const text of [
      '{"message":"no Route matched with those values"}',
      '{"code":5,"message":"Not Found","details":[]}',
      '{"kind":"Status","status":"Failure","message":"services \\"jaeger\\" not found","reason":"NotFound","code":404}',
    ])
      await expect(answering({ [path]: [404, text] }).source.byId(worstId, patience())).rejects.toMatchObject({
        reason: 'absent',
      });
    await expect(answering({}, page).source.byId(worstId, patience())).rejects.toMatchObject({ reason: 'malformed' });
    await expect(answering({}).source.byId(worstId, patience())).rejects.toMatchObject({ reason: 'absent' });
  });

  it('says in JSON why it refuses, whatever its content type', async () => {
    const of = (status: number, text: string) =>
      answering({ [`api/v3/traces/${worstId}`]: [status, text] }).source.byId(worstId, patience());
    await expect(of(500, '{"error":{"httpCode":500,"message":"search depth must be greater than 0"}}')).rejects.toMatchObject({
      reason: 'unreachable',
      message: 'is in trouble (HTTP 500: search depth must be greater than 0)',
    });
    await expect(of(200, '{"error":{"grpc_code":4,"http_code":504,"message":"query timed out"}}')).rejects.toMatchObject({
      reason: 'unreachable',
      message: 'is in trouble (query timed out)',
    });
    await expect(of(400, '{"data":null,"errors":[{"code":400,"msg":"unable to parse\\nparam"}]}')).rejects.toMatchObject({
      reason: 'unsupported',
      message: 'refused the question (HTTP 400: unable to parse param)',
    });
  });

  it('is not asked for what is no id', async () => {
    const { source, calls } = answering({});
    for (const id of ['', '../services', '0'.repeat(32), 'z'.repeat(32)]) expect(await source.byId(id, patience())).toBeNull();
    expect(calls).toEqual([]);
  });
});
