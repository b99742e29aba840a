import type { WaterfallRow } from './row.ts';
import { sumMicros } from './stretches.ts';

/** Okabe–Ito without vermillion, which is for bad only, without yellow, which white swallows, and with two dark ones. */
const hues = ['#0072B2', '#E69F00', '#009E73', '#CC79A7', '#56B4E9', '#0F5F63', '#6A4391'] as const;
export const grey = '#8D8D94';

/** FNV-1a: the same service has the same place in every picture, as far as others leave it free. */
const hashOf = (text: string): number => {
  let hash = 0x811c9dc5;
  for (const letter of text) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return hash;
};

/** Whose colour a name takes: a peer's is the same whether a span of its own tells of it or not. */
const painted = (service: string): string => service.replace(/^→ /, '');

/** A colour for each service of the rows, those with most time on the critical path first; grey for whom none is left. */
export const huesOf = (rows: readonly WaterfallRow[]): ((service: string) => string) => {
  const weights = new Map<string, number>();
  for (const { kind, name, path } of rows) {
    if (kind !== 'call' && kind !== 'like') continue;
    const service = painted(name.service);
    weights.set(service, (weights.get(service) ?? 0) + sumMicros(path));
  }
  const free = new Set<string>(hues);
  const colours = new Map<string, string>();
  for (const [service] of [...weights].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))) {
    const first = hashOf(service) % hues.length;
    const colour = [...hues.slice(first), ...hues.slice(0, first)].find((hue) => free.has(hue));
    if (colour === undefined) break;
    free.delete(colour);
    colours.set(service, colour);
  }
  return (service) => colours.get(painted(service)) ?? grey;
};
