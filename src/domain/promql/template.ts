import { windowMark } from '../slo.ts';
import {
  childrenOf,
  type Edit,
  edited,
  type Parsed,
  parsePromql,
  type SyntaxNode,
  selectorOf,
  textOf,
  unquoted,
} from './tree.ts';

/** Takes the window's place while a template is parsed: nobody writes it, so that a range of it is the template's own. */
const probe = '7919s';

const parsed = (template: string): Parsed => parsePromql(template.replaceAll(windowMark, probe));

const nodesOf = ({ root }: Parsed, isWanted: (node: SyntaxNode) => boolean): readonly SyntaxNode[] => {
  const found: SyntaxNode[] = [];
  root.cursor().iterate(({ node }) => {
    if (isWanted(node)) found.push(node);
  });
  return found;
};

const isRange = ({ name }: SyntaxNode): boolean => name === 'MatrixSelector' || name === 'SubqueryExpr';

/** `after` of `near "…"`, with the window as its writer knows it. */
const placeOf = ({ text }: Parsed, from: number): string =>
  JSON.stringify(text.slice(Math.max(0, from - 24), from + 24).replaceAll(probe, '{{.window}}'));

const unparen = (node: SyntaxNode): SyntaxNode => {
  let inner = node;
  while (inner.name === 'ParenExpr') {
    const [child] = childrenOf(inner);
    if (child === undefined) return inner;
    inner = child;
  }
  return inner;
};

/** What is wrong with a template, with its place; null: nothing that can be seen without Prometheus. */
export const templateProblem = (template: string): string | null => {
  const tree = parsed(template);
  const [broken] = nodesOf(tree, ({ type }) => type.isError);
  if (broken !== undefined) return `does not parse near ${placeOf(tree, broken.from)}`;
  if (!tree.isValid) return tree.text.trim() === '' ? 'is empty' : 'is longer than 16,384 characters';
  // The grammar takes a range of anything; Prometheus takes one of a selector ("ranges only allowed for vector selectors").
  const [odd] = nodesOf(
    tree,
    ({ name, firstChild }) => name === 'MatrixSelector' && unparen(firstChild as SyntaxNode).name !== 'VectorSelector',
  );
  if (odd !== undefined) return `has a range of no selector near ${placeOf(tree, odd.from)}`;
  const [whole] = childrenOf(tree.root);
  return whole !== undefined && isRange(unparen(whole)) ? 'is a range of samples, not a value' : null;
};

/** Functions over a range, by what they make of it: events per second, or all of them (prometheus.io, "Query functions"). */
const perFunction: Readonly<Record<string, 'second' | 'window'>> = {
  rate: 'second',
  irate: 'second',
  increase: 'window',
  sum_over_time: 'window',
  count_over_time: 'window',
};

const functionAround = (range: SyntaxNode, text: string): string | null => {
  let node: SyntaxNode | null = range.parent;
  while (node !== null && node.name !== 'FunctionCall') node = node.name === 'AggregateExpr' ? null : node.parent;
  const identifier = node === null ? undefined : childrenOf(node).find(({ name }) => name === 'FunctionIdentifier');
  return identifier === undefined ? null : textOf(identifier, text);
};

/** Whether these templates all give events per second, or all the events of the window; null: neither, or not the same. */
export const perOf = (templates: readonly string[]): 'second' | 'window' | null => {
  const kinds = templates.flatMap((template) => {
    const tree = parsed(template);
    const own = nodesOf(tree, (node) => isRange(node) && textOf(node, tree.text).includes(`[${probe}`));
    const found = own
      .filter((range) => childrenOf(range).some((child) => textOf(child, tree.text) === probe))
      .map((range) => perFunction[functionAround(range, tree.text) ?? ''] ?? null);
    return found.length === 0 ? [null] : found;
  });
  const [first = null] = kinds;
  return kinds.every((kind) => kind === first) ? first : null;
};

export const hasRanges = (promql: string): boolean => nodesOf(parsed(promql), isRange).length > 0;

/** Names of the metrics that an expression reads. */
export const metricsIn = (promql: string): readonly string[] =>
  nodesOf(parsed(promql), ({ name }) => name === 'VectorSelector').map((node) => selectorOf(node, parsed(promql).text).metric);

/**
 * Where a selector's `offset` and `@` end: a range stands before these, a function around them. They belong to the selector before them,
 * though the grammar hangs them onto the whole of `a - b offset 5m`.
 */
const endOf = (selector: SyntaxNode): number => {
  let [end, node] = [selector.to, selector.parent];
  while (node !== null) {
    const isModifier = /^(OffsetExpr|StepInvariantExpr)$/.test(node.name) && node.firstChild?.to === end;
    if (!isModifier && node.to !== end) return end;
    [end, node] = [node.to, node.parent];
  }
  return end;
};

/**
 * An expression over counters as events per second over the window: each selector inside becomes `rate(selector[window])`, series by
 * series and before any sum, since counters start anew one by one. The expression must have no ranges yet.
 */
export const ratesOf = (promql: string): string => {
  const tree = parsePromql(promql);
  const edits = nodesOf(tree, ({ name }) => name === 'VectorSelector').flatMap((node): readonly Edit[] => {
    return [
      { at: node.from, insert: 'rate(' },
      { at: node.to, insert: `[${windowMark}]` },
      { at: endOf(node), insert: ')' },
    ];
  });
  const rates = edited(promql, edits).trim();
  const [whole] = childrenOf(tree.root);
  return whole !== undefined && unparen(whole).name === 'AggregateExpr' ? rates : `sum(${rates})`;
};

/** Prometheus 3 prints `le="250"` as `le="250.0"` (its migration guide, "Prometheus 3.0"): both are asked for. */
export const withPrintedEdges = (promql: string): string => {
  const tree = parsed(promql);
  const edits = nodesOf(tree, ({ name }) => name === 'UnquotedLabelMatcher').flatMap((node): readonly Edit[] => {
    const [label, op, value] = childrenOf(node);
    if (label === undefined || op === undefined || value === undefined) return [];
    const edge = /^(\d+)(?:\.0+)?$/.exec(unquoted(textOf(value, tree.text)))?.[1];
    if (textOf(label, tree.text) !== 'le' || textOf(op, tree.text) !== '=' || edge === undefined) return [];
    return [{ at: node.from, insert: `le=~"${edge}(\\\\.0)?"`, remove: node.to - node.from }];
  });
  return edited(tree.text, edits).replaceAll(probe, windowMark);
};
