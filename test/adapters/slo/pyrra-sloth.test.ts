import { describe, expect, it } from 'vitest';
import { istio } from '../../../src/dialects/istio.ts';
import { windowMark } from '../../../src/domain/slo.ts';
import { countedOf } from '../../../src/stages/budget/events.ts';
import { familyOf } from '../../../src/stages/budget/family.ts';
import { readText, refusalsOf } from './read.ts';

const pyrra = (indicator: string, more = 'target: "99", window: 2w'): string =>
  `apiVersion: pyrra.dev/v1alpha1\nkind: ServiceLevelObjective\nmetadata: {name: api}\nspec: {${more}, indicator: ${indicator}}`;
const over = { seconds: 600, agoSeconds: 0 };

describe('objectives of Pyrra', () => {
  it('choose a bucket of whole seconds in both ways that Prometheus prints it', () => {
    const { slos } = readText(pyrra(`{latency: {success: {metric: 'd_bucket{le="1"}'}, total: {metric: d_count}}}`));
    expect(slos).toMatchObject([{ sli: { counted: `sum(rate(d_bucket{le=~"1(\\\\.0)?"}[${windowMark}]))` } }]);
  });

  it('of a native histogram ask for the part below the latency', () => {
    const { slos } = readText(pyrra('{latencyNative: {latency: 200ms, total: {metric: d}}}'));
    const rates = `sum(rate(d[${windowMark}]))`;
    expect(slos).toMatchObject([
      {
        sli: { counted: `histogram_fraction(0, 0.2, ${rates}) * histogram_count(${rates})`, total: `histogram_count(${rates})` },
      },
    ]);
  });

  it('of a gauge count its scrapes, which no second multiplies', () => {
    const [slo] = readText(pyrra('{bool_gauge: {metric: probe_success}}')).slos;
    if (slo === undefined) throw new Error('not understood');
    expect(slo.sli).toMatchObject({ per: 'window' });
    const parts = familyOf(slo, istio, [])?.parts ?? [];
    expect(parts.map(({ part, over: ask }) => [part, ask(over)]).slice(0, 2)).toEqual([
      ['all', '(sum(count_over_time(probe_success[600s])))'],
      ['good', '(sum(sum_over_time(probe_success[600s])))'],
    ]);
  });

  it('that count good events have none where there is no series of them', () => {
    const [slo] = readText(pyrra(`{latency: {success: {metric: 'd_bucket{le="1"}'}, total: {metric: d_count}}}`)).slos;
    if (slo === undefined) throw new Error('not understood');
    expect(countedOf(slo, istio, [{ labels: {}, part: 'all', value: 40 }]).events).toEqual({ total: 40, bad: 40 });
  });

  it.each([
    [pyrra('{ratio: {errors: {metric: sum(a)}, total: {metric: b}}}'), 'ratio.errors.metric: "sum(a)", expected a metric'],
    [pyrra('{latency: {success: {metric: a}, total: {metric: b}}}'), 'expected a bucket, chosen by its label le'],
    [pyrra('{}'), 'spec.indicator: missing, expected one of ratio'],
    [pyrra('{bool_gauge: {metric: a}}', 'target: "100", window: 2w'), 'spec.target: "100", expected a percentage'],
    [pyrra('{bool_gauge: {metric: a}}', 'target: "99", window: 36h'), 'spec.window: "36h", expected whole days'],
  ])('are refused by name (%#)', (text, words) => {
    const read = readText(text);
    expect(read.slos).toEqual([]);
    expect(refusalsOf(read).join('\n')).toContain(words);
  });
});

const sloth = (sli: string): string => `version: prometheus/v1\nservice: web\nslos: [{name: all, objective: 99.95, sli: ${sli}}]`;
const events = (bad: string, all: string): string => `{events: {error_query: '${bad}', total_query: '${all}'}}`;

describe('objectives of Sloth', () => {
  it.each(['{{.window}}', '{{ .window }}', '{{- .window -}}'])('have their window as %s', (window) => {
    const { slos } = readText(sloth(events(`sum(rate(b[${window}]))`, `sum(rate(a[${window}]))`)), { slothPeriodDays: 28 });
    expect(slos).toMatchObject([
      {
        name: 'web-all',
        objectivePpm: 999_500,
        window: { kind: 'rolling', days: 28 },
        sli: { kind: 'queries', counted: `sum(rate(b[${windowMark}]))`, per: 'second' },
      },
    ]);
  });

  it('are known by their ratio alone where the queries give different things', () => {
    const { slos, notices } = readText(sloth(events('sum(increase(b[{{.window}}]))', 'sum(rate(a[{{.window}}]))')));
    expect(slos).toMatchObject([{ sli: { kind: 'ratio-query' } }]);
    expect(notices).toHaveLength(1);
  });

  it.each([
    [sloth(events('b', 'a')), 'sli.events.error_query: "b", expected {{.window}} in its range'],
    [sloth(events('sum(rate(b[{{.window}}]', 'a')), 'it does not parse near'],
    [sloth(events('rate(b{c="{{.labels.x}}"}[{{.window}}])', 'a')), 'expected no template in it but {{.window}}'],
    [sloth('{plugin: {id: sloth-common/noop}}'), 'sli.plugin.id: "sloth-common/noop", expected sloth-common/istio'],
    [sloth('{}'), 'sli: missing, expected one of events, raw and plugin'],
  ])('are refused by name (%#)', (text, words) => {
    const read = readText(text);
    expect(read.slos).toEqual([]);
    expect(refusalsOf(read).join('\n')).toContain(words);
  });
});
