import { type Arrow, byBadness, type GraphNode, isSick } from '../graph.ts';
import { depthOf, layersOf } from './layers.ts';

/** What is drawn of a mesh, and what is not. */
export type Chosen = {
  /** Those that were asked about; none of a namespace or a cluster. */
  readonly focus: ReadonlySet<string>;
  readonly nodes: readonly GraphNode[];
  /** The worst first. */
  readonly arrows: readonly Arrow[];
  readonly leftOut: { readonly nodes: number; readonly arrows: number; readonly sick: number };
};

/** More are not read on a phone. */
const [mostNodes, mostArrows, mostColumns] = [10, 16, 5];
const hops = 2;

/** Who was asked about, by key: a workload is both, of an edge each end is one. */
type Asked = { readonly callers: readonly string[]; readonly callees: readonly string[] };

const isBetween = ({ from, to }: Arrow, callers: readonly string[], callees: readonly string[]): boolean =>
  callers.includes(from.key) && callees.includes(to.key);

/** Everyone within so many hops along the arrows, or against them. */
const reached = (
  arrows: readonly Arrow[],
  starts: readonly string[],
  far: number,
  ends: (arrow: Arrow) => readonly [string, string],
): ReadonlySet<string> => {
  const found = new Set(starts);
  let edge = [...starts];
  for (let hop = 0; hop < far; hop += 1) {
    const next = arrows.flatMap((arrow) => {
      const [near, next] = ends(arrow);
      return edge.includes(near) && !found.has(next) ? [next] : [];
    });
    for (const key of next) found.add(key);
    edge = [...new Set(next)];
  }
  return found;
};

/** What those who were asked about are called by, and what they call: two hops each way, the edge that was asked about being one. */
export const around = (arrows: readonly Arrow[], { callers, callees }: Asked): readonly Arrow[] => {
  const isEdge = callers.join() !== callees.join();
  const up = reached(arrows, callers, isEdge ? hops - 1 : hops, ({ from, to }) => [to.key, from.key]);
  const down = reached(arrows, callees, hops, ({ from, to }) => [from.key, to.key]);
  const within = (keys: ReadonlySet<string>, { from, to }: Arrow): boolean => keys.has(from.key) && keys.has(to.key);
  return arrows.filter((arrow) => within(up, arrow) || within(down, arrow) || isBetween(arrow, callers, callees));
};

const newIn = (kept: ReadonlySet<string>, { from, to }: Arrow): readonly string[] =>
  [...new Set([from.key, to.key])].filter((key) => !kept.has(key));

const between = (arrows: readonly Arrow[], keys: ReadonlySet<string>): readonly Arrow[] =>
  arrows.filter(({ from, to }) => keys.has(from.key) && keys.has(to.key));

const nodesOf = (arrows: readonly Arrow[]): readonly GraphNode[] => [
  ...new Map(arrows.flatMap(({ from, to }) => [from, to]).map((node) => [node.key, node])).values(),
];

/** With its ends there are not too many, and not too many one behind the other. */
const fitsIn = (all: readonly Arrow[], kept: ReadonlySet<string>, arrow: Arrow): boolean => {
  const fresh = newIn(kept, arrow);
  if (fresh.length === 0) return true;
  if (kept.size + fresh.length > mostNodes) return false;
  const drawn = between(all, new Set([...kept, ...fresh]));
  return depthOf(layersOf(nodesOf(drawn), drawn)) <= mostColumns;
};

/** The arrow to draw next: sick ones wherever they are, unless somebody was asked about; others where they touch what is drawn. */
const nextOf = (
  all: readonly Arrow[],
  left: readonly Arrow[],
  kept: ReadonlySet<string>,
  isAbout: boolean,
): Arrow | undefined => {
  const touches = ({ from, to }: Arrow): boolean => kept.has(from.key) || kept.has(to.key);
  const fits = (arrow: Arrow): boolean => fitsIn(all, kept, arrow);
  const sick = isAbout ? undefined : left.find((arrow) => isSick(arrow) && fits(arrow));
  return sick ?? left.find((arrow) => touches(arrow) && fits(arrow)) ?? (isAbout ? undefined : left.find(fits));
};

/** At most ten of these: those that were asked about, and whom the worst arrows lead to. */
export const chosenOf = (arrows: readonly Arrow[], focus: readonly GraphNode[]): Chosen => {
  const asked = new Set(focus.map(({ key }) => key));
  const kept = new Set(asked);
  let left = arrows.toSorted(byBadness);
  for (let next = nextOf(arrows, left, kept, focus.length > 0); next; next = nextOf(arrows, left, kept, focus.length > 0)) {
    for (const key of newIn(kept, next)) kept.add(key);
    left = left.filter((arrow) => !(kept.has(arrow.from.key) && kept.has(arrow.to.key)));
  }
  const drawn = between(arrows, kept).toSorted(byBadness).slice(0, mostArrows);
  const out = arrows.filter((arrow) => !drawn.includes(arrow));
  const all = nodesOf(arrows).length;
  const nodes = nodesOf(drawn);
  return {
    focus: asked,
    nodes,
    arrows: drawn,
    leftOut: { nodes: all - nodes.length, arrows: out.length, sick: out.filter(isSick).length },
  };
};
