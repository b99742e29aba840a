import { describe, expect, it } from 'vitest';
import type { HttpAnswer, HttpCall } from '../../../src/adapters/http/client.ts';
import { systemClock } from '../../../src/adapters/system/clock.ts';
import { zipkin } from '../../../src/adapters/zipkin/trace-source.ts';
import type { TraceSearch } from '../../../src/ports.ts';
import { traceFailureContract } from '../../contracts/trace-failures.ts';
import { asZipkin } from '../../support/trace-forms.ts';
import { storyEdge, type ToldSpan, worstId } from '../../support/trace-story.ts';

traceFailureContract(
  'Zipkin',
  (http) => zipkin(http, systemClock),
  (path) => (path === '/base/api/v2/services' ? '["frontend","checkout"]' : null),
);

const window = { startMs: 1_795_504_500_000.25, endMs: 1_795_504_800_000.75 };
const patience = () => ({ signal: AbortSignal.timeout(5000) });
const wanted: TraceSearch = { edge: storyEdge, window, leastMicros: 500_000.5, isFailed: false, most: 5 };

/** A call of frontend's, told by a proxy (only with a cluster) or by a library (only with a remote end). */
const callOf = (place: number, told: Partial<ToldSpan>): ToldSpan => ({
  ...{
    traceId: `${'c'.repeat(16)}${place.toString(16).padStart(16, '0')}`,
    id: place.toString(16).padStart(16, '0'),
    parentId: null,
  },
  ...{
    service: 'frontend',
    kind: 'client',
    name: 'get /',
    startMicros: (window.startMs + 1000) * 1000,
    durationMicros: 600_000 + place,
  },
  ...{ code: 200, isFailed: false, cluster: null, peer: null },
  ...told,
});
const answerOf = (spans: readonly ToldSpan[]): string => JSON.stringify(spans.map((span) => asZipkin([span])));
const forty = (told: Partial<ToldSpan>) => Array.from({ length: 40 }, (_, place) => callOf(place + 1, told));

const answering = (traces: string, remotes: readonly string[] = []) => {
  const calls: HttpCall[] = [];
  const request = async (call: HttpCall): Promise<HttpAnswer> => {
    calls.push(call);
    const answers: Readonly<Record<string, string>> = {
      'api/v2/services': '["checkout","frontend"]',
      'api/v2/remoteServices': JSON.stringify(remotes),
      'api/v2/traces': traces,
    };
    return { status: 200, headers: {}, text: answers[call.path] ?? 'null' };
  };
  const source = zipkin({ name: 'Zipkin', request, close: async () => undefined }, systemClock);
  return {
    source,
    searches: () => calls.filter(({ path }) => path === 'api/v2/traces').map(({ query }) => Object.fromEntries(query ?? [])),
    paths: () => calls.map(({ path }) => path),
  };
};

const cluster = 'outbound|8080||checkout.shop.svc.cluster.local';

describe('Zipkin', () => {
  it('is asked for moments in milliseconds and for durations in microseconds, from half a minute earlier', async () => {
    const { source, searches } = answering('[]');
    await source.search(wanted, patience());
    expect(searches()).toEqual([
      { serviceName: 'frontend', minDuration: '500001', endTs: '1795504800001', lookback: '330001', limit: '40' },
    ]);
  });

  it('is asked without a duration rather than for none, and for errors apart', async () => {
    const { source, searches } = answering('[]');
    await source.search({ ...wanted, leastMicros: 0, isFailed: true }, patience());
    expect(searches().map(({ minDuration, annotationQuery }) => [minDuration, annotationQuery])).toEqual([
      [undefined, 'error'],
      [undefined, undefined],
    ]);
  });

  it('is asked for the remote end that calls of the edge are seen to have, where there are more than it gives back', async () => {
    const { source, searches } = answering(answerOf(forty({ peer: 'checkout' })));
    expect(await source.search(wanted, patience())).toMatchObject({ seen: 40, isCut: false });
    const named = searches().filter(({ remoteServiceName }) => remoteServiceName !== undefined);
    expect(named.map(({ remoteServiceName, minDuration, limit }) => [remoteServiceName, minDuration, limit])).toEqual([
      ['checkout', '600038', '40'],
      ['checkout', '600040', '160'],
    ]);
    expect(searches().map(({ annotationQuery }) => annotationQuery)).toEqual(Array(5).fill(undefined));
  });

  it('is asked for the very cluster of Envoy’s spans, which have no remote end', async () => {
    const { source, searches } = answering(answerOf(forty({ cluster })));
    await source.search({ ...wanted, isFailed: false }, patience());
    expect(searches()[2]).toMatchObject({ annotationQuery: `upstream_cluster.name=${cluster}`, limit: '40' });
    expect(searches()[2]).not.toHaveProperty('remoteServiceName');
  });

  it('is asked for errors of that cluster', async () => {
    const { source, searches } = answering(answerOf(forty({ cluster, isFailed: true, code: 503 })));
    await source.search({ ...wanted, isFailed: true }, patience());
    expect(searches().map(({ annotationQuery }) => annotationQuery)).toContain(`error and upstream_cluster.name=${cluster}`);
  });

  it('tells whom a service calls where none of the calls that came back is of the edge', async () => {
    const { source, searches, paths } = answering(answerOf(forty({ peer: 'cart' })), ['cart', 'checkout']);
    await source.search(wanted, patience());
    expect(paths()).toContain('api/v2/remoteServices');
    expect(searches()[2]).toMatchObject({ remoteServiceName: 'checkout', minDuration: '500001' });
  });

  it('may answer for the lower half of an id', async () => {
    const wide = callOf(1, { traceId: worstId });
    const request = async ({ path }: HttpCall): Promise<HttpAnswer> =>
      path === `api/v2/trace/${'0'.repeat(16)}${worstId.slice(16)}`
        ? { status: 200, headers: {}, text: JSON.stringify(asZipkin([wide])) }
        : { status: 404, headers: {}, text: `${path.slice(-32)} not found` };
    const source = zipkin({ name: 'Zipkin', request, close: async () => undefined }, systemClock);
    expect((await source.byId(`${'0'.repeat(16)}${worstId.slice(16)}`, patience()))?.id).toBe(worstId);
    expect(await source.byId('f'.repeat(32), patience())).toBeNull();
    expect((await source.byId(`${'0'.repeat(16)}${worstId.slice(16)}`.toUpperCase(), patience()))?.id).toBe(worstId);
  });

  it('without services that says it is not to be searched is a gap, not an empty store', async () => {
    const switched = (searchEnabled: boolean) => {
      const answers: Readonly<Record<string, string>> = {
        'api/v2/services': '[]',
        'api/v2/traces': '[]',
        'zipkin/config.json': JSON.stringify({ queryLimit: 10, searchEnabled }),
      };
      const request = async ({ path }: HttpCall): Promise<HttpAnswer> => ({
        status: 200,
        headers: {},
        text: answers[path] ?? JSON.stringify(asZipkin([callOf(1, {})])),
      });
      return zipkin({ name: 'Zipkin', request, close: async () => undefined }, systemClock);
    };
    expect(await switched(true).search(wanted, patience())).toEqual({ traces: [], seen: 0, isCut: false });
    await expect(switched(false).search(wanted, patience())).rejects.toMatchObject({
      source: 'Zipkin',
      reason: 'unsupported',
      message: 'gives traces by their ids only (SEARCH_ENABLED=false)',
    });
    const { traceId } = callOf(1, {});
    expect((await switched(false).byId(traceId, patience()))?.id).toBe(traceId);
  });

  it('is not asked for what is no id', async () => {
    const { source, paths } = answering('[]');
    for (const id of ['', '../services', '0'.repeat(32), 'z'.repeat(32)]) expect(await source.byId(id, patience())).toBeNull();
    expect(paths()).toEqual([]);
  });
});
