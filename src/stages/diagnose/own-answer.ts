import type { Side } from '../../domain/diagnosis.ts';
import { isNowhere } from '../../domain/edge.ts';
import { printsFlags } from '../../domain/mesh.ts';
import type { Outcome, Reporter } from '../../domain/signals.ts';
import { neverArrived, withoutDestination } from './arrival.ts';
import { rose } from './counters.ts';
import { callerOf, proxyAt, routeKinds } from './look.ts';
import {
  badAt,
  badWith,
  hasErrors,
  hasFlag,
  isBare,
  isMost,
  meantCode,
  mostly,
  named,
  outcomesOf,
  proxyOf,
  proxySide,
  type Scene,
  withFlag,
} from './scene.ts';

/** What the proxy of one end answered by itself; `isAstray`: before it knew a destination. */
export type Answered = { readonly at: Reporter; readonly requests: number; readonly isAstray: boolean };

/** Why it did: the counter that tells, who is behind it, and where to look. */
type Reason = {
  readonly counter: string | null;
  readonly side: Side;
  readonly why: string;
  readonly check: string;
  readonly object: string;
  /** Settings that say so; null where the proxy's own log does. */
  readonly where: { readonly namespace: string | null; readonly kinds: string } | null;
  /** A counter says so in as many words. */
  readonly isSure: boolean;
};

const isOwnAnswer = (outcome: Outcome): boolean => isBare(outcome) || hasFlag('OM', 'LR')(outcome);
/** What Envoy answers itself without a flag: overload (503), a duration that ran out (504), a fixed answer (502 where Istio sets it). Any other only by a route. */
const ownCodes: ReadonlySet<string> = new Set(['502', '503', '504']);
const isOwnError = (outcome: Outcome): boolean => ownCodes.has(meantCode(outcome)) && isOwnAnswer(outcome);
const isBareError = (outcome: Outcome): boolean => /^5/.test(outcome.code) && isOwnAnswer(outcome);
const isOwnRefusal = ({ code, flags }: Outcome): boolean => ['408', '413', '431'].includes(code) && flags.length === 0;

const fixed = 'http_rq_direct_response';
const overload = 'http_downstream_rq_overload_close';
/** A proxy that answers at the headers answers before the request is complete; an application behind it hardly ever does. */
const early = 'http_downstream_rq_response_before_rq_complete';

type Cause = readonly [counter: string, why: string, check: string, who: 'proxy' | 'limit' | 'route' | 'sender'];

const causes = ({ caller, callee }: Scene, proxy: string): readonly Cause[] => [
  [overload, 'its overload manager sheds load', `See memory and connections of ${proxy}, and its limits`, 'proxy'],
  [
    'http_downstream_rq_max_duration_reached',
    'requests reach the longest duration set there',
    `See which longest stream duration is set at ${proxy}, and what ${callee} waits for`,
    'limit',
  ],
  [
    'http_downstream_rq_header_timeout',
    `${caller} does not send its headers in time`,
    `See what holds ${caller} up while it sends`,
    'sender',
  ],
  [
    'http_downstream_rq_timeout',
    `${caller} does not send its whole request in time`,
    `See what holds ${caller} up while it sends`,
    'sender',
  ],
  [
    'http_downstream_rq_too_large',
    'requests are larger than its limit',
    `See which limit of request size is set at ${proxy}`,
    'limit',
  ],
  [
    fixed,
    'a route there has a fixed answer',
    `See which route of ${caller} answers by itself, or leads out of the mesh`,
    'route',
  ],
  [
    early,
    'it answers before it has the whole request, as when it is overloaded',
    `See the log and the memory of ${proxy}`,
    'proxy',
  ],
];

const placeOf = (scene: Scene, at: Reporter, who: Cause[3]): Pick<Reason, 'object' | 'where'> => {
  const { callee, namespace, edge } = scene;
  const proxy = proxyAt(scene, at);
  if (who === 'sender') return { object: callerOf(scene).object, where: null };
  if (who === 'proxy') return { object: proxy.object, where: null };
  const ns = who === 'route' && !isNowhere(edge) ? namespace : proxy.namespace;
  const kind = who === 'limit' ? 'EnvoyFilter' : 'VirtualService';
  return {
    object: who === 'route' && !isNowhere(edge) ? `${kind} ${named(ns, callee)}` : ns === null ? kind : `${kind} in ${ns}`,
    where: { namespace: ns, kinds: who === 'limit' ? 'envoyfilters' : routeKinds(scene) },
  };
};

/** By the counters that rose with it; null where none did. */
export const provenReason = (scene: Scene, { at, requests }: Answered): Reason | null => {
  const found = causes(scene, proxyOf(scene, at)).find(([counter]) => rose(scene, at, counter) > requests / 10);
  if (found === undefined) return null;
  const [counter, why, check, who] = found;
  const side = who === 'sender' ? 'caller' : proxySide(at);
  return { counter, why, check, side, ...placeOf(scene, at, who), isSure: counter !== early };
};

const codesAt = (scene: Scene, at: Reporter): readonly string[] => [
  ...new Set(
    outcomesOf(scene, at)
      .filter(isOwnAnswer)
      .map(meantCode)
      .filter((code) => /^[45]/.test(code)),
  ),
];

const codesAstray = (scene: Scene): readonly string[] =>
  ['504', '503', '502'].filter(
    (code) => withoutDestination(scene, (outcome) => isOwnError(outcome) && meantCode(outcome) === code) > 0,
  );

/** What a clock of the proxy answers without a flag: 504, and to a gRPC client UNAVAILABLE. */
const isClock = (outcome: Outcome): boolean =>
  isOwnError(outcome) && (meantCode(outcome) === '504' || outcome.grpcStatus === '14');

/**
 * The callee saw its client leave, more than ever does, of what the caller got as an answer of its own proxy: that gave up, and only its clock
 * does so without a flag. What it sheds never reaches the callee.
 */
export const isCutByClock = (scene: Scene, { at, requests, isAstray }: Answered): boolean =>
  at === 'caller' &&
  !isAstray &&
  scene.judged.callee?.left.isElevated === true &&
  badWith(scene, 'caller', isClock) >= requests / 2 &&
  withFlag(scene, 'callee', 'DC', 'DR') >= requests / 2;

/** Without a counter the code is all there is. */
export const guessedReason = (scene: Scene, answered: Answered): Reason => {
  const { at, isAstray } = answered;
  const codes = isAstray ? codesAstray(scene) : codesAt(scene, at);
  const isEnvoy = printsFlags(scene.evidence.mesh);
  const isCut = isCutByClock(scene, answered);
  return {
    counter: null,
    isSure: false,
    side: "caller's proxy",
    why: !isEnvoy
      ? // Linkerd's proxy answers 502 to 504 where it cannot connect, or fails fast (linkerd.io, "Debugging HTTP applications").
        `as when it cannot reach ${scene.callee}`
      : isCut || codes.includes('504') || codes.includes('408')
        ? `a duration or timeout of the proxy ${isCut ? 'ran' : 'may have run'} out`
        : codes.includes('503')
          ? 'it may be overloaded'
          : 'a route there may have a fixed answer',
    check: `See the log of ${proxyOf(scene, 'caller')} for why it answered itself`,
    ...placeOf(scene, 'caller', 'proxy'),
  };
};

const refusalsAt = (scene: Scene, at: Reporter): number =>
  outcomesOf(scene, at)
    .filter(isOwnRefusal)
    .reduce((sum, { requests }) => sum + requests, 0);

/** The callee's proxy sheds load: both ends show a bare 503, which the application did not say. */
const shedByCallee = (scene: Scene): Answered | null => {
  const part = mostly(scene, isOwnError);
  if (part === null) return null;
  const isShed = rose(scene, 'callee', overload) > part.requests / 2 || rose(scene, 'callee', early) > 0.7 * part.requests;
  return isShed ? { at: 'callee', requests: part.requests, isAstray: false } : null;
};

/** Bare failures at the caller that the callee's proxy, which reports, never showed; or such that no destination was chosen for. */
const madeByCaller = (scene: Scene): Answered | null => {
  const bad = badAt(scene, 'caller');
  const plain = badWith(scene, 'caller', isBareError);
  const said = rose(scene, 'caller', fixed) > plain / 2 && plain > 0 ? plain : badWith(scene, 'caller', isOwnError);
  if (hasErrors(scene) && neverArrived(scene) && isMost(said, bad))
    return { at: 'caller', requests: said, isAstray: isNowhere(scene.edge) };
  const astray = withoutDestination(scene, isOwnError);
  return astray > bad ? { at: 'caller', requests: astray, isAstray: true } : null;
};

/** 408 and 413 are the application's own as well: only what the callee did not see, or what a counter proves, is the proxy's. */
const refusedByProxy = (scene: Scene): Answered | null => {
  const refused = refusalsAt(scene, 'caller');
  const isNews = [scene.judged.caller, scene.judged.callee].some((side) => side?.clientErrors.isElevated === true);
  if (hasErrors(scene) || !isNews || refused < 5) return null;
  const atCallee = refusalsAt(scene, 'callee');
  if (scene.judged.reading.calleeReports && atCallee < refused / 2) return { at: 'caller', requests: refused, isAstray: false };
  const inside: Answered = { at: 'callee', requests: atCallee, isAstray: false };
  return provenReason(scene, inside) === null ? null : inside;
};

/** What a proxy said by itself on this edge; null where nothing tells that it did. */
export const answeredByProxy = (scene: Scene): Answered | null =>
  shedByCallee(scene) ?? madeByCaller(scene) ?? refusedByProxy(scene);
