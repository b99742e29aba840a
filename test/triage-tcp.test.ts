import { describe, expect, it } from 'vitest';
import { engineFor } from './support/engine.ts';
import type { SeededSeries } from './support/seeded-prometheus.ts';
import { broken, brokenAtMs, seededScrapes, seededTriage } from './support/seeded-triage.ts';

const engine = await engineFor('prometheus');

const ledger = {
  source_workload: 'bank',
  source_workload_namespace: 'finance',
  destination_service_name: 'ledger',
  destination_service_namespace: 'finance',
};

/** Connections a second that end by these flags, as one end counts them: opened and closed, like Istio's two counters. */
const connections = (reporter: string, flags: string, perSecond: (atMs: number) => number): readonly SeededSeries[] => {
  let total = 0;
  let at = brokenAtMs - 120 * 60_000;
  const samples = seededScrapes(300).map((scrape) => {
    for (; at < scrape; at += 1000) total += perSecond(at);
    return [scrape, total] as const;
  });
  return ['opened', 'closed'].map((what) => ({
    labels: {
      __name__: `istio_tcp_connections_${what}_total`,
      reporter,
      ...ledger,
      destination_workload: 'ledger',
      request_protocol: 'tcp',
      response_flags: flags,
    },
    samples: samples.filter(([, value]) => value > 0),
  }));
};

const http = [{ caller: 'checkout', callee: 'bank', perSecond: () => 5 }];
const lost = [
  ...connections('source', '-', broken(5, 1)),
  ...connections('source', 'UF,URX', broken(0, 4)),
  ...connections('destination', '-', broken(5, 1)),
];

describe.skipIf(engine.path === '')(`an edge of bare connections, by a real Prometheus${engine.skipped}`, () => {
  it('is measured in the same calls, and its failure named', async () => {
    const { diagnosis, evidence, calls } = await seededTriage(engine.path, { flows: http, series: lost, labels: ledger });
    expect(diagnosis.verdict).toMatchObject({ rule: 'tcp-failure', side: 'network/TLS' });
    expect(diagnosis.verdict?.sentence).toBe('bank cannot connect to ledger: 80 % of the connections failed');
    expect(evidence.gaps).toEqual([]);
    expect(calls).toBeLessThanOrEqual(14);
    expect(evidence.picture?.ok && evidence.picture.value.errors.failed.at(-1)?.[1]).toBeCloseTo(0.8, 1);
  });

  it.each([
    'sum by (destination_service_name) (rate(istio_tcp_connections_closed_total{response_flags!="-"}[1m])) > 0.5',
    'sum(rate(istio_tcp_connections_closed_total{response_flags=~".*UF.*",destination_service_name="ledger"}[1m])) > 0.5',
  ])('is found by the rule %s', async (expression) => {
    const { evidence, diagnosis } = await seededTriage(engine.path, { flows: http, series: lost, labels: {}, expression });
    expect(evidence.path[0]).toMatchObject({ source: { workload: 'bank' }, destination: { service: 'ledger' } });
    expect(diagnosis.verdict?.rule).toBe('tcp-failure');
  });

  it.each([
    ['an alert that names only who calls', { source_workload: 'bank', source_workload_namespace: 'finance' }],
    ['an alert that names nobody, in a mesh whose requests are well', { severity: 'critical' }],
  ])('is found in the whole mesh for %s', async (_what, labels) => {
    const { evidence, diagnosis } = await seededTriage(engine.path, {
      flows: http,
      series: lost,
      labels,
      ...('severity' in labels
        ? { expression: 'sum(rate(istio_tcp_connections_closed_total{response_flags!~"-|DC"}[1m])) > 1' }
        : {}),
    });
    expect(evidence.path[0]).toMatchObject({ source: { workload: 'bank' }, destination: { service: 'ledger' } });
    expect(diagnosis.verdict?.rule).toBe('tcp-failure');
  });

  it('connections of an edge with requests are not looked at beside them', async () => {
    const { evidence } = await seededTriage(engine.path, {
      flows: [{ caller: 'bank', callee: 'ledger', perSecond: () => 2, labels: { ...ledger, destination_workload: 'ledger' } }],
      series: lost,
      labels: { source_workload: 'bank', source_workload_namespace: 'finance' },
    });
    expect(evidence.located.how).toContain('no edge of it stands out');
  });

  it('is well when its connections end as ever', async () => {
    const { diagnosis } = await seededTriage(engine.path, {
      flows: http,
      series: ['source', 'destination'].flatMap((reporter) => connections(reporter, '-', () => 5)),
      labels: ledger,
    });
    expect(diagnosis.verdict?.rule).toBe('healthy');
  });

  it('connections beside requests are not added to them', async () => {
    const { evidence } = await seededTriage(engine.path, {
      flows: [{ caller: 'bank', callee: 'ledger', perSecond: () => 2, labels: { ...ledger, destination_workload: 'ledger' } }],
      series: lost,
      labels: ledger,
    });
    const mine = evidence.readings.find(({ edge }) => edge.destination.service === 'ledger');
    expect(mine?.caller?.outcomes.map(({ protocol }) => protocol)).toEqual(['http']);
  });
});
