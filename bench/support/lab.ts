import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Effect } from '../../src/demo/mesh/faults.ts';
import { startPrometheus } from '../../src/demo/stack.ts';
import { serveTraces } from '../../src/demo/traces/server.ts';
import { startTraceBox } from '../../src/demo/traces/store.ts';
import { traced } from '../../src/demo/traces/trace.ts';
import { writePast } from './past.ts';

/** A real Prometheus with the demo's mesh on its worst day: every leaf is broken in a way of its own, so every edge above is sick and every walk is long. */
export type Lab = {
  readonly url: string;
  /** Asked as Zipkin is. */
  readonly tracesUrl: string;
  readonly brokenAtMs: number;
  /** Until when the recording goes on. */
  readonly endMs: number;
  readonly stop: () => Promise<void>;
};

const never = (at: string, share: number, flags: string, seconds = 0.001): Effect => ({
  at,
  refused: { share, code: '503', flags, seconds },
});

/** At least one of each kind that the demo knows. */
const worstDay: readonly Effect[] = [
  never('frontend>catalog', 0.3, 'UO'),
  never('frontend>cart', 0.6, 'NC'),
  never('recommendations>catalog', 0.33, 'URX,UF', 0.06),
  never('checkout>shipping', 0.9, 'UH'),
  never('payments>fraud', 0.4, 'UC', 0.004),
  { at: 'search', slower: 60 },
  { at: 'bank', slower: 80 },
  { at: 'recommendations', answered: { share: 0.2, code: '500' } },
  { at: 'notifications', answered: { share: 0.3, code: '500' } },
  { at: 'payments', answered: { share: 0.5, code: '500', version: 'v2' } },
  { at: 'currency', inside: { share: 0.4, code: '503', flags: 'UF' } },
  { at: 'warehouse', slower: 150 },
  { at: 'inventory>warehouse', timeoutSeconds: 1 },
];

const minuteMs = 60_000;
/** As in the demo. */
const tracedShare = 0.1;

export const openLab = async (): Promise<Lab> => {
  const folder = mkdtempSync(join(tmpdir(), 'edgewise-bench-'));
  const nowMs = Math.floor(Date.now() / 1000) * 1000;
  const [brokenAtMs, endMs] = [nowMs - minuteMs, nowMs + 20 * minuteMs];
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const box = startTraceBox();
    await writePast(folder, { effects: worstDay, fromMs: brokenAtMs, endMs, watch: traced(box, tracedShare) });
    const traces = await serveTraces(box);
    const prometheus = await startPrometheus({ folder, target: null, alertmanager: null, rules: null, log: () => undefined });
    return {
      url: prometheus.url,
      tracesUrl: traces.url,
      brokenAtMs,
      endMs,
      stop: async () => {
        await Promise.all([prometheus.stop(), traces.stop()]);
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
};
