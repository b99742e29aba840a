import { type Elevation, elevated, type Trial, usualSensitivity } from './inference/elevated.ts';
import { judgeLatency, type LatencyJudgement } from './inference/latency.ts';
import { trafficChange } from './inference/traffic.ts';
import { meanSeconds, together } from './mean.ts';
import type { Counts, EdgeReading, Reporter, ReporterReading, Windows } from './signals.ts';
import { isTcp } from './tcp.ts';

/** What an edge is asked for decides how sure the test must be: named by the alert, near it, or anywhere in the mesh. */
type Asked = 'named' | 'near' | 'mesh';

/** Fixed α per question: corrections for many comparisons buy one point of power and cannot be explained. */
const alpha: Readonly<Record<Asked, number>> = { named: 1e-3, near: 1e-5, mesh: 1e-6 };

/** A kind of outcome that is no failure, and whether it is more than this edge's own past explains; without a past it never is. `excess` is beyond the usual, 0 unless elevated. */
type Rise = { readonly isElevated: boolean; readonly x: number; readonly usual: number; readonly excess: number };

export type ReporterJudgement = {
  readonly reporter: Reporter;
  readonly errors: Elevation & {
    readonly isElevated: boolean;
    readonly x: number;
    readonly n: number /** failures beyond the usual */;
    readonly excess: number;
  };
  readonly refused: Elevation & { readonly isElevated: boolean; readonly x: number };
  /** Clients that left before the answer: they may have waited too long, or do so by design. */
  readonly left: Rise;
  /** Other 4xx: shown, never blamed by themselves. */
  readonly clientErrors: Rise;
  readonly latency: (LatencyJudgement & { readonly isElevated: boolean }) | null;
  readonly traffic: 'vanished' | 'surged' | 'as usual' | 'unknown';
  /** Mean seconds per request beyond the usual; null where not known. */
  readonly excessSeconds: number | null;
};

export type EdgeJudgement = {
  readonly reading: EdgeReading;
  readonly caller: ReporterJudgement | null;
  readonly callee: ReporterJudgement | null;
  /** Elevated by any test at either reporter; clients that leave count only on the edge that the alert names. */
  readonly isSick: boolean;
  /** `errors` when failures or refusals are elevated, `latency` when only latency is. */
  readonly mode: 'errors' | 'latency' | null;
};

const failed = ({ requests, failed: x }: Counts): Trial => ({ n: requests, x });
const refused = ({ requests, refused: x }: Counts): Trial => ({ n: requests, x });

const test = (windows: Windows<Counts>, trial: (counts: Counts) => Trial, asked: Asked): Elevation =>
  elevated(
    {
      halves: windows.halves === null ? null : [trial(windows.halves[0]), trial(windows.halves[1])],
      base: windows.base.map(({ value }) => trial(value)),
      local: windows.local.map(trial),
      now: trial(windows.now),
    },
    { ...usualSensitivity, delta: asked === 'mesh' ? 0.01 : usualSensitivity.delta },
  );

const riseOf = (windows: Windows<Counts>, of: (counts: Counts) => number, asked: Asked): Rise => {
  const x = of(windows.now);
  if (x < usualSensitivity.minimumBad) return { isElevated: false, x, usual: 0, excess: 0 };
  const { p, usual } = test(windows, (counts) => ({ n: counts.requests, x: of(counts) }), asked);
  const isElevated = p < alpha[asked];
  return { isElevated, x, usual, excess: isElevated ? Math.max(0, x - usual * windows.now.requests) : 0 };
};

/** New edge without history: only an absolute look, and a modest word. */
const isPlainlyBad = ({ hasPast, ratio }: Elevation, { n, x }: Trial): boolean => !hasPast && n >= 20 && x >= 20 && ratio >= 0.05;

/** Far from the alert the window before must be over the line too: noise rarely is twice. */
const heldBefore = (
  asked: Asked,
  { line, ratio }: Elevation,
  previous: Counts | null,
  trial: (counts: Counts) => Trial,
): boolean => {
  if (asked !== 'mesh') return true;
  if (previous === null) return false;
  const { n, x } = trial(previous);
  return n > 0 && x / n >= line && x / n >= ratio / 2;
};

const judgeTraffic = ({ counts }: ReporterReading, asked: Asked): ReporterJudgement['traffic'] => {
  const earlier = [...counts.local, ...counts.base.map(({ value }) => value)].map(({ requests }) => requests);
  if (earlier.length < 3) return 'unknown';
  const half = counts.now.requests / 2;
  const { vanishedP, surgedP } = trafficChange(
    counts.halves === null ? [half, half] : [counts.halves[0].requests, counts.halves[1].requests],
    earlier,
  );
  return vanishedP < alpha[asked] ? 'vanished' : surgedP < alpha[asked] ? 'surged' : 'as usual';
};

const excessSecondsOf = ({ duration }: ReporterReading): number | null => {
  if (duration === null || duration.local.length === 0 || duration.now.requests <= 0) return null;
  const past = together(duration.local);
  return past.requests <= 0 ? null : meanSeconds(duration.now) - meanSeconds(past);
};

const judgeReporter = (reading: ReporterReading, asked: Asked, hasSickPast: boolean): ReporterJudgement => {
  const counts = hasSickPast ? { ...reading.counts, local: [], base: [] } : reading.counts;
  const errors = test(counts, failed, asked);
  const refusals = test(counts, refused, asked);
  const latency = reading.latency === null ? null : judgeLatency(reading.latency);
  const now = failed(counts.now);
  const isHigh = (elevation: Elevation, trial: (counts: Counts) => Trial): boolean =>
    (elevation.p < alpha[asked] && heldBefore(asked, elevation, counts.previous, trial)) ||
    (asked === 'named' && isPlainlyBad(elevation, trial(counts.now)));
  return {
    reporter: reading.reporter,
    errors: {
      ...errors,
      isElevated: isHigh(errors, failed),
      x: now.x,
      n: now.n,
      excess: Math.max(0, now.x - errors.usual * now.n),
    },
    refused: { ...refusals, isElevated: isHigh(refusals, refused), x: counts.now.refused },
    left: riseOf(reading.counts, ({ clientLeft }) => clientLeft, asked),
    clientErrors: riseOf(reading.counts, ({ clientError }) => clientError, asked),
    latency: latency === null ? null : { ...latency, isElevated: latency.p < alpha[asked] },
    traffic: judgeTraffic(reading, asked),
    excessSeconds: excessSecondsOf(reading),
  };
};

/** What both reporters' pasts say of an edge. The caller's view comes first; the callee's alone still counts (a fault that retries hide). */
export const judgeEdge = (reading: EdgeReading, asked: Asked): EdgeJudgement => {
  const hasSickPast = reading.sickPast !== undefined;
  const caller = reading.caller === null ? null : judgeReporter(reading.caller, asked, hasSickPast);
  const callee = reading.callee === null ? null : judgeReporter(reading.callee, asked, hasSickPast);
  const sides = [caller, callee].filter((side) => side !== null);
  const hasErrors = sides.some(({ errors, refused: refusals }) => errors.isElevated || refusals.isElevated);
  const isSlow = sides.some(({ latency }) => latency?.isElevated === true);
  const isLeft = asked === 'named' && !isTcp(reading) && (caller ?? callee)?.left.isElevated === true;
  return {
    reading,
    caller,
    callee,
    isSick: hasErrors || isSlow || isLeft,
    mode: hasErrors ? 'errors' : isSlow ? 'latency' : null,
  };
};

/** The reporter whose numbers the message shows: the caller's proxy, which also sees what never arrived; else the callee's. */
export const leadingReporter = (reading: EdgeReading): Reporter =>
  reading.caller === null && reading.callee !== null ? 'callee' : 'caller';

export const leading = (judgement: EdgeJudgement): ReporterJudgement | null => judgement.caller ?? judgement.callee;
