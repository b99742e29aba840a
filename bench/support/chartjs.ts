import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createCanvas, GlobalFonts } from '@napi-rs/canvas';
import { Chart, type ChartConfiguration, registerables } from 'chart.js';
import type { PanelSpec, PictureSpec } from '../../src/domain/message.ts';

/** Twice the logical size, as the hero picture is drawn. */
export const scale = 2;

const require = createRequire(import.meta.url);
const inter = require.resolve('@expo-google-fonts/inter/400Regular/Inter_400Regular.ttf');

/** The whole panel with its margins, logical pixels: Chart.js lays its axes out itself. */
const boxOf = ({ xPx, yPx, widthPx, heightPx, padding }: PanelSpec) => ({
  x: xPx,
  y: yPx,
  width: Math.round(widthPx + padding.left + padding.right),
  height: Math.round(heightPx + padding.top + padding.bottom),
});

/** The same rows as the hero's panel, as lines with axes, without animation. */
const configOf = (panel: PanelSpec): ChartConfiguration<'line'> => {
  const rows = panel.data.rows as readonly Readonly<Record<string, unknown>>[];
  const names = Object.keys(rows[0] ?? {}).filter((name) => name !== 't');
  const colours = ['#0072b2', '#d55e00', '#009e73', '#666666'];
  const isLarge = panel.widthPx > 200;
  return {
    type: 'line',
    data: {
      labels: rows.map(({ t }) => new Date(Number(t)).toISOString().slice(11, 16)),
      datasets: names.map((name, index) => ({
        label: name,
        data: rows.map((row) => (typeof row[name] === 'number' ? (row[name] as number) : null)),
        borderColor: colours[index % colours.length] ?? '#000000',
        borderWidth: 1.5,
        pointRadius: 0,
      })),
    },
    options: {
      animation: false,
      responsive: false,
      devicePixelRatio: scale,
      plugins: { legend: { display: false }, tooltip: { enabled: false } },
      scales: { x: { display: isLarge, ticks: { maxTicksLimit: 6 } }, y: { display: isLarge, beginAtZero: true } },
    },
  };
};

/** Chart.js on Skia with the canvas' own PNG encoder: four charts on one canvas, as many pixels as the hero, the same titles. */
export const chartJs = (): ((spec: PictureSpec) => Promise<Uint8Array>) => {
  GlobalFonts.registerFromPath(inter, 'Inter');
  Chart.register(...registerables);
  Chart.defaults.font.family = 'Inter';
  return async (spec) => {
    const whole = createCanvas(spec.widthPx * scale, spec.heightPx * scale);
    const context = whole.getContext('2d');
    context.fillStyle = '#ffffff';
    context.fillRect(0, 0, whole.width, whole.height);
    for (const panel of spec.panels) {
      const { x, y, width, height } = boxOf(panel);
      const canvas = createCanvas(width, height);
      const chart = new Chart(canvas as never, configOf(panel) as ChartConfiguration);
      context.drawImage(canvas, x * scale, y * scale);
      chart.destroy();
    }
    context.fillStyle = '#1d1c1d';
    for (const { text, xPx, yPx, sizePx, anchor } of spec.texts) {
      context.textAlign = anchor === 'middle' ? 'center' : anchor;
      context.font = `${sizePx * scale}px Inter`;
      context.fillText(text, xPx * scale, yPx * scale);
    }
    return whole.encode('png');
  };
};

/** The same four charts as a page with everything inline: what a rendering service does at the least. */
export const chartPage = (spec: PictureSpec): string => {
  const script = readFileSync(join(dirname(require.resolve('chart.js')), 'chart.umd.min.js'), 'utf8');
  const panels = spec.panels.map((panel) => ({ box: boxOf(panel), config: configOf(panel) }));
  const canvases = panels.map(
    ({ box }, index) =>
      `<canvas id="c${index}" width="${box.width}" height="${box.height}" style="position:absolute;left:${box.x}px;top:${box.y}px;width:${box.width}px;height:${box.height}px"></canvas>`,
  );
  const texts = spec.texts.map(
    ({ text, xPx, yPx, sizePx }) =>
      `<span style="position:absolute;white-space:nowrap;left:${xPx}px;top:${yPx - sizePx}px;font:${sizePx}px sans-serif">${text.replace(/[<&]/g, ' ')}</span>`,
  );
  const draw = `for (const [index, { config }] of ${JSON.stringify(panels)}.entries()) new Chart(document.getElementById('c' + index), config);`;
  return `<!doctype html><body style="margin:0;background:#fff">${canvases.join('')}${texts.join('')}<script>${script}</script><script>${draw}</script>`;
};
