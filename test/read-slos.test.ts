import { describe, expect, it } from 'vitest';
import { istio } from '../src/dialects/istio.ts';
import { labelsOf } from '../src/domain/alert.ts';
import { SourceError } from '../src/domain/gathered.ts';
import { partsOf, tagOf } from '../src/domain/promql/union.ts';
import { standingOf } from '../src/domain/slo/standing.ts';
import { type Slo, windowMark } from '../src/domain/slo.ts';
import type { Cluster } from '../src/inquiry.ts';
import type { Ask, MetricsSource } from '../src/ports.ts';
import type { SloWorld } from '../src/read-slo.ts';
import { readSlos } from '../src/read-slos.ts';

const atMs = 1_700_000_000_000;
const world: SloWorld = { days: { known: async () => [], keep: async () => undefined } };
const slo = (name: string, more: Partial<Slo> = {}): Slo => ({
  name,
  about: { kind: 'named', service: name },
  sli: { kind: 'ratio-query', errorRatio: `bad:ratio[${windowMark}]` },
  objectivePpm: 999_000,
  window: { kind: 'rolling', days: 30 },
  ...{ cluster: null, owner: null, channel: null, origin: { format: 'Sloth', file: 'slo.yaml' } },
  ...more,
});

type Answering = (
  promql: string,
  ask: Ask,
) => Promise<readonly { readonly labels: Record<string, string>; readonly value: number }[]>;
/** A source in which no rules record anything; `answer` hears every other question. */
const sourceOf = (answer: Answering) => {
  const heard: string[] = [];
  const metrics: MetricsSource = {
    name: 'Prometheus',
    instant: async (promql, moment, ask) => {
      const isDiscovery = promql.includes('__name__');
      if (!isDiscovery) heard.push(promql);
      const rows = isDiscovery ? [] : await answer(promql, ask);
      const value = rows.map(({ labels, value: one }) => ({
        labels: labelsOf(Object.entries(labels)),
        value: one,
        atMs: moment,
      }));
      return { value, warnings: [], samplesRead: null };
    },
    range: async () => ({ value: [], warnings: [], samplesRead: null }),
  };
  const cluster: Cluster = { name: 'prod', dialect: istio, metrics, rules: null, deadlineMs: 2000 };
  return { cluster, heard };
};
const fails = (reason: 'unreachable' | 'too-expensive', detail: string) => async (): Promise<never> => {
  throw new SourceError('Prometheus', reason, detail);
};
/** Every part of the question answered by the same share; looks of a window that are all there. */
const shares =
  (share: number): Answering =>
  async (promql) =>
    partsOf(promql).map((part) => ({ labels: { edgewise: tagOf(part) ?? '' }, value: tagOf(part) === 'seen' ? 1 : share }));

describe('Objectives of one source, two at a time', () => {
  it('are told with the reason where the source failed for two in a row, and the rest is not asked', async () => {
    const { cluster, heard } = sourceOf(fails('unreachable', 'refused the connection'));
    const { readings, missing } = await readSlos(
      world,
      cluster,
      ['a', 'b', 'c', 'd'].map((name) => slo(name)),
      atMs,
      5000,
    );
    expect(missing).toEqual(['a', 'b', 'c', 'd']);
    expect(heard.length).toBe(4);
    expect(readings.map(({ gaps }) => gaps[0]?.detail)).toEqual([
      'refused the connection',
      'refused the connection',
      'was not asked: it failed for 2 objectives in a row (refused the connection)',
      'was not asked: it failed for 2 objectives in a row (refused the connection)',
    ]);
    expect(readings.map((reading) => standingOf(reading).state)).toEqual(Array(4).fill('insufficient-data'));
  });

  it('are asked on after one that is too dear: the source is well', async () => {
    const { cluster, heard } = sourceOf(fails('too-expensive', 'refused an expensive query'));
    const { missing } = await readSlos(
      world,
      cluster,
      ['a', 'b', 'c'].map((name) => slo(name)),
      atMs,
      5000,
    );
    expect(heard.length).toBe(6);
    expect(missing.length).toBe(3);
  });

  it('are asked on after a failure between two answers', async () => {
    const { cluster } = sourceOf((promql, ask) =>
      promql.includes('broken') ? fails('unreachable', 'went away')() : shares(0.0004)(promql, ask),
    );
    const broken = (name: string) => slo(name, { sli: { kind: 'ratio-query', errorRatio: 'broken' } });
    const order = [broken('a'), slo('b'), broken('c'), slo('d')];
    const { readings, missing } = await readSlos(world, cluster, order, atMs, 5000);
    expect(missing).toEqual(['a', 'c']);
    expect(readings.map(({ whole }) => whole?.ratio ?? null)).toEqual([null, 0.0004, null, 0.0004]);
  });

  it('are told as far as they were read when the patience for all of them is over', async () => {
    const { cluster, heard } = sourceOf(async (promql, ask) => {
      if (!promql.includes('slow')) return shares(0.0004)(promql, ask);
      return new Promise((_, reject) => ask.signal.addEventListener('abort', () => reject(new Error('gone')), { once: true }));
    });
    const order = [slo('a'), slo('b', { sli: { kind: 'ratio-query', errorRatio: 'slow' } }), slo('c')];
    const { readings, missing } = await readSlos(world, cluster, order, atMs, 400);
    expect(missing).toEqual(['b', 'c']);
    expect(readings[0]?.whole?.ratio).toBe(0.0004);
    expect(readings[1]?.gaps[0]?.reason).toBe('timeout');
    expect(readings[2]?.gaps[0]?.detail).toBe('was not asked: the 0.4 s for all objectives were over');
    expect(heard.some((promql) => promql.includes('bad:ratio[2592000s]'))).toBe(true);
    expect(heard.length).toBe(4);
  });
});

describe('Objectives that rules record', () => {
  const name = (metric: string, more: Record<string, string>) => ({ __name__: metric, ...more });
  const pay = { slo: 'pay' };
  const recorded: Answering = async (promql) =>
    promql.includes('pyrra_objective')
      ? [
          { labels: name('pyrra_objective', { ...pay, team: 'payments' }), value: 0.99 },
          { labels: name('pyrra_window', pay), value: 1_209_600 },
          { labels: name('pyrra_availability', pay), value: 0.995 },
          { labels: name('requests:burnrate1h', pay), value: 0.02 },
        ]
      : promql.includes('pyrra_requests:rate5m')
        ? [{ labels: { ...pay, edgewise: 'slots' }, value: 4000 }]
        : [];
  const cluster = (recording: () => Promise<never>): Cluster => ({
    ...sourceOf(recorded).cluster,
    metrics: {
      name: 'Prometheus',
      instant: async (promql, moment, ask) => ({
        value: (await recorded(promql, ask)).map(({ labels, value }) => ({
          labels: labelsOf(Object.entries(labels)),
          value,
          atMs: moment,
        })),
        warnings: [],
        samplesRead: null,
      }),
      range: async () => ({ value: [], warnings: [], samplesRead: null }),
    },
    rules: { name: 'Alert rules', recording, alerting: recording },
  });

  it('are found without a file and without their rules, and the figures do not say then what weighs in them', async () => {
    const { readings, gaps } = await readSlos(world, cluster(fails('unreachable', 'refused the connection')), [], atMs, 5000);
    const [reading] = readings;
    expect(reading?.slo).toMatchObject({
      name: 'pay',
      objectivePpm: 990_000,
      window: { kind: 'rolling', days: 14 },
      owner: 'payments',
    });
    expect(reading?.whole?.ratio).toBeCloseTo(0.005, 9);
    expect(reading?.method).toEqual({ kind: 'recorded', by: 'Pyrra', weighs: 'not-known' });
    expect(reading?.coverage).toBeCloseTo(4000 / 4032, 9);
    expect(reading?.burnt.get(3600)?.ratio).toBe(0.02);
    expect(reading && standingOf(reading).left).toBeCloseTo(0.5, 9);
    expect(gaps).toMatchObject([{ what: 'recording rules', reason: 'unreachable', detail: 'refused the connection' }]);
  });

  it('are not judged where nobody answers for how much of their period was recorded', async () => {
    const source = cluster(fails('unreachable', 'refused the connection'));
    const instant: MetricsSource['instant'] = (promql, moment, ask) =>
      promql.includes('pyrra_objective')
        ? source.metrics.instant(promql, moment, ask)
        : fails('too-expensive', 'refused an expensive query')();
    const { readings } = await readSlos(world, { ...source, metrics: { ...source.metrics, instant } }, [], atMs, 5000);
    expect(readings[0]?.whole?.ratio).toBeCloseTo(0.005, 9);
    expect(readings[0]?.gaps[0]?.reason).toBe('too-expensive');
    expect(readings[0] && standingOf(readings[0]).state).toBe('insufficient-data');
  });

  it('are read of no rules where no tool records anything', async () => {
    let asked = 0;
    const { cluster: empty } = sourceOf(async () => []);
    const recording = async () => {
      asked += 1;
      return [];
    };
    const { readings } = await readSlos(
      world,
      { ...empty, rules: { name: 'r', recording, alerting: recording } },
      [],
      atMs,
      5000,
    );
    expect(readings).toEqual([]);
    expect(asked).toBe(0);
  });
});

describe('A ratio without its events', () => {
  it('is judged by its share and says that it was asked', async () => {
    const { cluster } = sourceOf(shares(0.0004));
    const { readings } = await readSlos(world, cluster, [slo('a')], atMs, 5000);
    expect(readings[0]?.method).toEqual({ kind: 'asked', weighs: 'not-known' });
    expect(readings[0] && standingOf(readings[0]).state).toBe('healthy');
    expect(readings[0] && standingOf(readings[0]).badLeft).toBeNull();
  });

  it('is not judged where its query leaves several shares', async () => {
    const { cluster } = sourceOf(async (promql, ask) => [
      ...(await shares(0.1)(promql, ask)).map(({ labels, value }) => ({ labels: { ...labels, host: 'a' }, value })),
      ...(await shares(0.2)(promql, ask)).map(({ labels, value }) => ({ labels: { ...labels, host: 'b' }, value })),
    ]);
    const { readings } = await readSlos(world, cluster, [slo('a')], atMs, 5000);
    expect(readings[0]?.whole).toBeNull();
    expect(readings[0]?.gaps[0]?.detail).toBe('answered with 2 shares, one is expected: its query has to leave none of several');
  });

  it('that takes no window is a mean over time', async () => {
    const { cluster, heard } = sourceOf(shares(0.5));
    const { readings } = await readSlos(
      world,
      cluster,
      [slo('a', { sli: { kind: 'ratio-query', errorRatio: 'own:share' } })],
      atMs,
      5000,
    );
    expect(readings[0]?.method).toEqual({ kind: 'asked', weighs: 'time' });
    expect(heard[0]).toContain('avg_over_time(((own:share) < +Inf)[2592000s:300s])');
  });
});
