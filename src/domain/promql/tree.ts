import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';
import type { Matcher } from '../promql.ts';
import { isLabelName, quote } from '../promql.ts';

/** One selector of an expression, with where its matchers stand. */
export type Selector = {
  readonly metric: string;
  readonly matchers: readonly Matcher[];
  readonly from: number;
  readonly to: number /** Text positions inside the braces; null without braces. */;
  readonly braces: readonly [number, number] | null;
};

export type { SyntaxNode } from '@lezer/common';

export type Parsed = { readonly text: string; readonly root: SyntaxNode; readonly isValid: boolean };

/** Longer texts and deeper nests come from nobody who writes rules. */
const maxLength = 16_384;

/** Parses PromQL; `isValid` is false for anything the grammar cannot read whole. What is longer than `longest` is read in part. */
export const parsePromql = (text: string, longest = maxLength): Parsed => {
  const tree = parser.parse(text.slice(0, longest));
  let isValid = text.trim() !== '' && text.length <= longest;
  tree.iterate({
    enter: (node) => {
      if (node.type.isError) isValid = false;
    },
  });
  return { text, root: tree.topNode, isValid };
};

export const childrenOf = (node: SyntaxNode): readonly SyntaxNode[] => {
  const children: SyntaxNode[] = [];
  for (let child = node.firstChild; child; child = child.nextSibling) children.push(child);
  return children;
};

export const textOf = (node: SyntaxNode, text: string): string => text.slice(node.from, node.to);

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', a: '\u0007', b: '\b', f: '\f', v: '\v' };

/** The value of a PromQL string literal in any of its three quotes. */
export const unquoted = (literal: string): string => {
  const inside = literal.slice(1, -1);
  return literal.startsWith('`') ? inside : inside.replace(/\\(.)/g, (_, character: string) => escapes[character] ?? character);
};

const matcherOf = (node: SyntaxNode, text: string): Matcher | null => {
  const [name, op, value] = childrenOf(node);
  if (!name || !op || !value) return null;
  const label = textOf(name, text);
  return {
    label: name.name === 'QuotedLabelName' ? unquoted(label) : label,
    op: textOf(op, text) as Matcher['op'],
    value: unquoted(textOf(value, text)),
  };
};

export const selectorOf = (node: SyntaxNode, text: string): Selector => {
  let metric = '';
  let braces: Selector['braces'] = null;
  const matchers: Matcher[] = [];
  for (const child of childrenOf(node)) {
    if (child.name === 'Identifier') metric = textOf(child, text);
    if (child.name !== 'LabelMatchers') continue;
    braces = [child.from + 1, child.to - 1];
    for (const inner of childrenOf(child)) {
      if (inner.name === 'QuotedLabelName') metric = unquoted(textOf(inner, text));
      const matcher = /LabelMatcher$/.test(inner.name) ? matcherOf(inner, text) : null;
      if (matcher) matchers.push(matcher);
    }
  }
  const named = matchers.find(({ label }) => label === '__name__');
  if (metric === '' && named) metric = named.op === '=' ? named.value : `~${named.value}`;
  return { metric, matchers: matchers.filter(({ label }) => label !== '__name__'), from: node.from, to: node.to, braces };
};

/** Every selector, in the order of the text. */
export const selectorsOf = ({ root, text }: Parsed): readonly Selector[] => {
  const found: Selector[] = [];
  root.cursor().iterate((node) => {
    if (node.name === 'VectorSelector') found.push(selectorOf(node.node, text));
  });
  return found;
};

/** A change of the text at a position. */
export type Edit = { readonly at: number; readonly insert: string; readonly remove?: number };

/** Applies edits, last position first. */
export const edited = (text: string, edits: readonly Edit[]): string =>
  [...edits]
    .map((edit, index) => ({ ...edit, index }))
    .sort((a, b) => b.at - a.at || b.index - a.index)
    .reduce((result, { at, insert, remove = 0 }) => result.slice(0, at) + insert + result.slice(at + remove), text);

const matcherText = ({ label, op, value }: Matcher): string => `${isLabelName(label) ? label : quote(label)}${op}${quote(value)}`;

/** The insertion that adds matchers to one selector. */
export const pinEdit = (selector: Selector, text: string, matchers: readonly Matcher[]): Edit => {
  const added = matchers.map(matcherText).join(',');
  if (selector.braces === null) return { at: selector.to, insert: `{${added}}` };
  const [from, to] = selector.braces;
  const inside = text.slice(from, to).trim();
  return { at: to, insert: inside === '' || inside.endsWith(',') ? added : `,${added}` };
};

/** The expression with matchers added to every selector: how several clusters share one source. */
export const pinned = (text: string, matchers: readonly Matcher[]): string => {
  if (matchers.length === 0) return text;
  // Our own joined questions may be long, and a selector that is not pinned reads another cluster.
  const parsed = parsePromql(text, Number.POSITIVE_INFINITY);
  return edited(
    text,
    selectorsOf(parsed).map((selector) => pinEdit(selector, text, matchers)),
  );
};
