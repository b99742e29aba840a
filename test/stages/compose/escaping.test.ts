import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hear, open } from '../../../src/domain/episode.ts';
import { age } from '../../../src/domain/episode-end.ts';
import { got, missed } from '../../../src/domain/gathered.ts';
import type { Message } from '../../../src/domain/message.ts';
import { helpMessage, plainAnswer } from '../../../src/stages/compose/answers.ts';
import { findingsMessage } from '../../../src/stages/compose/findings.ts';
import { incidentsMessage } from '../../../src/stages/compose/incidents.ts';
import {
  editMessage,
  foldMessage,
  newsMessages,
  pictureMessage,
  restoodIncident,
  rooted,
  rootMessage,
} from '../../../src/stages/compose/outgoing.ts';
import { tableMessage } from '../../../src/stages/compose/tables.ts';
import { resolutionCard } from '../../../src/stages/compose/thread.ts';
import { noTraceMessage, traceMessage } from '../../../src/stages/compose/trace-answer.ts';
import { analyse } from '../../../src/stages/follow/analyse.ts';
import { blockProblems } from '../../../src/workspace/block-rules.ts';
import { expectEscaped, hostile, texts } from '../../support/hostile.ts';
import { alertWith, edgeNamed, findingAt, nowMs, reportOf, setting } from '../../support/report.ts';
import { traceOf } from '../../support/traces.ts';

/** A request of one span that bears the value wherever a span has text. */
const drawnTrace = (value: string) =>
  traceOf([{ id: 'a', service: value, operation: value, peer: value, startMicros: 0, durationMicros: 1000, isError: true }]);

/** Every message the composers make, with `value` in every field that comes from outside. */
const messagesWith = (value: string): readonly Message[] => {
  const edge = edgeNamed(value, value, value);
  const alert = alertWith(
    { alertname: value, namespace: value, [value]: value, playbook: value },
    { summary: value, description: value, runbook_url: value, dashboard: value },
  );
  const finding = {
    ...findingAt(edge, value),
    evidence: [value, value],
    firstCheck: { sentence: value, command: value, object: value },
    traced: { what: 'origin' as const, line: value },
  };
  const change = {
    kind: 'rollout' as const,
    what: value,
    object: value,
    namespace: value,
    workload: value,
    atMs: null,
    relation: 'coincides' as const,
  };
  const line = {
    signal: 'errors' as const,
    moved: true,
    now: value,
    usual: value,
    change: value,
    why: value,
    value: null,
    usualValue: null,
  };
  const gaps = [{ what: value, source: value, reason: 'timeout' as const, detail: value }];
  const trace = drawnTrace(value);
  const analysis = analyse(trace, null, []);
  const worst = analysis && { trace, analysis, found: { way: 'id' as const }, sentence: value, mayBeIncomplete: true };
  const tracing = {
    ...{ source: value, store: 'tempo' as const, by: 'errors' as const, worst, exemplars: null, seen: 3 },
    ...{ requests: [], isCut: false, propagation: [], sampling: null, expected: null, isYoung: false },
  };
  const located = { way: 'labels' as const, score: 1, runnerUp: { edge, score: 0.9 }, how: value };
  const budget = {
    ...{ name: value, of: 'service' as const, window: { kind: 'rolling' as const, days: 30 }, wholeSeconds: 2_592_000 },
    sli: { kind: 'availability' as const, bad: 'failed' as const, reporter: 'source' as const },
    ...{ endsAtMs: null, allowed: 10, left: 0.5, readAtMs: nowMs },
  };
  const evidence = { cluster: value, located, pathStopped: value, gaps, tracing: got(tracing), budgets: [budget] };
  const full = reportOf(edge, [alert], evidence, {
    verdict: finding,
    summary: value,
    signals: [line, { ...line, signal: 'latency', moved: null }, { ...line, signal: 'traffic', moved: false }],
    changes: [change],
    flags: [{ flag: value, meaning: value, reporter: 'caller', requests: 1, share: 1 }],
    notes: [{ name: value, sentence: value, evidence: [value], advice: value }],
  });
  const asking = reportOf(edge, [alert], { ...evidence, readings: [], pending: [value] }, { verdict: null, summary: value });
  const cards = [
    { kind: 'workload', role: 'caller', workload: edge.source, edge: null } as const,
    { kind: 'node', workload: edge.source } as const,
    { kind: 'control-plane', component: value } as const,
    { kind: 'no-data', metric: value, matchers: value } as const,
    { kind: 'low-traffic', workload: null } as const,
    { kind: 'plain', why: value } as const,
  ].map((subject) => reportOf(edge, [alert], { ...evidence, subject, readings: [] }, { verdict: null, summary: value }));
  const opening = {
    id: 'i1',
    key: value,
    workspace: value,
    cluster: value,
    subject: { kind: 'edge' as const, edge },
    title: value,
    channel: value,
  };
  const spent = [{ ...budget, bad: 5, isOfOthersToo: true }];
  const incident = { ...open(opening, alert, [alert], nowMs), lastVerdict: value, lastHeader: value, budgets: spent };
  const heard = hear(incident, [{ ...alert, fingerprint: 'f2' }], nowMs, true);
  const closed = age(
    { ...heard.incident },
    new Map([
      ['f1', 'silenced'],
      ['f2', 'silenced'],
    ]),
    nowMs + 1,
    0,
  );
  const deed = { by: value, atMs: nowMs };
  const outgoing = [full, asking, ...cards].flatMap((report) => {
    const first = rooted(incident, report, setting);
    const silences = [{ ...deed, id: value, endsAtMs: nowMs, comment: value }];
    const done = restoodIncident({ ...first, acknowledged: deed, silences }, setting);
    return [rootMessage(first, null), ...(done === null ? [] : [editMessage(done)])];
  });
  const edgeTable = {
    ...{ title: `Edges of ${value}`, none: value, columns: [value, value], figures: [1], facts: [value], gaps },
    ...{ rows: [{ edge, cells: [value, value] }], more: 1, atMs: nowMs, windowSeconds: 300, spoken: () => value },
  };
  return [
    ...outgoing.map(({ message }) => message),
    ...newsMessages(
      heard.incident,
      ['opened', 'reopened', 'severity-raised', 'page-joined', 'resolved', 'unreported'],
      '<!subteam^S0123ABC>',
      nowMs,
      setting,
      full,
    ).map(({ message }) => message),
    ...[foldMessage(closed.incident, 'UTC')].flatMap((item) => (item ? [item.message] : [])),
    pictureMessage(incident, { name: 'hero', png: new Uint8Array(), widthPx: 1, heightPx: 1, altText: value }).message,
    resolutionCard({ ...heard.incident, peak: { errorRatio: 1, failedPerMinute: 1, latencyP99Seconds: 1 } }, nowMs, setting, {
      ...full,
      evidence: { ...full.evidence, changes: got([{ ...change, atMs: nowMs }]) },
    }),
    tableMessage(edgeTable, 'UTC'),
    tableMessage({ ...edgeTable, rows: [] }, 'UTC'),
    tableMessage(
      { ...edgeTable, lead: value, rows: [{ heads: ['Route', 'Service'], names: [value, value], cells: [value, value] }] },
      'UTC',
    ),
    findingsMessage([
      ...Array.from({ length: 50 }, () => ({ mark: 'warning' as const, text: value, advice: value })),
      { mark: 'ok', text: value, advice: null },
    ]),
    plainAnswer([value]),
    incidentsMessage([incident, closed.incident], value, nowMs, 'UTC'),
    helpMessage(),
    noTraceMessage(value, got({ ...tracing, worst: null }), full.evidence),
    noTraceMessage(value, missed({ what: value, source: value, reason: 'timeout', detail: value }), full.evidence),
    ...(worst === null
      ? []
      : [traceMessage({ title: value, source: value, worst, labels: () => ({ whose: value, operation: value }) }, setting)]),
  ];
};

describe('escaping, once and in one place', () => {
  it('lets no value from outside make a mention, a link off the allowlist, a date or a broken entity in any message', () => {
    fc.assert(
      fc.property(hostile, (value) => {
        for (const message of messagesWith(value)) {
          expectEscaped(message.text, message.blocks);
        }
      }),
      { numRuns: 300 },
    );
  }, 90_000);

  it('offers no command with a character that means something to a shell', () => {
    fc.assert(
      fc.property(hostile, (value) => {
        for (const message of messagesWith(value)) {
          for (const { text } of texts(message.blocks).filter(({ type }) => type === 'mrkdwn'))
            for (const [, shell] of text.matchAll(/`([^`]*)`/g)) expect(shell).toMatch(/^[A-Za-z0-9._\-/=:, →]+$/);
        }
      }),
      { numRuns: 300 },
    );
  }, 90_000);

  it("stays within Slack's limits whatever the names", () => {
    fc.assert(
      fc.property(hostile, (value) => {
        for (const message of messagesWith(value)) {
          expect(message.blocks.length).toBeLessThanOrEqual(12);
          expect(message.text.length).toBeGreaterThan(0);
          expect(blockProblems(message.blocks, () => 'ready')).toEqual([]);
          for (const { type, text } of texts(message.blocks)) {
            expect(text.length).toBeGreaterThan(0);
            expect(text.length).toBeLessThanOrEqual(type === 'plain_text' ? 150 : 3000);
            expect(text.isWellFormed()).toBe(true);
          }
        }
      }),
      { numRuns: 200 },
    );
  }, 90_000);
});
