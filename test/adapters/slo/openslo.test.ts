import { describe, expect, it } from 'vitest';
import { windowMark } from '../../../src/domain/slo.ts';
import { readText, refusalsOf } from './read.ts';

const source = (query: string, key = 'query'): string => `{metricSource: {type: Prometheus, spec: {${key}: '${query}'}}}`;
const ratio = (good: string, total: string, counter = 'counter: true, '): string =>
  `{metadata: {name: i}, spec: {ratioMetric: {${counter}good: ${source(good)}, total: ${source(total, 'promql')}}}}`;
const slo = (more: { indicator?: string; window?: string; objectives?: string } = {}): string =>
  `apiVersion: openslo/v1
kind: SLO
metadata: {name: search}
spec:
  service: web
  budgetingMethod: Occurrences
  ${more.indicator ?? `indicator: ${ratio('good_total', 'all_total')}`}
  timeWindow: [${more.window ?? '{duration: 4w, isRolling: true}'}]
  objectives: ${more.objectives ?? '[{target: 0.999}]'}
`;
const calendar = (duration: string, start: string): string =>
  `{duration: ${duration}, isRolling: false, calendar: {startTime: ${start}, timeZone: Europe/Berlin}}`;

describe('objectives of OpenSLO', () => {
  it.each([
    ['http_requests_total', `sum(rate(http_requests_total[${windowMark}]))`],
    ['sum(x_total{a="b"}) by (c)', `sum(rate(x_total{a="b"}[${windowMark}])) by (c)`],
    ['sum(a_total - b_total offset 5m)', `sum(rate(a_total[${windowMark}]) - rate(b_total[${windowMark}] offset 5m))`],
    ['{__name__="a_total"}', `sum(rate({__name__="a_total"}[${windowMark}]))`],
  ])('put a rate around each counter of %s', (query, expected) => {
    const { slos } = readText(slo({ indicator: `indicator: ${ratio(query, 'all_total')}` }));
    expect(slos).toMatchObject([{ sli: { kind: 'queries', counts: 'good', counted: expected, per: 'second' } }]);
  });

  it('of what is no counter only the ratio is used', () => {
    const { slos, notices } = readText(slo({ indicator: `indicator: ${ratio('good', 'all', 'counter: false, ')}` }));
    const over = (metric: string): string => `sum(sum_over_time((${metric})[${windowMark}:1m]))`;
    expect(slos).toMatchObject([{ sli: { kind: 'ratio-query', errorRatio: `1 - (${over('good')} / ${over('all')})` } }]);
    expect(notices).toHaveLength(1);
  });

  it('may name an indicator of another document', () => {
    const sli = `---\napiVersion: openslo/v1\nkind: SLI\n${ratio('good_total', 'all_total').slice(1, -1).replace(', spec:', '\nspec:')}`;
    expect(readText(slo({ indicator: 'indicatorRef: i' }) + sli).slos).toHaveLength(1);
    expect(refusalsOf(readText(slo({ indicator: 'indicatorRef: j' }) + sli))).toEqual([
      'search spec.indicatorRef: "j", expected the name of an SLI in these files',
    ]);
  });

  it('are as many as there are targets, as ratio or percentage, number or text', () => {
    const { slos } = readText(slo({ objectives: '[{target: "0.99"}, {targetPercent: 99.95}, {target: 0.9999}]' }));
    expect(slos.map(({ name, objectivePpm }) => [name, objectivePpm])).toEqual([
      ['search-1', 990_000],
      ['search-2', 999_500],
      ['search-3', 999_900],
    ]);
  });

  it.each([
    ['1d', '2026-03-04 00:00:00', 'day'],
    ['1w', '2026-03-02 00:00:00', 'week'],
    ['1M', '2026-03-01', 'month'],
    ['1Q', '2026-04-01 00:00:00', 'quarter'],
    ['1Y', '2026-01-01 00:00:00', 'year'],
  ])('%s from %s is a %s of the calendar', (duration, start, unit) => {
    expect(readText(slo({ window: calendar(duration, start) })).slos).toMatchObject([
      { window: { kind: 'calendar', unit, zone: 'Europe/Berlin' } },
    ]);
  });

  it.each([
    [slo({ window: calendar('1w', '2026-03-01 00:00:00') }), 'expected midnight of a Monday'],
    [slo({ window: calendar('1M', '2026-03-01 12:00:00') }), 'expected midnight of the first of a month'],
    [slo({ window: calendar('1m', '2026-03-01 00:00:00') }), '"1m", expected one day, week, month'],
    [slo({ window: '{duration: 1M, isRolling: true}' }), '"1M", expected whole days or weeks'],
    [slo({ objectives: '[{target: 1}]' }), 'spec.objectives[0].target: "1", expected a ratio above 0'],
    [slo({ objectives: '[{target: 0.9, targetPercent: 90}]' }), 'both target and targetPercent'],
    [slo({ objectives: '[{target: 0.9, indicatorRef: x}]' }), 'expected one indicator for the whole'],
    [slo({ indicator: `indicator: ${ratio('rate(good_total[5m])', 'all_total')}` }), 'true beside a range of its own'],
    [slo({ indicator: `indicator: ${ratio('sum(good_total', 'all_total')}` }), 'it does not parse near'],
    [slo().replaceAll('type: Prometheus', 'type: Datadog'), '"Datadog", expected Prometheus'],
  ])('are refused by name (%#)', (text, words) => {
    const read = readText(text);
    expect(read.slos).toEqual([]);
    expect(refusalsOf(read).join('\n')).toContain(words);
  });
});
