import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { labelsOf } from '../src/domain/alert.ts';
import { parsePromql, selectorsOf } from '../src/domain/promql/tree.ts';
import type { RuleFile } from '../src/domain/slo/rule-file.ts';
import { type Sli, type Slo, windowMark } from '../src/domain/slo.ts';
import { endsOf } from '../src/stages/locate/labels.ts';
import { availability, fromCheckout, rulesOf, sloOf, textOf } from './support/burn-rules.ts';
import { engineFor } from './support/engine.ts';
import { hostile } from './support/hostile.ts';

const promtool = await engineFor('promtool');

const queries = (counts: 'bad' | 'good'): Sli => ({
  kind: 'queries',
  counts,
  counted: `sum(rate(http_requests_total{code${counts === 'bad' ? '=~' : '!~'}"5.."}[${windowMark}]))`,
  total: `sum(rate(http_requests_total[${windowMark}]))`,
  per: 'second',
});
const named: Slo['about'] = { kind: 'named', service: 'api' };

/** A counter by what happened in each minute; none before the first event. */
const counter = (minutes: number, happened: (minute: number) => number): string => {
  let [value, isBorn] = [0, false];
  return Array.from({ length: minutes + 1 }, (_, minute) => {
    const more = happened(minute);
    isBorn ||= more > 0;
    value += more;
    return isBorn ? String(value) : '_';
  }).join(' ');
};

const requests = (labels: Readonly<Record<string, string>>, values: string) => ({
  series: `istio_requests_total{${Object.entries({
    reporter: 'destination',
    source_workload: 'checkout',
    source_workload_namespace: 'shop',
    destination_service_name: 'payments',
    destination_service_namespace: 'shop',
    response_code: '200',
    response_flags: '-',
    pod: 'payments-1',
    ...labels,
  })
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join()}}`,
  values,
});

describe.skipIf(promtool.path === '')(
  `rules of objectives, by the real promtool${promtool.skipped}`,
  { timeout: 120_000 },
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'edgewise-burn-'));
    afterAll(() => rmSync(folder, { recursive: true, force: true }));
    const run = (...words: string[]) => {
      const { status, stdout, stderr } = spawnSync(promtool.path, words, { encoding: 'utf8' });
      return { status, output: `${stdout}${stderr}` };
    };
    const written = (name: string, text: string): string => {
      const path = join(folder, name);
      writeFileSync(path, text);
      return path;
    };

    /** Severities that fire at these minutes, and what expressions give. */
    const sees = (
      slo: Slo,
      series: readonly object[],
      firing: Readonly<Record<number, readonly string[]>>,
      values: Readonly<Record<string, readonly [number, number | null]>> = {},
    ) => {
      const test = {
        rule_files: [written('rules.yaml', textOf(rulesOf([slo])))],
        evaluation_interval: '1m',
        tests: [
          {
            interval: '1m',
            input_series: series,
            promql_expr_test: [
              ...Object.entries(firing).map(([minute, severities]) => ({
                expr: 'count by (severity) (ALERTS{alertname="EdgewiseSloBurn",alertstate="firing"})',
                eval_time: `${minute}m`,
                exp_samples: severities.map((severity) => ({ labels: `{severity="${severity}"}`, value: 1 })),
              })),
              ...Object.entries(values).map(([expr, [minute, value]]) => ({
                expr: `sum(${expr})`,
                eval_time: `${minute}m`,
                exp_samples: value === null ? [] : [{ labels: '{}', value }],
              })),
            ],
          },
        ],
      };
      expect(run('test', 'rules', written('test.yaml', stringify(test)))).toMatchObject({
        status: 0,
        output: expect.any(String),
      });
    };

    it.each(['istio', 'ambient', 'linkerd'] as const)('are taken for every kind of objective that can be had, of %s', (mesh) => {
      const latency = (offEdge: 'refuse' | 'pessimistic'): Sli => ({
        kind: 'latency',
        thresholdSeconds: 0.3,
        offEdge,
        reporter: 'source',
      });
      const file = rulesOf(
        [
          sloOf('service'),
          sloOf('refused', { sli: { ...availability, bad: 'failed-and-refused' }, owner: 'it\'s "ours": {{ $labels }}' }),
          sloOf('non-2xx', { sli: { ...availability, bad: 'non-2xx', reporter: 'source' }, about: fromCheckout }),
          sloOf('edge', { about: fromCheckout }),
          sloOf('slow', { sli: latency('refuse'), window: { kind: 'calendar', unit: 'month', zone: 'Europe/Berlin' } }),
          sloOf('slow-edge', { sli: latency('pessimistic'), about: fromCheckout }),
          sloOf('bad-of-all', { sli: queries('bad'), about: named }),
          sloOf('good-of-all', { sli: queries('good'), about: named }),
          sloOf('share', { sli: { kind: 'ratio-query', errorRatio: 'avg(1 - up)' }, about: named }),
          sloOf('share-of', { sli: { kind: 'ratio-query', errorRatio: `1 - avg_over_time(up[${windowMark}])` }, about: named }),
        ],
        mesh,
      );
      expect(file.refused).toEqual([]);
      expect(file.groups).toHaveLength(10);
      expect(run('check', 'rules', written(`${mesh}.yaml`, textOf(file)))).toMatchObject({ status: 0 });
    });

    it('page at a fast burn of a status that nobody had answered before, and stop paging soon after it', () => {
      const [from, to] = [360, 410];
      sees(
        sloOf('payments'),
        [
          requests(
            {},
            counter(440, () => 100),
          ),
          requests(
            { response_code: '503' },
            counter(440, (minute) => (minute > from && minute <= to ? 2 : 0)),
          ),
        ],
        { [from]: [], [from + 5]: [], [to - 1]: ['page', 'warning'], [to + 8]: ['warning'] },
        // The first of them is counted, though its series was not there before.
        { 'edgewise_slo:bad_events:last5m': [from + 1, 2] },
      );
    });

    it('page within three minutes of a total outage', () => {
      const isDown = (minute: number): boolean => minute > 360;
      sees(
        sloOf('payments'),
        [
          requests(
            {},
            counter(365, (minute) => (isDown(minute) ? 0 : 100)),
          ),
          requests(
            { response_code: '503' },
            counter(365, (minute) => (isDown(minute) ? 100 : 0)),
          ),
        ],
        { 360: [], 361: [], 363: ['page', 'warning'] },
      );
    });

    it('warn of a slow burn, and page nobody', () => {
      sees(
        sloOf('payments'),
        [
          requests(
            {},
            counter(150, () => 199),
          ),
          requests(
            { response_flags: 'UPE' },
            counter(150, () => 1),
          ),
        ],
        { 150: ['warning'] },
      );
    });

    it('are silent where nothing has ever failed, and know that it did not', () => {
      sees(
        sloOf('payments'),
        [
          requests(
            {},
            counter(90, () => 10),
          ),
          requests(
            { response_code: '404' },
            counter(90, () => 5),
          ),
        ],
        { 90: [] },
        { 'edgewise_slo:error_ratio:last1h': [90, 0], 'edgewise_slo:bad_events:last5m': [90, 0] },
      );
    });

    it('are silent at one bad request of ten in an hour, though that burns a hundredfold', () => {
      const every = (each: number, at: number) => counter(480, (minute) => Number(minute % each === at));
      sees(
        sloOf('payments'),
        [requests({}, every(6, 3)), requests({ response_code: '500' }, every(60, 30))],
        Object.fromEntries([33, 93, 240, 333, 452].map((minute) => [minute, []])),
      );
    });

    it('are not poisoned by quiet hours: these record nothing, and the burn after them is seen', () => {
      const isAwake = (minute: number): boolean => minute <= 60 || minute > 300;
      sees(
        sloOf('payments'),
        [
          requests(
            {},
            counter(345, (minute) => (isAwake(minute) ? 100 : 0)),
          ),
          requests(
            { response_code: '503' },
            counter(345, (minute) => (minute > 310 ? 20 : 0)),
          ),
        ],
        { 200: [], 290: [], 340: ['page', 'warning'] },
        {
          'edgewise_slo:error_ratio:last30m': [200, null],
          'edgewise_slo:error_ratio:last6h': [200, 0],
          'edgewise_slo:events:last5m': [200, 0],
        },
      );
    });

    it('count one edge by its own callers alone', () => {
      const failing = (workload: string) => [
        requests(
          { reporter: 'source', source_workload: workload, pod: workload },
          counter(60, () => 80),
        ),
        requests(
          { reporter: 'source', source_workload: workload, pod: workload, response_code: '503', response_flags: 'UF' },
          counter(60, () => 20),
        ),
      ];
      const slo = sloOf('edge', { about: fromCheckout, sli: { ...availability, reporter: 'source' } });
      sees(slo, failing('web'), { 60: [] });
      sees(slo, failing('checkout'), { 60: ['page', 'warning'] });
    });

    it('call for what is too slow', () => {
      const of = (metric: string, more: Readonly<Record<string, string>>, each: number) => ({
        ...requests(
          more,
          counter(60, () => each),
        ),
        series: requests(more, '').series.replace('istio_requests_total', `istio_request_duration_milliseconds_${metric}`),
      });
      const slo = sloOf('slow', {
        sli: { kind: 'latency', thresholdSeconds: 0.25, offEdge: 'refuse', reporter: 'destination' },
        objectivePpm: 990_000,
      });
      sees(slo, [of('count', {}, 100), of('bucket', { le: '250' }, 70)], { 60: ['page', 'warning'] });
      sees(slo, [of('count', {}, 100), of('bucket', { le: '250.0' }, 100)], { 60: [] });
      // Without such a bucket nothing is known: that is not all too slow.
      sees(slo, [of('count', {}, 100), of('bucket', { le: '500' }, 100)], { 60: [] });
    });

    it.each(['bad', 'good'] as const)('call by queries that count %s events', (counts) => {
      const http = (code: string, each: number) => ({
        series: `http_requests_total{code="${code}"}`,
        values: counter(60, () => each),
      });
      const slo = sloOf('api', { about: named, sli: queries(counts) });
      sees(slo, [http('200', 90), http('500', 10)], { 60: ['page', 'warning'] });
      sees(slo, [http('200', 90)], { 60: [] }, { 'edgewise_slo:error_ratio:last5m': [60, 0] });
      sees(slo, [http('500', 10)], { 60: ['page', 'warning'] }, { 'edgewise_slo:error_ratio:last5m': [60, 1] });
    });

    it('call by a ratio alone, whatever it is of', () => {
      const up = (values: string) => ({ series: 'up{instance="a"}', values });
      const slo = sloOf('up', { about: named, sli: { kind: 'ratio-query', errorRatio: 'avg(1 - up)' } });
      sees(slo, [up('1x30 0x30')], { 25: [], 60: ['page', 'warning'] });
    });
  },
);

describe('rules of objectives', { timeout: 60_000 }, () => {
  it('name what they cannot be made for, and why', () => {
    const file = rulesOf([
      sloOf('recorded', { sli: { kind: 'recorded' }, about: named }),
      sloOf('loose', { objectivePpm: 100_000, window: { kind: 'rolling', days: 90 } }),
      sloOf('hostile', { sli: { ...(queries('bad') as object), total: 'a{b="\u2028"}' } as Sli, about: named }),
      sloOf('below', { sli: { kind: 'latency', thresholdSeconds: 0.0001, offEdge: 'pessimistic', reporter: 'source' } }),
    ]);
    expect(file.groups).toEqual([]);
    const text = textOf(file);
    for (const line of [
      '#   recorded: only rules of another tool know how it is counted',
      '#   hostile: a name or a query of it holds a character that a YAML file cannot',
      '#   below: the mesh has no bucket that ends at',
    ])
      expect(text).toContain(line);
    expect(file.refused.map(({ name }) => name)).toEqual(['recorded', 'loose', 'hostile', 'below']);
  });

  it('keep every text from outside in its place: no YAML, no PromQL and no template is made of it', () => {
    let made = 0;
    fc.assert(
      fc.property(hostile, hostile, hostile, (owner, service, reason) => {
        const about: Slo['about'] = { kind: 'service', callee: { namespace: service, workload: null, service } };
        const file = rulesOf([sloOf('payments', { owner, about })]);
        const text = textOf({ ...file, refused: [{ name: reason, reason }], notices: [{ name: reason, text: reason }] });
        const read = parse(text, { version: '1.1' }) as RuleFile;
        expect(Object.keys(read)).toEqual(['groups']);
        expect(file.groups.length + file.refused.length).toBe(1);
        if (file.groups.length === 0) return;
        made += 1;
        expect(read.groups).toEqual(JSON.parse(JSON.stringify(file.groups)));
        const [alert] = read.groups[0]?.rules.filter((rule) => 'alert' in rule) ?? [];
        if (alert === undefined || !('alert' in alert)) throw new Error('no alert');
        // What is left when texts are taken out of templates is what we wrote.
        const own = (template: string): string => template.replace(/[{]{2} "(?:[^"\\]|\\.)*" [}]{2}/g, '');
        expect(own(alert.labels['team'] ?? '')).not.toMatch(/[{}]/);
        expect(own(alert.annotations['description'] ?? '')).not.toMatch(/[{}]/);
        const total = read.groups[0]?.rules[0]?.expr ?? '';
        const selected = selectorsOf(parsePromql(total, Number.POSITIVE_INFINITY)).map(({ metric, matchers }) => [
          metric,
          matchers.length,
        ]);
        expect(new Set(selected.map(String))).toEqual(new Set(['istio_requests_total,3']));
      }),
      { numRuns: 500 },
    );
    expect(made).toBeGreaterThan(150);
  });

  it.each([
    ['istio', 'source'],
    ['istio', 'destination'],
    ['ambient', 'destination'],
    ['linkerd', 'source'],
    ['linkerd', 'destination'],
  ] as const)('carry the labels by which both ends of an edge are read, of %s at the %s', (mesh, reporter) => {
    const [group] = rulesOf([sloOf('edge', { about: fromCheckout, sli: { ...availability, reporter } })], mesh).groups;
    const labels = group?.rules[0]?.labels ?? {};
    expect(group?.rules.every((rule) => 'alert' in rule || rule.labels === labels)).toBe(true);
    const ends = endsOf(labelsOf(Object.entries(labels)));
    expect(ends).toMatchObject({ source: { workload: 'checkout', namespace: 'shop' }, destination: { namespace: 'shop' } });
    expect(ends?.destination?.service ?? ends?.destination?.workload).toBe('payments');
  });

  it('leave out, and say so, a pair of windows that not even an outage would set off', () => {
    const { groups, notices } = rulesOf([sloOf('loose', { objectivePpm: 900_000 })]);
    expect(notices).toEqual([
      { name: 'loose', text: 'no alert over 1h and 5m: its budget is so large that not even an outage burns it that fast' },
    ]);
    expect(JSON.stringify(groups)).not.toContain('last1h');
  });
});
