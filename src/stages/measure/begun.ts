import { levelOnset, ratioOnset, trafficOnset } from '../../domain/inference/onset.ts';
import { meanSeconds } from '../../domain/mean.ts';
import type { Counts, Duration, EdgeReading, ReporterReading } from '../../domain/signals.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { WindowPlan } from './windows.ts';

/** When the trouble of an edge began, and how long a window sees it whole. */
export type Begun = { readonly onsetMs: EpochMs; readonly seconds: number };

/** As short as a window may be: what began within the last one fills at least this much of it. */
const shortSeconds = 60;

const bad = ({ requests, failed, refused }: Counts) => ({ n: requests, x: failed + refused });
const left = ({ requests, clientLeft }: Counts) => ({ n: requests, x: clientLeft });

const durationsOf = ({ duration }: ReporterReading): readonly Duration[] =>
  duration === null || duration.previous === null
    ? []
    : [...duration.local, duration.previous, duration.now].filter(({ requests }) => requests > 0);

/**
 * A person asks without telling since when; an alert tells. What began minutes ago must not hide in the healthy part of a longer window,
 * and what began an hour ago must not count as this edge's own past. Null when nothing stands out: then the usual window will do.
 */
export const begunOf = ({ caller, callee }: EdgeReading, { atMs, seconds }: WindowPlan): Begun | null => {
  const side = caller ?? callee;
  if (side === null || side.counts.previous === null) return null;
  const { local, previous, halves, now } = side.counts;
  const windows = [...local, previous, ...(halves ?? [now])];
  const begun = (windowsAgo: number): Begun => ({
    onsetMs: atMs - windowsAgo * seconds * 1000,
    seconds: windowsAgo <= 1 ? shortSeconds : seconds,
  });
  /** Since this one of the windows, the last two of which may be halves. */
  const since = (index: number): Begun => {
    const after = windows.length - index;
    return begun(halves === null ? after : after === 1 ? 0.5 : after - 1);
  };
  const failing = ratioOnset(windows.map(bad)) ?? ratioOnset(windows.map(left));
  if (failing !== null) return since(failing);
  const slow = levelOnset(durationsOf(side).map(meanSeconds));
  if (slow !== null) return begun(durationsOf(side).length - slow);
  const moved = trafficOnset(windows.map(({ requests }, index) => (halves !== null && index > local.length ? 2 : 1) * requests));
  return moved === null ? null : since(moved);
};
