import { childrenOf, type Parsed, type SyntaxNode, selectorsOf, textOf } from '../../domain/promql/tree.ts';

/** `> 5`: a comparison that makes the alert fire. A threshold that is itself measured is NaN: nothing passes it. */
export type Comparison = {
  readonly op: '>' | '>=' | '<' | '<=' | '==' | '!=';
  readonly threshold: number;
  /** What it compares: the side of `or` that it judges lies in there. */
  readonly over: Span;
  readonly from: number;
  readonly to: number;
};

/** A piece of the expression's text. */
export type Span = { readonly from: number; readonly to: number };

/** The way from an expression's root to what it measures: through brackets, comparisons, the left of `and`, and every side of `or`. */
export type Spine = {
  readonly comparisons: readonly Comparison[];
  /** What can be taken out so that values stand bare: comparisons, and conditions that stand beside the value. */
  readonly cuts: readonly Span[];
  /** The sides of `or`; one when there is none. */
  readonly branches: readonly SyntaxNode[];
};

const operators: Readonly<Record<string, Comparison['op']>> = {
  Gtr: '>',
  Gte: '>=',
  Lss: '<',
  Lte: '<=',
  Eql: '==',
  Eqlc: '==',
  EqlSingle: '==',
  Neq: '!=',
};

const mirrored: Readonly<Record<Comparison['op'], Comparison['op']>> = {
  '>': '<',
  '>=': '<=',
  '<': '>',
  '<=': '>=',
  '==': '==',
  '!=': '!=',
};

const maxDepth = 48;

const arithmetic: Readonly<Record<string, (a: number, b: number) => number>> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b) => a / b,
  Pow: (a, b) => a ** b,
  Mod: (a, b) => a % b,
};

const units: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800, y: 31_536_000 };

/** `1h30m`, or a bare number, in seconds; null for anything else (prometheus.io/docs, "Float literals and time durations"). */
export const secondsOf = (text: string): number | null => {
  const plain = Number(text.replaceAll('_', ''));
  if (/^[+-]?(\d|\.\d|inf)/i.test(text) && !Number.isNaN(plain)) return plain;
  if (/^[+-]?inf$/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  if (!/^(\d+(ms|[smhdwy]))+$/.test(text)) return null;
  return [...text.matchAll(/(\d+)(ms|[smhdwy])/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * (units[unit ?? ''] ?? 0),
    0,
  );
};

/** The value of an expression of numbers alone: `(14.4 * 0.001)`. */
const constantOf = (at: SyntaxNode | null | undefined, text: string, depth = 0): number | null => {
  if (!at || depth > maxDepth) return null;
  if (at.name === 'NumberDurationLiteral') return secondsOf(textOf(at, text).trim());
  const children = childrenOf(at);
  if (at.name === 'ParenExpr' || at.name === 'StepInvariantExpr') return constantOf(children[0], text, depth + 1);
  if (at.name === 'UnaryExpr') {
    const value = constantOf(children[1], text, depth + 1);
    return value === null ? null : textOf(at, text).startsWith('-') ? -value : value;
  }
  if (at.name !== 'BinaryExpr') return null;
  const apply = arithmetic[children[1]?.name ?? ''];
  const [left, right] = [constantOf(children[0], text, depth + 1), constantOf(children.at(-1), text, depth + 1)];
  return apply === undefined || left === null || right === null ? null : apply(left, right);
};

type Binary = { readonly left: SyntaxNode; readonly operator: SyntaxNode; readonly right: SyntaxNode };

const binaryOf = (at: SyntaxNode): Binary | null => {
  const children = childrenOf(at);
  const [left, operator, right] = [children[0], children[1], children.at(-1)];
  return at.name === 'BinaryExpr' && left && operator && right && children.length > 2 ? { left, operator, right } : null;
};

/** A comparison with a number, on either side of it. */
const comparisonOf = (at: SyntaxNode, text: string): (Comparison & { readonly value: SyntaxNode }) | null => {
  const parts = binaryOf(at);
  const op = parts ? operators[parts.operator.name] : undefined;
  if (!parts || op === undefined) return null;
  const right = constantOf(parts.right, text);
  if (right !== null)
    return { op, threshold: right, from: parts.operator.from, to: parts.right.to, value: parts.left, over: parts.left };
  const left = constantOf(parts.left, text);
  if (left === null) return null;
  return {
    op: mirrored[op],
    threshold: left,
    from: parts.left.from,
    to: parts.right.from,
    value: parts.right,
    over: parts.right,
  };
};

const passThrough = /^(label_replace|label_join|sort|sort_desc|sort_by_label|sort_by_label_desc|round)$/;

type Trail = { readonly comparisons: Comparison[]; readonly cuts: Span[]; readonly branches: SyntaxNode[] };

const follow = (at: SyntaxNode, parsed: Parsed, isMesh: (metric: string) => boolean, trail: Trail, depth: number): void => {
  const children = childrenOf(at);
  const end = (): void => {
    trail.branches.push(at);
  };
  const inner = (next: SyntaxNode | undefined): void => {
    if (next && depth < maxDepth) follow(next, parsed, isMesh, trail, depth + 1);
    else end();
  };
  if (/^(PromQL|ParenExpr|StepInvariantExpr)$/.test(at.name)) {
    inner(children[0]);
    return;
  }
  if (at.name === 'FunctionCall' && children[0] && passThrough.test(textOf(children[0], parsed.text))) {
    inner(children[1]?.firstChild ?? undefined);
    return;
  }
  const parts = binaryOf(at);
  if (!parts) {
    end();
    return;
  }
  const comparison = comparisonOf(at, parsed.text);
  if (comparison) {
    const { value, ...rest } = comparison;
    trail.comparisons.push(rest);
    trail.cuts.push({ from: rest.from, to: rest.to });
    inner(value);
    return;
  }
  const behind = { from: parts.operator.from, to: parts.right.to };
  if (parts.operator.name === 'And' || parts.operator.name === 'Unless') {
    trail.cuts.push(behind);
    inner(parts.left);
    return;
  }
  if (parts.operator.name === 'Or') {
    inner(parts.left);
    inner(parts.right);
    return;
  }
  const op = operators[parts.operator.name];
  if (op !== undefined && !selectorsOf({ ...parsed, root: parts.right }).some(({ metric }) => isMesh(metric))) {
    trail.comparisons.push({ op, threshold: Number.NaN, over: parts.left, ...behind });
    trail.cuts.push(behind);
    inner(parts.left);
    return;
  }
  end();
};

/** Reads the spine of an expression. `isMesh` tells metrics that carry the labels of edges. */
export const spineOf = (parsed: Parsed, isMesh: (metric: string) => boolean): Spine => {
  const trail: Trail = { comparisons: [], cuts: [], branches: [] };
  follow(parsed.root, parsed, isMesh, trail, 0);
  return trail;
};

/** Comparisons with numbers deeper down: guards such as `(… > 0)`. Under `count` they choose what is counted, and stay. */
export const guardsOf = ({ root, text }: Parsed): readonly Span[] => {
  const found: Span[] = [];
  const counts: Span[] = [];
  root.cursor().iterate(({ node }) => {
    if (node.name === 'AggregateExpr' && node.firstChild && /^(count|group|count_values)$/i.test(textOf(node.firstChild, text)))
      counts.push({ from: node.from, to: node.to });
    const comparison = counts.some(({ from, to }) => node.from >= from && node.to <= to) ? null : comparisonOf(node, text);
    if (comparison) found.push({ from: comparison.from, to: comparison.to });
  });
  return found;
};
