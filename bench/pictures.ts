import { existsSync, readFileSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';
import sharp from 'sharp';
import { vegaRenderer } from '../src/adapters/vega/renderer.ts';
import type { Evidence } from '../src/domain/evidence.ts';
import type { PictureSpec } from '../src/domain/message.ts';
import { diagnose } from '../src/stages/diagnose/index.ts';
import { hero } from '../src/stages/draw/hero.ts';
import { sampleBudgets } from '../test/support/digest-sample.ts';
import { chartJs, chartPage, scale } from './support/chartjs.ts';
import { type Figure, median, ms, type Program } from './support/table.ts';

const rounds = 30;
const chromiumEvery = 3;
const warmUps = 15;
const browserPath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const aims = { chartJs: 1.5, context: 8, cold: 12 } as const;

/** Recordings of real incidents in turn, since equal pictures would be a cache's delight. */
const scenarios = ['bad-version', 'circuit-breaker', 'slow-callee', 'timeout', 'connection-refused'] as const;

const specs = (): readonly PictureSpec[] =>
  scenarios.flatMap((name) => {
    const file = new URL(`../test/scenarios/${name}/evidence.json`, import.meta.url);
    const evidence = JSON.parse(readFileSync(file, 'utf8')) as Evidence;
    return hero({ evidence, diagnosis: diagnose(evidence) }, 'UTC') ?? [];
  });

const timed = async (work: () => Promise<Uint8Array>): Promise<{ readonly tookMs: number; readonly png: Uint8Array }> => {
  const startedMs = performance.now();
  const png = await work();
  return { tookMs: performance.now() - startedMs, png };
};

const launch = (): Promise<Browser> => chromium.launch({ executablePath: browserPath, args: ['--no-sandbox'] });

const screenshot = async (browser: Browser, spec: PictureSpec): Promise<Uint8Array> => {
  const context = await browser.newContext({
    viewport: { width: spec.widthPx, height: spec.heightPx },
    deviceScaleFactor: scale,
  });
  const page = await context.newPage();
  await page.setContent(chartPage(spec));
  const png = await page.screenshot();
  await context.close();
  return png;
};

const cold = async (spec: PictureSpec): Promise<Uint8Array> => {
  const browser = await launch();
  const png = await screenshot(browser, spec);
  await browser.close();
  return png;
};

type Way = 'edgewise' | 'chartJs' | 'context' | 'cold';
type Times = Readonly<Record<Way, number[]>>;

/** Equal pixels or no comparison. */
const checkSize = async (way: Way, png: Uint8Array, spec: PictureSpec): Promise<void> => {
  const { width, height } = await sharp(png).metadata();
  if (width !== spec.widthPx * scale || height !== spec.heightPx * scale) throw new Error(`${way} drew ${width} × ${height}`);
};

/** Side by side: each round draws the same picture in every way, so that load from outside falls on all. */
const measured = async (ways: Readonly<Partial<Record<Way, (spec: PictureSpec) => Promise<Uint8Array>>>>): Promise<Times> => {
  const pictures = specs();
  const times: Times = { edgewise: [], chartJs: [], context: [], cold: [] };
  const isSlow = (way: string): boolean => way === 'context' || way === 'cold';
  const entries = Object.entries(ways) as [Way, (spec: PictureSpec) => Promise<Uint8Array>][];
  for (let round = -warmUps; round < rounds; round += 1) {
    const spec = pictures[(round + warmUps) % pictures.length];
    if (!spec) throw new Error('no recording has a picture');
    for (const [way, draw] of entries) {
      if (isSlow(way) && (round < 0 ? round !== -1 : round % chromiumEvery !== 0)) continue;
      const { tookMs, png } = await timed(() => draw(spec));
      if (round < 0) await checkSize(way, png, spec);
      else times[way].push(tookMs);
    }
  }
  return times;
};

/** The three budgets of a digest. */
const budgetTimes = async (draw: (spec: PictureSpec) => Promise<Uint8Array>): Promise<readonly number[]> => {
  const spec = sampleBudgets();
  if (spec === null) throw new Error('the sample of a digest draws no budget');
  const times: number[] = [];
  for (let round = -warmUps; round < rounds; round += 1) {
    const { tookMs } = await timed(() => draw(spec));
    if (round >= 0) times.push(tookMs);
  }
  return times;
};

const ratio = (what: string, own: number, other: readonly number[], aim: number): Figure => {
  const factor = median(other) / own;
  const seen = `${ms(median(other))} of ${other.length}, ${factor.toFixed(1)} × ours`;
  return { what, seen, aim: `≥ ${aim} ×`, isMet: factor >= aim };
};

export const pictures: Program = {
  name: 'pictures',
  says: 'the hero picture as it is sent (0.86 MP), warm, against other ways to draw it; medians, side by side',
  run: async () => {
    const charts = await vegaRenderer({ environment: process.env, deadlineMs: 10_000 });
    const hasBrowser = existsSync(browserPath);
    const warm = hasBrowser ? await launch() : null;
    try {
      const times = await measured({
        edgewise: async (spec) => (await charts.draw(spec)).png,
        chartJs: chartJs(),
        ...(warm === null ? {} : { context: (spec: PictureSpec) => screenshot(warm, spec), cold }),
      });
      const own = median(times.edgewise);
      const budgets = await budgetTimes(async (spec) => (await charts.draw(spec)).png);
      return {
        figures: [
          { what: 'Edgewise (Vega → SVG → sharp, in its worker)', seen: `${ms(own)} of ${times.edgewise.length}` },
          ratio('Chart.js on @napi-rs/canvas, stock encoder', own, times.chartJs, aims.chartJs),
          {
            what: "the picture of a digest's error budgets (1.25 MP), warm",
            seen: `${ms(median(budgets))} of ${budgets.length}`,
          },
          ...(hasBrowser
            ? [
                ratio('Chromium, a new context a picture', own, times.context, aims.context),
                ratio('Chromium, started for each picture', own, times.cold, aims.cold),
              ]
            : []),
        ],
        ...(hasBrowser ? {} : { notes: [`Chromium: skipped, none at ${browserPath} (CHROMIUM names another)`] }),
      };
    } finally {
      await warm?.close();
      await charts.close();
    }
  },
};
