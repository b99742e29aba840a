import type { Edge } from '../../src/domain/edge.ts';
import type {
  Counts,
  Duration,
  EdgeReading,
  Histogram,
  Outcome,
  Reporter,
  ReporterReading,
  Windows,
} from '../../src/domain/signals.ts';
import { noisyPods } from './noisy-pods.ts';
import { type Random, random } from './random.ts';

/**
 * A healthy mesh with honest noise: traffic in clumps, days that differ, background failures that wobble from window to window and come
 * in clumps, blips, wild edges, scrapes that see part of a window. And faults of a known place and kind, on the same noise.
 */
export type Fault = {
  readonly kind: 'errors' | 'connection' | 'slow' | 'pod' | 'traffic';
  /** Index of the faulted edge. */
  readonly at: number;
  /** Share of the requests that fail, the factor by which the callee is slower, or that of the traffic. */
  readonly size: number;
};

type Service = { readonly name: string; readonly parent: number | null };
type Traits = {
  readonly edge: Edge;
  readonly perSecond: number;
  readonly batch: number;
  readonly trafficCv: number;
  readonly failedShare: number;
  readonly wobble: number;
  readonly clump: number;
  readonly refusedShare: number;
  readonly code: string;
  readonly flags: readonly string[];
  readonly seenByCallee: number;
  readonly bodySeconds: number;
  readonly bodySigma: number;
  readonly drift: number;
  readonly fastShare: number;
  readonly scrapeSeconds: number;
  readonly hasCallee: boolean;
  /** How often the caller's proxy sends again what failed, which the callee counts each time. */
  readonly retries: number;
};

export type NoisyMesh = {
  readonly edges: readonly Traits[];
  readonly readings: (withLatency: ReadonlySet<number>) => readonly EdgeReading[];
};

const windowSeconds = 300;
const boundsSeconds = [0.0005, 0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 600, 1800, 3600];

const servicesOf = (dice: Random, count: number): readonly Service[] =>
  Array.from({ length: count }, (_, index) => ({
    name: `s${index}`,
    // Heavy-tailed: the early services have most of the children; depth stays below six in meshes of this size.
    parent: index === 0 ? null : Math.floor(index * dice.uniform() ** 1.7),
  }));

const shareOf = (dice: Random): number => {
  const kind = dice.uniform();
  return kind < 0.5 ? 10 ** dice.between(-6, -4) : kind < 0.85 ? 10 ** dice.between(-4, -2) : dice.between(0.01, 0.05);
};

const traitsOf = (dice: Random, services: readonly Service[]): readonly Traits[] => {
  const entry = 10 ** dice.between(-0.7, 2.5);
  const rates: number[] = [];
  return services.map(({ name, parent }, index) => {
    const caller = parent === null ? 'gateway' : `s${parent}`;
    rates[index] = parent === null ? entry : (rates[parent] ?? entry) * dice.between(0.15, 1.2);
    return {
      edge: {
        cluster: 'prod',
        source: { namespace: 'shop', workload: caller, service: null },
        destination: { namespace: 'shop', workload: name, service: name },
      },
      perSecond: rates[index] ?? entry,
      batch: dice.between(1, 4),
      trafficCv: dice.between(0.03, 0.25),
      failedShare: shareOf(dice),
      wobble: 0.05 + Math.abs(dice.normal()) * 0.35,
      clump: dice.between(1, 5),
      refusedShare: dice.uniform() < 0.1 ? 10 ** dice.between(-4, -1.5) : 0,
      ...dice.pick([
        { code: '500', flags: [], seenByCallee: 1 },
        { code: '503', flags: ['UC'], seenByCallee: 0.2 },
        { code: '503', flags: [], seenByCallee: 1 },
        { code: '504', flags: ['UT'], seenByCallee: 0.1 },
      ]),
      bodySeconds: 10 ** dice.between(-2.5, -0.3),
      bodySigma: dice.between(0.4, 1),
      drift: 0.02 + Math.abs(dice.normal()) * 0.1,
      fastShare: dice.uniform() < 0.5 ? 0.3 : 0,
      scrapeSeconds: dice.pick([15, 30, 60]),
      hasCallee: dice.uniform() > 0.15,
      retries: [0, 0, 1, 2][index % 4] ?? 0,
    };
  });
};

/** Abramowitz and Stegun 7.1.26: good to 1e-7, which is finer than any sample here. */
const normalBelow = (z: number): number => {
  const t = 1 / (1 + 0.3275911 * Math.abs(z) * Math.SQRT1_2);
  const tail = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const erf = 1 - tail * Math.exp((-z * z) / 2);
  return z < 0 ? (1 - erf) / 2 : (1 + erf) / 2;
};

/** One window of one edge, as the caller and the callee count it. */
type Sample = {
  readonly caller: Counts;
  readonly callee: Counts;
  readonly bad: number;
  readonly badAtCallee: number;
  readonly slower: number;
  readonly fastShare: number;
};

const countsOf = (requests: number, failed: number, refused: number): Counts => ({
  requests,
  failed: Math.min(failed, requests),
  refused: Math.min(refused, requests),
  clientLeft: 0,
  clientError: 0,
});

/** What the faults add to an edge: its own, or what comes up from below. */
type Added = {
  readonly failed: number;
  readonly atCallee: number;
  readonly slower: number;
  readonly isOwn: boolean;
  readonly level: number;
};

/** `scrape`: the callee's proxies are scraped at other moments than the caller's, and so count a little more or less of a window. */
const sampler = (dice: Random, scrape: Random, traits: Traits) => {
  let walk = dice.normal();
  let drift = dice.normal();
  return (seconds: number, level: number, added: Added): Sample => {
    walk = 0.6 * walk + 0.8 * dice.normal();
    drift = 0.8 * drift + 0.6 * dice.normal();
    const mean = traits.perSecond * seconds * level * dice.gamma(traits.trafficCv);
    const requests = dice.clumped(mean, traits.batch);
    const blip = dice.uniform() < 0.01 ? (dice.between(15, 45) / windowSeconds) * dice.between(0.02, 0.1) : 0;
    const share = traits.failedShare * Math.exp(traits.wobble * walk - traits.wobble ** 2 / 2) + blip;
    const own = Math.min(requests, dice.clumped(requests * share, traits.clump));
    const fault = dice.poisson(requests * added.failed);
    const failed = Math.min(requests, own + fault);
    const refused = dice.clumped(requests * traits.refusedShare, 2);
    // The first and last scrape do not stand at the window's ends; a rare series is extrapolated worse than a busy one.
    const seen = 1 + dice.normal() * Math.min(0.15, traits.scrapeSeconds / seconds / 4);
    const seenThere = 1 + scrape.normal() * Math.min(0.15, traits.scrapeSeconds / seconds / 4);
    const rare = failed < 5 ? dice.between(0.85, 1.25) : 1;
    const arrived = own * traits.seenByCallee + fault * added.atCallee;
    const again = arrived * traits.retries;
    const badAtCallee = arrived + again;
    return {
      caller: countsOf(requests * seen, failed * seen * rare, refused * seen),
      callee: countsOf((requests - (failed - arrived) + again) * seenThere, badAtCallee * seenThere * rare, 0),
      bad: failed * seen * rare,
      badAtCallee: badAtCallee * seen * rare,
      slower: Math.exp(traits.drift * drift) * added.slower,
      fastShare: Math.max(0, traits.fastShare * (1 + 0.05 * dice.normal())),
    };
  };
};

const tailSeconds = 6;

const histogramOf = (dice: Random, traits: Traits, sample: Sample): Histogram => {
  const n = sample.caller.requests;
  const middle = traits.bodySeconds * sample.slower;
  const below = (bound: number): number =>
    sample.fastShare * normalBelow(Math.log(bound / (middle / 10)) / 0.4) +
    (0.98 - sample.fastShare) * normalBelow(Math.log(bound / middle) / traits.bodySigma) +
    0.02 * normalBelow(Math.log(bound / (middle * tailSeconds)) / traits.bodySigma);
  let before = 0;
  const counts = boundsSeconds.map((bound) => {
    const share = below(bound);
    const count = dice.poisson(n * (share - before));
    before = share;
    return count;
  });
  return { boundsSeconds, counts: [...counts, dice.poisson(n * Math.max(0, 1 - before))] };
};

const durationOf = (dice: Random, traits: Traits, sample: Sample): Duration => {
  const mean = traits.bodySeconds * sample.slower * Math.exp(traits.bodySigma ** 2 / 2) * (1 - 0.9 * sample.fastShare);
  const requests = sample.caller.requests;
  return { requests, totalSeconds: requests * mean * (1 + (0.8 * dice.normal()) / Math.sqrt(Math.max(1, requests))) };
};

const outcomesOf = (traits: Traits, counts: Counts, fault: Fault | null, added: Added): readonly Outcome[] => {
  const one = (code: string, flags: readonly string[], requests: number): readonly Outcome[] =>
    requests > 0
      ? [{ code, grpcStatus: null, flags, protocol: 'http', workload: traits.edge.destination.workload, version: 'v1', requests }]
      : [];
  const [code, flags] =
    added.failed > 0
      ? fault?.kind === 'connection' && added.atCallee === 0
        ? (['503', ['UF']] as const)
        : (['500', []] as const)
      : ([traits.code, traits.flags] as const);
  return [
    ...one('200', [], counts.requests - counts.failed - counts.refused),
    ...one(code, flags, counts.failed),
    ...one('401', [], counts.refused),
  ].sort((a, b) => b.requests - a.requests);
};

/** The three same-hour windows: an hour, a day and a week ago, each of another day's traffic. */
const baseLevels = (dice: Random): readonly (readonly ['1h' | '1d' | '1w', number])[] => [
  ['1h', dice.gamma(0.1)],
  ['1d', dice.gamma(0.12) * (dice.uniform() < 2 / 7 ? dice.between(0.5, 1.5) : 1)],
  ['1w', dice.gamma(0.2)],
];

const none: Added = { failed: 0, atCallee: 0, slower: 1, isOwn: false, level: 1 };

/** The traffic of an edge, and of all that its callee calls to serve it. */
const levelled = (fault: Fault, services: readonly Service[]): readonly Added[] => {
  const isBelow = (index: number | null): boolean =>
    index !== null && (index === fault.at || isBelow(services[index]?.parent ?? null));
  return services.map((_, index) => ({ ...none, level: isBelow(index) ? fault.size : 1, isOwn: index === fault.at }));
};

/**
 * What a fault does to each edge: all of it at its place; on the way up as many failures and seconds as there are calls, so that no
 * caller suffers more than its callee.
 */
const addedBy = (fault: Fault | null, services: readonly Service[], edges: readonly Traits[]): readonly Added[] => {
  const added = services.map(() => none);
  if (fault === null) return added;
  if (fault.kind === 'traffic') return levelled(fault, services);
  let seconds = (edges[fault.at]?.bodySeconds ?? 0) * (fault.size - 1);
  let [at, share] = [fault.at as number | null, fault.size];
  for (let isOwn = true; at !== null; isOwn = false) {
    const atCallee = isOwn && fault.kind === 'connection' ? 0 : 1;
    const [own, above] = [edges[at], edges[services[at]?.parent ?? at]];
    const slower = 1 + seconds / (own?.bodySeconds ?? 1);
    added[at] = fault.kind === 'slow' ? { ...none, slower, isOwn } : { ...none, failed: share, atCallee, isOwn };
    const called = Math.min(1, (own?.perSecond ?? 1) / (above?.perSecond ?? 1));
    [share, seconds] = [share * called, seconds * called];
    at = services[at]?.parent ?? null;
  }
  return added;
};

const windowsOf = <T>(
  now: T,
  halves: readonly [T, T],
  previous: T,
  local: readonly T[],
  base: Windows<T>['base'],
): Windows<T> => ({
  now,
  halves,
  previous,
  local,
  base,
});

const sum = (a: Counts, b: Counts): Counts => countsOf(a.requests + b.requests, a.failed + b.failed, a.refused + b.refused);

const readingOf = (
  dice: Random,
  pods: Random,
  traits: Traits,
  fault: Fault | null,
  added: Added,
  withLatency: boolean,
): EdgeReading => {
  const take = sampler(dice, pods, traits);
  const base = baseLevels(dice).map(([ago, level]) => ({ ago, value: take(windowSeconds, level, none) }));
  const local = Array.from({ length: 24 }, () => take(windowSeconds, 1, none));
  const previous = take(windowSeconds, added.level, added);
  const halves = [take(windowSeconds / 2, added.level, added), take(windowSeconds / 2, added.level, added)] as const;
  const [first, second] = halves;
  const now: Sample = {
    ...second,
    caller: sum(first.caller, second.caller),
    callee: sum(first.callee, second.callee),
    slower: (first.slower + second.slower) / 2,
  };
  const over = <T>(of: (sample: Sample) => T, whole: T): Windows<T> =>
    windowsOf(
      whole,
      [of(first), of(second)],
      of(previous),
      local.map(of),
      base.map(({ ago, value }) => ({ ago, value: of(value) })),
    );
  const sideOf = (reporter: Reporter): ReporterReading => {
    const counts = over((sample) => sample[reporter], now[reporter]);
    return {
      reporter,
      counts,
      outcomes: outcomesOf(traits, counts.now, fault, added),
      duration: over((sample) => durationOf(dice, traits, sample), durationOf(dice, traits, now)),
      latency: withLatency ? over((sample) => histogramOf(dice, traits, sample), histogramOf(dice, traits, now)) : null,
    };
  };
  const podsOf = (own: Random) =>
    noisyPods(own, {
      service: traits.edge.destination.service ?? '',
      now: now.callee,
      before: local[0]?.callee ?? now.callee,
      duration: durationOf(own, traits, now),
      clump: traits.clump,
      fault: {
        failed: Math.min(now.callee.failed, now.caller.requests * added.failed * added.atCallee * (1 + traits.retries)),
        isOfOne: fault?.kind === 'pod' && added.isOwn,
      },
    });
  return {
    edge: traits.edge,
    caller: sideOf('caller'),
    callee: traits.hasCallee ? sideOf('callee') : null,
    calleeReports: traits.hasCallee,
    ...(traits.hasCallee ? { pods: podsOf(pods) } : {}),
  };
};

/** A mesh of 12–30 services from a seed, with at most one fault. Each edge has randomness of its own: asking for latency changes no count. */
export const noisyMesh = (seed: number, fault: ((edges: readonly Traits[], dice: Random) => Fault) | null = null): NoisyMesh => {
  const dice = random(seed);
  const services = servicesOf(dice, 12 + Math.floor(dice.uniform() * 19));
  const edges = traitsOf(dice, services);
  const known = fault?.(edges, dice) ?? null;
  const added = addedBy(known, services, edges);
  return {
    edges,
    readings: (withLatency) =>
      edges.map((traits, index) =>
        readingOf(
          random(seed * 7919 + index),
          random(seed * 104_729 + index),
          traits,
          known,
          added[index] ?? none,
          withLatency.has(index),
        ),
      ),
  };
};
