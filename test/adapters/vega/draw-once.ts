import { createHash } from 'node:crypto';
import { vegaRenderer } from '../../../src/adapters/vega/renderer.ts';

/** Draws one line of text and prints the digest of the PNG. */
const charts = await vegaRenderer({ environment: process.env, deadlineMs: 20_000 });
const text = 'checkout → payments 5.3 %';
const { png } = await charts.draw({
  name: 'once',
  widthPx: 300,
  heightPx: 40,
  panels: [],
  texts: [{ text, xPx: 4, yPx: 24, sizePx: 15, weight: 600, colour: '#1d1c1d', anchor: 'start' }],
  altText: text,
});
await charts.close();
process.stdout.write(createHash('sha256').update(png).digest('hex'));
