import { type Labels, labelOf, type RecordingRule } from '../../domain/alert.ts';
import { type Edit, edited, pinEdit, type Selector, type SyntaxNode, selectorOf } from '../../domain/promql/tree.ts';
import { type Shape, shapeOf } from './shape.ts';

const maxDepth = 4;
const longRange = /\[\s*\d+[dwy]/;

/** Many record under one name (Sloth does): their labels tell which. */
const isFor =
  (selector: Selector, known: Labels) =>
  ({ name, labels }: RecordingRule): boolean =>
    name === selector.metric &&
    Object.entries(labels).every(([label, value]) => {
      const asked = selector.matchers.find((matcher) => matcher.label === label && matcher.op === '=')?.value;
      return (asked ?? labelOf(known, label) ?? value) === value;
    });

/** What is recorded, with the matchers that were put to its record where they can be put to it. */
const written = ({ expression, labels }: RecordingRule, { matchers }: Selector): string => {
  const shape = shapeOf(expression);
  if (shape === null) return `(${expression})`;
  const pins = matchers.filter(
    ({ label }) => labelOf(labels, label) === null && (shape.survivors === null || shape.survivors.has(label)),
  );
  const edits = pins.length === 0 ? [] : shape.selectors.map((selector) => pinEdit(selector, expression, pins));
  return `(${edited(expression, edits)})`;
};

/** An expression cannot stand where a selector can: under a range or an offset it becomes a subquery. */
const placed = (node: SyntaxNode, inner: string): readonly Edit[] => {
  const { parent, from, to } = node;
  if (parent?.name === 'MatrixSelector')
    return [
      { at: from, insert: inner, remove: to - from },
      { at: parent.to - 1, insert: ':' },
    ];
  if (parent?.name === 'OffsetExpr' || parent?.name === 'StepInvariantExpr')
    return [
      { at: from, insert: `last_over_time(${inner}[2m:]`, remove: to - from },
      { at: parent.to, insert: ')' },
    ];
  return [{ at: from, insert: inner, remove: to - from }];
};

const once = ({ parsed }: Shape, recorded: readonly RecordingRule[], known: Labels): string => {
  const edits: Edit[] = [];
  parsed.root.cursor().iterate(({ node }) => {
    if (node.name !== 'VectorSelector') return;
    const selector = selectorOf(node, parsed.text);
    const record = recorded.find(isFor(selector, known));
    if (record) edits.push(...placed(node, written(record, selector)));
  });
  return edited(parsed.text, edits);
};

/** The first side of `or` with its own comparison: the others ask the same over longer windows, which would cost days of samples. */
const leading = ({ branches, comparisons, parsed }: Shape): string => {
  const [first] = branches;
  if (!first) return parsed.text;
  const side = parsed.text.slice(first.from, first.to);
  const own = comparisons.find(({ over }) => over.from <= first.from && over.to >= first.to);
  return own && Number.isFinite(own.threshold) ? `(${side}) ${own.op} ${own.threshold}` : side;
};

const spread = (text: string, recorded: readonly RecordingRule[], known: Labels): string => {
  let expression = text;
  for (let depth = 0; depth < maxDepth; depth += 1) {
    const shape = shapeOf(expression);
    if (shape?.family !== 'recorded') break;
    expression = once(shape, recorded, known);
  }
  return expression;
};

/** A rule over recorded metrics, written out as what they record. `known`: labels that tell records of one name apart. */
export const unrecordedText = (text: string, recorded: readonly RecordingRule[], known: Labels): string => {
  const shape = shapeOf(text);
  if (shape?.family !== 'recorded') return text;
  if (shape.branches.length > 1) return spread(leading(shape), recorded, known);
  const whole = spread(text, recorded, known);
  return shape.guards.length > 0 && longRange.test(whole) ? spread(leading(shape), recorded, known) : whole;
};
