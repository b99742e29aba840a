import type { PictureSpec, TextSpec } from '../../domain/message.ts';
import { tabularFamily } from './fonts.ts';
import { shapesSvg } from './shapes.ts';

/** Output pixels per logical pixel: Slack shows a picture at half its width on a dense screen. */
export const scale = 2;

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Text for SVG: control characters and non-characters would make the whole file invalid. */
export const svgText = (text: string): string =>
  text
    .toWellFormed()
    .replace(/[^\P{C}\u200c\u200d]/gu, '')
    .replace(/[&<>"]/g, (character) => entities[character] ?? '');

const textElement = ({ text, digits, rim, xPx, yPx, sizePx, weight, colour, anchor }: TextSpec): string => {
  const family = digits === 'tabular' ? ` font-family="${tabularFamily}"` : '';
  const edge = rim === 'white' ? ' stroke="#ffffff" stroke-width="4" stroke-linejoin="round" paint-order="stroke"' : '';
  return `<text x="${xPx}" y="${yPx}"${family}${edge} font-size="${sizePx}" font-weight="${weight}" fill="${colour}" text-anchor="${anchor}">${svgText(text)}</text>`;
};

/** Panels as nested SVG on an opaque white card, shapes above them and the texts on top. */
export const compose = (spec: PictureSpec, panels: readonly string[]): string => {
  const placed = panels.map((svg, index) => {
    const panel = spec.panels[index];
    return (
      svg
        .replace(/^<svg /, `<svg x="${panel?.xPx ?? 0}" y="${panel?.yPx ?? 0}" `)
        // Clip paths are numbered per View: two panels of one template would clip each other.
        .replace(/(id="|url\(#)clip/g, `$1panel${index}clip`)
        .replace(/ xmlns(:xlink)?="[^"]*"| version="1.1"| class="marks"/g, '')
    );
  });
  const { widthPx, heightPx } = spec;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${widthPx * scale}" height="${heightPx * scale}" viewBox="0 0 ${widthPx} ${heightPx}">` +
    `<rect width="${widthPx}" height="${heightPx}" fill="#ffffff"/>${placed.join('')}${shapesSvg(spec.shapes ?? [])}<g font-family="Inter">${spec.texts.map(textElement).join('')}</g></svg>`
  );
};
