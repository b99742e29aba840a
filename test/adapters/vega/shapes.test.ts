import { describe, expect, it } from 'vitest';
import { compose } from '../../../src/adapters/vega/svg.ts';
import type { ShapeSpec } from '../../../src/domain/message.ts';

const svgOf = (...shapes: readonly ShapeSpec[]): string =>
  compose({ name: 'n', widthPx: 100, heightPx: 50, panels: [], shapes, texts: [], altText: '' }, []);
const box = (rest: Partial<Extract<ShapeSpec, { kind: 'box' }>> = {}): ShapeSpec => ({
  kind: 'box',
  xPx: 1,
  yPx: 2,
  widthPx: 30,
  heightPx: 10,
  colour: '#0072B2',
  pattern: 'solid',
  ...rest,
});
const frame = { ...box(), kind: 'frame', edgePx: 1, radiusPx: 2 } as ShapeSpec;
const line: ShapeSpec = {
  kind: 'line',
  points: [
    [0, 0],
    [10.123, 5],
  ],
  colour: '#1d1c1d',
  widthPx: 2,
};

describe('shapes of a picture', () => {
  it('stand above the card and under the texts, in their order', () => {
    expect(svgOf(box(), line, frame, box()).replace(/^.*fill="#ffffff"\/>/, '')).toMatch(
      /^<g><path d="M1 2h30v10h-30z".*<polyline points="0,0 10.12,5".*<rect x="1" y="2".*<path .*<\/g><g font-family/,
    );
  });

  it('are one path where boxes of one paint follow each other', () => {
    const svg = svgOf(box(), box({ xPx: 40 }), box({ colour: '#009E73' }), line, box({ colour: '#009E73' }));
    expect(svg.match(/<path /g)).toHaveLength(3);
    expect(svg).toContain('d="M1 2h30v10h-30zM40 2h30v10h-30z" fill="#0072B2"');
  });

  it('keep the stripes of a hatching within its box', () => {
    const svg = svgOf(box({ pattern: 'hatched' }));
    const places = [...svg.matchAll(/[ML]([\d.]+) ([\d.]+)(?=[ML"])/g)].map(([, x, y]) => [Number(x), Number(y)] as const);
    expect(places.length).toBeGreaterThan(10);
    for (const [x, y] of places) {
      expect(x).toBeGreaterThanOrEqual(1);
      expect(x).toBeLessThanOrEqual(31);
      expect(y).toBeGreaterThanOrEqual(2);
      expect(y).toBeLessThanOrEqual(12);
    }
  });

  it('are values: markup in place of a number or a colour is refused', () => {
    const markup = '"/><script>' as unknown as number;
    expect(() => svgOf(box({ xPx: markup }))).toThrow(/no number/);
    expect(() => svgOf(box({ widthPx: Number.NaN }))).toThrow(/no number/);
    expect(() => svgOf(box({ widthPx: 1e9, pattern: 'hatched' }))).toThrow(/no number/);
    expect(() => svgOf(box({ colour: 'red" onload="x' }))).toThrow(/#rrggbb/);
    expect(() => svgOf({ ...frame, colour: 'url(http://x)' })).toThrow(/#rrggbb/);
  });

  it('are missing from a picture of panels alone', () => {
    expect(compose({ name: 'n', widthPx: 9, heightPx: 9, panels: [], texts: [], altText: '' }, [])).not.toContain('<g><');
  });

  it('have figures of one width where a text asks for them', () => {
    const text = { text: '111', xPx: 1, yPx: 1, sizePx: 10, weight: 400, colour: '#000000', anchor: 'end' } as const;
    const svg = compose(
      { name: 'n', widthPx: 9, heightPx: 9, panels: [], texts: [{ ...text, digits: 'tabular' }, text], altText: '' },
      [],
    );
    expect(svg.match(/font-family="Inter Tabular"/g)).toHaveLength(1);
  });
});
