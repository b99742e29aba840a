import { deploymentOf, peerNames } from '../../../domain/span-workload.ts';
import type { Span } from '../../../domain/trace.ts';
import type { Place } from '../look.ts';
import { named, type Scene } from '../scene.ts';
import type { Worst } from './worst.ts';

/** Namespaces that metrics name: the second word of a peer's name is one of them, or the domain of a host. */
const namespacesIn = ({ evidence }: Scene): ReadonlySet<string> =>
  new Set(evidence.readings.flatMap(({ edge }) => [edge.source.namespace ?? '', edge.destination.namespace ?? '']));

/** Whom a call went to, by the name that it gave: a service of the mesh, or a host that no command shows. */
const placeOfPeer = (scene: Scene, { voice }: Worst, peer: string): Place => {
  const known = namespacesIn(scene);
  const inside = peerNames(peer).find(({ namespace }) => namespace !== null && known.has(namespace));
  return inside === undefined
    ? { kind: 'Host', namespace: null, name: null, object: voice.name(peer) }
    : { kind: 'Service', ...inside, object: `Service ${named(inside.namespace, inside.name)}` };
};

/** Where a span runs: its Deployment, where it tells; else no more than its name. */
const placeOfSpan = ({ voice }: Worst, span: Span): Place => {
  const found = deploymentOf(span);
  return found === null
    ? { kind: 'Host', namespace: null, name: null, object: voice.name(span.service) }
    : { kind: 'Deployment', ...found, object: `Deployment ${named(found.namespace, found.name)}` };
};

/** Whom a trace names: by a client span whom it called, by any other whoever it is of. */
export const placeTraced = (scene: Scene, worst: Worst, span: Span): { readonly name: string; readonly place: Place } =>
  span.kind === 'client' && span.peer !== null
    ? { name: worst.voice.name(span.peer), place: placeOfPeer(scene, worst, span.peer) }
    : { name: worst.voice.name(span.service), place: placeOfSpan(worst, span) };
