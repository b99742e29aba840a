import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { vegaRenderer } from '../../../src/adapters/vega/renderer.ts';
import type { PictureSpec } from '../../../src/domain/message.ts';
import { graphPicture } from '../../../src/stages/draw/graph.ts';
import { textWidth } from '../../../src/stages/draw/waterfall/widths.ts';
import { type Call, drawnOf } from '../../support/graphs.ts';

const pictureOf = (calls: readonly Call[], name: string | null = null): PictureSpec => {
  const spec = graphPicture(drawnOf(calls, name), 'demo · 5 min to 07:15 UTC', 300);
  if (spec === null) throw new Error('nothing is drawn');
  return spec;
};

const framesOf = ({ shapes = [] }: PictureSpec) => shapes.flatMap((shape) => (shape.kind === 'frame' ? [shape] : []));
const linesOf = ({ shapes = [] }: PictureSpec) => shapes.flatMap((shape) => (shape.kind === 'line' ? [shape] : []));
const textsOf = ({ texts }: PictureSpec) => texts.map(({ text }) => text);

const fan: readonly Call[] = ['cart', 'ads', 'currency', 'shipping', 'email', 'payment', 'catalog', 'wiki', 'quote'].map(
  (to, index) => ({
    from: 'frontend',
    to,
    perSecond: 10 * (index + 1),
    failing: to === 'shipping' ? 0.31 : 0,
  }),
);

const anyName = fc.oneof(
  fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'checkout', 'a-very-long-name-of-the-billing-department.example.com'),
  fc.nat({ max: 20 }).map((number) => `svc-${number}`),
);
const anyCalls = fc.array(
  fc.record({
    from: anyName,
    to: anyName,
    perSecond: fc.constantFrom(0.01, 1, 20, 123_456),
    failing: fc.constantFrom(0, 0, 0.0001, 0.02, 1),
    seconds: fc.constantFrom(0.001, 0.25, 90),
  }),
  { minLength: 1, maxLength: 40 },
);

describe('the picture of a graph', () => {
  it('says what is worst, and on each arrow what fails, how many come and how slow they are', () => {
    const spec = pictureOf([
      { from: 'frontend', to: 'checkout', perSecond: 60 },
      { from: 'checkout', to: 'payments', perSecond: 40, failing: 0.091, seconds: 1.2 },
    ]);
    const texts = textsOf(spec);
    expect(texts[0]).toBe('checkout → payments: 9.1 % failing');
    expect(texts).toEqual(expect.arrayContaining(['payments', '9.1 % failing', '40/s · p95 1.14 s', '60/s · p95 190 ms']));
    expect(spec.altText).toMatch(/checkout → payments 9\.1 % failing, 40\/s, p95 1\.14 s; frontend → checkout 60\/s, p95 190 ms/);
  });

  it('is vermillion for what is sick, and grey for everything else', () => {
    const colours = linesOf(pictureOf(fan, 'frontend')).map(({ colour }) => colour);
    expect(colours.filter((colour) => colour === '#D55E00').length).toBe(2);
    expect(new Set(colours)).toEqual(new Set(['#D55E00', '#8D8D94']));
  });

  it('says so when nothing is sick', () => {
    expect(textsOf(pictureOf([{ from: 'a', to: 'b' }]))[0]).toBe('The edge fails less than 1 % of its requests');
    expect(
      textsOf(
        pictureOf([
          { from: 'a', to: 'b' },
          { from: 'a', to: 'c' },
        ]),
      )[0],
    ).toBe('None of 2 edges fails 1 % or more');
  });

  it('says what is not shown', () => {
    const many = Array.from({ length: 60 }, (_, index) => ({ from: 'hub', to: `leaf-${index}`, failing: index < 12 ? 0.05 : 0 }));
    const spec = pictureOf(many, 'hub');
    expect(framesOf(spec).length).toBe(10);
    expect(textsOf(spec)).toContain('not shown: 51 workloads and 51 edges, 3 of them sick');
    expect(spec.altText).toMatch(/not shown: 51 workloads and 51 edges, 3 of them sick/);
  });

  it('tells two of one name apart by their namespaces', () => {
    const chosen = drawnOf([{ from: 'web', to: 'payments' }]);
    const [arrow] = chosen.arrows;
    if (arrow === undefined) throw new Error('no arrow');
    const far = { key: 'far', namespace: 'bank', name: 'payments' };
    const spec = graphPicture({ ...chosen, nodes: [...chosen.nodes, far], arrows: [arrow, { ...arrow, to: far }] }, '', 300);
    expect(spec === null ? [] : textsOf(spec)).toEqual(expect.arrayContaining(['bank/payments', 'shop/payments']));
  });

  it('is readable on a phone: no wider than the pictures beside it, or a sixth wider where it is five deep', () => {
    expect(pictureOf(fan, 'frontend').widthPx).toBe(560);
    const deep = ['a', 'b', 'c', 'd'].map((from, index) => ({ from, to: ['b', 'c', 'd', 'e'][index] ?? '', failing: 0.1234 }));
    expect(pictureOf(deep).widthPx).toBeLessThanOrEqual(720);
  });
});

describe('the picture of any graph', () => {
  it('keeps everything on the page, boxes apart, and lines out of boxes', () => {
    fc.assert(
      fc.property(anyCalls, fc.boolean(), (calls, isAbout) => {
        const spec = graphPicture(drawnOf(calls, isAbout ? (calls[0]?.from ?? null) : null), 'demo', 300);
        if (spec === null) return;
        const frames = framesOf(spec);
        expect(frames.length).toBeLessThanOrEqual(10);
        for (const { xPx, yPx, widthPx, heightPx } of frames) {
          expect(Math.min(xPx, yPx)).toBeGreaterThanOrEqual(0);
          expect(xPx + widthPx).toBeLessThanOrEqual(spec.widthPx);
          expect(yPx + heightPx).toBeLessThanOrEqual(spec.heightPx);
          for (const other of frames)
            expect(
              (other.xPx === xPx && other.yPx === yPx) ||
                other.xPx >= xPx + widthPx ||
                xPx >= other.xPx + other.widthPx ||
                other.yPx >= yPx + heightPx ||
                yPx >= other.yPx + other.heightPx,
            ).toBe(true);
        }
        for (const { points } of linesOf(spec))
          for (const [index, [x, y]] of points.entries()) {
            const [x0, y0] = points[index - 1] ?? [x, y];
            for (const [atX, atY] of [[x, y] as const, [(x + x0) / 2, (y + y0) / 2] as const]) {
              expect(atX >= 0 && atX <= spec.widthPx && atY >= 0 && atY <= spec.heightPx).toBe(true);
              const covered = frames.some(
                (box) =>
                  atX > box.xPx + 0.5 &&
                  atX < box.xPx + box.widthPx - 0.5 &&
                  atY > box.yPx + 0.5 &&
                  atY < box.yPx + box.heightPx - 0.5,
              );
              expect(covered).toBe(false);
            }
          }
        for (const { text, xPx, sizePx, weight } of spec.texts)
          expect(xPx + textWidth(text, sizePx, weight)).toBeLessThanOrEqual(spec.widthPx);
        expect(spec.altText.length).toBeLessThanOrEqual(1000);
      }),
      { numRuns: 300 },
    );
  });

  it('ends every arrow at the box of whom it calls', () => {
    fc.assert(
      fc.property(anyCalls, (calls) => {
        const chosen = drawnOf(calls);
        const spec = graphPicture(chosen, 'demo', 300);
        if (spec === null) return;
        const heads = linesOf(spec).filter(({ points }) => points.length === 3);
        expect(heads.length).toBe(chosen.arrows.length);
        for (const { points } of heads) {
          const [, [x, y] = [0, 0]] = points;
          expect(framesOf(spec).some((box) => box.xPx === x && y > box.yPx && y < box.yPx + box.heightPx)).toBe(true);
        }
      }),
    );
  });
});

describe('drawn for real', async () => {
  const charts = await vegaRenderer({ environment: process.env, deadlineMs: 20_000 });
  afterAll(() => charts.close());
  it('is an image of twice the size, with its numbers as words', async () => {
    const spec = pictureOf(fan, 'frontend');
    const { png, widthPx, heightPx, altText } = await charts.draw(spec);
    expect([...png.slice(1, 4)].map((code) => String.fromCharCode(code)).join('')).toBe('PNG');
    expect([widthPx, heightPx]).toEqual([spec.widthPx * 2, spec.heightPx * 2]);
    expect(altText).toMatch(/frontend → shipping 31 % failing/);
  });
});
