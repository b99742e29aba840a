import type { SeededSeries } from './seeded-prometheus.ts';

/** The pace and the times at which a mesh is scraped. */
export type Scrapes = {
  readonly everySeconds: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly phaseMs?: number;
};

export const scrapesOf = ({ everySeconds, fromMs, toMs, phaseMs = 0 }: Scrapes): readonly number[] => {
  const stepMs = everySeconds * 1000;
  const first = Math.ceil((fromMs - phaseMs) / stepMs) * stepMs + phaseMs;
  return Array.from({ length: Math.max(0, Math.floor((toMs - first) / stepMs) + 1) }, (_, index) => first + index * stepMs);
};

/** One kind of request on an edge: how many a second at each moment. */
export type Flow = {
  readonly caller: string;
  readonly callee: string;
  readonly reporters?: readonly ('source' | 'destination')[];
  readonly code?: string;
  readonly flags?: string;
  readonly seconds?: number;
  readonly perSecond: (atMs: number) => number;
  readonly labels?: Readonly<Record<string, string>>;
  /** Series exist from the first request on, as proxies print them. */
  readonly isThere?: (atMs: number) => boolean;
};

const boundsMs = [1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000];

/** Whole requests until each scrape, by adding up seconds. */
const totalsOf = (perSecond: (atMs: number) => number, scrapes: readonly number[]): ReadonlyMap<number, number> => {
  const totals = new Map<number, number>();
  let total = 0;
  let at = scrapes[0] ?? 0;
  for (const scrape of scrapes) {
    for (; at < scrape; at += 1000) total += perSecond(at);
    totals.set(scrape, Math.floor(total + 1e-6));
  }
  return totals;
};

/** The series of one flow: requests, and durations that are all alike. */
export const seriesOf = (flow: Flow, scrapes: readonly number[]): readonly SeededSeries[] => {
  const { caller, callee, reporters = ['source', 'destination'], code = '200', flags = '-', seconds = 0.02 } = flow;
  const totals = totalsOf(flow.perSecond, scrapes);
  const there = scrapes.filter((atMs) => (totals.get(atMs) ?? 0) > 0 && (flow.isThere?.(atMs) ?? true));
  const samples = (factor: number) => there.map((atMs) => [atMs, (totals.get(atMs) ?? 0) * factor] as const);
  return reporters.flatMap((reporter): readonly SeededSeries[] => {
    const labels = {
      reporter,
      source_workload: caller,
      source_workload_namespace: 'shop',
      destination_workload: `${callee}-v1`,
      destination_service_name: callee,
      destination_service_namespace: 'shop',
      response_code: code,
      response_flags: flags,
      request_protocol: 'http',
      ...flow.labels,
    };
    const metric = (name: string, factor: number, more: Readonly<Record<string, string>> = {}): SeededSeries => ({
      labels: { __name__: name, ...labels, ...more },
      samples: samples(factor),
    });
    const duration = 'istio_request_duration_milliseconds';
    return [
      metric('istio_requests_total', 1),
      metric(`${duration}_sum`, seconds * 1000),
      metric(`${duration}_count`, 1),
      ...[...boundsMs, Number.POSITIVE_INFINITY].map((bound) =>
        metric(`${duration}_bucket`, bound >= seconds * 1000 ? 1 : 0, { le: Number.isFinite(bound) ? String(bound) : '+Inf' }),
      ),
    ];
  });
};
