import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { expressionOf, groupIdOf } from '../../../src/stages/locate/expression.ts';

const promql = 'sum(rate(istio_requests_total{response_code=~"5.?.+", reporter!="source"}[5m])) + 1 > 0.05';
const form = encodeURIComponent(promql).replaceAll('%20', '+');
const path = encodeURIComponent(promql);
const json = (value: unknown): string => encodeURIComponent(JSON.stringify(value));
const panes = { abc: { datasource: 'uid', queries: [{ refId: 'A', expr: promql }] } };

describe('a rule in the address of its alert', () => {
  it.each([
    ['Prometheus', `http://prometheus:9090/graph?g0.expr=${form}&g0.tab=1`],
    ['Prometheus 3', `http://prometheus:9090/query?g0.expr=${path}&g0.show_tree=0`],
    ['behind a prefix', `https://metrics.example/prom/graph?g0.expr=${form}`],
    ['without a host', `http://:9090/graph?g0.expr=${form}`],
    ['relative', `/thanos/graph?g0.expr=${form}&g0.tab=1`],
    ['with the expression later', `https://p/graph?g0.range_input=1h&g0.expr=&g1.expr=${form}`],
    ['a plus that stands for itself', `https://p/graph?g0.expr=${path.replaceAll('%2B', '+')}`],
    ['encoded twice', `https://p/graph?g0.expr=${encodeURIComponent(form)}`],
    ['encoded three times', `https://p/graph?g0.expr=${encodeURIComponent(encodeURIComponent(path))}`],
    ['of HTML', `https://p/graph?g0.tab=1&amp;g0.expr=${form}`],
    ['encoded names', `https://p/graph?g0%2Eexpr=${form}`],
    ['in the fragment', `https://vm.example/vmui/#/?g0.expr=${path}`],
    ['in the fragment behind a query', `https://vm.example/select/0/vmui/?tenant=0#/?g0.expr=${path}`],
    ['Grafana Explore, left', `https://g/explore?orgId=1&left=${json({ queries: [{ expr: promql }] })}`],
    ['Grafana Explore, left as a list', `https://g/explore?left=${json(['now-1h', 'now', 'prom', { expr: promql }])}`],
    ['Grafana Explore, panes', `https://g/explore?schemaVersion=1&panes=${json(panes)}&orgId=1`],
    ['Grafana Explore, encoded twice', `https://g/explore?panes=${encodeURIComponent(json(panes))}`],
    [
      'Google',
      `https://console.cloud.google.com/monitoring;x=1?pageState=${json({ xyChart: { dataSets: [{ prometheusQuery: promql }] } })}`,
    ],
    ['a plain query', `https://p/api/v1/query?query=${form}&time=1`],
  ])('%s', (_what, address) => {
    expect(expressionOf(address)).toBe(promql);
  });

  it.each([
    ['nothing', ''],
    ["vmalert's own page", 'http://vmalert:8880/vmalert/alert?group_id=12&alert_id=34'],
    ['a rule of Grafana', 'https://g.example/alerting/grafana/cdw1xyz/view?orgId=1'],
    ['a search in logs', `https://g.example/explore?query=${encodeURIComponent('{app="x"} |= "error"')}`],
    ['an empty panel', 'https://p/graph?g0.expr=&g0.tab=1'],
    ['half an escape', 'https://p/graph?g0.expr=%E0%A4%A'],
    ['far too much', `https://p/graph?g0.expr=${'('.repeat(20_000)}`],
    ['JSON that is none', 'https://g/explore?left=%7B%22queries'],
  ])('there is none in %s', (_what, address) => {
    expect(expressionOf(address)).toBeNull();
  });

  it('vmalert numbers the group of the rule', () => {
    expect(groupIdOf('/vmalert/alert?group_id=12&alert_id=34')).toBe('12');
    expect(groupIdOf('https://p/graph?g0.expr=up')).toBeNull();
  });

  const fixtures = process.env['EDGEWISE_FIXTURES'];
  const shapes: readonly { source: string; generatorURL: string; expected_expr: string | null }[] =
    fixtures === undefined ? [] : JSON.parse(readFileSync(`${fixtures}/alerts/generator_urls.json`, 'utf8'));
  it.skipIf(fixtures === undefined).each(shapes.filter(({ source }) => !source.startsWith('hostile')))(
    'as seen in the wild: $source',
    ({ generatorURL, expected_expr }) => {
      expect(expressionOf(generatorURL)).toBe(expected_expr);
    },
  );
});
