import { parser } from '@prometheus-io/lezer-promql';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { duration, equals, oneOf, quote, quoteRegex, selector, sumBy } from '../../src/domain/promql.ts';

/** The kinds of the nodes of an expression, in order. */
const shapeOf = (promql: string): readonly string[] => {
  const names: string[] = [];
  parser.parse(promql).iterate({ enter: ({ name }) => void names.push(name) });
  return names;
};
const anything = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom('"} or up{a="', '\\', '"', '`', '\n', "'", '\u2028', '\ud800', '}) by (x', '# comment'),
);

describe('PromQL from values that came from outside', () => {
  it('has the same shape whatever the value', () => {
    const plain = shapeOf(selector('up', [equals('a', 'x'), equals('b', 'x')]));
    fc.assert(
      fc.property(anything, anything, (a, b) => {
        expect(shapeOf(selector('up', [equals('a', a), equals('b', b)]))).toEqual(plain);
      }),
      { numRuns: 2000 },
    );
  });

  it('has the same shape whatever the label and the metric are called', () => {
    const quoted = shapeOf('{"a b","c d"="x"}');
    fc.assert(
      fc.property(anything, anything, (metric, label) => {
        const shape = shapeOf(selector(`${metric} `, [equals(`${label} `, 'x')]));
        expect(shape).toEqual(quoted);
      }),
      { numRuns: 1000 },
    );
  });

  it('matches several values literally', () => {
    expect(oneOf('host', ['a.b', 'c|d']).value).toBe('a\\.b|c\\|d');
    expect(oneOf('host', ['a.b'])).toEqual(equals('host', 'a.b'));
    fc.assert(fc.property(anything, (value) => new RegExp(`^(?:${quoteRegex(value)})$`).test(value)));
  });

  it('writes what Prometheus reads', () => {
    expect(quote('a"b\\c\n')).toBe('"a\\"b\\\\c\\n"');
    expect([duration(300), duration(0.2)]).toEqual(['300s', '1s']);
    expect(sumBy(['a', 'b.c'], 'up')).toBe('sum by (a,"b.c") (up)');
  });
});
