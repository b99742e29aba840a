import { edgeKey } from './domain/edge.ts';
import type { Gap } from './domain/gathered.ts';
import { judgeEdge } from './domain/judgement.ts';
import { withSickPast } from './domain/sick-past.ts';
import type { EdgeReading } from './domain/signals.ts';
import { maxHops } from './domain/walk.ts';
import { hasMoved, movedOf, wayUp } from './domain/walk-up.ts';
import { gatherQueries, type QueryBudget } from './gather.ts';
import { type Cluster, gapsOf, rowsOf } from './inquiry.ts';
import { planAbove } from './stages/measure/count-plan.ts';
import { readCounts } from './stages/measure/counts.ts';
import type { WindowPlan } from './stages/measure/windows.ts';

/** What is known already stays; the rest is judged by the same yardstick. */
export const joinedWith = (readings: readonly EdgeReading[], more: readonly EdgeReading[]): readonly EdgeReading[] => {
  const known = new Set(readings.map((reading) => edgeKey(reading.edge)));
  const isOldNews = readings.some(({ sickPast }) => sickPast !== undefined);
  return [...readings, ...(isOldNews ? withSickPast(more) : more).filter((reading) => !known.has(edgeKey(reading.edge)))];
};

/** Up the graph, one call a hop, while what a caller gets has moved like what it sends; who calls the first one is read already. */
export const walkUp = async (
  cluster: Cluster,
  mine: EdgeReading | undefined,
  plan: WindowPlan,
  start: readonly EdgeReading[],
  budget: QueryBudget,
) => {
  let readings = start;
  const gaps: Gap[] = [];
  const judged = mine === undefined ? null : judgeEdge(mine, 'named');
  const how = judged === null ? null : movedOf(judged);
  // What only one end misses, or counts, is no matter of who calls.
  if (judged === null || how === null || !hasMoved(judged, how)) return { readings, gaps };
  for (let asked = 1; gaps.length === 0; asked += 1) {
    const { path, topmost } = wayUp(judged.reading.edge, readings, how);
    if (path.length <= asked || path.length > maxHops) break;
    const answers = await gatherQueries(cluster.metrics, planAbove(cluster.dialect, topmost, plan, true), budget);
    gaps.push(...gapsOf(answers.values()));
    const rows = { range: rowsOf(answers, 'above'), older: rowsOf(answers, 'above-older'), base: [] };
    readings = joinedWith(readings, readCounts(cluster.dialect, cluster.name, rows, plan));
  }
  return { readings, gaps };
};
