import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HttpAnswer, HttpCall, HttpSource } from '../../../src/adapters/http/client.ts';
import { SourceError } from '../../../src/domain/gathered.ts';
import { recordedHttp, recordings } from '../../support/recorded-http.ts';
import { worstId } from '../../support/trace-story.ts';

const folder = join(recordings ?? '', 'trace-backends');

/** An answer of Tempo v3.0.3, as it was recorded. */
export const recorded = (file: string): string => readFileSync(join(folder, 'tempo', file), 'utf8');

export const ok = (text: string): HttpAnswer => ({ status: 200, headers: {}, text });
export const json = (value: unknown): HttpAnswer => ok(JSON.stringify(value));
export const answer = (status: number, text = ''): HttpAnswer => ({ status, headers: {}, text });

type Asked = { readonly path: string; readonly query: ReadonlyMap<string, string> };

/** A back end by a function, and what it was asked; nobody whose patience is over gets an answer. */
export const storeOf = (
  reply: (asked: Asked) => HttpAnswer | Promise<HttpAnswer>,
): HttpSource & { readonly asked: readonly Asked[] } => {
  const asked: Asked[] = [];
  return {
    name: 'Tempo',
    asked,
    request: async ({ path, query = [], signal }: HttpCall) => {
      const late = () => new SourceError('Tempo', 'timeout', 'did not answer in 0.0 s');
      if (signal.aborted) throw late();
      const one = { path, query: new Map(query) };
      asked.push(one);
      const over = new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(late()), { once: true }));
      return Promise.race([reply(one), over]);
    },
    close: async () => undefined,
  };
};

type Posted = {
  readonly resourceSpans: readonly {
    readonly resource: unknown;
    readonly scopeSpans: readonly { readonly spans: readonly { readonly traceId: string }[] }[];
  }[];
};

/** A trace as it was sent, for those whose answer was not recorded. */
const posted = (id: string) => {
  const { resourceSpans } = JSON.parse(readFileSync(join(folder, 'otlp-posted.json'), 'utf8')) as Posted;
  const own = resourceSpans.map(({ resource, scopeSpans }) => ({
    resource,
    scopeSpans: scopeSpans.map(({ spans }) => ({ spans: spans.filter(({ traceId }) => traceId.padStart(32, '0') === id) })),
  }));
  return { trace: { resourceSpans: own } };
};

/** Tempo as it was recorded: it knows one edge, and whatever is asked of that it tells the same. */
export const recordedStore = () =>
  recordedHttp('Tempo', 'tempo', (path, query) => {
    if (path === 'api/search') return query.get('q')?.includes('stranger') ? 'search-empty.json' : 'search-edge.json';
    if (path === 'api/metrics/query_range') return 'metrics-query-range.json';
    const id = path.split('/').at(-1) ?? '';
    if (id === 'f'.repeat(32)) return 'v2-trace-not-found.json';
    return id === worstId ? 'v2-trace.json' : { status: 200, text: JSON.stringify(posted(id)) };
  });

/** When the eighteen traces were recorded, and a minute later. */
export const recordedWindow = { startMs: 1_795_392_900_000, endMs: 1_795_393_020_000 };
export const recordedClock = { nowMs: () => recordedWindow.endMs + 60_000 };

/** A call of shop's frontend to its checkout, as a store keeps it. */
export type Call = {
  readonly id: string;
  readonly micros: number;
  readonly startMs: number;
  readonly isFailed?: boolean;
  /** The whole trace; left out: the call alone. */
  readonly spans?: object;
};

const nanos = (ms: number): string => `${Math.round(ms)}000000`;

const hitOf = ({ id, micros, startMs }: Call) => ({
  traceID: id.replace(/^0+/, ''),
  startTimeUnixNano: nanos(startMs),
  durationMs: Math.round(micros / 1000),
  spanSets: [{ spans: [{ spanID: '1', startTimeUnixNano: nanos(startMs), durationNanos: `${micros}000` }], matched: 1 }],
});

const spanOf = ({ id, micros, startMs, isFailed }: Call) => ({
  traceId: id,
  spanId: '00000000000000aa',
  name: 'POST /pay',
  kind: 'SPAN_KIND_CLIENT',
  startTimeUnixNano: nanos(startMs),
  endTimeUnixNano: String(BigInt(nanos(startMs)) + BigInt(micros) * 1000n),
  attributes: [{ key: 'peer.service', value: { stringValue: 'checkout' } }],
  ...(isFailed ? { status: { code: 'STATUS_CODE_ERROR' } } : {}),
});

/** The body of one trace, by the second version of the API. */
export const traceBody = (call: Call) => ({
  trace: call.spans ?? {
    resourceSpans: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: 'frontend' } }] },
        scopeSpans: [{ spans: [spanOf(call)] }],
      },
    ],
  },
});

/**
 * A store that searches as Tempo does: it gives the first that match, in the order in which it keeps them, up to the limit, and nothing of its
 * newest half minute. `longestSeconds`: what its metrics say; null: it keeps none.
 */
export const callsStore = (calls: readonly Call[], nowMs: number, longestSeconds: number | null = null) =>
  storeOf(({ path, query }) => {
    if (path === 'api/metrics/query_range')
      return longestSeconds === null
        ? answer(500, 'localblocks processor not found')
        : json({ series: [{ labels: [], samples: [{ timestampMs: '1' }, { timestampMs: '2', value: longestSeconds }] }] });
    if (path === 'api/search') {
      const q = query.get('q') ?? '';
      const [least, limit] = [Number(/duration>=(\d+)us/.exec(q)?.[1] ?? 0), Number(query.get('limit'))];
      const [start, end] = [Number(query.get('start')) * 1000, Math.min(Number(query.get('end')) * 1000, nowMs - 30_000)];
      // It knows one caller and one callee, and no other.
      const isKnown = !/stranger|gateway/.test(q);
      const found = calls
        .filter(() => isKnown)
        .filter(({ micros, isFailed }) => micros >= least && (isFailed || !q.includes('status=error')))
        .filter(({ startMs }) => start >= end || (startMs >= start && startMs < end));
      const traces = found.slice(0, limit).map(hitOf);
      return json({ traces, metrics: { completedJobs: found.length > limit ? 2 : 3, totalJobs: 3 } });
    }
    const call = calls.find(({ id }) => path === `api/v2/traces/${id}`);
    return json(call === undefined ? { trace: {}, metrics: {} } : traceBody(call));
  });
