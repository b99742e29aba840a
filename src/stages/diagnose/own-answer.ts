import type { Side } from '../../domain/diagnosis.ts';
import { isNowhere } from '../../domain/edge.ts';
import { leading } from '../../domain/judgement.ts';
import { printsFlags } from '../../domain/mesh.ts';
import type { Outcome, Reporter } from '../../domain/signals.ts';
import { areItsOwn, astray, isUnseen, neverArrived, sumOf, withoutDestination } from './arrival.ts';
import { gatekeeper, isShown, rose } from './counters.ts';
import { callerOf, proxyAt, routeKinds } from './look.ts';
import {
  badAt,
  badWith,
  hasErrors,
  hasFlag,
  isBad,
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
import { senderDoesNot, senderOf, whatHoldsUp } from './sender.ts';

/** What the proxy of one end answered by itself; `isAstray`: before it knew a destination; `isRefused`: with a 4xx, which is no failure. */
export type Answered = {
  readonly at: Reporter;
  readonly requests: number;
  readonly isAstray: boolean;
  readonly isRefused: boolean;
};

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
/** With these an application refuses, and a proxy before it alike: only a counter tells which did. */
const refusals: readonly string[] = ['408', '413', '431'];
const isRefusal = (outcome: Outcome): boolean => /^4/.test(outcome.code) && outcome.flags.length === 0 && !isBad(outcome);

const fixed = 'http_rq_direct_response';
const overload = 'http_downstream_rq_overload_close';
const longest = 'http_downstream_rq_max_duration_reached';
/** A proxy that answers at the headers answers before the request is complete; an application behind it hardly ever does. */
const early = 'http_downstream_rq_response_before_rq_complete';

type Cause = readonly [counter: string, why: string, check: string, who: 'proxy' | 'limit' | 'route' | 'sender'];

const causes = (scene: Scene, proxy: string): readonly Cause[] => {
  const { caller, callee } = scene;
  const sender = senderOf(scene);
  const stalls = whatHoldsUp(sender);
  return [
    [overload, 'its overload manager sheds load', `See memory and connections of ${proxy}, and its limits`, 'proxy'],
    [
      longest,
      'requests reach the longest duration set there',
      `See which longest stream duration is set at ${proxy}, and what ${callee} waits for`,
      'limit',
    ],
    ['http_downstream_rq_header_timeout', `${senderDoesNot(sender)} send the headers in time`, stalls, 'sender'],
    ['http_downstream_rq_timeout', `${senderDoesNot(sender)} send the whole request in time`, stalls, 'sender'],
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
};

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

/** The code of most of what it answered. */
const codeOf = (scene: Scene, { at, isAstray, isRefused }: Answered): string => {
  const passes = isRefused ? isRefusal : isOwnError;
  const outcomes = isAstray && !isNowhere(scene.edge) ? astray(scene, passes) : outcomesOf(scene, at).filter(passes);
  const requests = (code: string): number => sumOf(outcomes.filter((outcome) => meantCode(outcome) === code));
  return [...new Set(outcomes.map(meantCode))].sort((a, b) => requests(b) - requests(a) || (a < b ? -1 : 1))[0] ?? '';
};

/** The callee was not asked, or saw its client leave: 408 is what a proxy says that waited for a request (RFC 9110, 15.5.9), whoever shows its counters. */
const heldUp = (scene: Scene): Reason => {
  const sender = senderOf(scene);
  const why = `${senderDoesNot(sender)} send the request in time`;
  return { counter: null, side: 'caller', why, check: whatHoldsUp(sender), ...placeOf(scene, 'caller', 'sender'), isSure: true };
};

/** By the counters that rose with it, or by a code that says it all; null where neither does. */
export const provenReason = (scene: Scene, answered: Answered): Reason | null => {
  const { at, requests, isRefused } = answered;
  const found = causes(scene, proxyOf(scene, at)).find(([counter]) => rose(scene, at, counter) > requests / 10);
  if (found === undefined) return isRefused && at === 'caller' && codeOf(scene, answered) === '408' ? heldUp(scene) : null;
  const [counter, why, check, who] = found;
  const side = who === 'sender' ? 'caller' : proxySide(at);
  return { counter, why, check, side, ...placeOf(scene, at, who), isSure: counter !== early };
};

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

const guessedFrom = (code: string, isCut: boolean): string =>
  isCut || code === '504' || code === '408'
    ? `a duration or timeout of the proxy ${isCut ? 'ran' : 'may have run'} out`
    : code === '503'
      ? 'it may be overloaded'
      : /^4/.test(code)
        ? `it does not take them as they are (HTTP ${code}), or a route there has a fixed answer`
        : 'a route there may have a fixed answer';

/** Without a counter the code is all there is. */
export const guessedReason = (scene: Scene, answered: Answered): Reason => ({
  counter: null,
  isSure: false,
  side: proxySide(answered.at),
  why:
    answered.at === 'callee'
      ? `unless ${scene.callee} itself does so (HTTP ${codeOf(scene, answered)})`
      : printsFlags(scene.evidence.mesh) || answered.isRefused
        ? guessedFrom(codeOf(scene, answered), isCutByClock(scene, answered))
        : // Linkerd's proxy answers 502 to 504 where it cannot connect, or fails fast (linkerd.io, "Debugging HTTP applications").
          `as when it cannot reach ${scene.callee}`,
  check: `See the log of ${proxyOf(scene, answered.at)} for why it answered itself`,
  ...placeOf(scene, answered.at, 'proxy'),
});

const sumAt = (scene: Scene, at: Reporter, passes: (outcome: Outcome) => boolean): number =>
  sumOf(outcomesOf(scene, at).filter(passes));

const isOneOf =
  (...codes: readonly string[]) =>
  (outcome: Outcome): boolean =>
    isRefusal(outcome) && codes.includes(outcome.code);

/** Clocks that answer 504, or 408 while the request still comes (envoyproxy.io, "HTTP connection manager", max_stream_duration and request timeouts). */
const clocks = [longest, 'http_downstream_rq_timeout', 'http_downstream_rq_header_timeout'];

/** The proxy before the application sheds load, or its clock runs out: both ends show a bare code, which the application did not say. */
const madeBeforeCallee = (scene: Scene): Answered | null => {
  const at = gatekeeper(scene);
  const answered = (requests: number): Answered => ({ at, requests, isAstray: false, isRefused: false });
  const shed = mostly(scene, isOwnError);
  if (shed !== null && (rose(scene, at, overload) > shed.requests / 2 || rose(scene, at, early) > 0.7 * shed.requests))
    return answered(shed.requests);
  const late = mostly(scene, isClock);
  return late !== null && clocks.some((clock) => rose(scene, at, clock) > late.requests / 2) ? answered(late.requests) : null;
};

/** A bare 504 at both ends is the application's own, or of a longest duration at the proxy before it, whose counter nobody shows. */
export const mayBeLimit = (scene: Scene, at: Reporter): boolean => {
  const isLate = (outcome: Outcome): boolean => isBare(outcome) && meantCode(outcome) === '504';
  const isHidden = printsFlags(scene.evidence.mesh) && at === gatekeeper(scene) && !isShown(scene, at, longest);
  return isHidden && badWith(scene, at, isLate) > badAt(scene, at) / 2;
};

/** Bare failures at the caller that the callee's proxy, which reports, never showed; or such that no destination was chosen for. */
const madeByCaller = (scene: Scene): Answered | null => {
  const bad = badAt(scene, 'caller');
  const plain = badWith(scene, 'caller', isBareError);
  const said = rose(scene, 'caller', fixed) > plain / 2 && plain > 0 ? plain : badWith(scene, 'caller', isOwnError);
  if (hasErrors(scene) && neverArrived(scene) && isMost(said, bad))
    return { at: 'caller', requests: said, isAstray: isNowhere(scene.edge), isRefused: false };
  const lost = withoutDestination(scene, isOwnError);
  return lost > bad ? { at: 'caller', requests: lost, isAstray: true, isRefused: false } : null;
};

/** More than ever; without a destination there is a row, and so a past, only while there are such requests. */
const areNews = ({ judged, edge }: Scene, refused: number): boolean =>
  refused >= 5 &&
  ([judged.caller, judged.callee].some((side) => side?.clientErrors.isElevated === true) ||
    (isNowhere(edge) && judged.caller?.errors.hasPast === false && refused >= 20));

/** A bare 4xx is the application's own as a rule: only what the callee did not see, or what a counter proves, is a proxy's. */
const refusedByProxy = (scene: Scene): Answered | null => {
  if (hasErrors(scene)) return null;
  const [sent, got] = [sumAt(scene, 'caller', isRefusal), sumAt(scene, 'callee', ({ code }) => /^4/.test(code))];
  const answered = (at: Reporter, requests: number, isAstray = false): Answered => ({ at, requests, isAstray, isRefused: true });
  if (areNews(scene, sent) && isUnseen(scene, sent, got)) return answered('caller', sent - got, isNowhere(scene.edge));
  const before = gatekeeper(scene);
  const inside = answered(before, sumAt(scene, before, isOneOf(...refusals)));
  // Whoever fails because of them is already told of: then it is one of the two, whoever shows it.
  if (areNews(scene, inside.requests) && (scene.isBelow || provenReason(scene, inside) !== null)) return inside;
  const lost = withoutDestination(scene, isRefusal);
  return lost > 0 && (leading(scene.judged) === null || areItsOwn(scene, lost)) ? answered('caller', lost, true) : null;
};

/** Of refusals that nobody proves: the code of most, where an application and a proxy before it give it alike. */
export const eitherRefusal = (scene: Scene, at: Reporter, refused: number): string | null =>
  refusals.find((code) => sumAt(scene, at, isOneOf(code)) > refused / 2) ?? null;

/** What a proxy said by itself on this edge; null where nothing tells that it did. */
export const answeredByProxy = (scene: Scene): Answered | null =>
  madeBeforeCallee(scene) ?? madeByCaller(scene) ?? refusedByProxy(scene);
