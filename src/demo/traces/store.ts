import { keptId } from './ids.ts';
import { isMet, type TraceQuery } from './query.ts';
import type { ZipkinEndpoint, ZipkinSpan } from './zipkin-span.ts';

type Spans = readonly ZipkinSpan[];

/** Traces in memory, as Zipkin keeps them: names in lower case, the newest of a bounded number. */
export type TraceBox = {
  readonly take: (spans: Spans) => void;
  /** By an id as `keptId` writes it. */
  readonly trace: (id: string) => Spans | null;
  /** The newest first. */
  readonly search: (query: TraceQuery) => readonly Spans[];
  /** Each in the order of the alphabet. */
  readonly services: () => readonly string[];
  readonly remoteServices: (service: string) => readonly string[];
  readonly spanNames: (service: string) => readonly string[];
};

/** What is dropped first is what came first. Bytes are those of its JSON. */
type TraceLimits = { readonly traces: number; readonly bytes: number };

const usualLimits: TraceLimits = { traces: 20_000, bytes: 200_000_000 };

type Held = { readonly spans: Spans; readonly startMicros: number; readonly bytes: number };

/** A root's start, or where there is none the first. */
const startOf = (spans: Spans): number => {
  const root = spans.find(({ parentId, timestamp }) => parentId === undefined && timestamp !== undefined);
  return root?.timestamp ?? Math.min(...spans.flatMap(({ timestamp }) => timestamp ?? []));
};

const inLowerCase = (endpoint: ZipkinEndpoint): ZipkinEndpoint =>
  endpoint.serviceName === undefined ? endpoint : { ...endpoint, serviceName: endpoint.serviceName.toLowerCase() };

const lower = (span: ZipkinSpan): ZipkinSpan => ({
  ...span,
  traceId: keptId(span.traceId),
  ...(span.name === undefined ? {} : { name: span.name.toLowerCase() }),
  ...(span.localEndpoint === undefined ? {} : { localEndpoint: inLowerCase(span.localEndpoint) }),
  ...(span.remoteEndpoint === undefined ? {} : { remoteEndpoint: inLowerCase(span.remoteEndpoint) }),
});

/** One that is told twice is one. */
const joined = (before: Spans, more: Spans): Spans => [
  ...new Map([...before, ...more].map((span) => [`${span.id} ${span.kind} ${span.localEndpoint?.serviceName}`, span])).values(),
];

/** An empty store. */
export const startTraceBox = (limits: TraceLimits = usualLimits): TraceBox => {
  const held = new Map<string, Held>();
  let bytes = 0;
  const drop = (id: string): void => {
    bytes -= held.get(id)?.bytes ?? 0;
    held.delete(id);
  };
  const keep = (id: string, spans: Spans): void => {
    drop(id);
    const one: Held = { spans, startMicros: startOf(spans), bytes: JSON.stringify(spans).length };
    held.set(id, one);
    bytes += one.bytes;
    for (const oldest of held.keys()) {
      if (held.size <= limits.traces && bytes <= limits.bytes) return;
      drop(oldest);
    }
  };
  /** Names that spans bear, of one service's or of all. */
  const named = (service: string | null, nameOf: (span: ZipkinSpan) => string | undefined): readonly string[] => {
    const own = service?.toLowerCase() ?? null;
    const names = new Set<string>();
    for (const { spans } of held.values())
      for (const span of spans) {
        const name = own === null || span.localEndpoint?.serviceName === own ? nameOf(span) : undefined;
        if (name !== undefined) names.add(name);
      }
    return [...names].toSorted();
  };
  return {
    take: (spans) => {
      for (const [id, more] of Map.groupBy(spans.map(lower), ({ traceId }) => traceId))
        keep(id, joined(held.get(id)?.spans ?? [], more));
    },
    trace: (id) => held.get(id)?.spans ?? null,
    search: (query) => {
      const { endMs, lookbackMs, limit } = query;
      const isWithin = ({ startMicros }: Held): boolean =>
        startMicros >= (endMs - lookbackMs) * 1000 && startMicros <= endMs * 1000;
      return [...held.values()]
        .filter((one) => isWithin(one) && isMet(query, one.spans))
        .toSorted((a, b) => b.startMicros - a.startMicros)
        .slice(0, limit)
        .map(({ spans }) => spans);
    },
    services: () => named(null, ({ localEndpoint }) => localEndpoint?.serviceName),
    remoteServices: (service) => named(service, ({ remoteEndpoint }) => remoteEndpoint?.serviceName),
    spanNames: (service) => named(service, ({ name }) => name),
  };
};
