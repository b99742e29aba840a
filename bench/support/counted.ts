import type { Answer, MetricsSource } from '../../src/ports.ts';

/** What one triage asked of its metrics source. */
export type Cost = { calls: number; samples: number; waves: number };

/** The source, and what was asked of it: a call begins a new wave when it began after a call of the wave before had ended. */
export const counted = (metrics: MetricsSource): { readonly metrics: MetricsSource; readonly cost: Cost } => {
  const cost: Cost = { calls: 0, samples: 0, waves: 0 };
  let deepestEnded = 0;
  const count = async <T>(ask: () => Promise<Answer<T>>): Promise<Answer<T>> => {
    const wave = deepestEnded + 1;
    cost.calls += 1;
    cost.waves = Math.max(cost.waves, wave);
    try {
      const answer = await ask();
      cost.samples += answer.samplesRead ?? Number.NaN;
      return answer;
    } finally {
      deepestEnded = Math.max(deepestEnded, wave);
    }
  };
  return {
    cost,
    metrics: {
      name: metrics.name,
      instant: (promql, atMs, ask) => count(() => metrics.instant(promql, atMs, ask)),
      range: (promql, range, ask) => count(() => metrics.range(promql, range, ask)),
    },
  };
};
