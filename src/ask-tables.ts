import { type AskWorld, type Reply, said } from './asking.ts';
import type { Question } from './domain/question-text.ts';
import { inNamespace } from './find-asked-edge.ts';
import { nameOf, whereItIs } from './find-edges.ts';
import { type AnswerTable, maxRows, tableMessage } from './stages/compose/tables.ts';
import type { AskedEdges } from './stages/measure/asked.ts';
import type { Figures } from './stages/measure/stat.ts';
import { diff } from './tables/diff.ts';
import { edges } from './tables/edges.ts';
import type { Asked, Filled } from './tables/filled.ts';
import { flags } from './tables/flags.ts';
import { routes } from './tables/routes.ts';
import { pods, versions } from './tables/split.ts';
import { stat, top } from './tables/stat.ts';

/** A question that is answered by a table of edges, or of their routes, versions or pods. */
type TableQuestion = Extract<
  Question,
  { readonly kind: 'stat' | 'top' | 'flags' | 'edges' | 'diff' | 'routes' | 'versions' | 'pods' }
>;

const tables: Readonly<Record<TableQuestion['kind'], (asked: Asked) => Filled | Promise<Filled>>> = {
  stat,
  top,
  flags,
  edges,
  diff,
  routes,
  versions,
  pods,
};

const nouns: Readonly<Record<TableQuestion['kind'], string>> = {
  stat: 'Edges',
  top: 'Worst edges',
  flags: 'Response flags and codes',
  edges: 'mTLS of edges',
  diff: 'What changed on edges',
  routes: 'Routes',
  versions: 'Versions',
  pods: 'Pods',
};

/** What is read to know where the asked edges are; routes, versions and pods have buckets of their own. */
const figures: Readonly<Record<TableQuestion['kind'], Figures>> = {
  stat: 'requests and latency',
  top: 'requests and latency',
  flags: 'requests',
  edges: 'requests',
  diff: 'requests and latency',
  routes: 'requests',
  versions: 'requests',
  pods: 'requests',
};

/** "checkout → payments"; "It" where nobody is named. */
export const titleOf = ({ name, from }: AskedEdges): string =>
  name === null ? 'It' : from === null ? nameOf(name) : `${nameOf(from)} → ${nameOf(name)}`;

/** What a table is about: "payments in eu", "eu / shop". */
export const placeOf = (question: AskedEdges, cluster: string): string => {
  if (question.name !== null) return `${titleOf(question)} in ${cluster}`;
  return question.namespace === null ? cluster : `${cluster} / ${question.namespace}`;
};

/** As many rows as a screen takes, under a title. */
export const tableOf = ({ rows, ...filled }: Filled, title: string, { atMs, seconds }: AskedEdges): AnswerTable => ({
  ...filled,
  title,
  rows: rows.slice(0, maxRows),
  more: Math.max(0, rows.length - maxRows),
  atMs,
  windowSeconds: seconds,
});

/** Answers with a table of the asked edges, or says why there is none. */
export const tableReply = async (world: AskWorld, asked: TableQuestion): Promise<Reply> => {
  const { kind, name, from, options } = asked;
  const atMs = world.clock.nowMs();
  const to = inNamespace(name, options.namespace);
  const question: AskedEdges = { name: to, from, namespace: options.namespace, seconds: options.windowSeconds, atMs };
  const where = await whereItIs(world, options, question, titleOf(question), figures[kind]);
  if ('reply' in where) return said(where.reply, 'not-found');
  const { cluster } = where.found;
  const agoSeconds = asked.kind === 'diff' ? asked.agoSeconds : 0;
  const filled = await tables[kind]({ found: where.found, question, agoSeconds });
  const answer = tableOf(filled, `${nouns[kind]} of ${placeOf(question, cluster.name)}`, question);
  return said(tableMessage(answer, world.settingOf(null, cluster.name).timeZone));
};
