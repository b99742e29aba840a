import { istio } from '../../src/dialects/istio.ts';
import { labelsOf } from '../../src/domain/alert.ts';
import { SourceError } from '../../src/domain/gathered.ts';
import type { MetricsSource } from '../../src/ports.ts';

type Series = Readonly<Record<string, string>> & { readonly __name__: string };

/** Requests of one edge by response code, as the caller's proxies count them, and their durations. */
export const call = (
  from: string,
  to: string,
  requests: Readonly<Record<string, number>>,
  more: Readonly<Record<string, string>> = {},
) => {
  const [namespace = 'shop', callee = ''] = to.includes('/') ? to.split('/') : ['shop', to];
  const labels = {
    reporter: 'source',
    source_workload: from,
    source_workload_namespace: 'shop',
    destination_service_name: callee,
    destination_service_namespace: namespace,
    destination_workload: `${callee}-v1`,
    ...more,
  };
  const total = Object.values(requests).reduce((sum, value) => sum + value, 0);
  return [
    ...Object.entries(requests).map(([code, value]) => ({
      series: { __name__: istio.metrics.requests, response_code: code, response_flags: '-', ...labels },
      value,
    })),
    ...[
      ['100', 0.9 * total],
      ['1000', total],
      ['+Inf', total],
    ].map(([le, value]) => ({
      series: { __name__: istio.metrics.durationBucket, le: String(le), ...labels },
      value: Number(value),
    })),
  ];
};

type Row = { readonly series: Series; readonly value: number };

const selected = (promql: string, rows: readonly Row[]) => {
  const found = new Map<string, Row>();
  for (const [, metric, inner = ''] of promql.matchAll(/([a-z_]+)\{([^}]*)\}\[/g)) {
    const wanted = [...inner.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value] as const);
    for (const row of rows)
      if (row.series.__name__ === metric && wanted.every(([name, text]) => row.series[name] === text))
        found.set(JSON.stringify(row.series), row);
  }
  return [...found.values()].map(({ series, value }) => ({ labels: labelsOf(Object.entries(series)), value }));
};

/** Answers a selection as an engine does that holds these increases, at every moment: by name and equal labels, no more of PromQL. */
export const holding = (rows: readonly Row[]): MetricsSource => ({
  name: 'Prometheus',
  instant: async (promql, atMs) => {
    const value = selected(promql, rows).map(({ labels, value: increase }) => ({ labels, value: increase, atMs }));
    return { value, warnings: [], samplesRead: value.length };
  },
  range: async (promql, { startMs, endMs, stepSeconds }) => {
    const times = Array.from(
      { length: Math.floor((endMs - startMs) / (stepSeconds * 1000)) + 1 },
      (_, n) => startMs + n * stepSeconds * 1000,
    );
    const value = selected(promql, rows).map(({ labels, value: increase }) => ({
      labels,
      points: times.map((atMs) => [atMs, increase] as const),
    }));
    return { value, warnings: [], samplesRead: value.length };
  },
});

/** A source that nobody reaches. */
export const down: MetricsSource = {
  name: 'Prometheus',
  instant: async () => {
    throw new SourceError('Prometheus', 'unreachable', 'refused the connection');
  },
  range: async () => {
    throw new SourceError('Prometheus', 'unreachable', 'refused the connection');
  },
};
