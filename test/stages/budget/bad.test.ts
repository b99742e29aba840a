import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dialects } from '../../../src/dialects/index.ts';
import { labelOf, labelsOf } from '../../../src/domain/alert.ts';
import type { Matcher } from '../../../src/domain/promql.ts';
import { readRow } from '../../../src/domain/row.ts';
import { badSelections, isBad } from '../../../src/stages/budget/bad.ts';

const holds = (value: string, { op, value: wanted }: Matcher): boolean => {
  const isLike = op === '=' || op === '!=' ? value === wanted : new RegExp(`^(?:${wanted})$`).test(value);
  return op.startsWith('!') ? !isLike : isLike;
};

const flag = fc.constantFrom('UF', 'URX', 'UC', 'UT', 'UPE', 'DC', 'DR', 'DI', 'NR', 'RL', 'UAEX', 'RFCF', 'IH', 'LR', 'XX');
const flags = fc.oneof(
  fc.constantFrom('-', '', 'unknown'),
  fc.array(flag, { minLength: 1, maxLength: 3 }).map((some) => some.join(',')),
);
const code = fc.constantFrom('0', '200', '204', '301', '400', '401', '403', '404', '429', '500', '503', '504');
const grpc = fc.constantFrom('', 'unknown', '0', '1', '2', '4', '5', '7', '8', '12', '13', '14', '15', '16');
const said = fc.constantFrom('', 'success', 'failure');

describe.each(['istio', 'ambient', 'linkerd'] as const)('what is bad, of %s', (mesh) => {
  const dialect = dialects[mesh];
  it.each(['failed', 'failed-and-refused', 'non-2xx'] as const)('is the same to a rule as to our own counting: %s', (what) => {
    const selections = badSelections(what, dialect);
    const seen = { good: 0, bad: 0 };
    fc.assert(
      fc.property(code, grpc, flags, said, (...values) => {
        const names = [dialect.labels.code, dialect.labels.grpcStatus, dialect.labels.flags, dialect.labels.classification];
        const own = names.flatMap((name, index) => (name && values[index] ? [[name, values[index]] as const] : []));
        const labels = labelsOf([...dialect.views.caller.matchers.map(({ label, value }) => [label, value] as const), ...own]);
        const row = readRow(dialect, null, labels);
        if (row === null) throw new Error('no row of this mesh');
        const isSelected = selections.some((matchers) => matchers.every((one) => holds(labelOf(labels, one.label) ?? '', one)));
        expect(isSelected, JSON.stringify(labels)).toBe(isBad(what, row));
        seen[isSelected ? 'bad' : 'good'] += 1;
      }),
      { numRuns: 4000 },
    );
    expect(Math.min(seen.good, seen.bad)).toBeGreaterThan(100);
  });
});
