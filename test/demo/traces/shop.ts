import { readTraces } from '../../../src/adapters/traces/wire.ts';
import type { Series } from '../../../src/demo/mesh/counters.ts';
import { scenarioNamed } from '../../../src/demo/mesh/faults.ts';
import { startMesh } from '../../../src/demo/mesh/simulate.ts';
import { startTraceBox, type TraceBox } from '../../../src/demo/traces/store.ts';
import { traced } from '../../../src/demo/traces/trace.ts';
import type { ZipkinSpan } from '../../../src/demo/traces/zipkin-span.ts';
import type { Trace } from '../../../src/domain/trace.ts';
import { orderTrace } from '../../../src/stages/follow/order.ts';

export const startMs = Date.parse('2026-11-24T07:00:00Z');

/** Everything, the newest first. */
const everything = (box: TraceBox): readonly (readonly ZipkinSpan[])[] =>
  box.search({
    ...{ serviceName: null, remoteServiceName: null, spanName: null, annotations: [], leastMicros: null, mostMicros: null },
    endMs: startMs + 86_400_000,
    lookbackMs: 2 * 86_400_000,
    limit: 1_000_000,
  });

type Shop = { readonly box: TraceBox; readonly series: readonly Series[]; readonly traces: readonly (readonly ZipkinSpan[])[] };

/** The shop with this fault (or "healthy") from the first second on, scraped every five seconds, with this share of its requests traced. */
export const shopWith = (scenario: string, seconds: number, share: number): Shop => {
  const effects = scenario === 'healthy' ? [] : scenarioNamed(scenario)?.effects;
  if (effects === undefined) throw new Error(`there is no scenario ${scenario}`);
  const box = startTraceBox();
  const mesh = startMesh(startMs, { singlyFromMs: startMs, watch: traced(box, share) });
  for (let at = 5; at <= seconds; at += 5) mesh.advance(startMs + at * 1000, effects);
  return { box, series: mesh.series(), traces: everything(box) };
};

/** As the bot reads them. */
export const asRead = (traces: readonly (readonly ZipkinSpan[])[]): readonly Trace[] =>
  readTraces(JSON.stringify(traces)).map(orderTrace);
