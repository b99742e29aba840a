/**
 * `node test/lab/simulated.ts FIGURES.json`: what the whole chain (detect, rank, word) says of meshes that are drawn instead of run, with and
 * without a fault. The lab's page takes the file by `--simulated`.
 */
import { writeFileSync } from 'node:fs';
import type { Confidence } from '../../src/domain/diagnosis.ts';
import { edgeTitle } from '../../src/domain/edge.ts';
import { type Fault, noisyMesh } from '../support/noisy-mesh.ts';
import { random } from '../support/random.ts';
import { triaged } from '../support/triaged.ts';
import type { SimulatedMeshes } from './stack/result.ts';

const quietMeshes = 2000;
const brokenMeshes = 400;

type Case = { readonly kind: Fault['kind']; readonly size: number; readonly rules: readonly string[] };
const cases: readonly Case[] = [
  { kind: 'errors', size: 0.2, rules: ['callee-errors'] },
  { kind: 'errors', size: 0.05, rules: ['callee-errors'] },
  { kind: 'connection', size: 0.2, rules: ['connection-failure'] },
  { kind: 'slow', size: 4, rules: ['slow-callee', 'slow-dependency'] },
  { kind: 'pod', size: 0.1, rules: ['one-pod-bad', 'callee-errors'] },
  { kind: 'traffic', size: 0, rules: ['traffic-vanished'] },
];

type Tally = { right: number; total: number };
const tallies = new Map<string, Tally>();
const count = (what: string, isRight: boolean): void => {
  const tally = tallies.get(what) ?? { right: 0, total: 0 };
  tallies.set(what, { right: tally.right + (isRight ? 1 : 0), total: tally.total + 1 });
};

const wordText = (confidence: Confidence): string => `verdicts that were ${confidence}, right in edge and cause`;

const quiet = (): void => {
  for (let seed = 1; seed <= quietMeshes; seed += 1) {
    const mesh = noisyMesh(seed);
    const { verdict } = triaged(mesh, Math.floor(random(seed + 99_991).uniform() * mesh.edges.length));
    const blames = verdict !== null && verdict.side !== 'nothing wrong';
    count('quiet, noisy meshes whose alert names an edge: nobody is blamed', !blames);
    if (blames) count(wordText(verdict.confidence), false);
  }
};

const broken = ({ kind, size, rules }: Case): void => {
  for (let seed = 1; seed <= brokenMeshes; seed += 1) {
    let at = 0;
    const mesh = noisyMesh(50_000 + seed, (edges, dice) => {
      const busy = edges.flatMap(({ perSecond }, index) => (perSecond >= 1 ? [index] : []));
      at = busy.length === 0 ? 0 : dice.pick(busy);
      return { kind, at, size };
    });
    const { verdict } = triaged(mesh, at);
    const truth = mesh.edges[at]?.edge;
    const isNamed = verdict !== null && verdict.side !== 'nothing wrong';
    const isRight = isNamed && truth !== undefined && edgeTitle(verdict.at) === edgeTitle(truth) && rules.includes(verdict.rule);
    count(`${kind} × ${size} at one edge: edge and cause right`, isRight);
    if (isNamed) count(wordText(verdict.confidence), isRight);
  }
};

quiet();
for (const one of cases) broken(one);

const figures: SimulatedMeshes = {
  says: `${quietMeshes} quiet and ${cases.length * brokenMeshes} broken meshes of 12 to 30 services, with noise in clumps, blips, wild edges and drifting latencies (test/support/noisy-mesh.ts), through detection, walk, rules and word`,
  at: new Date().toISOString(),
  rows: [...tallies].map(([what, { right, total }]) => ({ what, right, total })),
};
writeFileSync(process.argv[2] ?? 'simulated.json', `${JSON.stringify(figures, null, 2)}\n`);
for (const { what, right, total } of figures.rows) process.stdout.write(`${what}: ${right} of ${total}\n`);
