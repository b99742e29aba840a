import { firstCheck } from '../../../domain/command.ts';
import type { FirstCheck } from '../../../domain/diagnosis.ts';
import { isNowhere } from '../../../domain/edge.ts';
import { counted } from '../../../domain/words.ts';
import { areItsOwn, withoutDestination } from '../arrival.ts';
import { settings } from '../look.ts';
import type { Rule } from '../rule.ts';
import {
  badAt,
  badWith,
  confidenceOf,
  hasErrors,
  hasFlag,
  isBare,
  isMost,
  mostly,
  named,
  proxyOf,
  proxySide,
  type Scene,
} from '../scene.ts';

const routeless = hasFlag('NR', 'NC');

/** Where the mesh lets only known hosts out, Istio counts the others under this name, with a bare 502 (istio.io, outboundTrafficPolicy). */
const blackHole = 'BlackHoleCluster';

const outside = (scene: Scene): ReturnType<Rule['find']> => {
  const { caller, edge } = scene;
  const refused = badWith(scene, 'caller', isBare);
  if (edge.destination.service !== blackHole || !hasErrors(scene) || !isMost(refused, badAt(scene, 'caller'))) return null;
  const namespace = edge.source.namespace;
  return {
    side: "caller's proxy",
    confidence: confidenceOf(scene, refused, badAt(scene, 'caller')),
    sentence: `${caller} calls a host that the mesh does not know and does not let it call: ${counted(refused, 'request')} refused`,
    evidence: [`${counted(refused, 'request')} went to ${blackHole}: outboundTrafficPolicy is REGISTRY_ONLY`],
    firstCheck: settings(
      `See whether a ServiceEntry was removed, or the Sidecar of ${caller} lost a host`,
      namespace === null ? 'ServiceEntry' : `ServiceEntry in ${namespace}`,
      namespace,
      'serviceentries,sidecars',
    ),
    badEvents: refused,
    explains: ['callee-errors', 'proxy-answered'],
  };
};

/** What comes in at a proxy is routed by none of the VirtualServices: by its Service's ports, a Sidecar's ingress, or an EnvoyFilter (istio.io, "Sidecar"). */
const inboundCheck = ({ callee, namespace }: Scene): FirstCheck =>
  settings(
    `See which Sidecar or EnvoyFilter changed what the proxy of ${callee} takes in`,
    namespace === null ? 'EnvoyFilter' : `EnvoyFilter in ${namespace}`,
    namespace,
    'envoyfilters,sidecars',
  );

/** NR: no route matched. NC: the route names a cluster (a subset, a host) that this proxy does not have. */
export const noRoute: Rule = {
  name: 'no-route',
  find: (scene) => {
    const part = mostly(scene, routeless);
    const nameless = withoutDestination(scene, routeless);
    const unnamed = withoutDestination(scene, hasFlag('NC'));
    const at = part?.at ?? 'caller';
    if (part === null && !(nameless > badAt(scene, 'caller'))) return outside(scene);
    const { caller, callee } = scene;
    const own = part?.requests ?? 0;
    const lost = own + (at === 'caller' ? nameless : 0);
    const { namespace } = scene.edge.source;
    const noCluster = badWith(scene, at, hasFlag('NC')) + (at === 'caller' ? unnamed : 0) > lost / 2;
    const isKnown = part !== null && !isNowhere(scene.edge);
    return {
      side: proxySide(at),
      confidence:
        part !== null
          ? confidenceOf(scene, part.requests, part.whole)
          : areItsOwn(scene, nameless)
            ? confidenceOf(scene, nameless, lost)
            : 'possible',
      sentence: noCluster
        ? `${isKnown ? `The route from ${caller} to ${callee}` : `A route of ${caller}`} names a subset or host that ${at === 'caller' ? 'does not exist' : `the proxy of ${callee} does not have`}: ${counted(lost, 'request')} refused`
        : at === 'caller'
          ? `${caller} has no route for ${counted(lost, 'request')}: no rule matches their host, path or port`
          : `The proxy of ${callee} has no route to its own application for ${counted(lost, 'request')} of ${caller}`,
      evidence: [
        `${counted(lost, 'request')} ended with ${noCluster ? 'NC (no such cluster)' : 'NR (no route)'} at ${proxyOf(scene, at)}`,
        ...(noCluster ? [`a subset without its DestinationRule, a deleted Service, or a host outside the Sidecar's scope`] : []),
        ...(at === 'caller' && nameless > 0
          ? ['their destination is unknown to the proxy, so they are counted at the caller only']
          : []),
      ],
      firstCheck:
        at === 'callee'
          ? inboundCheck(scene)
          : firstCheck(
              noCluster
                ? `See whether every subset and host that routes ${isKnown ? `to ${callee}` : `of ${caller}`} name is defined by a Service and a DestinationRule`
                : `See what changed in the routes that ${caller} uses`,
              noCluster && isKnown
                ? `DestinationRule ${named(scene.namespace, callee)}`
                : namespace === null
                  ? 'VirtualService'
                  : `VirtualService in ${namespace}`,
              [namespace],
              (ns) => `istioctl analyze -n ${ns}`,
            ),
      badEvents: lost,
      // What stands in a row of its own explains no failure of the edge's.
      explains:
        part === null
          ? ['traffic-vanished']
          : ['callee-errors', 'connection-failure', 'proxy-answered', 'retry-exhausted', 'traffic-vanished'],
    };
  },
};
