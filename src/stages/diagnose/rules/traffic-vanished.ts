import { firstCheck } from '../../../domain/command.ts';
import type { Finding } from '../../../domain/diagnosis.ts';
import { calleeName, callerName, type Edge, edgeKey, isNowhere } from '../../../domain/edge.ts';
import { isEntrance } from '../../../domain/entrance.ts';
import { judgeEdge } from '../../../domain/judgement.ts';
import type { EdgeReading } from '../../../domain/signals.ts';
import { flowOf, hasMoved, type WayUp, wayUp } from '../../../domain/walk-up.ts';
import { count } from '../../../domain/words.ts';
import type { Rule } from '../rule.ts';
import { named, readingAt, type Scene } from '../scene.ts';
import { flowText, sickAround, trafficConfidence } from '../traffic.ts';

/** Of fewer than these nobody can tell that they stopped. */
const leastExpected = 20;

/** Other calls of an edge's caller. */
const siblings = ({ evidence }: Scene, of: Edge): readonly EdgeReading[] =>
  evidence.readings.filter(
    ({ edge }) =>
      callerName(edge) === callerName(of) && edge.source.namespace === of.source.namespace && edgeKey(edge) !== edgeKey(of),
  );

/** Requests that found no route carry no destination: they have not stopped, they go nowhere. Scanners do so every day. */
const isAstray = (scene: Scene, edge: Edge): boolean => {
  const { now, usual } = flowOf(readingAt(scene.evidence, edge));
  const astray = siblings(scene, edge)
    .filter((reading) => isNowhere(reading.edge))
    .map(flowOf)
    .reduce((sum, flow) => sum + Math.max(0, flow.now - flow.usual), 0);
  return astray >= (usual - now) / 2;
};

/**
 * A caller that fails stops before its later calls; their traffic falls with no fault of theirs. And where others fail at the same callee,
 * or it fails below, somebody above has mostly given up: that is to be said, not this.
 */
const isAroundSick = (scene: Scene, path: readonly Edge[]): boolean =>
  sickAround(scene).length > 0 || path.some((edge) => siblings(scene, edge).some((reading) => judgeEdge(reading, 'near').isSick));

/** The question for what the caller gets had no answer. */
const isUnread = ({ evidence }: Scene): boolean => evidence.gaps.some(({ what }) => what === 'the calls into the caller');

const othersText = (scene: Scene, edge: Edge): readonly string[] => {
  const judged = siblings(scene, edge)
    .map((reading) => judgeEdge(reading, 'near'))
    .filter(({ reading }) => flowOf(reading).usual >= leastExpected);
  const gone = judged.filter((one) => hasMoved(one, 'vanished')).length;
  if (judged.length === 0) return [];
  return [
    gone === judged.length ? 'its other calls have stopped too' : `${count(judged.length - gone)} of its other calls go on`,
  ];
};

/** What is known of who calls the one who stopped. */
const aboveText = (scene: Scene, { above, isCut, topmost }: WayUp): string => {
  const who = callerName(topmost);
  if (isCut) return `the way up was followed no further than ${who}`;
  if (above.known) return `${who} itself is called as usual`;
  if (isUnread(scene)) return `who calls ${who} could not be read`;
  return `nobody in the mesh is seen calling ${who}: it begins there${isEntrance(topmost) ? ', or with its clients' : ''}`;
};

/** Every call on the way up has stopped: in the order in which the requests came. */
const wayText = ({ path, topmost }: WayUp): string =>
  `the calls on the way have all stopped: ${[callerName(topmost), ...path.toReversed().map(calleeName)].join(' → ')}`;

const checkOf = (topmost: Edge): Finding['firstCheck'] => {
  const who = callerName(topmost);
  const { namespace } = topmost.source;
  return firstCheck(
    isEntrance(topmost)
      ? `See whether clients still reach ${who} (DNS, load balancer, certificate), and what changed in its routes`
      : `See whether ${who} runs, was changed, or calls something else instead`,
    `Deployment ${named(namespace, who)}`,
    [namespace, topmost.source.workload],
    (ns, name) => `kubectl -n ${ns} get deployment ${name} -o wide`,
  );
};

/** Traffic that was there before and is not any more, while both ends are scraped and nobody on the way is sick. */
export const trafficVanished: Rule = {
  name: 'traffic-vanished',
  find: (scene) => {
    const { top, caller, callee, isBelow, evidence } = scene;
    const flow = flowOf(top.reading);
    if (isBelow || top.isSick || !hasMoved(top, 'vanished') || flow.usual < leastExpected) return null;
    const lost = flow.usual - flow.now;
    const way = wayUp(top.reading.edge, evidence.readings, 'vanished');
    const { path, topmost, above } = way;
    if (way.sick.length > 0 || isAroundSick(scene, path) || path.some((edge) => isAstray(scene, edge))) return null;
    const text = flowText(scene, flow);
    const who = callerName(topmost);
    const isFromAbove = path.length > 1;
    // Nobody in the mesh calls its entrance.
    const isWhole = !way.isCut && (above.known || (!isUnread(scene) && (isFromAbove || isEntrance(topmost))));
    // Of a workload that is called by its own name the name is said with which it calls.
    const next = path.length === 2 ? caller : calleeName(topmost);
    return {
      // Where the calls ended.
      at: topmost,
      side: 'caller',
      confidence: isWhole ? trafficConfidence(scene, lost) : 'possible',
      sentence: isFromAbove
        ? `${who} stopped calling ${next}, so ${caller} has nothing to ask ${callee}: ${text}`
        : `${caller} stopped calling ${callee}: ${text}`,
      evidence: [
        ...(isFromAbove ? [wayText(way)] : []),
        aboveText(scene, way),
        ...(top.reading.caller === null ? [`the proxies of ${caller} report nothing any more: it is gone, or not scraped`] : []),
        ...othersText(scene, topmost),
      ],
      firstCheck: checkOf(topmost),
      badEvents: lost,
      explains: ['healthy', 'recovered'],
    };
  },
};
