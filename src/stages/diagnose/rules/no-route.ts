import { firstCheck } from '../../../domain/command.ts';
import { callerName } from '../../../domain/edge.ts';
import type { Outcome } from '../../../domain/signals.ts';
import { counted } from '../../../domain/words.ts';
import type { Rule } from '../rule.ts';
import { badAt, badWith, confidenceOf, hasErrors, hasFlag, isMost, proxyOf, type Scene } from '../scene.ts';

const routeless = hasFlag('NR', 'NC');

/** NR prints no destination: such requests stand at the caller, in a row of their own. */
const withoutDestination = ({ evidence, edge }: Scene): readonly Outcome[] =>
  evidence.readings
    .filter(
      ({ edge: other }) =>
        callerName(other) === callerName(edge) &&
        other.source.namespace === edge.source.namespace &&
        other.destination.service === null &&
        other.destination.workload === null,
    )
    .flatMap(({ caller }) => caller?.outcomes ?? [])
    .filter(routeless);

/** NR: no route matched. NC: the route names a cluster (a subset, a host) that this proxy does not have. */
export const noRoute: Rule = {
  name: 'no-route',
  find: (scene) => {
    const own = badWith(scene, 'caller', routeless);
    const nameless = withoutDestination(scene).reduce((sum, { requests }) => sum + requests, 0);
    const bad = badAt(scene, 'caller');
    const lost = own + nameless;
    const isOwn = hasErrors(scene) && isMost(own, bad);
    if (!isOwn && !(nameless >= 10 && nameless > bad)) return null;
    const { caller, callee } = scene;
    const namespace = scene.edge.source.namespace;
    const noCluster = badWith(scene, 'caller', hasFlag('NC')) > own / 2 && own > 0;
    return {
      side: "caller's proxy",
      confidence: isOwn ? confidenceOf(scene, own, bad) : 'possible',
      sentence: noCluster
        ? `The route from ${caller} to ${callee} names a subset or host that does not exist: ${counted(lost, 'request')} refused`
        : `${caller} has no route for ${counted(lost, 'request')}: no rule matches their host, path or port`,
      evidence: [
        `${counted(lost, 'request')} ended with ${noCluster ? 'NC' : 'NR'} at ${proxyOf(scene, 'caller')}`,
        ...(nameless > 0 ? ['their destination is unknown to the proxy, so they are counted at the caller only'] : []),
      ],
      firstCheck: firstCheck(
        `See what changed in the routes that ${caller} uses`,
        namespace === null ? 'VirtualService' : `VirtualService in ${namespace}`,
        [namespace],
        (ns) => `istioctl analyze -n ${ns}`,
      ),
      badEvents: lost,
      explains: ['callee-errors', 'connection-failure'],
    };
  },
};
