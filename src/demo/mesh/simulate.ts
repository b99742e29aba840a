import type { Effect } from './faults.ts';
import { seeded } from './noise.ts';
import { type Call, callKey, calls, type Service, serviceNamed } from './topology.ts';

/** One kind of ended request of one call, and how many a second. */
type Stream = {
  readonly call: Call;
  readonly version: string;
  readonly perSecond: number;
  readonly atCaller: Ended;
  /** Null: it never arrived. */
  readonly atCallee: Ended | null;
  readonly withoutDestination: boolean;
};
type Ended = {
  readonly code: string;
  readonly grpc: string;
  readonly flags: string;
  readonly medianSeconds: number;
  readonly spread: number;
};

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

/** Standard normal distribution (Abramowitz and Stegun 7.1.26). */
const normalBelow = (z: number): number => {
  const t = 1 / (1 + 0.3275911 * (Math.abs(z) / Math.SQRT2));
  const tail =
    t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429)))) * Math.exp((-z * z) / 2);
  return z >= 0 ? 1 - tail / 2 : tail / 2;
};

/** Share of requests up to each bound, for a log-normal latency. */
const sharesBelow = ({ medianSeconds, spread }: Ended): readonly number[] =>
  boundsMs.map((bound) => normalBelow(Math.log(bound / (medianSeconds * 1000)) / spread));

type Trouble = { readonly failing: number; readonly seconds: number };

/** How a service fares with its own critical calls, deepest first: what its callers feel. */
const troubleOf = (name: string, effects: readonly Effect[], seen: readonly string[] = []): Trouble => {
  if (seen.includes(name)) return { failing: 0, seconds: 0 };
  return calls
    .filter(({ caller }) => caller === name)
    .reduce<Trouble>(
      (sum, call) => {
        const below = troubleOf(call.callee, effects, [...seen, name]);
        const { failing, seconds } = feltAt(call, effects, below);
        if (!call.isCritical) return { failing: sum.failing, seconds: sum.seconds + seconds };
        return { failing: 1 - (1 - sum.failing) * (1 - failing), seconds: sum.seconds + seconds };
      },
      { failing: 0, seconds: 0 },
    );
};

const effectOn = (effects: readonly Effect[], at: string): Effect =>
  Object.assign({ at }, ...effects.filter((effect) => effect.at === at)) as Effect;

const versionShare = (service: Service, version: string | undefined): number =>
  version === undefined ? 1 : (service.versions.find(({ name }) => name === version)?.weight ?? 0);

const feltAt = (call: Call, effects: readonly Effect[], below: Trouble): Trouble => {
  const [onCall, onCallee] = [effectOn(effects, callKey(call)), effectOn(effects, call.callee)];
  const own =
    (onCallee.answered?.share ?? 0) * versionShare(serviceNamed(call.callee), onCallee.answered?.version) +
    (onCallee.inside?.share ?? 0);
  const seconds = call.medianSeconds * (onCallee.slower ?? 1) + below.seconds;
  const limit = onCall.timeoutSeconds;
  const timedOut = limit === undefined ? 0 : 1 - normalBelow(Math.log(limit / Math.max(seconds, 1e-6)) / 0.5);
  const refused = onCall.refused?.share ?? 0;
  const failing = 1 - (1 - refused) * (1 - own) * (1 - below.failing) * (1 - timedOut) * (1 - call.failing);
  return { failing, seconds: limit === undefined ? seconds : Math.min(seconds, limit) };
};

const grpcOf = (call: Call, isBad: boolean): string => (call.protocol === 'grpc' ? (isBad ? '14' : '0') : '');

/** Every kind of request of one call. */
const streamsOf = (call: Call, effects: readonly Effect[]): readonly Stream[] => {
  const [onCall, onCallee] = [effectOn(effects, callKey(call)), effectOn(effects, call.callee)];
  const service = serviceNamed(call.callee);
  const below = troubleOf(call.callee, effects);
  const wanted = call.medianSeconds * (onCallee.slower ?? 1) + below.seconds;
  // What is not cut by the timeout ended before it.
  const median = Math.min(wanted, (onCall.timeoutSeconds ?? Number.POSITIVE_INFINITY) * 0.6);
  const streams: Stream[] = [];
  let left = call.perSecond;
  const { refused } = onCall;
  if (refused) {
    const ended = {
      code: refused.code,
      grpc: grpcOf(call, true),
      flags: refused.flags,
      medianSeconds: refused.seconds,
      spread: 0.4,
    };
    streams.push({
      call,
      version: 'unknown',
      perSecond: left * refused.share,
      atCaller: ended,
      atCallee: null,
      withoutDestination: refused.withoutDestination ?? false,
    });
    left *= 1 - refused.share;
  }
  for (const { name: version, weight } of service.versions) {
    let perSecond = left * weight;
    const push = (
      share: number,
      code: string,
      isBad: boolean,
      caller = '-',
      callee = '-',
      calleeCode = code,
      seconds = median,
      spread = 0.55,
    ): void => {
      const ended = (flags: string, shown: string): Ended => ({
        code: shown,
        grpc: grpcOf(call, isBad),
        flags,
        medianSeconds: seconds,
        spread,
      });
      streams.push({
        call,
        version,
        perSecond: perSecond * share,
        atCaller: ended(caller, code),
        atCallee: ended(callee, calleeCode),
        withoutDestination: false,
      });
      perSecond *= 1 - share;
    };
    const limit = onCall.timeoutSeconds;
    if (limit !== undefined) push(1 - normalBelow(Math.log(limit / wanted) / 0.55), '504', true, 'UT', 'DC', '0', limit, 0.02);
    if (onCallee.inside)
      push(onCallee.inside.share, onCallee.inside.code, true, '-', onCallee.inside.flags, onCallee.inside.code, 0.003, 0.4);
    const { answered } = onCallee;
    if (answered && (answered.version === undefined || answered.version === version))
      push(answered.share, answered.code, true, '-', '-', answered.code, median * 0.6);
    push(below.failing, '500', true, '-', '-', '500', median * 0.8);
    push(call.failing, '503', true);
    push(0.004, '404', false);
    push(1, '200', false);
  }
  return streams.filter(({ perSecond }) => perSecond > 0);
};

/** Istio's standard labels, but for identities and applications, which nothing here asks for and which double the size of the past. */
const labelsOf = (
  { call, version, atCaller, atCallee, withoutDestination }: Stream,
  reporter: 'source' | 'destination',
): Readonly<Record<string, string>> => {
  const [caller, callee] = [serviceNamed(call.caller), serviceNamed(call.callee)];
  const ended = reporter === 'source' ? atCaller : (atCallee ?? atCaller);
  const isKnown = version !== 'unknown';
  const workload = isKnown ? (callee.versions.length > 1 ? `${callee.name}-${version}` : callee.name) : 'unknown';
  const name = withoutDestination ? 'unknown' : callee.name;
  return {
    reporter,
    source_workload: caller.name,
    source_workload_namespace: caller.namespace,
    source_version: 'v1',
    destination_workload: workload,
    destination_version: version,
    destination_service: withoutDestination ? 'unknown' : `${callee.name}.${callee.namespace}.svc.cluster.local`,
    destination_canonical_service: isKnown ? callee.name : 'unknown',
    destination_service_name: name,
    destination_service_namespace: withoutDestination ? 'unknown' : callee.namespace,
    request_protocol: call.protocol,
    response_code: ended.code,
    grpc_response_status: ended.grpc,
    response_flags: ended.flags,
    connection_security_policy: reporter === 'source' ? 'unknown' : 'mutual_tls',
  };
};

/** Slow waves of a day and a week, and the noise of minutes: what a healthy mesh does. */
const trafficAt = (atMs: number, wobble: number): number => {
  const hours = (atMs / 3_600_000) % 24;
  const day = Math.floor(atMs / 86_400_000) % 7;
  return (1 + 0.12 * Math.sin(((hours - 9) / 24) * 2 * Math.PI)) * (day === 2 || day === 3 ? 0.95 : 1) * Math.exp(0.04 * wobble);
};

export type Mesh = {
  readonly series: () => readonly Series[] /** Lets time pass up to `atMs`, with these effects in force. */;
  readonly advance: (atMs: number, effects: readonly Effect[]) => void;
};

/** The mesh: counters that only rise, continued from the past into the present by the same rules. */
export const startMesh = (startMs: number, seed = 7): Mesh => {
  const random = seeded(seed);
  const series = new Map<string, Series>();
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
          const sides = [
            ['source', stream.atCaller],
            ['destination', stream.atCallee],
          ] as const;
          const printed = sides.flatMap(([reporter, ended]) => {
            // A gateway has no sidecar in front of it, and what never arrived is not counted by the callee.
            if (ended === null) return [];
            const labels = labelsOf(stream, reporter);
            return [[JSON.stringify(labels), labels, ended] as const];
          });
          return [stream, printed] as const;
        });
      cached = { key, streams };
    }
    return cached.streams;
  };
  const add = (key: string, labels: Readonly<Record<string, string>>, ended: Ended, count: number): void => {
    const known = series.get(key) ?? { labels, requests: 0, sumMs: 0, buckets: boundsMs.map(() => 0) };
    series.set(key, known);
    known.requests += count;
    known.sumMs += count * ended.medianSeconds * 1000 * Math.exp(ended.spread ** 2 / 2);
    let below = 0;
    for (const [index, share] of sharesBelow(ended).entries()) {
      below = Math.max(
        below,
        Math.min(count, count < 40 ? Math.floor(count * share + random.uniform()) : Math.round(count * share)),
      );
      known.buckets[index] = (known.buckets[index] ?? 0) + below;
    }
  };
  return {
    series: () => [...series.values()],
    advance: (atMs, effects) => {
      const seconds = (atMs - nowMs) / 1000;
      if (seconds <= 0) return;
      const wobble = random.normal();
      for (const [stream, printed] of streamsFor(effects)) {
        const count = random.poisson(stream.perSecond * seconds * trafficAt(atMs, wobble));
        if (count > 0) for (const [key, labels, ended] of printed) add(key, labels, ended, count);
      }
      nowMs = atMs;
    },
  };
};
