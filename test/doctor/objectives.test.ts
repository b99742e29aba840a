import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSloFiles } from '../../src/adapters/slo/read-files.ts';
import { istio } from '../../src/dialects/istio.ts';
import { definedFindings, objectivesFindings } from '../../src/doctor/objectives.ts';
import { minuteMs } from '../../src/domain/time.ts';
import type { Sources } from '../../src/sources.ts';
import { engineFor } from '../support/engine.ts';
import { type SeededPrometheus, seededPrometheus } from '../support/seeded-prometheus.ts';
import { seededCounter } from '../support/seeded-slo.ts';

const read = (text: string) => readSloFiles([{ file: 'slos/shop.yaml', text }], { slothPeriodDays: 30, meshOf: () => 'istio' });
const own = (slos: string) => read(`edgewise: slos/v1\ndefaults: {window: 30d}\nslos:\n${slos}`).slos;
const payments = own('  - {name: payments, service: shop/payments, availability: 99.9}');

describe('objectives that are defined', () => {
  it('are told with their files; none is nothing wrong', () => {
    const { slos, refused } = read('edgewise: slos/v1\ndefaults: {window: 30d}\nslos: [{name: a, service: b, availability: 99}]');
    expect(definedFindings({ slos, refused, notices: [] })).toEqual([
      { mark: 'ok', text: 'objectives: 1 defined: 1 in slos/shop.yaml', advice: null },
    ]);
    expect(definedFindings({ slos: [], refused: [], notices: [] })).toMatchObject([
      { mark: 'ok', text: expect.stringContaining('none in SLO_FILES') },
    ]);
  });

  it('of other tools that are left out are told with what is expected, the first few', () => {
    const bad = (name: string) => `{name: ${name}, objective: 99.9, sli: {plugin: {id: other}}}`;
    const names = 'abcdefghijkl'.split('');
    const sloth = read(`version: prometheus/v1\nservice: s\nslos: [${names.map(bad).join(', ')}]`);
    const found = definedFindings(sloth);
    expect(found.map(({ mark }) => mark)).toEqual(['ok', ...Array.from({ length: 9 }, () => 'warning')]);
    expect(found[1]?.text).toBe('objectives: left out: slos/shop.yaml, s-a, sli.plugin.id is "other"');
    expect(found[1]?.advice).toContain('sloth-common/istio/v1/availability');
    expect(found.at(-1)?.text).toBe('objectives: 4 more are left out');
  });
});

const { path, skipped } = await engineFor('prometheus');

describe.skipIf(path === '')(`what a real Prometheus has for objectives${skipped}`, () => {
  let seeded: SeededPrometheus;
  const sourcesOf = (): Sources =>
    ({
      cluster: { name: 'prod', dialect: istio, metrics: seeded.metrics, rules: null, deadlineMs: 10_000 },
    }) as unknown as Sources;
  beforeAll(async () => {
    const minutes = 6 * 1440;
    const fromMs = Math.floor(Date.now() / minuteMs) * minuteMs - minutes * minuteMs;
    const proxy = {
      ...{ reporter: 'destination', source_workload_namespace: 'shop', source_workload: 'checkout', pod: 'a' },
      ...{ destination_service_namespace: 'shop', destination_service_name: 'payments', destination_version: 'v1' },
    };
    const one = (metric: string, labels: Readonly<Record<string, string>>, happened: number) =>
      seededCounter({ metric, labels, happened: () => happened, bornAt: 0 }, { fromMs, minutes });
    const told = { sloth_id: 'cart-availability', sloth_service: 'cart', sloth_slo: 'availability' };
    const said = (name: string, labels: Readonly<Record<string, string>>, value: number) => ({
      labels: { __name__: name, ...told, ...labels },
      samples: Array.from({ length: 10 }, (_, slot) => [fromMs + (minutes - slot) * minuteMs, value] as const).toReversed(),
    });
    seeded = await seededPrometheus(path, [
      one('istio_requests_total', { ...proxy, response_code: '200', response_flags: '-' }, 60),
      one('istio_requests_total', { ...proxy, response_code: '503', response_flags: 'UF' }, 1),
      said('slo:objective:ratio', {}, 0.999),
      said('slo:time_period:days', {}, 30),
      said('sloth_slo_info', { sloth_objective: '99.9' }, 1),
      said('slo:sli_error:ratio_rate5m', { sloth_window: '5m' }, 0.001),
    ]);
  }, 60_000);
  afterAll(() => seeded?.stop());

  it('is counted over a day, with the tool that records others, and how far it goes back', async () => {
    const found = await objectivesFindings(sourcesOf(), payments);
    expect(found).toEqual([
      { mark: 'ok', text: 'Prometheus: objectives that rules record: Sloth 1', advice: null },
      {
        mark: 'ok',
        text: expect.stringMatching(
          /^Prometheus: objective payments is counted: 87,8\d\d events in the last day, 1,4[34]\d bad$/,
        ),
        advice: null,
      },
      {
        mark: 'warning',
        text: 'Prometheus: goes back 5 days, and objective payments is kept over 30 days',
        advice: expect.stringContaining('--storage.tsdb.retention.time'),
      },
    ]);
    const short = own('  - {name: payments, service: shop/payments, availability: 99.9, window: 5d}');
    expect((await objectivesFindings(sourcesOf(), short)).at(-1)).toMatchObject({
      mark: 'ok',
      text: expect.stringContaining('goes back 5 days'),
    });
  }, 60_000);

  it('of a service that is not there is nothing, and of a latency without a bucket a reason', async () => {
    const nobody = own('  - {name: nobody, service: shop/nobody, availability: 99, window: 1d}');
    expect(await objectivesFindings(sourcesOf(), nobody)).toContainEqual(
      expect.objectContaining({ mark: 'warning', text: 'Prometheus: objective nobody: nothing was counted in the last day' }),
    );
    const slow = own('  - {name: slow, service: shop/payments, latency: {objective: 99, below: 250ms}, window: 1d}');
    expect(await objectivesFindings(sourcesOf(), slow)).toContainEqual(
      expect.objectContaining({
        mark: 'warning',
        text: 'Prometheus: objective slow cannot be counted: it has no histogram of it',
      }),
    );
    expect(await objectivesFindings(sourcesOf(), [])).toHaveLength(1);
  }, 60_000);
});
