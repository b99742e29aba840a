/**
 * Records test/scenarios from the demo's real Prometheus: `node .ci/record-scenarios.ts [name …]`. Each folder holds the alert, the
 * evidence that one triage gathered, and what the bot made of it; the test replays the evidence.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { httpSource } from '../src/adapters/http/client.ts';
import { prometheus } from '../src/adapters/prometheus/metrics-source.ts';
import type { Effect } from '../src/demo/mesh/faults.ts';
import { scenarios } from '../src/demo/mesh/faults.ts';
import { makePast, startPrometheus } from '../src/demo/stack.ts';
import { istio } from '../src/dialects/istio.ts';
import { type Alert, labelsOf } from '../src/domain/alert.ts';
import { locate } from '../src/locate.ts';
import { measure } from '../src/triage.ts';

/** Which edge the alert of a scenario names: mostly the one that broke, sometimes one above it. */
const alertEdges: Readonly<
  Record<string, readonly [caller: string, callerNamespace: string, callee: string, calleeNamespace: string]>
> = {
  'connection-refused': ['checkout', 'shop', 'payments', 'shop'],
  'connection-refused-from-the-top': ['istio-ingressgateway', 'istio-system', 'frontend', 'shop'],
  'app-errors': ['checkout', 'shop', 'inventory', 'shop'],
  'bad-version': ['checkout', 'shop', 'payments', 'shop'],
  'slow-dependency': ['frontend', 'shop', 'checkout', 'shop'],
  'slow-callee': ['frontend', 'shop', 'search', 'shop'],
  timeout: ['inventory', 'shop', 'warehouse', 'logistics'],
  'no-endpoints': ['checkout', 'shop', 'shipping', 'shop'],
  'circuit-breaker': ['frontend', 'shop', 'catalog', 'shop'],
  'no-route': ['frontend', 'shop', 'cart', 'shop'],
  'tls-mismatch': ['payments', 'shop', 'fraud', 'finance'],
  'app-down': ['checkout', 'shop', 'currency', 'shop'],
  healthy: ['checkout', 'shop', 'payments', 'shop'],
};

const effectsOf = (name: string): readonly Effect[] =>
  scenarios.find((scenario) => name.startsWith(scenario.name))?.effects ?? [];
const quiet = (): void => undefined;
/** A fixed moment, so that a new recording differs only by what changed in the program. */
const endMs = Date.parse('2026-11-24T07:15:20Z');
const sinceFaultMs = 150_000;

const record = async (name: string): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'edgewise-scenario-'));
  await makePast(folder, endMs, quiet, { effects: effectsOf(name), fromMs: endMs - sinceFaultMs });
  const running = await startPrometheus({ folder, target: null, alertmanager: null, rules: null, log: quiet });
  try {
    const metrics = prometheus(httpSource({ name: 'Prometheus', url: running.url }), {
      pinned: [],
      concurrency: 8,
      maxSeries: 50_000,
      queryTimeoutSeconds: 10,
      onQuery: quiet,
    });
    const cluster = { name: 'demo', dialect: istio, metrics, rules: null, deadlineMs: 10_000 };
    const [caller = '', callerNamespace = '', callee = '', calleeNamespace = ''] = alertEdges[name] ?? [];
    const labels = labelsOf([
      ['alertname', 'MeshEdgeErrorRatioHigh'],
      ['severity', 'page'],
      ['source_workload', caller],
      ['source_workload_namespace', callerNamespace],
      ['destination_service_name', callee],
      ['destination_service_namespace', calleeNamespace],
    ]);
    const alert: Alert = {
      fingerprint: 'f1',
      status: 'firing',
      labels,
      annotations: labelsOf([]),
      startsAtMs: endMs - 60_000,
      endsAtMs: null,
      generatorUrl: '',
    };
    const evidence = await measure(cluster, await locate(cluster, alert, endMs), [alert], endMs);
    const out = join('test/scenarios', name);
    mkdirSync(out, { recursive: true });
    const rounded = JSON.stringify(
      { ...evidence, queries: evidence.queries.map((query) => ({ ...query, ms: 0 })) },
      (_key, value: unknown) => (typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(7)) : value),
    );
    writeFileSync(join(out, 'evidence.json'), `${rounded}\n`);
    process.stdout.write(`recorded ${name}\n`);
  } finally {
    await running.stop();
    rmSync(folder, { recursive: true, force: true });
  }
};

const wanted = process.argv.slice(2);
for (const name of wanted.length > 0 ? wanted : Object.keys(alertEdges)) await record(name);
