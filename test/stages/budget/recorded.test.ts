import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { labelsOf, type RecordingRule } from '../../../src/domain/alert.ts';
import { secondsOfPromql } from '../../../src/domain/duration.ts';
import { parsePromql } from '../../../src/domain/promql/tree.ts';
import { ppmOfNumber } from '../../../src/domain/slo/objective.ts';
import { increasedIn } from '../../../src/stages/budget/pyrra-rules.ts';
import { burntIn, groupedName, type Recorded, weighsOf } from '../../../src/stages/budget/recorded.ts';
import { pyrraNow } from '../../../src/stages/budget/recorded-pyrra.ts';
import { planSlothPeriods, slothNow, slothReadings } from '../../../src/stages/budget/recorded-sloth.ts';

const rule = (name: string, expression: string, labels: Readonly<Record<string, string>>): RecordingRule => ({
  name,
  expression,
  labels: labelsOf(Object.entries(labels)),
});
const sample = (name: string, labels: Readonly<Record<string, string>>, value: number): Recorded => ({
  labels: labelsOf(Object.entries({ __name__: name, ...labels })),
  value,
});

const pay = { sloth_id: 'pay', sloth_service: 'pay', sloth_slo: 'availability' };
const ratio = (window: string, value: number) =>
  sample(`slo:sli_error:ratio_rate${window}`, { ...pay, sloth_window: window }, value);
const meta = [
  sample('slo:objective:ratio', pay, 0.9990000000000001),
  sample('slo:time_period:days', pay, 28),
  sample('sloth_slo_info', { ...pay, sloth_objective: '99.9', sloth_version: 'v0.12.0' }, 1),
];
const told = { rules: null, atMs: 1_700_000_000_000, source: 'Prometheus' };
const slots = (part: string, value: number): Recorded => ({
  labels: labelsOf(Object.entries({ ...pay, sloth_window: '5m', edgewise: part })),
  value,
});
const byEvents = [rule('slo:sli_error:ratio_rate4w', 'sum(rate(bad[4w])) / sum(rate(all[4w]))', pay)];
const byTime = [
  rule(
    'slo:sli_error:ratio_rate4w',
    'sum_over_time(slo:sli_error:ratio_rate5m{sloth_id="pay"}[4w]) / count_over_time(x[4w])',
    pay,
  ),
];

describe('What Sloth records', () => {
  it('has its objective as somebody wrote it, and a month of 28 days under the name of four weeks', () => {
    const [now] = slothNow([...meta, ratio('4w', 0.0003), ratio('5m', 0)]);
    expect(now?.objectivePpm).toBe(999_000);
    const [read] = slothReadings(now === undefined ? [] : [now], [slots('slots', 8064)], told);
    expect(read?.reading.whole).toEqual({ ratio: 0.0003, events: null });
    expect(read?.reading.coverage).toBe(1);
    expect(read?.reading.burnt).toEqual(new Map([[300, { ratio: 0, events: null }]]));
  });

  it('is asked again without 0/0 only where its period is NaN', () => {
    expect(planSlothPeriods(slothNow([...meta, ratio('4w', 0.1)]), 0)?.promql).not.toContain('< +Inf');
    expect(planSlothPeriods(slothNow([...meta, ratio('4w', Number.NaN)]), 0)?.promql).toContain('< +Inf');
    expect(planSlothPeriods([], 0)).toBeNull();
  });

  it('is a mean over time without the slots that were 0/0, and says how many these were', () => {
    const known = slothNow([...meta, ratio('4w', Number.NaN), ratio('1h', 0.01)]);
    const periods = [slots('slots', 8064), slots('kept', 8000), slots('sum', 40)];
    const [read] = slothReadings(known, periods, { ...told, rules: byTime });
    expect(read?.reading.whole?.ratio).toBe(0.005);
    expect(read?.reading.dropped).toEqual({ slots: 64, of: 8064 });
    expect(read?.reading.method).toEqual({ kind: 'recorded', by: 'Sloth', weighs: 'time' });
  });

  it('had no events at all where a period by events is 0/0: no mean over time takes its place', () => {
    const known = slothNow([...meta, ratio('4w', Number.NaN)]);
    const periods = [slots('slots', 8064), slots('kept', 8000), slots('sum', 40)];
    const [read] = slothReadings(known, periods, { ...told, rules: byEvents });
    expect(read?.reading.whole).toBeNull();
    expect(read?.reading.dropped).toBeUndefined();
    expect(read?.reading.method).toEqual({ kind: 'recorded', by: 'Sloth', weighs: 'events' });
  });
});

describe('The text of a rule', () => {
  it('says what weighs in its share, or does not', () => {
    expect(weighsOf('sum(rate(bad[30d])) / sum(rate(all[30d]))')).toBe('events');
    expect(weighsOf('1 - avg_over_time(up[30d])')).toBe('time');
    expect(weighsOf('some:share')).toBe('not-known');
  });

  it('names durations as Prometheus writes them', () => {
    expect(['4w', '1h30m', '3d', '5m', '30d', 'x', ''].map(secondsOfPromql)).toEqual([
      2_419_200,
      5400,
      259_200,
      300,
      2_592_000,
      null,
      null,
    ]);
    expect([0.9990000000000001, 1, 0, Number.NaN].map(ppmOfNumber)).toEqual([999_000, null, null, null]);
  });

  it('is near enough for windows of Pyrra that are not quite an hour, and not for four days', () => {
    const burnt = burntIn(
      new Map(
        [
          [3840, 0.1],
          [4 * 86_400, 0.2],
          [7740, Number.NaN],
        ].map(([a = 0, b = 0]) => [a, b] as const),
      ),
    );
    expect(burnt).toEqual(
      new Map([
        [3600, { ratio: 0.1, events: null }],
        [7200, null],
      ] as const),
    );
  });

  it('tells groups apart in one order', () => {
    expect(
      groupedName(
        'pay',
        labelsOf([
          ['zone', 'a'],
          ['host', 'api'],
        ]),
      ),
    ).toBe('pay (host=api, zone=a)');
  });
});

type Expected = {
  readonly test: string;
  readonly case: string;
  readonly kind: string;
  readonly name: string;
  readonly expr: string | null;
};
type FixtureRule = Expected & { readonly labels: Readonly<Record<string, string>> };
const fixtures = process.env['EDGEWISE_FIXTURES'] ?? '';

describe.skipIf(fixtures === '')("Of the tools' own rules (skipped without EDGEWISE_FIXTURES)", () => {
  const pyrra = (): readonly FixtureRule[] =>
    JSON.parse(readFileSync(join(fixtures, 'slo/pyrra/expected-rules.from-rules_test.json'), 'utf8'));
  const casesOf = (all: readonly FixtureRule[]) => [...new Set(all.map((one) => one.case))];
  const own = (all: readonly FixtureRule[], name: string, isGeneric: (one: FixtureRule) => boolean) => {
    const rules = all.filter((one) => one.case === name);
    const slo = rules[0]?.labels['slo'] ?? '';
    return {
      slo,
      rules: rules
        .filter((one) => one.kind === 'record' && isGeneric(one))
        .map((one) => rule(one.name, one.expr ?? '', one.labels)),
    };
  };
  const isIncrease = (name: string): string | undefined => /:(?:increase|count)(\d+w)$/.exec(name)?.[1];

  it("every objective of Pyrra's is asked for its events in PromQL that is whole, over increases that are recorded", () => {
    const all = pyrra();
    const asked = casesOf(all).flatMap((name) => {
      const { slo, rules } = own(all, name, ({ test }) => test !== 'TestObjective_GrafanaRules');
      const window = rules.map((one) => isIncrease(one.name)).find((one) => one !== undefined);
      const increased = window === undefined ? null : increasedIn(slo, secondsOfPromql(window) ?? 0, rules);
      return increased === null ? [] : [{ name, increased, recorded: new Set(rules.map((one) => one.name)) }];
    });
    expect(asked.length).toBeGreaterThanOrEqual(12);
    for (const { name, increased, recorded } of asked) {
      const text = `${increased.total} + ${increased.bad}`;
      expect(parsePromql(text).isValid, name).toBe(true);
      for (const [, metric = ''] of text.matchAll(/([a-z_]+:(?:increase|count|sum)\d+w)/g))
        expect(recorded, name).toContain(metric);
      expect(text, name).not.toMatch(/\[\d/);
    }
  });

  it('of one selector and one of generic rules the same events are asked for', () => {
    const all = pyrra();
    const normal = (text: string | undefined): string =>
      (text ?? '').replaceAll(/\{([^}]*)\}/g, (_, inside: string) => `{${inside.split(',').sort().join(',')}}`);
    const both = casesOf(all).flatMap((name) => {
      const plain = own(all, name, ({ test }) => test !== 'TestObjective_GrafanaRules');
      const generic = own(all, name, ({ test }) => test === 'TestObjective_GrafanaRules');
      const window = plain.rules.map((one) => isIncrease(one.name)).find((one) => one !== undefined);
      const seconds = secondsOfPromql(window ?? '') ?? 0;
      const [a, b] = [increasedIn(plain.slo, seconds, plain.rules), increasedIn(plain.slo, seconds, generic.rules)];
      return a === null || b === null ? [] : [{ name, a: normal(a.total), b: normal(b.total) }];
    });
    expect(both.length).toBeGreaterThanOrEqual(5);
    for (const { name, a, b } of both) expect(a, name).toBe(b);
  });

  it('less accuracy is said, and none is invented where no rule is there', () => {
    const all = pyrra();
    const now = (name: string, hasRules: boolean) => {
      const { slo, rules } = own(all, name, () => true);
      const samples = [sample('pyrra_objective', { slo }, 0.99), sample('pyrra_window', { slo }, 2_419_200)];
      return pyrraNow(samples, hasRules ? rules : null, null)[0]?.weighs;
    };
    expect(now('http-ratio', true)).toBe('events');
    expect(now('http-ratio-less-accuracy', true)).toBe('nearly-events');
    expect(now('http-ratio', false)).toBe('not-known');
  });

  type Group = {
    readonly rules: readonly { readonly record?: string; readonly expr: string; readonly labels: Record<string, string> }[];
  };
  const slothRules = (file: string): readonly RecordingRule[] =>
    parseAllDocuments(readFileSync(join(fixtures, 'slo/sloth/expected', file), 'utf8'))
      .map((document) => document.toJS() as { groups?: readonly Group[]; spec?: { groups?: readonly Group[] } } | null)
      .flatMap((document) => document?.groups ?? document?.spec?.groups ?? [])
      .flatMap(({ rules }) => rules.flatMap((one) => (one.record === undefined ? [] : [rule(one.record, one.expr, one.labels)])));
  /** What these rules record: constants of their own text, and a share of one in a thousand. */
  const recordedBy = (rules: readonly RecordingRule[]): readonly Recorded[] =>
    rules.map(({ name, expression, labels }) =>
      sample(name, labels, Number(/^vector\(([\d.]+)\)$/.exec(expression.trim())?.[1] ?? '0.001')),
    );

  it.each(fixtures === '' ? [] : readdirSync(join(fixtures, 'slo/sloth/expected')))("Sloth's %s are read whole", (file) => {
    const rules = slothRules(file);
    const known = slothNow(recordedBy(rules));
    expect(known.map(({ id }) => id).sort()).toEqual([...new Set(rules.map(({ labels }) => labels['sloth_id']))].sort());
    for (const { reading } of slothReadings(known, [], { ...told, rules })) {
      expect(reading.slo.objectivePpm % 100).toBe(0);
      expect(reading.whole?.ratio).toBe(0.001);
      expect(reading.burnt.size).toBe(7);
      const weighs = file.includes('denominator') ? 'nearly-events' : 'time';
      expect(reading.method).toEqual({ kind: 'recorded', by: 'Sloth', weighs });
    }
  });
});
