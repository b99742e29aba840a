import { describe, expect, it } from 'vitest';
import { alertsOf, isAwaited } from './wait.ts';

/** As Prometheus 2.42 answers /api/v1/rules. */
const answer = (state: string, activeAt: string, duration: number) => ({
  data: {
    groups: [
      {
        rules: [
          { name: 'MeshEdgeLatencyHigh', duration, alerts: [{ state, activeAt }] },
          { name: 'MeshEdgeRefused', duration: 40, alerts: [] },
          { name: 'a recorded series' },
        ],
      },
    ],
  },
});
const pending = alertsOf(answer('pending', '2026-11-26T19:00:10.5Z', 40));
const at = (time: string): number => Date.parse(`2026-11-26T${time}Z`);

describe('an alert that is pending', () => {
  it('fires when its rule has held for as long as the rule says', () => {
    expect(pending).toEqual([{ name: 'MeshEdgeLatencyHigh', state: 'pending', firesAtMs: at('19:00:50.500') }]);
  });

  it('is waited for when it fires in time, and only then', () => {
    expect(isAwaited(pending, at('19:00:51'))).toBe(true);
    expect(isAwaited(pending, at('19:00:50'))).toBe(false);
    expect(isAwaited([], at('19:00:51'))).toBe(false);
  });

  it('is not waited for once it fires', () => {
    expect(isAwaited(alertsOf(answer('firing', '2026-11-26T19:00:10.5Z', 40)), at('19:00:51'))).toBe(false);
  });
});
