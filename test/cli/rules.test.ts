import { afterEach, describe, expect, it } from 'vitest';
import { open } from './doctor-servers.ts';
import { run } from './run.ts';

const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});
const serving = async (groups: readonly object[]): Promise<string> => {
  const { url, close } = await open((_, response) => response.end(JSON.stringify({ status: 'success', data: { groups } })));
  endings.push(close);
  return url;
};
const alerting = (name: string, query: string, labels: Record<string, string> = {}) => ({
  type: 'alerting',
  name,
  query,
  duration: 30,
  labels,
});
const patience = { timeout: 60_000 };

describe('edgewise rules', () => {
  const groups = [
    {
      rules: [
        alerting('PaymentsFailing', 'sum by (destination_service_name)\n  (rate(istio_requests_total[5m])) > 1', {
          severity: 'page',
        }),
        alerting('Recorded', 'mesh:failing:rate5m > 1'),
        { type: 'recording', name: 'mesh:failing:rate5m', query: 'rate(istio_requests_total{response_code="500"}[5m])' },
        alerting('DiskFull', 'node_filesystem_avail_bytes < 1e9'),
        alerting('Watchdog', 'vector(1)', { severity: 'none' }),
      ],
    },
  ];

  it('tells of each rule what its alerts become, with RULES_URL alone', patience, async () => {
    const { status, out, err } = await run(['rules'], { RULES_URL: await serving(groups) });
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out.split('\n')).toEqual([
      'default: 4 alert rules, 2 that name an edge',
      '  PaymentsFailing (page, istio, for 30 s)',
      '      names the worst edge of a workload: the rule is run again, split by edge; the alert names only the callee',
      '      sum by (destination_service_name) (rate(istio_requests_total[5m])) > 1',
      '  Recorded (istio, for 30 s)',
      "      names the edge: edge from the alert's labels",
      '      mesh:failing:rate5m > 1',
      '  DiskFull (for 30 s)',
      '      not about the mesh: the plain card',
      '      node_filesystem_avail_bytes < 1e9',
      '  Watchdog (none, for 30 s)',
      '      a watchdog: feeds the dead-man metric and posts nothing',
      '      vector(1)',
      '',
    ]);
  });

  it('tells the same to programs', patience, async () => {
    const { status, out } = await run(['rules', '--json'], { PROMETHEUS_URL: await serving(groups) });
    expect(status).toBe(0);
    const [{ cluster, rules }] = JSON.parse(out);
    expect(cluster).toBe('default');
    expect(rules[0]).toEqual({
      name: 'PaymentsFailing',
      severity: 'page',
      forSeconds: 30,
      subject: 'workload',
      way: 'expression',
      mesh: 'istio',
      how: 'the rule is run again, split by edge; the alert names only the callee',
      expression: groups[0]?.rules[0]?.query,
    });
  });

  it('says what is missing when neither address is set', patience, async () => {
    const { status, err } = await run(['rules']);
    expect(status).toBe(2);
    expect(err).toContain('PROMETHEUS_URL: is missing');
  });
});
