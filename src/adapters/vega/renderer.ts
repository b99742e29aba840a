import { fileURLToPath } from 'node:url';
import { Tinypool } from 'tinypool';
import { SourceError } from '../../domain/gathered.ts';
import type { PanelSpec, PictureSpec } from '../../domain/message.ts';
import type { ChartRenderer } from '../../ports.ts';
import { useBundledFonts } from './fonts.ts';
import { scale } from './svg.ts';

type VegaOptions = {
  /** The process's own environment: sharp reads FONTCONFIG_FILE from it. */
  readonly environment: Record<string, string | undefined>;
  /** A picture that takes longer is given up. */
  readonly deadlineMs: number;
};

const workerFile = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url));
const maxPanels = 8;

/** One warmed worker with two concurrent tasks and a bounded heap: Vega blocks its thread, sharp encodes beside it. */
export const vegaRenderer = async (options: VegaOptions): Promise<ChartRenderer> => {
  const removeFonts = useBundledFonts(options.environment);
  const pool = new Tinypool({
    filename: workerFile,
    minThreads: 1,
    maxThreads: 1,
    concurrentTasksPerWorker: 2,
    idleTimeout: 2_147_483_647,
    // Vega's live heap is 30 MiB. A worker that runs out of memory is replaced, and its picture is a gap.
    resourceLimits: { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 12 },
  });
  const close = async (): Promise<void> => {
    await pool.destroy();
    removeFonts();
  };
  const { narrow, wide } = (await pool.run(undefined, { name: 'measureGlyphs' })) as { narrow: number; wide: number };
  if (!(wide > narrow * 1.5)) {
    await close();
    throw new SourceError(
      'pictures',
      'unsupported',
      `the bundled fonts cannot be read (every glyph is ${wide} px wide): pictures are off, text goes on`,
    );
  }
  const draw: ChartRenderer['draw'] = async (spec) => {
    try {
      const png = (await pool.run(spec, { name: 'draw', signal: AbortSignal.timeout(options.deadlineMs) })) as Uint8Array;
      return {
        name: spec.name,
        png: new Uint8Array(png),
        widthPx: spec.widthPx * scale,
        heightPx: spec.heightPx * scale,
        altText: spec.altText,
      };
    } catch (cause) {
      const late = cause instanceof Error && cause.name === 'AbortError';
      throw new SourceError(
        'pictures',
        late ? 'timeout' : 'bug',
        late ? `was not drawn within ${options.deadlineMs / 1000} s` : 'could not be drawn',
        { cause },
      );
    }
  };
  await draw(warmUp);
  return {
    draw: (spec) =>
      spec.panels.length > maxPanels
        ? Promise.reject(new SourceError('pictures', 'too-expensive', `has ${spec.panels.length} panels`))
        : draw(spec),
    close,
  };
};

const bare = { rows: [], band: [], threshold: [] };
const signal = { ...bare, changes: [], single: [] };

/** Every template with all of its data, of which there is none. */
const nothing: Readonly<Record<string, PanelSpec['data']>> = {
  latency: { ...signal, dots: [] },
  errors: signal,
  traffic: signal,
  saturation: signal,
  budget: { ...bare, even: [] },
};

/** Compiles every template before the first alert or digest does. */
const warmUp: PictureSpec = {
  name: 'warm-up',
  widthPx: 64,
  heightPx: 64,
  panels: Object.entries(nothing).map(([template, data]) => ({
    template,
    xPx: 0,
    yPx: 0,
    widthPx: 16,
    heightPx: 16,
    padding: { left: 0, right: 0, top: 0, bottom: 0 },
    data,
    signals: {},
  })),
  texts: [{ text: 'Edgewise', xPx: 4, yPx: 20, sizePx: 10, weight: 600, colour: '#1d1c1d', anchor: 'start' }],
  altText: '',
};
