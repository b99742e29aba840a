import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPayload } from '../../src/adapters/alertmanager/payload.ts';
import { httpSource } from '../../src/adapters/http/client.ts';
import { prometheus } from '../../src/adapters/prometheus/metrics-source.ts';
import { findEngine } from '../../src/demo/engines.ts';
import { startPrometheus } from '../../src/demo/stack.ts';
import { istio } from '../../src/dialects/istio.ts';
import { type Alert, labelsOf } from '../../src/domain/alert.ts';
import { calleeName, callerName, edgeOf } from '../../src/domain/edge.ts';
import type { Cluster } from '../../src/inquiry.ts';
import { locate } from '../../src/locate.ts';
import { run } from '../cli/run.ts';
import { capturedMesh } from './captured-mesh.ts';

type Expected = Readonly<
  Record<
    string,
    { readonly alertname: string; readonly fixture_id: string; readonly expected_edges: readonly (readonly [string, string])[] }
  >
>;

const folder = `${process.env['EDGEWISE_FIXTURES']}/alerts/payloads/captured`;
const isThere = process.env['EDGEWISE_FIXTURES'] !== undefined && existsSync(join(folder, 'EXPECTED_EDGES.json'));
const promtool = await findEngine('promtool', {});
const missing = !isThere ? 'EDGEWISE_FIXTURES is not set' : 'missing' in promtool ? promtool.missing : null;

const expected = isThere ? (JSON.parse(readFileSync(join(folder, 'EXPECTED_EDGES.json'), 'utf8')) as Expected) : {};
const alerts: readonly Alert[] = isThere
  ? readdirSync(folder)
      .filter((name) => /^\d+\.json$/.test(name))
      .sort()
      .flatMap((name) => {
        const read = readPayload(readFileSync(join(folder, name), 'utf8'));
        return read.ok ? read.group.alerts : [];
      })
  : [];

type End = { readonly service: string | null; readonly workload: string | null };
type Report = {
  readonly alerts: readonly { readonly fingerprint: string }[];
  readonly edge: { readonly source: End; readonly destination: End } | null;
};
const nameOf = ({ service, workload }: End): string => service ?? workload ?? 'unknown';

/** `bank-api.bank.example` and `bank-api` are one service. */
const canonical = (name: string): string => name.split('.')[0] ?? name;

describe.skipIf(missing !== null)(
  `the captured webhooks on a mesh that reproduces their incident${missing === null ? '' : `: ${missing}`}`,
  () => {
    let stop = async (): Promise<void> => undefined;
    let cluster: Cluster;
    let url = '';
    const directory = mkdtempSync(join(tmpdir(), 'edgewise-captured-'));
    beforeAll(async () => {
      const from = Date.parse('2026-11-22T07:05:00Z') / 1000;
      writeFileSync(join(directory, 'mesh.om'), capturedMesh(from, from + 1200, 10));
      if ('path' in promtool)
        execFileSync(promtool.path, [
          'tsdb',
          'create-blocks-from',
          '--quiet',
          'openmetrics',
          join(directory, 'mesh.om'),
          join(directory, 'prometheus'),
        ]);
      const running = await startPrometheus({
        folder: directory,
        target: null,
        alertmanager: null,
        rules: null,
        log: () => undefined,
      });
      stop = running.stop;
      url = running.url;
      const metrics = prometheus(httpSource({ name: 'Prometheus', url: running.url }), {
        pinned: [],
        concurrency: 4,
        maxSeries: 50_000,
        queryTimeoutSeconds: 10,
        onQuery: () => undefined,
      });
      cluster = { name: 'prod-eu-1', dialect: istio, metrics, rules: null, deadlineMs: 10_000 };
    }, 60_000);
    afterAll(async () => {
      await stop();
      rmSync(directory, { recursive: true, force: true });
    });

    it('names the edge that each alert is about, or none where there is none', async () => {
      const misses: string[] = [];
      const rows: string[] = [];
      for (const alert of alerts) {
        const wanted = expected[alert.fingerprint];
        if (!wanted) continue;
        const atMs = alert.startsAtMs + 60_000;
        const found = await locate(cluster, alert, atMs);
        const edge = edgeOf(found.subject);
        const named = edge === null ? null : ([callerName(edge), canonical(calleeName(edge))] as const);
        const isRight =
          wanted.expected_edges.length === 0
            ? named === null
            : named !== null &&
              wanted.expected_edges.some(([caller, callee]) => caller === named[0] && canonical(callee) === named[1]);
        const line = `${isRight ? 'ok  ' : 'MISS'} ${alert.fingerprint} ${wanted.alertname} (${wanted.fixture_id}): ${named === null ? `none (${found.subject.kind})` : named.join(' → ')} by ${found.located.way}`;
        rows.push(line);
        if (!isRight)
          misses.push(`${line}; expected ${JSON.stringify(wanted.expected_edges)}; gaps ${JSON.stringify(found.gaps)}`);
      }
      process.stdout.write(`${rows.join('\n')}\ncaptured webhooks: ${rows.length - misses.length} of ${rows.length} right\n`);
      expect(misses).toEqual([]);
      expect(rows.length).toBeGreaterThan(20);
    }, 120_000);

    it('names them through the command line too, with PROMETHEUS_URL alone', async () => {
      const misses: string[] = [];
      let told = 0;
      for (const name of readdirSync(folder).filter((file) => /^\d+\.json$/.test(file))) {
        const text = readFileSync(join(folder, name), 'utf8');
        const read = readPayload(text);
        if (!read.ok) throw new Error(`${name} cannot be read`);
        const at = new Date(Math.max(...read.group.alerts.map(({ startsAtMs }) => startsAtMs)) + 60_000).toISOString();
        const { status, out, err } = await run(['triage', join(folder, name), '--json', '--at', at], { PROMETHEUS_URL: url });
        if (status !== 0) throw new Error(`${name}: ${status} ${err}`);
        const printed = JSON.parse(out) as Report | readonly Report[];
        const reports: readonly Report[] = 'alerts' in printed ? [printed] : printed;
        for (const { fingerprint } of read.group.alerts) {
          const wanted = expected[fingerprint];
          if (!wanted) continue;
          const edge = reports.find(({ alerts: own }) => own.some((one) => one.fingerprint === fingerprint))?.edge;
          const pair = edge && [nameOf(edge.source), nameOf(edge.destination)].map((word) => canonical(word.replace(/-v1$/, '')));
          const isRight = pair
            ? wanted.expected_edges.some((ends) => ends.map(canonical).join() === pair.join())
            : edge === null && wanted.expected_edges.length === 0;
          told += 1;
          if (!isRight) misses.push(`${name} ${fingerprint} ${wanted.alertname}: ${pair?.join(' → ') ?? edge}`);
        }
      }
      expect(misses).toEqual([]);
      expect(told).toBeGreaterThan(20);
    }, 240_000);

    const rulesFile = `${process.env['EDGEWISE_FIXTURES']}/alerts/rules.normalized.json`;
    const rules =
      isThere && existsSync(rulesFile)
        ? (JSON.parse(readFileSync(rulesFile, 'utf8')) as readonly {
            readonly id: string;
            readonly alert: string;
            readonly expr: string;
          }[])
        : [];
    const alertOf = (id: string, name: string, expr: string): Alert => ({
      fingerprint: id,
      status: 'firing',
      labels: labelsOf([
        ['alertname', name],
        ['severity', 'warning'],
      ]),
      annotations: labelsOf([]),
      startsAtMs: Date.parse('2026-11-22T07:15:22Z'),
      endsAtMs: null,
      generatorUrl: `http://:9090/graph?g0.expr=${encodeURIComponent(expr)}&g0.tab=1`,
    });
    const global = [
      ['samber-istio#77', 'catalog', 'catalog-db-proxy'],
      ['samber-istio#78', 'checkout', 'payments'],
      ['srerun-istio-internal#92', 'catalog', 'catalog-db-proxy'],
      ['srerun-istio-internal#93', 'checkout', 'payments'],
      ['istio-tools-prometheusrule#35', 'checkout', 'payments'],
    ] as const;
    it.each(global)('splits the global rule %s, whose alert names nothing, by edge', async (id, caller, callee) => {
      const rule = rules.find((one) => one.id === id);
      if (!rule) throw new Error(`no rule ${id}`);
      const alert = alertOf(id, rule.alert, rule.expr);
      const found = await locate(cluster, alert, alert.startsAtMs + 60_000);
      const edge = edgeOf(found.subject);
      expect([edge && callerName(edge), edge && calleeName(edge), found.located.way]).toEqual([caller, callee, 'expression']);
    });

    const errors = 'sum(rate(istio_requests_total{reporter="destination",response_code=~"5.."}[2m]))';
    const all = 'sum(rate(istio_requests_total{reporter="destination"}[2m]))';
    const worst = ['checkout', 'payments'] as const;
    const spellings = [
      ['a threshold on the left', `0.05 < ${errors} / ${all}`, worst],
      ['a computed threshold', `${errors} / ${all} > (14.4 * 0.001)`, worst],
      ['a comparison to bool', `${errors} / ${all} > bool 0.05`, worst],
      ['a measured threshold', `${errors} / ${all} > on () group_left () max(slo_limit)`, worst],
      ['a time of day beside it', `${errors} / ${all} > 0.05 and on () (hour() >= 0)`, worst],
      ['an exception beside it', `${errors} / ${all} > 0.05 unless on () (maintenance == 1)`, worst],
      ['a guard inside', `${errors} / (${all} > 0) > 0.05`, worst],
      ['a whole divided by a scalar', `${errors} / scalar(${all}) > 0.01`, worst],
      [
        'without pods',
        'sum without (pod, instance, source_workload, app) (rate(istio_requests_total{response_code=~"5.."}[2m])) > 1',
        worst,
      ],
      ['two sides of or', `${all} > 100000 or ${errors} / ${all} * 100 > 5`, worst],
      ['single quotes', `${errors.replaceAll('"', "'")} / ${all} > 0.05`, worst],
      ['irate and increase', `${errors.replace('rate', 'increase')} / ${all.replace('rate', 'increase')} > 0.05`, worst],
      ['an offset', `${errors.replace('[2m]', '[2m] offset 1m')} / ${all.replace('[2m]', '[2m] offset 1m')} > 0.05`, worst],
      ['a subquery', `max_over_time((${errors} / ${all})[5m:30s]) > 0.05`, worst],
      [
        'a renamed label',
        'sum by (team_service) (label_replace(rate(istio_requests_total{response_code=~"5.."}[2m]), "team_service", "$1", "destination_service_name", "(.*)")) > 0.1',
        ['frontend', 'checkout'],
        [['team_service', 'checkout']],
      ],
      ['less than its own past', `${all} < 0.5 * ${all.replace('[2m]', '[2m] offset 1h')}`, null],
      ['too little, threshold on the left', `500 > ${all}`, null],
      ['silence', `${all} == 0`, null],
      ['much traffic over the whole mesh', `${all} > 10`, null],
      ['a missing metric, over time', 'absent_over_time(istio_requests_total{source_workload="checkout"}[5m])', null],
    ] as const;
    it.each(spellings)(
      'reads a rule with %s',
      async (what, expr, wanted, labels: readonly (readonly [string, string])[] = []) => {
        const bare = alertOf(what, 'OwnWords', expr);
        const alert = { ...bare, labels: labelsOf([...Object.entries(bare.labels), ...labels]) };
        const found = await locate(cluster, alert, alert.startsAtMs + 60_000);
        const edge = edgeOf(found.subject);
        expect({
          edge: edge && [callerName(edge), calleeName(edge)],
          gaps: found.gaps,
          asked: wanted !== null || found.records.length === 0,
        }).toEqual({
          edge: wanted,
          gaps: [],
          asked: true,
        });
        if (wanted !== null) expect(['expression', 'largest-contributor']).toContain(found.located.way);
      },
    );

    it.each(rules.map(({ id, alert, expr }) => [id, alert, expr] as const))(
      'takes the public rule %s (%s) without a mistake of its own',
      async (id, name, expr) => {
        const alert = alertOf(id, name, expr);
        const found = await locate(cluster, alert, alert.startsAtMs + 60_000);
        if (/^\s*absent|< ?(50|100|1490)$/.test(expr)) expect(edgeOf(found.subject)).toBeNull();
        expect(found.gaps.filter(({ reason }) => reason === 'bug' || reason === 'unsupported')).toEqual([]);
      },
    );
  },
);
