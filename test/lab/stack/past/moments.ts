const [second, minute, hour] = [1000, 60_000, 3_600_000];
const day = 24 * hour;

/** A stretch of the past, in ms before its end, and how far apart its samples are. */
type Stretch = { readonly fromMs: number; readonly toMs: number; readonly stepMs: number };

/** A window is named by its end, and is as wide as now's; a triage is a few minutes later than the end of the past. */
const around = (agoMs: number, widestMs: number): Stretch => ({
  fromMs: agoMs + widestMs + 5 * minute,
  toMs: agoMs - 8 * minute,
  stepMs: 15 * second,
});

/** What is looked at where traffic is usual: 27 windows of at most five minutes. */
const recent: readonly Stretch[] = [
  { fromMs: 150 * minute, toMs: 10 * minute, stepMs: 15 * second },
  { fromMs: 10 * minute, toMs: 0, stepMs: 5 * second },
];

/** Where requests are few a window is an hour, and 27 of them are looked at. */
const longAgo: Stretch = { fromMs: 28 * hour, toMs: 150 * minute, stepMs: minute };

/** Below this many requests a second at the gateway an edge may have fewer than 30 in fifteen minutes. */
const fewPerSecond = 2;

/**
 * The moments of the past, rising, the last one `endMs`: whatever window a triage may look at (the last hours, and this hour of
 * yesterday and of last week), and nothing between.
 */
export const pastMoments = (endMs: number, loadPerSecond: number): readonly number[] => {
  const isThin = loadPerSecond < fewPerSecond;
  const widestMs = isThin ? hour : 15 * minute;
  const stretches = [around(7 * day, widestMs), around(day, widestMs), ...(isThin ? [longAgo] : []), ...recent];
  const moments = new Set<number>([endMs]);
  for (const { fromMs, toMs, stepMs } of stretches)
    for (let agoMs = fromMs; agoMs > toMs; agoMs -= stepMs) moments.add(endMs - agoMs);
  return [...moments].sort((a, b) => a - b);
};
