import { longestOf } from '../../adapters/tempo/traceql.ts';
import { dialects } from '../../dialects/index.ts';
import { responseFlags } from '../../domain/response-flag.ts';
import { sharedAttributes } from '../../domain/trace.ts';
import { planExemplars } from '../../stages/follow/exemplars.ts';
import { planCounters } from '../../stages/measure/counters.ts';

/**
 * Words that are nobody's secret and that something here may read: they stay as they are, wherever they stand. Whatever is asked in words
 * of our own must be among them: another word would be another question. No recording adds to them. Each list cites what defines it; the
 * words of one name are listed apart ("source_workload" as "source workload").
 */
const lists: readonly string[] = [
  // prometheus.io/docs/prometheus/latest/querying: functions, aggregations, keywords, and the HTTP API's own words
  `abs absent over time acos acosh anchored and asin asinh atan atanh avg bool bottomk by ceil changes clamp cos cosh count day days
  deg delta deriv desc double end exp exponential fill first floor fraction group group_left group_right histogram hour idelta if
  ignoring in increase inf info irate join replace label last left limit limitk linear ln log10 log2 mad max min minute month nan of offset on
  or pi predict present quantile rad rate ratio resets right round scalar sgn sin sinh smoothed smoothing sort sqrt start stddev
  stdvar string sum tan tanh timestamp topk unless value values vector week without year
  api query range rules alert alerts alertmanager status data result type metric metrics stats samples sample series success error
  errors warnings infos groups name file duration labels annotations health interval state alerting recording record for expr matrix
  evaluation version receiver key common route external url truncated notification reason starts ends generator fingerprint firing
  resolved inactive pending active unknown too many maximum number exceeded more than partial response timeout true false null step
  execution canceled internal unavailable bad gateway`,
  // istio.io "Istio Standard Metrics", linkerd.io "Proxy Metrics", envoyproxy.io "Statistics", kube-state-metrics, cAdvisor
  `istio istiod istioproxy requests request responses total milliseconds seconds ms bucket bytes size tcp udp sent received
  connections connection opened closed messages grpc http http2 https h2 websocket code codes flags reporter source destination
  workload namespace service services canonical revision app application principal protocol security policy cluster clusters mutual
  tls mtls none envoy upstream downstream rq cx rx tx xx conn manager listener server circuit breaker breakers default remaining
  overflow retry retries ejections enforced outlier detection fail failed failure healthy unhealthy membership rbac denied allowed jwt
  authn ssl verify san cert no handshake deny vip pilot xds sds ads cds eds lds rds pushes push rejects reject convergence proxy k8s cfg events
  event galley citadel build component tag agent control plane identity latency classification direction inbound outbound dst src
  deployment deployments statefulset daemonset replicaset job cronjob pod pods template hash client id authority backend parent kind
  kube kubernetes container containers cpu usage memory working set resource limits quota horizontalpodautoscaler desired replicas
  owner created terminated restarts restart phase ready node nodes instance endpoint endpoints le up scrape process discovery waiting
  cores spec labels kubelet cadvisor rate5m connect destination_rule tcproute sidecar sidecars injection injector shared open read write
  custom istiocustom application target`,
  // What meshes print in the place of names, and parts of addresses of theirs
  `gateway gateways ingress ingressgateway egress egressgateway system waypoint waypoints ztunnel ambient linkerd viz mesh
  passthroughcluster inboundpassthroughcluster inboundpassthroughclusteripv4 inboundpassthroughclusteripv6 blackholecluster passthrough
  blackhole spiffe ns sa serviceaccount svc local td host hosts localhost virtualservice destinationrule envoyfilter
  peerauthentication authorizationpolicy serviceentry httproute grpcroute requestauthentication referencegrant telemetry wasmplugin
  oomkilled crashloopbackoff completed evicted add update delete canary stable primary baseline preview blue green latest prod
  production staging stage dev test qa`,
  // Alerting: severities, labels and annotations that everybody writes, templates (prometheus.io "Template reference")
  `alertname severity sloth page critical emergency fatal disaster high p0 p1 p2 p3 p4 p5 sev1 sev2 sev3 warning informational notice
  notify low ticket watchdog infoinhibitor deadmansswitch summary description runbook message dashboard title humanize
  humanizepercentage humanizeduration printf edge slow traffic down spike budget burn slo sli fast availability objective exported replica
  traces saturation throughput`,
  // Addresses of rules: Prometheus' graph page, Grafana's explore page, vmalert
  `g graph g0 tab panes datasource uid queries ref refid explore orgid schemaversion from to now var amp quot lt gt com org net io www
  example prometheus grafana thanos mimir victoriametrics vmalert loki tempo jaeger kiali zipkin edgewise pagestate prometheusquery
  expression`,
  // Tags of this program's own questions
  `branch guard met born second past caller callee before after rollout out scale config mesh upgrade older base picture counters fresh
  newest half window suspects hop usual seen scrapes admin stats met enforce shadow`,
  // What Jaeger, Zipkin and Tempo are asked, and what spans say (opentelemetry.io, "Semantic conventions")
  `span spans trace exemplar exemplars ok unset us remote annotation search spss lookback ts depth num attributes tags get head post put patch options outbound`,
  // What a person types to ask of an edge
  'why deploy sts ds',
  'the a an is are was were be been not has have it its this that with which per than at as one all some any only',
];

const wordsOf = (text: string): readonly string[] => text.toLowerCase().split(/[^\p{L}\p{N}]+/u);

const tables: readonly string[] = Object.values(dialects).flatMap((dialect) => wordsOf(JSON.stringify(dialect)));

const window = { atMs: 0, seconds: 60, local: { startMs: 0, endMs: 0 } };
/** Called by words that stay anyway. */
const end = { namespace: 'namespace', workload: 'workload', service: 'service' };
const edge = { cluster: null, source: end, destination: end };
/** The counters of proxies, by all that is asked of an edge's. */
const counters: readonly string[] = Object.values(dialects).flatMap((dialect) =>
  planCounters(dialect, edge, [], window).flatMap(({ promql }) => wordsOf(promql)),
);
/** What is asked for exemplars and traces of an edge. */
const ofTraces: readonly string[] = [
  ...(['errors', 'latency'] as const).flatMap((mode) => planExemplars(edge, mode)).map(({ promql }) => promql),
  longestOf({ edge, leastMicros: 1, isFailed: true }),
  ...sharedAttributes,
].flatMap(wordsOf);

/** Every word that stays, in lower case. */
export const vocabulary: ReadonlySet<string> = new Set(
  [
    ...lists.flatMap(wordsOf),
    ...tables,
    ...counters,
    ...ofTraces,
    ...[...responseFlags.keys()].map((flag) => flag.toLowerCase()),
  ].filter((word) => word !== ''),
);

/** Labels of answers that hold a metric's name, or a tag of this program's questions. */
export const ownLabels: ReadonlySet<string> = new Set(['__name__', 'edgewise', 'edgewise_branch', 'edgewise_guard']);

/** Labels of answers whose values are mostly codes, flags and bounds: numbers in them are read as such. */
export const codeLabels: ReadonlySet<string> = new Set(
  Object.values(dialects)
    .flatMap(({ labels: { pod: _pod, instance: _instance, ...codes }, views }) => [
      ...Object.values(codes),
      ...views.caller.matchers.map(({ label }) => label),
      ...views.callee.matchers.map(({ label }) => label),
    ])
    .filter((label) => label !== null)
    .concat('le', 'quantile', 'connection_security_policy', ...ownLabels),
);
