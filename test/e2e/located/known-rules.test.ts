import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SourceError } from '../../../src/domain/gathered.ts';
import { locate } from '../../../src/locate.ts';
import {
  addressOf,
  alertOf,
  errorShare,
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

const bad = 'reporter="source", response_code=~"5.."';
const [share, overall] = [errorShare, overallShare];
const { captured, bank } = worlds;

describe.skipIf(missing !== null)(
  `rules that are more than a threshold over a counter${missing === null ? '' : `: ${missing}`}`,
  () => {
    let lab: Lab;
    beforeAll(async () => {
      lab = await openLab();
    }, 120_000);
    afterAll(() => lab?.stop());

    const found = (rule: Rule, series: Readonly<Record<string, string>>, world: World, known: readonly Rule[] | null = null) =>
      locateIn(lab, rule, series, world, known);

    it('names the edge of an alert that resolved hours ago, from when it fired', async () => {
      const rule = { alert: 'ErrorBudget', expr: overall };
      const alert = { ...alertOf(rule, {}, firesAt(bank), addressOf(overall)), status: 'resolved' as const };
      const told = await locate(lab.cluster, alert, firesAt(bank) + 3 * 3_600_000);
      expect([pairOf(told), told.located.way]).toEqual([['ledger-blue', 'fx-rates'], 'expression']);
    });

    it('asks again without the conditions when the source cannot answer with them, and says so', async () => {
      const expr = `${overall} and on () sum(rate(istio_requests_total{reporter="source"}[2m])) > 1`;
      const { metrics } = lab.cluster;
      const range: typeof metrics.range = (promql, window, ask) =>
        promql.includes('edgewise_guard')
          ? Promise.reject(new SourceError('Prometheus', 'unsupported', 'did not understand the query'))
          : metrics.range(promql, window, ask);
      const alert = alertOf({ alert: 'Guarded', expr }, {}, firesAt(captured), addressOf(expr));
      const told = await locate({ ...lab.cluster, metrics: { ...metrics, range } }, alert, firesAt(captured) + 60_000);
      expect([pairOf(told), told.gaps]).toEqual([['checkout', 'payments'], []]);
      expect(told.located.how).toContain("the rule's other conditions could not be asked per edge");
    });

    describe('conditions beside the value', () => {
      it.each([
        [
          'a guard of traffic keeps small edges out',
          `${share('by (destination_service_name)')} > 0.01 and sum by (destination_service_name) (rate(istio_requests_total{reporter="source"}[2m])) > 30`,
          {},
          bank,
          ['web-bff', 'ledger'],
          'expression',
        ],
        [
          'unless keeps out what it names',
          `${share('by ()')} > 0.03 unless on (destination_service_name) (rate(istio_requests_total{destination_service_name="payments"}[2m]) > 0)`,
          {},
          captured,
          ['frontend', 'checkout'],
          'expression',
        ],
        [
          'a guard that no edge meets alone is told, and the worst is named',
          `${overall} and on () sum(rate(istio_requests_total{reporter="source"}[2m])) > 150`,
          {},
          captured,
          ['checkout', 'payments'],
          "no edge alone meets the rule's other conditions",
        ],
        [
          'a guard that cannot be read is told',
          `${overall} and on () (count(up) / on (job) group_left (x) count by (job, x) (istio_requests_total)) > 0`,
          {},
          captured,
          ['checkout', 'payments'],
          '',
        ],
      ] as const)('%s', async (_what, expr, series, world, wanted, how) => {
        const told = await found({ alert: 'Guarded', expr }, series, world);
        expect([pairOf(told), told.gaps]).toEqual([wanted, []]);
        expect(told.located.how).toContain(how);
      });
    });

    describe('one edge that both ends count under names of their own (Linkerd)', () => {
      const failing = (matchers: string, by: string): string =>
        `sum ${by} (rate(response_total{classification="failure"${matchers}}[2m])) / sum ${by} (rate(response_total{direction=~".+"${matchers}}[2m])) > 0.03`;
      it.each([
        ['over everything', failing('', 'by ()'), {}],
        [
          'by the workload of the callee',
          failing(', direction="inbound"', 'by (deployment, namespace)'),
          { deployment: 'fx', namespace: 'data' },
        ],
      ])('is told by its service, and is no rival of itself: %s', async (_what, expr, series) => {
        const { subject, located } = await found({ alert: 'Failing', expr }, series, bank);
        expect(pairOf({ subject } as never)).toEqual(['ledger-blue', 'fx-rates']);
        expect(located.runnerUp).toBeNull();
      });
    });

    describe('rules of one name', () => {
      const other: Rule = {
        alert: 'HighErrorRate',
        expr: 'sum by (job) (rate(http_requests_total{code=~"5.."}[5m])) > 1',
        labels: { severity: 'critical' },
      };
      const byCallee: Rule = {
        alert: 'HighErrorRate',
        expr: `${share('by (destination_service_name)')} > 0.05`,
        labels: { severity: 'critical' },
      };
      const byCaller: Rule = {
        alert: 'HighErrorRate',
        expr: `${share('by (source_workload)')} > 0.05`,
        labels: { severity: 'critical' },
      };
      it.each([
        ['the labels of the alert tell', byCallee, { destination_service_name: 'ledger' }, ['web-bff', 'ledger']],
        ['and tell the other', byCaller, { source_workload: 'gw-istio' }, ['gw-istio', 'web']],
        ['and one that is of no mesh', other, { job: 'shop' }, null],
      ] as const)('%s', async (_what, rule, series, wanted) => {
        for (const known of [
          [other, byCallee, byCaller],
          [byCaller, byCallee, other],
        ])
          expect(pairOf(await found(rule, series, bank, known))).toEqual(wanted);
      });
    });

    describe('recorded series', () => {
      const alertText = (id: string): string =>
        `(max(slo:sli_error:ratio_rate5m{sloth_id="${id}"} > (14.4 * 0.001)) without (sloth_window) and max(slo:sli_error:ratio_rate1h{sloth_id="${id}"} > (14.4 * 0.001)) without (sloth_window)) or (max(slo:sli_error:ratio_rate30m{sloth_id="${id}"} > (6 * 0.001)) without (sloth_window) and max(slo:sli_error:ratio_rate6h{sloth_id="${id}"} > (6 * 0.001)) without (sloth_window))`;
      const record = (service: string) => ({
        record: 'slo:sli_error:ratio_rate5m',
        labels: { sloth_id: `${service}-availability`, sloth_window: '5m' },
        expr: `(sum(rate(istio_requests_total{destination_service_name="${service}", ${bad}}[5m])) / sum(rate(istio_requests_total{destination_service_name="${service}"}[5m])))`,
      });
      it.each([
        ['checkout', ['frontend', 'checkout']],
        ['payments', ['checkout', 'payments']],
      ] as const)('an SLO of %s, as Sloth writes it', async (service, wanted) => {
        const rule: Rule = { alert: 'Burn', expr: alertText(`${service}-availability`), labels: { sloth_severity: 'page' } };
        const cluster = { ...lab.cluster, rules: rulesApi([rule], [record('payments'), record('checkout'), record('catalog')]) };
        const alert = alertOf(
          rule,
          { sloth_id: `${service}-availability`, sloth_service: service },
          firesAt(captured),
          addressOf(rule.expr),
        );
        const told = await locate(cluster, alert, firesAt(captured) + 60_000);
        expect([pairOf(told), told.gaps]).toEqual([wanted, []]);
      });
      it.each([
        ['success under its objective', 'mesh:success:ratio5m < 0.97'],
        ['half of it', '1 - mesh:success:ratio5m > 0.03'],
        ['an average over time', 'avg_over_time(mesh:success:ratio5m[3m]) < 0.97'],
        ['some time ago', 'mesh:success:ratio5m offset 1m < 0.97'],
        ['a record of a record', 'mesh:success:percent < 97'],
      ])('keeps what the rule makes of a record: %s', async (_what, expr) => {
        const recordings = [
          { record: 'mesh:success:ratio5m', expr: `1 - ${share('by ()')}` },
          { record: 'mesh:success:percent', expr: 'mesh:success:ratio5m * 100' },
        ];
        const cluster = { ...lab.cluster, rules: rulesApi([], recordings) };
        const told = await locate(
          cluster,
          alertOf({ alert: 'Low', expr }, {}, firesAt(bank), addressOf(expr)),
          firesAt(bank) + 60_000,
        );
        expect([pairOf(told), told.gaps]).toEqual([['ledger-blue', 'fx-rates'], []]);
        expect(told.located.way).toBe('expression');
      });
    });
  },
);
