import { describe, expect, it } from 'vitest';
import { istio } from '../src/dialects/istio.ts';
import type { BurnWindow } from '../src/domain/slo/reading.ts';
import { spentBy } from '../src/domain/slo/spenders.ts';
import { standingOf } from '../src/domain/slo/standing.ts';
import type { Slo } from '../src/domain/slo.ts';
import { countSlo } from '../src/read-slo.ts';
import { engineFor } from './support/engine.ts';
import { random } from './support/random.ts';
import { seededPrometheus } from './support/seeded-prometheus.ts';
import { type Happened, happenedIn, seededCounter } from './support/seeded-slo.ts';

const minutes = 9 * 1440;
const window = 7 * 1440;
const slo: Slo = {
  ...{ name: 'pay', about: { kind: 'service', callee: { namespace: 'shop', workload: null, service: 'pay' } } },
  sli: { kind: 'availability', bad: 'failed', reporter: 'destination' },
  ...{ objectivePpm: 995_000, window: { kind: 'rolling', days: 7 }, cluster: null, owner: null, channel: null },
  origin: { format: 'Edgewise', file: 'slos.yaml' },
};

/** How requests end, whether that is bad, and how many a minute a pod sees of one caller. */
const endings = [
  { code: '200', flags: '-', isBad: false, perMinute: 30 },
  { code: '503', flags: 'UF', isBad: true, perMinute: 0.02 },
  { code: '500', flags: '-', isBad: true, perMinute: 0.05 },
  { code: '404', flags: '-', isBad: false, perMinute: 0.3 },
  { code: '0', flags: 'DC', isBad: false, perMinute: 0.1 },
] as const;

type Counted = { readonly labels: Readonly<Record<string, string>>; readonly isBad: boolean; readonly happened: Happened };

/** Rare events by chance, and now and then 40 minutes of trouble. */
const happens = (perMinute: number, isBad: boolean, bornAt: number, uniform: () => number): Happened => {
  const trouble = isBad && uniform() < 0.4 ? Math.floor(uniform() * minutes) : Number.POSITIVE_INFINITY;
  const counts = Array.from({ length: minutes + 1 }, (_, minute) => {
    if (minute < bornAt) return 0;
    const chance = uniform() < perMinute % 1 ? 1 : 0;
    return Math.floor(perMinute) + chance + (minute > trouble && minute <= trouble + 40 ? 5 : 0);
  });
  return (minute) => counts[minute] ?? 0;
};

/** Three pods that start anew at random, the last of them a new version that comes late; two callers. */
const historyOf = (uniform: () => number, fromMs: number) => {
  const counted: Counted[] = [];
  const series = ['v1', 'v1', 'v2'].flatMap((version, pod) => {
    const bornAt = version === 'v2' ? Math.floor(uniform() * minutes * 0.8) : 0;
    const resets = [0, 0, 0].map(() => Math.floor(uniform() * minutes));
    return ['web', 'batch'].flatMap((caller) =>
      endings.map(({ code, flags, isBad, perMinute }) => {
        const labels = {
          ...{ reporter: 'destination', source_workload: caller, source_workload_namespace: 'shop', pod: `pay-${pod}` },
          ...{ destination_service_name: 'pay', destination_service_namespace: 'shop', destination_version: version },
          ...{ request_protocol: 'http', response_code: code, response_flags: flags },
        };
        const happened = happens(perMinute, isBad, bornAt, uniform);
        counted.push({ labels, isBad, happened });
        const born = code === '200' ? { bornAt } : {};
        return seededCounter({ metric: 'istio_requests_total', labels, happened, resets, ...born }, { fromMs, minutes });
      }),
    );
  });
  return { counted, series };
};

const { path, skipped } = await engineFor('prometheus');

describe.skipIf(path === '')(`Histories that chance wrote, in a real Prometheus${skipped}`, () => {
  it.each([1, 2, 3])(
    'are counted as they happened, to a hundredth of what is rare: history %i',
    async (seed) => {
      const { uniform } = random(seed);
      // A moment that is no whole minute.
      const atMs = Math.floor(Date.now() / 3_600_000) * 3_600_000 - Math.floor(uniform() * 3_000_000) - 600_000;
      const { counted, series } = historyOf(uniform, atMs - minutes * 60_000);
      const happened = (within: number, of: (one: Counted) => boolean): number =>
        counted.filter(of).reduce((sum, one) => sum + happenedIn(one.happened, minutes - within, minutes), 0);
      const isBad = (one: Counted): boolean => one.isBad;
      const seeded = await seededPrometheus(path, series);
      try {
        const cluster = { name: 'prod', dialect: istio, metrics: seeded.metrics, rules: null, deadlineMs: 20_000 };
        const reading = await countSlo({ days: { known: async () => [], keep: async () => undefined } }, cluster, slo, atMs);
        const [total, bad] = [happened(window, () => true), happened(window, isBad)];
        expect(reading.gaps).toEqual([]);
        expect((reading.whole?.events?.total ?? 0) / total).toBeCloseTo(1, 3);
        expect((reading.whole?.events?.bad ?? 0) / bad).toBeCloseTo(1, 1.7);
        expect(standingOf(reading).left).toBeCloseTo(1 - bad / total / 0.005, 1.7);
        for (const seconds of [3600, 21_600, 86_400, 259_200] satisfies readonly BurnWindow[]) {
          const events = reading.burnt.get(seconds)?.events;
          expect((events?.total ?? 0) / happened(seconds / 60, () => true)).toBeCloseTo(1, 2);
          expect(Math.abs((events?.bad ?? 0) - happened(seconds / 60, isBad))).toBeLessThan(3 + 0.02 * bad);
        }
        const named = { caller: 'source_workload', version: 'destination_version' } as const;
        for (const dimension of ['caller', 'version'] as const)
          for (const { name, share } of spentBy(reading, dimension))
            expect(share, name).toBeCloseTo(
              happened(window, (one) => one.isBad && one.labels[named[dimension]] === name) / bad,
              1.7,
            );
      } finally {
        await seeded.stop();
      }
    },
    120_000,
  );
});
