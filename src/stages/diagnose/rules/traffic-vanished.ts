import { firstCheck } from '../../../domain/command.ts';
import { callerName, edgeKey } from '../../../domain/edge.ts';
import { judgeEdge } from '../../../domain/judgement.ts';
import type { EdgeReading } from '../../../domain/signals.ts';
import { count } from '../../../domain/words.ts';
import type { Rule } from '../rule.ts';
import { named, type Scene } from '../scene.ts';
import { aboveOf, flowOf, flowText, hasMoved, sickAround, trafficConfidence } from '../traffic.ts';

/** Of fewer than these nobody can tell that they stopped. */
const leastExpected = 20;

/** The caller's other calls. */
const siblings = ({ evidence, top }: Scene): readonly EdgeReading[] =>
  evidence.readings.filter(
    ({ edge }) =>
      callerName(edge) === callerName(top.reading.edge) &&
      edge.source.namespace === top.reading.edge.source.namespace &&
      edgeKey(edge) !== edgeKey(top.reading.edge),
  );

/** Requests that found no route carry no destination: they have not stopped, they go nowhere. */
const isAstray = (scene: Scene, lost: number): boolean =>
  siblings(scene)
    .filter(({ edge: { destination } }) => destination.service === null && destination.workload === null)
    .reduce((sum, { caller }) => sum + (caller?.counts.now.requests ?? 0), 0) >=
  lost / 2;

/**
 * A caller that fails stops before its later calls; their traffic falls with no fault of theirs. And where others fail at the same callee,
 * or it fails below, somebody above has mostly given up: that is to be said, not this.
 */
const isAroundSick = (scene: Scene): boolean =>
  sickAround(scene).length > 0 || siblings(scene).some((reading) => judgeEdge(reading, 'near').isSick);

/** The question for what the caller gets had no answer. */
const isUnread = ({ evidence }: Scene): boolean => evidence.gaps.some(({ what }) => what === 'the calls into the caller');

const othersText = (scene: Scene): readonly string[] => {
  const judged = siblings(scene)
    .map((reading) => judgeEdge(reading, 'near'))
    .filter(({ reading }) => flowOf(reading).usual >= leastExpected);
  const gone = judged.filter((one) => hasMoved(one, 'vanished')).length;
  if (judged.length === 0) return [];
  return [
    gone === judged.length ? 'its other calls have stopped too' : `${count(judged.length - gone)} of its other calls go on`,
  ];
};

/** Traffic that was there before and is not any more, while both ends are scraped and nobody on the way is sick. */
export const trafficVanished: Rule = {
  name: 'traffic-vanished',
  find: (scene) => {
    const { top, caller, callee, isBelow } = scene;
    const flow = flowOf(top.reading);
    if (isBelow || top.isSick || !hasMoved(top, 'vanished') || flow.usual < leastExpected) return null;
    const lost = flow.usual - flow.now;
    const above = aboveOf(scene, 'vanished');
    if (above.isSick || isAroundSick(scene) || isAstray(scene, lost)) return null;
    const text = flowText(scene, flow);
    const isFromAbove = above.isMoved && above.who !== null;
    const who = isFromAbove ? (above.who ?? caller) : caller;
    const { namespace } = (isFromAbove ? (above.edge ?? top.reading.edge) : top.reading.edge).source;
    return {
      // One step up, where the calls ended.
      ...(isFromAbove && above.edge !== null ? { at: above.edge } : {}),
      side: 'caller',
      confidence: above.known ? trafficConfidence(scene, lost) : 'possible',
      sentence: isFromAbove
        ? `${who} stopped calling ${caller}, so ${caller} has nothing to ask ${callee}: ${text}`
        : `${caller} stopped calling ${callee}: ${text}`,
      evidence: [
        isFromAbove
          ? `what ${caller} gets from ${who} has vanished as well: the cause lies above`
          : above.known
            ? `${caller} itself is called as usual`
            : isUnread(scene)
              ? `who calls ${caller} could not be read`
              : `nobody in the mesh is seen calling ${caller}: it begins there`,
        ...(top.reading.caller === null ? [`the proxies of ${caller} report nothing any more: it is gone, or not scraped`] : []),
        ...othersText(scene),
      ],
      firstCheck: firstCheck(
        `See whether ${who} runs, was changed, or calls something else instead`,
        `Deployment ${named(namespace, who)}`,
        [namespace, who],
        (ns, name) => `kubectl -n ${ns} get deployment ${name} -o wide`,
      ),
      badEvents: lost,
      explains: ['healthy', 'recovered'],
    };
  },
};
