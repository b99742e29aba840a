import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Inter for everything, DejaVu Sans for the scripts that Inter lacks; both shipped as TTF, since sharp's font loader reads no woff. */
const fontFolders = (): readonly string[] => {
  const require = createRequire(import.meta.url);
  const inter = dirname(require.resolve('@expo-google-fonts/inter/package.json'));
  const dejavu = dirname(require.resolve('dejavu-fonts-ttf/package.json'));
  return [...['400Regular', '600SemiBold', '700Bold'].map((weight) => join(inter, weight)), join(dejavu, 'ttf')];
};

/**
 * Inter with figures of one width, for columns. librsvg knows no `font-variant-numeric`; fontconfig hands the feature to Pango
 * (fontconfig.org, "fontfeatures"), so that a family of its own name carries it.
 */
export const tabularFamily = 'Inter Tabular';

const quoted = (path: string): string => path.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/**
 * Makes sharp's own fontconfig see the bundled fonts and nothing else, so that pictures are alike on every machine and none needs
 * system fonts. Must run in the main thread before the first text is drawn: set later, or in a worker, it is ignored for good.
 * Gives what removes its temporary folder.
 */
export const useBundledFonts = (environment: Record<string, string | undefined>): (() => void) => {
  const folder = mkdtempSync(join(tmpdir(), 'edgewise-fonts-'));
  const cache = join(folder, 'cache');
  mkdirSync(cache);
  const folders = fontFolders()
    .map((path) => `<dir>${quoted(path)}</dir>`)
    .join('');
  const tabular =
    `<match target="pattern"><test name="family"><string>${tabularFamily}</string></test>` +
    '<edit name="family" mode="assign" binding="strong"><string>Inter</string></edit>' +
    '<edit name="fontfeatures" mode="append"><string>tnum</string></edit></match>';
  const alias = '<alias><family>Inter</family><accept><family>DejaVu Sans</family></accept></alias>';
  writeFileSync(
    join(folder, 'fonts.conf'),
    `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd"><fontconfig>${folders}<cachedir>${quoted(cache)}</cachedir>${tabular}${alias}</fontconfig>`,
  );
  environment['FONTCONFIG_FILE'] = join(folder, 'fonts.conf');
  return () => rmSync(folder, { recursive: true, force: true });
};
