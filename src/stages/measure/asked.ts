import type { View } from '../../domain/dialect.ts';
import { equals, type Matcher } from '../../domain/promql.ts';
import type { EpochMs } from '../../domain/time.ts';

/** One end as a person names it; the namespace narrows the end that has the name. */
type AskedEnd = { readonly namespace: string | null; readonly name: string };

/** Which edges a person asks for: into or out of a workload, of a pair, or all, of a namespace where one is given. */
export type AskedEdges = {
  readonly name: AskedEnd | null;
  readonly from: AskedEnd | null;
  readonly namespace: string | null;
  readonly seconds: number;
  readonly atMs: EpochMs;
};

const inside = (label: string | null, namespace: string | null): readonly Matcher[] =>
  namespace === null || label === null ? [] : [equals(label, namespace)];

const namesTo = ({ labels }: View, { namespace, name }: AskedEnd): readonly (readonly Matcher[])[] =>
  [labels.destinationService, labels.destinationWorkload].flatMap((label) =>
    label === null ? [] : [[equals(label, name), ...inside(labels.destinationNamespace, namespace)]],
  );

const namesFrom = ({ labels }: View, { namespace, name }: AskedEnd): readonly (readonly Matcher[])[] =>
  labels.sourceWorkload === null ? [] : [[equals(labels.sourceWorkload, name), ...inside(labels.sourceNamespace, namespace)]];

/** What chooses the series of the asked edges in a view: one list of matchers for each way to name them. */
export const selectionsOf = (view: View, { name, from, namespace }: AskedEdges): readonly (readonly Matcher[])[] => {
  if (name === null) return [[...view.matchers, ...inside(view.labels.destinationNamespace, namespace)]];
  const ends =
    from === null
      ? [...namesTo(view, name), ...namesFrom(view, name)]
      : namesTo(view, name).flatMap((to) => namesFrom(view, from).map((source) => [...to, ...source]));
  return ends.map((matchers) => [...view.matchers, ...matchers]);
};
