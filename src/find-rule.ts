import { type Alert, type AlertRule, type ListedRule, labelOf, labelsOf } from './domain/alert.ts';
import type { Gap } from './domain/gathered.ts';
import { gather } from './gather.ts';
import { type Cluster, gapsOf } from './inquiry.ts';
import { expressionOf, groupIdOf } from './stages/locate/expression.ts';
import { ruleOf } from './stages/locate/rule-of.ts';
import { shapeOf } from './stages/locate/shape.ts';
import { unrecordedText } from './stages/locate/unrecorded.ts';

type FoundRule = {
  readonly rule: AlertRule | null;
  readonly way: 'expression' | 'rules-api';
  readonly gaps: readonly Gap[];
};

/** The rule as the alert's own address tells it: its text, nothing else. */
export const ruleInAddress = (alert: Alert): AlertRule | null => {
  const expression = expressionOf(alert.generatorUrl);
  return expression === null
    ? null
    : { name: labelOf(alert.labels, 'alertname') ?? '', expression, forSeconds: null, labels: labelsOf([]) };
};

/** How long an alert waits for the rules. */
export const rulePatienceMs = 1500;

/** The rule from the alert's own address, else from the rules API; the API also knows `for` and the static labels. */
export const findRule = async (cluster: Cluster, alert: Alert): Promise<FoundRule> => {
  const own = ruleInAddress(alert);
  const { rules } = cluster;
  if (rules === null) return { rule: own, way: 'expression', gaps: [] };
  const answer = await gather('alert rules', rules.name, Math.min(cluster.deadlineMs, rulePatienceMs), (ask) =>
    rules.alerting(ask),
  );
  const known: ListedRule | null = answer.ok
    ? ruleOf(answer.value, alert, { text: own?.expression ?? null, groupId: groupIdOf(alert.generatorUrl) })
    : null;
  if (known === null)
    return { rule: own, way: own === null ? 'rules-api' : 'expression', gaps: own === null ? gapsOf([answer]) : [] };
  const { name, forSeconds, labels } = known;
  return own === null
    ? { rule: { name, expression: known.expression, forSeconds, labels }, way: 'rules-api', gaps: [] }
    : { rule: { ...own, forSeconds, labels }, way: 'expression', gaps: [] };
};

/** A rule over recorded metrics, written out as what they record. */
export const unrecorded = async (cluster: Cluster, rule: AlertRule, known: Alert['labels'] = rule.labels): Promise<AlertRule> => {
  const { rules } = cluster;
  if (rules === null || shapeOf(rule.expression)?.family !== 'recorded') return rule;
  const recorded = await gather('recording rules', rules.name, rulePatienceMs, (ask) => rules.recording(ask));
  return recorded.ok ? { ...rule, expression: unrecordedText(rule.expression, recorded.value, known) } : rule;
};
