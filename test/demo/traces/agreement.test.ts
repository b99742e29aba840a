import { describe, expect, it } from 'vitest';
import { boundsMs, type Series } from '../../../src/demo/mesh/counters.ts';
import { scenarios } from '../../../src/demo/mesh/faults.ts';
import type { ZipkinSpan } from '../../../src/demo/traces/zipkin-span.ts';
import { shopWith } from './shop.ts';

/** What one end of an edge saw: how many ended in which way, and how many within each bound. */
type Tally = { count: number; failed: number; readonly ends: Map<string, number>; readonly below: number[] };

const tallies = () => {
  const all = new Map<string, Tally>();
  return {
    all,
    of: (end: string): Tally => {
      const known = all.get(end) ?? { count: 0, failed: 0, ends: new Map<string, number>(), below: boundsMs.map(() => 0) };
      all.set(end, known);
      return known;
    },
  };
};

const add = (tally: Tally, how: { code: string; flags: string; count: number; below: readonly number[] }): void => {
  tally.count += how.count;
  tally.failed += how.code.startsWith('5') ? how.count : 0;
  const key = `${how.code} ${how.flags}`;
  tally.ends.set(key, (tally.ends.get(key) ?? 0) + how.count);
  for (const [index, count] of how.below.entries()) tally.below[index] = (tally.below[index] ?? 0) + count;
};

const counted = (series: readonly Series[]) => {
  const { all, of } = tallies();
  for (const { labels, requests, buckets } of series) {
    const edge = `${labels['source_workload']} → ${labels['destination_service_name']}`;
    add(of(`${edge} ${labels['reporter']}`), {
      code: labels['response_code'] ?? '',
      flags: labels['response_flags'] ?? '',
      count: requests,
      below: buckets,
    });
  }
  return all;
};

const nameOf = (service: string | undefined): string => (service ?? '').split('.')[0] ?? '';

const tracedAs = (traces: readonly (readonly ZipkinSpan[])[]) => {
  const { all, of } = tallies();
  for (const spans of traces) {
    const byId = new Map(spans.map((span) => [span.id, span]));
    for (const { kind, name, localEndpoint, parentId, duration = 0, tags = {} } of spans) {
      const client = kind === 'CLIENT' ? localEndpoint : byId.get(parentId ?? '')?.localEndpoint;
      const edge = `${nameOf(client?.serviceName)} → ${nameOf(name)}`;
      add(of(`${edge} ${kind === 'CLIENT' ? 'source' : 'destination'}`), {
        code: tags['http.status_code'] ?? '',
        flags: tags['response_flags'] ?? '',
        count: 1,
        // Spans are of whole microseconds.
        below: boundsMs.map((bound) => (duration <= bound * 1000 ? 1 : 0)),
      });
    }
  }
  return all;
};

describe('traces of the simulated mesh', () => {
  it.each(['healthy', ...scenarios.map(({ name }) => name)])(
    '%s: where every request is traced, spans and counters tell of the same requests at either end',
    (scenario) => {
      const { series, traces } = shopWith(scenario, 30, 1);
      const [metrics, spans] = [counted(series), tracedAs(traces)];
      expect([...spans.keys()].sort()).toEqual([...metrics.keys()].sort());
      expect(metrics.size).toBeGreaterThan(28);
      for (const [end, { ends, below }] of metrics) {
        expect(spans.get(end)?.ends, end).toEqual(ends);
        for (const [index, count] of below.entries())
          expect(Math.abs((spans.get(end)?.below[index] ?? 0) - count), `${end} up to ${boundsMs[index]} ms`).toBeLessThanOrEqual(
            1,
          );
      }
    },
  );

  it.each(['healthy', 'slow-dependency', 'app-errors'])(
    '%s: of a tenth, the number of traces, the share that failed and every quantile agree with the metrics within chance',
    (scenario) => {
      const share = 0.1;
      const { series, traces } = shopWith(scenario, 900, share);
      const [metrics, spans] = [counted(series), tracedAs(traces)];
      /** Four and a half standard deviations: once in 150,000. */
      const chance = (p: number, n: number): number => 4.5 * Math.sqrt((p * (1 - p)) / n) + 1 / n;
      for (const [end, { count, failed, below }] of metrics) {
        const sample = spans.get(end);
        if (sample === undefined) throw new Error(`${end} was not traced`);
        expect(Math.abs(sample.count / count - share), `${end}: traces of requests`).toBeLessThan(chance(share, count));
        expect(Math.abs(sample.failed / sample.count - failed / count), `${end}: failed`).toBeLessThan(
          chance(failed / count, sample.count),
        );
        for (const [index, faster] of below.entries())
          expect(
            Math.abs((sample.below[index] ?? 0) / sample.count - faster / count),
            `${end}: up to ${boundsMs[index]} ms`,
          ).toBeLessThan(chance(faster / count, sample.count));
      }
    },
  );
});
