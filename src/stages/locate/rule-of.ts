import { type Alert, type ListedRule, labelOf, setsLabel } from '../../domain/alert.ts';
import { shapeOf } from './shape.ts';

const isTemplate = (value: string): boolean => /[{]{2}/.test(value);

/** By name, and by the labels that the rule sets: those without a template must be on the alert as they stand. */
const isFrom =
  (alert: Alert) =>
  ({ name, labels }: ListedRule): boolean =>
    name === labelOf(alert.labels, 'alertname') &&
    Object.entries(labels).every(([label, value]) => isTemplate(value) || labelOf(alert.labels, label) === value);

const meshLabel = /^(source_|destination_|dst_|envoy_cluster_name$|reporter$|direction$)/;

/** How badly an expression fits the labels of an alert: what it must give and the alert lacks, what the alert has and it cannot give. */
const misfit = (rule: ListedRule, alert: Alert): number => {
  const shape = shapeOf(rule.expression);
  if (shape === null) return 100;
  const denied = shape.selectors
    .flatMap(({ matchers }) => matchers)
    .filter(({ label, op, value }) => {
      const said = labelOf(alert.labels, label);
      return said !== null && ((op === '=' && value !== '' && said !== value) || (op === '!=' && said === value));
    }).length;
  const given = shape.survivors;
  const own = Object.keys(alert.labels).filter((name) => meshLabel.test(name) && !setsLabel(rule.labels, name));
  if (given === null) return denied * 10 + (own.length === 0 && shape.family !== 'other' ? 1 : 0);
  const lacking = [...given].filter((name) => labelOf(alert.labels, name) === null).length;
  return denied * 10 + lacking + own.filter((name) => !given.has(name)).length;
};

const packed = (text: string): string => text.replace(/\s+/g, '');

type Address = { readonly text: string | null; readonly groupId: string | null };

/** The rule behind an alert. Several may share its name: the address, then the labels tell which. */
export const ruleOf = (rules: readonly ListedRule[], alert: Alert, { text, groupId }: Address): ListedRule | null => {
  const named = rules.filter(isFrom(alert));
  const written = text === null ? [] : named.filter(({ expression }) => packed(expression) === packed(text));
  const grouped = groupId === null ? [] : named.filter((rule) => rule.groupId === groupId);
  const [some] = [written, grouped, named].filter((list) => list.length > 0);
  const fixed = ({ labels }: ListedRule): number => Object.values(labels).filter((value) => !isTemplate(value)).length;
  const [best] = [...(some ?? [])].sort((a, b) => misfit(a, alert) - misfit(b, alert) || fixed(b) - fixed(a));
  return best ?? null;
};
