import { describe, expect, it } from 'vitest';
import { labelsOf } from '../../../src/domain/alert.ts';
import { parsePromql } from '../../../src/domain/promql/tree.ts';
import { planRule } from '../../../src/stages/locate/plan.ts';
import { shapeOf } from '../../../src/stages/locate/shape.ts';

const planOf = (expression: string, labels: Readonly<Record<string, string>> = {}) => {
  const shape = shapeOf(expression);
  return shape === null ? [] : planRule(shape, labelsOf(Object.entries(labels)), null, { startsAtMs: 0, atMs: 60_000 }, shapeOf);
};

describe('an expression that no person writes', () => {
  const counted = 'istio_requests_total';
  it.each([
    ['a thousand sums', counted + ' + a'.repeat(1000)],
    ['many sides of or', counted + ' or a'.repeat(300)],
    ['many conditions', counted + ' and a'.repeat(300)],
    ['many exceptions', counted + ' unless a'.repeat(300)],
  ])('is not run: %s', (_what, expression) => {
    expect(planOf(expression)).toEqual([]);
  });
  it.each([
    ['brackets', '('.repeat(500) + counted + ')'.repeat(500)],
    ['sums of sums', 'sum('.repeat(200) + counted + ')'.repeat(200)],
    ['thresholds of thresholds', counted + ' > 1'.repeat(500)],
    ['matchers', `${counted}{${'code="5",'.repeat(500)}}`],
  ])('is read without a fault, and what is asked is PromQL: %s', (_what, expression) => {
    for (const { query } of planOf(expression))
      expect(parsePromql(query.promql).isValid || query.promql.length > 16_384).toBe(true);
  });
});

describe('what an alert says of itself', () => {
  it.each(['a"} or vector(1) #', 'a\\', '`', '\n', '{{ $value }}', '"+on()+"', '5.."}[1m]))'])(
    'can only be a value: %j',
    (value) => {
      const expression =
        'sum by (destination_service_name) (rate(istio_requests_total{response_code=~"5.."}[5m])) > 5 and on () count(up) > 1';
      const plans = planOf(expression, { destination_service_name: value });
      expect(plans.length).toBeGreaterThan(0);
      for (const { query } of plans) {
        const { isValid } = parsePromql(query.promql);
        const picked = shapeOf(query.promql)?.selectors.flatMap(({ matchers }) =>
          matchers.filter(({ label }) => label === 'destination_service_name'),
        );
        expect([isValid, new Set(picked?.map((matcher) => matcher.value))]).toEqual([true, new Set([value])]);
      }
    },
  );
});
