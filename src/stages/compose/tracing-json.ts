import type { Gathered } from '../../domain/gathered.ts';
import type { Expected, Propagation, Sampling } from '../../domain/trace.ts';
import type { FoundBy, NoExemplar, TraceStore, Tracing } from '../../domain/tracing.ts';
import { type TraceJson, traceJson } from './trace-json.ts';

/** What traces tell of the alert's edge, for machines: part of the report (docs/report.schema.json). */
export type TracingJson = {
  readonly source: string;
  readonly store: TraceStore;
  readonly lookedFor: 'errors' | 'latency';
  readonly worst: (TraceJson & { readonly found: FoundBy; readonly mayBeIncomplete: boolean }) | null;
  readonly exemplars: NoExemplar | null;
  readonly tracesSeen: number;
  readonly mayHoldMore: boolean;
  readonly mayStillCome: boolean;
  readonly propagation: readonly (Omit<Propagation, 'doubt'> & { readonly service: string })[];
  readonly sampling: Sampling | null;
  readonly expected: Expected | null;
};

/** Nothing where no trace store was asked, or none answered: the gaps say so. */
export const tracingJson = (tracing: Gathered<Tracing> | undefined): { readonly tracing?: TracingJson } => {
  if (!tracing?.ok) return {};
  const { source, store, by, worst, exemplars, seen, isCut, isYoung, propagation, sampling, expected } = tracing.value;
  return {
    tracing: {
      source,
      store,
      lookedFor: by,
      worst:
        worst === null
          ? null
          : {
              ...traceJson(worst.trace, worst.analysis, worst.sentence),
              found: worst.found,
              mayBeIncomplete: worst.mayBeIncomplete,
            },
      exemplars,
      tracesSeen: seen,
      mayHoldMore: isCut,
      mayStillCome: isYoung,
      propagation: propagation.map(({ service, told: { doubt: _, ...told } }) => ({ service, ...told })),
      sampling,
      expected,
    },
  };
};
