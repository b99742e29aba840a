import { describe, expect, it } from 'vitest';
import { boundsMs, type Series } from '../../src/demo/mesh/counters.ts';
import { scenarios } from '../../src/demo/mesh/faults.ts';
import { startMesh } from '../../src/demo/mesh/simulate.ts';

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

  it.each(['healthy', 'slow-dependency', 'timeout'])(
    '%s: is alike whether its requests are drawn one by one or counted as the many that they are',
    (scenario) => {
      const effects = scenarios.find(({ name }) => name === scenario)?.effects ?? [];
      const [many, single] = [Number.POSITIVE_INFINITY, startMs].map((singlyFromMs) => {
        const mesh = startMesh(startMs, { singlyFromMs });
        for (let seconds = 5; seconds <= 1200; seconds += 5) mesh.advance(startMs + seconds * 1000, effects);
        return mesh.series();
      });
      const figures = (figure: (one: Series) => number) => [many, single].map((series) => sumOf(series ?? [], 'source', figure));
      const [manyRequests, singleRequests] = figures(({ requests }) => requests);
      const [manyFailed, singleFailed] = figures(({ labels, requests }) =>
        labels['response_code']?.startsWith('5') ? requests : 0,
      );
      for (const [edge, requests] of singleRequests ?? []) {
        const others = manyRequests?.get(edge) ?? 0;
        // Both are chance, and so is the profile: five standard deviations of the sum.
        expect(Math.abs(requests - others), edge).toBeLessThan(5 * Math.sqrt(requests + others) + 0.03 * requests);
        const failed = [singleFailed?.get(edge) ?? 0, manyFailed?.get(edge) ?? 0] as const;
        expect(Math.abs(failed[0] - failed[1]), `${edge}, failed`).toBeLessThan(
          5 * Math.sqrt(failed[0] + failed[1] + 1) + 0.03 * failed[0],
        );
      }
      for (const [index, bound] of boundsMs.entries()) {
        const [manyBelow, singleBelow] = figures(({ buckets }) => buckets[index] ?? 0);
        for (const [edge, requests] of singleRequests ?? []) {
          const shares = [
            (singleBelow?.get(edge) ?? 0) / requests,
            (manyBelow?.get(edge) ?? 0) / (manyRequests?.get(edge) ?? 1),
          ] as const;
          expect(Math.abs(shares[0] - shares[1]), `${edge}, up to ${bound} ms`).toBeLessThan(0.03 + 1 / Math.sqrt(requests));
        }
      }
    },
  );
});
