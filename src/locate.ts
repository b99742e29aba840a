import { type Alert, type AlertRule, labelOf, labelsOf, type RecordingRule } from './domain/alert.ts';
import type { Subject } from './domain/edge.ts';
import type { Gap, Gathered } from './domain/gathered.ts';
import { judgeEdge } from './domain/judgement.ts';
import type { Selector } from './domain/promql/tree.ts';
import type { EpochMs } from './domain/time.ts';
import { gather, gatherQueries, type QueryAnswer, type QueryBudget } from './gather.ts';
import { budgetOf, type Cluster, type Found, gapsOf, rowsOf } from './inquiry.ts';
import { type Clue, clueOf } from './stages/locate/clue.ts';
import { expressionOf } from './stages/locate/expression.ts';
import { planMesh, rankMesh, suspectsOf } from './stages/locate/mesh.ts';
import { planRule } from './stages/locate/plan.ts';
import { chooseEdge, ownRows, rankRule } from './stages/locate/read.ts';
import { shapeOf } from './stages/locate/shape.ts';
import { planSuspects } from './stages/measure/count-plan.ts';
import { readCounts } from './stages/measure/counts.ts';
import { planWindows } from './stages/measure/windows.ts';

const ruleFor = (rules: readonly AlertRule[], alert: Alert): AlertRule | null => {
  const fits = ({ name, labels }: AlertRule): boolean =>
    name === labelOf(alert.labels, 'alertname') &&
    Object.entries(labels).every(([label, value]) => /[{]{2}/.test(value) || labelOf(alert.labels, label) === value);
  return rules.find(fits) ?? null;
};

/** The rule from the alert's own address, else from the rules API; the API also knows `for` and the static labels. */
const findRule = async (
  cluster: Cluster,
  alert: Alert,
): Promise<{ readonly rule: AlertRule | null; readonly way: 'expression' | 'rules-api'; readonly gaps: readonly Gap[] }> => {
  const text = expressionOf(alert.generatorUrl);
  const own =
    text === null
      ? null
      : { name: labelOf(alert.labels, 'alertname') ?? '', expression: text, forSeconds: null, labels: labelsOf([]) };
  const { rules } = cluster;
  if (rules === null) return { rule: own, way: 'expression', gaps: [] };
  const answer = await gather('alert rules', rules.name, Math.min(cluster.deadlineMs, 1500), (ask) => rules.alerting(ask));
  const known = answer.ok ? ruleFor(answer.value, alert) : null;
  if (own === null) return { rule: known, way: 'rules-api', gaps: gapsOf([answer]) };
  return {
    rule: known === null ? own : { ...own, forSeconds: known.forSeconds, labels: known.labels },
    way: 'expression',
    gaps: [],
  };
};

const maxRecordings = 4;

/** A rule over a recorded metric is run as what it records, a few levels deep. Many record under one name (Sloth does): their labels tell which. */
export const unrecorded = async (cluster: Cluster, rule: AlertRule, known: Alert['labels'] = rule.labels): Promise<AlertRule> => {
  const { rules } = cluster;
  if (rules === null || shapeOf(rule.expression)?.family !== 'recorded') return rule;
  const recorded = await gather('recording rules', rules.name, 1500, (ask) => rules.recording(ask));
  if (!recorded.ok) return rule;
  const fits = (labels: RecordingRule['labels'], selector: Selector): boolean =>
    Object.entries(labels).every(([name, value]) => {
      const asked = selector.matchers.find(({ label, op }) => label === name && op === '=')?.value;
      return (asked ?? labelOf(known, name) ?? value) === value;
    });
  const innerOf = (text: string): string | null => {
    for (const selector of shapeOf(text)?.selectors ?? []) {
      const found = recorded.value.find(({ name, labels }) => name === selector.metric && fits(labels, selector));
      if (found) return found.expression;
    }
    return null;
  };
  let { expression } = rule;
  for (let depth = 0; depth < maxRecordings && shapeOf(expression)?.family === 'recorded'; depth += 1)
    expression = innerOf(expression) ?? expression;
  return { ...rule, expression };
};

/** Windows half as long as the incident, so that the one before now lies inside it too. */
const suspectWindows = (atMs: EpochMs, onsetMs: EpochMs): ReturnType<typeof planWindows> =>
  planWindows(atMs, onsetMs, Math.min(300, Math.max(60, Math.floor((atMs - onsetMs) / 2 / 30_000) * 30)));

/** The third way: four windows of the whole mesh, then the suspects' own past; only who is sick by both may be named. */
const byMesh = async (
  cluster: Cluster,
  clue: Extract<Clue, { kind: 'rule' | 'mesh' }>,
  when: { readonly atMs: EpochMs; readonly onsetMs: EpochMs },
  budget: QueryBudget,
) => {
  const { dialect, name, metrics } = cluster;
  const first = await gatherQueries(metrics, planMesh(dialect, when.atMs), budget);
  const answer = first.get('mesh');
  const samples = answer?.ok ? answer.value.samples : [];
  const suspects = suspectsOf(dialect, name, samples);
  if (suspects.length === 0) return { chosen: null, gaps: gapsOf(first.values()) };
  const plan = suspectWindows(when.atMs, when.onsetMs);
  const known = suspects.filter(({ hasPast }) => hasPast).map(({ edge }) => edge);
  const second = await gatherQueries(metrics, planSuspects(dialect, known, plan), budget);
  const past = { range: rowsOf(second, 'suspects'), older: rowsOf(second, 'suspects-older'), base: [] };
  const asked = clue.end === null ? 'mesh' : 'near';
  const sick = [
    ...readCounts(dialect, name, past, plan)
      .filter((reading) => judgeEdge(reading, asked).isSick)
      .map(({ edge }) => edge),
    ...suspects.filter(({ hasPast }) => !hasPast).map(({ edge }) => edge),
  ];
  return {
    chosen: rankMesh(dialect, name, samples, sick, clue.end),
    gaps: [...gapsOf(first.values()), ...gapsOf(second.values())],
  };
};

/** Locate: labels, else the rule run per edge, else a look over the whole mesh. */
export const locate = async (cluster: Cluster, alert: Alert, atMs: EpochMs): Promise<Found> => {
  const budget = budgetOf(cluster);
  const { rule: said, way, gaps } = await findRule(cluster, alert);
  const rule = said === null ? null : await unrecorded(cluster, said, alert.labels);
  const clue = clueOf(alert, rule, way, cluster.name);
  if (clue.kind === 'settled')
    return {
      alert,
      rule: said,
      subject: clue.subject,
      located: clue.located,
      records: budget.records,
      gaps: clue.subject.kind === 'plain' ? [] : gaps,
    };
  const plan =
    clue.kind === 'rule' ? planRule(clue.shape, alert.labels, rule?.labels ?? null, alert.startsAtMs, atMs, shapeOf) : null;
  const asked =
    plan === null ? new Map<string, Gathered<QueryAnswer>>() : await gatherQueries(cluster.metrics, [plan.query], budget);
  const byRule =
    clue.kind === 'rule'
      ? chooseEdge(rankRule(ownRows(rowsOf(asked, 'rule'), alert.labels), clue.shape, cluster.name), clue.way)
      : null;
  const isRuleLost = [...asked.values()].some((answer) => !answer.ok);
  const scanned =
    byRule === null && !isRuleLost
      ? await byMesh(cluster, clue, { atMs, onsetMs: alert.startsAtMs - (said?.forSeconds ?? 60) * 1000 }, budget)
      : { chosen: null, gaps: [] };
  const chosen = byRule ?? scanned.chosen;
  const lost = [...gaps, ...gapsOf(asked.values()), ...scanned.gaps];
  const { end } = clue;
  if (chosen === null) {
    const subject: Subject =
      end === null
        ? { kind: 'plain', why: 'A mesh alert, but no edge stands out: it may have recovered, or its metrics could not be read' }
        : { kind: 'workload', ...end, edge: null };
    return {
      alert,
      rule: said,
      subject,
      located: { way: 'none', score: 0, runnerUp: null, how: 'no edge stands out' },
      records: budget.records,
      gaps: lost,
    };
  }
  const located =
    end === null
      ? chosen.located
      : { ...chosen.located, how: `${chosen.located.how}; the alert names only the ${end.role}, this is its worst edge` };
  const subject: Subject = end === null ? { kind: 'edge', edge: chosen.edge } : { kind: 'workload', ...end, edge: chosen.edge };
  return { alert, rule: said, subject, located, records: budget.records, gaps: lost };
};

/** What the labels alone say, when the sources are too slow for the first text. */
export const provisional = (cluster: Cluster, alert: Alert): Found => {
  const text = expressionOf(alert.generatorUrl);
  const rule =
    text === null
      ? null
      : { name: labelOf(alert.labels, 'alertname') ?? '', expression: text, forSeconds: null, labels: labelsOf([]) };
  const clue = clueOf(alert, rule, 'expression', cluster.name);
  if (clue.kind === 'settled') return { alert, rule, subject: clue.subject, located: clue.located, records: [], gaps: [] };
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
