import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { thresholdsOf } from '../../../src/stages/draw/threshold.ts';

const failed = 'sum by (source_workload) (rate(istio_requests_total{response_code=~"5.."}[5m]))';
const all = 'sum by (source_workload) (rate(istio_requests_total[5m]))';
const p99 = 'histogram_quantile(0.99, sum by (le) (rate(istio_request_duration_milliseconds_bucket[5m])))';
const linkerd = 'histogram_quantile(0.95, sum by (le) (rate(response_latency_ms_bucket[5m])))';

describe('the threshold of a rule', () => {
  it.each([
    ['a share of 5xx', `${failed} / ${all} > 0.05`, { errors: 0.05 }],
    ['the number first', `0.05 < ${failed} / ${all}`, { errors: 0.05 }],
    ['a share in percent', `100 * (${failed} / ${all}) >= 5`, { errors: 0.05 }],
    ['a share in percent without brackets', `100 * ${failed} / ${all} > 5`, { errors: 0.05 }],
    ['a share in percent, multiplied last', `(${failed} / ${all}) * 100 > 1e1`, { errors: 0.1 }],
    ['a guard beside it', `(${failed} / ${all}) > 0.05 and ${all} > 0.5`, { errors: 0.05 }],
    ['a guard inside it', `max without (reporter) (${failed} / (${all} > 0.5)) > 0.02`, { errors: 0.02 }],
    ['a comment behind it', `${failed} / ${all} > 0.05 # was > 0.5`, { errors: 0.05 }],
    ['a quantile in milliseconds', `${p99} > 1000`, { latency: 1 }],
    ['a quantile made seconds', `${p99} / 1000 > 1.5`, { latency: 1.5 }],
    ['a quantile with traffic', `max(${p99} > 500 and ${all} > 1)`, { latency: 0.5 }],
    ['Linkerd', `${linkerd} > 250`, { latency: 0.25 }],
    [
      'Linkerd’s failures',
      'sum(rate(response_total{classification="failure"}[1m])) / sum(rate(response_total[1m])) > .1',
      { errors: 0.1 },
    ],
  ])('is read from %s', (_what, expression, line) => {
    expect(thresholdsOf(expression)).toEqual(line);
  });

  it.each([
    ['a count', `${failed} > 0.5`],
    ['a success ratio that falls', `1 - ${failed} / ${all} < 0.95`],
    ['a success ratio written with a negation', `sum(rate(istio_requests_total{response_code!~"5.."}[5m])) / ${all} < 0.95`],
    ['a threshold that is itself measured', `${failed} / ${all} > scalar(limit)`],
    ['two ways to fire', `${failed} / ${all} > 0.05 or ${p99} > 1000`],
    ['a share compared with its past', `(${failed} / ${all}) / (${failed} offset 1d / ${all} offset 1d) > 0.5`],
    ['a quantile of sizes', 'histogram_quantile(0.9, rate(istio_request_bytes_bucket[5m])) > 1000'],
    ['a burn rate of a recorded SLO', 'slo:burn:rate5m > 14.4'],
    ['words', 'not a rule > 5'],
    ['nothing', ''],
    ['a share that can never be passed', `${failed} / ${all} > 5`],
    ['a deep nest of brackets', `${'('.repeat(5000)}1${')'.repeat(5000)} > 1`],
  ])('is left out of %s', (_what, expression) => {
    expect(thresholdsOf(expression)).toEqual({});
  });

  it('is known of the mesh rules that ship', () => {
    const file = parse(readFileSync('manifests/prometheus/mesh-rules.yaml', 'utf8')) as {
      groups: { rules: { alert: string; expr: string }[] }[];
    };
    const lines = Object.fromEntries(
      file.groups.flatMap(({ rules }) => rules.map(({ alert, expr }) => [alert, thresholdsOf(expr)] as const)),
    );
    expect(lines['MeshEdgeErrorRatioHigh']).toEqual({ errors: 0.05 });
    expect(lines['MeshEdgeLatencyHigh']).toEqual({ latency: 1 });
    expect(lines['MeshNoHealthyUpstream']).toEqual({});
  });
});
