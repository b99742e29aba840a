import type { Confidence, Side } from '../../domain/diagnosis.ts';
import { calleeName, callerName, type Edge, edgeKey, isNowhere } from '../../domain/edge.ts';
import type { Evidence } from '../../domain/evidence.ts';
import { grpcText } from '../../domain/grpc.ts';
import { word } from '../../domain/inference/ranking.ts';
import { type EdgeJudgement, judgeEdge } from '../../domain/judgement.ts';
import { classify, quietFlags } from '../../domain/outcome.ts';
import { haveWaited } from '../../domain/patience.ts';
import type { EdgeReading, Outcome, Reporter } from '../../domain/signals.ts';
import { isSlower, isTimeout } from '../../domain/walk.ts';
import { isTailSlower } from './latency.ts';

/** What a rule looks at: one edge as judged, inside its evidence. */
export type Scene = {
  readonly evidence: Evidence;
  readonly edge: Edge;
  readonly judged: EdgeJudgement;
  /** The alert's edge, which may lie above. */
  readonly top: EdgeJudgement;
  readonly isBelow: boolean;
  readonly caller: string;
  readonly callee: string;
  readonly namespace: string | null;
};

export const readingAt = (evidence: Evidence, edge: Edge): EdgeReading =>
  evidence.readings.find((reading) => edgeKey(reading.edge) === edgeKey(edge)) ?? {
    edge,
    caller: null,
    callee: null,
    calleeReports: false,
  };

/** The scene at the end of the walk; null without a measured edge. */
export const sceneOf = (evidence: Evidence): Scene | null => {
  const [first] = evidence.path;
  const edge = evidence.path.at(-1);
  if (!first || !edge) return null;
  const isBelow = evidence.path.length > 1;
  // The walk has already decided that the end of the path is sick; here only how.
  const top = judgeEdge(readingAt(evidence, first), 'named');
  return {
    evidence,
    edge,
    judged: isBelow ? judgeEdge(readingAt(evidence, edge), 'named') : top,
    top,
    isBelow,
    caller: callerName(edge),
    callee: calleeName(edge),
    namespace: edge.destination.namespace,
  };
};

export const outcomesOf = ({ judged }: Scene, reporter: Reporter): readonly Outcome[] => judged.reading[reporter]?.outcomes ?? [];

/** Failed or refused. */
export const isBad = ({ code, grpcStatus, flags }: Outcome): boolean =>
  ['failed', 'refused'].includes(classify(code, grpcStatus, flags));

/** Bad requests at one reporter whose flags pass. */
export const badWith = (scene: Scene, reporter: Reporter, passes: (outcome: Outcome) => boolean): number =>
  outcomesOf(scene, reporter)
    .filter((outcome) => isBad(outcome) && passes(outcome))
    .reduce((sum, { requests }) => sum + requests, 0);

export const badAt = (scene: Scene, reporter: Reporter): number => badWith(scene, reporter, () => true);

export const hasFlag =
  (...wanted: readonly string[]) =>
  ({ flags }: Outcome): boolean =>
    flags.some((flag) => wanted.includes(flag));

/** Requests at one reporter with any of the flags, failed or not. */
export const withFlag = (scene: Scene, reporter: Reporter, ...wanted: readonly string[]): number =>
  outcomesOf(scene, reporter)
    .filter(hasFlag(...wanted))
    .reduce((sum, { requests }) => sum + requests, 0);

export const requestsAt = ({ judged }: Scene, reporter: Reporter): number => judged.reading[reporter]?.counts.now.requests ?? 0;

/** Most of the failures: a cause that explains less is not the cause. */
export const isMost = (part: number, whole: number): boolean => whole > 0 && part >= 5 && part >= whole / 2;

/** Bad requests that pass, at the reporter that shows more of them. */
export type Part = { readonly at: Reporter; readonly requests: number; readonly whole: number };

/**
 * What a part at one end must be most of. Retries may multiply what the callee sees, or hide all of it from the caller: then the few
 * failures that the caller always has are no yardstick.
 */
export const wholeAt = (scene: Scene, at: Reporter): number => {
  const { caller } = scene.judged;
  const isElevated = caller?.errors.isElevated === true || caller?.refused.isElevated === true;
  return at === 'caller' && isElevated ? badAt(scene, 'caller') : Math.max(badAt(scene, 'caller'), badAt(scene, 'callee'));
};

/** The bad requests that pass, where they are most of what either reporter calls bad; the few of a reporter that saw little are no cause. */
export const mostly = (scene: Scene, passes: (outcome: Outcome) => boolean): Part | null => {
  if (!hasErrors(scene)) return null;
  const found = (['caller', 'callee'] as const)
    .map((at): Part => ({ at, requests: badWith(scene, at, passes), whole: wholeAt(scene, at) }))
    .filter(({ requests, whole }) => isMost(requests, whole));
  return [...found].sort((a, b) => b.requests - a.requests)[0] ?? null;
};

export const proxySide = (at: Reporter): Side => (at === 'caller' ? "caller's proxy" : "callee's proxy");

/** Nothing but flags that do not say who answered. */
export const isBare = ({ flags }: Outcome): boolean => flags.every((flag) => quietFlags.has(flag));

/** What a proxy means by the status that it answers a gRPC call with: the HTTP code is 200 then (grpc.io, "HTTP to gRPC Status Code Mapping"). */
const meantBy: ReadonlyMap<string, string> = new Map([
  ['4', '504'],
  ['12', '404'],
  ['13', '400'],
  ['14', '503'],
]);

/** The HTTP code, also of a gRPC call. */
export const meantCode = ({ code, grpcStatus }: Outcome): string =>
  grpcStatus !== null && code.startsWith('2') ? (meantBy.get(grpcStatus) ?? code) : code;

/** "503 UF", also where a gRPC call got it as UNAVAILABLE. */
export const codeAndFlag =
  (pattern: RegExp, ...flags: readonly string[]) =>
  (outcome: Outcome): boolean =>
    pattern.test(meantCode(outcome)) && hasFlag(...flags)(outcome);

const codeText = ({ code, grpcStatus }: Outcome): string =>
  grpcStatus !== null && grpcStatus !== '0' && !/^[45]/.test(code) ? grpcText(grpcStatus) : `HTTP ${code}`;

/** "HTTP 500", "UNAVAILABLE (gRPC 14)": what the bad requests that pass were answered with, most frequent first, at most three. */
export const codesOf = (scene: Scene, reporter: Reporter, passes: (outcome: Outcome) => boolean): readonly string[] =>
  [
    ...new Set(
      outcomesOf(scene, reporter)
        .filter((outcome) => isBad(outcome) && passes(outcome))
        .map(codeText),
    ),
  ].slice(0, 3);

/** "UF or UC": which of the flags the bad requests that pass ended with. */
export const flagsOf = (scene: Scene, at: Reporter, passes: (outcome: Outcome) => boolean, ...among: readonly string[]): string =>
  among.filter((flag) => badWith(scene, at, (outcome) => passes(outcome) && outcome.flags.includes(flag)) >= 0.5).join(' or ');

/** Errors are elevated at the caller or at the callee. */
export const hasErrors = ({ judged }: Scene): boolean => judged.mode === 'errors';

/**
 * Failures that no clock made, and more than a few: they are the trouble, and that the edge is slower too is a line beside it. A loaded
 * node slows everything a little while something else fails.
 */
export const isPlainFailure = ({ judged }: Scene): boolean =>
  judged.mode === 'errors' &&
  [judged.caller, judged.callee].some(
    (side) => side !== null && side.errors.excess + side.refused.x >= 0.05 * side.errors.n && side.errors.n > 0,
  ) &&
  !isTimeout(judged);

/** By the first reporter that times: where the caller waits no longer than usual nobody does, whatever the callee's own proxy times. */
export const isSlow = ({ judged }: Scene): boolean => {
  const timed = [judged.caller, judged.callee].find((side) => (side?.latency ?? null) !== null);
  return timed?.latency?.isElevated === true || isSlower(judged);
};

/** Whoever accounts for less than a fifth of the time that its caller lost, on average over all requests, is not where it was lost. */
const isLostBefore = ({ caller, callee, reading }: EdgeJudgement): boolean => {
  const [lost, own] = [caller?.excessSeconds ?? null, callee?.excessSeconds ?? null];
  return lost !== null && own !== null && own < lost / 5 && isSlower(judgeEdge({ ...reading, callee: null }, 'near'));
};

/** The callee's own proxy sees it slow too; else the time is lost on the way, or in its caller's proxy. */
export const isSlowAtCallee = ({ judged }: Scene): boolean => {
  const { caller, callee, reading } = judged;
  if (callee === null) return !reading.calleeReports;
  if (isLostBefore(judged)) return false;
  if (callee.latency?.isElevated === true || isTailSlower(reading.callee)) return true;
  if (isSlower(judgeEdge({ ...reading, caller: null }, 'near'))) return true;
  if (callee.excessSeconds === null || caller === null || caller.excessSeconds === null) return callee.latency === null;
  return callee.excessSeconds >= caller.excessSeconds / 2;
};

/**
 * Slower than a proxy or a client has patience for, which ran out so many times: the whole of it, or at least the slowest, by the callee's own
 * clock too. Its caller also waits for attempts that are made again, and for packets that are lost.
 */
export const isSlowForPatience = (scene: Scene, ranOut: number): boolean =>
  (isSlow(scene) || isTailSlower(scene.judged.reading.caller ?? scene.judged.reading.callee)) &&
  isSlowAtCallee(scene) &&
  haveWaited(scene.judged, ranOut);

/** "payments is as fast as usual", where something ran out that is not its slowness. */
export const speedText = (scene: Scene): string =>
  isSlow(scene) || isTailSlower(scene.judged.reading.caller ?? scene.judged.reading.callee)
    ? `${scene.callee} is hardly slower than usual`
    : `${scene.callee} is as fast as usual`;

/** Slow for the caller only: it waits for something else than the callee's answers. */
export const isSlowOnTheWay = (scene: Scene): boolean => isSlow(scene) && !isSlowAtCallee(scene);

/** Ways by which an alert names its edge itself; all others chose among several. */
const namedWays: ReadonlySet<Evidence['located']['way']> = new Set(['labels', 'expression', 'rules-api', 'command']);

/** Something about the evidence leaves room for another edge, or another beginning. */
const isHedged = ({ evidence, judged }: Scene): boolean =>
  evidence.onsetMs === null ||
  // A mesh of today's: nobody knows its mornings yet.
  ((judged.reading.caller ?? judged.reading.callee)?.counts.base.length ?? 0) < 2 ||
  !namedWays.has(evidence.located.way) ||
  evidence.located.runnerUp !== null ||
  evidence.pathStopped !== null ||
  evidence.gaps.length > 0 ||
  judged.reading.sickPast !== undefined;

/**
 * Without a destination there is a row only while there are such requests: that it has no past says that there were none, where its caller
 * was measured before.
 */
const isNewNowhere = ({ evidence, edge }: Scene): boolean =>
  isNowhere(edge) &&
  evidence.readings.some(
    ({ edge: other, caller }) =>
      callerName(other) === callerName(edge) &&
      other.source.namespace === edge.source.namespace &&
      (caller?.counts.local.length ?? 0) >= 3,
  );

/** The word for so many bad events, with every cap that the evidence asks for. */
export const confidenceOf = (scene: Scene, badEvents: number, whole: number): Confidence => {
  const { judged, evidence } = scene;
  const side = judged.caller ?? judged.callee;
  const counts = (judged.reading.caller ?? judged.reading.callee)?.counts;
  const said = word(whole > 0 ? Math.min(1, badEvents / whole) : 0, badEvents, true);
  const isYoung = ((counts?.local.length ?? 0) === 0 || side?.errors.hasPast === false) && !isNewNowhere(scene);
  const isCapped = isYoung || side?.errors.isWild === true || evidence.gaps.some(({ reason }) => reason === 'absent');
  if (said === null || said === 'possible' || isCapped) return 'possible';
  return said === 'certain' && !isHedged(scene) ? 'clear' : 'likely';
};

/** "the proxy of checkout": who counts at that end. A waypoint stands before the callee and counts for both. */
export const proxyOf = ({ evidence, caller, callee }: Scene, reporter: Reporter): string =>
  evidence.mesh === 'ambient' && reporter === 'caller'
    ? `the waypoint of ${callee}`
    : `the proxy of ${reporter === 'caller' ? caller : callee}`;

/** "shop/payments" */
export const named = (namespace: string | null, name: string): string => (namespace === null ? name : `${namespace}/${name}`);
