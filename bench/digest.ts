import { httpSource } from '../src/adapters/http/client.ts';
import { prometheus } from '../src/adapters/prometheus/metrics-source.ts';
import { istio } from '../src/dialects/istio.ts';
import type { DayRows } from '../src/domain/slo/reading.ts';
import type { Slo } from '../src/domain/slo.ts';
import type { MetricsSource, SloDays } from '../src/ports.ts';
import { readSlos } from '../src/read-slos.ts';
import { peakOf, remembered } from './support/asked.ts';
import { type Mesh, type Month, openMonth, slosOf } from './support/slo-month.ts';
import { rawQueries, slothRules, slothSeries } from './support/slo-rivals.ts';
import { type Program, table } from './support/table.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** What is asked of a Prometheus at a time, as the bot does. */
const concurrency = 4;
const patienceMs = 3_600_000;
/** How often a day rules are evaluated: Sloth's at Prometheus' pace of a minute, Pyrra's of such a window every 150 s (pyrra-dev/pyrra, slo/rules.go). */
const aDay = { sloth: 1440, pyrra: 576 } as const;

/** Finished days as the store keeps them. */
const keptDays = (): SloDays => {
  const kept = new Map<string, DayRows>();
  const keyOf = (cluster: string, promql: string, day: number): string => JSON.stringify([cluster, promql, day]);
  return {
    known: async (cluster, promql, days) => days.flatMap((day) => kept.get(keyOf(cluster, promql, day)) ?? []),
    keep: async (cluster, promql, rows) => void kept.set(keyOf(cluster, promql, rows.day), rows),
  };
};

type Cost = {
  readonly what: string;
  readonly seconds: number;
  readonly calls: number;
  readonly samples: number;
  readonly peak: number;
};

type Measured = {
  readonly month: Month;
  readonly source: MetricsSource;
  readonly delayMs: number;
  readonly say: (text: string) => void;
};

const cost = async (
  { month, source, delayMs, say }: Measured,
  what: string,
  work: (metrics: MetricsSource) => Promise<unknown>,
): Promise<Cost> => {
  const { metrics, calls } = remembered(source, delayMs);
  const startedMs = performance.now();
  await work(metrics);
  const seconds = (performance.now() - startedMs) / 1000;
  const samples = calls.reduce((sum, call) => sum + call.samples, 0);
  say(`digest: ${what} (${seconds.toFixed(1)} s, ${samples} samples)`);
  return { what, seconds, calls: calls.length, samples, peak: await peakOf(month.url, calls) };
};

const ours =
  (slos: readonly Slo[], many: number, days: SloDays, atMs: number) =>
  async (metrics: MetricsSource): Promise<void> => {
    const cluster = { name: 'bench', dialect: istio, metrics, rules: null, deadlineMs: 60_000 };
    const { readings } = await readSlos({ days }, cluster, slos, atMs, patienceMs);
    const judged = readings.filter(({ whole, coverage, gaps }) => whole !== null && coverage > 0.99 && gaps.length === 0);
    if (judged.length !== many) throw new Error(`${judged.length} of ${many} objectives were read whole: that proves nothing`);
  };

/** One after the other, the questions of one objective side by side. */
const asked =
  (slos: readonly Slo[], questions: (slo: Slo) => readonly string[], atMs: number) =>
  async (metrics: MetricsSource): Promise<void> => {
    for (const slo of slos)
      await Promise.all(
        questions(slo).map((promql) => metrics.instant(promql, atMs, { signal: AbortSignal.timeout(patienceMs) })),
      );
  };

const measured = async (to: Measured, slos: readonly Slo[], atMs: number): Promise<readonly Cost[]> => {
  const days = keptDays();
  const many = slos.length;
  const first = await cost(to, 'ours, the first ever', ours(slos, many, days, atMs - dayMs));
  const next = await cost(to, 'ours, the next morning', ours(slos, many, days, atMs));
  const again = await cost(to, 'ours, at once again', ours(slos, many, days, atMs));
  const raw = await cost(to, 'raw `increase[30d]`, bad and total', asked(slos, rawQueries, atMs));
  to.say('digest: writing what Sloth records');
  await to.month.record(slos.flatMap(slothSeries));
  const recorded = await cost(to, "ours, of Sloth's recorded series", ours([], many, days, atMs));
  const rules = await cost(to, "Sloth's recording rules, evaluated once", asked(slos, slothRules, atMs));
  return [first, next, again, raw, recorded, rules];
};

const grouped = (value: number): string => String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',');
const times = (value: number): string => `${value.toFixed(value < 10 ? 2 : 0)} ×`;

export const digest: Program = {
  name: 'digest',
  says: 'what a 30 day digest of objectives costs a Prometheus, against one question over the whole window and against recording rules',
  run: async ({ number, say }) => {
    const endMs = Math.floor(Date.now() / hourMs) * hourMs;
    const mesh: Mesh = {
      ...{ services: number('services', 25), pods: number('pods', 3), callers: number('callers', 3) },
      ...{ scrapeSeconds: number('scrape', 60), days: 32, endMs },
    };
    say('digest: writing 32 days of a mesh for a real Prometheus (some minutes)');
    const month = await openMonth(mesh);
    const http = httpSource({ name: 'Prometheus', url: month.url });
    try {
      const options = { pinned: [], concurrency, maxSeries: 50_000, queryTimeoutSeconds: 600, onQuery: () => undefined };
      const slos = slosOf(mesh);
      // Not at a full hour: what is left of the hours at both ends is asked for too.
      const costs = await measured(
        { month, source: prometheus(http, options), delayMs: number('delay', 0), say },
        slos,
        endMs - 40 * 60_000,
      );
      const [first, next, , raw, , rules] = costs;
      if (!first || !next || !raw || !rules) throw new Error('not everything was measured');
      const ratio = (a: number, b: number): string => times(a / b);
      return {
        figures: [
          { what: 'samples of the first ever ÷ raw', seen: ratio(first.samples, raw.samples) },
          { what: 'samples of the next morning ÷ raw', seen: ratio(next.samples, raw.samples) },
          { what: 'seconds of the first ever ÷ raw', seen: ratio(first.seconds, raw.seconds) },
          { what: 'seconds of the next morning ÷ raw', seen: ratio(next.seconds, raw.seconds) },
          { what: "a day of Sloth's rules ÷ a morning of ours, samples", seen: ratio(rules.samples * aDay.sloth, next.samples) },
          {
            what: "a day of Pyrra's increase rules ÷ a morning of ours, samples",
            seen: ratio(raw.samples * aDay.pyrra, next.samples),
          },
        ],
        notes: [
          `${slos.length} objectives (an availability and a latency each) of ${mesh.services} services, each ${mesh.pods} pods × ${mesh.callers} callers × 3 endings; ${grouped(month.series)} series, scraped every ${mesh.scrapeSeconds} s.`,
          table(
            ['', 'seconds', 'PromQL calls', 'samples read', 'held at once by the dearest call'],
            costs.map(({ what, seconds, calls, samples, peak }) => [
              what,
              seconds.toFixed(1),
              grouped(calls),
              grouped(samples),
              grouped(peak),
            ]),
          ),
        ],
      };
    } finally {
      await http.close();
      await month.stop();
    }
  },
};
