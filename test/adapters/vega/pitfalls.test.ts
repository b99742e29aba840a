import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as vega from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import { describe, expect, it } from 'vitest';
import { panelSvg } from '../../../src/adapters/vega/panel.ts';
import { compose, svgText } from '../../../src/adapters/vega/svg.ts';
import type { PanelSpec } from '../../../src/domain/message.ts';

type Rows = PanelSpec['data'][string];

const errorsPanel = (rows: Rows, more: Partial<PanelSpec> = {}): PanelSpec => ({
  template: 'latency',
  xPx: 0,
  yPx: 0,
  widthPx: 400,
  heightPx: 160,
  padding: { left: 40, right: 60, top: 8, bottom: 24 },
  data: { rows, band: [], threshold: [], changes: [], single: [] },
  signals: {
    x0: 0,
    x1: 4,
    y0: 0,
    y1: 1,
    xTicks: [0, 2, 4],
    xLabels: ['10:00', '10:02', '10:04'],
    yTicks: [0, 1],
    yLabels: ['0', '1 s'],
  },
  ...more,
});
const p99 = (values: readonly (number | null)[]): Rows =>
  values.map((value, t) => ({ t, p50: null, p90: null, p99: value, usual: null }));

/** The path of the p99 line, told from the others by its colour. */
const lineOf = (svg: string): string => {
  const path = svg.match(/<path[^>]*stroke="#0072B2"[^>]*>/g)?.find((element) => / d="M/.test(element)) ?? '';
  return / d="([^"]*)"/.exec(path)?.[1] ?? '';
};

/** A new View numbers its clip paths onwards. */
const withoutIds = (svg: string): string => svg.replace(/clip\d+/g, 'clip');

describe('a panel', () => {
  it('breaks its line where samples are missing, and never drops to zero', () => {
    const line = lineOf(panelSvg(errorsPanel(p99([0.5, 0.5, null, 0.5, 0.5]))));
    expect(line.match(/M/g)).toHaveLength(2);
    expect(line).not.toMatch(/,160\b/);
  });

  it('is the same from a View that drew something else before as from a new one', () => {
    const wanted = errorsPanel(p99([0.1, 0.9, 0.4, 0.2, 0.3]));
    const first = panelSvg(wanted);
    panelSvg(
      errorsPanel(p99([9, 8, 7, 6, 5]), { widthPx: 120, heightPx: 40, padding: { left: 0, right: 0, top: 0, bottom: 0 } }),
    );
    expect(panelSvg(wanted)).toBe(first);
  });

  it('has exactly the size that was asked for, whatever its labels', () => {
    const long = errorsPanel(p99([0.1, 0.2]), {
      signals: { ...errorsPanel([]).signals, yLabels: ['0', 'a label that is far wider than the room for it'] },
    });
    for (const panel of [errorsPanel(p99([0.1, 0.2])), long])
      expect(panelSvg(panel)).toMatch(/^<svg [^>]*width="500" height="192"/);
  });

  it('keeps every tick label, though Vega takes text for wider than it is', () => {
    for (const label of ['10:00', '10:02', '10:04']) expect(panelSvg(errorsPanel(p99([0.1])))).toContain(`>${label}<`);
  });

  it('paints with solid colours: each opacity would be a layer of its own', () => {
    expect(panelSvg(errorsPanel(p99([0.1, 0.2])))).not.toMatch(/ opacity=/);
  });

  it('is drawn afresh after one that could not be drawn', () => {
    const wanted = errorsPanel(p99([0.1, 0.9]));
    const before = panelSvg(wanted);
    expect(() => panelSvg(errorsPanel([], { data: { 'no such data': [] } }))).toThrow(/Unrecognized data set/);
    expect(withoutIds(panelSvg(wanted))).toBe(withoutIds(before));
  });
});

describe('the chart templates', () => {
  const folder = new URL('../../../templates/charts/', import.meta.url);
  const templates = readdirSync(folder).map((name) => [name, readFileSync(new URL(name, folder), 'utf8')] as const);

  it.each(templates)('%s fixes its size, names no address and hides no missing sample', (_name, text) => {
    const { autosize } = JSON.parse(text) as { readonly autosize: { readonly type: string } };
    expect(autosize.type).toBe('none');
    expect(text).not.toMatch(/"url"|"invalid"/);
  });

  it.each(templates)('%s opens in an editor as it is: its own sample data draws lines or areas', async (_name, text) => {
    const view = new vega.View(vega.parse(compile(JSON.parse(text) as TopLevelSpec).spec), { renderer: 'none' });
    const svg = await view.toSVG();
    expect(svg.match(/<path[^>]*d="M[^"]{200,}"/g)?.length ?? 0).toBeGreaterThan(0);
    expect(svg).not.toMatch(/NaN|Infinity/);
    view.finalize();
  });

  it('never let their sample data into a picture', () => {
    const svg = panelSvg(errorsPanel([], { template: 'traffic', data: {} }));
    expect(svg).not.toMatch(/d="M[^"]{200,}"/);
  });
});

describe('a picture', () => {
  it('gives two panels of one template their own clip paths', () => {
    const panels = [errorsPanel(p99([0.1, 0.2])), errorsPanel(p99([0.1, 0.2]), { widthPx: 90 })];
    const svg = compose({ name: 'n', widthPx: 600, heightPx: 400, panels, texts: [], altText: '' }, panels.map(panelSvg));
    const ids = [...svg.matchAll(/id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('takes text with characters that XML forbids', () => {
    expect(svgText('a\u0000b\u0007\ufffe\ud83d<&>"')).toBe('ab\ufffd&lt;&amp;&gt;&quot;');
    const text = { text: '\u0000', xPx: 1, yPx: 1, sizePx: 10, weight: 400, colour: '#000', anchor: 'start' } as const;
    expect(compose({ name: 'n', widthPx: 10, heightPx: 10, panels: [], texts: [text], altText: '' }, [])).not.toContain('\u0000');
  });

  it('looks the same with no system fonts and no home directory', () => {
    const program = fileURLToPath(new URL('./draw-once.ts', import.meta.url));
    const drawnWith = (environment: Record<string, string>): string =>
      execFileSync(process.execPath, [program], { env: { PATH: process.env['PATH'] ?? '', ...environment }, encoding: 'utf8' });
    const bare = drawnWith({ HOME: '/nonexistent', FONTCONFIG_PATH: '/nonexistent', FONTCONFIG_FILE: '/nonexistent/fonts.conf' });
    expect(bare).toMatch(/^[0-9a-f]{64}$/);
    expect(drawnWith({ HOME: process.env['HOME'] ?? '/' })).toBe(bare);
  }, 60_000);
});
