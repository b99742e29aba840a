/**
 * Records test/scenarios/wire from the demo's real Prometheus: `node .ci/record-wire.ts [name …]`. Each folder holds what Alertmanager
 * would have sent, every question to Prometheus with its answer, and the truth; the test replays the exchanges.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { httpSource } from '../src/adapters/http/client.ts';
import { istioSpelling } from '../src/demo/mesh/expose.ts';
import { scenarios } from '../src/demo/mesh/faults.ts';
import { demoRules, makePast, shippedRules, startPrometheus } from '../src/demo/stack.ts';
import { writeRecording } from '../src/recording/folder.ts';
import { recordRun } from '../src/replay.ts';
import type { Fault } from '../test/lab/lab.ts';
import { linkerdSpelling } from './spellings.ts';

type Wire = {
  readonly fault: string;
  readonly mesh?: 'istio' | 'linkerd';
  readonly labels: Readonly<Record<string, string>>;
  /** The rule in the alert's address; else Prometheus' own rules are asked for it. */
  readonly expression?: string;
  readonly truth: Fault['truth'] & { readonly kind: Fault['kind'] };
};

const wires: Readonly<Record<string, Wire>> = {
  'connection-refused-by-its-rule': {
    fault: 'connection-refused',
    labels: { alertname: 'PaymentsErrors', severity: 'critical', destination_service_name: 'payments' },
    expression:
      'sum by (destination_service_name) (rate(istio_requests_total{destination_service_name=~"payments|fraud",response_code=~"5.."}[1m])) / sum by (destination_service_name) (rate(istio_requests_total{destination_service_name=~"payments|fraud"}[1m])) > 0.05',
    truth: {
      kind: 'fault',
      edge: ['checkout', 'payments'],
      rules: ['connection-failure'],
      sides: ['network/TLS'],
      object: 'Deployment shop/payments-v1',
      not: ['checkout (itself|application) fails'],
    },
  },
  'app-errors-linkerd': {
    fault: 'app-errors',
    mesh: 'linkerd',
    labels: {
      alertname: 'InventoryFails',
      severity: 'page',
      direction: 'outbound',
      deployment: 'checkout',
      namespace: 'shop',
      dst_service: 'inventory',
      dst_namespace: 'shop',
    },
    truth: {
      kind: 'fault',
      edge: ['checkout', 'inventory'],
      rules: ['callee-errors'],
      sides: ['callee application'],
      object: 'Deployment shop/inventory',
      not: ['response flag', 'Istio'],
    },
  },
  'slow-dependency-from-the-top': {
    fault: 'slow-dependency',
    labels: {
      alertname: 'MeshEdgeLatencyHigh',
      severity: 'warning',
      source_workload: 'frontend',
      source_workload_namespace: 'shop',
      destination_service_name: 'checkout',
      destination_service_namespace: 'shop',
    },
    truth: {
      kind: 'fault',
      edge: ['payments', 'bank'],
      rules: ['slow-dependency'],
      sides: ["callee's dependency"],
      object: 'Deployment finance/bank',
      not: ['payments is slow itself'],
    },
  },
};

const spellings = { istio: istioSpelling, linkerd: linkerdSpelling };

const quiet = (): void => undefined;
/** A fixed moment, so that a new recording differs only by what changed in the program. */
const endMs = Date.parse('2026-11-24T07:15:20Z');
const ageMs = 150_000;

const deliveryOf = ({ labels, expression }: Wire): unknown => ({
  version: '4',
  receiver: 'edgewise',
  status: 'firing',
  groupKey: `{}:{alertname="${labels['alertname']}"}`,
  groupLabels: { alertname: labels['alertname'] },
  commonLabels: labels,
  commonAnnotations: {},
  externalURL: 'http://alertmanager.shop.example:9093',
  truncatedAlerts: 0,
  alerts: [
    {
      status: 'firing',
      labels,
      annotations: {
        summary: `${labels['destination_service_name'] ?? labels['dst_service']} is in trouble`,
        runbook_url: 'https://wiki.shop.example/run',
      },
      startsAt: new Date(endMs - 60_000).toISOString(),
      endsAt: '0001-01-01T00:00:00Z',
      generatorURL:
        expression === undefined
          ? ''
          : `http://prometheus.shop.example:9090/graph?g0.expr=${encodeURIComponent(expression)}&g0.tab=1`,
      fingerprint: '9ca2e1d3a0b4c5f6',
    },
  ],
});

const record = async (name: string, wire: Wire): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'edgewise-wire-'));
  const effects = scenarios.find((scenario) => scenario.name === wire.fault)?.effects ?? [];
  const { mesh = 'istio' } = wire;
  await makePast(folder, endMs, { fault: { effects, fromMs: endMs - ageMs }, spelling: spellings[mesh] });
  const rules = demoRules(shippedRules());
  const running = await startPrometheus({ folder, target: null, alertmanager: null, rules, log: quiet });
  const [metrics, listed] = ['Prometheus', 'Alert rules'].map((what) => httpSource({ name: what, url: running.url }));
  if (!metrics || !listed) throw new Error('no source');
  try {
    const { recording } = await recordRun(
      { delivery: deliveryOf(wire) },
      { name: 'demo', mesh },
      { metrics, rules: listed, traces: null },
      endMs,
    );
    const out = join('test/scenarios/wire', name);
    mkdirSync(out, { recursive: true });
    writeRecording(out, recording);
    writeFileSync(join(out, 'truth.json'), `${JSON.stringify(wire.truth, null, 2)}\n`);
    process.stdout.write(`recorded ${name}\n`);
  } finally {
    await Promise.all([metrics.close(), listed.close()]);
    await running.stop();
    rmSync(folder, { recursive: true, force: true });
  }
};

const wanted = process.argv.slice(2);
for (const [name, wire] of Object.entries(wires)) if (wanted.length === 0 || wanted.includes(name)) await record(name, wire);
