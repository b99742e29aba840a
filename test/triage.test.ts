import { describe, expect, it } from 'vitest';
import { istio } from '../src/dialects/istio.ts';
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
