import type { Diagnosis } from '../../../src/domain/diagnosis.ts';
import type { Edge } from '../../../src/domain/edge.ts';
import { got } from '../../../src/domain/gathered.ts';
import { classify, flagsOf } from '../../../src/domain/outcome.ts';
import type {
  Counts,
  Duration,
  EdgeReading,
  Histogram,
  Outcome,
  ProxyCounter,
  Reporter,
  ReporterReading,
  Windows,
} from '../../../src/domain/signals.ts';
import { nextStep } from '../../../src/domain/walk.ts';
import { diagnose } from '../../../src/stages/diagnose/index.ts';
import { alertWith, edgeNamed, reportOf } from '../../support/report.ts';

/** "503 UF" or "503 UF x3", once for every request that is hit; "none" where that side shows no request at all. Several: "500 - | 503 UH". */
type Seen = string;

/** A counter as `side/name`, risen by as many as were hit; `=0` is shown and did not move. */
type Moved = readonly string[];

export type Fault = {
  readonly caller: Seen;
  readonly callee: Seen;
  readonly moved?: Moved;
  /** By how much the requests that are hit take longer, in seconds; at both ends, or at the caller's only. */
  readonly slow?: 'both' | 'caller';
  /** Share of the requests that is hit. */
  readonly share?: number;
  /** Shows in every window before too. */
  readonly isUsual?: boolean;
  /** Was never seen before. */
  readonly isNew?: boolean;
  /** Requests in a window of five minutes. */
  readonly requests?: number;
};

const windowRequests = 3000;
/** Of every thousand requests one fails, and one is left by its client: as ever. */
const noise: readonly (readonly [code: string, flags: string, share: number])[] = [
  ['503', 'UC', 0.001],
  ['0', 'DC', 0.001],
  ['404', '-', 0.002],
];

const outcome = (code: string, flags: string, requests: number): Outcome => {
  const [number = '', status] = code.split('/');
  return {
    code: number,
    grpcStatus: status ?? null,
    flags: flagsOf(flags),
    protocol: status === undefined ? 'http' : 'grpc',
    workload: 'payments-v1',
    version: 'v1',
    requests,
  };
};

const healthy = (requests: number): readonly Outcome[] => [
  outcome('200', '-', requests * 0.996),
  ...noise.map(([code, flags, share]) => outcome(code, flags, requests * share)),
];

/** What one side shows of those that are hit. */
const hit = (seen: Seen, requests: number): readonly Outcome[] =>
  seen === 'none'
    ? []
    : seen.split(' | ').map((one, _, all) => {
        const [code = '', flags = '-', times = 'x1'] = one.split(' ');
        return outcome(code, flags, (requests / all.length) * Number(times.slice(1)));
      });

const countsOf = (outcomes: readonly Outcome[]): Counts =>
  outcomes.reduce<Counts>(
    (sum, { code, grpcStatus, flags, requests }) => {
      const what = classify(code, grpcStatus, flags);
      return {
        requests: sum.requests + requests,
        failed: sum.failed + (what === 'failed' ? requests : 0),
        refused: sum.refused + (what === 'refused' ? requests : 0),
        clientLeft: sum.clientLeft + (what === 'client-left' ? requests : 0),
        clientError: sum.clientError + (what === 'client-error' ? requests : 0),
      };
    },
    { requests: 0, failed: 0, refused: 0, clientLeft: 0, clientError: 0 },
  );

const boundsSeconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
/** Half of the requests around 20 ms, the rest up to 100 ms; those that are slow around 700 ms. */
const histogram = (requests: number, slow: number): Histogram => ({
  boundsSeconds,
  counts: [0.02, 0.18, 0.5, 0.22, 0.07, 0.01, 0, 0, 0, 0, 0, 0].map(
    (part, at) => part * (requests - slow) + (at === 7 ? slow : 0),
  ),
});

const meanOf = ({ counts }: Histogram): Duration =>
  counts.reduce(
    (sum, requests, at) => ({
      requests: sum.requests + requests,
      totalSeconds: sum.totalSeconds + requests * (boundsSeconds[at] ?? 10) * 0.7,
    }),
    { requests: 0, totalSeconds: 0 },
  );

const halved = ({ requests, failed, refused, clientLeft, clientError }: Counts): Counts => ({
  requests: requests / 2,
  failed: failed / 2,
  refused: refused / 2,
  clientLeft: clientLeft / 2,
  clientError: clientError / 2,
});

/** Two dozen windows that differ a little, none of them sick. */
const wobble = (index: number): number => 1 + 0.04 * Math.sin(index * 2.3);

const sideOf = (reporter: Reporter, fault: Fault): ReporterReading | null => {
  const { share = 0.3, slow, requests = windowRequests } = fault;
  const seen = fault[reporter];
  const ok = healthy(requests * (1 - share));
  const now = [...ok, ...hit(seen, requests * share)].filter((one) => one.requests > 0);
  if (now.length === 0) return null;
  const counts = countsOf(now);
  const before = (factor: number): Counts =>
    countsOf(
      fault.isUsual === true ? now.map((one) => ({ ...one, requests: one.requests * factor })) : healthy(requests * factor),
    );
  const local = fault.isNew === true ? [] : Array.from({ length: 24 }, (_, index) => before(wobble(index)));
  const slowed = slow === 'both' || (slow === 'caller' && reporter === 'caller') ? requests * share : 0;
  const past = Array.from({ length: 24 }, (_, index) => histogram(requests * wobble(index), fault.isUsual === true ? slowed : 0));
  const latency: Windows<Histogram> = {
    now: histogram(counts.requests, Math.min(slowed, counts.requests)),
    halves: null,
    previous: null,
    local: past,
    base: [],
  };
  return {
    reporter,
    counts: {
      now: counts,
      halves: [halved(counts), halved(counts)],
      previous: fault.isNew === true ? null : before(1),
      local,
      base: [],
    },
    outcomes: [...now].sort((a, b) => b.requests - a.requests),
    duration: {
      now: meanOf(latency.now),
      halves: null,
      previous: null,
      local: past.map(meanOf),
      base: [],
    },
    latency,
  };
};

const countersOf = ({ moved = [], share = 0.3, requests = windowRequests }: Fault): readonly ProxyCounter[] =>
  moved.map((text) => {
    const [path = '', value] = text.split('=');
    const [side, name = ''] = path.split('/');
    return {
      name,
      side: side === 'callee' ? 'callee' : 'caller',
      now: value === undefined ? requests * share : Number(value),
      before: 0,
    };
  });

/** The callee's proxies have reported in the past, whatever they show now. */
export const readingAt = (edge: Edge, fault: Fault): EdgeReading => ({
  edge,
  caller: sideOf('caller', fault),
  callee: sideOf('callee', fault),
  calleeReports: true,
});

/** What is said of checkout → payments with this fault on a healthy past; other edges may be measured beside it. */
export const diagnosed = (fault: Fault, others: readonly EdgeReading[] = []): Diagnosis => {
  const edge = edgeNamed();
  const readings = [readingAt(edge, fault), ...others];
  const step = nextStep(edge, readings, [edge]);
  const path = step.kind === 'go' ? [edge, step.to] : [edge];
  const { evidence } = reportOf(edge, [alertWith()], { readings, path, proxyCounters: got(countersOf(fault)) });
  return diagnose(evidence);
};
