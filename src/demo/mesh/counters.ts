import type { Request } from './requests.ts';
import { serviceNamed, workloadOf } from './topology.ts';

type Labels = Readonly<Record<string, string>>;

/** Cumulative counts of one label set of one reporter. */
export type Series = {
  readonly labels: Labels;
  requests: number;
  sumMs: number;
  /** Requests up to each of `boundsMs`. */
  readonly buckets: number[];
};

/** Istio's buckets. */
export const boundsMs = [
  0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000, 300_000, 600_000, 1_800_000, 3_600_000,
] as const;

export const emptySeries = (labels: Labels): Series => ({ labels, requests: 0, sumMs: 0, buckets: boundsMs.map(() => 0) });

/** Counts one more. */
export const observe = (series: Series, seconds: number): void => {
  const ms = seconds * 1000;
  series.requests += 1;
  series.sumMs += ms;
  for (let index = boundsMs.length - 1; ms <= (boundsMs[index] ?? -1); index -= 1)
    series.buckets[index] = (series.buckets[index] ?? 0) + 1;
};

/** Calls of one kind are counted alike at both ends. */
export const kindOf = ({ call, version, atCaller: caller, atCallee: callee, withoutDestination }: Request): string =>
  `${call.caller}>${call.callee} ${version} ${withoutDestination} ${caller.code} ${caller.grpc} ${caller.flags} ${callee?.code} ${callee?.flags}`;

/** Istio's standard labels, but for identities and applications, which double the size of the past. */
const labelsOf = (
  { call, version, atCaller, atCallee, withoutDestination }: Request,
  reporter: 'source' | 'destination',
): Labels => {
  const [caller, callee] = [serviceNamed(call.caller), serviceNamed(call.callee)];
  const ended = reporter === 'source' ? atCaller : (atCallee ?? atCaller);
  const isKnown = version !== 'unknown';
  return {
    reporter,
    source_workload: caller.name,
    source_workload_namespace: caller.namespace,
    source_version: 'v1',
    destination_workload: isKnown ? workloadOf(callee.name, version) : 'unknown',
    destination_version: version,
    destination_service: withoutDestination ? 'unknown' : `${callee.name}.${callee.namespace}.svc.cluster.local`,
    destination_canonical_service: isKnown ? callee.name : 'unknown',
    destination_service_name: withoutDestination ? 'unknown' : callee.name,
    destination_service_namespace: withoutDestination ? 'unknown' : callee.namespace,
    request_protocol: call.protocol,
    response_code: ended.code,
    grpc_response_status: ended.grpc,
    response_flags: ended.flags,
    connection_security_policy: reporter === 'source' ? 'unknown' : 'mutual_tls',
  };
};

/** The counters of every label set that was met. */
export type Counters = {
  readonly all: () => readonly Series[];
  /** Those that a call of this kind is counted by: the caller's, and the callee's where it arrived. */
  readonly of: (request: Request) => readonly Series[];
};

export const startCounters = (): Counters => {
  const all = new Map<string, Series>();
  const byKind = new Map<string, readonly Series[]>();
  // Kinds that differ at one end only have the other's labels in common.
  const known = (labels: Labels): Series => {
    const key = JSON.stringify(labels);
    const series = all.get(key) ?? emptySeries(labels);
    all.set(key, series);
    return series;
  };
  return {
    all: () => [...all.values()],
    of: (request) => {
      const kind = kindOf(request);
      const sides = byKind.get(kind) ?? [
        known(labelsOf(request, 'source')),
        ...(request.atCallee === null ? [] : [known(labelsOf(request, 'destination'))]),
      ];
      byKind.set(kind, sides);
      return sides;
    },
  };
};
