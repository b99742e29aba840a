import type { TraceStore } from './tracing.ts';

/** As reports call trace stores. */
export const storeNames = { jaeger: 'Jaeger', tempo: 'Tempo', zipkin: 'Zipkin' } as const satisfies Record<TraceStore, string>;

/** As reports call whom they ask. */
export type SourceKind = 'Prometheus' | 'Alert rules' | 'Alertmanager' | (typeof storeNames)[TraceStore];

/** As a report names the sources of one cluster; with several clusters the name says which. */
export const sourceName = (what: SourceKind, cluster: string, isOneOfSeveral: boolean): string =>
  isOneOfSeveral ? `${what} (${cluster})` : what;
