import { labelBytes, snappyLiterals, writeRequest } from '../../../support/remote-write.ts';
import type { Target } from '../../lab.ts';
import { isComparedWithThePast, recentMs } from './measured.ts';
import type { Past } from './write.ts';

/** What the scrape of a target will call its series; Prometheus 3 writes whole bounds of histograms with a point. */
export type Naming = { readonly targets: readonly Target[]; readonly hasWholeBounds: boolean };

/**
 * Samples that are an hour older than the newest are refused ("out of bounds"), so that every series must have come as far as the others
 * before any goes on.
 */
const sliceMs = 30 * 60_000;

const samplesAtOnce = 100_000;

const boundAs = (le: string, hasWholeBounds: boolean): string => (!hasWholeBounds && /^-?\d+$/.test(le) ? `${le}.0` : le);

/** The labels of one series exactly as the scrape will make them: the target's beside its own (prometheus.io/docs, "honor_labels"). */
export const seriesLabels = (
  { target, name, labels }: { readonly target: number; readonly name: string; readonly labels: Readonly<Record<string, string>> },
  { targets, hasWholeBounds }: Naming,
): Readonly<Record<string, string>> => {
  const from = targets[target];
  if (from === undefined) throw new Error(`${name} has no target`);
  const attached: Readonly<Record<string, string>> = { ...from.labels, job: from.job, instance: from.address };
  const own = Object.entries(labels).map(([label, value]) => [label in attached ? `exported_${label}` : label, value] as const);
  const { le, ...rest } = Object.fromEntries(own);
  return { ...rest, ...(le === undefined ? {} : { le: boundAs(le, hasWholeBounds) }), ...attached, __name__: name };
};

/** Ranges of moments that go together: not longer than a slice, and not more samples than one request should hold. */
const slicesOf = (moments: readonly number[], most: number): readonly (readonly [number, number])[] => {
  const slices: [number, number][] = [];
  let from = 0;
  for (let index = 1; index <= moments.length; index += 1) {
    const isFull = index - from >= most || (moments[index] ?? Number.POSITIVE_INFINITY) - (moments[from] ?? 0) > sliceMs;
    if (!isFull) continue;
    slices.push([from, index]);
    from = index;
  }
  return slices;
};

/** Writes a past into an empty Prometheus that takes remote write, the oldest samples first. */
export const sendPast = async (url: string, { moments, series }: Past, naming: Naming, signal: AbortSignal): Promise<void> => {
  const labels = series.map((one) => labelBytes(seriesLabels(one, naming)));
  for (const [from, to] of slicesOf(moments, Math.max(1, Math.floor(samplesAtOnce / Math.max(1, series.length))))) {
    const isRecent = (moments[from] ?? 0) >= (moments.at(-1) ?? 0) - recentMs;
    const parts = series.flatMap(({ name, values }, index) =>
      isRecent || isComparedWithThePast(name) ? [{ labels: labels[index] ?? new Uint8Array(), moments, values, from, to }] : [],
    );
    const answer = await fetch(`${url}/api/v1/write`, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-protobuf',
        'content-encoding': 'snappy',
        'x-prometheus-remote-write-version': '0.1.0',
      },
      body: Buffer.from(snappyLiterals(writeRequest(parts))),
      signal,
    });
    const words = await answer.text();
    if (!answer.ok) throw new Error(`Prometheus did not take the past (HTTP ${answer.status}): ${words.slice(0, 300)}`);
  }
};
