import type { FlagLine, Impact, RankedChange } from '../../domain/diagnosis.ts';
import { calleeName, type Edge, edgeKey, isEverybody, isNamedAfter, isSameCallee } from '../../domain/edge.ts';
import { isEntrance } from '../../domain/entrance.ts';
import type { Change, Evidence } from '../../domain/evidence.ts';
import { type EdgeJudgement, judgeEdge } from '../../domain/judgement.ts';
import { flagMeaning } from '../../domain/response-flag.ts';
import type { Outcome, Reporter } from '../../domain/signals.ts';
import { lengthSeconds, minuteMs } from '../../domain/time.ts';
import { hasMoved } from '../../domain/walk-up.ts';
import { outcomesOf, type Scene } from './scene.ts';

const informational: ReadonlySet<string> = new Set(['RFCF']);

const countedFlags = (outcomes: readonly Outcome[], reporter: Reporter): readonly FlagLine[] => {
  const all = outcomes.reduce((sum, { requests }) => sum + requests, 0);
  const found = new Map<string, number>();
  for (const { flags, requests } of outcomes) for (const flag of flags) found.set(flag, (found.get(flag) ?? 0) + requests);
  return [...found]
    .filter(([flag]) => !informational.has(flag))
    .map(([flag, requests]) => ({ flag, meaning: flagMeaning(flag), reporter, requests, share: all > 0 ? requests / all : 0 }));
};

/** Response flags of the edge at the end of the walk, most frequent first. */
export const flagLines = (scene: Scene): readonly FlagLine[] =>
  [...countedFlags(outcomesOf(scene, 'caller'), 'caller'), ...countedFlags(outcomesOf(scene, 'callee'), 'callee')]
    .sort((a, b) => b.requests - a.requests || (a.flag < b.flag ? -1 : 1))
    .slice(0, 6);

/** Sick, or empty: where nobody comes in any more nothing fails. */
const isHit = (judged: EdgeJudgement): boolean => judged.isSick || hasMoved(judged, 'vanished');

/** Who feels it: every edge into the callee, by its caller's own count. */
export const impactOf = (evidence: Evidence): Impact | null => {
  const [edge] = evidence.path;
  if (!edge) return null;
  const into = evidence.readings.filter((reading) => isSameCallee(reading.edge, edge) && !isEverybody(reading.edge.source));
  const minutes = lengthSeconds(evidence.window) / 60;
  const judged = into.map((reading) => ({
    reading,
    judged: judgeEdge(reading, edgeKey(reading.edge) === edgeKey(edge) ? 'named' : 'near'),
    failed: (reading.caller ?? reading.callee)?.counts.now.failed ?? 0,
  }));
  const affected = judged.filter(
    ({ judged: { isSick }, failed, reading }) => isSick || failed >= 5 * minutes || (reading.edge === edge && failed > 0),
  );
  const entered = judged.filter(({ reading }) => isEntrance(reading.edge));
  const entrances = evidence.readings.filter((reading) => isEntrance(reading.edge));
  return {
    failedPerMinute: judged.reduce((sum, { failed }) => sum + failed, 0) / minutes,
    callersAffected: affected.length,
    callers: into.length,
    ingressAffected:
      entrances.length === 0
        ? null
        : entered.some(({ judged: { isSick } }) => isSick) || entrances.some((reading) => isHit(judgeEdge(reading, 'near'))),
  };
};

/** Within so long of the onset a change coincides; it explains only with a version split or the flag's own object behind it. */
const coincidesMs = 15 * minuteMs;

/** It happened to a workload of the callee's. */
export const isOfCallee = ({ workload, namespace }: Change, edge: Edge): boolean => {
  const { destination } = edge;
  const isHere = namespace === null || destination.namespace === null || namespace === destination.namespace;
  return isHere && workload !== null && (workload === destination.workload || isNamedAfter(workload, calleeName(edge)));
};

/** Changes by how far they are believed; never "caused". */
export const rankChanges = (evidence: Evidence, scene: Scene | null, badVersion: boolean): readonly RankedChange[] => {
  if (!evidence.changes.ok) return [];
  const onsetMs = evidence.onsetMs ?? evidence.window.startMs;
  const isOurs = (change: Change): boolean => scene !== null && isOfCallee(change, scene.edge);
  const rankOf = (change: Change): RankedChange['relation'] => {
    const near = change.atMs !== null && Math.abs(change.atMs - onsetMs) <= coincidesMs;
    if (change.kind === 'rollout' && near && badVersion && isOurs(change)) return 'explains';
    if (near) return 'coincides';
    return change.atMs === null && isOurs(change) && (change.kind === 'restart' || change.kind === 'out-of-memory')
      ? 'coincides'
      : 'also changed';
  };
  const weight: Readonly<Record<RankedChange['relation'], number>> = { explains: 2, coincides: 1, 'also changed': 0 };
  return evidence.changes.value
    .map((change) => ({ ...change, relation: rankOf(change) }))
    .sort(
      (a, b) =>
        weight[b.relation] - weight[a.relation] ||
        Number(isOurs(b)) - Number(isOurs(a)) ||
        (b.atMs ?? 0) - (a.atMs ?? 0) ||
        (a.what < b.what ? -1 : 1),
    );
};
