import { byEdgeKey, calleeName, callerName, type Edge, edgeKey, isNamedAfter } from './edge.ts';
import { type EdgeJudgement, judgeEdge } from './judgement.ts';
import { meanSeconds } from './mean.ts';
import { classify, cutByApplicationFlags, endsHereFlags, patienceFlags } from './outcome.ts';
import { haveWaited } from './patience.ts';
import type { EdgeReading, Outcome } from './signals.ts';

/** At most so many hops below the alert's edge; then the sentence says where the walk stopped. */
export const maxHops = 4;

/** Where the walk goes from an edge, or why it stops there. */
type Step = { readonly kind: 'go'; readonly to: Edge } | { readonly kind: 'stop'; readonly why: string | null };

const isBelow = (edge: Edge, parent: Edge): boolean => {
  const caller = callerName(edge);
  const names = [parent.destination.workload, calleeName(parent)];
  return (
    edge.source.namespace === parent.destination.namespace && names.some((name) => name !== null && isNamedAfter(caller, name))
  );
};

/** The callee's own calls, largest first. */
export const childrenOf = (parent: Edge, readings: readonly EdgeReading[]): readonly EdgeReading[] =>
  readings
    .filter(({ edge }) => isBelow(edge, parent) && edgeKey(edge) !== edgeKey(parent))
    .sort((a, b) => byEdgeKey(a.edge, b.edge));

/** The calls that the caller of an edge gets itself. */
export const parentsOf = (edge: Edge, readings: readonly EdgeReading[]): readonly EdgeReading[] =>
  readings
    .filter(({ edge: other }) => isBelow(edge, other) && edgeKey(other) !== edgeKey(edge))
    .sort((a, b) => byEdgeKey(a.edge, b.edge));

/** Callee's calls that slowed most: the suspects whose buckets are worth reading. */
export const suspectsBelow = (edge: Edge, readings: readonly EdgeReading[]): readonly Edge[] =>
  childrenOf(edge, readings)
    .map((reading) => ({ reading, side: judgeEdge(reading, 'near').caller }))
    .filter(({ side }) => (side?.errors.n ?? 0) >= 20)
    .sort(
      (a, b) => (b.side?.excessSeconds ?? 0) * (b.side?.errors.n ?? 0) - (a.side?.excessSeconds ?? 0) * (a.side?.errors.n ?? 0),
    )
    .slice(0, 3)
    .map(({ reading }) => reading.edge);

/**
 * Requests that their caller left beyond the usual, of an edge that is slower meanwhile: an application that gives up on its callee answers
 * with an error of its own, and the call itself ends without one (0 DC or DR; envoyproxy.io, "Access logging", response flags).
 */
const leftOf = (judgement: EdgeJudgement): number => {
  const side = judgement.caller ?? judgement.callee;
  const isLate = side?.latency?.isElevated === true || isSlower(judgement);
  return side !== null && isLate && haveWaited(judgement, side.left.excess) ? side.left.excess : 0;
};

/** What a proxy refuses as a rule, and an application hardly ever (RFC 9110, 15.5.9 and 15.5.14; RFC 6585, 5): whoever called then fails of it. */
const refusalCodes: ReadonlySet<string> = new Set(['408', '413', '431']);

/** Requests refused so, of an edge where such client errors are most of what is new. */
const turnedAway = ({ caller, callee, reading }: EdgeJudgement): number => {
  const side = caller ?? callee;
  if (side === null || !side.clientErrors.isElevated) return 0;
  const found = sumOf(reading[side.reporter]?.outcomes ?? [], ({ code }) => refusalCodes.has(code));
  return found > side.clientErrors.x / 2 ? found : 0;
};

const badness = (judgement: EdgeJudgement, mode: 'errors' | 'latency'): number => {
  const side = judgement.caller ?? judgement.callee;
  if (side === null) return 0;
  if (mode === 'errors')
    return (
      (side.errors.isElevated ? side.errors.excess : 0) +
      (side.refused.isElevated ? side.refused.x : 0) +
      leftOf(judgement) +
      turnedAway(judgement)
    );
  return Math.max(0, side.excessSeconds ?? 0) * side.errors.n;
};

/** Did the callee see what its caller saw? Below half the edge itself is the place: network, TLS, endpoints, limits, policy. */
const calleeSaw = ({ caller, callee, reading }: EdgeJudgement, mode: 'errors' | 'latency'): boolean => {
  if (caller === null || !reading.calleeReports) return true;
  if (mode === 'latency') return callee === null || (callee.excessSeconds ?? 0) >= (caller.excessSeconds ?? 0) / 2;
  return callee !== null && callee.errors.excess >= caller.errors.excess / 2;
};

/**
 * A child is as slow or failing as its parent only when its own past says so; buckets are not asked for every child, so the mean speaks.
 * Of slowness it carries a fifth at least: who calls two slow ones in turn waits for both, and neither makes up half of it.
 */
const explains = (child: EdgeJudgement, mode: 'errors' | 'latency', inflow: number): boolean => {
  if (mode === 'errors') return child.mode === 'errors' || child.mode === 'latency' || isSlower(child) || turnedAway(child) > 0;
  return child.mode === 'errors' || ((child.isSick || isSlower(child)) && badness(child, 'latency') >= inflow / 5);
};

/**
 * A child of a sick parent is judged like any neighbour; one that by itself carries half of the parent's trouble like a named edge: few are
 * asked, and noise rarely has just the size that is missing (fixed α by question).
 */
const judgeChild = (child: EdgeReading, mode: 'errors' | 'latency', inflow: number): EdgeJudgement => {
  const near = judgeEdge(child, 'near');
  if (near.isSick) return near;
  const named = judgeEdge(child, 'named');
  return badness(named, mode) >= inflow / 2 ? named : near;
};

/** The mean is half again the usual, and the difference is more than a few milliseconds. */
export const isSlower = (judgement: EdgeJudgement): boolean => {
  const side = judgement.caller ?? judgement.callee;
  const past = (judgement.reading.caller ?? judgement.reading.callee)?.duration;
  if (side === null || side.excessSeconds === null || !past || past.local.length < 3 || past.now.requests < 20) return false;
  const means = past.local.filter(({ requests }) => requests > 0).map(meanSeconds);
  const worst = means.reduce((high, value) => Math.max(high, value), 0);
  const now = meanSeconds(past.now);
  return side.excessSeconds > 0.005 && now > 1.3 * worst && now > 1.5 * (now - side.excessSeconds);
};

const sumOf = (outcomes: readonly Outcome[], passes: (outcome: Outcome) => boolean): number =>
  outcomes.filter(passes).reduce((sum, { requests }) => sum + requests, 0);

const hasAny =
  (wanted: ReadonlySet<string>) =>
  ({ flags }: Outcome): boolean =>
    flags.some((flag) => wanted.has(flag));

const isBad = ({ code, grpcStatus, flags }: Outcome): boolean =>
  ['failed', 'refused'].includes(classify(code, grpcStatus, flags));

const isMostBad = (outcomes: readonly Outcome[], passes: (outcome: Outcome) => boolean, whole: number): boolean =>
  whole > 0 && sumOf(outcomes, (outcome) => isBad(outcome) && passes(outcome)) > whole / 2;

/**
 * A bare 504 or 408, or UNAVAILABLE or DEADLINE_EXCEEDED to a gRPC client, whose callee only saw its caller go is a limit of the caller's proxy: Envoy prints no flag
 * for its longest durations.
 */
const isBareLimit = ({ code, grpcStatus, flags }: Outcome): boolean =>
  flags.length === 0 && (code === '504' || code === '408' || (code === '200' && (grpcStatus === '14' || grpcStatus === '4')));

const isDeadlineExceeded = ({ grpcStatus }: Outcome): boolean => grpcStatus === '4';

/**
 * Failures that are a clock running out point at slowness below, whatever the ratio of errors: that of the caller's proxy, of the callee's
 * own, or the deadline of a gRPC client where the edge is slow too. Failed is what `classify` says: gRPC fails with HTTP 200.
 */
export const isTimeout = (judgement: EdgeJudgement): boolean => {
  const { reading } = judgement;
  const [caller, callee] = [reading.caller?.outcomes ?? [], reading.callee?.outcomes ?? []];
  const isLate = isSlower(judgement) || judgement.caller?.latency?.isElevated === true;
  const failing = sumOf(caller, (outcome) => isBad(outcome) || outcome.flags.length > 0);
  const isDeadline = isLate && haveWaited(judgement, sumOf(caller, isDeadlineExceeded));
  const timedOut = sumOf(caller, (outcome) => hasAny(patienceFlags)(outcome) || (isDeadline && isDeadlineExceeded(outcome)));
  if (failing > 0 && timedOut > failing / 2) return true;
  const bare = sumOf(caller, isBareLimit);
  if (bare > failing / 2 && bare > 0 && sumOf(callee, ({ flags }) => flags.includes('DC') || flags.includes('DR')) > bare / 2)
    return true;
  return isMostBad(callee, hasAny(patienceFlags), Math.max(failing, sumOf(callee, isBad)));
};

/**
 * A proxy made the answers itself, the caller's or the callee's own (the caller then sees a bare code): the walk ends here, and not with
 * whatever else fails below. Both proxies see a response that the application cut, so its flag counts at the callee only. What the callee
 * answered without a flag is its own, whatever the caller printed over it: UO where the budget of retries was spent.
 */
const endsHere = ({ reading }: EdgeJudgement): boolean => {
  const [caller, callee] = [reading.caller?.outcomes ?? [], reading.callee?.outcomes ?? []];
  const [atCaller, atCallee] = [sumOf(caller, isBad), sumOf(callee, isBad)];
  const answered = sumOf(callee, (outcome) => isBad(outcome) && outcome.flags.length === 0);
  return (
    (isMostBad(caller, hasAny(endsHereFlags), atCaller) && answered < atCaller / 2) ||
    isMostBad(callee, hasAny(new Set([...endsHereFlags, ...cutByApplicationFlags])), Math.max(atCaller, atCallee))
  );
};

/**
 * One step of the walk down from `edge`: to the child that explains it, or a stop. It follows failures while children carry at least half
 * of them, and slowness when timeouts or latency are the trouble.
 */
export const nextStep = (edge: Edge, readings: readonly EdgeReading[], visited: readonly Edge[]): Step => {
  const reading = readings.find((candidate) => edgeKey(candidate.edge) === edgeKey(edge));
  if (!reading) return { kind: 'stop', why: null };
  const judgement = judgeEdge(reading, 'named');
  const mode = judgement.mode === 'errors' && !isTimeout(judgement) ? 'errors' : 'latency';
  if (!judgement.isSick && !isSlower(judgement)) return { kind: 'stop', why: null };
  if (mode === 'errors' && endsHere(judgement)) return { kind: 'stop', why: null };
  if (!calleeSaw(judgement, mode) && !isTimeout(judgement)) return { kind: 'stop', why: null };
  const inflow = badness(judgement, mode);
  const children = childrenOf(edge, readings)
    .map((child) => ({ judged: judgeChild(child, mode, inflow), edge: child.edge }))
    .filter((child) => !visited.some((seen) => edgeKey(seen) === edgeKey(child.edge)) && explains(child.judged, mode, inflow))
    .map((child) => ({
      ...child,
      weight: Math.max(badness(child.judged, mode), mode === 'errors' ? badness(child.judged, 'latency') : 0),
    }))
    .sort((a, b) => b.weight - a.weight || byEdgeKey(a.edge, b.edge));
  const carried = children.reduce((sum, { judged }) => sum + badness(judged, mode), 0);
  const [worst] = children;
  const isProven = children.some(({ judged }) =>
    mode === 'errors' ? judged.mode === 'errors' || leftOf(judged) > 0 : judged.isSick,
  );
  if (!worst || (carried < inflow / 2 && !isProven)) return { kind: 'stop', why: null };
  if (visited.length > maxHops) return { kind: 'stop', why: `the walk downstream stopped after ${maxHops} hops` };
  return { kind: 'go', to: worst.edge };
};
