/**
 * `node test/lab/simulated.ts FIGURES.json`: what detection, walk, rules and word say of meshes that are drawn instead of run, with and
 * without a fault. The lab's page takes the file by `--simulated`.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Confidence } from '../../src/domain/diagnosis.ts';
import { edgeTitle } from '../../src/domain/edge.ts';
import { type Fault, type NoisyMesh, noisyMesh } from '../support/noisy-mesh.ts';
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

type Edges = NoisyMesh['edges'];
type Traits = Edges[number];

const callerOf = (edges: Edges, { edge }: Traits): Traits | undefined =>
  edges.find((one) => one.edge.destination.workload === edge.source.workload);

/**
 * The edges above a sick one where an alert may be about it: a hundredth of the requests fails there, or takes half as long again. Each edge of
 * a mesh is drawn by itself; where a caller usually fails less, or takes less time, than its calls would make it, no real mesh is like that,
 * and the way up ends.
 */
const sufferingAbove = (edges: Edges, sick: Traits, { kind, size }: Case): readonly Traits[] => {
  const found: Traits[] = [];
  let reach = 1;
  for (
    let [callee, caller] = [sick, callerOf(edges, sick)];
    caller !== undefined;
    [callee, caller] = [caller, callerOf(edges, caller)]
  ) {
    const calls = Math.min(1, callee.perSecond / caller.perSecond);
    const isReal =
      kind === 'slow' ? caller.bodySeconds >= calls * callee.bodySeconds : caller.failedShare >= calls * callee.failedShare;
    if (!isReal || kind === 'traffic') break;
    reach *= calls;
    const suffers = kind === 'slow' ? reach * (size - 1) * sick.bodySeconds >= caller.bodySeconds / 2 : reach * size >= 0.01;
    if (suffers) found.push(caller);
  }
  return found;
};

const broken = (one: Case): void => {
  const { kind, size, rules } = one;
  for (let seed = 1; seed <= brokenMeshes; seed += 1) {
    let at = 0;
    const mesh = noisyMesh(50_000 + seed, (edges, dice) => {
      const busy = edges.flatMap(({ perSecond }, index) => (perSecond >= 1 ? [index] : []));
      at = busy.length === 0 ? 0 : dice.pick(busy);
      return { kind, at, size };
    });
    const sick = mesh.edges[at] as Traits;
    const above = sufferingAbove(mesh.edges, sick, one);
    const alerted = above.length === 0 ? sick : random(seed + 77_003).pick(above);
    const { verdict } = triaged(mesh, mesh.edges.indexOf(alerted));
    const isNamed = verdict !== null && verdict.side !== 'nothing wrong';
    const isRight = isNamed && edgeTitle(verdict.at) === edgeTitle(sick.edge) && rules.includes(verdict.rule);
    count(`${kind} × ${size} at one edge, the alert ${alerted === sick ? 'there' : 'above'}: edge and cause right`, isRight);
    if (isNamed) count(wordText(verdict.confidence), isRight);
  }
};

quiet();
for (const one of cases) broken(one);

const figures: SimulatedMeshes = {
  says: [
    `${quietMeshes} quiet and ${cases.length * brokenMeshes} broken meshes of 12 to 30 services: requests, failures, buckets and pods of each edge are drawn,`,
    'with noise in clumps, blips, wild edges and drifting latencies (test/support/noisy-mesh.ts), and go through detection, walk, rules and word.',
    'The alert is about an edge above the sick one, drawn too, wherever there is one that suffers from it (1 % more failures, or half as long again)',
    'and the edges on the way could stand so in one mesh (who calls fails as often and takes as long as its calls make it); else about the sick edge.',
    'Left out is everything around that: proxies, scrapes and PromQL, how an alert is located (its edge is given), traces, Kubernetes, and the message.',
  ].join(' '),
  at: new Date().toISOString(),
  rows: [...tallies].map(([what, { right, total }]) => ({ what, right, total })),
};
const file = process.argv[2] ?? 'simulated.json';
mkdirSync(dirname(file), { recursive: true });
writeFileSync(file, `${JSON.stringify(figures, null, 2)}\n`);
for (const { what, right, total } of figures.rows) process.stdout.write(`${what}: ${right} of ${total}\n`);
