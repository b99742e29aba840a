import type { Alert, AlertRule } from './domain/alert.ts';
import type { Edge, Located, Subject } from './domain/edge.ts';
import type { Gap, GapReason } from './domain/gathered.ts';
import type { EpochMs } from './domain/time.ts';
import { withCaller } from './find-callers.ts';
import { findRule, ruleInAddress, unrecorded } from './find-rule.ts';
import { gatherQueries, type QueryBudget } from './gather.ts';
import { budgetOf, type Cluster, type Found, gapsOf, rowsOf } from './inquiry.ts';
import { type Scan, scanMesh } from './scan-mesh.ts';
import { isConditional } from './stages/locate/bare.ts';
import { type Clue, clueOf } from './stages/locate/clue.ts';
import { isAt, type NamedEnd } from './stages/locate/named-end.ts';
import { inNames, labelsInNames, type Names, toMesh, toOwn } from './stages/locate/names.ts';
import { planRule } from './stages/locate/plan.ts';
import { type Chosen, chooseEdge, ownRows, type RuleRow, rankRule } from './stages/locate/read.ts';
import { shapeOf } from './stages/locate/shape.ts';

type RuleClue = Extract<Clue, { kind: 'rule' }>;

/** The source understood the question and would not answer it: another wording may do. */
const isAboutQuestion = (reason: GapReason): boolean => /^(unsupported|too-expensive|malformed)$/.test(reason);

type ByRule = { readonly chosen: Chosen | null; readonly gaps: readonly Gap[] };

/** The second way: the rule's own values, edge by edge; without its further conditions where they cannot be asked. */
const byRule = async (
  cluster: Cluster,
  clue: RuleClue,
  alert: Alert,
  rule: AlertRule | null,
  atMs: EpochMs,
  budget: QueryBudget,
): Promise<ByRule> => {
  const { shape, edge } = clue;
  const [own, mesh] = [toOwn(cluster.dialect), toMesh(cluster.dialect)];
  const when = { startsAtMs: alert.startsAtMs, atMs };
  let gaps: readonly Gap[] = [];
  for (const { query, isGuarded } of planRule(shape, alert.labels, rule?.labels ?? null, when, shapeOf)) {
    const answers = await gatherQueries(cluster.metrics, [{ ...query, promql: inNames(query.promql, own) }], budget);
    gaps = gapsOf(answers.values());
    if (gaps.some(({ reason }) => !isAboutQuestion(reason))) break;
    if (gaps.length > 0) continue;
    const rows = rowsOf(answers, 'rule').map((row) => ({ ...row, labels: labelsInNames(row.labels, mesh) }));
    const { own: ownSeries, callers } = ownRows(rows, alert.labels);
    const rank = (some: readonly RuleRow[]) => rankRule(some, shape, cluster.name, isGuarded);
    const isNamed = isOnEdge(edge);
    const about = { hints: clue.hints, isDropped: !isGuarded && isConditional(shape) };
    return {
      chosen: chooseEdge(rank(ownSeries).filter(isNamed), rank(callers).filter(isNamed), clue.way, about),
      gaps: [],
    };
  }
  return { chosen: null, gaps };
};

/** Rows of the edge that the labels name, where they name both ends. */
const isOnEdge =
  (named: Edge | null) =>
  ({ edge }: { readonly edge: Edge }): boolean =>
    named === null ||
    ((named.source.workload === null || isAt({ role: 'caller', workload: named.source })(edge)) &&
      isAt({ role: 'callee', workload: named.destination })(edge));

const unnamed: Subject = {
  kind: 'plain',
  why: 'A mesh alert, but no edge stands out: it may have recovered, or its metrics could not be read',
};

/** The subject with its edge; where the alert names only one end, or no count tells its caller, that workload. */
const told = (chosen: Scan['chosen'], end: NamedEnd | null): Pick<Found, 'subject' | 'located'> => {
  const nothing: Located = { way: 'none', score: 0, runnerUp: null, how: 'no edge stands out' };
  if (chosen === null) return { subject: end === null ? unnamed : { kind: 'workload', ...end, edge: null }, located: nothing };
  if (end === null || !isAt(end)(chosen.edge)) return { subject: { kind: 'edge', edge: chosen.edge }, located: chosen.located };
  return {
    subject: { kind: 'workload', ...end, edge: chosen.edge },
    located: {
      ...chosen.located,
      how: `${chosen.located.how}; the alert names only the ${end.role}${chosen.isBusiest ? '' : ', this is its worst edge'}`,
    },
  };
};

/** What the labels named stays; its series only complete the names. */
const completed = (named: Edge, chosen: Chosen | null): Pick<Found, 'subject' | 'located'> => ({
  subject: { kind: 'edge', edge: chosen?.edge ?? named },
  located: { way: 'labels', score: 1, runnerUp: null, how: "edge from the alert's labels" },
});

const inMeshNames = (rule: AlertRule, names: Names): AlertRule => ({
  ...rule,
  expression: inNames(rule.expression, names),
  labels: labelsInNames(rule.labels, names),
});

/** Locate: labels, else the rule run per edge, else a look over the whole mesh. */
export const locate = async (cluster: Cluster, sent: Alert, atMs: EpochMs): Promise<Found> => {
  const budget = budgetOf(cluster);
  const { rule: said, way, gaps } = await findRule(cluster, sent);
  const names = toMesh(cluster.dialect);
  const alert = { ...sent, labels: labelsInNames(sent.labels, names) };
  const rule = said === null ? null : inMeshNames(await unrecorded(cluster, said, sent.labels), names);
  const clue = clueOf(alert, rule, way, cluster.name);
  const base = { alert: sent, rule: said, records: budget.records };
  const when = { atMs, startsAtMs: alert.startsAtMs, forSeconds: said?.forSeconds ?? null };
  const finished = async (found: Pick<Found, 'subject' | 'located'>, lost: readonly Gap[]): Promise<Found> => {
    const called = await withCaller(cluster, found, when, budget);
    return { ...base, ...called, gaps: [...lost, ...called.gaps] };
  };
  if (clue.kind === 'settled') return finished(clue, clue.subject.kind === 'plain' ? [] : gaps);
  const ruled: ByRule =
    clue.kind === 'rule' ? await byRule(cluster, clue, alert, rule, atMs, budget) : { chosen: null, gaps: [] };
  if (clue.kind === 'rule' && clue.edge !== null) return finished(completed(clue.edge, ruled.chosen), [...gaps, ...ruled.gaps]);
  const callee: NamedEnd | null = ruled.chosen?.isCallerless ? { role: 'callee', workload: ruled.chosen.edge.destination } : null;
  const end = clue.end ?? callee;
  const isOpen = (ruled.chosen === null || callee !== null) && ruled.gaps.length === 0;
  const scanned: Scan = isOpen ? await scanMesh(cluster, clue, end, when, budget) : { chosen: null, gaps: [] };
  const chosen = callee === null ? (ruled.chosen ?? scanned.chosen) : scanned.chosen;
  return finished(told(chosen, end), [...gaps, ...ruled.gaps, ...scanned.gaps]);
};

/** What the labels alone say, when the sources are too slow for the first text. */
export const provisional = (cluster: Cluster, alert: Alert): Found => {
  const rule = ruleInAddress(alert);
  const names = toMesh(cluster.dialect);
  const said = { ...alert, labels: labelsInNames(alert.labels, names) };
  const clue = clueOf(said, rule && inMeshNames(rule, names), 'expression', cluster.name);
  if (clue.kind === 'settled') return { alert, rule, subject: clue.subject, located: clue.located, records: [], gaps: [] };
  if (clue.kind === 'rule' && clue.edge !== null) return { alert, rule, ...completed(clue.edge, null), records: [], gaps: [] };
  const subject: Subject =
    clue.end === null
      ? { kind: 'plain', why: 'A mesh alert; its edge is still being looked for' }
      : { kind: 'workload', ...clue.end, edge: null };
  return {
    alert,
    rule,
    subject,
    located: { way: 'none', score: 0, runnerUp: null, how: 'its edge is still being looked for' },
    records: [],
    gaps: [],
  };
};
