import { z } from 'zod';
import { SourceError } from '../../domain/gathered.ts';
import type { ReceivedTrace } from '../../domain/trace.ts';
import type { Ask, Clock, TraceSource } from '../../ports.ts';
import type { HttpAnswer, HttpSource } from '../http/client.ts';
import { parseJson } from '../http/json.ts';
import { maxAnswerBytes, refusalOf, tracesIn } from '../traces/answers.ts';
import type { CalleeTag } from '../traces/held.ts';
import { hexIds } from '../traces/ids.ts';
import type { StoreQuestion } from '../traces/questions.ts';
import { nameLists } from '../traces/services.ts';
import { worstTraces } from '../traces/worst.ts';
import { isSearchOff } from '../traces/zipkin-search.ts';

type Query = readonly (readonly [string, string])[];

/** Where the name of a remote end is read into (see the reader of Zipkin's spans): the one callee that Zipkin looks for by a name of its own. */
const remoteKey = 'peer.service';

/** A trace counts by its root's start here, and a call may begin so long after it: traces are asked for from earlier on, and sorted out later. */
const earlierMs = 30_000;

/** Joined by "and"; there is no way to write one that has this word in it. */
const annotationsOf = ({ isMarked, callee }: StoreQuestion): string =>
  [
    ...(isMarked ? ['error'] : []),
    ...(callee === null || callee.key === remoteKey || callee.value.includes(' and ') ? [] : [`${callee.key}=${callee.value}`]),
  ].join(' and ');

/** Durations are in microseconds, moments and how far to look back in milliseconds: of a moment in microseconds Zipkin silently finds nothing. */
const queryOf = (question: StoreQuestion): Query => {
  const { service, window, leastMicros, callee, limit } = question;
  const [fromMs, endTsMs] = [Math.floor(window.startMs) - earlierMs, Math.ceil(window.endMs)];
  const annotations = annotationsOf(question);
  return [
    ['serviceName', service],
    ...(callee?.key === remoteKey ? [['remoteServiceName', callee.value.toLowerCase()] as const] : []),
    ...(annotations === '' ? [] : [['annotationQuery', annotations] as const]),
    ...(leastMicros === null || leastMicros < 1 ? [] : [['minDuration', String(Math.ceil(leastMicros))] as const]),
    ['endTs', String(endTsMs)],
    ['lookback', String(endTsMs - fromMs)],
    ['limit', String(limit)],
  ];
};

/** `463ac35c9f6413ad not found`; an address that is not there is "404 Not Found". */
const isNoTrace = ({ status, text }: HttpAnswer): boolean => status === 404 && /^[0-9a-f]{16,32} not found\s*$/.test(text);

/** A server that is not strict about ids answers for the lower half (openzipkin/zipkin, zipkin-server/README.md, STRICT_TRACE_ID). */
const isOneId = (a: string, b: string): boolean => a.slice(16) === b.slice(16);

/** Zipkin, version 2 of its API. Throws only `SourceError`. */
export const zipkin = (http: HttpSource, clock: Pick<Clock, 'nowMs'>): TraceSource => {
  const get = (path: string, signal: AbortSignal, query: Query = [], maxBytes = maxAnswerBytes) =>
    http.request({ path: `api/v2/${path}`, query, signal, maxBytes: Math.floor(maxBytes) });
  const listed = async (path: string, signal: AbortSignal, query: Query = []): Promise<readonly string[]> => {
    const answer = await get(path, signal, query);
    const refusal = refusalOf(http.name, answer);
    if (refusal !== null) throw refusal;
    return parseJson(http.name, answer, z.array(z.string()));
  };
  const services = nameLists(http.name, clock, async (_, signal) => {
    const names = await listed('services', signal);
    if (names.length === 0 && (await isSearchOff(http, signal)))
      throw new SourceError(http.name, 'unsupported', 'gives traces by their ids only (SEARCH_ENABLED=false)');
    return names;
  });
  const remotes = nameLists(http.name, clock, (service, signal) => listed('remoteServices', signal, [['serviceName', service]]));
  const store = {
    services: (ask: Ask) => services('', ask),
    calleesOf: async (service: string, ask: Ask): Promise<readonly CalleeTag[]> =>
      (await remotes(service, ask)).map((value) => ({ key: remoteKey, value })),
    traces: async (question: StoreQuestion, { signal }: Ask): Promise<readonly ReceivedTrace[]> =>
      tracesIn(http.name, await get('traces', signal, queryOf(question), question.maxBytes)),
  };
  return {
    name: http.name,
    store: 'zipkin',
    byId: async (id, { signal }) => {
      const asked = hexIds.trace(id);
      if (asked === null) return null;
      const answer = await get(`trace/${asked}`, signal);
      return isNoTrace(answer) ? null : (tracesIn(http.name, answer).find((trace) => isOneId(trace.id, asked)) ?? null);
    },
    search: (wanted, ask) => worstTraces(store, wanted, ask),
  };
};
