import { type Edge, type EdgeEnd, nobody } from '../../domain/edge.ts';
import { cutFlags } from '../../domain/outcome.ts';
import { servicePattern } from '../../domain/service-names.ts';

/** Which spans of an edge are asked for. */
export type WantedSpans = { readonly edge: Edge; readonly leastMicros: number | null; readonly isFailed: boolean };

/**
 * A TraceQL string literal, and the only place where a value from outside enters TraceQL. Tempo reads literals as Go does (grafana/tempo,
 * pkg/traceql/lexer.go: text/scanner, strconv.Unquote), whose escapes JSON's are part of, but for halves of characters.
 */
export const quoted = (value: string): string => JSON.stringify(value.toWellFormed());

/** Older ones look for a pattern anywhere in a value (grafana/tempo, CHANGELOG: anchored since 2.7). */
const matches = (attribute: string, pattern: string): string => `${attribute}=~${quoted(`^${pattern}$`)}`;

/** Operators `&&` and `||` bind alike in TraceQL: whoever mixes them writes brackets. */
const anyOf = (conditions: readonly string[]): string => `(${conditions.join(' || ')})`;
const spans = (...conditions: readonly string[]): string => `{ ${conditions.filter(Boolean).join(' && ')} }`;

/** Proxies may write spans under their own name, and their workload beside it (linkerd.io, "Distributed tracing"). */
const isOf = (end: EdgeEnd): string => {
  const pattern = servicePattern(end);
  return pattern === null
    ? ''
    : anyOf(['resource.service.name', 'resource.k8s.deployment.name'].map((key) => matches(key, pattern)));
};

/** Calls that say themselves whom they go to: the callee that is down, or has no tracer, writes no span. */
const calls = (end: EdgeEnd): string => {
  const pattern = servicePattern(end);
  if (pattern === null) return '';
  const named = ['span.peer.service', 'span.server.address', 'span.net.peer.name'].map((key) => matches(key, pattern));
  const clusters = ['span.upstream_cluster.name', 'span.upstream_cluster'].map((key) =>
    matches(key, `outbound[|][^|]*[|][^|]*[|]${pattern}`),
  );
  return anyOf([...named, ...clusters]);
};

/** A response that was cut has failed, though Envoy marks only 5xx as errors (envoyproxy/envoy#14074). */
const hasFailed = anyOf(['status=error', matches('span.response_flags', `(?:.*,)?(?:${[...cutFlags].join('|')})(?:,.*)?`)]);

/** `duration`, `status` and `kind` are understood by every version; their newer names (`span:duration`) are not. */
const badness = ({ leastMicros, isFailed }: WantedSpans): string =>
  [leastMicros === null ? '' : `duration>=${Math.floor(leastMicros)}us`, isFailed ? hasFailed : ''].filter(Boolean).join(' && ');

/**
 * Spans of calls of an edge. Its two ends are spans one below the other, whatever stands between them: the caller's call is long or has failed,
 * or what the callee has of it; or it is a call that names the callee.
 */
export const edgeSpans = (wanted: WantedSpans): string => {
  const { source, destination } = wanted.edge;
  const [from, to, called, bad] = [isOf(source), isOf(destination), calls(destination), badness(wanted)];
  if (to === '') return from === '' && bad === '' ? '{ }' : spans(from, bad);
  const callee = spans(to, 'kind!=client', bad);
  const caller = spans(from, 'kind=client', called, bad);
  if (from === '') return `(${callee}) || (${caller})`;
  const bothOfCaller = `${spans(from, 'kind=client', bad)} &>> ${spans(to, 'kind!=client')}`;
  return `(${bothOfCaller}) || (${spans(from)} >> ${callee}) || (${caller})`;
};

/** The longest of them, in seconds, for each step of a range (grafana.com/docs/tempo, "TraceQL metrics functions"). */
export const longestOf = (wanted: WantedSpans): string => `${edgeSpans(wanted)} | max_over_time(duration)`;

/** The same edge seen by its callee alone, for callers that write no spans, as gateways without a tracer; null where an end has no name. */
export const withoutCaller = (edge: Edge): Edge | null =>
  servicePattern(edge.source) === null || servicePattern(edge.destination) === null ? null : { ...edge, source: nobody };
