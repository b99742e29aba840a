import type { Confidence } from '../../domain/diagnosis.ts';
import { calleeName, callerName, type Edge, edgeKey } from '../../domain/edge.ts';
import type { Evidence } from '../../domain/evidence.ts';
import { word } from '../../domain/inference/ranking.ts';
import { type EdgeJudgement, judgeEdge } from '../../domain/judgement.ts';
import { classify } from '../../domain/outcome.ts';
import type { EdgeReading, Outcome, Reporter } from '../../domain/signals.ts';
import { isSlower } from '../../domain/walk.ts';

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

const isBad = ({ code, grpcStatus, flags }: Outcome): boolean =>
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

/** The callee's own reporter has a past, and shows fewer than half of the failures: they never arrived. */
export const neverArrived = (scene: Scene): boolean =>
  scene.judged.reading.calleeReports && badAt(scene, 'callee') < badAt(scene, 'caller') / 2;

/** Errors are elevated at the caller or at the callee. */
export const hasErrors = ({ judged }: Scene): boolean => judged.mode === 'errors';

export const isSlow = ({ judged }: Scene): boolean =>
  judged.mode === 'latency' ||
  [judged.caller, judged.callee].some((side) => side?.latency?.isElevated === true) ||
  isSlower(judged);

/** The word for so many bad events, with every cap that the evidence asks for; `clear` is not said yet. */
export const confidenceOf = (scene: Scene, badEvents: number, whole: number): Confidence => {
  const { judged, evidence } = scene;
  const side = judged.caller ?? judged.callee;
  const counts = (judged.reading.caller ?? judged.reading.callee)?.counts;
  const said = word(whole > 0 ? Math.min(1, badEvents / whole) : 0, badEvents, true);
  const isThin = (counts?.local.length ?? 0) === 0 || evidence.gaps.some(({ reason }) => reason === 'absent');
  const isCapped = isThin || side?.errors.isWild === true || side?.errors.hasPast === false;
  return said === null || said === 'possible' || isCapped ? 'possible' : 'likely';
};

/** "the proxy of checkout": who counts at that end. A waypoint stands before the callee and counts for both. */
export const proxyOf = ({ evidence, caller, callee }: Scene, reporter: Reporter): string =>
  evidence.mesh === 'ambient' && reporter === 'caller'
    ? `the waypoint of ${callee}`
    : `the proxy of ${reporter === 'caller' ? caller : callee}`;

/** "shop/payments" */
export const named = (namespace: string | null, name: string): string => (namespace === null ? name : `${namespace}/${name}`);
