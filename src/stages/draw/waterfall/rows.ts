import { commonNamespace } from '../../../domain/span-names.ts';
import { type Children, childrenOf } from '../../../domain/trace-tree.ts';
import { contextRow, type Known, type Place, restRow, unitRow, type WaterfallRow } from './row.ts';
import { type Selection, selectionOf } from './selection.ts';
import { sumMicros, within } from './stretches.ts';
import { below, type Tree } from './tree.ts';
import { spansOf, type Unit } from './units.ts';

export type WaterfallRows = {
  readonly rows: readonly WaterfallRow[];
  /** Of the focus: from 0 to here goes the axis. */
  readonly wholeMicros: number;
  /** Of the critical path, what rows other than rests show. */
  readonly shownMicros: number;
  /** Spans below the focus without a row of their own. */
  readonly folded: number;
  /** Spans of the trace that are neither the focus, nor below it, nor its caller. */
  readonly outside: number;
};

/** Every span below units without a row, each unit's own with it. */
const hiddenSpans = (units: readonly Unit[], children: Children, tops: readonly number[]): readonly number[] => {
  const open = [...tops];
  for (let index = 0; index < open.length; index += 1) for (const child of children[open[index] ?? -1] ?? []) open.push(child);
  return open.flatMap((place) => spansOf(units[place] as Unit));
};

/** Depth first: a caller above what it calls, in the order of time, the rest last. */
const ordered = (known: Known, { units, kept }: Selection, above: readonly WaterfallRow[]): readonly WaterfallRow[] => {
  const children = childrenOf(units);
  const rows = [...above];
  const open: { readonly unit: number | null; readonly hidden: readonly number[]; readonly at: Place }[] = [
    { unit: 0, hidden: [], at: { parent: above.length > 0 ? 0 : null, depth: above.length } },
  ];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next.unit === null) {
      rows.push(restRow(known, hiddenSpans(units, children, next.hidden), next.at));
      continue;
    }
    const at = { parent: rows.length, depth: next.at.depth + 1 };
    rows.push(unitRow(known, units[next.unit] as Unit, next.at));
    const hidden = (children[next.unit] ?? []).filter((child) => !kept.has(child));
    if (hidden.length > 0) open.push({ unit: null, hidden, at });
    for (const unit of (children[next.unit] ?? []).filter((child) => kept.has(child)).reverse())
      open.push({ unit, hidden: [], at });
  }
  return rows;
};

/**
 * Rows of the waterfall of one trace, seen from its focus: at most 40, and whoever has a row has its callers above it. `culprit` are its
 * spans.
 */
export const waterfallRows = (tree: Tree, culprit: readonly number[]): WaterfallRows => {
  const { trace, analysis } = tree;
  const known = { tree, namespace: commonNamespace(trace), culprit: new Set(culprit) };
  const above = contextRow(known);
  const rows = ordered(known, selectionOf(tree, culprit, above.length), above);
  const inside = below(tree, analysis.focus).length + 1;
  return {
    rows,
    wholeMicros: tree.whole.toMicros,
    shownMicros: sumMicros(
      within(
        rows.filter(({ kind }) => kind !== 'rest').flatMap(({ path }) => path),
        tree.whole,
      ),
    ),
    folded: inside - rows.filter(({ kind }) => kind === 'call').reduce((sum, { spans }) => sum + spans.length, 0),
    outside: trace.spans.length - inside - above.length,
  };
};
