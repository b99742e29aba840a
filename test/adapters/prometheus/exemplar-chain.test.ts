import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HttpSource, httpSource } from '../../../src/adapters/http/client.ts';
import { prometheusExemplars } from '../../../src/adapters/prometheus/exemplars-source.ts';
import { systemClock } from '../../../src/adapters/system/clock.ts';
import { readTraces } from '../../../src/adapters/traces/wire.ts';
import type { Exemplar } from '../../../src/domain/exemplar.ts';
import { equals } from '../../../src/domain/promql.ts';
import type { WorstBy } from '../../../src/domain/tracing.ts';
import type { ExemplarSource } from '../../../src/ports.ts';
import {
  type ExemplarQuestion,
  exemplarWindow,
  fitsExemplar,
  planExemplars,
  readExemplars,
} from '../../../src/stages/follow/exemplars.ts';
import { focusOf } from '../../../src/stages/follow/focus.ts';
import { orderTrace } from '../../../src/stages/follow/order.ts';
import { engineFor } from '../../support/engine.ts';
import { type ExemplarChain, startExemplarChain } from '../../support/span-metrics.ts';
import { findJaeger } from '../../support/trace-engines.ts';
import { asOtlp } from '../../support/trace-forms.ts';
import { storyEdge, storySpans, storyWindow, worstId } from '../../support/trace-story.ts';

const [jaeger, prometheus] = [await findJaeger(), await engineFor('prometheus')];
const skipped = 'missing' in jaeger ? ` (skipped: ${jaeger.missing})` : prometheus.skipped;
const patience = () => ({ signal: AbortSignal.timeout(10_000) });

describe.skipIf(skipped !== '')(`from a trace over its span metrics to an exemplar and back${skipped}`, () => {
  let chain: ExemplarChain;
  let http: HttpSource;
  let source: ExemplarSource;
  const window = storyWindow(Date.now());
  const now = () => ({ startMs: window.startMs, endMs: Date.now() });

  beforeAll(async () => {
    chain = await startExemplarChain('path' in jaeger ? jaeger.path : '', prometheus.path);
    http = httpSource({ name: 'Prometheus', url: chain.prometheusUrl });
    source = prometheusExemplars(http, { pinned: [], concurrency: 4, clock: systemClock });
    await chain.post(asOtlp(storySpans(window)));
    const [first] = planExemplars(storyEdge, 'errors');
    for (const endMs = Date.now() + 30_000; Date.now() < endMs; await wait(200))
      if ((await ask(first as ExemplarQuestion)).length > 0) return;
    throw new Error('no exemplar came within 30 s');
  }, 120_000);
  afterAll(async () => {
    await http?.close();
    await chain?.stop();
  });

  const ask = async ({ promql }: ExemplarQuestion): Promise<readonly Exemplar[]> =>
    (await source.exemplars(promql, exemplarWindow(now()), patience())).value;
  /** Every question in its turn, until one has an answer. */
  const firstAnswer = async (mode: WorstBy) => {
    for (const question of planExemplars(storyEdge, mode)) {
      const exemplars = await ask(question);
      if (exemplars.length > 0) return readExemplars(question, exemplars, mode, now());
    }
    return [];
  };
  const callMicros = async (id: string): Promise<number> => {
    const store = httpSource({ name: 'Jaeger', url: chain.jaegerUrl });
    const { text } = await store.request({ path: `api/v3/traces/${id}`, signal: patience().signal });
    await store.close();
    const [received] = readTraces(text);
    if (received === undefined) throw new Error(`Jaeger has no trace ${id}`);
    const trace = orderTrace(received);
    return trace.spans[focusOf(trace, storyEdge) ?? -1]?.durationMicros ?? -1;
  };

  it('keeps exemplars, and says so', async () => {
    expect(await source.storage(patience())).toBe('on');
  });

  it('understands every question', async () => {
    for (const mode of ['errors', 'latency'] as const)
      for (const question of planExemplars(storyEdge, mode)) expect(Array.isArray(await ask(question))).toBe(true);
  });

  it.each(['errors', 'latency'] as const)('leads from the worst by %s to its trace', async (mode) => {
    const [worst] = await firstAnswer(mode);
    expect(worst).toMatchObject({ traceId: worstId, unit: 'milliseconds', value: 4198, isError: true });
    expect(worst === undefined || fitsExemplar(await callMicros(worstId), worst)).toBe(true);
    expect(worst === undefined || fitsExemplar((await callMicros(worstId)) / 2, worst)).toBe(false);
  });

  it('knows no exemplar of another edge, nor of another cluster', async () => {
    const stranger = { ...storyEdge, destination: { ...storyEdge.destination, workload: 'cart', service: 'cart' } };
    for (const question of planExemplars(stranger, 'latency')) expect(await ask(question)).toEqual([]);
    const pinned = prometheusExemplars(http, { pinned: [equals('cluster', 'other')], concurrency: 4, clock: systemClock });
    const [question] = planExemplars(storyEdge, 'errors');
    expect((await pinned.exemplars(question?.promql ?? '', exemplarWindow(now()), patience())).value).toEqual([]);
  });
});
