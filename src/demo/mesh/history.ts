import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { istioSpelling, podLines, type Spelling, sampleLines } from './expose.ts';
import type { Effect } from './faults.ts';
import type { Mesh } from './simulate.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const recentMs = 2.7 * hour;

/** One moment of the past, with or without the buckets: they are only looked at where baselines look closely. */
export type Moment = { readonly atMs: number; readonly withBuckets: boolean };

/**
 * Moments of the past: every half minute of the last hours, every minute around this hour of yesterday and last week, and in between every
 * `coarselyMs`. Objectives count by what was scraped: Prometheus takes a series that had no sample for five minutes for gone.
 */
export const historyMoments = (endMs: number, days: number, coarselyMs = 2 * hour): readonly Moment[] => {
  const closely = [endMs - 7 * day, endMs - day].map((atMs) => [atMs - 45 * minute, atMs + 12 * minute] as const);
  const borders = [...closely.map(([from]) => from), endMs - recentMs];
  const moments: Moment[] = [];
  for (let atMs = endMs - days * day; atMs < endMs; ) {
    const isRecent = atMs >= endMs - recentMs;
    const isClose = closely.some(([from, to]) => atMs >= from && atMs <= to);
    moments.push({ atMs, withBuckets: isRecent || isClose });
    const next = atMs + (isRecent ? 30_000 : isClose ? minute : coarselyMs);
    atMs = borders.find((from) => from > atMs && from < next) ?? next;
  }
  return moments;
};

/** Every five seconds of a recent incident, as live scrapes would have it. */
export const incidentMoments = (fromMs: number, endMs: number): readonly Moment[] =>
  Array.from({ length: Math.floor((endMs - fromMs) / 5000) + 1 }, (_, index) => ({
    atMs: fromMs + index * 5000,
    withBuckets: true,
  }));

type Effects = (atMs: number) => readonly Effect[];

/** The past, one moment after the other; the mesh goes along. */
async function* past(moments: readonly Moment[], mesh: Mesh, effectsAt: Effects, spelling: Spelling): AsyncGenerator<string> {
  yield `# TYPE ${spelling.requests} counter\n# TYPE ${spelling.duration} histogram\n# TYPE container_cpu_usage_seconds counter\n# TYPE kube_pod_container_resource_limits gauge\n`;
  for (const { atMs, withBuckets } of moments) {
    mesh.advance(atMs, effectsAt(atMs));
    const { requests, duration } = sampleLines(mesh.series(), atMs / 1000, withBuckets, spelling);
    const { cpu, limits } = podLines(mesh.pods(), atMs / 1000);
    yield `${[...requests, ...duration, ...cpu, ...limits].join('\n')}\n`;
  }
  yield '# EOF\n';
}

/** Writes the past as OpenMetrics text for `promtool tsdb create-blocks-from`; the mesh goes on from there. */
export const writeHistory = async (
  path: string,
  moments: readonly Moment[],
  mesh: Mesh,
  effectsAt: Effects = () => [],
  spelling: Spelling = istioSpelling,
): Promise<void> => {
  // Opened before anything is computed: whoever ends this at its first moment may remove the folder at once.
  const file = await open(path, 'w');
  await pipeline(past(moments, mesh, effectsAt, spelling), file.createWriteStream({ highWaterMark: 1 << 22 }));
};
