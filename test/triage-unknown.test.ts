import { describe, expect, it } from 'vitest';
import { ambient } from '../src/dialects/ambient.ts';
import { engineFor } from './support/engine.ts';
import type { Flow } from './support/seeded-mesh.ts';
import type { SeededSeries } from './support/seeded-prometheus.ts';
import { broken, brokenAtMs, seededScrapes, seededTriage } from './support/seeded-triage.ts';

const engine = await engineFor('prometheus');

const payments = { destination_service_name: 'payments', destination_service_namespace: 'shop' };
const unknown = { source_workload: 'unknown', source_workload_namespace: 'unknown' };
const always = (perSecond: number) => () => perSecond;

const well = (caller: string, perSecond = 10): Flow => ({ caller, callee: 'payments', perSecond: always(perSecond) });
const until = (caller: string): Flow => ({ caller, callee: 'payments', perSecond: broken(10, 0) });

/** The callee's proxy got TLS where it takes plaintext: no HTTP to it, and nobody's name (envoyproxy.io, response flags, DPE). */
const nameless = (perSecond: number): Flow => ({
  caller: 'unknown',
  callee: 'payments',
  reporters: ['destination'],
  code: '400',
  flags: 'DPE',
  perSecond: broken(0, perSecond),
  labels: { ...unknown, source_workload_namespace: 'unknown' },
});
const cannotConnect = (caller: string, perSecond: number): Flow => ({
  caller,
  callee: 'payments',
  reporters: ['source'],
  code: '503',
  flags: 'UF,URX',
  perSecond: broken(0, perSecond),
  labels: { destination_workload: 'unknown' },
});
const pairOf = ({ path: [edge] }: { readonly path: readonly { source: { workload: string | null } }[] }) =>
  edge?.source.workload ?? null;

const ledger = { destination_service_name: 'ledger', destination_service_namespace: 'finance', destination_workload: 'ledger' };
const bank = { source_workload: 'bank', source_workload_namespace: 'finance' };

const connections = (
  reporter: string,
  source: Readonly<Record<string, string>>,
  flags: string,
  perSecond: (atMs: number) => number,
): readonly SeededSeries[] => {
  let [total, at] = [0, brokenAtMs - 120 * 60_000];
  const samples = seededScrapes(300).map((scrape) => {
    for (; at < scrape; at += 1000) total += perSecond(at);
    return [scrape, total] as const;
  });
  const labels = { reporter, ...source, ...ledger, request_protocol: 'tcp', response_flags: flags };
  return [
    { labels: { __name__: 'istio_tcp_connections_closed_total', ...labels }, samples: samples.filter(([, value]) => value > 0) },
  ];
};

describe.skipIf(engine.path === '')(`an alert whose caller is unknown, by a real Prometheus${engine.skipped}`, () => {
  const labels = { ...unknown, ...payments };

  it('is about the one caller that fails with the callee now', async () => {
    const flows = [until('checkout'), cannotConnect('checkout', 10), nameless(25), well('storefront')];
    const { evidence, diagnosis, calls } = await seededTriage(engine.path, { flows, labels });
    expect(pairOf(evidence)).toBe('checkout');
    expect(evidence.subject).toMatchObject({ kind: 'edge', edge: { source: { workload: 'checkout' } } });
    expect(evidence.located.how).toContain('checkout is the one that fails with it now');
    expect(evidence.located.way).toBe('labels');
    expect(diagnosis.verdict?.sentence).toContain('checkout');
    expect(calls).toBeLessThanOrEqual(14);
  });

  it('of several takes the worst, names the others, and is not sure', async () => {
    const both = ['checkout', 'storefront'].flatMap((caller, index) => [until(caller), cannotConnect(caller, 10 - 3 * index)]);
    const { evidence, diagnosis } = await seededTriage(engine.path, { flows: [...both, nameless(40)], labels });
    expect(pairOf(evidence)).toBe('checkout');
    expect(evidence.located.how).toContain('storefront too');
    expect(diagnosis.verdict?.confidence).not.toBe('clear');
  });

  it('stays unknown where no known caller fails, and still has a verdict about the callee', async () => {
    const { evidence, diagnosis } = await seededTriage(engine.path, { flows: [well('checkout'), nameless(25)], labels });
    expect(evidence.path[0]).toMatchObject({ source: { workload: null }, destination: { service: 'payments' } });
    expect(evidence.located.how).toContain('no known caller fails with it now');
    expect(diagnosis.verdict?.sentence).toMatch(/^An unknown caller sends payments what is no HTTP/);
  });

  it('stays unknown where clients outside the mesh get errors that nobody else gets', async () => {
    const flow: Flow = { ...nameless(0), code: '500', flags: '-', perSecond: broken(0, 8) };
    const { evidence, diagnosis } = await seededTriage(engine.path, { flows: [well('checkout'), flow], labels });
    expect(pairOf(evidence)).toBeNull();
    expect(diagnosis.verdict).toMatchObject({ side: 'callee application' });
  });

  it('of bare connections is about their one caller', async () => {
    const series = [
      ...connections('source', bank, '-', always(5)),
      ...connections('destination', bank, '-', broken(5, 0)),
      ...connections('destination', unknown, 'UF,URX', broken(0, 5)),
    ];
    const told = { flows: [], series, labels: { ...unknown, ...ledger } };
    const { evidence, diagnosis, calls } = await seededTriage(engine.path, told);
    expect(pairOf(evidence)).toBe('bank');
    expect(diagnosis.verdict).toMatchObject({ rule: 'tcp-failure', side: 'callee application' });
    expect(calls).toBeLessThanOrEqual(14);
  });

  it('of bare connections in an ambient mesh is about whom the ztunnel of the caller counts', async () => {
    const series = [
      ...connections('source', bank, '-', broken(5, 0)),
      ...connections('source', bank, 'CONNECT', broken(0, 5)),
      ...connections('destination', bank, '-', broken(5, 0)),
      ...connections('destination', unknown, 'TLS_FAILURE', broken(0, 5)),
    ];
    const told = { flows: [], series, labels: { ...unknown, ...ledger }, dialect: ambient };
    const { evidence, diagnosis } = await seededTriage(engine.path, told);
    expect(pairOf(evidence)).toBe('bank');
    expect(diagnosis.verdict?.sentence).toBe('Mutual TLS between bank and ledger fails: 100 % of the connections failed');
    expect(JSON.stringify(diagnosis)).not.toMatch(/waypoint|the proxy of/);
  });

  it('of several ztunnels names the one that cannot connect', async () => {
    const other = { source_workload: 'audit', source_workload_namespace: 'finance' };
    const series = [
      ...['source', 'destination'].flatMap((reporter) => connections(reporter, other, '-', always(5))),
      ...connections('source', bank, '-', broken(5, 0)),
      ...connections('source', bank, 'CONNECT', broken(0, 5)),
      ...connections('destination', bank, '-', broken(5, 0)),
      ...connections('destination', unknown, 'TLS_FAILURE', broken(0, 5)),
    ];
    const told = { flows: [], series, labels: { ...unknown, ...ledger }, dialect: ambient };
    const { evidence } = await seededTriage(engine.path, told);
    expect(pairOf(evidence)).toBe('bank');
  });
});
