import { firstCheck } from '../../../domain/command.ts';
import type { Side } from '../../../domain/diagnosis.ts';
import { printsFlags, proxyContainer } from '../../../domain/mesh.ts';
import type { Outcome, Reporter } from '../../../domain/signals.ts';
import { count, counted, share } from '../../../domain/words.ts';
import { risenLines, rose } from '../counters.ts';
import type { Rule } from '../rule.ts';
import {
  badAt,
  badWith,
  confidenceOf,
  hasErrors,
  hasFlag,
  isBare,
  isMost,
  named,
  neverArrived,
  outcomesOf,
  proxyOf,
  proxySide,
  requestsAt,
  type Scene,
  withFlag,
  withoutDestination,
} from '../scene.ts';

/** What the proxy of one end answered by itself, and what its counters say of it. */
type Answered = { readonly at: Reporter; readonly requests: number; readonly isProven: boolean };
type Reason = {
  readonly side: Side;
  readonly counter: string;
  readonly why: string;
  readonly check: string;
  readonly object: string;
};

const ownAnswer = (outcome: Outcome): boolean => isBare(outcome) || hasFlag('OM', 'LR')(outcome);
const ownRefusal = ({ code, flags }: Outcome): boolean => ['408', '413', '431'].includes(code) && flags.length === 0;
const overload = (outcome: Outcome): boolean => outcome.code === '503' && ownAnswer(outcome);

const refusalsAt = (scene: Scene, at: Reporter): number =>
  outcomesOf(scene, at)
    .filter(ownRefusal)
    .reduce((sum, { requests }) => sum + requests, 0);

/** Longest first: where several counters rose, the more telling one is named. */
const reasonsAt = (scene: Scene, at: Reporter): readonly Reason[] => {
  const proxy = proxyOf(scene, at);
  const { caller, callee, namespace, edge } = scene;
  const [ns, name] = at === 'caller' ? [edge.source.namespace, caller] : [namespace, callee];
  const side = proxySide(at);
  const deployment = `Deployment ${named(ns, name)}`;
  const filter = ns === null ? 'EnvoyFilter' : `EnvoyFilter in ${ns}`;
  return [
    {
      side,
      counter: 'http_downstream_rq_overload_close',
      why: 'its overload manager sheds load',
      check: `See memory and connections of ${proxy}, and its limits`,
      object: deployment,
    },
    {
      side,
      counter: 'http_downstream_rq_max_duration_reached',
      why: 'requests reach the longest duration set there',
      check: `See which longest stream duration is set at ${proxy}, and what ${callee} waits for`,
      object: filter,
    },
    {
      side: 'caller',
      counter: 'http_downstream_rq_header_timeout',
      why: `${caller} does not send its headers in time`,
      check: `See what holds ${caller} up while it sends`,
      object: `Deployment ${named(edge.source.namespace, caller)}`,
    },
    {
      side: 'caller',
      counter: 'http_downstream_rq_timeout',
      why: `${caller} does not send its whole request in time`,
      check: `See what holds ${caller} up while it sends`,
      object: `Deployment ${named(edge.source.namespace, caller)}`,
    },
    {
      side,
      counter: 'http_downstream_rq_too_large',
      why: 'requests are larger than its limit',
      check: `See which limit of request size is set at ${proxy}`,
      object: filter,
    },
    {
      side,
      counter: 'http_rq_direct_response',
      why: 'a route there has a fixed answer',
      check: `See which route to ${callee} answers by itself, or leads out of the mesh`,
      object: `VirtualService ${named(namespace, callee)}`,
    },
  ];
};

/** Without a counter the code is all there is. */
const guessOf = (scene: Scene, codes: readonly string[]): Reason => {
  const [first] = reasonsAt(scene, 'caller');
  const { caller, edge } = scene;
  const why =
    codes.includes('504') || codes.includes('408')
      ? 'a duration or timeout of the proxy may have run out'
      : codes.includes('503')
        ? 'it may be overloaded'
        : 'a route there may have a fixed answer';
  return {
    side: "caller's proxy",
    counter: '',
    why,
    check: `See the log of ${proxyOf(scene, 'caller')} for why it answered itself`,
    object: first?.object ?? `Deployment ${named(edge.source.namespace, caller)}`,
  };
};

/** Bare failures at the caller that the callee's proxy, which reports, never showed; or refusals for time or size that a counter proves. */
const answeredBy = (scene: Scene): Answered | null => {
  const proven = (at: Reporter): boolean => reasonsAt(scene, at).some(({ counter }) => rose(scene, at, counter) > 0);
  const said = badWith(scene, 'caller', ownAnswer);
  if (hasErrors(scene) && neverArrived(scene) && isMost(said, badAt(scene, 'caller')))
    return { at: 'caller', requests: said, isProven: proven('caller') };
  const nameless = rose(scene, 'caller', 'http_downstream_rq_overload_close') > 0 ? withoutDestination(scene, overload) : 0;
  if (nameless > badAt(scene, 'caller')) return { at: 'caller', requests: nameless, isProven: true };
  const refused = refusalsAt(scene, 'caller');
  const isNews = [scene.judged.caller, scene.judged.callee].some((side) => side?.clientErrors.isElevated === true);
  if (hasErrors(scene) || !isNews || refused < 5) return null;
  const isOwn = scene.judged.reading.calleeReports && refusalsAt(scene, 'callee') < refused / 2;
  if (isOwn) return { at: 'caller', requests: refused, isProven: proven('caller') };
  return proven('callee') ? { at: 'callee', requests: refusalsAt(scene, 'callee'), isProven: true } : null;
};

/** A proxy said 503, 504, 408 or 413 by itself, for which Envoy prints no flag: the callee did not, and must not be blamed. */
export const proxyAnswered: Rule = {
  name: 'proxy-answered',
  find: (scene) => {
    const answered = answeredBy(scene);
    if (answered === null) return null;
    const { callee } = scene;
    const { at, requests, isProven } = answered;
    const codes = [
      ...new Set(
        outcomesOf(scene, at)
          .filter((outcome) => ownAnswer(outcome) && /^[45]/.test(outcome.code))
          .map(({ code }) => code),
      ),
    ];
    const reason = reasonsAt(scene, at).find(({ counter }) => rose(scene, at, counter) > 0) ?? guessOf(scene, codes);
    const left = withFlag(scene, 'callee', 'DC', 'DR');
    const [ns, name] = at === 'caller' ? [scene.edge.source.namespace, scene.edge.source.workload] : [scene.namespace, callee];
    return {
      side: reason.side,
      confidence: isProven ? confidenceOf(scene, requests, Math.max(requests, badAt(scene, 'caller'))) : 'possible',
      sentence: `${at === 'caller' ? 'The proxy' : 'The own proxy'} of ${at === 'caller' ? scene.caller : callee} answers for ${callee} itself: ${share(requests, requestsAt(scene, at))} failed, ${reason.why}`,
      evidence: [
        `${counted(requests, 'failure')}${printsFlags(scene.evidence.mesh) ? ' without a flag' : ''} at ${proxyOf(scene, at)}${at === 'caller' ? `, ${count(badAt(scene, 'callee'))} at the callee` : ''}`,
        ...(left >= requests / 2 ? [`${callee} had got them, and saw them cut off`] : []),
        ...risenLines(scene, at, reason.counter),
        ...(isProven ? [] : ['the counters of the proxy, which would tell why, did not rise or are not shown']),
      ],
      firstCheck: firstCheck(
        reason.check,
        reason.object,
        [ns, name],
        (space, workload) => `kubectl -n ${space} logs deploy/${workload} -c ${proxyContainer(scene.evidence.mesh)} --since=15m`,
      ),
      badEvents: requests,
      explains: ['callee-errors', 'slow-callee', 'client-gave-up', 'retry-exhausted'],
    };
  },
};
