import { firstCheck } from '../../domain/command.ts';
import type { FirstCheck } from '../../domain/diagnosis.ts';
import { isEverybody } from '../../domain/edge.ts';
import type { Outcome, Reporter } from '../../domain/signals.ts';
import { isBad, named, type Scene } from './scene.ts';

/**
 * What a first check looks at, and the command that shows it as it stands. Meshes print the workload behind a service beside each request
 * (istio.io, "Istio Standard Metrics", destination_workload): the service's own name is that of no Deployment as a rule.
 */
export type Place = {
  readonly kind: 'Deployment' | 'StatefulSet' | 'DaemonSet' | 'Service' | 'Host' | 'Gateway';
  readonly namespace: string | null;
  /** As kubectl takes it; null where it is not known. */
  readonly name: string | null;
  /** "Deployment shop/payments-v1" */
  readonly object: string;
};

/** A Service's name is a DNS label (kubernetes.io, "Object Names and IDs"); a host outside has dots, Istio's own clusters have capitals. */
const isService = (name: string | null): name is string => name !== null && /^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(name);

/** The service itself, where it is one of Kubernetes'. */
export const serviceOf = ({ edge: { destination }, callee }: Scene): Place => {
  const { namespace, service } = destination;
  return isService(service)
    ? { kind: 'Service', namespace, name: service, object: `Service ${named(namespace, service)}` }
    : { kind: 'Host', namespace, name: null, object: named(namespace, callee) };
};

/** By the names of its pods: `payments-0` is of a StatefulSet, `payments-x2k4d` of a DaemonSet, `payments-84c7d9f5b-p7m9q` of a Deployment. */
const kindOf = ({ judged }: Scene, workload: string): 'Deployment' | 'StatefulSet' | 'DaemonSet' => {
  const rests = (judged.reading.pods ?? [])
    .filter(({ name, isPod }) => isPod && name.startsWith(`${workload}-`))
    .map(({ name }) => name.slice(workload.length + 1));
  const areAll = (pattern: RegExp): boolean => rests.length > 0 && rests.every((rest) => pattern.test(rest));
  return areAll(/^\d+$/) ? 'StatefulSet' : areAll(/^[a-z0-9]{5}$/) ? 'DaemonSet' : 'Deployment';
};

type Passes = (outcome: Outcome) => boolean;

/** The callee's workload that has most of what passes, at the reporter that names more of it. */
const workloadWith = ({ judged }: Scene, passes: Passes): { readonly name: string | null; readonly requests: number } =>
  (['caller', 'callee'] as const)
    .flatMap((reporter) => {
      const found = new Map<string, number>();
      for (const outcome of judged.reading[reporter]?.outcomes ?? [])
        if (outcome.workload !== null && passes(outcome))
          found.set(outcome.workload, (found.get(outcome.workload) ?? 0) + outcome.requests);
      return [...found].map(([name, requests]) => ({ name, requests }));
    })
    .sort((a, b) => b.requests - a.requests || (a.name < b.name ? -1 : 1))[0] ?? { name: null, requests: 0 };

/** The workload behind the callee: the one that fails most, else the busiest, else what the alert named; the service where none is known. */
export const calleeOf = (scene: Scene, passes: Passes = isBad): Place => {
  const { edge, namespace } = scene;
  const worst = workloadWith(scene, passes);
  const name = worst.requests >= 5 ? worst.name : (workloadWith(scene, () => true).name ?? edge.destination.workload);
  if (name === null) return serviceOf(scene);
  const kind = kindOf(scene, name);
  return { kind, namespace, name, object: `${kind} ${named(namespace, name)}` };
};

/** Who calls: the mesh prints its workload, never a service. */
export const callerOf = ({ edge: { source }, caller }: Scene): Place => ({
  kind: 'Deployment',
  namespace: source.namespace,
  name: source.workload,
  object: isEverybody(source) ? 'each of its callers' : `Deployment ${named(source.namespace, caller)}`,
});

/** Where the proxy of that end runs. A waypoint stands in for the caller's, by a name that the mesh does not print. */
export const proxyAt = (scene: Scene, at: Reporter): Place => {
  if (at === 'callee') return calleeOf(scene);
  const { evidence, namespace, callee } = scene;
  return evidence.mesh === 'ambient'
    ? { kind: 'Gateway', namespace, name: null, object: `Gateway (waypoint) of ${named(namespace, callee)}` }
    : callerOf(scene);
};

const resources = {
  Deployment: 'deploy',
  StatefulSet: 'statefulset',
  DaemonSet: 'daemonset',
  Service: 'svc',
  Host: '',
  Gateway: '',
} as const;

/** What kubectl and istioctl call its kind. */
export const resourceOf = ({ kind }: Place): string => resources[kind];

const isWorkload = ({ kind }: Place): boolean => kind === 'Deployment' || kind === 'StatefulSet' || kind === 'DaemonSet';

/** Its log; of a Service kubectl takes one of the pods (kubernetes.io, "kubectl logs"). */
export const logs = (sentence: string, place: Place, since = '15m', container: string | null = null): FirstCheck =>
  firstCheck(
    sentence,
    place.object,
    [place.namespace, place.name],
    (ns, name) =>
      `kubectl -n ${ns} logs ${resourceOf(place)}/${name}${container === null ? '' : ` -c ${container}`} --since=${since}`,
  );

/** A list of pods, with its heading, of this workload's own where it is known: a namespace has hundreds. */
const listed = (sentence: string, place: Place, list: string): FirstCheck =>
  isWorkload(place)
    ? firstCheck(
        sentence,
        place.object,
        [place.namespace, place.name],
        (ns, name) => `kubectl -n ${ns} ${list} | grep -e NAME -e ^${name}-`,
      )
    : firstCheck(sentence, place.object, [place.namespace], (ns) => `kubectl -n ${ns} ${list}`);

/** The pods beside it: ready, restarted, how old, on which node. A Deployment's own description tells none of that. */
export const pods = (sentence: string, place: Place): FirstCheck => listed(sentence, place, 'get pods -o wide');

/** CPU and memory of its containers. */
export const usage = (sentence: string, place: Place): FirstCheck => listed(sentence, place, 'top pods --containers');

/** Its rollouts; where no workload is known, the age of the pods tells as much. */
export const rollouts = (sentence: string, place: Place): FirstCheck =>
  isWorkload(place)
    ? firstCheck(
        sentence,
        place.object,
        [place.namespace, place.name],
        (ns, name) => `kubectl -n ${ns} rollout history ${resourceOf(place)}/${name}`,
      )
    : pods(sentence, place);

/** The settings of one kind, or of several, in a namespace; `object` says of what. */
export const settings = (sentence: string, object: string, namespace: string | null, kinds: string): FirstCheck =>
  firstCheck(sentence, object, [namespace], (ns) => `kubectl -n ${ns} get ${kinds} -o yaml`);

/** What may swallow packets before the callee. */
export const packets = ({ callee, namespace }: Scene): FirstCheck =>
  settings(
    `See NetworkPolicies and firewalls before ${callee}, and whether its nodes are up`,
    namespace === null ? 'NetworkPolicy' : `NetworkPolicy in ${namespace}`,
    namespace,
    'networkpolicies',
  );

/** Which endpoints the service has, and which are ready. */
export const endpoints = (sentence: string, scene: Scene): FirstCheck => {
  const { object, namespace, name } = serviceOf(scene);
  return firstCheck(
    sentence,
    object,
    [namespace, name],
    (ns, service) => `kubectl -n ${ns} get endpointslices -l kubernetes.io/service-name=${service}`,
  );
};

/**
 * Kinds that route. `kubectl get` of several kinds fails as a whole where one is not installed: Gateway API's are there for certain only in
 * an ambient mesh, whose waypoints need them (istio.io, "Configure waypoint proxies").
 */
export const routeKinds = ({ evidence }: Scene): string =>
  evidence.mesh === 'ambient' ? 'virtualservices,httproutes' : 'virtualservices';
