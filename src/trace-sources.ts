import type { HttpSource } from './adapters/http/client.ts';
import { jaeger } from './adapters/jaeger/trace-source.ts';
import { prometheusExemplars } from './adapters/prometheus/exemplars-source.ts';
import { tempo } from './adapters/tempo/trace-source.ts';
import { zipkin } from './adapters/zipkin/trace-source.ts';
import type { NamedHistogram } from './domain/exemplar.ts';
import type { Matcher } from './domain/promql.ts';
import type { TraceStore } from './domain/tracing.ts';
import type { Cluster } from './inquiry.ts';
import type { Clock, TraceSource } from './ports.ts';

/** Which store a cluster has, and how it is asked: by the settings of now, or as a recording says that it was. */
export type TraceShape = {
  readonly store: TraceStore;
  /** Patience of one question. */
  readonly seconds: number;
  /** Labels of exemplars that hold the id of a trace; null: the spellings that are known. */
  readonly exemplarLabels: readonly string[] | null;
  /** Histograms with exemplars, beside those that are known to have some. */
  readonly exemplarMetrics: readonly NamedHistogram[];
  /** Share of requests that the mesh is configured to trace, 0–1; null: not said. */
  readonly samplingRatio: number | null;
};

/** How one question to a store ended, which may be several calls. */
export type OnTraceQuestion = (source: string, seconds: number, isOk: boolean) => void;

const traceSources: Readonly<Record<TraceStore, (http: HttpSource, clock: Pick<Clock, 'nowMs'>) => TraceSource>> = {
  jaeger,
  tempo,
  zipkin,
};

const watched = (source: TraceSource, onQuestion: OnTraceQuestion): TraceSource => {
  const timed = async <T>(work: Promise<T>): Promise<T> => {
    const startedMs = performance.now();
    const ended = (isOk: boolean): void => onQuestion(source.name, (performance.now() - startedMs) / 1000, isOk);
    try {
      const value = await work;
      ended(true);
      return value;
    } catch (error) {
      ended(false);
      throw error;
    }
  };
  return {
    ...source,
    byId: (id, ask) => timed(source.byId(id, ask)),
    search: (wanted, ask) => timed(source.search(wanted, ask)),
  };
};

/** The store of this kind behind `http`. */
export const openTraces = (
  store: TraceStore,
  http: HttpSource,
  hooks: { readonly clock: Pick<Clock, 'nowMs'>; readonly onTraceQuestion: OnTraceQuestion },
): TraceSource => watched(traceSources[store](http, hooks.clock), hooks.onTraceQuestion);

/** Traces and exemplars of one cluster over these back ends. */
export const tracingOver = (
  { store, seconds, exemplarLabels, exemplarMetrics, samplingRatio }: TraceShape,
  http: { readonly traces: HttpSource; readonly metrics: HttpSource },
  pinned: readonly Matcher[],
  hooks: { readonly clock: Pick<Clock, 'nowMs'>; readonly onTraceQuestion: OnTraceQuestion },
): NonNullable<Cluster['tracing']> => ({
  traces: openTraces(store, http.traces, hooks),
  exemplars: prometheusExemplars(http.metrics, {
    pinned,
    concurrency: 4,
    clock: hooks.clock,
    ...(exemplarLabels === null ? {} : { traceLabels: exemplarLabels }),
  }),
  exemplarMetrics,
  deadlineMs: seconds * 1000,
  samplingRatio,
});
