import { childrenOf, type Parsed, type SyntaxNode, selectorsOf, textOf } from '../../domain/promql/tree.ts';

/** `> 5`: a comparison that makes the alert fire. A threshold that is itself measured is NaN here, and the comparison a condition to ask. */
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

export const within = (inner: Span, outer: Span): boolean => outer.from <= inner.from && outer.to >= inner.to;

/** A condition beside the value: `and …`, `unless …`, a measured threshold; from its operator on, with the value that it judges. */
export type Guard = Span & {
  readonly over: Span;
  readonly isUnless: boolean;
  readonly right: SyntaxNode;
  readonly left: SyntaxNode;
};

/** The way from an expression's root to what it measures: through brackets, comparisons, the left of `and`, and every side of `or`. */
type Spine = {
  readonly comparisons: readonly Comparison[];
  /** What can be taken out so that values stand bare: comparisons, and conditions that stand beside the value. */
  readonly cuts: readonly Span[];
  /** The conditions among the cuts, outermost first. */
  readonly guards: readonly Guard[];
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

/** `count(… > 5) > 2` fires by how many; which they are, and how bad, is told by what is counted. */
const counting = /^(count|group)$/i;
/** `max(… > 5)`: the threshold stands inside. */
const keeping = /^(max|min|sum|avg|topk|bottomk)$/i;

type Trail = {
  readonly comparisons: Comparison[];
  readonly cuts: Span[];
  readonly guards: Guard[];
  readonly branches: SyntaxNode[];
};

/** The argument of `count(… > 5)` or `max(… > 5)`, when that is what stands there. */
const comparedIn = (at: SyntaxNode, parsed: Parsed, which: RegExp): SyntaxNode | null => {
  const [op] = childrenOf(at);
  if (at.name !== 'AggregateExpr' || !op || !which.test(textOf(op, parsed.text))) return null;
  const argument = childrenOf(at).find(({ name }) => name === 'FunctionCallBody')?.lastChild ?? null;
  let bare: SyntaxNode | null = argument;
  while (bare?.name === 'ParenExpr') bare = bare.firstChild;
  return bare && comparisonOf(bare, parsed.text) ? argument : null;
};

type Way = { readonly parsed: Parsed; readonly isMesh: (metric: string) => boolean; readonly trail: Trail };

/** Where the way goes on from an operator; nothing where it ends. */
const pastBinary = (at: SyntaxNode, { parsed, isMesh, trail }: Way): readonly SyntaxNode[] => {
  const comparison = comparisonOf(at, parsed.text);
  if (comparison) {
    const { value, ...rest } = comparison;
    trail.comparisons.push(rest);
    trail.cuts.push({ from: rest.from, to: rest.to });
    return [value];
  }
  const parts = binaryOf(at);
  if (!parts) return [];
  const { left, right, operator } = parts;
  if (operator.name === 'Or') return [left, right];
  const behind = { from: operator.from, to: right.to };
  const isUnless = operator.name === 'Unless';
  const op = operators[operator.name];
  const isMeasured = op !== undefined && !selectorsOf({ ...parsed, root: right }).some(({ metric }) => isMesh(metric));
  if (operator.name !== 'And' && !isUnless && !isMeasured) return [];
  if (isMeasured) trail.comparisons.push({ op, threshold: Number.NaN, over: left, ...behind });
  trail.cuts.push(behind);
  trail.guards.push({ ...behind, over: left, left, right, isUnless });
  return [left];
};

/** Where the way goes on from a node; nothing where it ends. */
const past = (at: SyntaxNode, way: Way): readonly SyntaxNode[] => {
  const { parsed, trail } = way;
  const children = childrenOf(at);
  if (/^(PromQL|ParenExpr|StepInvariantExpr)$/.test(at.name)) return children.slice(0, 1);
  if (at.name === 'FunctionCall' && children[0] && passThrough.test(textOf(children[0], parsed.text)))
    return children[1]?.firstChild ? [children[1].firstChild] : [];
  const kept = comparedIn(at, parsed, keeping);
  if (kept !== null) return [kept];
  const counted = comparedIn(at, parsed, counting);
  if (counted === null) return pastBinary(at, way);
  // How many there must be says nothing of one of them.
  trail.comparisons.splice(0, trail.comparisons.length, ...trail.comparisons.filter(({ over }) => !within(at, over)));
  trail.cuts.push({ from: at.from, to: counted.from }, { from: counted.to, to: at.to });
  return [counted];
};

const follow = (at: SyntaxNode, way: Way, depth: number): void => {
  const next = depth < maxDepth ? past(at, way) : [];
  if (next.length === 0) way.trail.branches.push(at);
  for (const node of next) follow(node, way, depth + 1);
};

/** Reads the spine of an expression. `isMesh` tells metrics that carry the labels of edges. */
export const spineOf = (parsed: Parsed, isMesh: (metric: string) => boolean): Spine => {
  const trail: Trail = { comparisons: [], cuts: [], guards: [], branches: [] };
  follow(parsed.root, { parsed, isMesh, trail }, 0);
  return trail;
};

/** Comparisons with numbers deeper down: guards such as `(… > 0)`. Under `count` they choose what is counted, and stay. */
export const guardsOf = ({ root, text }: Parsed): readonly Span[] => {
  const found: Span[] = [];
  const counts: Span[] = [];
  root.cursor().iterate(({ node }) => {
    if (node.name === 'AggregateExpr' && node.firstChild && /^(count|group|count_values)$/i.test(textOf(node.firstChild, text)))
      counts.push({ from: node.from, to: node.to });
    const comparison = counts.some((count) => within(node, count)) ? null : comparisonOf(node, text);
    if (comparison) found.push({ from: comparison.from, to: comparison.to });
  });
  return found;
};
