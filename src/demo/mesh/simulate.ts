import type { Effect } from './faults.ts';
import { seeded } from './noise.ts';
import { type Ended, labelsOf, normalBelow, type Stream, streamsOf } from './streams.ts';
import { calls, cpuSecondsPerRequest, idleCores, services } from './topology.ts';

/** Cumulative counts of one label set of one reporter. */
export type Series = {
  readonly labels: Readonly<Record<string, string>>;
  requests: number;
  sumMs: number;
  readonly buckets: number[];
};

export const boundsMs = [
  0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000, 300_000, 600_000, 1_800_000, 3_600_000,
] as const;

/** Share of requests up to each bound, for a log-normal latency. */
const sharesBelow = ({ medianSeconds, spread }: Ended): readonly number[] =>
  boundsMs.map((bound) => normalBelow(Math.log(bound / (medianSeconds * 1000)) / spread));

/** Slow waves of a day and a week, and the noise of minutes: what a healthy mesh does. */
const trafficAt = (atMs: number, wobble: number): number => {
  const hours = (atMs / 3_600_000) % 24;
  const day = Math.floor(atMs / 86_400_000) % 7;
  return (1 + 0.12 * Math.sin(((hours - 9) / 24) * 2 * Math.PI)) * (day === 2 || day === 3 ? 0.95 : 1) * Math.exp(0.04 * wobble);
};

/** The processor time that the pods of one version of a service used. */
export type Pods = { readonly service: string; readonly namespace: string; readonly version: string; cpuSeconds: number };

export type Mesh = {
  readonly pods: () => readonly Pods[];
  readonly series: () => readonly Series[] /** Lets time pass up to `atMs`, with these effects in force. */;
  readonly advance: (atMs: number, effects: readonly Effect[]) => void;
};

/** On the way between two proxies: the caller waits a little longer than the callee works. */
const wireSeconds = 0.0005;

/** What both proxies print of a stream. A gateway has no sidecar in front of it, and what never arrived is not counted by the callee. */
const printedOf = (stream: Stream) => {
  const { atCaller } = stream;
  const sides = [
    ['source', { ...atCaller, medianSeconds: atCaller.medianSeconds + wireSeconds }],
    ['destination', stream.atCallee],
  ] as const;
  return sides.flatMap(([reporter, ended]) => {
    if (ended === null) return [];
    const labels = labelsOf(stream, reporter);
    return [[JSON.stringify(labels), labels, ended] as const];
  });
};

/** One end's counters after so many more requests. `dice` round the few; many need none. */
const add = (known: Series, ended: Ended, count: number, dice: readonly number[] | null): void => {
  known.requests += count;
  known.sumMs += count * ended.medianSeconds * 1000 * Math.exp(ended.spread ** 2 / 2);
  let below = 0;
  for (const [index, share] of sharesBelow(ended).entries()) {
    below = Math.max(below, Math.min(count, Math.floor(count * share + (dice?.[index] ?? 0.5))));
    known.buckets[index] = (known.buckets[index] ?? 0) + below;
  }
};

/** The mesh: counters that only rise, continued from the past into the present by the same rules. */
export const startMesh = (startMs: number, seed = 7): Mesh => {
  const random = seeded(seed);
  const series = new Map<string, Series>();
  const pods = new Map<string, Pods>(
    services.flatMap(({ name, namespace, versions }) =>
      versions.map((version) => [`${name}>${version.name}`, { service: name, namespace, version: version.name, cpuSeconds: 0 }]),
    ),
  );
  let nowMs = startMs;
  let cached: {
    readonly key: string;
    readonly streams: readonly (readonly [Stream, readonly (readonly [string, Readonly<Record<string, string>>, Ended])[]])[];
  } | null = null;
  const streamsFor = (effects: readonly Effect[]) => {
    const key = JSON.stringify(effects);
    if (cached?.key !== key) {
      const streams = calls
        .flatMap((call) => streamsOf(call, effects))
        .map((stream) => {
          const printed = printedOf(stream);
          return [stream, printed] as const;
        });
      cached = { key, streams };
    }
    return cached.streams;
  };
  return {
    series: () => [...series.values()],
    pods: () => [...pods.values()],
    advance: (atMs, effects) => {
      const seconds = (atMs - nowMs) / 1000;
      if (seconds <= 0) return;
      const wobble = random.normal();
      for (const one of pods.values()) one.cpuSeconds += idleCores * seconds;
      for (const [stream, printed] of streamsFor(effects)) {
        const count = random.poisson(stream.perSecond * seconds * trafficAt(atMs, wobble));
        const host = stream.atCallee === null ? undefined : pods.get(`${stream.call.callee}>${stream.version}`);
        if (host) host.cpuSeconds += count * cpuSecondsPerRequest;
        if (count === 0) continue;
        // Both ends count the same requests: one throw of the dice for both, or the callee would at times be slower than its caller sees.
        const dice = count < 40 ? boundsMs.map(() => random.uniform()) : null;
        for (const [key, labels, ended] of printed) {
          const known = series.get(key) ?? { labels, requests: 0, sumMs: 0, buckets: boundsMs.map(() => 0) };
          series.set(key, known);
          add(known, ended, count, dice);
        }
      }
      nowMs = atMs;
    },
  };
};
