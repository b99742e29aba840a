import { describe, expect, it } from 'vitest';
import { istio } from '../src/dialects/istio.ts';
import { labelsOf } from '../src/domain/alert.ts';
import { SourceError } from '../src/domain/gathered.ts';
import type { MetricsSource } from '../src/ports.ts';
import { diagnose } from '../src/stages/diagnose/index.ts';
import { askedFor, measure } from '../src/triage.ts';
import { down } from './support/metrics.ts';
import { edgeNamed, nowMs } from './support/report.ts';

const counting = (metrics: MetricsSource) => {
  const asked: string[] = [];
  const source: MetricsSource = {
    name: metrics.name,
    instant: (promql, atMs, ask) => {
      asked.push(promql);
      return metrics.instant(promql, atMs, ask);
    },
    range: (promql, range, ask) => {
      asked.push(promql);
      return metrics.range(promql, range, ask);
    },
  };
  return { source, asked };
};

describe('a source that does not answer the first wave', () => {
  it('is not asked the second, and the summary says why there are no figures', async () => {
    const { source, asked } = counting(down);
    const cluster = { name: 'prod', dialect: istio, metrics: source, rules: null, deadlineMs: 1000 };
    const evidence = await measure(cluster, askedFor(edgeNamed()), [], nowMs);
    expect(asked.length).toBeLessThanOrEqual(3);
    const { verdict, summary } = diagnose(evidence);
    expect(verdict).toBeNull();
    expect(summary).toMatch(/^No figures for checkout → payments: /);
  });
});

/** Twelve requests in the window, and none of them elsewhere; windows wider than `widest` are not answered. */
const few = (widest: number): MetricsSource => ({
  name: 'Prometheus',
  instant: () => Promise.resolve({ value: [], warnings: [], samplesRead: null }),
  range: (_, { endMs, stepSeconds }) => {
    if (stepSeconds > widest) return Promise.reject(new SourceError('Prometheus', 'timeout', 'did not answer in 1.0 s'));
    const labels = labelsOf([
      ['reporter', 'source'],
      ['source_workload', 'checkout'],
      ['source_workload_namespace', 'shop'],
      ['destination_service_name', 'payments'],
      ['destination_service_namespace', 'shop'],
      ['destination_workload', 'payments-v1'],
      ['response_code', '200'],
      ['response_flags', '-'],
    ]);
    return Promise.resolve({ value: [{ labels, points: [[endMs, 12]] }], warnings: [], samplesRead: null });
  },
});

describe('an edge of few requests whose wider window is not answered', () => {
  it('keeps what the narrow one told, and names the wider one as a gap', async () => {
    const cluster = { name: 'prod', dialect: istio, metrics: few(300), rules: null, deadlineMs: 1000 };
    const { readings, window, gaps } = await measure(cluster, askedFor(edgeNamed()), [], nowMs);
    expect(readings.map(({ caller }) => caller?.counts.now.requests)).toEqual([12]);
    expect(window.endMs - window.startMs).toBe(300_000);
    expect(gaps.map(({ what }) => what)).toContain('golden signals over a wider window');
  });
});
