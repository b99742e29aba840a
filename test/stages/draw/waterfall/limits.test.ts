import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { waterfallPicture } from '../../../../src/stages/draw/waterfall/picture.ts';
import { waterfallRows } from '../../../../src/stages/draw/waterfall/rows.ts';
import { chainUp, treeOf } from '../../../../src/stages/draw/waterfall/tree.ts';
import { analysed, type Plan } from '../../../support/waterfall.ts';

/** A span in few words: its parent (taken modulo those before it), when it began, how long it took, what it is. */
type Grain = {
  readonly parent: number;
  readonly at: number;
  readonly took: number;
  readonly name: number;
  readonly kind: 'client' | 'server' | 'internal' | 'producer';
  readonly isError: boolean;
  readonly isAsync: boolean;
};

const grain: fc.Arbitrary<Grain> = fc.record({
  parent: fc.nat({ max: 400 }),
  at: fc.integer({ min: -5, max: 1100 }),
  took: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 1200 })),
  name: fc.nat({ max: 6 }),
  kind: fc.constantFrom('client', 'server', 'internal', 'producer'),
  isError: fc.boolean(),
  isAsync: fc.boolean(),
});

type Grown = { plan: Plan; below: Grown[] };

const planOf = (grains: readonly Grain[], isDeep: boolean): Plan => {
  const root: Grown = { plan: { service: 'root', operation: 'GET /', kind: 'server', at: 0, took: 1000 }, below: [] };
  const all = [root];
  for (const { parent, name, ...rest } of grains) {
    const one: Grown = { plan: { service: `s${name % 4}`, operation: `op ${name}`, ...rest }, below: [] };
    (all[isDeep ? all.length - 1 - (parent % 2) : parent % all.length] ?? root).below.push(one);
    all.push(one);
  }
  // Children before parents, since the newest is never an ancestor.
  const plans = new Map<Grown, Plan>();
  for (const one of all.reverse())
    plans.set(one, { ...one.plan, below: one.below.map((child) => plans.get(child) ?? child.plan) });
  return plans.get(root) ?? root.plan;
};

const sampleOf = (grains: readonly Grain[], isDeep: boolean, focus: number) => {
  const plain = analysed([planOf(grains, isDeep)]);
  const place = focus % plain.trace.spans.length;
  const from = { ...plain.analysis, focus: place };
  return {
    trace: plain.trace,
    analysis: place === 0 ? plain.analysis : { ...from, sections: [], culprit: null, criticalPath: [] },
  };
};

const anyTrace = fc
  .tuple(fc.array(grain, { maxLength: 250 }), fc.boolean(), fc.oneof(fc.constant(0), fc.nat({ max: 250 })))
  .map(([grains, isDeep, focus]) => sampleOf(grains, isDeep, focus));

describe('the rows of any trace', () => {
  it('are never more than forty', () => {
    fc.assert(
      fc.property(anyTrace, ({ trace, analysis }) => {
        const tree = treeOf(trace, analysis);
        expect(waterfallRows(tree, tree.analysis.culprit?.spans ?? []).rows.length).toBeLessThanOrEqual(40);
      }),
      { numRuns: 300 },
    );
  });

  it('stand for each span below the focus once', () => {
    fc.assert(
      fc.property(anyTrace, ({ trace, analysis }) => {
        const tree = treeOf(trace, analysis);
        const { rows, outside } = waterfallRows(tree, tree.analysis.culprit?.spans ?? []);
        const spans = rows.flatMap((row) => row.spans);
        expect(new Set(spans).size).toBe(spans.length);
        expect(spans.length + outside).toBe(trace.spans.length);
      }),
      { numRuns: 200 },
    );
  });

  it('stand below the rows of their callers', () => {
    fc.assert(
      fc.property(anyTrace, ({ trace, analysis }) => {
        const tree = treeOf(trace, analysis);
        const { rows } = waterfallRows(tree, tree.analysis.culprit?.spans ?? []);
        const rowOf = new Map(rows.flatMap((row, index) => row.spans.map((span) => [span, index] as const)));
        for (const [index, row] of rows.entries()) {
          if (row.parent !== null) expect(row.parent).toBeLessThan(index);
          const parent = row.parent === null ? undefined : rows[row.parent];
          expect(row.depth).toBe(parent === undefined ? 0 : parent.depth + 1);
          for (const span of row.spans)
            for (const above of chainUp(tree, span).filter((place) => place >= analysis.focus)) {
              expect(rowOf.get(above) ?? Number.POSITIVE_INFINITY).toBeLessThanOrEqual(index);
            }
        }
      }),
      { numRuns: 150 },
    );
  });

  it('always show the culprit and where the error starts', () => {
    fc.assert(
      fc.property(anyTrace, ({ trace, analysis }) => {
        const tree = treeOf(trace, analysis);
        const culprit = tree.analysis.culprit?.spans ?? [];
        const { rows } = waterfallRows(tree, culprit);
        const shown = new Set(rows.filter(({ kind }) => kind !== 'rest').flatMap((row) => row.spans));
        if (culprit[0] !== undefined) expect(shown).toContain(culprit[0]);
        const inside = analysis.errorOrigin !== null && chainUp(tree, analysis.errorOrigin).includes(analysis.focus);
        if (inside) expect(rows.filter(({ isErrorOrigin, kind }) => isErrorOrigin && kind === 'call')).toHaveLength(1);
      }),
      { numRuns: 200 },
    );
  });
});

const numbersIn = (value: unknown): readonly number[] => {
  if (typeof value === 'number') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(numbersIn) : [];
};

describe('the picture of any trace', () => {
  it('holds finite numbers only, stays inside its card and is the same each time', () => {
    fc.assert(
      fc.property(anyTrace, (sample) => {
        const spec = waterfallPicture({ ...sample, sentence: 'a → b took 1 s', store: 'Tempo' });
        expect(numbersIn(spec).every(Number.isFinite)).toBe(true);
        for (const shape of spec.shapes ?? []) {
          const points = shape.kind === 'line' ? shape.points : ([[shape.xPx, shape.yPx]] as const);
          const far =
            shape.kind === 'line' ? points : [...points, [shape.xPx + shape.widthPx, shape.yPx + shape.heightPx] as const];
          for (const [x, y] of far) {
            expect(x).toBeGreaterThanOrEqual(0);
            expect(x).toBeLessThanOrEqual(spec.widthPx);
            expect(y).toBeGreaterThanOrEqual(0);
            expect(y).toBeLessThanOrEqual(spec.heightPx);
          }
          if (shape.kind === 'box') expect(Math.min(shape.widthPx, shape.heightPx)).toBeGreaterThanOrEqual(0);
        }
        expect(waterfallPicture({ ...sample, sentence: 'a → b took 1 s', store: 'Tempo' })).toEqual(spec);
      }),
      { numRuns: 100 },
    );
  });
});
