import type { Effect } from './faults.ts';
import { type Call, callKey, calls, type Service, serviceNamed, workloadOf } from './topology.ts';

/** One kind of ended request of one call, and how many a second. */
export type Stream = {
  readonly call: Call;
  readonly version: string;
  readonly perSecond: number;
  readonly atCaller: Ended;
  /** Null: it never arrived. */
  readonly atCallee: Ended | null;
  readonly withoutDestination: boolean;
};
/** How a request ended, as one proxy prints it. */
export type Ended = {
  readonly code: string;
  readonly grpc: string;
  readonly flags: string;
  readonly medianSeconds: number;
  readonly spread: number;
};

/** Standard normal distribution (Abramowitz and Stegun 7.1.26). */
export const normalBelow = (z: number): number => {
  const t = 1 / (1 + 0.3275911 * (Math.abs(z) / Math.SQRT2));
  const tail =
    t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429)))) * Math.exp((-z * z) / 2);
  return z >= 0 ? 1 - tail / 2 : tail / 2;
};

/** Requests that take longer than on a good day: what share of all, and by how much. */
type Late = { readonly share: number; readonly seconds: number };

/** What a service's callers feel of its own calls: the share that fails, the time on a good day, and who waits longer. */
type Trouble = { readonly failing: number; readonly seconds: number; readonly late: readonly Late[] };

const inflowOf = (name: string): number =>
  calls.filter(({ callee }) => callee === name).reduce((sum, { perSecond }) => sum + perSecond, 0);

/** How many of the caller's requests need this call; failures and waits flow up by that share, so that no parent fails more than its children. */
const frequencyOf = (call: Call): number => {
  const inflow = inflowOf(call.caller);
  return inflow === 0 ? 1 : Math.min(1, call.perSecond / inflow);
};

const shareAbove = (limit: number, seconds: number, spread: number): number =>
  1 - normalBelow(Math.log(limit / Math.max(seconds, 1e-6)) / spread);

/** How a service fares with its own calls, deepest first. */
const troubleOf = (name: string, effects: readonly Effect[], seen: readonly string[] = []): Trouble => {
  if (seen.includes(name)) return { failing: 0, seconds: 0, late: [] };
  return calls
    .filter(({ caller }) => caller === name)
    .reduce<Trouble>(
      (sum, call) => {
        const frequency = frequencyOf(call);
        const { failing, seconds, late } = feltAt(call, effects, troubleOf(call.callee, effects, [...seen, name]));
        return {
          failing: call.isCritical ? 1 - (1 - sum.failing) * (1 - frequency * failing) : sum.failing,
          seconds: sum.seconds + frequency * seconds,
          late: [...sum.late, ...late.map((one) => ({ ...one, share: one.share * frequency }))],
        };
      },
      { failing: 0, seconds: 0, late: [] },
    );
};

const effectOn = (effects: readonly Effect[], at: string): Effect =>
  Object.assign({ at }, ...effects.filter((effect) => effect.at === at)) as Effect;

const versionShare = (service: Service, version: string | undefined): number =>
  version === undefined ? 1 : (service.versions.find(({ name }) => name === version)?.weight ?? 0);

/** Who waits longer at a call: everybody where the callee itself is slower, else those whose calls below are late. */
const lateAt = (call: Call, effects: readonly Effect[], below: Trouble): readonly Late[] => {
  const own = call.medianSeconds * ((effectOn(effects, call.callee).slower ?? 1) - 1);
  if (own <= 0) return below.late;
  return [{ share: 1, seconds: own + below.late.reduce((sum, { share, seconds }) => sum + share * seconds, 0) }];
};

/** Share of the requests whose caller's clock runs out. */
const timedOutAt = (limit: number | undefined, seconds: number, late: readonly Late[], spread: number): number => {
  if (limit === undefined) return 0;
  const rest = Math.max(0, 1 - late.reduce((sum, { share }) => sum + share, 0));
  return [{ share: rest, seconds: 0 }, ...late].reduce(
    (sum, one) => sum + one.share * shareAbove(limit, seconds + one.seconds, spread),
    0,
  );
};

const feltAt = (call: Call, effects: readonly Effect[], below: Trouble): Trouble => {
  const [onCall, onCallee] = [effectOn(effects, callKey(call)), effectOn(effects, call.callee)];
  const own =
    (onCallee.answered?.share ?? 0) * versionShare(serviceNamed(call.callee), onCallee.answered?.version) +
    (onCallee.inside?.share ?? 0);
  const seconds = call.medianSeconds + below.seconds;
  const late = lateAt(call, effects, below);
  const limit = onCall.timeoutSeconds;
  const timedOut = timedOutAt(limit, seconds, late, 0.5);
  const refused = onCall.refused?.share ?? 0;
  const failing = 1 - (1 - refused) * (1 - own) * (1 - below.failing) * (1 - timedOut) * (1 - call.failing);
  const within = (one: Late): Late => (limit === undefined ? one : { ...one, seconds: Math.min(one.seconds, limit) });
  return { failing, seconds, late: late.map(within) };
};

const grpcOf = (call: Call, isBad: boolean): string => (call.protocol === 'grpc' ? (isBad ? '14' : '0') : '');

/** Requests of one version that fare alike: how many of those left, and what both proxies print. */
type Fate = {
  readonly share: number;
  readonly code: string;
  readonly isBad: boolean;
  readonly callerFlags?: string;
  readonly calleeFlags?: string;
  readonly calleeCode?: string;
  readonly seconds: number;
  readonly spread?: number;
};

/** Shares of the whole as shares of what the ones before left over. */
const disjoint = (late: readonly Late[]): readonly Late[] => {
  let left = 1;
  return late.map(({ share, seconds }) => {
    const one = { share: left <= 0 ? 0 : Math.min(1, share / left), seconds };
    left -= share;
    return one;
  });
};

/** What can become of a request, one after the other; each takes its share of what the ones before left over. */
const fatesOf = (call: Call, version: string, effects: readonly Effect[]): readonly Fate[] => {
  const [onCall, onCallee] = [effectOn(effects, callKey(call)), effectOn(effects, call.callee)];
  const below = troubleOf(call.callee, effects);
  const late = lateAt(call, effects, below);
  const usual = call.medianSeconds + below.seconds;
  const everybody = late.find(({ share }) => share === 1)?.seconds ?? 0;
  const limit = onCall.timeoutSeconds;
  // What is not cut by the timeout ended before it.
  const within = (wanted: number): number => Math.min(wanted, (limit ?? Number.POSITIVE_INFINITY) * 0.6);
  const seconds = within(usual + everybody);
  const { inside, answered } = onCallee;
  const isAnswered = answered && (answered.version === undefined || answered.version === version);
  return [
    ...(limit === undefined
      ? []
      : [
          {
            share: timedOutAt(limit, usual, late, 0.55),
            code: '504',
            isBad: true,
            callerFlags: 'UT',
            calleeFlags: 'DC',
            calleeCode: '0',
            seconds: limit,
            spread: 0.02,
          },
        ]),
    ...(inside
      ? [{ share: inside.share, code: inside.code, isBad: true, calleeFlags: inside.flags, seconds: 0.003, spread: 0.4 }]
      : []),
    ...(isAnswered ? [{ share: answered.share, code: answered.code, isBad: true, seconds: seconds * 0.6 }] : []),
    { share: below.failing, code: '500', isBad: true, seconds: seconds * 0.8 },
    { share: call.failing, code: '503', isBad: true, seconds },
    { share: 0.004, code: '404', isBad: false, seconds },
    ...disjoint(late).map((one) => ({ share: one.share, code: '200', isBad: false, seconds: within(usual + one.seconds) })),
    { share: 1, code: '200', isBad: false, seconds },
  ];
};

/** Requests that never arrive: the caller's proxy alone sees them. */
const refusedStream = (call: Call, refused: NonNullable<Effect['refused']>): Stream => {
  const ended = {
    code: refused.code,
    grpc: grpcOf(call, true),
    flags: refused.flags,
    medianSeconds: refused.seconds,
    spread: 0.4,
  };
  return {
    call,
    version: 'unknown',
    perSecond: call.perSecond * refused.share,
    atCaller: ended,
    atCallee: null,
    withoutDestination: refused.withoutDestination ?? false,
  };
};

/** Every kind of request of one call. */
export const streamsOf = (call: Call, effects: readonly Effect[]): readonly Stream[] => {
  const { refused } = effectOn(effects, callKey(call));
  const arriving = call.perSecond * (1 - (refused?.share ?? 0));
  const streams: Stream[] = refused ? [refusedStream(call, refused)] : [];
  for (const { name: version, weight } of serviceNamed(call.callee).versions) {
    let left = arriving * weight;
    for (const { share, code, isBad, callerFlags = '-', calleeFlags = '-', calleeCode = code, seconds, spread = 0.55 } of fatesOf(
      call,
      version,
      effects,
    )) {
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
        perSecond: left * share,
        atCaller: ended(callerFlags, code),
        atCallee: ended(calleeFlags, calleeCode),
        withoutDestination: false,
      });
      left *= 1 - share;
    }
  }
  return streams.filter(({ perSecond }) => perSecond > 0);
};

/** Istio's standard labels, but for identities and applications, which nothing here asks for and which double the size of the past. */
export const labelsOf = (
  { call, version, atCaller, atCallee, withoutDestination }: Stream,
  reporter: 'source' | 'destination',
): Readonly<Record<string, string>> => {
  const [caller, callee] = [serviceNamed(call.caller), serviceNamed(call.callee)];
  const ended = reporter === 'source' ? atCaller : (atCallee ?? atCaller);
  const isKnown = version !== 'unknown';
  const workload = isKnown ? workloadOf(callee.name, version) : 'unknown';
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
