import type { Random } from '../mesh/noise.ts';
import { type Ended, type Request, wireSeconds } from '../mesh/requests.ts';
import { type Call, podOf, serviceNamed, services } from '../mesh/topology.ts';
import { asked } from './asked.ts';
import type { ZipkinSpan } from './zipkin-span.ts';

/**
 * Spans as Istio's sidecars write them by Zipkin's tracer: of each call one by the caller's proxy and, below it and under the same name, one
 * by the callee's (istio.io, "Distributed Tracing Overview"; envoyproxy.io, "Tracing", what data each trace contains).
 */

/** A pod's proxy: all that is the same in each of its spans. */
type Proxy = { readonly service: string; readonly address: string; readonly tags: Readonly<Record<string, string>> };

const addressOf = (service: string, version: string): string => {
  const place = services.findIndex(({ name }) => name === service);
  const pod = serviceNamed(service).versions.findIndex(({ name }) => name === version);
  return `10.42.${place + 1}.${10 + Math.max(0, pod)}`;
};

const proxyOf = (service: string, version: string): Proxy => {
  const { namespace } = serviceNamed(service);
  const address = addressOf(service, version);
  const role = service === 'istio-ingressgateway' ? 'router' : 'sidecar';
  return {
    service: `${service}.${namespace}`,
    address,
    tags: {
      component: 'proxy',
      node_id: `${role}~${address}~${podOf(service, version)}.${namespace}~${namespace}.svc.cluster.local`,
      'istio.canonical_service': service,
      'istio.canonical_revision': version,
      'istio.namespace': namespace,
      'istio.mesh_id': 'cluster.local',
    },
  };
};

/** What holds all spans of one trace together, and makes them different from all others. */
type Trace = { readonly id: string; readonly requestId: string; readonly random: Random };

const digits = (random: Random, count: number): string =>
  Array.from({ length: count / 8 }, () =>
    Math.floor(random.uniform() * 2 ** 32)
      .toString(16)
      .padStart(8, '0'),
  ).join('');

/** The first digit of its third part says that the request is traced (envoyproxy/envoy, uuid request id extension). */
const requestIdOf = (random: Random): string => {
  const text = digits(random, 32);
  return [text.slice(0, 8), text.slice(8, 12), `9${text.slice(13, 16)}`, text.slice(16, 20), text.slice(20)].join('-');
};

/** Envoy calls failed what was answered with 5xx or not at all, and gRPC's statuses but OK. */
const isError = ({ code, grpc }: Ended): boolean => code === '0' || code.startsWith('5') || !['', '0'].includes(grpc);

const tagsOf = (call: Call, ended: Ended, { requestId }: Trace): Readonly<Record<string, string>> => {
  const { method, path } = asked(call.callee);
  const { namespace } = serviceNamed(call.callee);
  return {
    'guid:x-request-id': requestId,
    'http.method': method,
    'http.url': `http://${call.callee}.${namespace}:${portOf(call)}${path}`,
    'http.protocol': call.protocol === 'grpc' ? 'HTTP/2' : 'HTTP/1.1',
    'http.status_code': ended.code,
    ...(ended.grpc === '' ? {} : { 'grpc.path': path, 'grpc.status_code': ended.grpc }),
    response_flags: ended.flags,
    downstream_cluster: '-',
    request_size: '128',
    response_size: ended.code === '200' ? '480' : '0',
    ...(isError(ended) ? { error: 'true' } : {}),
  };
};

const portOf = ({ protocol }: Call): number => (protocol === 'grpc' ? 9090 : 8080);
const hostOf = ({ callee }: Call): string => `${callee}.${serviceNamed(callee).namespace}.svc.cluster.local`;

const clusterTags = (name: string): Readonly<Record<string, string>> => ({
  upstream_cluster: name,
  'upstream_cluster.name': name,
});

/** Where no cluster was found the proxy has none to name. */
const hasNoCluster = ({ flags }: Ended): boolean => flags === 'NC' || flags === 'NR';
/** From here to there, microseconds since the epoch: whatever lies inside of another does so when both are cut to whole ones. */
const within = (fromMicros: number, seconds: number): Pick<ZipkinSpan, 'timestamp' | 'duration'> => {
  const timestamp = Math.floor(fromMicros);
  return { timestamp, duration: Math.max(1, Math.floor(fromMicros + seconds * 1e6) - timestamp) };
};

type Place = { readonly parentId: string | null; readonly callerVersion: string; readonly fromMicros: number };

/** The spans of one call and of all below it. */
const spansBelow = (request: Request, trace: Trace, { parentId, callerVersion, fromMicros }: Place): readonly ZipkinSpan[] => {
  const { call, version, atCaller, atCallee, below } = request;
  const caller = proxyOf(call.caller, callerVersion);
  const name = `${hostOf(call)}:${portOf(call)}/*`;
  // Envoy's tracer begins a trace with a span whose id is the lower half of the trace's.
  const id = parentId === null ? trace.id.slice(16) : digits(trace.random, 16);
  const span = { traceId: trace.id, name };
  const client: ZipkinSpan = {
    ...span,
    id,
    ...(parentId === null ? {} : { parentId }),
    kind: 'CLIENT',
    ...within(fromMicros, atCaller.seconds),
    localEndpoint: { serviceName: caller.service, ipv4: caller.address },
    tags: {
      ...caller.tags,
      ...tagsOf(call, atCaller, trace),
      'peer.address': caller.address,
      ...(hasNoCluster(atCaller) ? {} : clusterTags(`outbound|${portOf(call)}||${hostOf(call)}`)),
    },
  };
  if (atCallee === null) return [client];
  const callee = proxyOf(call.callee, version);
  const serverId = digits(trace.random, 16);
  const arrivedMicros = fromMicros + (wireSeconds / 2) * 1e6;
  const server: ZipkinSpan = {
    ...span,
    id: serverId,
    parentId: id,
    kind: 'SERVER',
    ...within(arrivedMicros, atCallee.seconds),
    localEndpoint: { serviceName: callee.service, ipv4: callee.address },
    tags: {
      ...callee.tags,
      ...tagsOf(call, atCallee, trace),
      'peer.address': caller.address,
      ...clusterTags(`inbound|${portOf(call)}||`),
    },
  };
  return [
    client,
    server,
    ...below.flatMap(({ afterSeconds, request: next }) =>
      spansBelow(next, trace, { parentId: serverId, callerVersion: version, fromMicros: arrivedMicros + afterSeconds * 1e6 }),
    ),
  ];
};

/** The trace of one request that ended at this moment, its root first. Ids are drawn. */
export const spansOf = (request: Request, endMs: number, random: Random): readonly ZipkinSpan[] =>
  spansBelow(
    request,
    { id: digits(random, 32), requestId: requestIdOf(random), random },
    { parentId: null, callerVersion: 'v1', fromMicros: endMs * 1000 - request.atCaller.seconds * 1e6 },
  );
