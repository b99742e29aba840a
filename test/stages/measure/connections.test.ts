import { describe, expect, it } from 'vitest';
import { ambient } from '../../../src/dialects/ambient.ts';
import { istio } from '../../../src/dialects/istio.ts';
import type { Dialect } from '../../../src/domain/dialect.ts';
import { readCounts } from '../../../src/stages/measure/counts.ts';
import { planWindows } from '../../../src/stages/measure/windows.ts';
import { nowMs } from '../../support/report.ts';

const plan = planWindows(nowMs, null, 300);
const ends = {
  source_workload: 'bank',
  source_workload_namespace: 'finance',
  destination_service_name: 'ledger',
  destination_service_namespace: 'finance',
  destination_workload: 'ledger',
};
const row = (labels: Readonly<Record<string, string>>, value: number) => ({
  labels: { ...ends, ...labels },
  points: [[nowMs, value] as const],
});
const http = (reporter: string, more = {}) =>
  row({ reporter, response_code: '200', response_flags: '-', request_protocol: 'http', ...more }, 100);
const tcp = (reporter: string, flags = '-', more = {}) =>
  row({ reporter, response_flags: flags, request_protocol: 'tcp', ...more }, 10);

const read = (dialect: Dialect, rows: readonly ReturnType<typeof row>[]) =>
  readCounts(dialect, 'prod', { range: rows, older: [], base: [] }, plan);

describe('connections among requests', () => {
  it('stand for an edge that has nothing else, with their own classes', () => {
    const [reading] = read(istio, [tcp('source'), tcp('source', 'UF,URX'), tcp('source', 'DENY'), tcp('destination')]);
    expect(reading?.caller?.counts.now).toMatchObject({ requests: 30, failed: 10, refused: 10 });
    expect(reading?.callee?.counts.now.requests).toBe(10);
  });

  it('are left out where the same caller sends requests, and stand where another does', () => {
    const other = { source_workload: 'audit' };
    const readings = read(istio, [http('source'), tcp('source'), tcp('source', 'UF', other)]);
    expect(readings.map(({ edge, caller }) => [edge.source.workload, caller?.counts.now.requests])).toEqual([
      ['audit', 10],
      ['bank', 100],
    ]);
  });

  it('between ztunnels are no second count of what a waypoint counts', () => {
    const [reading, ...others] = read(ambient, [
      http('waypoint'),
      tcp('destination'),
      tcp('destination', '-', { source_workload: 'waypoint' }),
    ]);
    expect(others).toEqual([]);
    expect([reading?.caller?.counts.now.requests, reading?.callee, reading?.calleeReports]).toEqual([100, null, false]);
  });

  it('between ztunnels are all there is of a callee without a waypoint', () => {
    const [reading] = read(ambient, [tcp('destination'), tcp('destination', 'DENY')]);
    expect(reading?.callee?.counts.now).toMatchObject({ requests: 20, refused: 10 });
  });

  it('that ended before their caller was known are the one known caller’s; among several they are nobody’s', () => {
    const unknown = { source_workload: 'unknown', source_workload_namespace: 'unknown' };
    const rows = [tcp('source'), tcp('destination'), tcp('destination', 'UF,URX', unknown)];
    const [reading, ...others] = read(istio, rows);
    expect(reading?.callee?.counts.now).toMatchObject({ requests: 20, failed: 10 });
    expect(others).toEqual([]);
    expect(read(istio, [...rows, tcp('source', '-', { source_workload: 'audit' })]).length).toBe(3);
  });
});
