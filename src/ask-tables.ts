import { type AskWorld, type Reply, said } from './asking.ts';
import type { Question } from './domain/question-text.ts';
import { inNamespace } from './find-asked-edge.ts';
import { nameOf, whereItIs } from './find-edges.ts';
import { maxRows, tableMessage } from './stages/compose/tables.ts';
import type { AskedEdges } from './stages/measure/asked.ts';
import { diff } from './tables/diff.ts';
import { edges } from './tables/edges.ts';
import type { Asked, Filled } from './tables/filled.ts';
import { flags } from './tables/flags.ts';
import { stat, top } from './tables/stat.ts';

/** A question that is answered by a table of edges. */
type TableQuestion = Extract<Question, { readonly kind: 'stat' | 'top' | 'flags' | 'edges' | 'diff' }>;

const tables: Readonly<Record<TableQuestion['kind'], (asked: Asked) => Filled | Promise<Filled>>> = {
  stat,
  top,
  flags,
  edges,
  diff,
};

const nouns: Readonly<Record<TableQuestion['kind'], string>> = {
  stat: 'Edges',
  top: 'Worst edges',
  flags: 'Response flags and codes',
  edges: 'mTLS of edges',
  diff: 'What changed on edges',
};

/** Answers with a table of the asked edges, or says why there is none. */
export const tableReply = async (world: AskWorld, asked: TableQuestion): Promise<Reply> => {
  const { kind, name, from, options } = asked;
  const atMs = world.clock.nowMs();
  const to = inNamespace(name, options.namespace);
  const question: AskedEdges = { name: to, from, namespace: options.namespace, seconds: options.windowSeconds, atMs };
  const title = to === null ? 'It' : from === null ? nameOf(to) : `${nameOf(from)} → ${nameOf(to)}`;
  const where = await whereItIs(world, options, question, title);
  if ('reply' in where) return said(where.reply, 'not-found');
  const { cluster } = where.found;
  const { rows, ...filled } = await tables[kind]({
    found: where.found,
    question,
    agoSeconds: asked.kind === 'diff' ? asked.agoSeconds : 0,
  });
  const place = options.namespace === null ? cluster.name : `${cluster.name} / ${options.namespace}`;
  const answer = {
    ...filled,
    title: to === null ? `${nouns[kind]} of ${place}` : `${nouns[kind]} of ${title} in ${cluster.name}`,
    rows: rows.slice(0, maxRows),
    more: Math.max(0, rows.length - maxRows),
    atMs,
    windowSeconds: question.seconds,
  };
  return said(tableMessage(answer, world.settingOf(null, cluster.name).timeZone));
};
