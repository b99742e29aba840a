import { usualEdgesMs } from '../../dialects/buckets.ts';
import { seconds } from '../../domain/words.ts';
import type { SloSettings, Teller } from './found.ts';

/**
 * Says so where a threshold lies off the edges that the mesh's histogram usually has: between two edges nobody knows the share. No
 * mistake, since an annotation may have added an edge (`sidecar.istio.io/statsHistogramBuckets`); the reading sees what there is.
 */
export const noticeOffEdge = (
  teller: Teller,
  thresholdSeconds: number,
  cluster: string | null,
  { meshOf }: SloSettings,
): void => {
  const mesh = meshOf(cluster);
  const edges = usualEdgesMs[mesh];
  const threshold = Number((thresholdSeconds * 1000).toPrecision(12));
  if (edges.includes(threshold)) return;
  const next = [edges.filter((edge) => edge < threshold).at(-1), edges.find((edge) => edge > threshold)];
  const beside = next.flatMap((edge) => (edge === undefined ? [] : [seconds(edge / 1000)]));
  const named = `${beside.length === 1 ? 'the nearest is' : 'next to it are'} ${beside.join(' and ')}`;
  const name = { istio: 'Istio', ambient: 'Istio', linkerd: 'Linkerd' }[mesh];
  teller.notice(
    `${seconds(thresholdSeconds)} is no edge of ${name}'s usual buckets (${named}): it can be counted only if one was added`,
  );
};
