import { type EdgeEnd, isNamedAfter } from './edge.ts';
import type { Span } from './trace.ts';

/** What tells whose a span is, in order or as received. */
type Teller = Pick<Span, 'service' | 'attributes'>;

/** Labels that Linkerd's injector gives to pods, and its proxies to their spans (linkerd/linkerd2, pkg/k8s/labels.go). */
const linkerdOwner = ({ attributes }: Teller): string | undefined =>
  ['deployment', 'statefulset', 'daemonset'].map((kind) => attributes[`linkerd.io/proxy-${kind}`]).find(Boolean);

/** Envoy's spans say so of themselves (envoyproxy.io, "Tracing", what data each trace contains). */
export const isProxySpan = (span: Teller): boolean =>
  span.attributes['component'] === 'proxy' || span.attributes['node_id'] !== undefined || linkerdOwner(span) !== undefined;

/** A workload as one source names it; the namespace is null where it says none. Lower case, as Zipkin keeps names. */
export type Named = { readonly name: string; readonly namespace: string | null };

const named = (name: string | undefined, namespace: string | null | undefined): readonly Named[] =>
  name === undefined || name === '' ? [] : [{ name: name.toLowerCase(), namespace: namespace?.toLowerCase() || null }];

/** Proxies that give their own name for that of their workload (linkerd.io, "Distributed tracing"). */
export const nameless: ReadonlySet<string> = new Set(['linkerd-proxy', 'istio-proxy', 'envoy', 'unknown']);

/** A pod's Deployment, StatefulSet or DaemonSet: Kubernetes draws suffixes without vowels and look-alikes (k8s.io/apimachinery, util/rand). */
const ownerOf = (pod: string): string =>
  [/^(.+)-[a-z0-9]{6,10}-[a-z0-9]{5}$/, /^(.+)-\d+$/, /^(.+)-[bcdfghjklmnpqrstvwxz2456789]{5}$/]
    .map((pattern) => pattern.exec(pod)?.[1])
    .find((owner) => owner !== undefined) ?? pod;

/** `sidecar~10.0.0.1~reviews-v1-545db77b95-abcde.bookinfo~bookinfo.svc.cluster.local` (istio.io, proxy's node id) → reviews-v1 in bookinfo. */
const ofNode = (nodeId: string | undefined): readonly Named[] => {
  const pod = nodeId?.split('~')[2] ?? '';
  const dot = pod.lastIndexOf('.');
  return dot < 1 ? [] : named(ownerOf(pod.slice(0, dot)), pod.slice(dot + 1));
};

/** "reviews.bookinfo", "reviews.bookinfo.svc.cluster.local": Istio's names, whose second word is the namespace. */
const taken = (text: string): readonly Named[] => {
  const words = text.replace(/\.svc(\..*)?$/, '').split('.');
  return words.length === 2 ? named(words[0], words[1]) : [];
};

/** Whose pod it is: what proxies say of it, the surest first. */
const ownerIn = (span: Teller): string | undefined => {
  const { attributes } = span;
  const pod = attributes['k8s.pod.name'];
  const told = attributes['k8s.deployment.name'] ?? linkerdOwner(span) ?? ofNode(attributes['node_id'])[0]?.name;
  return told ?? (pod === undefined ? undefined : ownerOf(pod));
};

const namespaceOf = (attributes: Span['attributes']): string | null =>
  attributes['istio.namespace'] ?? attributes['k8s.namespace.name'] ?? attributes['linkerd.io/workload-ns'] ?? null;

/** The workload of a span as it is best known. */
export const workloadOf = (span: Teller): Named => {
  const { service, attributes } = span;
  const isNameless = nameless.has(service);
  const namespace = namespaceOf(attributes) ?? (isNameless ? ofNode(attributes['node_id'])[0]?.namespace : null) ?? null;
  const own = attributes['istio.canonical_service'] ?? (isNameless ? ownerIn(span) : undefined);
  if (own !== undefined) return { name: own.toLowerCase(), namespace: namespace?.toLowerCase() ?? null };
  const text = service.toLowerCase();
  // What an application calls itself may have a point of its own: "ordering.api" is no "ordering".
  if (namespace === null) return (isProxySpan(span) ? taken(text)[0] : undefined) ?? { name: text, namespace: null };
  const suffix = `.${namespace.toLowerCase()}`;
  return { name: text.endsWith(suffix) ? text.slice(0, -suffix.length) : text, namespace: namespace.toLowerCase() };
};

const inFull = ({ name, namespace }: Named): string => (namespace === null ? name : `${name}.${namespace}`);

/** The service of a span; of a proxy that gives its own name its workload, where it tells: "web.emojivoto" of "linkerd-proxy". */
export const serviceOf = (span: Teller): string => {
  if (!nameless.has(span.service)) return span.service;
  const workload = workloadOf(span);
  return nameless.has(workload.name) ? workload.name : inFull(workload);
};

const isOneNamespace = (a: string | null, b: string | null): boolean => a === null || b === null || a === b;

/** One workload under two names: `reviews` of its application's tracer and `reviews.bookinfo` of its proxy's. */
export const isSameWorkload = (a: Named, b: Named): boolean =>
  (a.name === b.name && isOneNamespace(a.namespace, b.namespace)) || inFull(a) === inFull(b);

/** The same of names as text, where no namespace is told apart: "reviews" and "reviews.bookinfo"; of two namespaces they are two. */
export const isSameService = (a: string, b: string): boolean => {
  const [one, other] = [a.toLowerCase(), b.toLowerCase()];
  return one === other || one.startsWith(`${other}.`) || other.startsWith(`${one}.`);
};

/** Equal for names that may be of the same service. */
export const firstName = (service: string): string => service.toLowerCase().split('.')[0] ?? '';

/** The Deployment that a span runs in, as its attributes or the pod of its proxy tell; null where they do not. Letters as given: kubectl minds them. */
export const deploymentOf = ({ attributes }: Span): Named | null => {
  const told = attributes['k8s.deployment.name'];
  if (told !== undefined) return { name: told, namespace: attributes['k8s.namespace.name'] ?? null };
  const [, pod, namespace] = /^(.+)-[a-z0-9]{6,10}-[a-z0-9]{5}\.([^.]+)$/.exec(attributes['node_id']?.split('~')[2] ?? '') ?? [];
  return pod === undefined ? null : { name: pod, namespace: namespace ?? null };
};

/** Every name that a span gives its own workload. */
export const namesOf = (span: Teller): readonly Named[] => {
  const { service, attributes } = span;
  return [
    workloadOf(span),
    ...named(service, namespaceOf(attributes)),
    ...(namespaceOf(attributes) === null ? taken(service) : []),
    ...named(attributes['k8s.deployment.name'], attributes['k8s.namespace.name']),
    ...ofNode(attributes['node_id']),
  ];
};

/** Every way to read the name of whom a client span calls. */
export const peerNames = (peer: string): readonly Named[] => [...named(peer, null), ...taken(peer)];

/** Ambient: a waypoint's span tells both ends of the edge (istio/istio#58872). */
const endNames = ({ attributes }: Teller, end: 'source' | 'destination'): readonly Named[] =>
  [attributes[`istio.${end}_workload`], attributes[`istio.${end}_canonical_service`]].flatMap((name) =>
    named(name, attributes[`istio.${end}_namespace`]),
  );

export const sourceNames = (span: Teller): readonly Named[] => endNames(span, 'source');
export const destinationNames = (span: Teller): readonly Named[] => endNames(span, 'destination');

/** `bank-api` and `bank-api.bank.example`; `payments` and `payments.shop`, unless it is known to be in another namespace than that. */
const isOfHost = ({ name, namespace }: Named, host: string, isPlaced: boolean): boolean => {
  const [first, second, ...more] = host.split('.');
  return first === name && (isPlaced || more.length > 0 || isOneNamespace(namespace, second ?? null));
};

/** The same, or one is the other's Deployment or host: `productpage` and `productpage-v1`. */
const isOneName = (one: Named, name: string, isPlaced: boolean): boolean =>
  isNamedAfter(one.name, name) || isNamedAfter(name, one.name) || isOfHost(one, name, isPlaced);

/** Whether one of these names means this end of an edge; an end without any name is everybody's. */
export const isEnd = (names: readonly Named[], { namespace, workload, service }: EdgeEnd): boolean => {
  const wanted = [service, workload].filter((name) => name !== null).map((name) => name.toLowerCase());
  const place = namespace?.toLowerCase() ?? null;
  return (
    wanted.length === 0 ||
    names.some((one) => isOneNamespace(one.namespace, place) && wanted.some((name) => isOneName(one, name, place !== null)))
  );
};

/** Whether an end of an edge has a name at all: without one it is everybody. */
export const isNamedEnd = ({ workload, service }: EdgeEnd): boolean => workload !== null || service !== null;
