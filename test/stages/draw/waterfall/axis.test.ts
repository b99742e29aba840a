import { describe, expect, it } from 'vitest';
import { axisOf } from '../../../../src/stages/draw/waterfall/axis.ts';
import { cutsOf } from '../../../../src/stages/draw/waterfall/gaps.ts';
import { treeOf } from '../../../../src/stages/draw/waterfall/tree.ts';
import { textWidth } from '../../../../src/stages/draw/waterfall/widths.ts';
import { analysed, hop, type Plan } from '../../../support/waterfall.ts';
import {
  idleGap,
  manyQueries,
  oneSpan,
  onTheWay,
  retries,
  type Sample,
  slowDatabase,
} from '../../../support/waterfall-traces.ts';

const cutsIn = ({ trace, analysis }: Pick<Sample, 'trace' | 'analysis'>) => {
  const tree = treeOf(trace, analysis);
  return cutsOf(tree, analysis.culprit?.spans ?? []);
};

const ownTime = (own: number, calls: number): readonly Plan[] => [
  {
    service: 'a',
    operation: 'GET /',
    kind: 'server',
    at: 0,
    took: 1000,
    below: Array.from({ length: calls }, (_, index) => hop('a', `b${index}`, 'x', own + (index * (1000 - own)) / calls, 10, 1)),
  },
];

describe('the axis of a waterfall', () => {
  it('is linear from 0 to the end of the focus', () => {
    const { at, ticks } = axisOf(1_000_000, [], 100, 300);
    expect([0, 250_000, 500_000, 1_000_000].map(at)).toEqual([100, 150, 200, 300]);
    expect([-5, 2_000_000].map(at)).toEqual([100, 300]);
    expect(ticks.map(({ text }) => text)).toEqual(['0', '500 ms', '1 s']);
  });

  it('never runs backwards where time is cut out', () => {
    const { at, torn } = axisOf(10_000, [{ fromMicros: 2000, toMicros: 9000, widthShare: 0.14 }], 0, 1000);
    const places = Array.from({ length: 101 }, (_, index) => at(index * 100));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(torn).toMatchObject([{ text: '7 ms cut' }]);
    expect(at(9000) - at(2000)).toBeCloseTo(140);
    expect(at(10_000)).toBe(1000);
  });

  it('has no two texts on each other', () => {
    for (const micros of [7, 999, 1000, 26_000, 992, 2_240_000, 4_230_000, 60_000_000, 5_400_000_000]) {
      const { ticks } = axisOf(micros, [], 260, 480);
      const ends = ticks.map(({ xPx, text }, index) => {
        const width = textWidth(text, 12.5, 600);
        const left = text === '0' ? xPx : index === ticks.length - 1 ? xPx - width : xPx - width / 2;
        return { left, right: left + width };
      });
      for (const [index, { left }] of ends.slice(1).entries()) expect(left - (ends[index]?.right ?? 0)).toBeGreaterThan(3);
      expect(ticks.length).toBeGreaterThan(2);
    }
  });
});

describe('time is cut out of the axis', () => {
  it('where nothing runs below the focus for a third of it', () => {
    expect(cutsIn(idleGap())).toEqual([{ fromMicros: 870_000, toMicros: 8_590_000, widthShare: 0.14 }]);
  });

  it('not where a single call runs, however long', () => {
    for (const sample of [slowDatabase(), manyQueries(), retries(), oneSpan()]) expect(cutsIn(sample)).toEqual([]);
  });

  it('not where the culprit spends its own time', () => {
    expect(cutsIn(analysed(ownTime(700, 4)))).toEqual([]);
    expect(cutsIn(onTheWay())).toEqual([]);
    expect(cutsIn(analysed(ownTime(700, 4), { culprit: null }))).toMatchObject([{ fromMicros: 0, toMicros: 700_000 }]);
  });

  it('of the culprit only what would hide all the rest, and it stays the longest', () => {
    expect(cutsIn(analysed(ownTime(960, 4)))).toEqual([{ fromMicros: 0, toMicros: 960_000, widthShare: 0.6 }]);
  });
});
