import { describe, expect, it } from 'vitest';
import { scenarios } from '../../src/demo/mesh/faults.ts';
import { type Series, startMesh } from '../../src/demo/mesh/simulate.ts';

const startMs = Date.parse('2026-11-24T07:00:00Z');

/** An hour of the mesh in steps of a scrape, the second half of it broken. */
const hourOf = (scenario: string) => {
  const mesh = startMesh(startMs);
  const effects = scenarios.find(({ name }) => name === scenario)?.effects ?? [];
  for (let seconds = 5; seconds <= 3600; seconds += 5) mesh.advance(startMs + seconds * 1000, seconds > 1800 ? effects : []);
  return mesh.series();
};

const edgeOf = ({ labels }: Series): string =>
  `${labels['source_workload']} → ${labels['destination_service_name']} ${labels['destination_version']}`;
const sumOf = (series: readonly Series[], reporter: string, figure: (one: Series) => number): ReadonlyMap<string, number> => {
  const sums = new Map<string, number>();
  for (const one of series.filter(({ labels }) => labels['reporter'] === reporter))
    sums.set(edgeOf(one), (sums.get(edgeOf(one)) ?? 0) + figure(one));
  return sums;
};

describe('the simulated mesh', () => {
  it.each(scenarios.map(({ name }) => name))(
    '%s: no callee has worked longer on the same requests than its caller has waited',
    (name) => {
      const series = hourOf(name);
      const buckets = series[0]?.buckets.length ?? 0;
      expect(buckets).toBeGreaterThan(10);
      for (let bucket = 0; bucket < buckets; bucket += 1) {
        const [caller, callee] = ['source', 'destination'].map((reporter) =>
          sumOf(series, reporter, (one) => one.buckets[bucket] ?? 0),
        );
        for (const [edge, fast] of callee ?? [])
          expect(fast, `${edge} in bucket ${bucket}`).toBeGreaterThanOrEqual(caller?.get(edge) ?? 0);
      }
    },
  );

  it('counts each request once at either end, and at the caller alone where it never arrived', () => {
    const series = hourOf('connection-refused');
    const [caller, callee] = ['source', 'destination'].map((reporter) => sumOf(series, reporter, ({ requests }) => requests));
    for (const [edge, arrived] of callee ?? []) expect(caller?.get(edge), edge).toBe(arrived);
    const lost = [...(caller ?? [])].filter(([edge]) => !callee?.has(edge));
    expect(lost.map(([edge]) => edge)).toEqual(['checkout → payments unknown']);
  });
});
