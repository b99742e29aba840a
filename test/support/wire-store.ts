import type { HttpAnswer, HttpCall, HttpSource } from '../../src/adapters/http/client.ts';
import type { TraceStore } from '../../src/domain/tracing.ts';

/** One request of checkout to payments, which waits for its database. */
export type WireCall = { readonly id: string; readonly startMs: number; readonly tookMs: number; readonly code: string };

type WireSpan = {
  readonly id: string;
  readonly parent: string | null;
  readonly service: string;
  readonly name: string;
  readonly kind: 'CLIENT' | 'SERVER';
  readonly at: number;
  readonly took: number;
  readonly tags: Readonly<Record<string, string>>;
};

/** What nobody reads of a span, and nobody may read of it elsewhere. */
const unshared = { 'db.statement': 'SELECT card FROM secrets', 'user.email': 'jane@acme.example' };

const spanOf = (traceId: string, place: number): string => `${traceId.slice(17)}${place}`;

const spansOf = ({ id, startMs, tookMs, code }: WireCall): readonly WireSpan[] => {
  const proxy = { component: 'proxy', 'http.status_code': code, 'istio.namespace': 'shop', ...unshared };
  const name = 'payments.shop.svc.cluster.local:80/*';
  const span = (place: number, rest: Omit<WireSpan, 'id' | 'parent'>): WireSpan => ({
    id: spanOf(id, place),
    parent: place === 1 ? null : spanOf(id, place - 1),
    ...rest,
  });
  const called = { ...proxy, upstream_cluster: 'outbound|80||payments.shop.svc.cluster.local' };
  return [
    span(1, { service: 'checkout.shop', name, kind: 'CLIENT', at: startMs, took: tookMs, tags: called }),
    span(2, { service: 'payments.shop', name, kind: 'SERVER', at: startMs + 1, took: tookMs - 2, tags: proxy }),
    span(3, {
      service: 'payments.shop',
      name: 'POST /charge/acct-884213377',
      kind: 'CLIENT',
      at: startMs + 2,
      took: tookMs - 4,
      tags: { 'peer.service': 'ledger-db', 'http.url': 'http://ledger-db:5432/?token=hunter2', ...unshared },
    }),
  ];
};

const zipkinSpans = (call: WireCall): readonly object[] =>
  spansOf(call).map(({ id, parent, service, name, kind, at, took, tags }) => ({
    traceId: call.id,
    id,
    ...(parent === null ? {} : { parentId: parent }),
    name,
    kind,
    timestamp: at * 1000,
    duration: took * 1000,
    localEndpoint: { serviceName: service },
    tags: { ...tags, ...(call.code === '503' ? { error: 'upstream connect error of jane' } : {}) },
  }));

const resources = (calls: readonly WireCall[], encoding: 'hex' | 'base64'): readonly object[] => {
  const coded = (hex: string): string => Buffer.from(hex, 'hex').toString(encoding);
  return calls.flatMap((call) =>
    spansOf(call).map(({ id, parent, service, name, kind, at, took, tags }) => ({
      resource: { attributes: [{ key: 'service.name', value: { stringValue: service } }] },
      scopeSpans: [
        {
          spans: [
            {
              traceId: coded(call.id),
              spanId: coded(id),
              ...(parent === null ? {} : { parentSpanId: coded(parent) }),
              name,
              kind: `SPAN_KIND_${kind}`,
              startTimeUnixNano: `${at}000000`,
              endTimeUnixNano: `${at + took}000000`,
              attributes: Object.entries(tags).map(([key, value]) => ({ key, value: { stringValue: value } })),
              status: call.code === '503' ? { code: 'STATUS_CODE_ERROR', message: 'upstream connect error of jane' } : {},
            },
          ],
        },
      ],
    })),
  );
};

/** Whether a call is in the range that a store is asked for; times of `start` and `end` in milliseconds. */
const within = (calls: readonly WireCall[], start: number, end: number): readonly WireCall[] =>
  calls.filter(({ startMs }) => startMs >= start && startMs < end);

const says = (value: unknown, status = 200): HttpAnswer => ({ status, headers: {}, text: JSON.stringify(value) });

const services = ['checkout.shop', 'payments.shop'];

type Answer = (path: string, query: URLSearchParams) => HttpAnswer;

const byId = (calls: readonly WireCall[], path: string): readonly WireCall[] => calls.filter(({ id }) => path.endsWith(id));

const stores = (calls: readonly WireCall[]): Readonly<Record<TraceStore, Answer>> => ({
  zipkin: (path, query) => {
    if (path === 'api/v2/services') return says(services);
    if (path === 'api/v2/remoteServices') return says([]);
    if (path !== 'api/v2/traces') {
      const [found] = byId(calls, path);
      return found === undefined
        ? { status: 404, headers: {}, text: `${path.split('/').at(-1)} not found` }
        : says(zipkinSpans(found));
    }
    const end = Number(query.get('endTs'));
    const found = within(calls, end - Number(query.get('lookback')), end);
    return says(found.slice(0, Number(query.get('limit'))).map(zipkinSpans));
  },
  jaeger: (path, query) => {
    if (path === 'api/v3/services') return says({ services });
    if (!path.startsWith('api/v3/traces')) return { status: 404, headers: {}, text: '404 page not found' };
    const [start, end] = ['min', 'max'].map((bound) => Date.parse(query.get(`query.start_time_${bound}`) ?? ''));
    const found = path === 'api/v3/traces' ? within(calls, start ?? 0, end ?? 0) : byId(calls, path);
    return found.length === 0
      ? says({ error: { httpCode: 404, message: 'No traces found' } }, 404)
      : says({ result: { resourceSpans: resources(found, 'hex') } });
  },
  tempo: (path, query) => {
    if (path !== 'api/search') {
      const found = byId(calls, path);
      return says({ trace: found.length === 0 ? {} : { resourceSpans: resources(found, 'base64') } });
    }
    const found = within(calls, Number(query.get('start')) * 1000, Number(query.get('end')) * 1000);
    const traces = found.map(({ id, startMs, tookMs }) => ({
      traceID: id.replace(/^0+/, ''),
      rootServiceName: 'checkout.shop',
      startTimeUnixNano: `${startMs}000000`,
      durationMs: tookMs,
      spanSets: [
        {
          spans: [{ spanID: spanOf(id, 1), startTimeUnixNano: `${startMs}000000`, durationNanos: `${tookMs}000000` }],
          matched: 1,
        },
      ],
    }));
    return says({ traces, metrics: { completedJobs: 1, totalJobs: 1 } });
  },
});

/** A store of this kind that holds these calls, at the seam where a recording is made. */
export const wireStore = (
  store: TraceStore,
  calls: readonly WireCall[],
  onCall: (call: HttpCall) => void = () => undefined,
): HttpSource => ({
  name: 'a store',
  request: async (call) => {
    onCall(call);
    const query = (call.query ?? []).map(([name, value]): [string, string] => [name, value]);
    return stores(calls)[store](call.path, new URLSearchParams(query));
  },
  close: async () => undefined,
});
