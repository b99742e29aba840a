import { describe, expect, it } from 'vitest';
import { istio } from '../../../src/dialects/istio.ts';
import { tagLabel as tag } from '../../../src/domain/promql/union.ts';
import { planPicture, planPictureQueries, planWholePicture } from '../../../src/stages/measure/picture.ts';
import { readSaturation } from '../../../src/stages/measure/saturation.ts';
import { edgeNamed, nowMs, readingOf } from '../../support/report.ts';

const edge = edgeNamed();
const query = (id: string, onsetMs = nowMs - 60_000) =>
  planPictureQueries(istio, edge, 'caller', planPicture(nowMs, onsetMs)).find((one) => one.id === id)?.promql ?? '';

describe('the questions of the picture', () => {
  it('look at one minute where scrapes are frequent, and at what holds two scrapes a minute apart', () => {
    expect(query('picture-codes')).toMatch(/rate\([^[]*\[60s\]\) or rate\([^[]*\[150s\]\) and istio_requests_total/);
    expect(query('picture-buckets')).toMatch(/\(istio_request[^-]* - istio_request[^-]* offset 60s\) >= 0/);
    expect(query('picture-buckets')).not.toContain('rate(');
  });

  it('ask one window where the picture is long enough for two scrapes anyway', () => {
    expect(query('picture-codes', nowMs - 3 * 3_600_000)).not.toContain(' or rate(');
  });
});

describe('what the picture covers', () => {
  it.each([2, 20, 90, 400, 719, 720, 5000])(
    'takes as many points whatever lasted %i minutes, and is never cut short of its step',
    (minutes) => {
      for (const planOf of [planPicture, planWholePicture]) {
        const { startMs, endMs, stepSeconds, rateSeconds } = planOf(nowMs, nowMs - minutes * 60_000);
        expect((endMs - startMs) / 1000 / stepSeconds).toBe(72);
        expect(rateSeconds).toBeGreaterThanOrEqual(2 * stepSeconds);
      }
      const { startMs } = planWholePicture(nowMs, nowMs - minutes * 60_000);
      expect(startMs < nowMs - minutes * 60_000).toBe(minutes < 720);
    },
  );
});

describe('saturation by the flag of the overflow', () => {
  const row = (flags: string, points: readonly (readonly [number, number])[]) => ({
    labels: { reporter: 'source', response_code: '503', response_flags: flags },
    points,
  });

  it('is a curve over time, zero where requests were counted but none was turned away', () => {
    const reading = readingOf(edge);
    const caller = reading.caller && {
      ...reading.caller,
      outcomes: [{ code: '503', grpcStatus: null, flags: ['UO'], requests: 120, version: null } as never],
    };
    const codes = [
      row('-', [
        [1000, 5],
        [2000, 5],
      ]),
      row('UO', [[2000, 2]]),
    ].map(({ labels, points }) => ({ labels: { ...labels, [tag]: 'now' }, points }));
    const seen = readSaturation(istio, [], codes, edge, { ...reading, caller }, 60);
    expect(seen?.picture.now).toEqual([
      [1000, 0],
      [2000, 2],
    ]);
    expect(seen?.saturation).toMatchObject({ kind: 'overflow-flag', value: 2, usual: 0 });
  });
});
