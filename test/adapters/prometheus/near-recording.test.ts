import { describe, expect, it } from 'vitest';
import type { Exchange, Question } from '../../../src/adapters/http/recording.ts';
import { nearestAnswer } from '../../../src/adapters/prometheus/near-recording.ts';
import { partsOf, tagged, tagOf, union } from '../../../src/domain/promql/union.ts';

const asked = (promql: string, time = '100.000'): Question => ({
  source: 'Prometheus',
  method: 'POST',
  path: 'api/v1/query',
  query: [],
  form: [
    ['query', promql],
    ['time', time],
  ],
});

const counts = 'sum by (a) (increase(m{b="x or y"}[60s]))';
const first = tagged('one', 'sum(first)');
const second = tagged('two "quoted"', 'sum(second{c=~"(a|b) or c"})');
const third = tagged('three', '(sum(third) or vector(0))');

const recorded = (promql: string, result: readonly object[]): Exchange => ({
  ...asked(promql),
  status: 200,
  body: JSON.stringify({ status: 'success', data: { resultType: 'vector', result } }),
});
const row = (metric: object) => ({ metric, value: [100, '1'] });
const old = recorded(union([counts, first, second]) ?? '', [
  row({ a: 'x' }),
  row({ edgewise: 'one' }),
  row({ edgewise: 'two "quoted"' }),
]);

const rowsOf = (exchange: Exchange | null): unknown =>
  exchange !== null && 'body' in exchange
    ? (JSON.parse(exchange.body) as { data: { result: { metric: object }[] } }).data.result.map(({ metric }) => metric)
    : null;

describe('a joined question', () => {
  it('falls into the parts it was made of, whatever stands in brackets and strings', () => {
    expect(partsOf(union([counts, first, second, third]) ?? '')).toEqual([counts, first, second, third]);
    expect([counts, first, second, third].map(tagOf)).toEqual([null, 'one', 'two "quoted"', 'three']);
  });
});

describe('an older recording', () => {
  it('answers the parts that were asked then, and is silent about those that are new', () => {
    expect(rowsOf(nearestAnswer(asked(union([counts, second, third]) ?? ''), [old]))).toEqual([
      { a: 'x' },
      { edgewise: 'two "quoted"' },
    ]);
  });

  it('does not answer another moment, nor a question whose rows nobody can tell apart', () => {
    expect(nearestAnswer(asked(union([counts, first]) ?? '', '160.000'), [old])).toBeNull();
    expect(nearestAnswer(asked(union([counts.replace('60s', '90s'), first]) ?? ''), [old])).toBeNull();
    expect(nearestAnswer(asked(first), [old])).toBeNull();
    expect(nearestAnswer(asked(third), [recorded(first, [])])).toBeNull();
  });

  it('does not give the rows of a part that is asked no more to another one with its tag', () => {
    const [kept, gone, added] = ['a', 'b', 'c'].map((name) => tagged('same', `sum(${name})`)) as [string, string, string];
    const both = recorded(union([first, kept, gone]) ?? '', [row({ edgewise: 'one' }), row({ edgewise: 'same' })]);
    expect(rowsOf(nearestAnswer(asked(union([first, kept, added]) ?? ''), [both]))).toEqual([{ edgewise: 'one' }]);
  });

  it('reads a literal to its end, whatever is escaped in it: whom a part is about stands behind', () => {
    const about = (name: string): string => tagged('pods', `sum(up{a="x\\n",pod="${name}"})`);
    const both = recorded(union([first, about('cart')]) ?? '', [row({ edgewise: 'one' }), row({ edgewise: 'pods' })]);
    expect(rowsOf(nearestAnswer(asked(union([first, about('bank')]) ?? ''), [both]))).toEqual([{ edgewise: 'one' }]);
  });

  it('of a question with very many parts answers those that can be told apart', () => {
    const many = Array.from({ length: 100_000 }, (_, index) => tagged('same', `sum(m${index})`));
    const large = recorded([first, ...many].join(' or '), [row({ edgewise: 'one' }), row({ edgewise: 'same' })]);
    expect(rowsOf(nearestAnswer(asked(union([first, second]) ?? ''), [large]))).toEqual([{ edgewise: 'one' }]);
  });

  it('does not answer another question that stands in the address', () => {
    const get = (label: string): Exchange => ({
      ...recorded('', []),
      method: 'GET',
      path: 'api/v1/series',
      query: [['match[]', label]],
      form: [],
    });
    expect(nearestAnswer(get('up'), [get('down')])).toBeNull();
  });
});
