import type { SignalName } from '../../domain/diagnosis.ts';
import { childrenOf, parsePromql, type SyntaxNode, textOf } from '../../domain/promql/tree.ts';

/** Where an alert rule draws its line, in the units of the picture; only the one signal the rule is surely about. */
export type Thresholds = Partial<Record<SignalName, number>>;

const maxDepth = 48;

/** Through brackets, and through what passes values on unchanged: an aggregation that chooses, a relabelling. */
const bare = (at: SyntaxNode | undefined, text: string, depth = 0): SyntaxNode | undefined => {
  if (!at || depth > maxDepth) return undefined;
  const children = childrenOf(at);
  if (/^(PromQL|ParenExpr|StepInvariantExpr)$/.test(at.name)) return bare(children[0], text, depth + 1);
  const head = children[0] === undefined ? '' : textOf(children[0], text);
  const passes =
    (at.name === 'AggregateExpr' && /^(max|min|avg)$/i.test(head)) ||
    (at.name === 'FunctionCall' && /^(label_replace|label_join|sort|sort_desc)$/.test(head));
  const body = children.find(({ name }) => name === 'FunctionCallBody');
  return passes && body ? bare(childrenOf(body)[0], text, depth + 1) : at;
};

const numberOf = (at: SyntaxNode | undefined, text: string): number | null => {
  const node = bare(at, text);
  if (node?.name !== 'NumberDurationLiteral') return null;
  const value = Number(textOf(node, text));
  return Number.isFinite(value) ? value : null;
};

type Pair = { readonly op: string; readonly left: SyntaxNode; readonly right: SyntaxNode };
const pairOf = (at: SyntaxNode | undefined): Pair | null => {
  if (at?.name !== 'BinaryExpr') return null;
  const children = childrenOf(at);
  const [left, op, right] = [children[0], children[1]?.name, children.at(-1)];
  return left && op !== undefined && right && children.length > 2 ? { op, left, right } : null;
};

/** The value that an alert is about and the number it must pass: past conditions that stand beside it; null with two ways to fire. */
const lineOf = (at: SyntaxNode | undefined, text: string, depth = 0): { value: SyntaxNode; limit: number } | null => {
  const pair = pairOf(bare(at, text));
  if (!pair || depth > maxDepth) return null;
  if (pair.op === 'And' || pair.op === 'Unless') return lineOf(pair.left, text, depth + 1);
  const [left, right] = [numberOf(pair.left, text), numberOf(pair.right, text)];
  if ((pair.op === 'Gtr' || pair.op === 'Gte') && right !== null) return { value: pair.left, limit: right };
  return (pair.op === 'Lss' || pair.op === 'Lte') && left !== null ? { value: pair.right, limit: left } : null;
};

const durations = /duration_milliseconds|latency_ms|duration_seconds|latency_seconds/;
const milliseconds = /duration_milliseconds|latency_ms/;
/** A matcher that chooses failed requests; `!~"5.."` alone would choose the others. */
const choosesFailed = /=~?\s*["'](5(\.|xx|\d|\[)|failure)/;

/** The measure itself, with what it was multiplied by: `100 * (a / b)`, `histogram_quantile(…) / 1000`. */
const measureOf = (at: SyntaxNode, text: string, depth = 0): { signal: SignalName; factor: number } | null => {
  const node = bare(at, text);
  if (!node || depth > maxDepth) return null;
  const whole = textOf(node, text);
  if (node.name === 'FunctionCall' && /^histogram_quantile\b/.test(whole))
    return durations.test(whole) ? { signal: 'latency', factor: milliseconds.test(whole) ? 1000 : 1 } : null;
  const pair = pairOf(node);
  if (!pair) return null;
  const [left, right] = [numberOf(pair.left, text), numberOf(pair.right, text)];
  const by = right ?? (pair.op === 'Mul' ? left : null);
  if ((pair.op === 'Mul' || pair.op === 'Div') && by !== null && by > 0) {
    const inner = measureOf(right === null ? pair.right : pair.left, text, depth + 1);
    return inner && { ...inner, factor: pair.op === 'Mul' ? inner.factor * by : inner.factor / by };
  }
  if (pair.op !== 'Div' || left !== null) return null;
  // `100 * a / b` is `(100 * a) / b`.
  const scaled = pairOf(bare(pair.left, text));
  const percent = scaled?.op === 'Mul' ? (numberOf(scaled.left, text) ?? numberOf(scaled.right, text)) : null;
  const isShare = choosesFailed.test(textOf(pair.left, text)) && !choosesFailed.test(textOf(pair.right, text));
  return isShare && !/\b1\s*-/.test(textOf(pair.left, text)) ? { signal: 'errors', factor: percent ?? 1 } : null;
};

/**
 * The threshold of a rule as the picture can show it: a quantile of request durations, or a share of failed requests. Anything
 * else (counts, burn rates, a success ratio that falls) gives none: a line in the wrong place is worse than no line.
 */
export const thresholdsOf = (expression: string): Thresholds => {
  const parsed = parsePromql(expression);
  const line = parsed.isValid ? lineOf(parsed.root, parsed.text) : null;
  const measure = line === null ? null : measureOf(line.value, parsed.text);
  if (line === null || measure === null) return {};
  const limit = line.limit / measure.factor;
  const isShown = limit > 0 && Number.isFinite(limit) && (measure.signal !== 'errors' || limit < 1);
  return isShown ? { [measure.signal]: limit } : {};
};
