import type { Gap } from './domain/gathered.ts';
import { judgeEdge } from './domain/judgement.ts';
import { joinedWith } from './domain/sick-past.ts';
import type { EdgeReading } from './domain/signals.ts';
import { maxHops } from './domain/walk.ts';
import { hasMoved, movedOf, wayUp } from './domain/walk-up.ts';
import { gatherQueries, type QueryBudget } from './gather.ts';
import { type Cluster, gapsOf, rowsOf } from './inquiry.ts';
import { planAbove } from './stages/measure/count-plan.ts';
import { readCounts } from './stages/measure/counts.ts';
import type { WindowPlan } from './stages/measure/windows.ts';

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
