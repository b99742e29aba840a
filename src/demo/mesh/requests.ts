import type { Effect } from './faults.ts';
import type { Random } from './noise.ts';
import { type Call, callKey, calls, serviceNamed } from './topology.ts';

/** One request and all that came of it. What is counted and what is traced are these. */

/** How a call ended, as one proxy prints it. */
export type Ended = { readonly code: string; readonly grpc: string; readonly flags: string; readonly seconds: number };

/** One call, as both proxies saw it, with the calls that its callee made. */
export type Request = {
  readonly call: Call;
  /** "unknown": it never arrived. */
  readonly version: string;
  readonly atCaller: Ended;
  /** Null: it never arrived. */
  readonly atCallee: Ended | null;
  /** No destination was chosen. */
  readonly withoutDestination: boolean;
  /** What its caller takes for a failure. */
  readonly hasFailed: boolean;
  /** In the order of time; seconds after the callee's proxy took the request. */
  readonly below: readonly { readonly afterSeconds: number; readonly request: Request }[];
};

/** A call with everything that decides what becomes of it. */
export type Plan = {
  readonly call: Call;
  /** Share of its caller's requests that need it. */
  readonly frequency: number;
  readonly onCall: Effect;
  readonly onCallee: Effect;
  /** What the callee calls, one after the other. */
  readonly below: readonly Plan[];
};

/** On the way between two proxies: the caller waits a little longer than the callee works. */
export const wireSeconds = 0.0005;
const usualSpread = 0.55;
const notFoundShare = 0.004;

const inflowOf = (name: string): number =>
  calls.filter(({ callee }) => callee === name).reduce((sum, { perSecond }) => sum + perSecond, 0);

const effectOn = (effects: readonly Effect[], at: string): Effect =>
  Object.assign({ at }, ...effects.filter((effect) => effect.at === at)) as Effect;

const planOf = (call: Call, effects: readonly Effect[]): Plan => {
  const inflow = inflowOf(call.caller);
  return {
    call,
    frequency: inflow === 0 ? 1 : Math.min(1, call.perSecond / inflow),
    onCall: effectOn(effects, callKey(call)),
    onCallee: effectOn(effects, call.callee),
    below: calls.filter(({ caller }) => caller === call.callee).map((below) => planOf(below, effects)),
  };
};

/** The calls that come from outside, with these effects in force. */
export const entrances = (effects: readonly Effect[]): readonly Plan[] =>
  calls.filter(({ caller }) => inflowOf(caller) === 0).map((call) => planOf(call, effects));

/** Log-normal about a median, as latencies are. */
const varied = (random: Random, median: number, spread = usualSpread): number => median * Math.exp(spread * random.normal());

const grpcOf = ({ protocol }: Call, hasFailed: boolean): string => (protocol === 'grpc' ? (hasFailed ? '14' : '0') : '');

const versionOf = (name: string, random: Random): string => {
  const { versions } = serviceNamed(name);
  let left = versions.length === 1 ? 0 : random.uniform();
  return (
    versions.find(({ weight }) => {
      left -= weight;
      return left < 0;
    })?.name ?? 'v1'
  );
};

/** The caller's proxy alone sees it. */
const neverArrived = (call: Call, refused: NonNullable<Effect['refused']>, random: Random): Request => ({
  call,
  version: 'unknown',
  atCaller: {
    code: refused.code,
    grpc: grpcOf(call, true),
    flags: refused.flags,
    seconds: varied(random, refused.seconds, 0.4),
  },
  atCallee: null,
  withoutDestination: refused.withoutDestination ?? false,
  hasFailed: true,
  below: [],
});

/** What an application makes of a request; of its own time some is saved by one that fails. */
type Fate = { readonly code: string; readonly hasFailed: boolean; readonly ownShare: number };

const fateOf = ({ call, onCallee: { answered } }: Plan, version: string, made: readonly Request[], random: Random): Fate => {
  const isAnswered = answered !== undefined && (answered.version ?? version) === version;
  if (isAnswered && random.uniform() < answered.share) return { code: answered.code, hasFailed: true, ownShare: 0.6 };
  if (made.some((request) => request.call.isCritical && request.hasFailed))
    return { code: '500', hasFailed: true, ownShare: 0.8 };
  if (random.uniform() < call.failing) return { code: '503', hasFailed: true, ownShare: 1 };
  return { code: random.uniform() < notFoundShare ? '404' : '200', hasFailed: false, ownShare: 1 };
};

/** What the callee's proxy sees, if nobody's patience ends. */
type Answer = Pick<Request, 'hasFailed' | 'below'> & { readonly code: string; readonly flags: string; readonly seconds: number };

const answerOf = (plan: Plan, version: string, random: Random): Answer => {
  const { inside, slower = 1 } = plan.onCallee;
  if (inside !== undefined && random.uniform() < inside.share)
    return { code: inside.code, flags: inside.flags, seconds: varied(random, 0.003, 0.4), hasFailed: true, below: [] };
  const made = plan.below.filter(({ frequency }) => random.uniform() < frequency).map((below) => drawRequest(below, random));
  const { code, hasFailed, ownShare } = fateOf(plan, version, made, random);
  // Its own work lies before, between and behind its calls.
  const pause = (varied(random, plan.call.medianSeconds * slower) * ownShare) / (made.length + 1);
  let seconds = pause;
  const below = made.map((request) => {
    const afterSeconds = seconds;
    seconds += request.atCaller.seconds + pause;
    return { afterSeconds, request };
  });
  return { code, flags: '-', seconds, hasFailed, below };
};

/** Draws one request by this call, all the way down. */
export const drawRequest = (plan: Plan, random: Random): Request => {
  const { call, onCall } = plan;
  const { refused, timeoutSeconds = Number.POSITIVE_INFINITY } = onCall;
  if (refused !== undefined && random.uniform() < refused.share) return neverArrived(call, refused, random);
  const version = versionOf(call.callee, random);
  const { code, flags, seconds, hasFailed, below } = answerOf(plan, version, random);
  const arrived = { call, version, withoutDestination: false };
  if (seconds + wireSeconds <= timeoutSeconds) {
    const ended = { code, grpc: grpcOf(call, hasFailed) };
    return {
      ...arrived,
      atCaller: { ...ended, flags: '-', seconds: seconds + wireSeconds },
      atCallee: { ...ended, flags, seconds },
      hasFailed,
      below,
    };
  }
  const waited = varied(random, timeoutSeconds, 0.02);
  const grpc = grpcOf(call, true);
  return {
    ...arrived,
    atCaller: { code: '504', grpc, flags: 'UT', seconds: waited },
    atCallee: { code: '0', grpc, flags: 'DC', seconds: waited - wireSeconds },
    hasFailed: true,
    // Nobody waits for what was still to be done.
    below: below.filter(({ afterSeconds, request }) => afterSeconds + request.atCaller.seconds < waited - wireSeconds),
  };
};

/** Hears of a request and of every call below it. */
export const everyCall = (request: Request, hear: (one: Request) => void): void => {
  hear(request);
  for (const { request: below } of request.below) everyCall(below, hear);
};
