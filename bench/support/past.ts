import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../src/demo/engine-run.ts';
import type { Effect } from '../../src/demo/mesh/faults.ts';
import { historyMoments, type Moment, writeHistory } from '../../src/demo/mesh/history.ts';
import { startMesh, type Watch } from '../../src/demo/mesh/simulate.ts';
import { engine } from '../../src/demo/stack.ts';

const days = 8;
const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
/** Prometheus' usual pace, which Istio's own sample configuration has too. */
const scrapeMs = 15_000;
/** So much of the past before the incident is told request by request, for traces of what is normal. */
const singlyMs = 5 * minuteMs;

/** What is scraped at that pace: the last hours, and around this hour of yesterday and of last week; coarse in between. */
const closely = (fromMs: number, endMs: number): readonly (readonly [number, number])[] => [
  [fromMs - 7 * dayMs - 10 * minuteMs, endMs - 7 * dayMs],
  [fromMs - dayMs - 40 * minuteMs, endMs - dayMs],
  [fromMs - 150 * minuteMs, endMs],
];

const momentsUntil = (fromMs: number, endMs: number): readonly Moment[] => {
  const windows = closely(fromMs, endMs);
  const coarse = historyMoments(endMs, days).filter(({ atMs }) => !windows.some(([from, to]) => atMs >= from && atMs <= to));
  const fine = windows.flatMap(([from, to]) =>
    Array.from({ length: Math.floor((to - from) / scrapeMs) + 1 }, (_, index) => ({
      atMs: from + index * scrapeMs,
      withBuckets: true,
    })),
  );
  return [...coarse, ...fine].sort((a, b) => a.atMs - b.atMs);
};

/** What is broken, from when, and how long the recording goes on. */
type Faults = {
  readonly effects: readonly Effect[];
  readonly fromMs: number;
  readonly endMs: number;
  /** Hears of each request since shortly before the incident. */
  readonly watch: Watch;
};

/** The demo's mesh as a Prometheus that scrapes it every 15 s remembers it. `endMs` may lie ahead: then the incident is there at every "now" until then. */
export const writePast = async (folder: string, { effects, fromMs, endMs, watch }: Faults): Promise<void> => {
  const promtool = await engine('promtool', () => undefined);
  const moments = momentsUntil(fromMs, endMs);
  const mesh = startMesh((moments[0]?.atMs ?? endMs) - minuteMs, { singlyFromMs: fromMs - singlyMs, watch });
  const file = join(folder, 'history.om');
  await writeHistory(file, moments, mesh, (atMs) => (atMs > fromMs ? effects : []));
  const words = ['tsdb', 'create-blocks-from', '--quiet', '--max-block-duration=162h', 'openmetrics'];
  const made = await run(promtool, [...words, file, join(folder, 'prometheus')], { timeoutMs: 10 * minuteMs });
  rmSync(file, { force: true });
  if (!made.ok) throw new Error(`promtool could not write the past: ${made.text}`);
};
