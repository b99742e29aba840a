import { describe, expect, it } from 'vitest';
import { edgeTitle } from '../../../src/domain/edge.ts';
import { judgeEdge } from '../../../src/domain/judgement.ts';
import { type Fault, noisyMesh } from '../../support/noisy-mesh.ts';
import { random } from '../../support/random.ts';
import { triaged } from '../../support/triaged.ts';

const healthyMeshes = 1000;
const faultyMeshes = 150;
const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** Every seed is a mesh of its own: 12 to 30 services, with noise in clumps, blips, wild edges, and drifting latencies. */
const seeds = (count: number, from = 1): readonly number[] => Array.from({ length: count }, (_, index) => from + index);

describe('seeded healthy, noisy meshes', () => {
  it(`blame nothing: an alert that names any edge of ${healthyMeshes} meshes draws at most one verdict`, () => {
    const blamed = seeds(healthyMeshes).flatMap((seed) => {
      const mesh = noisyMesh(seed);
      const { verdict } = triaged(mesh, Math.floor(random(seed + 99_991).uniform() * mesh.edges.length));
      return verdict === null || verdict.side === 'nothing wrong' ? [] : [`seed ${seed}: ${verdict.sentence}`];
    });
    say(`false verdicts in ${healthyMeshes} healthy meshes whose alert names an edge: ${blamed.length}  ${blamed.join('; ')}`);
    expect(blamed.length).toBeLessThanOrEqual(1);
  }, 120_000);

  it('show no sick edge to a look over the whole mesh', () => {
    const edges = seeds(healthyMeshes).flatMap((seed) => noisyMesh(seed).readings(new Set()));
    const sick = edges.filter((reading) => judgeEdge(reading, 'mesh').isSick).map(({ edge }) => edgeTitle(edge));
    say(`sick edges in a look over ${healthyMeshes} whole healthy meshes: ${sick.length} of ${edges.length}`);
    expect(sick.length).toBeLessThanOrEqual(1);
  }, 120_000);
});

/** `coarse`: the right edge, by a rule that knows less; such a verdict is no mistake, but half an answer. */
type Tally = { right: number; coarse: number; silent: number; wrong: number };

const coarser: Readonly<Record<string, string>> = { 'one-pod-bad': 'callee-errors' };

/** Breaks one busy edge of each mesh; the alert names that edge, or the one at the top of the mesh. */
const tallyOf = (kind: Fault['kind'], size: number, rule: string, from: 'the edge' | 'the top'): Tally => {
  const tally: Tally = { right: 0, coarse: 0, silent: 0, wrong: 0 };
  for (const seed of seeds(faultyMeshes, 5001)) {
    let at = 0;
    const mesh = noisyMesh(seed, (edges, dice) => {
      const busy = edges.flatMap(({ perSecond }, index) => (perSecond >= 1 ? [index] : []));
      at = busy.length === 0 ? 0 : dice.pick(busy);
      return { kind, at, size };
    });
    const { verdict } = triaged(mesh, from === 'the edge' ? at : 0);
    const truth = mesh.edges[at]?.edge;
    if (verdict === null || verdict.side === 'nothing wrong') tally.silent += 1;
    else if (truth === undefined || edgeTitle(verdict.at) !== edgeTitle(truth)) tally.wrong += 1;
    else if (verdict.rule === rule) tally.right += 1;
    else if (verdict.rule === coarser[rule]) tally.coarse += 1;
    else tally.wrong += 1;
  }
  say(`${kind} × ${size}, the alert names ${from}: ${JSON.stringify(tally)} of ${faultyMeshes}`);
  return tally;
};

describe('seeded meshes with one fault on the same noise', () => {
  it.each([
    ['errors', 0.2, 'callee-errors', 'the edge'],
    ['errors', 0.2, 'callee-errors', 'the top'],
    ['errors', 0.6, 'callee-errors', 'the edge'],
    ['connection', 0.2, 'connection-failure', 'the edge'],
    ['connection', 0.2, 'connection-failure', 'the top'],
    ['slow', 4, 'slow-callee', 'the edge'],
    ['pod', 0.1, 'one-pod-bad', 'the edge'],
    ['traffic', 0, 'traffic-vanished', 'the edge'],
  ] as const)('%s × %d: %s, when the alert names %s', (kind, size, rule, from) => {
    const { right, coarse, wrong } = tallyOf(kind, size, rule, from);
    expect(right + coarse).toBeGreaterThanOrEqual(0.88 * faultyMeshes);
    expect(right).toBeGreaterThanOrEqual(3 * coarse);
    expect(wrong).toBeLessThanOrEqual(0.05 * faultyMeshes);
  });
});
