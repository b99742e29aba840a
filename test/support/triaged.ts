import type { Diagnosis } from '../../src/domain/diagnosis.ts';
import { type Edge, edgeKey } from '../../src/domain/edge.ts';
import { withPast } from '../../src/domain/sick-past.ts';
import { maxHops, nextStep, suspectsBelow } from '../../src/domain/walk.ts';
import { diagnose } from '../../src/stages/diagnose/index.ts';
import type { NoisyMesh } from './noisy-mesh.ts';
import { alertWith, reportOf } from './report.ts';

/** What a triage of this edge of the mesh would say: counts of the edges around it, buckets of the edge and its suspects, the walk, the rules. */
export const triaged = (mesh: NoisyMesh, index: number): Diagnosis => {
  const edge = mesh.edges[index]?.edge as Edge;
  const ends = [edge.source.workload, edge.destination.workload];
  const around = mesh
    .readings(new Set())
    .filter(
      ({ edge: { source, destination } }) => ends.includes(source.workload) || destination.workload === edge.destination.workload,
    );
  const looked = new Set([edge, ...suspectsBelow(edge, around)].map(edgeKey));
  const shown = mesh.edges.flatMap((one, at) => (looked.has(edgeKey(one.edge)) ? [at] : []));
  const readings = withPast(edge, mesh.readings(new Set(shown)));
  const path: Edge[] = [edge];
  for (let last = edge; path.length <= maxHops; last = path.at(-1) ?? edge) {
    const step = nextStep(last, readings, path);
    if (step.kind === 'stop') break;
    path.push(step.to);
  }
  return diagnose(reportOf(edge, [alertWith()], { readings, path }).evidence);
};
