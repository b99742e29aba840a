import { describe, expect, it } from 'vitest';
import { istio } from '../../../src/dialects/istio.ts';
import { tagLabel } from '../../../src/domain/promql/union.ts';
import { planCounts } from '../../../src/stages/measure/count-plan.ts';
import { readCounts } from '../../../src/stages/measure/counts.ts';
import type { CountRow } from '../../../src/stages/measure/rows.ts';
import { planWindows } from '../../../src/stages/measure/windows.ts';
import { edgeNamed, nowMs } from '../../support/report.ts';

const plan = planWindows(nowMs, nowMs - 60_000, 60);

const row = (code: string, flags: string, value: number, tag: string | null = null): CountRow => ({
  labels: {
    reporter: 'source',
    source_workload: 'checkout',
    source_workload_namespace: 'shop',
    destination_workload: 'payments-v1',
    destination_service_name: 'payments',
    destination_service_namespace: 'shop',
    response_code: code,
    response_flags: flags,
    ...(tag === null ? {} : { [tagLabel]: tag }),
  },
  points: [[nowMs, value]],
});

const nowOf = (range: readonly CountRow[], base: readonly CountRow[]) =>
  readCounts(istio, 'prod', { range, older: [], base }, plan)[0]?.caller;

describe('a kind of failure whose series was born in the window', () => {
  it('counts with its whole value before its second scrape', () => {
    const caller = nowOf([row('200', '-', 600)], [row('503', 'UF', 148, 'born')]);
    expect(caller?.counts.now).toMatchObject({ requests: 748, failed: 148 });
    expect(caller?.outcomes.map(({ flags, requests }) => [flags, requests])).toEqual([
      [[], 600],
      [['UF'], 148],
    ]);
  });

  it('counts with the larger of its value and its increase', () => {
    const born = [row('503', 'UF', 148, 'born'), row('200', '-', 10, 'born')];
    expect(nowOf([row('200', '-', 600), row('503', 'UF', 60)], born)?.counts.now).toMatchObject({ requests: 748, failed: 148 });
  });

  it('is not believed when it holds more than the edge has requests: a target that was not scraped before', () => {
    expect(nowOf([row('200', '-', 600)], [row('503', 'UF', 90_000, 'born')])?.counts.now).toMatchObject({
      requests: 600,
      failed: 0,
    });
  });

  it('is asked for without a call of its own', () => {
    const queries = planCounts(istio, edgeNamed(), plan);
    expect(queries.filter(({ promql }) => promql.includes(' unless '))).toHaveLength(1);
    expect(queries.map(({ id }) => id)).toEqual(['counts', 'counts-base']);
  });
});
