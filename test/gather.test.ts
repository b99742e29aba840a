import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { gather } from '../src/gather.ts';

describe('a question through a port', () => {
  it('knows how much patience is left for it', async () => {
    const left = await gather('traces', 'Jaeger', 5000, async ({ leftMs }) => {
      const first = leftMs?.() ?? 0;
      await wait(30);
      return [first, leftMs?.() ?? 0];
    });
    const [first = 0, later = 0] = left.ok ? left.value : [];
    expect(first).toBeGreaterThan(4000);
    expect(first).toBeLessThanOrEqual(5000);
    expect(first - later).toBeGreaterThanOrEqual(25);
  });
});
