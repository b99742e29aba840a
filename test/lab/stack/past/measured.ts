import type { Counter } from '../../lab.ts';

/** The counters of a mesh at one moment. */
export type Snapshot = { readonly atMs: number; readonly counters: readonly Counter[] };

/** One histogram of a cell, as it was while the mesh was healthy. */
export type Histogram = {
  /** Without `_bucket`, `_sum` and `_count`. */
  readonly name: string;
  /** As exposed, rising, the last one `+Inf`. */
  readonly bounds: readonly string[];
  /** Requests of each bucket alone; cumulative only when they are written. */
  readonly weights: readonly number[];
  /** What one request of a bucket adds to the sum. */
  readonly means: readonly number[];
};

/** All that one proxy counts of requests with the same labels, or of bare connections. */
export type Cell = {
  readonly target: number;
  /** The counter of the requests, or of the connections that ended. */
  readonly counts: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly perSecond: number;
  readonly histograms: readonly Histogram[];
  /** Other counters with the same labels, and what a request adds to each: messages of gRPC, say. */
  readonly others: readonly { readonly name: string; readonly perRequest: number }[];
};

/** A counter that belongs to no request and no connection. */
export type Plain = {
  readonly target: number;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly perSecond: number;
};

/** What a healthy mesh does in a second. */
export type Measured = { readonly cells: readonly Cell[]; readonly plain: readonly Plain[] };

const counting: readonly string[] = ['istio_requests_total', 'istio_tcp_connections_closed_total'];

/** What windows of an hour ago are made of. Of everything else (sizes, messages, bytes) the last minutes are enough to go on from. */
export const isComparedWithThePast = (name: string): boolean =>
  counting.includes(name) || name.startsWith('istio_request_duration_milliseconds');
export const recentMs = 10 * 60_000;

const keyOf = ({ target, name, labels }: Counter): string => JSON.stringify([target, name, Object.entries(labels).sort()]);

const withoutLe = ({ le: _, ...labels }: Readonly<Record<string, string>>): Readonly<Record<string, string>> => labels;

/** The growth of each counter between the first snapshot and the last; what did not grow is left out. */
const growthOf = (first: Snapshot, last: Snapshot): readonly Counter[] => {
  const before = new Map(first.counters.map((counter) => [keyOf(counter), counter.value]));
  return last.counters
    .map((counter) => ({ ...counter, value: counter.value - (before.get(keyOf(counter)) ?? 0) }))
    .filter(({ value }) => value > 0);
};

const boundOf = (le: string): number => (le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le));

/** The middle of each bucket, scaled so that the whole adds up to the sum that was measured. */
const meansOf = (bounds: readonly string[], weights: readonly number[], sum: number): readonly number[] => {
  const middles = bounds.map((le, index) => {
    const low = index === 0 ? 0 : boundOf(bounds[index - 1] ?? '0');
    const high = boundOf(le);
    return Number.isFinite(high) ? (low + high) / 2 : low * 1.5;
  });
  const guessed = middles.reduce((total, middle, index) => total + middle * (weights[index] ?? 0), 0);
  return middles.map((middle) => (guessed > 0 ? (middle * sum) / guessed : 0));
};

/** `all`: every counter of the cell at the end, so that buckets without a request keep their place. */
const histogramOf = (name: string, all: readonly Counter[], growth: ReadonlyMap<string, number>): Histogram => {
  const buckets = all
    .filter((counter) => counter.name === `${name}_bucket`)
    .sort((a, b) => boundOf(a.labels['le'] ?? '') - boundOf(b.labels['le'] ?? ''));
  const cumulative = buckets.map((bucket) => growth.get(keyOf(bucket)) ?? 0);
  const weights = cumulative.map((count, index) => Math.max(0, count - (cumulative[index - 1] ?? 0)));
  const bounds = buckets.map(({ labels }) => labels['le'] ?? '');
  const sum = all.find((counter) => counter.name === `${name}_sum`);
  return { name, bounds, weights, means: meansOf(bounds, weights, sum === undefined ? 0 : (growth.get(keyOf(sum)) ?? 0)) };
};

/** Reads what a healthy mesh does from its counters at two moments. */
export const measuredFrom = (first: Snapshot, last: Snapshot): Measured => {
  const seconds = (last.atMs - first.atMs) / 1000;
  const growth = new Map(growthOf(first, last).map((counter) => [keyOf(counter), counter.value]));
  const groups = new Map<string, Counter[]>();
  for (const counter of last.counters) {
    const key = JSON.stringify([counter.target, Object.entries(withoutLe(counter.labels)).sort()]);
    const group = groups.get(key);
    if (group) group.push(counter);
    else groups.set(key, [counter]);
  }
  const cells: Cell[] = [];
  const plain: Plain[] = [];
  for (const counters of groups.values()) {
    const requests = counters.find(({ name }) => counting.includes(name));
    const perSecondOf = (counter: Counter): number => (growth.get(keyOf(counter)) ?? 0) / seconds;
    if (requests === undefined) {
      plain.push(
        ...counters.map((counter) => ({ ...counter, perSecond: perSecondOf(counter) })).filter((one) => one.perSecond > 0),
      );
    } else if (perSecondOf(requests) > 0) {
      const names = new Set(counters.flatMap(({ name }) => (name.endsWith('_bucket') ? [name.slice(0, -'_bucket'.length)] : [])));
      const histograms = [...names].map((name) => histogramOf(name, counters, growth));
      const perSecond = perSecondOf(requests);
      const others = counters
        .filter(({ name }) => name !== requests.name && !names.has(name.replace(/_(bucket|sum|count)$/, '')))
        .map((counter) => ({ name: counter.name, perRequest: perSecondOf(counter) / perSecond }));
      cells.push({ target: requests.target, counts: requests.name, labels: requests.labels, perSecond, histograms, others });
    }
  }
  return { cells, plain };
};
