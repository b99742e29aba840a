import { type Alert, labelsOf } from '../../src/domain/alert.ts';
import type { Diagnosis, Finding } from '../../src/domain/diagnosis.ts';
import type { Edge } from '../../src/domain/edge.ts';
import type { Evidence } from '../../src/domain/evidence.ts';
import { got } from '../../src/domain/gathered.ts';
import type { Report } from '../../src/domain/report.ts';
import type { Counts, EdgeReading, Windows } from '../../src/domain/signals.ts';
import type { Setting, Standing } from '../../src/stages/compose/setting.ts';

/** 2026-11-24T07:15:20Z: every test's "now". */
export const nowMs = 1_795_504_520_000;

/** checkout → payments, with every name replaceable. */
export const edgeNamed = (caller = 'checkout', callee = 'payments', namespace = 'shop'): Edge => ({
  cluster: 'prod',
  source: { namespace, workload: caller, service: null },
  destination: { namespace, workload: `${callee}-v1`, service: callee },
});

const counts = (requests: number, failed: number): Counts => ({ requests, failed, refused: 0, clientLeft: 0, clientError: 0 });
const windows = (now: Counts): Windows<Counts> => ({ now, halves: null, previous: null, local: [], base: [] });

export const readingOf = (edge: Edge): EdgeReading => ({
  edge,
  caller: { reporter: 'caller', counts: windows(counts(3000, 158)), outcomes: [], duration: null, latency: null },
  callee: null,
  calleeReports: true,
});

/** An alert whose every label and annotation may be given. */
export const alertWith = (
  labels: Readonly<Record<string, string>> = {},
  annotations: Readonly<Record<string, string>> = {},
  status: Alert['status'] = 'firing',
): Alert => ({
  fingerprint: 'f1',
  status,
  labels: labelsOf([['alertname', 'EdgeErrorRatioHigh'], ['severity', 'critical'], ...Object.entries(labels)]),
  annotations: labelsOf(Object.entries(annotations)),
  startsAtMs: nowMs - 240_000,
  endsAtMs: null,
  generatorUrl: '',
});

export const findingAt = (edge: Edge, text = 'payments refuses connections: 158 of 3,000 requests failed'): Finding => ({
  rule: 'connection-failure',
  side: "callee's proxy",
  confidence: 'likely',
  sentence: text,
  evidence: ['503 UF at the caller, nothing at the callee'],
  firstCheck: {
    sentence: 'See whether payments has ready endpoints',
    command: 'kubectl -n shop get endpointslices -l kubernetes.io/service-name=payments',
    object: 'Service shop/payments',
  },
  at: edge,
  badEvents: 158,
  explains: [],
});

const diagnosisAt = (edge: Edge): Diagnosis => ({
  verdict: findingAt(edge),
  summary: 'payments refuses connections',
  findings: [findingAt(edge)],
  notes: [],
  ruledOut: ['no timeouts'],
  signals: [
    { signal: 'errors', moved: true, now: '5.3 %', usual: '0.1 %', change: '53×', why: null, value: 0.053, usualValue: 0.001 },
    {
      signal: 'latency',
      moved: false,
      now: 'p99 120 ms',
      usual: '118 ms',
      change: null,
      why: null,
      value: 0.12,
      usualValue: 0.118,
    },
    { signal: 'traffic', moved: false, now: '10/s', usual: '10/s', change: null, why: null, value: 10, usualValue: 10 },
    {
      signal: 'saturation',
      moved: null,
      now: 'not known',
      usual: null,
      change: null,
      why: 'the proxy hides these statistics',
      value: null,
      usualValue: null,
    },
  ],
  flags: [{ flag: 'UF', meaning: 'could not connect to the callee', reporter: 'caller', requests: 158, share: 0.053 }],
  impact: { failedPerMinute: 31.6, callersAffected: 1, callers: 4, ingressAffected: true },
  changes: [
    {
      kind: 'rollout',
      what: 'payments rolled out (payments-7d4f9)',
      object: 'Deployment shop/payments',
      namespace: 'shop',
      workload: 'payments',
      atMs: nowMs - 360_000,
      relation: 'coincides',
    },
  ],
});

/** A whole report about one edge and its alerts. */
export const reportOf = (
  edge: Edge = edgeNamed(),
  alerts: readonly Alert[] = [alertWith()],
  evidence: Partial<Evidence> = {},
  diagnosis: Partial<Diagnosis> = {},
): Report => ({
  evidence: {
    version: 1,
    atMs: nowMs,
    cluster: 'prod',
    mesh: 'istio',
    alerts,
    rule: null,
    subject: { kind: 'edge', edge },
    located: { way: 'labels', score: 1, runnerUp: null, how: "edge from the alert's labels" },
    window: { startMs: nowMs - 300_000, endMs: nowMs },
    onsetMs: nowMs - 300_000,
    reporter: 'caller',
    path: [edge],
    pathStopped: null,
    readings: [readingOf(edge)],
    saturation: got(null),
    proxyCounters: got([]),
    changes: got([]),
    picture: null,
    controlPlane: null,
    pending: [],
    gaps: [],
    queries: [{ text: 'sum(rate(istio_requests_total[5m]))', samples: 1200, ms: 14, budget: 'edge' }],
    ...evidence,
  },
  diagnosis: { ...diagnosisAt(edge), ...diagnosis },
});

export const setting: Setting = {
  timeZone: 'UTC',
  linkHosts: ['runbooks.example', '.wiki.example'],
  grafanaUrl: 'https://grafana.example/base',
  serviceDashboardUid: 'abc',
  controlPlaneDashboardUid: null,
  kialiUrl: 'https://kiali.example/kiali',
  traceUi: { kind: 'jaeger', url: 'https://jaeger.example' },
  owners: { callee: 'team-payments', caller: 'team-shop' },
  buttons: ['acknowledge', 'drill', 'refresh', 'feedback'],
  homeUrl: null,
};

export const standing: Standing = {
  state: 'firing',
  alertCount: 3,
  reopened: 0,
  openedAtMs: nowMs - 240_000,
  closedAtMs: null,
  incidentId: 'incident-1',
  severity: null,
  callers: null,
  edges: null,
  partOf: null,
  acknowledged: null,
  silences: [],
};
