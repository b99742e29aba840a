/**
 * Records test/scenarios from the demo's real Prometheus: `node .ci/record-scenarios.ts [name …]`. Each folder holds the alert, the
 * evidence that one triage gathered, and what the bot made of it; the test replays the evidence.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { httpSource } from '../src/adapters/http/client.ts';
import { prometheus } from '../src/adapters/prometheus/metrics-source.ts';
import type { Spelling } from '../src/demo/mesh/expose.ts';
import { scenarios } from '../src/demo/mesh/faults.ts';
import { makePast, startPrometheus } from '../src/demo/stack.ts';
import { ambient } from '../src/dialects/ambient.ts';
import { istio } from '../src/dialects/istio.ts';
import { linkerd } from '../src/dialects/linkerd.ts';
import { type Alert, labelsOf } from '../src/domain/alert.ts';
import type { Dialect } from '../src/domain/dialect.ts';
import type { KnownStanding } from '../src/domain/slo/known.ts';
import type { Sli, Slo } from '../src/domain/slo.ts';
import { dayMs } from '../src/domain/time.ts';
import { withBudgets } from '../src/episodes/budgets.ts';
import { locate } from '../src/locate.ts';
import { measure } from '../src/triage.ts';
import { ambientSpelling, linkerdSpelling } from './spellings.ts';

type Recording = {
  /** The fault of the demo, or null: nothing breaks. */
  readonly fault: string | null;
  /** The edge that the alert names: mostly the one that broke, sometimes one above it. */
  readonly edge: readonly [caller: string, callerNamespace: string, callee: string, calleeNamespace: string];
  /** How old the fault is when the bot looks. */
  readonly ageSeconds?: number;
  readonly dialect?: Dialect;
  readonly spelling?: Spelling;
  /** How objectives stood when they were last read. */
  readonly standings?: readonly KnownStanding[];
};

const top = ['istio-ingressgateway', 'istio-system', 'frontend', 'shop'] as const;
const toPayments = ['checkout', 'shop', 'payments', 'shop'] as const;
const toInventory = ['checkout', 'shop', 'inventory', 'shop'] as const;

/** A fixed moment, so that a new recording differs only by what changed in the program. */
const endMs = Date.parse('2026-11-24T07:15:20Z');

const search = { namespace: 'shop', workload: null, service: 'search' };
const frontend = { namespace: 'shop', workload: 'frontend', service: null };

/** A rolling one of 30 days with twelve million requests, read a quarter of an hour before. */
const objective = (
  name: string,
  of: Pick<Slo, 'about' | 'objectivePpm'> & { readonly sli: Sli; readonly left: number },
): KnownStanding => {
  const { about, objectivePpm, sli, left } = of;
  const atMs = endMs - 15 * 60_000;
  const slo: Slo = {
    ...{ name, about, sli, objectivePpm, window: { kind: 'rolling', days: 30 } },
    ...{ cluster: null, owner: null, channel: null, origin: { format: 'Edgewise', file: 'slos.yaml' } },
  };
  return {
    ...{ slo, cluster: 'demo', atMs, state: left < 0 ? 'breached' : 'healthy', left, exhaustedAtMs: null },
    period: { startMs: atMs - 30 * dayMs, endMs: atMs, wholeSeconds: (30 * dayMs) / 1000 },
    events: { total: 12_000_000, bad: (1 - left) * 12 * (1_000_000 - objectivePpm) },
  };
};

const slowerThan = (thresholdSeconds: number): Sli => ({
  ...{ kind: 'latency', thresholdSeconds, offEdge: 'refuse', reporter: 'destination' },
});
const ofSearch: readonly KnownStanding[] = [
  objective('search-availability', {
    about: { kind: 'service', callee: search },
    ...{ objectivePpm: 999_000, left: 0.64, sli: { kind: 'availability', bad: 'failed', reporter: 'destination' } },
  }),
  objective('search-latency', {
    about: { kind: 'service', callee: search },
    ...{ objectivePpm: 990_000, left: 0.38, sli: slowerThan(1) },
  }),
  objective('frontend-search-latency', {
    about: { kind: 'edge', edge: { cluster: null, source: frontend, destination: search } },
    ...{ objectivePpm: 950_000, left: 0.9, sli: slowerThan(2.5) },
  }),
];

const recordings: Readonly<Record<string, Recording>> = {
  'connection-refused': { fault: 'connection-refused', edge: toPayments },
  'connection-refused-from-the-top': { fault: 'connection-refused', edge: top },
  'app-errors': { fault: 'app-errors', edge: toInventory },
  'app-errors-ambient': { fault: 'app-errors', edge: toInventory, dialect: ambient, spelling: ambientSpelling },
  'app-errors-linkerd': { fault: 'app-errors', edge: toInventory, dialect: linkerd, spelling: linkerdSpelling },
  'bad-version': { fault: 'bad-version', edge: toPayments },
  'bad-version-young-from-the-top': { fault: 'bad-version', edge: top, ageSeconds: 60 },
  'slow-dependency': { fault: 'slow-dependency', edge: ['frontend', 'shop', 'checkout', 'shop'] },
  'slow-dependency-linkerd': {
    fault: 'slow-dependency',
    edge: ['frontend', 'shop', 'checkout', 'shop'],
    dialect: linkerd,
    spelling: linkerdSpelling,
  },
  'slow-callee': { fault: 'slow-callee', edge: ['frontend', 'shop', 'search', 'shop'] },
  'slow-callee-with-objectives': {
    ...{ fault: 'slow-callee', edge: ['frontend', 'shop', 'search', 'shop'], standings: ofSearch },
  },
  timeout: { fault: 'timeout', edge: ['inventory', 'shop', 'warehouse', 'logistics'] },
  'timeout-from-the-top': { fault: 'timeout', edge: top },
  'no-endpoints': { fault: 'no-endpoints', edge: ['checkout', 'shop', 'shipping', 'shop'] },
  'circuit-breaker': { fault: 'circuit-breaker', edge: ['frontend', 'shop', 'catalog', 'shop'] },
  'no-route': { fault: 'no-route', edge: ['frontend', 'shop', 'cart', 'shop'] },
  'tls-mismatch': { fault: 'tls-mismatch', edge: ['payments', 'shop', 'fraud', 'finance'] },
  'app-down': { fault: 'app-down', edge: ['checkout', 'shop', 'currency', 'shop'] },
  healthy: { fault: null, edge: toPayments },
};

const quiet = (): void => undefined;

/** The edge as the mesh's own labels name it. */
const edgeLabelsOf = (mesh: Dialect['name'], [caller, callerNamespace, callee, calleeNamespace]: Recording['edge']) =>
  mesh === 'linkerd'
    ? [
        ['direction', 'outbound'],
        ['deployment', caller],
        ['namespace', callerNamespace],
        ['dst_service', callee],
        ['dst_namespace', calleeNamespace],
      ]
    : [
        ['source_workload', caller],
        ['source_workload_namespace', callerNamespace],
        ['destination_service_name', callee],
        ['destination_service_namespace', calleeNamespace],
      ];

const record = async (
  name: string,
  { fault: broken, edge, ageSeconds = 150, dialect = istio, spelling, standings = [] }: Recording,
): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'edgewise-scenario-'));
  const effects = scenarios.find((scenario) => scenario.name === broken)?.effects ?? [];
  const fault = { effects, fromMs: endMs - ageSeconds * 1000 };
  await makePast(folder, endMs, { fault, ...(spelling === undefined ? {} : { spelling }) });
  const running = await startPrometheus({ folder, target: null, alertmanager: null, rules: null, log: quiet });
  try {
    const metrics = prometheus(httpSource({ name: 'Prometheus', url: running.url }), {
      pinned: [],
      concurrency: 8,
      maxSeries: 50_000,
      queryTimeoutSeconds: 10,
      onQuery: quiet,
    });
    const cluster = { name: 'demo', dialect, metrics, rules: null, deadlineMs: 10_000 };
    const labels = labelsOf([
      ['alertname', 'MeshEdgeErrorRatioHigh'],
      ['severity', 'page'],
      ...(edgeLabelsOf(dialect.name, edge) as [string, string][]),
    ]);
    const alert: Alert = {
      fingerprint: 'f1',
      status: 'firing',
      labels,
      annotations: labelsOf([]),
      startsAtMs: endMs - Math.min(60, ageSeconds - 40) * 1000,
      endsAtMs: null,
      generatorUrl: '',
    };
    const evidence = withBudgets(await measure(cluster, await locate(cluster, alert, endMs), [alert], endMs), standings);
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
for (const [name, recording] of Object.entries(recordings))
  if (wanted.length === 0 || wanted.includes(name)) await record(name, recording);
