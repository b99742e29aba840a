import { setTimeout as wait } from 'node:timers/promises';
import type { Ask, MetricsSource } from '../../src/ports.ts';

type Range = Parameters<MetricsSource['range']>[1];
type Call = { readonly promql: string; readonly at: number | Range; readonly samples: number };

/** The source, and every call to it; each waits so long first, as on a network. */
export const remembered = (
  metrics: MetricsSource,
  delayMs: number,
): { readonly metrics: MetricsSource; readonly calls: Call[] } => {
  const calls: Call[] = [];
  const keep = async <T extends { readonly samplesRead: number | null }>(
    promql: string,
    at: Call['at'],
    ask: () => Promise<T>,
  ): Promise<T> => {
    if (delayMs > 0) await wait(delayMs);
    const known = await ask();
    calls.push({ promql, at, samples: known.samplesRead ?? Number.NaN });
    return known;
  };
  return {
    calls,
    metrics: {
      name: metrics.name,
      instant: (promql: string, atMs: number, ask: Ask) => keep(promql, atMs, () => metrics.instant(promql, atMs, ask)),
      range: (promql: string, range: Range, ask: Ask) => keep(promql, range, () => metrics.range(promql, range, ask)),
    },
  };
};

const dearest = (calls: readonly Call[]): Call | undefined => [...calls].sort((a, b) => b.samples - a.samples)[0];

/** How many samples Prometheus held at once for the dearest of these calls: what `--query.max-samples` bounds. Asked once more for that. */
export const peakOf = async (url: string, calls: readonly Call[]): Promise<number> => {
  const call = dearest(calls);
  if (call === undefined) return 0;
  const { promql, at } = call;
  const [path, time] =
    typeof at === 'number'
      ? (['query', { time: String(at / 1000) }] as const)
      : ([
          'query_range',
          { start: String(at.startMs / 1000), end: String(at.endMs / 1000), step: String(at.stepSeconds) },
        ] as const);
  const body = new URLSearchParams({ query: promql, stats: 'all', ...time });
  const answer = (await (await fetch(`${url}/api/v1/${path}`, { method: 'POST', body })).json()) as {
    readonly data: { readonly stats: { readonly samples: { readonly peakSamples: number } } };
  };
  return answer.data.stats.samples.peakSamples;
};
