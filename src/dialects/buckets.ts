import type { dialects } from './index.ts';

const times = (edges: readonly number[], powers: readonly number[]): readonly number[] =>
  powers.flatMap((power) => edges.map((edge) => edge * 10 ** power));

/** Envoy's default edges, which Istio keeps (envoyproxy/envoy, source/common/stats/histogram_impl.cc); an annotation may add some. */
const envoy: readonly number[] = [
  0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000, 300_000, 600_000, 1_800_000, 3_600_000,
];

/**
 * The edges that each mesh's latency histogram has unless somebody says otherwise, in milliseconds: what a threshold is checked against
 * before any metric is seen. Linkerd's are in linkerd2-proxy, linkerd/app/core/src/metrics (`latency.rs`).
 */
export const usualEdgesMs: Readonly<Record<keyof typeof dialects, readonly number[]>> = {
  istio: envoy,
  ambient: envoy,
  linkerd: [...times([1, 2, 3, 4, 5], [0]), ...times([1, 2, 3, 4, 5], [1, 2, 3, 4])],
};
