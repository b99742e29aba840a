import { type Measure, measures } from './lab.ts';

/** How the same thing is asked for in rules of the wild: what stands in the rule, what it measures. */
type Spelling = readonly [what: string, expr: string, measure: Measure];

const { failed, errors, slow, clientErrors, cut } = measures;
const requests = (matchers: string, range = '2m'): string => `rate(istio_requests_total{${matchers}}[${range}])`;
const bad = 'response_code=~"5.."';
const destination = 'reporter="destination"';
const source = 'reporter="source"';
const ends = 'source_workload, source_workload_namespace, destination_service_name, destination_service_namespace';
const ratioBy = (labels: string, reporter: string): string =>
  `sum by (${labels}) (${requests(`${reporter}, ${bad}`)}) / sum by (${labels}) (${requests(reporter)})`;
const ratio = `sum(${requests(`${source}, ${bad}`)}) / sum(${requests(source)})`;
const bucket = 'istio_request_duration_milliseconds_bucket';

export const spellings: readonly Spelling[] = [
  ['by the callee', `${ratioBy('destination_service_name', destination)} > 0.05`, failed],
  ['by the callee and the reporter', `${ratioBy('destination_service_name, reporter', source)} > 0.05`, failed],
  ['by the host of the callee', `${ratioBy('destination_service', source)} > 0.05`, failed],
  [
    'by the workload of the callee',
    `${ratioBy('destination_workload, destination_workload_namespace', destination)} > 0.05`,
    failed,
  ],
  ['by the canonical callee', `${ratioBy('destination_canonical_service', source)} * 100 > 5`, failed],
  [
    'by both canonical names',
    `(sum(${requests('response_code=~"[45].+"')}) by (job, source_canonical_service, destination_canonical_service) / sum(${requests('')}) by (job, source_canonical_service, destination_canonical_service)) * 100 > 3`,
    errors,
  ],
  ['by the caller', `${ratioBy('source_workload', source)} > 0.05`, failed],
  ['by both ends', `${ratioBy(ends, source)} > 0.05`, failed],
  ['by the app labels', `${ratioBy('source_app, destination_app', source)} > 0.05`, failed],
  ['over everything', `${ratio} > 0.03`, failed],
  ['with the threshold on the left', `0.03 < ${ratio}`, failed],
  ['as a share of what went well', `1 - ${ratio} < 0.97`, failed],
  [
    'as success',
    `sum by (destination_service_name) (${requests(`${source}, response_code!~"5.."`)}) / sum by (destination_service_name) (${requests(source)}) < 0.95`,
    failed,
  ],
  ['compared to bool', `(${ratioBy('destination_service_name', source)} > bool 0.05) == 1`, failed],
  [
    'with a guard of traffic by the callee',
    `${ratioBy('destination_service_name', source)} > 0.05 and sum by (destination_service_name) (${requests(source)}) > 10`,
    failed,
  ],
  ['with a guard on nothing', `${ratio} > 0.03 and on () sum(${requests(source)}) > 1`, failed],
  ['unless in maintenance', `${ratio} > 0.03 unless on () maintenance == 1`, failed],
  [
    'unless another alert fires',
    `${ratioBy('destination_service_name', source)} > 0.05 unless on () ALERTS{alertname="ClusterDown", alertstate="firing"} == 1`,
    failed,
  ],
  ['with a measured threshold', `${ratio} > on () group_left () (max(slo_limit) or vector(0.03))`, failed],
  ['joined with group_left', `${ratioBy('destination_service_name', source)} * on () group_left () vector(100) > 5`, failed],
  [
    'part of the whole',
    `sum by (destination_service_name) (${requests(`${source}, ${bad}`)}) / on () group_left () sum(${requests(source)}) > 0.01`,
    ({ bad: fault, perSecond }) => (fault && /^5/.test(fault.code) ? fault.share * perSecond : 0),
  ],
  [
    'without the pods',
    `sum without (pod, instance, app, namespace, kubernetes_namespace, job, response_flags, response_code, grpc_response_status) (${requests(`${source}, ${bad}`)}) / sum without (pod, instance, app, namespace, kubernetes_namespace, job, response_flags, response_code, grpc_response_status) (${requests(source)}) > 0.05`,
    failed,
  ],
  [
    'without the caller',
    `sum without (pod, instance, app, namespace, kubernetes_namespace, source_workload, source_app, source_canonical_service, source_workload_namespace, response_flags, response_code, grpc_response_status) (${requests(`${source}, ${bad}`)}) / sum without (pod, instance, app, namespace, kubernetes_namespace, source_workload, source_app, source_canonical_service, source_workload_namespace, response_flags, response_code, grpc_response_status) (${requests(source)}) > 0.05`,
    failed,
  ],
  [
    'a renamed label',
    `sum by (service) (label_replace(${requests(`${source}, ${bad}`)}, "service", "$1", "destination_service_name", "(.*)")) / sum by (service) (label_replace(${requests(source)}, "service", "$1", "destination_service_name", "(.*)")) > 0.05`,
    failed,
  ],
  [
    'a label renamed at the end',
    `label_replace(${ratioBy('destination_service_name', source)} > 0.05, "team", "$1", "destination_service_name", "([a-z]+).*")`,
    failed,
  ],
  [
    'joined labels',
    `sum by (route) (label_join(${requests(`${source}, ${bad}`)}, "route", "/", "source_workload", "destination_service_name")) / sum by (route) (label_join(${requests(source)}, "route", "/", "source_workload", "destination_service_name")) > 0.05`,
    failed,
  ],
  ['a subquery', `max_over_time((${ratio})[5m:30s]) > 0.03`, failed],
  [
    'an average over time of a ratio by callee',
    `avg_over_time((${ratioBy('destination_service_name', source)})[3m:1m]) > 0.05`,
    failed,
  ],
  [
    'an offset',
    `sum by (destination_service_name) (rate(istio_requests_total{${source}, ${bad}}[2m] offset 30s)) / sum by (destination_service_name) (rate(istio_requests_total{${source}}[2m] offset 30s)) > 0.05`,
    failed,
  ],
  ['a quantile', `histogram_quantile(0.99, sum by (le, destination_service_name) (rate(${bucket}{${source}}[2m]))) > 2000`, slow],
  ['a quantile over everything', `histogram_quantile(0.95, sum by (le) (rate(${bucket}{${source}}[2m]))) / 1000 > 0.5`, slow],
  ['a quantile of unaggregated buckets', `histogram_quantile(0.5, rate(${bucket}{${source}}[2m])) > 1000`, slow],
  [
    'a share of slow requests',
    `1 - sum by (destination_service_name) (rate(${bucket}{${source}, le=~"1000(\\\\.0)?"}[2m])) / sum by (destination_service_name) (rate(istio_request_duration_milliseconds_count{${source}}[2m])) > 0.3`,
    slow,
  ],
  [
    'a mean',
    `sum by (destination_service_name) (rate(istio_request_duration_milliseconds_sum{${source}}[2m])) / sum by (destination_service_name) (rate(istio_request_duration_milliseconds_count{${source}}[2m])) > 1500`,
    slow,
  ],
  ['the worst few', `topk(1, ${ratioBy('destination_service_name', source)}) > 0.05`, failed],
  ['how many edges are sick', `count(${ratioBy(ends, source)} > 0.05) > 1`, failed],
  ['the worst of them', `max(${ratioBy(ends, source)}) > 0.05`, failed],
  ['the worst over a threshold', `max(${ratioBy(ends, source)} > 0.05) without (source_workload_namespace)`, failed],
  ['two sides of or', `sum(${requests(source)}) > 100000 or ${ratio} > 0.03`, failed],
  ['a default of zero', `(sum(${requests(`${source}, ${bad}`)}) or vector(0)) / sum(${requests(source)}) > 0.03`, failed],
  [
    'client errors',
    `sum by (destination_service_name) (${requests(`${source}, response_code=~"4.."`)}) / sum by (destination_service_name) (${requests(source)}) > 0.05`,
    clientErrors,
  ],
  [
    'a metric renamed by federation',
    `sum(rate(fleet_istio_requests_total{${source}, ${bad}}[2m])) / sum(rate(fleet_istio_requests_total{${source}}[2m])) > 0.03`,
    failed,
  ],
  ['a recorded ratio by edge', 'istio:edge_errors:ratio5m > 0.05', failed],
  ['a recorded ratio, the worst', 'max(istio:edge_errors:ratio5m) > 0.05', failed],
  [
    'a name in a matcher',
    `sum(rate({__name__="istio_requests_total", ${source}, ${bad}}[2m])) / sum(rate({__name__="istio_requests_total", ${source}}[2m])) > 0.03`,
    failed,
  ],
  [
    'single quotes and line breaks',
    `sum(rate(istio_requests_total{reporter='source',\n  response_code=~'5..'}[2m]))\n# errors\n/ sum(rate(istio_requests_total{reporter='source'}[2m])) > 0.03`,
    failed,
  ],
  [
    'Linkerd by the workload, inbound',
    'sum by (namespace, deployment) (rate(response_total{classification="failure", direction="inbound"}[2m])) / sum by (namespace, deployment) (rate(response_total{direction="inbound"}[2m])) > 0.05',
    failed,
  ],
  [
    'Linkerd by the workload, outbound',
    'sum by (namespace, deployment) (rate(response_total{classification="failure", direction="outbound"}[2m])) / sum by (namespace, deployment) (rate(response_total{direction="outbound"}[2m])) > 0.05',
    failed,
  ],
  [
    'Linkerd by caller and callee',
    'sum by (namespace, deployment, dst_deployment, dst_namespace) (rate(response_total{classification="failure", direction="outbound"}[2m])) / sum by (namespace, deployment, dst_deployment, dst_namespace) (rate(response_total{direction="outbound"}[2m])) > 0.05',
    failed,
  ],
  [
    'Linkerd by the callee alone',
    'sum by (dst_service, dst_namespace) (rate(response_total{classification="failure", direction="outbound"}[2m])) / sum by (dst_service, dst_namespace) (rate(response_total{direction="outbound"}[2m])) > 0.05',
    failed,
  ],
  [
    'Linkerd over everything',
    'sum(rate(response_total{classification="failure", direction="inbound"}[2m])) / sum(rate(response_total{direction="inbound"}[2m])) > 0.03',
    failed,
  ],
  [
    'Envoy by its cluster',
    'sum by (envoy_cluster_name) (rate(envoy_cluster_upstream_rq_xx{envoy_response_code_class="5", envoy_cluster_name=~"outbound.*"}[2m])) / sum by (envoy_cluster_name) (rate(envoy_cluster_upstream_rq_completed{envoy_cluster_name=~"outbound.*"}[2m])) > 0.05',
    failed,
  ],
  [
    'Envoy over everything',
    'sum(rate(envoy_cluster_upstream_rq_xx{envoy_response_code_class="5"}[2m])) / sum(rate(envoy_cluster_upstream_rq_completed[2m])) > 0.03',
    failed,
  ],
  [
    'Envoy by the proxy',
    'sum by (app, namespace) (rate(envoy_cluster_upstream_rq_xx{envoy_response_code_class="5", envoy_cluster_name!~"inbound.*"}[2m])) / sum by (app, namespace) (rate(envoy_cluster_upstream_rq_completed{envoy_cluster_name!~"inbound.*"}[2m])) > 0.05',
    failed,
  ],
  ['Envoy, connections that fail', 'sum(increase(envoy_cluster_upstream_cx_connect_fail[2m])) > 10', cut],
  ['Envoy, who is ejected', 'max by (envoy_cluster_name) (envoy_cluster_outlier_detection_ejections_active) > 0', cut],
  [
    'with a threshold for each callee',
    `${ratioBy('destination_service_name', source)} > on (destination_service_name) error_quota`,
    failed,
  ],
  [
    'with a threshold for each callee, matched by all labels',
    `${ratioBy('destination_service_name', source)} > max by (destination_service_name) (error_quota)`,
    failed,
  ],
  ['with one threshold for all', `${ratio} > max(error_quota) - 0.02`, failed],
  [
    'divided by a quota',
    `${ratioBy('destination_service_name', source)} / on (destination_service_name) error_quota > 1`,
    failed,
  ],
  [
    'beside another metric',
    `${ratioBy('destination_service_name', source)} > 0.05 and max by (destination_service_name) (error_quota) > 0.01`,
    failed,
  ],
  [
    'a moment',
    `sum by (destination_service_name) (rate(istio_requests_total{${source}, ${bad}}[2m] @ end())) / sum by (destination_service_name) (rate(istio_requests_total{${source}}[2m] @ end())) > 0.05`,
    failed,
  ],
  [
    'Linkerd by the workload, whichever end',
    'sum by (deployment) (rate(response_total{classification="failure"}[2m])) / sum by (deployment) (rate(response_total[2m])) > 0.05',
    failed,
  ],
  [
    'gRPC statuses',
    `sum by (destination_service_name) (${requests(`${source}, request_protocol="grpc", grpc_response_status!~"0|"`)}) / sum by (destination_service_name) (${requests(`${source}, request_protocol="grpc"`)}) > 0.05`,
    ({ bad: fault }) => (fault?.grpc === undefined ? 0 : fault.share),
  ],
  [
    'response flags',
    `sum by (source_workload) (increase(istio_requests_total{${source}, response_flags=~".*(UF|UH|UO).*"}[2m])) > 5`,
    cut,
  ],
  [
    'response flags of everybody',
    `sum(increase(istio_requests_total{response_flags!="-", reporter="source"}[2m])) > 5`,
    ({ bad: fault, perSecond }) => (fault?.flags === undefined ? 0 : fault.share * perSecond),
  ],
  ['the worst callees, unaggregated', `topk(3, ${requests(`${source}, ${bad}`)}) > 1`, failed],
];

/** Rules that are about no edge, though mesh metrics stand in them. */
export const edgeless: readonly (readonly [what: string, expr: string])[] = [
  ['silence', `sum(${requests(source)}) == 0`],
  ['little traffic of one service', `sum by (destination_service_name) (${requests(source)}) < 100`],
  ['little traffic or none', `(sum(${requests(source)}) or vector(0)) < 5000`],
  ['less than an hour ago', `sum(${requests(source)}) < 0.5 * (sum(${requests(source)}) + 1000)`],
  ['much traffic', `sum(${requests(source)}) > 10`],
  ['a missing metric', 'absent(istio_requests_total{source_workload="nobody"})'],
  ['a missing metric, over time', 'absent_over_time(istio_requests_total{source_workload="nobody"}[5m]) == 1'],
  ['a missing metric, aggregated', 'max(absent(istio_requests_total{source_workload="nobody"}))'],
  ['a push that fails', 'sum(rate(pilot_xds_push_errors[5m])) > 0'],
  ['a certificate', 'min(citadel_server_root_cert_expiry_timestamp) - time() < 86400'],
];
