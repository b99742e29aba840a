import { firstCheck } from '../../../domain/command.ts';
import type { Finding } from '../../../domain/diagnosis.ts';
import { flagMeaning } from '../../../domain/response-flag.ts';
import type { Outcome, Reporter } from '../../../domain/signals.ts';
import { isTcp } from '../../../domain/tcp.ts';
import { count, counted, percent } from '../../../domain/words.ts';
import { neverArrived } from '../arrival.ts';
import { risenLines, rose } from '../counters.ts';
import { calleeOf, endpoints, pods, serviceOf, settings } from '../look.ts';
import type { Rule } from '../rule.ts';
import {
  badAt,
  badWith,
  confidenceOf,
  hasErrors,
  hasFlag,
  named,
  outcomesOf,
  proxyOf,
  proxySide,
  requestsAt,
  type Scene,
} from '../scene.ts';
import { isBehind } from '../tls.ts';

/** Which flags ended the connections, what that says, whose it is, and where to look. */
type Cause = {
  readonly flags: readonly string[];
  /** `proxy`: of the end that counts them. */
  readonly side: Finding['side'] | 'proxy';
  readonly says: (scene: Scene, at: Reporter) => string;
  readonly look: (scene: Scene) => Finding['firstCheck'];
};

/** The DestinationRule, which holds the limits of connections. */
const rule = ({ namespace, callee }: Scene, sentence: string): Finding['firstCheck'] =>
  settings(sentence, `DestinationRule ${named(namespace, callee)}`, namespace, 'destinationrules');

const atItsOwn = (at: Reporter): string => (at === 'callee' ? ' at its own proxy' : '');

const causes: readonly Cause[] = [
  {
    flags: ['UH'],
    side: 'callee application',
    says: ({ callee }) => `No healthy endpoint of ${callee} is left`,
    look: (scene) => endpoints(`See whether ${scene.callee} has ready endpoints`, scene),
  },
  {
    flags: ['UO'],
    side: 'proxy',
    says: (scene, at) => `The limit of connections to ${scene.callee} is full${atItsOwn(at)}`,
    look: (scene) => rule(scene, `See the connectionPool limits for ${scene.callee}, and when they changed`),
  },
  {
    flags: ['NR', 'NC'],
    side: 'proxy',
    // In an ambient mesh a waypoint has the routes, and it is the callee's.
    says: ({ evidence, caller, callee }) =>
      `${evidence.mesh === 'ambient' ? `The waypoint of ${callee}` : caller} has no route for connections to ${callee}`,
    look: (scene) =>
      firstCheck(
        `See what changed in the routes and ports of ${scene.callee}`,
        serviceOf(scene).object,
        [scene.namespace],
        (ns) => `istioctl analyze -n ${ns}`,
      ),
  },
  {
    flags: ['DENY', 'NETWORK_POLICY', 'UAEX'],
    side: 'policy',
    says: ({ caller, callee }) => `A policy denies ${caller} connections to ${callee}`,
    look: ({ namespace, callee }) =>
      settings(
        `See which policies stand before ${callee}, and when they changed`,
        `AuthorizationPolicy in ${namespace ?? callee}`,
        namespace,
        'authorizationpolicies,networkpolicies',
      ),
  },
  {
    flags: ['DT', 'UMSDR'],
    side: 'proxy',
    says: (scene, at) => `Connections to ${scene.callee} are cut at their longest duration${atItsOwn(at)}`,
    look: (scene) => rule(scene, `See maxConnectionDuration for ${scene.callee}, and when it changed`),
  },
];

/** What comes in at the callee's proxy has one endpoint, its application, and no routes but those of a Sidecar or an EnvoyFilter. */
const takenIn = (scene: Scene): Finding['firstCheck'] =>
  settings(
    `See which Sidecar or EnvoyFilter changed what the proxy of ${scene.callee} takes in`,
    `Sidecar ${named(scene.namespace, scene.callee)}`,
    scene.namespace,
    'sidecars,envoyfilters',
  );

/** What the same flags say at the callee's own proxy. */
const causesInside: readonly Cause[] = [
  {
    flags: ['UH'],
    side: 'proxy',
    says: ({ callee }) => `The proxy of ${callee} knows no endpoint of its own application`,
    look: takenIn,
  },
  {
    flags: ['NR', 'NC'],
    side: 'proxy',
    says: ({ caller, callee }) => `The proxy of ${callee} has no route to its own application for connections of ${caller}`,
    look: takenIn,
  },
];

/** ztunnel's own words for a handshake that failed (istio/ztunnel, src/proxy/metrics.rs). */
const tlsFlags = ['TLS_FAILURE', 'IDENTITY_ERROR', 'CERT_REVOKED'];

const mutualTls: Cause = {
  flags: ['UF', 'URX', 'UC', ...tlsFlags],
  side: 'network/TLS',
  says: ({ caller, callee }) => `Mutual TLS between ${caller} and ${callee} fails`,
  look: (scene) =>
    firstCheck(
      `Compare mutual TLS at both ends of ${scene.callee}, and see the certificates`,
      `PeerAuthentication in ${scene.namespace ?? scene.callee}`,
      [scene.namespace],
      (ns) => `kubectl -n ${ns} get peerauthentications,destinationrules -o yaml`,
    ),
};

const unreachable: Cause = {
  flags: ['UF', 'URX', 'DF', 'CONNECT', 'H2_HANDSHAKE_FAILURE'],
  side: 'network/TLS',
  says: ({ caller, callee }) => `${caller} cannot connect to ${callee}`,
  look: (scene) =>
    pods(`See whether the pods of ${scene.callee} run, and what lies between (NetworkPolicy, node)`, calleeOf(scene)),
};

/** Nothing is known of the callee: plaintext to a port that takes mutual TLS only is closed at once too, and counted by nobody. */
const isUnseen = ({ judged }: Scene): boolean => judged.reading.callee === null;

const cut: Cause = {
  flags: ['UC', 'UR'],
  side: 'network/TLS',
  says: ({ caller, callee }) => `Connections from ${caller} to ${callee} break after they were made`,
  look: (scene) =>
    pods(
      `See whether the pods of ${scene.callee} run and restart${isUnseen(scene) ? ', and mutual TLS at both ends' : ''}`,
      calleeOf(scene),
    ),
};

const inside: Cause = {
  flags: [...unreachable.flags, ...cut.flags],
  side: 'callee application',
  says: (scene) =>
    badWith(scene, 'callee', hasFlag(...cut.flags)) > badAt(scene, 'callee') / 2
      ? `${scene.callee} closes its connections early`
      : `${sentenceCase(counterAt(scene, 'callee'))} cannot reach its own application`,
  look: (scene) => pods(`See whether ${scene.callee} runs, restarts, and listens on its port`, calleeOf(scene)),
};

const sentenceCase = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

/** Who counts bare connections: in an ambient mesh the callee's ztunnel (istio.io, "Ambient data plane"). */
const counterAt = (scene: Scene, reporter: Reporter): string =>
  scene.evidence.mesh === 'ambient' && reporter === 'callee' ? `the ztunnel of ${scene.callee}` : proxyOf(scene, reporter);

const callerTls = ['ssl_fail_verify_san', 'ssl_fail_verify_error', 'ssl_connection_error'];
const calleeTls = ['listener_ssl_fail_verify_no_cert', 'listener_ssl_fail_verify_error', 'listener_ssl_connection_error'];

/** The proxies' own counters of TLS, where they rose by enough to be behind so many: no flag of Envoy's speaks of TLS. */
const tlsLines = (scene: Scene, failed: number): readonly string[] => {
  const lines = (side: Reporter, names: readonly string[]): readonly string[] =>
    risenLines(scene, side, ...names.filter((name) => isBehind(rose(scene, side, name), failed))).slice(0, 1);
  return [...lines('caller', callerTls), ...lines('callee', calleeTls)];
};

const isTls = (scene: Scene, reporter: Reporter): boolean => {
  const isMostly = (flags: readonly string[]): boolean =>
    badWith(scene, reporter, hasFlag(...flags)) >= badAt(scene, reporter) / 2;
  if (isMostly(tlsFlags)) return true;
  return reporter === 'caller' && isMostly(mutualTls.flags) && tlsLines(scene, badAt(scene, 'caller')).length > 0;
};

/** The cause of most of the bad connections at one end. */
const causeAt = (scene: Scene, reporter: Reporter): Cause => {
  const isHalf = ({ flags }: Cause): boolean => badWith(scene, reporter, hasFlag(...flags)) >= badAt(scene, reporter) / 2;
  if (isTls(scene, reporter)) return mutualTls;
  const known = reporter === 'callee' ? [...causesInside, ...causes] : causes;
  return known.find(isHalf) ?? (reporter === 'callee' ? inside : isHalf(cut) && !isHalf(unreachable) ? cut : unreachable);
};

/** The flags of the bad connections, most frequent first: "UF, URX (could not connect to the callee)". */
const flagsText = (outcomes: readonly Outcome[]): string => {
  const [worst] = [...outcomes].filter(({ flags }) => flags.length > 0).sort((a, b) => b.requests - a.requests);
  return worst === undefined ? 'no flag' : `${worst.flags.join(', ')} (${flagMeaning(worst.flags[0] ?? '')})`;
};

const shareText = (part: number, whole: number): string =>
  whole < 20 ? `${count(part)} of ${counted(whole, 'connection')}` : `${percent(part / whole)} of the connections`;

/** Connections that were never made, or were cut: all that is known of an edge that carries no HTTP. */
export const tcpFailure: Rule = {
  name: 'tcp-failure',
  readsConnections: true,
  find: (scene) => {
    const reporter: Reporter = badAt(scene, 'callee') > 0 && !neverArrived(scene) ? 'callee' : 'caller';
    const bad = badAt(scene, reporter);
    if (!isTcp(scene.judged.reading) || !hasErrors(scene) || bad < 5) return null;
    const cause = causeAt(scene, reporter);
    const flagged = outcomesOf(scene, reporter).filter(hasFlag(...cause.flags));
    return {
      side: cause.side === 'proxy' ? proxySide(reporter) : cause.side,
      confidence: confidenceOf(scene, bad, bad),
      sentence: `${cause.says(scene, reporter)}: ${shareText(bad, requestsAt(scene, reporter))} failed`,
      evidence: [
        `${counted(bad, 'connection')} ended with ${flagsText(flagged)} at ${counterAt(scene, reporter)}`,
        ...(cause === mutualTls ? tlsLines(scene, bad) : []),
        ...(neverArrived(scene) ? [`${counterAt(scene, 'callee')} counts ${count(badAt(scene, 'callee'))} of them`] : []),
        'bare TCP: the mesh counts connections here, no requests',
      ],
      firstCheck: cause.look(scene),
      badEvents: bad,
      explains: [],
    };
  },
};
