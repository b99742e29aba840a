import { type Random, random as seeded } from '../../../support/random.ts';
import type { Counter } from '../../lab.ts';
import { type Cell, type Histogram, isComparedWithThePast, type Measured, type Plain, recentMs } from './measured.ts';
import { busyness, deal } from './traffic.ts';

/** One series of the past: a counter, and its value at each moment. */
export type PastSeries = Omit<Counter, 'value'> & { readonly values: Float64Array };

/** The past of a mesh, and where its counters are to go on. */
export type Past = {
  readonly moments: readonly number[];
  readonly series: readonly PastSeries[];
  readonly end: readonly Counter[];
};

/** A counter that is written as it grows. */
type Writer = { readonly series: PastSeries; value: number };

type HistogramWriter = {
  readonly histogram: Histogram;
  readonly isLong: boolean;
  /** Buckets that had requests, each with how far it lies from the middle one, in standard deviations. */
  readonly used: readonly { readonly index: number; readonly weight: number; readonly mean: number; readonly away: number }[];
  readonly buckets: readonly Writer[];
  readonly sum: Writer;
  readonly count: Writer;
};

type CellWriter = {
  readonly cell: Cell;
  readonly requests: Writer;
  readonly histograms: readonly HistogramWriter[];
  readonly others: readonly { readonly writer: Writer; readonly perRequest: number }[];
};

/** One edge with both of its reporters' cells. `perSecond` is the caller's count; the callee's where no caller reports. */
type EdgeWriter = {
  readonly perSecond: number;
  readonly callers: readonly CellWriter[];
  readonly callees: readonly CellWriter[];
};

const endpoints = ['source_workload', 'source_workload_namespace', 'destination_service_name', 'destination_service_namespace'];
/** What both ends agree on about a request. */
const outcomes = ['request_protocol', 'destination_workload', 'destination_version', 'response_code', 'grpc_response_status'];

const part = ({ labels }: Cell, names: readonly string[]): string => JSON.stringify(names.map((name) => labels[name] ?? ''));

const groupedBy = <T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, readonly T[]> => {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
};

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

const histogramWriter = (histogram: Histogram, writer: (name: string, le?: string) => Writer): HistogramWriter => {
  const { name, bounds, weights, means } = histogram;
  const all = Math.max(1, total(weights));
  const centre = total(weights.map((weight, index) => weight * index)) / all;
  const spread = Math.sqrt(total(weights.map((weight, index) => weight * (index - centre) ** 2)) / all);
  const used = weights.flatMap((weight, index) =>
    weight === 0 ? [] : [{ index, weight, mean: means[index] ?? 0, away: spread === 0 ? 0 : (index - centre) / spread }],
  );
  return {
    histogram,
    isLong: isComparedWithThePast(name),
    used,
    buckets: bounds.map((le) => writer(`${name}_bucket`, le)),
    sum: writer(`${name}_sum`),
    count: writer(`${name}_count`),
  };
};

/** Adds `n` requests to a histogram. `tilt`: all a little slower or faster than measured. */
const addToHistogram = ({ used, buckets, sum, count }: HistogramWriter, n: number, tilt: number, random: Random): void => {
  const dealt = deal(
    random,
    n,
    used.map(({ weight, away }) => weight * Math.exp(tilt * away)),
  );
  const mine = buckets.map(() => 0);
  for (const [at, { index, mean }] of used.entries()) {
    mine[index] = dealt[at] ?? 0;
    sum.value += (dealt[at] ?? 0) * mean;
  }
  let below = 0;
  for (const [index, bucket] of buckets.entries()) {
    below += mine[index] ?? 0;
    bucket.value += below;
  }
  count.value += n;
};

/** What passes in one step: how long it takes, what is drawn, and whether what nobody compares is drawn too. */
type Step = { readonly seconds: number; readonly random: Random; readonly isRecent: boolean };

/** Adds `n` requests to a cell. */
const addRequests = ({ requests, histograms, others }: CellWriter, n: number, tilt: number, { random, isRecent }: Step): void => {
  requests.value += n;
  for (const { writer, perRequest } of others) writer.value += Math.round(n * perRequest);
  for (const histogram of histograms) if (isRecent || histogram.isLong) addToHistogram(histogram, n, tilt, random);
};

/** The usual outcome of an edge varies by chance alone; the others come in clumps. */
const weightsOf = (cells: readonly CellWriter[], random: Random): readonly number[] => {
  const most = Math.max(...cells.map(({ cell }) => cell.perSecond));
  return cells.map(({ cell }) => cell.perSecond * (cell.perSecond < most / 5 ? random.gamma(0.4) : 1));
};

/** Adds what passed an edge in some seconds: the same requests at both ends. */
const addToEdge = ({ perSecond, callers, callees }: EdgeWriter, step: Step): void => {
  const { seconds, random } = step;
  const tilt = 0.08 * random.normal();
  const n = random.poisson(perSecond * seconds * random.gamma(0.05));
  if (callers.length === 0) {
    const dealt = deal(random, n, weightsOf(callees, random));
    for (const [index, one] of callees.entries()) addRequests(one, dealt[index] ?? 0, tilt, step);
    return;
  }
  const dealt = deal(random, n, weightsOf(callers, random));
  const arrived = new Map<string, number>();
  for (const [index, one] of callers.entries()) {
    const mine = dealt[index] ?? 0;
    addRequests(one, mine, tilt, step);
    const outcome = part(one.cell, outcomes);
    arrived.set(outcome, (arrived.get(outcome) ?? 0) + mine);
  }
  for (const [outcome, cells] of groupedBy(callees, ({ cell }) => part(cell, outcomes))) {
    // An outcome that only the callee sees: a first try that a retry saved, say.
    const known = arrived.get(outcome) ?? random.poisson(total(cells.map(({ cell }) => cell.perSecond)) * seconds);
    const shares = deal(random, known, weightsOf(cells, random));
    for (const [index, one] of cells.entries()) addRequests(one, shares[index] ?? 0, tilt, step);
  }
};

const edgesOf = (cells: readonly CellWriter[]): readonly EdgeWriter[] =>
  [...groupedBy(cells, ({ cell }) => part(cell, endpoints)).values()].map((mine) => {
    const callers = mine.filter(({ cell }) => cell.labels['reporter'] === 'source');
    const callees = mine.filter(({ cell }) => cell.labels['reporter'] !== 'source');
    const counted = callers.length > 0 ? callers : callees;
    return { perSecond: total(counted.map(({ cell }) => cell.perSecond)), callers, callees };
  });

/** A writer for every counter that was seen to grow. */
const writersFor = ({ cells, plain }: Measured, length: number) => {
  const writers: Writer[] = [];
  const writer = ({ target, labels }: Cell | Plain, name: string, le?: string): Writer => {
    const own = { target, name, labels: le === undefined ? labels : { ...labels, le }, values: new Float64Array(length) };
    const made = { series: own, value: 0 };
    writers.push(made);
    return made;
  };
  const cellWriters = cells.map((cell) => ({
    cell,
    requests: writer(cell, cell.counts),
    histograms: cell.histograms.map((histogram) => histogramWriter(histogram, (name, le) => writer(cell, name, le))),
    others: cell.others.map(({ name, perRequest }) => ({ writer: writer(cell, name), perRequest })),
  }));
  return { writers, cellWriters, plainWriters: plain.map((one) => ({ plain: one, writer: writer(one, one.name) })) };
};

/**
 * A past that the measured mesh may well have had: requests of each edge are Poisson around what was measured, times how busy the mesh
 * was; outcomes and latencies are drawn from what was measured. Both ends of an edge count the same requests, and a histogram's count is
 * its requests. Envoy's own statistics get no past: nothing compares them with an hour ago.
 */
export const writePast = (measured: Measured, moments: readonly number[], seed: number): Past => {
  const random = seeded(seed);
  const factors = busyness(moments, random);
  const { writers, cellWriters, plainWriters } = writersFor(measured, moments.length);
  const edges = edgesOf(cellWriters);
  let earlierMs = (moments[0] ?? 0) - 3_600_000;
  for (const [index, atMs] of moments.entries()) {
    const seconds = ((atMs - earlierMs) / 1000) * (factors[index] ?? 1);
    earlierMs = atMs;
    const isRecent = atMs > (moments.at(-1) ?? 0) - recentMs;
    for (const edge of edges) addToEdge(edge, { seconds, random, isRecent });
    for (const { plain, writer } of plainWriters) writer.value += random.poisson(plain.perSecond * seconds);
    for (const { series, value } of writers) series.values[index] = value;
  }
  const end = writers.map(({ series: { target, name, labels }, value }) => ({ target, name, labels, value }));
  return { moments, series: writers.map(({ series }) => series), end };
};
