import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { got } from '../../../src/domain/gathered.ts';
import type { Trace, TraceAnalysis } from '../../../src/domain/trace.ts';
import { linkText } from '../../../src/stages/compose/links.ts';
import { root } from '../../../src/stages/compose/root.ts';
import { type TraceUi, traceLink } from '../../../src/stages/compose/trace-links.ts';
import { analyse } from '../../../src/stages/follow/analyse.ts';
import { alertWith, edgeNamed, reportOf, setting, standing } from '../../support/report.ts';
import { traceOf } from '../../support/traces.ts';

const id = '4bf92f3577b34da6a3ce929d0e0e4736';
const [caller, callee] = ['00f067aa0ba902b7', '00f067aa0ba902b8'];
const startMicros = 1_795_749_164_000_500;
const plain: Trace = {
  ...traceOf([
    { id: caller, startMicros: 0, durationMicros: 4_200_000 },
    { id: callee, parentId: caller, startMicros: 1000, durationMicros: 4_190_000, service: 'payments', kind: 'server' },
  ]),
  id,
  startMicros,
};
const analysed = (trace: Trace): TraceAnalysis => {
  const analysis = analyse(trace, null, []);
  if (analysis === null) throw new Error('no analysis');
  return analysis;
};
const urlOf = (ui: TraceUi | null, trace: Trace = plain): string | null =>
  traceLink(ui, { trace, analysis: analysed(trace) })?.url ?? null;

const jaeger = { kind: 'jaeger', url: 'https://jaeger.example/base/' } as const;
const zipkin = { kind: 'zipkin', url: 'https://zipkin.example' } as const;
const grafana = { kind: 'grafana', url: 'https://grafana.example', datasourceUid: 'tempo-prod' } as const;

describe('the page of a trace', () => {
  it('of Jaeger opens at the span to look at first', () => {
    expect(urlOf(jaeger)).toBe(`https://jaeger.example/base/trace/${id}?uiFind=${callee}`);
    const failed = { ...plain, spans: plain.spans.map((span, place) => ({ ...span, isError: place === 0 })) };
    expect(urlOf(jaeger, failed)).toBe(`https://jaeger.example/base/trace/${id}?uiFind=${caller}`);
  });

  it('of Zipkin stands below /zipkin, which is not said twice', () => {
    expect(urlOf(zipkin)).toBe(`https://zipkin.example/zipkin/traces/${id}`);
    for (const url of ['https://a.example/zipkin', 'https://a.example/zipkin/'])
      expect(urlOf({ kind: 'zipkin', url })).toBe(`https://a.example/zipkin/traces/${id}`);
  });

  it('of Tempo is one pane of Explore, with a minute on both sides of the trace', () => {
    const url = new URL(urlOf(grafana) ?? '');
    expect(`${url.origin}${url.pathname}`).toBe('https://grafana.example/explore');
    expect(url.searchParams.get('schemaVersion')).toBe('1');
    expect(JSON.parse(url.searchParams.get('panes') ?? '')).toEqual({
      trace: {
        datasource: 'tempo-prod',
        queries: [{ refId: 'A', datasource: { type: 'tempo', uid: 'tempo-prod' }, queryType: 'traceql', query: id }],
        range: { from: '1795749104000', to: '1795749228201' },
      },
    });
  });

  it('is named by the id that its store writes: 16 digits where the high half is zero, but not in Tempo', () => {
    const narrow = { ...plain, id: '0000000000000000463ac35c9f6413ad' };
    expect(urlOf(jaeger, narrow)).toContain('/trace/463ac35c9f6413ad?');
    expect(urlOf(zipkin, narrow)).toContain('/traces/463ac35c9f6413ad');
    expect(decodeURIComponent(urlOf(grafana, narrow) ?? '')).toContain('"query":"0000000000000000463ac35c9f6413ad"');
    const zeros = { ...plain, id: '00ab83fb1d4cf5f0463ac35c9f6413ae' };
    expect(urlOf(jaeger, zeros)).toContain('/trace/00ab83fb1d4cf5f0463ac35c9f6413ae?');
  });

  it('is not there where nothing is configured, or the id is none', () => {
    expect(urlOf(null)).toBeNull();
    for (const wrong of ['', '0'.repeat(32), `${id}0`, id.toUpperCase(), '../../admin', `${id.slice(0, 31)}>`])
      expect(urlOf(jaeger, { ...plain, id: wrong })).toBeNull();
  });

  it('never asks its page for a span whose id is none; of halves under one id it asks for both', () => {
    const called = (spanId: string): Trace => ({
      ...plain,
      spans: plain.spans.map((span, place) => (place === 1 ? { ...span, id: spanId } : span)),
    });
    expect(urlOf(jaeger, called('"><script>'))).toBe(`https://jaeger.example/base/trace/${id}`);
    expect(urlOf(jaeger, called(`${callee}/server`))).toBe(`https://jaeger.example/base/trace/${id}?uiFind=${callee}`);
  });

  it('is a link that no id, no span and no address of a setting can break out of', () => {
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc.constantFrom('|', '>', '<!channel>', '%', ' ', '`', '"', "'", '\u202e'),
    );
    fc.assert(
      fc.property(text, text, text, fc.constantFrom('jaeger', 'zipkin', 'grafana'), (traceId, spanId, rest, kind) => {
        const url = `https://pages.example/${rest}`;
        const ui: TraceUi = kind === 'grafana' ? { kind, url, datasourceUid: rest } : { kind: kind as 'jaeger', url };
        const spans = plain.spans.map((span) => ({ ...span, id: spanId }));
        for (const trace of [plain, { ...plain, id: traceId }, { ...plain, spans }]) {
          const link = traceLink(ui, { trace, analysis: analysed(plain) });
          if (link !== null) expect(linkText(link)).toMatch(/^<https:\/\/pages\.example\/[!-;=?-{}~]+\|Trace>$/);
        }
      }),
    );
  });
});

describe('the root message', () => {
  const worst = {
    trace: plain,
    analysis: analysed(plain),
    found: { way: 'search', of: 3, isCut: false } as const,
    sentence: 'checkout → payments took 4.2 s.',
    mayBeIncomplete: false,
  };
  const tracing = {
    source: 'Tempo',
    store: 'tempo',
    by: 'latency',
    worst,
    exemplars: null,
    seen: 3,
    requests: [],
    isCut: false,
    propagation: [],
    sampling: null,
    expected: null,
    isYoung: false,
  } as const;
  const annotated = alertWith({}, { runbook_url: 'https://runbooks.example/a', dashboard_url: 'https://runbooks.example/b' });
  const textOf = (more: object) => JSON.stringify(root(reportOf(edgeNamed(), [annotated], more), setting, standing).blocks);

  it('links the worst request, and stays within four links', () => {
    const text = textOf({ tracing: got(tracing) });
    expect(text).toContain(`<https://jaeger.example/trace/${id}?uiFind=${callee}|Trace>`);
    expect(text.match(/\|(Grafana|Kiali|Trace|Runbook|Dashboard)>/g)).toEqual(['|Grafana>', '|Kiali>', '|Trace>', '|Runbook>']);
  });

  it('links no trace where none was found', () => {
    for (const more of [{}, { tracing: got({ ...tracing, worst: null }) }]) expect(textOf(more)).not.toContain('|Trace>');
  });
});
