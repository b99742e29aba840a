import { describe, expect, it } from 'vitest';
import type { HttpAnswer, HttpSource } from '../../../src/adapters/http/client.ts';
import { tracesAbout } from '../../../src/adapters/traces/about.ts';
import { SourceError } from '../../../src/domain/gathered.ts';
import type { TraceStore } from '../../../src/domain/tracing.ts';

type Said = Readonly<Record<string, string | HttpAnswer>>;

const page: HttpAnswer = { status: 200, headers: {}, text: '<!doctype html><title>Jaeger</title>' };
const nowhere: HttpAnswer = { status: 404, headers: {}, text: '404 page not found\n' };

/** Answers at these paths; elsewhere as servers do that do not know the address. */
const serving = (said: Said, otherwise: HttpAnswer = nowhere): HttpSource => ({
  name: 'Traces',
  request: async ({ path }) => {
    const answer = said[path] ?? otherwise;
    return typeof answer === 'string' ? { status: 200, headers: {}, text: answer } : answer;
  },
  close: async () => undefined,
});

/** As each was seen to answer. */
const stores: Readonly<Record<string, readonly [TraceStore, HttpSource]>> = {
  'Jaeger 2': ['jaeger', serving({ 'api/v3/services': '{"services":["checkout","frontend"]}' }, page)],
  'Jaeger without spans': ['jaeger', serving({ 'api/v3/services': '{"services":null}' })],
  'Jaeger without spans or its older API': ['jaeger', serving({ 'api/v3/services': '{}' })],
  'a Jaeger of the older API alone': [
    'jaeger',
    serving({ 'api/services': '{"data":["checkout","frontend"],"total":2,"limit":0,"offset":0,"errors":null}' }, page),
  ],
  'Tempo 3': [
    'tempo',
    serving({
      'api/v2/search/tag/resource.service.name/values':
        '{"tagValues":[{"type":"string","value":"frontend"},{"type":"string","value":"checkout"}],"metrics":{}}',
    }),
  ],
  'an old Tempo': ['tempo', serving({ 'api/search/tag/service.name/values': '{"tagValues":["checkout","frontend"]}' })],
  'Zipkin 3': ['zipkin', serving({ 'api/v2/services': '["checkout","frontend"]' })],
};
const ask = { signal: AbortSignal.timeout(10_000) };
const kinds: readonly TraceStore[] = ['jaeger', 'tempo', 'zipkin'];

describe('what answers at the address of a trace store', () => {
  it.each(Object.entries(stores))('%s is known, whatever it was taken for', async (name, [kind, http]) => {
    for (const taken of kinds) {
      const { looksLike, services } = await tracesAbout(http, taken)(ask);
      expect(looksLike).toBe(kind);
      expect([...services].sort()).toEqual(name.startsWith('Jaeger without spans') ? [] : ['checkout', 'frontend']);
    }
  });

  it.each([
    ['a web page', serving({}, page)],
    ['nothing at that path', serving({})],
    ['JSON of somebody else', serving({}, { status: 200, headers: {}, text: '{"status":"success","data":[]}' })],
    ['a list of other things', serving({}, { status: 200, headers: {}, text: '[{"fingerprint":"1"}]' })],
  ])('%s is none of them', async (_, http) => {
    for (const taken of kinds)
      expect(await tracesAbout(http, taken)(ask)).toEqual({ looksLike: null, services: [], isSearchOff: false });
  });

  it.each([
    ['says so', '{"queryLimit":10,"searchEnabled":false,"logsUrl":null}', true],
    ['says that it does', '{"queryLimit":10,"searchEnabled":true}', false],
    ['has other pages there', '<!doctype html>', false],
  ])('a Zipkin without services that gives traces by their ids only %s', async (_, text, isSearchOff) => {
    const http = serving({ 'api/v2/services': '[]', 'zipkin/config.json': text });
    expect(await tracesAbout(http, 'zipkin')(ask)).toEqual({ looksLike: 'zipkin', services: [], isSearchOff });
  });

  it.each([
    ['refuses', { status: 401, headers: {}, text: 'no org id' }, 'refused'],
    ['is in trouble', { status: 503, headers: {}, text: 'upstream connect error' }, 'unreachable'],
  ])('who %s is not asked on', async (_, answer, reason) => {
    let asked = 0;
    const http = serving({}, answer);
    const counted: HttpSource = {
      ...http,
      request: (call) => {
        asked += 1;
        return http.request(call);
      },
    };
    const error = await tracesAbout(counted, 'tempo')(ask).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(SourceError);
    expect(error).toMatchObject({ reason, source: 'Traces' });
    expect(asked).toBe(1);
  });
});
