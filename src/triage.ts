import { type Alert, type AlertRule, labelOf, labelsOf } from './domain/alert.ts';
import type { Dialect } from './domain/dialect.ts';
import { callerName, type Edge, edgeKey, edgeOf, type Located, type Subject } from './domain/edge.ts';
import type { ControlPlane, Evidence, QueryRecord } from './domain/evidence.ts';
import { type Gap, type Gathered, got, missed } from './domain/gathered.ts';
import { judgeEdge, leadingReporter } from './domain/judgement.ts';
import type { PlannedQuery } from './domain/question.ts';
import type { EdgeReading, Reporter } from './domain/signals.ts';
import { type EpochMs, minuteMs, windowBefore } from './domain/time.ts';
import { childrenOf, maxHops, nextStep } from './domain/walk.ts';
import { gather, gatherQueries, type QueryAnswer, type QueryBudget } from './gather.ts';
import type { MetricsSource, RulesSource } from './ports.ts';
import { type Clue, clueOf } from './stages/locate/clue.ts';
import { expressionOf } from './stages/locate/expression.ts';
import { planMesh, rankMesh } from './stages/locate/mesh.ts';
import { planRule } from './stages/locate/plan.ts';
import { chooseEdge, rankRule } from './stages/locate/read.ts';
import { shapeOf } from './stages/locate/shape.ts';
import { planChanges, readChanges } from './stages/measure/changes.ts';
import { planControlPlane, readControlPlane } from './stages/measure/control-plane.ts';
import { planCounters, readCounters } from './stages/measure/counters.ts';
import { type CountRow, planCounts, planHop, readCounts } from './stages/measure/counts.ts';
import { planLatency, readLatency } from './stages/measure/latency.ts';
import { planPicture, planPictureQueries, readPicture } from './stages/measure/picture.ts';
import { planSaturation, readSaturation } from './stages/measure/saturation.ts';
import { nowSeconds, planWindows, type WindowPlan, widerSeconds } from './stages/measure/windows.ts';

/** One cluster's sources, as a triage needs them. */
export type Cluster = {
  readonly name: string;
  readonly dialect: Dialect;
  readonly metrics: MetricsSource;
  readonly rules: RulesSource | null /** For one query. */;
  readonly deadlineMs: number;
};

const maxCalls = 20;

const budgetOf = (cluster: Cluster): QueryBudget => ({ records: [], maxCalls, deadlineMs: cluster.deadlineMs });

/** What is known of an alert once its edge is found (or known not to exist). */
export type Found = {
  readonly alert: Alert;
  readonly rule: AlertRule | null;
  readonly subject: Subject;
  readonly located: Located;
  readonly records: readonly QueryRecord[];
  readonly gaps: readonly Gap[];
};

const gapsOf = (answers: Iterable<Gathered<unknown>>): readonly Gap[] =>
  [...answers].flatMap((answer) => (answer.ok ? [] : [answer.gap]));

const rowsOf = (answers: ReadonlyMap<string, Gathered<QueryAnswer>>, id: string): readonly CountRow[] => {
  const answer = answers.get(id);
  if (!answer?.ok) return [];
  const { samples, series } = answer.value;
  return [...series, ...samples.map(({ labels, value, atMs }) => ({ labels, points: [[atMs, value] as const] }))];
};

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

/** A rule over a recorded metric is run as what it records, a few levels deep. */
const unrecorded = async (cluster: Cluster, rule: AlertRule): Promise<AlertRule> => {
  const { rules } = cluster;
  if (rules === null || shapeOf(rule.expression)?.family !== 'recorded') return rule;
  const recorded = await gather('recording rules', rules.name, 1500, (ask) => rules.recording(ask));
  const inner = recorded.ok
    ? shapeOf(rule.expression)
        ?.selectors.map(({ metric }) => recorded.value.get(metric))
        .find((text) => text !== undefined)
    : undefined;
  return inner === undefined ? rule : { ...rule, expression: inner };
};

const byMesh = async (cluster: Cluster, clue: Extract<Clue, { kind: 'rule' | 'mesh' }>, atMs: EpochMs, budget: QueryBudget) => {
  const answers = await gatherQueries(cluster.metrics, planMesh(cluster.dialect, atMs), budget);
  const answer = answers.get('mesh');
  const samples = answer?.ok ? answer.value.samples : [];
  return { chosen: rankMesh(cluster.dialect, cluster.name, samples, clue.end), gaps: gapsOf(answers.values()) };
};

/** Locate: labels, else the rule run per edge, else a look over the whole mesh. */
export const locate = async (cluster: Cluster, alert: Alert, atMs: EpochMs): Promise<Found> => {
  const budget = budgetOf(cluster);
  const { rule: said, way, gaps } = await findRule(cluster, alert);
  const rule = said === null ? null : await unrecorded(cluster, said);
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
  const byRule = clue.kind === 'rule' ? chooseEdge(rankRule(rowsOf(asked, 'rule'), clue.shape, cluster.name), clue.way) : null;
  const isRuleLost = [...asked.values()].some((answer) => !answer.ok);
  const scanned = byRule === null && !isRuleLost ? await byMesh(cluster, clue, atMs, budget) : { chosen: null, gaps: [] };
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

/** When it began, as well as the alert tells: it fired `for` after its expression became true. */
const onsetOf = ({ alert, rule, located }: Found): EpochMs | null =>
  located.way === 'command' ? null : alert.startsAtMs - (rule?.forSeconds ?? 300) * 1000 - minuteMs;

/** Wave 2, widened when traffic is low: below about 30 requests nothing can be told from chance. */
const measureCounts = async (cluster: Cluster, edge: Edge, atMs: EpochMs, found: Found, budget: QueryBudget) => {
  const onsetMs = onsetOf(found);
  const sinceFiring =
    found.located.way === 'command' ? null : found.alert.startsAtMs - Math.min(60, found.rule?.forSeconds ?? 0) * 1000;
  let plan = planWindows(atMs, onsetMs, nowSeconds(atMs, sinceFiring));
  for (;;) {
    const answers = await gatherQueries(cluster.metrics, planCounts(cluster.dialect, edge, plan), budget);
    const readings = readCounts(
      cluster.dialect,
      cluster.name,
      { range: rowsOf(answers, 'counts'), older: rowsOf(answers, 'counts-older'), base: rowsOf(answers, 'counts-base') },
      plan,
    );
    const mine = readings.find((reading) => edgeKey(reading.edge) === edgeKey(edge));
    const requests = (mine?.caller ?? mine?.callee)?.counts.now.requests ?? 0;
    // Two samples a window are needed: with slow scrapes a short window is empty, whatever the traffic.
    const wider =
      requests === 0 ? (plan.seconds < 300 ? 300 : null) : plan.seconds < 900 ? widerSeconds(plan.seconds, requests) : null;
    if (wider === null) return { plan, readings, gaps: gapsOf(answers.values()) };
    plan = planWindows(atMs, onsetMs, wider);
  }
};

/** Callee's calls that slowed most: the suspects whose buckets are worth reading. */
const suspectsOf = (edge: Edge, readings: readonly EdgeReading[]): readonly Edge[] =>
  childrenOf(edge, readings)
    .map((reading) => ({ reading, side: judgeEdge(reading, 'near').caller }))
    .filter(({ side }) => (side?.errors.n ?? 0) >= 20)
    .sort(
      (a, b) => (b.side?.excessSeconds ?? 0) * (b.side?.errors.n ?? 0) - (a.side?.excessSeconds ?? 0) * (a.side?.errors.n ?? 0),
    )
    .slice(0, 3)
    .map(({ reading }) => reading.edge);

/** Wave 4: down the graph, one call a hop, while a child explains its parent. */
const walkDown = async (cluster: Cluster, edge: Edge, plan: WindowPlan, start: readonly EdgeReading[], budget: QueryBudget) => {
  let readings = start;
  const path: Edge[] = [edge];
  let stopped: string | null = null;
  for (let hop = 0; hop <= maxHops; hop += 1) {
    const last = path.at(-1) ?? edge;
    if (hop > 0) {
      const answers = await gatherQueries(cluster.metrics, planHop(cluster.dialect, last, plan), budget);
      const more = readCounts(cluster.dialect, cluster.name, { range: rowsOf(answers, 'hop'), older: [], base: [] }, plan);
      const known = new Set(readings.map((reading) => edgeKey(reading.edge)));
      readings = [...readings, ...more.filter((reading) => !known.has(edgeKey(reading.edge)))];
    }
    const step = nextStep(last, readings, path, hop === 0);
    if (step.kind === 'stop') {
      stopped = step.why;
      break;
    }
    path.push(step.to);
  }
  return { path, stopped, readings };
};

const partOf = <T>(answers: ReadonlyMap<string, Gathered<QueryAnswer>>, ids: readonly string[], read: () => T): Gathered<T> => {
  const failed = ids.map((id) => answers.get(id)).find((answer) => answer !== undefined && !answer.ok);
  return failed && !failed.ok ? missed(failed.gap) : got(read());
};

type Blank = Pick<
  Evidence,
  | 'version'
  | 'atMs'
  | 'cluster'
  | 'mesh'
  | 'alerts'
  | 'rule'
  | 'subject'
  | 'located'
  | 'saturation'
  | 'proxyCounters'
  | 'changes'
  | 'picture'
  | 'controlPlane'
  | 'pending'
  | 'path'
  | 'pathStopped'
  | 'readings'
  | 'window'
  | 'onsetMs'
  | 'reporter'
>;

const blank = (cluster: Cluster, found: Found, alerts: readonly Alert[], atMs: EpochMs): Blank => ({
  version: 1,
  atMs,
  cluster: cluster.name,
  mesh: cluster.dialect.name,
  alerts,
  rule: found.rule,
  subject: found.subject,
  located: found.located,
  window: windowBefore(atMs, 300),
  onsetMs: onsetOf(found),
  reporter: 'caller',
  path: [],
  pathStopped: null,
  readings: [],
  saturation: got(null),
  proxyCounters: got([]),
  changes: got([]),
  picture: null,
  controlPlane: null,
  pending: [],
});

/** What can be said before the sources have answered: the message at 2.5 s. */
export const pendingEvidence = (cluster: Cluster, found: Found, alerts: readonly Alert[], atMs: EpochMs): Evidence => ({
  ...blank(cluster, found, alerts, atMs),
  pending: [cluster.metrics.name],
  gaps: found.gaps,
  queries: found.records,
});

const measureControlPlane = async (cluster: Cluster, atMs: EpochMs, budget: QueryBudget): Promise<Gathered<ControlPlane>> => {
  const answers = await gatherQueries(cluster.metrics, planControlPlane(atMs), budget);
  return partOf(answers, ['control-plane'], () => readControlPlane(rowsOf(answers, 'control-plane')));
};

/** Measure: everything about the found subject, as one value. */
export const measure = async (cluster: Cluster, found: Found, alerts: readonly Alert[], atMs: EpochMs): Promise<Evidence> => {
  const budget: QueryBudget = { ...budgetOf(cluster), records: [...found.records] };
  const base = blank(cluster, found, alerts, atMs);
  const edge = edgeOf(found.subject);
  if (edge === null) {
    const controlPlane = found.subject.kind === 'control-plane' ? await measureControlPlane(cluster, atMs, budget) : null;
    return {
      ...base,
      controlPlane,
      gaps: [...found.gaps, ...gapsOf(controlPlane ? [controlPlane] : [])],
      queries: budget.records,
    };
  }
  const counted = await measureCounts(cluster, edge, atMs, found, budget);
  const { plan } = counted;
  const mine = counted.readings.find((reading) => edgeKey(reading.edge) === edgeKey(edge));
  const reporter: Reporter = mine ? leadingReporter(mine) : 'caller';
  const picture = planPicture(atMs, plan.onsetMs);
  const wave: readonly PlannedQuery[] = [
    ...planLatency(cluster.dialect, [mine?.edge ?? edge, ...suspectsOf(mine?.edge ?? edge, counted.readings)], plan),
    ...planPictureQueries(cluster.dialect, edge, reporter, picture),
    ...planSaturation(mine?.edge ?? edge, picture),
    ...planCounters(mine?.edge ?? edge, atMs, plan.seconds),
    ...planChanges(edge, atMs, plan.onsetMs),
  ];
  const answers = await gatherQueries(cluster.metrics, wave, budget);
  const withLatency = readLatency(
    cluster.dialect,
    cluster.name,
    rowsOf(answers, 'latency'),
    rowsOf(answers, 'latency-base'),
    plan,
    counted.readings,
  );
  const walked = await walkDown(cluster, mine?.edge ?? edge, plan, withLatency, budget);
  const full = partOf(answers, ['saturation'], () =>
    readSaturation(rowsOf(answers, 'saturation'), mine?.edge ?? edge, mine ?? null, plan.seconds),
  );
  const drawn = partOf(answers, ['picture-codes', 'picture-buckets'], () =>
    readPicture(cluster.dialect, reporter, rowsOf(answers, 'picture-codes'), rowsOf(answers, 'picture-buckets'), picture),
  );
  return {
    ...base,
    window: windowBefore(atMs, plan.seconds),
    onsetMs: plan.onsetMs,
    reporter,
    path: counted.readings.length === 0 ? [] : walked.path,
    pathStopped: walked.stopped,
    readings: walked.readings,
    saturation: full.ok ? got(full.value?.saturation ?? null) : full,
    proxyCounters: partOf(answers, ['counters'], () => readCounters(rowsOf(answers, 'counters'))),
    changes: partOf(answers, ['changes-kube', 'changes-mesh'], () =>
      readChanges([...rowsOf(answers, 'changes-kube'), ...rowsOf(answers, 'changes-mesh')]),
    ),
    picture: drawn.ok ? got({ ...drawn.value, saturation: full.ok ? (full.value?.picture ?? null) : null }) : drawn,
    gaps: [...found.gaps, ...counted.gaps, ...gapsOf(answers.values())],
    queries: budget.records,
  };
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

/** A question about an edge, without an alert: `/mesh why`. */
export const askedFor = (edge: Edge): Found => ({
  alert: {
    fingerprint: '',
    status: 'firing',
    labels: labelsOf([]),
    annotations: labelsOf([]),
    startsAtMs: 0,
    endsAtMs: null,
    generatorUrl: '',
  },
  rule: null,
  subject: { kind: 'edge', edge },
  located: {
    way: 'command',
    score: 1,
    runnerUp: null,
    how: `asked for by name${callerName(edge) === 'unknown' ? ' (callee only)' : ''}`,
  },
  records: [],
  gaps: [],
});
