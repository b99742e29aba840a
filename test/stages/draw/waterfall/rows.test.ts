import { describe, expect, it } from 'vitest';
import type { Trace, TraceAnalysis } from '../../../../src/domain/trace.ts';
import { waterfallRows } from '../../../../src/stages/draw/waterfall/rows.ts';
import { treeOf } from '../../../../src/stages/draw/waterfall/tree.ts';
import { analysed, hop, type Plan } from '../../../support/waterfall.ts';
import {
  deep,
  failing,
  hostile,
  idleGap,
  manyQueries,
  oneSpan,
  onTheWay,
  retries,
  slowDatabase,
} from '../../../support/waterfall-traces.ts';

const rowsOf = ({ trace, analysis }: { readonly trace: Trace; readonly analysis: TraceAnalysis }) => {
  const tree = treeOf(trace, analysis);
  return waterfallRows(tree, analysis.culprit?.spans ?? []);
};
const textsOf = (sample: Parameters<typeof rowsOf>[0]): readonly string[] =>
  rowsOf(sample).rows.map(({ text, depth }) => `${'  '.repeat(depth)}${text}`);

const root = (below: readonly Plan[], took = 1000): Plan => ({
  service: 'a',
  operation: 'GET /',
  kind: 'server',
  at: 0,
  took,
  below,
});
const call = (service: string, operation: string, at: number, took: number, rest: Partial<Plan> = {}): Plan => ({
  service,
  operation,
  at,
  took,
  ...rest,
});

describe('rows of a waterfall', () => {
  it('begin with the caller of the focus, with the way to it, and leave out its other calls', () => {
    expect(textsOf(slowDatabase())).toEqual([
      'istio-ingressgateway › productpage GET /productpage 4.3 s',
      '  reviews GET /reviews/0 4.23 s',
      '    ratings GET /ratings/0 3.67 s',
      '      → mongodb mongodb.find ratings 3.65 s',
    ]);
    expect(rowsOf(slowDatabase())).toMatchObject({ folded: 0, outside: 3 });
  });

  it('begin with the focus where nobody called it', () => {
    expect(rowsOf(oneSpan()).rows.map(({ kind, parent, depth }) => [kind, parent, depth])).toEqual([['call', null, 0]]);
  });

  it('tell both halves of a call through two proxies as one: the caller around the callee', () => {
    const [, row] = rowsOf(slowDatabase()).rows;
    expect(row?.spans).toHaveLength(2);
    expect(row?.asked).toEqual([{ fromMicros: 0, toMicros: 4_230_000 }]);
    expect(row?.answered).toEqual([{ fromMicros: 9000, toMicros: 4_221_000 }]);
  });

  it('tell a client span that nobody answers as its caller saw it, under the name of whom it waits for', () => {
    const row = rowsOf(slowDatabase()).rows.at(-1);
    expect(row?.name).toEqual({ service: '→ mongodb', operation: 'mongodb.find ratings' });
    expect(row?.answered).toEqual([]);
    expect(row?.asked).toHaveLength(1);
  });

  it('bundle like calls, and the like calls of those', () => {
    const texts = textsOf(manyQueries());
    expect(texts).toContain('    inventory GET /stock/{sku} ×46 (Σ 1.75 s)');
    expect(texts).toContain('      → postgresql SELECT stock ×46 (Σ 1.33 s)');
    const bundle = rowsOf(manyQueries()).rows.find(({ kind, isCulprit }) => kind === 'like' && isCulprit);
    expect(bundle?.asked).toHaveLength(46);
    expect(bundle?.spans).toHaveLength(46);
  });

  it('do not bundle two, and leave out of a bundle the one that is unlike', () => {
    const two = [call('b', 'x', 10, 20), call('b', 'x', 40, 20)];
    expect(rowsOf(analysed([root(two)])).rows.map(({ kind }) => kind)).toEqual(['call', 'call', 'call']);
    const odd = [call('b', 'x', 10, 20), call('b', 'x', 40, 20), call('b', 'x', 70, 20), call('b', 'x', 100, 500)];
    expect(textsOf(analysed([root(odd)]))).toEqual(['a GET / 1 s', '  b x ×3 (Σ 60 ms)', '  b x 500 ms']);
  });

  it('let the call stand alone in which an error starts, though its like are many', () => {
    const calls = Array.from({ length: 9 }, (_, index) =>
      call('b', 'x', 10 + index * 30, 20, index === 4 ? { isError: true } : {}),
    );
    const rows = rowsOf(analysed([root(calls)])).rows;
    expect(rows.map(({ text }) => text)).toEqual(['a GET / 1 s', 'b x ×8 (Σ 160 ms)', 'b x 20 ms']);
    expect(rows.at(-1)).toMatchObject({ isErrorOrigin: true, errors: 1 });
  });

  it('count what failed in a bundle', () => {
    const calls = Array.from({ length: 5 }, (_, index) =>
      call('b', 'x', 10 + index * 30, 20, index < 2 ? { isError: true } : {}),
    );
    const { rows } = rowsOf(analysed([root(calls)], { errorOrigin: null }));
    expect(rows[1]).toMatchObject({ text: 'b x ×5, 2 failed (Σ 100 ms)', errors: 2 });
  });

  it('number the tries of one call instead of bundling them', () => {
    expect(rowsOf(retries()).rows.map(({ suffix }) => suffix)).toEqual(['', '', 'try 1', 'try 2', 'try 3']);
    const many = Array.from({ length: 8 }, (_, index) => call('b', 'x', index * 100, 90, { kind: 'server' }));
    const asked = analysed([{ ...root(many), kind: 'client' }], { attempts: 8 });
    expect(rowsOf(asked).rows.map(({ suffix }) => suffix)).toEqual(['', '×8']);
  });

  it('say what the rest was: spans, services, the longest, the failed', () => {
    const short = Array.from({ length: 30 }, (_, index) =>
      call(`s${index % 3}`, `op ${index}`, 10 + index, 0.4, index === 29 ? {} : {}),
    );
    const long = Array.from({ length: 20 }, (_, index) => call('b', `work ${index}`, 50 + index * 40, 35));
    const { rows, folded } = rowsOf(analysed([root([...short, ...long])]));
    expect(rows.at(-1)).toMatchObject({ kind: 'rest', text: '… 30 spans in 3 services (max 400 µs)' });
    expect(folded).toBe(30);
    const failed = Array.from({ length: 60 }, (_, index) => call('c', `op ${index}`, 10 + index, 0.4, { isError: true }));
    const last = rowsOf(analysed([root(failed)], { errorOrigin: null })).rows.at(-1);
    expect(last?.text).toMatch(/^… 30 spans in 1 service \(max 400 µs, 30 errors\)$/);
  });

  it('show what is short only while there are few rows, and what is long up to the budget', () => {
    const beside = (took: number) =>
      Array.from({ length: 90 }, (_, index) => call('b', `op ${index}`, 5 + index * 3, took, { isAsync: true }));
    expect(rowsOf(analysed([root(beside(2))])).rows).toHaveLength(12);
    expect(rowsOf(analysed([root(beside(300))])).rows).toHaveLength(32);
  });

  it('show each hundredth of the critical path, within forty rows', () => {
    const calls = (count: number) => Array.from({ length: count }, (_, index) => call('b', `op ${index}`, 5 + index * 11, 10.5));
    expect(rowsOf(analysed([root(calls(36))])).rows).toHaveLength(37);
    expect(rowsOf(analysed([root(calls(90))])).rows).toHaveLength(40);
  });

  it('hold the whole critical path: what is hidden is underlined where it hides', () => {
    for (const sample of [manyQueries(), deep(), slowDatabase(), retries(), failing(), onTheWay(), hostile(), idleGap()]) {
      const { rows, wholeMicros, shownMicros } = rowsOf(sample);
      const all = rows.flatMap(({ path }) => path).reduce((sum, { fromMicros, toMicros }) => sum + toMicros - fromMicros, 0);
      expect(all).toBe(wholeMicros);
      expect(shownMicros).toBeLessThanOrEqual(wholeMicros);
    }
  });

  it('shorten the middle of a way that is too deep, and show both its ends', () => {
    const { rows } = rowsOf(deep());
    const way = rows.findIndex(({ kind }) => kind === 'way');
    expect(rows[way]?.text).toBe('… 51 calls in 10 services 1.01 s');
    expect(rows[way - 1]?.text).toBe('layer-1 handle 5 1.01 s');
    expect(rows.find(({ isCulprit }) => isCulprit)?.text).toBe('→ mainframe CICS TX42 900 ms');
    expect(rows.length).toBeLessThanOrEqual(40);
  });

  it('say how long a call goes on that nobody waits for', () => {
    const row = rowsOf(idleGap()).rows.find(({ name }) => name.service === 'mailer');
    expect(row?.lateMicros).toBe(664_000);
    expect(rowsOf(idleGap()).rows.filter(({ lateMicros }) => lateMicros > 0)).toHaveLength(1);
  });

  it('never give a row to what runs only when the focus has ended, unless something starts there', () => {
    const after = Array.from({ length: 6 }, (_, index) => call('b', `op ${index}`, 1200 + index * 20, 15, { isAsync: true }));
    expect(textsOf(analysed([root(after)]))).toEqual(['a GET / 1 s', '  … 6 spans in 1 service (max 15 ms)']);
  });

  it('find the culprit by its way where two ways end in the same call', () => {
    const query = (at: number, took: number) => call('db', 'SELECT', at, took);
    const sample = analysed([
      root([call('b', 'x', 0, 420, { below: [query(10, 400)] }), call('c', 'y', 430, 560, { below: [query(440, 540)] })]),
    ]);
    const marked = rowsOf(sample).rows.filter(({ isCulprit }) => isCulprit);
    expect(marked.map(({ text, parent }) => [text, parent])).toEqual([['db SELECT 540 ms', 3]]);
  });

  it('leave a namespace out that all services share, and keep it where two would be one', () => {
    const pair = (names: readonly string[]) =>
      rowsOf(analysed([root(names.map((name, index) => call(name, 'x', index * 100, 90)))])).rows.map(({ name }) => name.service);
    expect(pair(['b.shop', 'c.shop', 'ingress'])).toEqual(['a', 'b', 'c', 'ingress']);
    expect(pair(['b.shop', 'c.shop', 'b'])).toEqual(['a', 'b.shop', 'c.shop', 'b']);
  });

  it('name a call by its request where a proxy named it by its route', () => {
    const attributes = { 'http.method': 'GET', 'http.url': 'http://reviews:9080/reviews/0?user=x' };
    const routed = hop('a', 'reviews', 'reviews.shop.svc.cluster.local:9080/*', 10, 100, 1, { attributes });
    expect(rowsOf(analysed([root([routed])])).rows[1]?.name).toEqual({ service: 'reviews', operation: 'GET /reviews/0' });
  });
});
