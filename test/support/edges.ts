import type { Edge } from '../../src/domain/edge.ts';
import type { Evidence } from '../../src/domain/evidence.ts';
import { classify, flagsOf } from '../../src/domain/outcome.ts';
import { withPast } from '../../src/domain/sick-past.ts';
import type { Counts, EdgeReading, Outcome, Reporter, ReporterReading } from '../../src/domain/signals.ts';
import { maxHops, nextStep } from '../../src/domain/walk.ts';
import { diagnose } from '../../src/stages/diagnose/index.ts';
import { alertWith, edgeNamed, reportOf } from './report.ts';

/** `[requests, code, flags, gRPC status, version, workload]` of now. */
export type Said = readonly [
  requests: number,
  code?: string,
  flags?: string,
  grpcStatus?: string | null,
  version?: string,
  workload?: string | null,
];

export type Side = {
  readonly now: readonly Said[];
  /** Requests of each window before; as many as now when left out. */
  readonly usual?: number;
  readonly usualFailed?: number;
  /** Share that clients left before the answer. */
  readonly usualLeft?: number;
  /** Mean seconds of now and before. */
  readonly mean?: number;
  readonly usualMean?: number;
  readonly protocol?: string;
};

const outcomeOf =
  (protocol: string, workload: string | null) =>
  ([requests, code = '200', flags = '-', grpcStatus = null, version = 'v1', own = workload]: Said): Outcome => ({
    code,
    grpcStatus,
    flags: flagsOf(flags),
    protocol,
    workload: own,
    version,
    requests,
  });

const countsOf = (outcomes: readonly Outcome[]): Counts => {
  const of = (wanted: string): number =>
    outcomes
      .filter(({ code, grpcStatus, flags }) => classify(code, grpcStatus, flags) === wanted)
      .reduce((sum, { requests }) => sum + requests, 0);
  return {
    requests: outcomes.reduce((sum, { requests }) => sum + requests, 0),
    failed: of('failed'),
    refused: of('refused'),
    clientLeft: of('client-left'),
    clientError: of('client-error'),
  };
};

const half = (counts: Counts): Counts =>
  Object.fromEntries(Object.entries(counts).map(([name, value]) => [name, value / 2])) as unknown as Counts;

const sideOf = (reporter: Reporter, edge: Edge, side: Side): ReporterReading => {
  const outcomes = side.now.map(outcomeOf(side.protocol ?? 'http', edge.destination.workload));
  const now = countsOf(outcomes);
  const requests = side.usual ?? now.requests;
  // No past is all alike: a tenth up and down.
  const past = Array.from({ length: 24 }, (_, index) => {
    const level = requests * (1 + 0.1 * Math.sin(index));
    return {
      requests: level,
      failed: level * (side.usualFailed ?? 0.001),
      refused: 0,
      clientLeft: level * (side.usualLeft ?? 0),
      clientError: 0,
    };
  });
  const { mean = 0.02, usualMean = mean } = side;
  const duration = (counts: Counts, seconds: number) => ({ requests: counts.requests, totalSeconds: counts.requests * seconds });
  return {
    reporter,
    counts: { now, halves: [half(now), half(now)], previous: now, local: past, base: [] },
    outcomes,
    duration: {
      now: duration(now, mean),
      halves: null,
      previous: duration(now, mean),
      local: past.map((counts) => duration(counts, usualMean)),
      base: [],
    },
    latency: null,
  };
};

/** One edge as both ends counted it; what is left out did not report. */
export const readingWith = (edge: Edge, sides: { readonly caller?: Side; readonly callee?: Side }): EdgeReading => ({
  edge,
  caller: sides.caller ? sideOf('caller', edge, sides.caller) : null,
  callee: sides.callee ? sideOf('callee', edge, sides.callee) : null,
  calleeReports: sides.callee !== undefined,
});

/** What a triage says of the first of these edges: the walk, then the rules. */
export const saidOf = (readings: readonly EdgeReading[], more: Partial<Evidence> = {}) => {
  const edge = readings[0]?.edge ?? edgeNamed();
  const judged = withPast(edge, readings);
  const path: Edge[] = [edge];
  for (let last = edge; path.length <= maxHops; last = path.at(-1) ?? edge) {
    const step = nextStep(last, judged, path);
    if (step.kind === 'stop') break;
    path.push(step.to);
  }
  return diagnose(reportOf(edge, [alertWith()], { readings: judged, path, ...more }).evidence);
};
