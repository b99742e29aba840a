import { firstCheck } from '../../../domain/command.ts';
import type { ProxyCounter } from '../../../domain/signals.ts';
import { count, counted, share } from '../../../domain/words.ts';
import type { Rule } from '../rule.ts';
import {
  badAt,
  badWith,
  confidenceOf,
  hasErrors,
  hasFlag,
  isMost,
  named,
  neverArrived,
  proxyOf,
  requestsAt,
  type Scene,
} from '../scene.ts';

const cut = hasFlag('UF', 'UC', 'UR', 'UPE');

const tlsCounters: ReadonlySet<string> = new Set([
  'ssl_fail_verify_error',
  'ssl_fail_verify_san',
  'ssl_connection_error',
  'listener_ssl_fail_verify_error',
  'listener_ssl_fail_verify_no_cert',
  'listener_ssl_connection_error',
]);

/** Counters that rose well beyond the hour before. */
const risenTls = ({ evidence }: Scene): readonly ProxyCounter[] =>
  (evidence.proxyCounters.ok ? evidence.proxyCounters.value : []).filter(
    ({ name, now, before }) => tlsCounters.has(name) && now >= 5 && now > 3 * before,
  );

/** The callee's own proxy cannot reach its application: the caller sees a bare 503, the callee's proxy the reason. */
const atTheApplication = (scene: Scene): number => {
  const inside = badWith(scene, 'callee', cut);
  return isMost(inside, badAt(scene, 'callee')) ? inside : 0;
};

const unseenText = (scene: Scene): string => {
  const seen = badAt(scene, 'callee');
  return seen < 0.5
    ? `the proxy of ${scene.callee} counts none of them: they did not arrive`
    : `the proxy of ${scene.callee} counts ${counted(seen, 'failure')} only: the others did not arrive`;
};

/** UF, UC, UR and UPE: a connection that could not be made or was cut. The two reporters tell where. */
export const connectionFailure: Rule = {
  name: 'connection-failure',
  find: (scene) => {
    if (!hasErrors(scene)) return null;
    const { callee, namespace } = scene;
    const inside = atTheApplication(scene);
    const bad = Math.max(badAt(scene, 'caller'), badAt(scene, 'callee'));
    if (inside > 0) return insideFinding(scene, inside, bad);
    const outside = badWith(scene, 'caller', cut);
    if (!isMost(outside, badAt(scene, 'caller'))) return null;
    const tls = risenTls(scene);
    const unseen = neverArrived(scene);
    // Plaintext to a strict port and a refused TLS 1.3 client certificate are UC at once, with nothing at the callee.
    const shaped = tls.length > 0 || (unseen && badWith(scene, 'caller', hasFlag('UC')) > outside / 2);
    const why =
      tls.length > 0
        ? 'the TLS handshake fails'
        : shaped
          ? 'connections close as soon as they open, which is how a mutual TLS mismatch looks'
          : 'connections cannot be made or break';
    return {
      side: 'network/TLS',
      confidence: shaped && tls.length === 0 ? 'possible' : confidenceOf(scene, outside, bad),
      sentence: `${scene.caller} cannot keep connections to ${callee}: ${share(outside, requestsAt(scene, 'caller'))} failed, ${why}`,
      evidence: [
        `${counted(outside, 'request')} ended with UF, UC or UR at ${proxyOf(scene, 'caller')}`,
        ...(unseen ? [unseenText(scene)] : []),
        ...tls.slice(0, 1).map(({ name, now }) => `${name} rose to ${count(now)}`),
      ],
      firstCheck: firstCheck(
        shaped
          ? `Compare mutual TLS at both ends of ${callee}: PeerAuthentication and the DestinationRule's tls mode`
          : `See whether the pods of ${callee} run and restart, and what lies between (NetworkPolicy, node)`,
        shaped ? `PeerAuthentication in ${namespace ?? callee}` : `Deployment ${named(namespace, callee)}`,
        [namespace],
        (ns) =>
          shaped ? `kubectl -n ${ns} get peerauthentications,destinationrules -o yaml` : `kubectl -n ${ns} get pods -o wide`,
      ),
      badEvents: outside,
      explains: ['callee-errors'],
    };
  },
};

const insideFinding = (scene: Scene, inside: number, bad: number) => {
  const { callee, namespace } = scene;
  return {
    side: 'callee application' as const,
    confidence: confidenceOf(scene, inside, bad),
    sentence: `The proxy of ${callee} cannot reach its own application: ${share(inside, requestsAt(scene, 'callee'))} refused or cut`,
    evidence: [
      `${counted(inside, 'request')} ended with UF, UC or UR between the proxy of ${callee} and its application`,
      'the application is down, restarts, listens elsewhere or closes connections early',
    ],
    firstCheck: firstCheck(
      `See whether ${callee} runs, restarts, and listens on its port`,
      `Deployment ${named(namespace, callee)}`,
      [namespace, callee],
      (ns, name) => `kubectl -n ${ns} describe deployment ${name}`,
    ),
    badEvents: inside,
    explains: ['callee-errors'],
  };
};
