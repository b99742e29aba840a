import { readFileSync } from 'node:fs';
import type { MetricsSource } from '../../src/ports.ts';

type Dashboard = { readonly panels: readonly { readonly title: string; readonly queries: readonly string[] }[] };

const { panels } = JSON.parse(
  readFileSync(new URL('../data/istio-service-dashboard.json', import.meta.url), 'utf8'),
) as Dashboard;

/** Grafana's default scrape interval of a Prometheus data source, below which no panel's step goes. */
const stepSeconds = 15;
/**
 * `$__rate_interval` is the larger of step + scrape interval and four scrape intervals
 * (grafana.com/docs/grafana/latest/datasources/prometheus/template-variables).
 */
const rateInterval = `${Math.max(stepSeconds + 15, 4 * 15)}s`;

/** As the dashboard opens: reporter `destination`, every workload and namespace. */
const queriesFor = (service: string): readonly string[] =>
  panels
    .flatMap(({ queries }) => queries)
    .map((query) =>
      query
        .replaceAll('$__rate_interval', rateInterval)
        .replaceAll('$service', service)
        .replaceAll('$qrep', 'destination')
        .replace(/\$(srcwl|srcns|dstwl|dstns)/g, '.*'),
    );

/** Samples that Prometheus reads when the dashboard is opened once, all panels, without its variables' own queries. */
export const dashboardCost = async (
  metrics: MetricsSource,
  service: string,
  atMs: number,
  minutes: number,
): Promise<{ readonly calls: number; readonly samples: number }> => {
  const endMs = Math.floor(atMs / (stepSeconds * 1000)) * stepSeconds * 1000;
  const range = { startMs: endMs - minutes * 60_000, endMs, stepSeconds };
  const answers = await Promise.all(
    queriesFor(service).map((query) => metrics.range(query, range, { signal: AbortSignal.timeout(60_000) })),
  );
  return { calls: answers.length, samples: answers.reduce((sum, { samplesRead }) => sum + (samplesRead ?? Number.NaN), 0) };
};
