import { firstCheck } from '../../../domain/command.ts';
import type { FirstCheck } from '../../../domain/diagnosis.ts';
import { counted, share } from '../../../domain/words.ts';
import { neverArrived } from '../arrival.ts';
import { risenLines } from '../counters.ts';
import { calleeOf, callerOf, type Place, resourceOf, settings } from '../look.ts';
import type { Rule } from '../rule.ts';
import { badAt, codeAndFlag, confidenceOf, flagsOf, named, proxyOf, requestsAt, type Scene } from '../scene.ts';
import { type TlsCause, tlsCause, unconnected } from '../tls.ts';

const words: Readonly<Record<TlsCause, (caller: string, callee: string) => string>> = {
  'callee not trusted': (caller, callee) =>
    `${caller} does not trust the certificate of ${callee} (expired, or signed by another authority)`,
  'wrong identity': (caller, callee) => `The certificate of ${callee} shows another identity than ${caller} expects (SAN)`,
  'caller refused': (caller, callee) =>
    `${callee} refuses the certificate of ${caller} (expired, or signed by another authority)`,
  'no certificate': (caller, callee) => `${caller} offers no certificate to ${callee}, which demands one`,
  'plaintext to TLS': (caller, callee) => `${caller} speaks plaintext to ${callee}, which takes mutual TLS only`,
  'TLS to plaintext': (caller, callee) => `${caller} speaks TLS to ${callee}, which takes plaintext there`,
  handshake: (caller, callee) => `The TLS handshake from ${caller} to ${callee} fails`,
  suspected: (caller, callee) =>
    `Connections from ${caller} to ${callee} close as soon as they open: suspect mutual TLS, as when one end speaks plaintext or its certificate is refused`,
};

/** In an ambient mesh ztunnel holds the certificates of all workloads (istio.io, "Troubleshoot connectivity issues with ztunnel"). */
const certificateOf = ({ evidence }: Scene, place: Place, who: string): FirstCheck =>
  firstCheck(
    `See issuer, identity and expiry of the certificate of ${who}`,
    `Certificate of ${named(place.namespace, place.name ?? who)}`,
    evidence.mesh === 'ambient' ? [] : [place.namespace, place.kind === 'Service' ? null : place.name],
    (ns, workload) =>
      evidence.mesh === 'ambient'
        ? 'istioctl ztunnel-config certificates'
        : `istioctl -n ${ns} proxy-config secret ${resourceOf(place)}/${workload}`,
  );

const modes = ({ callee, namespace }: Scene, object: string): FirstCheck =>
  settings(
    `Compare mutual TLS at both ends of ${callee}: PeerAuthentication and the DestinationRule's tls mode`,
    object,
    namespace,
    'peerauthentications,destinationrules',
  );

const checkOf = (scene: Scene, cause: TlsCause): FirstCheck => {
  const { caller, callee, namespace } = scene;
  if (cause === 'callee not trusted') return certificateOf(scene, calleeOf(scene), callee);
  if (cause === 'caller refused') return certificateOf(scene, callerOf(scene), caller);
  const isRule = cause === 'wrong identity' || cause === 'no certificate' || cause === 'TLS to plaintext';
  return modes(scene, isRule ? `DestinationRule ${named(namespace, callee)}` : `PeerAuthentication in ${namespace ?? callee}`);
};

const tellTale = (scene: Scene): readonly string[] => [
  ...risenLines(scene, 'caller', 'ssl_fail_verify_san', 'ssl_fail_verify_error', 'ssl_connection_error').slice(0, 1),
  ...risenLines(
    scene,
    'callee',
    ...['listener_ssl_fail_verify_no_cert', 'listener_ssl_fail_verify_error', 'http_downstream_cx_protocol_error'],
    'listener_no_filter_chain_match',
    'listener_ssl_connection_error',
  ).slice(0, 1),
];

/**
 * The two proxies cannot agree on TLS. The caller sees UF, or UC where its own half of the handshake was done (TLS 1.3) or it spoke
 * plaintext; the callee counts no request at all. Only the counters of both ends tell which it is.
 */
export const mtlsFailure: Rule = {
  name: 'mtls-failure',
  find: (scene) => {
    const cause = tlsCause(scene);
    if (cause === null) return null;
    const failed = unconnected(scene);
    const { caller, callee } = scene;
    const told = tellTale(scene);
    return {
      side: 'network/TLS',
      confidence: cause === 'suspected' ? 'possible' : confidenceOf(scene, failed, badAt(scene, 'caller')),
      sentence: `${words[cause](caller, callee)}: ${share(failed, requestsAt(scene, 'caller'))} failed`,
      evidence: [
        `${counted(failed, 'request')} ended with ${flagsOf(scene, 'caller', codeAndFlag(/^5/, 'UF', 'UC'), 'UF', 'UC')} at ${proxyOf(scene, 'caller')}${neverArrived(scene) ? `, and did not arrive at ${callee}` : ''}`,
        ...told,
        ...(told.length === 0 ? ['the TLS counters of the proxies, which would tell, are not shown'] : []),
      ],
      firstCheck: checkOf(scene, cause),
      badEvents: failed,
      explains: ['connection-failure', 'callee-errors', 'slow-callee', 'slow-dependency', 'retry-exhausted'],
    };
  },
};
