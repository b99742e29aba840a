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

/** `bank-api.bank.example` and `bank-api` are one service. */
const canonical = (name: string): string => name.split('.')[0] ?? name;

describe.skipIf(missing !== null)(
  `the captured webhooks on a mesh that reproduces their incident${missing === null ? '' : `: ${missing}`}`,
  () => {
    let stop = async (): Promise<void> => undefined;
    let cluster: Cluster;
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
