import { type Labels, labelOf } from '../../domain/alert.ts';
import type { Dialect } from '../../domain/dialect.ts';
import type { Gap } from '../../domain/gathered.ts';
import type { Sli } from '../../domain/slo.ts';
import { seconds } from '../../domain/words.ts';

type Latency = Extract<Sli, { readonly kind: 'latency' }>;

/** The bucket that a threshold is judged by: its edge as it may be printed, and whether it is another than the threshold. */
type Bound = { readonly les: readonly string[]; readonly edgeSeconds: number };

/** Prometheus 3 prints `le="250"` as `le="250.0"`; within one window both may stand. */
const printed = (edge: number): readonly string[] => (Number.isInteger(edge) ? [`${edge}`, `${edge}.0`] : [`${edge}`]);

/** The edges next to a threshold, for who chooses another. */
const neighbours = (edges: readonly number[], threshold: number, perUnit: number): string => {
  const below = edges.filter((edge) => edge < threshold).at(-1);
  const above = edges.find((edge) => edge > threshold);
  return [below, above].flatMap((edge) => (edge === undefined ? [] : [seconds(edge * perUnit)])).join(' and ');
};

/**
 * Which bucket tells what was within the threshold. Off an edge nobody knows: refused, with the edges next to it named, or everything of
 * the bucket that the threshold lies in taken for slow, where the objective says so.
 */
export const boundFor = (
  { thresholdSeconds, offEdge }: Latency,
  { durationUnit }: Dialect,
  answered: readonly { readonly labels: Labels }[],
  source: string,
): { readonly ok: true; readonly bound: Bound } | { readonly ok: false; readonly gap: Gap } => {
  const what = 'the buckets of the latency';
  const perUnit = durationUnit === 'ms' ? 0.001 : 1;
  const threshold = Number((thresholdSeconds / perUnit).toPrecision(12));
  const edges = [...new Set(answered.map(({ labels }) => Number(labelOf(labels, 'le') ?? 'NaN')))]
    .filter(Number.isFinite)
    .sort((a, b) => a - b);
  if (edges.length === 0) return { ok: false, gap: { what, source, reason: 'absent', detail: 'has no histogram of it' } };
  const edge = edges.includes(threshold) || offEdge === 'refuse' ? threshold : edges.filter((one) => one < threshold).at(-1);
  if (edge !== undefined && edges.includes(edge))
    return { ok: true, bound: { les: printed(edge), edgeSeconds: Number((edge * perUnit).toPrecision(12)) } };
  const detail = `has no bucket that ends at ${seconds(thresholdSeconds)}: next to it are ${neighbours(edges, threshold, perUnit)}`;
  return { ok: false, gap: { what, source, reason: 'unsupported', detail } };
};
