import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { vegaRenderer } from '../../../../src/adapters/vega/renderer.ts';
import { compose } from '../../../../src/adapters/vega/svg.ts';
import type { PictureSpec } from '../../../../src/domain/message.ts';
import type { ChartRenderer } from '../../../../src/ports.ts';
import { waterfallPicture } from '../../../../src/stages/draw/waterfall/picture.ts';
import { textWidth } from '../../../../src/stages/draw/waterfall/widths.ts';
import { analysed, hop } from '../../../support/waterfall.ts';
import {
  failing,
  hostile,
  idleGap,
  manyQueries,
  oneSpan,
  retries,
  type Sample,
  samples,
  slowDatabase,
} from '../../../support/waterfall-traces.ts';

const specOf = (sample: Sample): PictureSpec => waterfallPicture({ ...sample, store: 'Tempo' });
const textsOf = (sample: Sample): readonly string[] => specOf(sample).texts.map(({ text }) => text);
const coloursOf = (sample: Sample): readonly string[] => (specOf(sample).shapes ?? []).map(({ colour }) => colour);

describe('the picture of a waterfall', () => {
  it('is titled by the sentence, broken at its words', () => {
    expect(textsOf(slowDatabase()).slice(0, 2)).toEqual([
      'productpage → reviews took 4.2 s. 3.65 s of it ratings waits for',
      'mongodb in mongodb.find ratings.',
    ]);
  });

  it('names the culprit with its time and share, and what it waits for', () => {
    expect(textsOf(slowDatabase())).toContain('Culprit: 3.65 s waiting for mongodb, 86 %');
    expect(textsOf(manyQueries())).toContain('Culprit: 1.33 s waiting for postgresql in 46 calls, 60 %');
    expect(textsOf(retries())).toContain('Culprit: 3 s of its own time in 3 calls, 97 %');
  });

  it('says where an error starts, with its code and flags', () => {
    expect(textsOf(failing())).toContain('The error starts here: 503 UH');
  });

  it('says below what it is: trace, store, start, how much is shown', () => {
    const texts = textsOf(manyQueries());
    expect(texts).toContain('trace 4bf92f3577b34da6a3ce929d0e0e4736 · Tempo · 2026-11-27 03:12:44 UTC');
    expect(texts.at(-1)).toBe('critical path 2.22 s of 2.24 s shown · 192 spans folded · 2 spans outside');
    expect(textsOf(hostile()).at(-1)).toMatch(/· may be incomplete$/);
  });

  it('shows the whole trace in small only where the rows are not all of it', () => {
    expect(textsOf(manyQueries())).toContain('Whole trace: 2.32 s, 201 spans, 8 services');
    expect(textsOf(oneSpan()).join(' ')).not.toContain('Whole trace');
  });

  it('cuts a long idle time out of its axis and says how long it was', () => {
    expect(textsOf(idleGap())).toContain('7.72 s cut');
    expect(textsOf(idleGap())).toContain('time cut out');
    expect(textsOf(slowDatabase()).join(' ')).not.toContain('cut');
  });

  it('says how long a call goes on that nobody waits for', () => {
    expect(textsOf(idleGap())).toContain('continues 664 ms');
  });

  it('paints vermillion only what failed', () => {
    for (const make of [slowDatabase, manyQueries, oneSpan, idleGap])
      expect(coloursOf(make()).filter((colour) => colour === '#D55E00').length > 0).toBe(make === manyQueries);
    expect(coloursOf(failing())).toContain('#D55E00');
  });

  it('gives services at most eight colours, each the same in every picture that leaves it free', () => {
    const below = Array.from({ length: 14 }, (_, index) => hop('a', `service-${index}`, 'GET /', index * 60, 55, 2));
    const many = analysed([{ service: 'a', operation: 'GET /', kind: 'server', at: 0, took: 1000, below }]);
    const fills = (specOf({ ...many, sentence: 'many' }).shapes ?? []).flatMap((shape) =>
      shape.kind === 'box' && shape.widthPx === 4 && shape.heightPx === 11 ? [shape.colour] : [],
    );
    expect(fills).toHaveLength(15);
    expect(new Set(fills).size).toBe(8);
    expect(coloursOf(slowDatabase())).toEqual(coloursOf(slowDatabase()));
  });

  it('carries the sentence and its longest rows as text', () => {
    const { altText } = specOf(slowDatabase());
    expect(altText).toContain(slowDatabase().sentence);
    expect(altText).toContain('→ mongodb mongodb.find ratings 3.65 s, 86 % of the critical path, culprit');
    expect(specOf(hostile()).altText.length).toBeLessThanOrEqual(1000);
  });

  it('keeps every text inside the card', () => {
    for (const make of Object.values(samples))
      for (const { text, xPx, sizePx, weight, anchor } of specOf(make()).texts) {
        const width = textWidth(text, sizePx, weight);
        const left = anchor === 'start' ? xPx : anchor === 'end' ? xPx - width : xPx - width / 2;
        expect(left).toBeGreaterThanOrEqual(0);
        expect(left + width).toBeLessThanOrEqual(560);
      }
  });

  it('lets no name become markup', () => {
    const svg = compose(specOf(hostile()), []);
    expect(svg).toContain('&lt;script&gt;');
    expect(
      [...svg.matchAll(/<\/?([a-z]+)/gi)]
        .map(([, name]) => name)
        .filter((name) => !/^(svg|rect|g|text|polyline|path)$/.test(name ?? '')),
    ).toEqual([]);
    for (const forbidden of ['\u0000', '\u0007', '\u202e', '\ufffe']) expect(svg).not.toContain(forbidden);
  });
});

describe('the picture of a waterfall as a PNG', () => {
  let charts: ChartRenderer;
  beforeAll(async () => {
    charts = await vegaRenderer({ environment: process.env, deadlineMs: 60_000 });
  }, 60_000);
  afterAll(() => charts.close());

  it.each(Object.entries(samples))(
    'is drawn of %s at its full size, and is not blank',
    async (_name, make) => {
      const spec = specOf(make());
      const { png, widthPx, heightPx } = await charts.draw(spec);
      const { width, height } = await sharp(png).metadata();
      expect([width, height]).toEqual([1120, spec.heightPx * 2]);
      expect([widthPx, heightPx]).toEqual([width, height]);
      const { channels } = await sharp(png).stats();
      expect(channels[0]?.min).toBeLessThan(60);
      expect(channels[0]?.mean).toBeGreaterThan(180);
      expect(channels[0]?.stdev).toBeGreaterThan(20);
    },
    60_000,
  );

  it('is the same, byte for byte, each time', async () => {
    const [first, second] = [await charts.draw(specOf(manyQueries())), await charts.draw(specOf(manyQueries()))];
    expect(Buffer.from(first.png).equals(Buffer.from(second.png))).toBe(true);
  }, 60_000);
});
