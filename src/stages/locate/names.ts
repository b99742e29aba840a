import { dialects } from '../../dialects/index.ts';
import { type Labels, labelsOf } from '../../domain/alert.ts';
import type { Dialect } from '../../domain/dialect.ts';
import { type Edit, edited, parsePromql, textOf } from '../../domain/promql/tree.ts';

/** One installation's own names of metrics and labels, and the mesh's: rules and alerts speak the first, everything here the second. */
export type Names = {
  readonly metrics: ReadonlyMap<string, string>;
  readonly labels: ReadonlyMap<string, string>;
};

type Pairs = Readonly<Record<string, string | null>>;

const differing = (from: Pairs, to: Pairs): readonly (readonly [string, string])[] =>
  Object.keys(from).flatMap((part) => {
    const [a, b] = [from[part], to[part]];
    return a && b && a !== b ? [[a, b] as const] : [];
  });

const reporterOf = ({ views }: Dialect, end: 'caller' | 'callee'): Pairs => ({ reporter: views[end].matchers[0]?.label ?? null });

const between = (from: Dialect, to: Dialect): Names => ({
  metrics: new Map(differing(from.metrics, to.metrics)),
  labels: new Map([
    ...differing(from.labels, to.labels),
    ...(['caller', 'callee'] as const).flatMap((end) => [
      ...differing(from.views[end].labels, to.views[end].labels),
      ...differing(reporterOf(from, end), reporterOf(to, end)),
    ]),
  ]),
});

const meshOf = (dialect: Dialect): Dialect => Object.entries(dialects).find(([name]) => name === dialect.name)?.[1] ?? dialect;

export const toMesh = (dialect: Dialect): Names => between(dialect, meshOf(dialect));
export const toOwn = (dialect: Dialect): Names => between(meshOf(dialect), dialect);

const isSame = ({ metrics, labels }: Names): boolean => metrics.size === 0 && labels.size === 0;

/** The same expression in the other names. */
export const inNames = (text: string, names: Names): string => {
  const parsed = parsePromql(text);
  if (isSame(names) || !parsed.isValid) return text;
  const edits: Edit[] = [];
  parsed.root.cursor().iterate(({ node }) => {
    const known = node.name === 'LabelName' ? names.labels : node.name === 'Identifier' ? names.metrics : null;
    const other = known?.get(textOf(node, text));
    if (other !== undefined) edits.push({ at: node.from, insert: other, remove: node.to - node.from });
  });
  return edited(text, edits);
};

export const labelsInNames = (labels: Labels, names: Names): Labels =>
  isSame(names) ? labels : labelsOf(Object.entries(labels).map(([name, value]) => [names.labels.get(name) ?? name, value]));
