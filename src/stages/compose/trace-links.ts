import type { Trace, TraceAnalysis } from '../../domain/trace.ts';
import { encoded, type Link, ownLink, query, under } from './links.ts';

/** Pages on which people open traces, all of them configured; Tempo has none of its own. */
export type TraceUi =
  | { readonly kind: 'jaeger' | 'zipkin'; readonly url: string }
  /** Explore, over a data source of Tempo. */
  | { readonly kind: 'grafana'; readonly url: string; readonly datasourceUid: string };

const traceId = /^(?!0{32})[0-9a-f]{32}$/;
const spanId = /^(?!0{16})[0-9a-f]{16}(?=$|\/)/;

/** As Zipkin and the pages of Jaeger write ids of 64 bits. */
const shortId = (id: string): string => id.replace(/^0{16}/, '');

/** The span to look at first: where an error starts, else the one with most of the culprit's time, else what all is measured against. */
const spanToSee = ({ spans }: Trace, { errorOrigin, culprit, focus }: TraceAnalysis): string | null =>
  spanId.exec(spans[errorOrigin ?? culprit?.spans[0] ?? focus]?.id ?? '')?.[0] ?? null;

/** Before and after the trace, so that it stands within the range that Explore shows. */
const marginMs = 60_000;

/** One pane with the trace (grafana.com/docs, "Generate Explore URLs from external tools"): TraceQL takes an id for a query. */
const explore = (datasourceUid: string, { id, startMicros, durationMicros }: Trace): string => {
  const datasource = { type: 'tempo', uid: datasourceUid };
  const pane = {
    datasource: datasourceUid,
    queries: [{ refId: 'A', datasource, queryType: 'traceql', query: id }],
    range: {
      from: String(Math.floor(startMicros / 1000 - marginMs)),
      to: String(Math.ceil((startMicros + durationMicros) / 1000 + marginMs)),
    },
  };
  return `explore?${query([
    ['schemaVersion', '1'],
    ['panes', JSON.stringify({ trace: pane })],
  ])}`;
};

const pathOf = (ui: TraceUi, trace: Trace, analysis: TraceAnalysis): string => {
  if (ui.kind === 'grafana') return explore(ui.datasourceUid, trace);
  const id = encoded(shortId(trace.id));
  // Zipkin's pages live below /zipkin (openzipkin/zipkin, zipkin-lens), which an address for people often has already.
  if (ui.kind === 'zipkin') return /\/zipkin\/*$/.test(ui.url) ? `traces/${id}` : `zipkin/traces/${id}`;
  const span = spanToSee(trace, analysis);
  return span === null ? `trace/${id}` : `trace/${id}?${query([['uiFind', span]])}`;
};

/** The page of a trace, opened at the span to look at first where its pages can; null where there is none to link to. */
export const traceLink = (
  ui: TraceUi | null,
  { trace, analysis }: { readonly trace: Trace; readonly analysis: TraceAnalysis },
): Link | null => (ui === null || !traceId.test(trace.id) ? null : ownLink('Trace', under(ui.url, pathOf(ui, trace, analysis))));
