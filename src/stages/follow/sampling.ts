import { wilson } from '../../domain/inference/elevated.ts';
import type { Expected, Sampling, Trace } from '../../domain/trace.ts';

/** 95 % (Wilson's interval). */
const z = 1.96;

const known = (rate: number): readonly number[] => (rate >= 0 && rate <= 1 ? [rate] : []);

/**
 * What the sampler of a trace says of itself: Jaeger's tracers put it on the first span of theirs, as a probability or as all or nothing
 * (jaegertracing.io, "Sampling"). One that keeps so many a second says nothing of a share.
 */
const sampledAt = ({ spans }: Trace): readonly number[] => {
  const told = spans.find(
    ({ attributes }) => attributes['sampler.type'] !== undefined || attributes['sampling.probability'] !== undefined,
  );
  if (told === undefined) return [];
  const { 'sampler.type': type, 'sampler.param': param = '', 'sampling.probability': probability } = told.attributes;
  if (probability !== undefined) return known(Number.parseFloat(probability));
  if (type === 'const') return known(param === 'true' ? 1 : Number.parseFloat(param));
  return type === 'probabilistic' ? known(Number.parseFloat(param)) : [];
};

/** The rate that the traces' own samplers tell, and the lowest and highest of them; null where none does. */
export const samplerRate = (traces: readonly Trace[]): Sampling | null => {
  const rates = traces
    .flatMap(sampledAt)
    .filter((rate) => rate > 0)
    .sort((a, b) => a - b);
  const [low, rate, high] = [rates[0], rates[rates.length >> 1], rates.at(-1)];
  return low === undefined || rate === undefined || high === undefined ? null : { from: 'sampler', rate, low, high };
};

/**
 * The rate by counting: traces of an edge in a window over the requests that metrics counted in it. `isCut` where the store may hold more
 * traces than it showed. Null without requests. What is kept after its end (tail sampling) is kept by another rate when it fails.
 */
export const countedRate = (traces: number, requests: number, isCut = false): Sampling | null => {
  if (!(requests > 0)) return null;
  const seen = Math.min(traces, requests);
  const [low, high] = wilson({ n: requests, x: seen }, z);
  return { from: 'counted', rate: seen / requests, low, high: isCut ? 1 : high };
};

/** How many of these requests left traces, and how likely one of the wanted ones is among them. */
export const expectedOf = ({ rate, low, high }: Sampling, requests: number, wanted: number): Expected => ({
  requests,
  sampled: requests * rate,
  sampledLow: requests * low,
  sampledHigh: requests * high,
  wanted,
  chance: 1 - (1 - rate) ** wanted,
});

/**
 * The rate as well as it can be known: as samplers tell it, else as the mesh is configured, unless traces of the edge over requests that metrics
 * counted contradict it (what a sampler keeps may be dropped on the way, or by a collector); else by that count.
 */
export const samplingOf = (
  traces: readonly Trace[],
  { holding, isCut }: { readonly holding: number; readonly isCut: boolean },
  requests: number | null,
  configured: number | null,
): Sampling | null => {
  const counted = requests === null ? null : countedRate(holding, requests, isCut);
  const isBorneOut = ({ low, high }: Sampling): boolean => counted === null || (low <= counted.high && high >= counted.low);
  const told: Sampling | null =
    configured === null ? null : { from: 'configured', rate: configured, low: configured, high: configured };
  return [samplerRate(traces), told].find((one) => one !== null && isBorneOut(one)) ?? counted;
};

/** What is to be expected of the requests that went wrong. */
export const expectedIn = (
  sampling: Sampling | null,
  counted: { readonly requests: number; readonly bad: number } | null,
): Expected | null => (sampling === null || counted === null ? null : expectedOf(sampling, counted.requests, counted.bad));
