import { childrenOf, type Edit, type Parsed, type SyntaxNode, selectorsOf, textOf } from '../../domain/promql/tree.ts';
import { type Span, within } from './comparisons.ts';

/** One re-aggregation: which labels every group is to have, and what is counted where. Read once: an expression may be long and deep. */
type Split = {
  readonly parsed: Parsed;
  readonly wanted: readonly string[];
  readonly counted: readonly (Span & { readonly isMesh: boolean })[];
  readonly groups: readonly (Span & { readonly by: readonly string[] | null })[];
};

const namesIn = (list: SyntaxNode, text: string): readonly string[] =>
  text
    .slice(list.from + 1, list.to - 1)
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');

const listOf = (at: SyntaxNode | undefined): SyntaxNode | undefined =>
  at ? childrenOf(at).find(({ name }) => name === 'GroupingLabels') : undefined;
const modifierOf = (at: SyntaxNode): SyntaxNode | undefined => childrenOf(at).find(({ name }) => name === 'AggregateModifier');

const rewritten = (list: SyntaxNode, labels: readonly string[]): Edit => ({
  at: list.from + 1,
  insert: labels.join(', '),
  remove: list.to - list.from - 2,
});

const extended = (list: SyntaxNode, { parsed, wanted }: Split): Edit =>
  rewritten(list, [...new Set([...namesIn(list, parsed.text), ...wanted])]);

/** `by (…)` gets the labels of the edge, `without (…)` loses them. */
const ofAggregation = (at: SyntaxNode, split: Split): readonly Edit[] => {
  const { text } = split.parsed;
  const op = at.firstChild;
  if (!op || /^(topk|bottomk|limitk|limit_ratio|count_values)$/i.test(textOf(op, text))) return [];
  const modifier = modifierOf(at);
  const list = listOf(modifier);
  if (!modifier) return [{ at: op.to, insert: ` by (${split.wanted.join(', ')}) `, remove: 0 }];
  if (!list) return [];
  if (modifier.firstChild?.name === 'By') return [extended(list, split)];
  return [
    rewritten(
      list,
      namesIn(list, text).filter((name) => !split.wanted.includes(name)),
    ),
  ];
};

const isVector = (at: SyntaxNode, { parsed, counted }: Split): boolean =>
  !/^\s*scalar\b/.test(parsed.text.slice(at.from, at.from + 16)) && counted.some((one) => within(one, at));
const isMesh = (at: SyntaxNode, { counted }: Split): boolean => counted.some((one) => one.isMesh && within(one, at));

/** What an aggregation groups by, before it is split; null where it is not by names. */
const groupOf = (at: SyntaxNode, text: string): readonly string[] | null => {
  const modifier = modifierOf(at);
  const list = listOf(modifier);
  if (!modifier) return [];
  return list && modifier.firstChild?.name === 'By' ? namesIn(list, text) : null;
};

const groupedBy = (side: SyntaxNode, { groups }: Split): readonly string[] | null =>
  groups.find((one) => within(one, side))?.by ?? null;

const sets = /^(And|Or|Unless)$/;

/** An operator between the mesh and something else: one value of that stands against many edges, as it stood against the group before. */
const ofMixed = (
  operator: SyntaxNode,
  mesh: SyntaxNode,
  isLeft: boolean,
  clause: SyntaxNode | undefined,
  split: Split,
): readonly Edit[] => {
  const isSet = sets.test(operator.name);
  const group = isSet ? '' : ` ${isLeft ? 'group_left' : 'group_right'} () `;
  if (clause) {
    const hasGroup = childrenOf(clause).some(({ name }) => /^Group(Left|Right)$/.test(name));
    return clause.firstChild?.name === 'On' && !hasGroup && !isSet ? [{ at: clause.to, insert: group }] : [];
  }
  const by = operator.name === 'Or' ? null : groupedBy(mesh, split);
  const bool = operator.nextSibling?.name === 'BoolModifier' ? operator.nextSibling : operator;
  return by === null ? [] : [{ at: bool.to, insert: ` on (${by.join(', ')})${group} ` }];
};

/** An `on (…)` must match on the labels of the edge where both sides have them. */
const ofOperator = (at: SyntaxNode, split: Split): readonly Edit[] => {
  const children = childrenOf(at);
  const [left, operator, right] = [children[0], children[1], children.at(-1)];
  if (!left || !operator || !right || !isVector(left, split) || !isVector(right, split)) return [];
  const clause = children.find(({ name }) => name === 'MatchingModifierClause');
  const [isLeft, isRight] = [isMesh(left, split), isMesh(right, split)];
  if (isLeft !== isRight) return ofMixed(operator, isLeft ? left : right, isLeft, clause, split);
  const list = isLeft && clause?.firstChild?.name === 'On' ? listOf(clause) : undefined;
  return list ? [extended(list, split)] : [];
};

/** The expression's groups, split by edge; a `scalar(…)` stays whole. */
export const groupingEdits = (parsed: Parsed, wanted: readonly string[], mesh: RegExp): readonly Edit[] => {
  const counted = selectorsOf(parsed).map(({ from, to, metric }) => ({ from, to, isMesh: mesh.test(metric) }));
  const groups: Split['groups'][number][] = [];
  parsed.root.cursor().iterate(({ node }) => {
    if (node.name === 'AggregateExpr') groups.push({ from: node.from, to: node.to, by: groupOf(node, parsed.text) });
  });
  const split: Split = { parsed, wanted, counted, groups };
  const edits: Edit[] = [];
  const whole: SyntaxNode[] = [];
  parsed.root.cursor().iterate(({ node }) => {
    if (node.name === 'FunctionCall' && node.firstChild && textOf(node.firstChild, parsed.text) === 'scalar') whole.push(node);
    if (whole.some((call) => within(node, call))) return;
    if (node.name === 'AggregateExpr' && isMesh(node, split)) edits.push(...ofAggregation(node, split));
    if (node.name === 'BinaryExpr') edits.push(...ofOperator(node, split));
  });
  return edits;
};
