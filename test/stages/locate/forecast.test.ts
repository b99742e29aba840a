import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type AlertRule, labelsOf } from '../../../src/domain/alert.ts';
import { forecastOf } from '../../../src/stages/locate/forecast.ts';

const rule = (expression: string, labels: Record<string, string> = {}): AlertRule => ({
  name: 'Example',
  expression,
  forSeconds: 0,
  labels: labelsOf(Object.entries(labels)),
});
const by = 'source_workload, source_workload_namespace, destination_service_name, destination_service_namespace';

describe('what an alert rule will be about, before it fires', () => {
  it.each([
    ['both ends in `by`', `sum by (${by}) (rate(istio_requests_total[5m])) > 5`, 'edge', 'labels', 'istio'],
    [
      'both ends by canonical names',
      'sum by (source_canonical_service, destination_canonical_service) (rate(istio_requests_total[5m])) > 5',
      'edge',
      'labels',
      'istio',
    ],
    ['no aggregation', 'rate(istio_requests_total{response_code="503"}[5m]) > 5', 'edge', 'labels', 'istio'],
    ['one end in `by`', 'sum by (destination_service) (rate(istio_requests_total[5m])) > 5', 'workload', 'expression', 'istio'],
    [
      'nothing in `by`',
      'sum(rate(istio_requests_total{response_code=~"5.."}[5m])) / sum(rate(istio_requests_total[5m])) > 0.05',
      'edge',
      'expression',
      'istio',
    ],
    [
      'a callee that only a matcher names',
      'sum(rate(istio_requests_total{destination_service_name="payments"}[5m])) > 5',
      'edge',
      'expression',
      'istio',
    ],
    [
      "Linkerd's counters",
      'rate(response_total{direction="outbound",classification="failure"}[5m]) > 1',
      'edge',
      'labels',
      'linkerd',
    ],
    [
      "Envoy's cluster counters",
      'rate(envoy_cluster_upstream_rq_xx{envoy_response_code_class="5"}[5m]) > 1',
      'edge',
      'labels',
      'envoy',
    ],
    ["a proxy's own listener", 'sum by (pod) (rate(envoy_http_downstream_rq_xx[5m])) > 1', 'node', 'none', 'envoy'],
    ['the control plane', 'rate(pilot_total_xds_rejects[5m]) > 0', 'control-plane', 'none', null],
    ['a missing metric', 'absent(istio_requests_total)', 'no-data', 'none', 'istio'],
    ['low traffic', 'sum(rate(istio_requests_total[5m])) < 1', 'low-traffic', 'none', 'istio'],
    ['low traffic of one edge', `sum by (${by}) (rate(istio_requests_total[5m])) < 1`, 'edge', 'labels', 'istio'],
    ['a disk', 'node_filesystem_avail_bytes < 1e9', 'plain', 'none', null],
    ['what is no PromQL', 'rate(istio_requests_total[', 'plain', 'none', null],
  ])('%s', (_name, expression, subject, way, mesh) => {
    expect(forecastOf(rule(expression))).toMatchObject({ subject, way, mesh });
  });

  it('says the edge for every shipped mesh rule', () => {
    const folder = 'manifests/prometheus';
    for (const file of readdirSync(folder).filter((name) => name === 'mesh-rules.yaml'))
      for (const { alert, expr, labels } of parse(readFileSync(`${folder}/${file}`, 'utf8')).groups.flatMap(
        (group: { rules: object[] }) => group.rules,
      ))
        expect(forecastOf(rule(expr, labels)), alert).toMatchObject({ subject: 'edge', way: 'labels', mesh: 'istio' });
  });
});
