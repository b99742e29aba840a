import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Subject } from '../../../src/domain/edge.ts';
import { locate } from '../../../src/locate.ts';
import {
  addressOf,
  alertOf,
  errorShare,
  firing,
  type Lab,
  locateIn,
  missing,
  openLab,
  overallShare,
  pairOf,
  type Rule,
  rulesApi,
} from './lab.ts';
import { firesAt, type World, worlds } from './worlds.ts';

const [share, overall] = [errorShare, overallShare];
const { captured, bank, outside, slowing } = worlds;

describe.skipIf(missing !== null)(`ends that labels name in part, or wrongly${missing === null ? '' : `: ${missing}`}`, () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await openLab();
  }, 120_000);
  afterAll(() => lab?.stop());

  const found = (rule: Rule, series: Readonly<Record<string, string>>, world: World, known: readonly Rule[] | null = null) =>
    locateIn(lab, rule, series, world, known);

  describe('a label that only the author of the rule wrote', () => {
    it.each([
      ['names the callee', { service: 'checkout' }, captured, ['frontend', 'checkout']],
      ['names the callee by its workload', { app: 'fx' }, bank, ['ledger-blue', 'fx-rates']],
      ['names the callee by its host', { destination: 'ledger.core.svc.cluster.local' }, bank, ['web-bff', 'ledger']],
      [
        'names a caller, where nobody calls one of that name',
        { service: 'istio-ingressgateway' },
        captured,
        ['istio-ingressgateway', 'frontend'],
      ],
      ['names a team’s word for it, which no series has', { service: 'shop-backend' }, captured, ['checkout', 'payments']],
      [
        'looks like a label of the mesh, and no series has it',
        { destination_service_name: 'legacy' },
        captured,
        ['checkout', 'payments'],
      ],
      [
        'looks like a label of the mesh, and a series has it',
        { destination_service_name: 'ledger' },
        bank,
        ['web-bff', 'ledger'],
      ],
      [
        'looks like both ends, and no series has them',
        { source_workload: 'a', destination_service_name: 'b' },
        bank,
        ['ledger-blue', 'fx-rates'],
      ],
      ['names a namespace', { namespace: 'monitoring' }, bank, ['ledger-blue', 'fx-rates']],
    ] as const)('%s', async (_what, labels, world, wanted) => {
      const rule = { alert: 'ErrorBudget', expr: overall, labels };
      for (const known of [null, [rule]]) {
        const { subject, gaps } = await found(rule, {}, world, known);
        expect([pairOf({ subject } as never), gaps]).toEqual([wanted, []]);
      }
    });

    it('repeats a label of the series by a template, which is then still theirs', async () => {
      const labels = {
        destination_service_name: '{{ $labels.destination_service_name }}',
        cluster: '{{ $externalLabels.cluster }}',
        severity: '{{ if gt $value 0.2 }}critical{{ else }}warning{{ end }}',
      };
      const rule = { alert: 'FiveXx', expr: `${share('by (destination_service_name)')} > 0.05`, labels };
      const fired = { ...rule, labels: { severity: 'critical' } };
      for (const alert of await firing(lab, fired, bank)) {
        const told = await locate(
          { ...lab.cluster, rules: rulesApi([rule]) },
          { ...alert, generatorUrl: '' },
          firesAt(bank) + 60_000,
        );
        expect([told.subject.kind, pairOf(told)?.[1], told.located.way]).toEqual([
          'workload',
          alert.labels['destination_service_name'],
          'rules-api',
        ]);
      }
    });

    it('hides the scraped label of the same name, and is then no matcher', async () => {
      const rule = {
        alert: 'FiveXx',
        expr: `${share('by (destination_service_name, namespace)')} > 0.05`,
        labels: { namespace: 'platform' },
      };
      for (const alert of await firing(lab, rule, bank)) {
        const told = await locate({ ...lab.cluster, rules: rulesApi([rule]) }, alert, firesAt(bank) + 60_000);
        expect(pairOf(told)?.[1]).toBe(alert.labels['destination_service_name']);
      }
    });
  });

  describe('an alert without its rule (Grafana’s own, an empty address)', () => {
    it.each([
      ['the callee', { destination_service_name: 'payments' }, captured, ['checkout', 'payments']],
      ['the callee by its host', { destination_service: 'fx-rates.data.svc.cluster.local' }, bank, ['ledger-blue', 'fx-rates']],
      [
        'the callee by its workload',
        { destination_workload: 'fx', destination_workload_namespace: 'data' },
        bank,
        ['ledger-blue', 'fx-rates'],
      ],
      ['the callee by its canonical name', { destination_canonical_service: 'checkout' }, captured, ['frontend', 'checkout']],
      ['the caller', { source_workload: 'store', source_workload_namespace: 'prod' }, outside, ['store', 'billing']],
      ['the caller by its app', { source_app: 'billing' }, outside, ['billing', 'api.stripe.com']],
    ] as const)('is about the worst edge of %s', async (_what, labels, world, wanted) => {
      const alert = alertOf(
        { alert: 'Custom', expr: 'up' },
        labels,
        firesAt(world),
        'https://g.example/alerting/grafana/a1/view',
      );
      const told = await locate(lab.cluster, alert, firesAt(world) + 60_000);
      expect([told.subject.kind, pairOf(told), told.gaps]).toEqual(['workload', wanted, []]);
    });
  });

  it('completes an edge that labels name by other names, with and without the rule', async () => {
    const labels = { source_canonical_service: 'ledger-blue', destination_canonical_service: 'fx-rates' };
    const expr = `${share('by (source_canonical_service, destination_canonical_service)')} > 0.05`;
    for (const address of ['', addressOf(expr)]) {
      const alert = alertOf({ alert: 'Canonical', expr }, labels, firesAt(bank), address);
      const { subject, located, records } = await locate(lab.cluster, alert, firesAt(bank) + 60_000);
      expect(subject).toMatchObject({
        kind: 'edge',
        edge: {
          source: { namespace: 'core', workload: 'ledger-blue' },
          destination: { namespace: 'data', service: 'fx-rates' },
        },
      });
      expect([located.way, records.length]).toEqual(['labels', 1]);
    }
  });

  describe('an alert without its rule, when nobody fails', () => {
    const found = (labels: Readonly<Record<string, string>>) =>
      locate(lab.cluster, alertOf({ alert: 'Slow', expr: 'up' }, labels, firesAt(slowing), ''), firesAt(slowing) + 60_000);
    it.each([
      [
        'the callee that is slow itself',
        { destination_service_name: 'rates-db' },
        ['quotes', 'rates-db'],
        'adds most of the delay',
      ],
      ['the callee that waits for another', { destination_service_name: 'quotes' }, ['desk', 'quotes'], 'this one is slower'],
      ['the caller', { source_workload: 'desk' }, ['desk', 'quotes'], 'this one is slower'],
      [
        'a callee that is as always',
        { destination_service_name: 'inbox' },
        ['desk', 'inbox'],
        'no edge of it stands out, its busiest is shown',
      ],
    ] as const)('measures %s', async (_what, labels, wanted, how) => {
      const told = await found(labels);
      expect([told.subject.kind, pairOf(told), told.gaps]).toEqual(['workload', wanted, []]);
      expect(told.located.how).toContain(how);
    });
    it('names the edge that adds the delay, when the labels name none', async () => {
      const told = await found({ response_flags: '-' });
      expect([told.subject.kind, pairOf(told), told.gaps]).toEqual(['edge', ['quotes', 'rates-db'], []]);
    });
  });

  describe('an end that nobody knows', () => {
    it('a caller outside the mesh is an end of the edge', async () => {
      const rule = {
        alert: 'Slow',
        expr: 'histogram_quantile(0.9, sum by (le, source_workload, destination_service_name) (rate(istio_request_duration_milliseconds_bucket[2m]))) > 0',
      };
      const { subject } = await found(rule, { source_workload: 'unknown', destination_service_name: 'payments' }, captured);
      expect([subject.kind, pairOf({ subject } as never)]).toEqual(['edge', ['unknown', 'payments']]);
    });
    it('a workload that nobody reached leaves the service', async () => {
      const series = {
        source_workload: 'payments',
        destination_workload: 'unknown',
        destination_service_name: 'bank-api.bank.example',
      };
      const rule = {
        alert: 'E',
        expr: `${share('by (source_workload, destination_workload, destination_service_name)')} > 0.04`,
      };
      expect(pairOf(await found(rule, series, captured))).toEqual(['payments', 'bank-api.bank.example']);
    });
    it.each([
      ['PassthroughCluster', outside, ['store', 'PassthroughCluster']],
      ['api.stripe.com', outside, ['billing', 'api.stripe.com']],
    ] as const)('%s is a callee', async (service, world, wanted) => {
      const rule = {
        alert: 'E',
        expr: 'sum by (destination_service_name) (rate(istio_requests_total{response_code=~"[45].."}[2m])) > 0.1',
      };
      expect(pairOf(await found(rule, { destination_service_name: service }, world))).toEqual(wanted);
    });
  });

  describe("a count without a caller (Envoy's inbound clusters)", () => {
    const rule: Rule = {
      alert: 'Inbound5xx',
      expr: 'sum by (app, namespace, envoy_cluster_name) (rate(envoy_cluster_upstream_rq_xx{envoy_response_code_class="5"}[2m])) / sum by (app, namespace, envoy_cluster_name) (rate(envoy_cluster_upstream_rq_completed[2m])) > 0.05',
    };
    it('does not lead over the edge as its caller counts it', async () => {
      const summed = {
        ...rule,
        expr: 'sum(rate(envoy_cluster_upstream_rq_xx{envoy_response_code_class="5"}[2m])) / sum(rate(envoy_cluster_upstream_rq_completed[2m])) > 0.03',
      };
      expect(pairOf(await found(summed, {}, bank))).toEqual(['ledger-blue', 'fx-rates']);
    });
    it('is about the workload where it is all there is, with its worst edge when the mesh knows one', async () => {
      const series = { app: 'fx', namespace: 'data', envoy_cluster_name: 'inbound|8080||' };
      const { subject, located } = await found(rule, series, bank);
      expect(subject).toMatchObject({
        kind: 'workload',
        role: 'callee',
        workload: { workload: 'fx', namespace: 'data', service: null },
      } satisfies Partial<Subject>);
      expect(pairOf({ subject } as never)).toEqual(['ledger-blue', 'fx-rates']);
      expect(located.how).toContain('the alert names only the callee');
    });
    it('is about the workload alone when nothing else tells', async () => {
      const series = { app: 'ghost', namespace: 'prod', envoy_cluster_name: 'inbound|8080||' };
      const { subject } = await found(rule, series, outside);
      expect(subject).toMatchObject({ kind: 'workload', role: 'callee', edge: null });
    });
  });
});
