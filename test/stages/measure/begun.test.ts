import { describe, expect, it } from 'vitest';
import type { Counts, Duration, EdgeReading, Windows } from '../../../src/domain/signals.ts';
import { diagnose } from '../../../src/stages/diagnose/index.ts';
import { begunOf } from '../../../src/stages/measure/begun.ts';
import { planWindows } from '../../../src/stages/measure/windows.ts';
import { edgeNamed, nowMs, readingOf, reportOf } from '../../support/report.ts';

const plan = planWindows(nowMs, null, 300);
const counts = (requests: number, failed: number): Counts => ({ requests, failed, refused: 0, clientLeft: 0, clientError: 0 });
const minutesAgo = (minutes: number): number => nowMs - minutes * 60_000;

/** An edge with 24 windows of its past, of which the last `bad` are bad, the one before now, and both halves of now. */
const edge = (
  bad: number,
  previous: number,
  halves: readonly [number, number],
  meanSeconds?: readonly [number, number],
): EdgeReading => {
  const reading = readingOf(edgeNamed());
  const { caller } = reading;
  if (caller === null) return reading;
  const window = (share: number, requests = 3000): Counts => counts(requests, requests * share);
  const duration = ([usual, now]: readonly [number, number]): Windows<Duration> => ({
    now: { requests: 3000, totalSeconds: 3000 * now },
    halves: null,
    previous: { requests: 3000, totalSeconds: 3000 * usual },
    local: Array.from({ length: 24 }, (_, index) => ({ requests: 3000, totalSeconds: 3000 * usual * (index % 2 ? 1.05 : 1) })),
    base: [],
  });
  return {
    ...reading,
    caller: {
      ...caller,
      counts: {
        now: window((halves[0] + halves[1]) / 2),
        halves: [window(halves[0], 1500), window(halves[1], 1500)],
        previous: window(previous),
        local: Array.from({ length: 24 }, (_, index) => window(index >= 24 - bad ? 0.3 : 0.003)),
        base: [{ ago: '1d', value: window(0.003) }],
      },
      duration: meanSeconds === undefined ? null : duration(meanSeconds),
    },
  };
};

describe('when the trouble that a person asks about began', () => {
  it('finds what began minutes ago, and takes a window that it fills', () => {
    expect(begunOf(edge(0, 0.003, [0.003, 0.5]), plan)).toEqual({ onsetMs: minutesAgo(2.5), seconds: 60 });
    expect(begunOf(edge(0, 0.003, [0.3, 0.3]), plan)).toEqual({ onsetMs: minutesAgo(5), seconds: 60 });
  });

  it('finds what began long ago, so that it does not count as the past', () => {
    expect(begunOf(edge(0, 0.3, [0.3, 0.3]), plan)).toEqual({ onsetMs: minutesAgo(10), seconds: 300 });
    expect(begunOf(edge(10, 0.3, [0.3, 0.3]), plan)).toEqual({ onsetMs: minutesAgo(60), seconds: 300 });
  });

  it('finds slowness too, and nothing where nothing stands out', () => {
    expect(begunOf(edge(0, 0.003, [0.003, 0.003], [0.05, 0.4]), plan)).toEqual({ onsetMs: minutesAgo(5), seconds: 60 });
    expect(begunOf(edge(0, 0.003, [0.003, 0.003], [0.05, 0.05]), plan)).toBeNull();
    expect(begunOf({ ...edge(0, 0, [0, 0]), caller: null }, plan)).toBeNull();
  });
});

describe('a share of failures that is high in one half of the window only', () => {
  const reading = edge(0, 0.003, [0.003, 0.6]);
  const { evidence } = reportOf(edgeNamed(), [], { readings: [reading], path: [reading.edge] });
  it('is neither moved nor as usual, and the summary says why', () => {
    const { signals, summary, verdict } = diagnose(evidence);
    expect(verdict).toBeNull();
    expect(summary).toContain('more than usual, but only in a part of this window');
    expect(signals.find(({ signal }) => signal === 'errors')).toMatchObject({ moved: null, now: '30 %', usual: '0.3 %' });
  });
});
