import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../../src/domain/diagnosis.ts';
import { calleeName, callerName, type Edge } from '../../../../src/domain/edge.ts';
import type { Evidence } from '../../../../src/domain/evidence.ts';
import { got } from '../../../../src/domain/gathered.ts';
import type { SpanKind, Trace, TraceAnalysis } from '../../../../src/domain/trace.ts';
import { root } from '../../../../src/stages/compose/root.ts';
import { diagnose } from '../../../../src/stages/diagnose/index.ts';
import { analyse } from '../../../../src/stages/follow/analyse.ts';
import { setting, standing } from '../../../support/report.ts';
import { type Given, traceOf } from '../../../support/traces.ts';

const seed = 20_261_127;
const here = 'test/scenarios';
const recorded: readonly Evidence[] = readdirSync(here, { withFileTypes: true })
  .map(({ name }) => join(here, name, 'evidence.json'))
  .filter(existsSync)
  .map((file) => JSON.parse(readFileSync(file, 'utf8')) as Evidence);

const hostile = [
  '<!channel>',
  '*bold* `code` _x_',
  'a; rm -rf /.shop',
  '$(reboot)',
  '-rf.shop',
  'line\nbreak\u2028and more',
  '\u202eevil',
  '__proto__',
  'https://evil.example/x?y=z',
  '',
  'x'.repeat(600),
];

/** Spans of an edge's call and of whatever may be below it, by the names that the evidence knows and by such that it does not. */
const anySpans = (edge: Edge, names: readonly string[]): fc.Arbitrary<readonly Given[]> => {
  const name = fc.constantFrom(...names, 'postgresql', 'ratings.shop', ...hostile);
  const below = fc.record({
    parent: fc.nat(),
    service: name,
    peer: fc.option(name, { freq: 2 }),
    kind: fc.constantFrom<SpanKind | null>('client', 'server', 'internal', 'producer', 'consumer', null),
    operation: fc.constantFrom('GET /x', 'SELECT orders', ...hostile),
    startMicros: fc.integer({ min: 0, max: 9_000_000 }),
    durationMicros: fc.integer({ min: 0, max: 9_000_000 }),
    isError: fc.boolean(),
    isAsync: fc.boolean(),
    flags: fc.subarray(['UT', 'DC', 'UF', 'UH', 'URX', 'zz']),
    attributes: fc.constantFrom<Readonly<Record<string, string>>>(
      {},
      { component: 'proxy', 'http.status_code': '503' },
      { node_id: 'sidecar~10.0.0.1~bank-7d4f9c8b6-x2k4d.shop~shop.svc.cluster.local', 'grpc.status_code': '14' },
      { 'k8s.deployment.name': '$(reboot)', 'k8s.namespace.name': 'shop; x' },
    ),
  });
  return fc
    .record({
      micros: fc.constantFrom(1000, 40_000, 900_000, 9_000_000),
      isError: fc.boolean(),
      rest: fc.array(below, { maxLength: 30 }),
    })
    .map(({ micros, isError, rest }) => [
      {
        ...{ id: '0', service: callerName(edge), peer: calleeName(edge), kind: 'client', isError },
        ...{ operation: 'call', startMicros: 0, durationMicros: micros },
      },
      {
        ...{ id: '1', parentId: '0', service: calleeName(edge), kind: 'server', isError },
        ...{ operation: 'POST /pay', startMicros: 0, durationMicros: micros },
      },
      ...rest.map(({ parent, ...span }, index) => ({ ...span, id: String(index + 2), parentId: String(parent % (index + 2)) })),
    ]);
};

type Drawn = { readonly evidence: Evidence; readonly traced: Evidence };

const traced = (evidence: Evidence, trace: Trace, usual: readonly TraceAnalysis[], mayBeIncomplete: boolean): Evidence => {
  const analysis = analyse(trace, evidence.path[0] ?? null, usual);
  const [edge] = evidence.path;
  const worst =
    analysis === null ? null : { trace, analysis, found: { way: 'id' as const }, sentence: 'the worst trace', mayBeIncomplete };
  const told = { doubt: null, inbound: 60, outbound: 60, both: 3, halves: 0, broken: [], headers: [] };
  const propagation = edge ? [{ service: calleeName(edge), told: { ...told, verdict: 'drops' as const } }] : [];
  return {
    ...evidence,
    tracing: got({
      ...{
        source: 'Tempo',
        store: 'tempo' as const,
        by: 'latency' as const,
        worst,
        exemplars: null,
        seen: 40,
        propagation,
        requests: [],
      },
      ...{ isCut: false, sampling: null, expected: null, isYoung: false },
    }),
  };
};

/** A recorded incident, as it is and with some trace of its edge. */
const anyIncident: fc.Arbitrary<Drawn> = fc.constantFrom(...recorded).chain((evidence) => {
  const [edge] = evidence.path;
  if (edge === undefined) throw new Error('every recorded incident has an edge');
  const names = evidence.readings.flatMap((reading) => [callerName(reading.edge), calleeName(reading.edge)]);
  const spans = anySpans(edge, names);
  return fc.tuple(spans, fc.option(spans), fc.boolean()).map(([given, before, mayBeIncomplete]) => {
    const normal = before === null ? null : analyse(traceOf(before), edge, []);
    const usual = normal === null ? [] : Array.from({ length: 5 }, () => normal);
    return { evidence, traced: traced(evidence, traceOf(given), usual, mayBeIncomplete) };
  });
});

/** What metrics decide of a finding. */
const decided = ({ rule, at, badEvents, explains }: Finding) => ({ rule, at, badEvents, explains });

/** A word is never raised, and sinks from the highest only. */
const mayBecome = (before: Finding['confidence'], after: Finding['confidence']): boolean =>
  after === before || (before === 'clear' && after === 'likely');

const holds = (check: (drawn: Drawn) => void): void => fc.assert(fc.property(anyIncident, check), { seed, numRuns: 250 });

/** Rules of which one request can say something. */
const ofRequests: ReadonlySet<string> = new Set([
  ...['slow-callee', 'slow-dependency', 'upstream-timeout', 'client-gave-up', 'circuit-breaker', 'proxy-answered'],
  ...['callee-errors', 'grpc-errors', 'retry-exhausted', 'retry-storm'],
]);

describe('a trace, whatever it says,', () => {
  it('changes neither which findings there are, nor their edges, nor how they rank', () => {
    const spoke = new Set<string>();
    holds(({ evidence, traced: withTrace }) => {
      const [alone, both] = [diagnose(evidence), diagnose(withTrace)];
      expect(both.findings.map(decided)).toEqual(alone.findings.map(decided));
      for (const [index, found] of both.findings.entries()) {
        expect(mayBecome(alone.findings[index]?.confidence ?? 'possible', found.confidence)).toBe(true);
        if (JSON.stringify(found) !== JSON.stringify(alone.findings[index])) spoke.add(found.rule);
      }
    });
    // A check of nothing would pass as well.
    expect([...spoke]).toEqual(expect.arrayContaining(['slow-callee', 'slow-dependency', 'callee-errors', 'upstream-timeout']));
    expect([...spoke].filter((rule) => !ofRequests.has(rule))).toEqual([]);
  });

  it('makes nothing sick that metrics find well, and nothing well that they find sick', () => {
    holds(({ evidence, traced: withTrace }) => {
      const [alone, both] = [diagnose(evidence), diagnose(withTrace)];
      expect(both.verdict?.side === 'nothing wrong').toBe(alone.verdict?.side === 'nothing wrong');
      expect(both.verdict === null).toBe(alone.verdict === null);
      if (alone.verdict === null || alone.verdict.side === 'nothing wrong') expect({ ...both, notes: [] }).toEqual(alone);
    });
  });

  it('leaves what proxies proved by their flags, counters and ends as it is', () => {
    holds(({ evidence, traced: withTrace }) => {
      const [alone, both] = [diagnose(evidence), diagnose(withTrace)];
      expect({ ...both, verdict: null, findings: null, summary: null, notes: null }).toEqual({
        ...{ ...alone, verdict: null, findings: null, summary: null, notes: null },
      });
      for (const [index, found] of both.findings.entries()) {
        const before = alone.findings[index];
        if (found.rule !== 'slow-callee') expect(found.side).toBe(before?.side);
      }
    });
  });

  it('fits into a message, with names that can do nothing', () => {
    holds(({ traced: withTrace }) => {
      const diagnosis = diagnose(withTrace);
      for (const { evidence, sentence, firstCheck } of diagnosis.findings) {
        expect(evidence.length).toBeLessThanOrEqual(3);
        for (const text of [...evidence, sentence, firstCheck.sentence]) expect(text.length).toBeLessThanOrEqual(300);
        if (firstCheck.command !== null) expect(firstCheck.command).toMatch(/^[A-Za-z0-9 ._/=:,^|-]+$/);
      }
      const message = JSON.stringify(root({ evidence: withTrace, diagnosis }, setting, standing));
      expect(message).not.toMatch(/<!channel|`code`|\$\(reboot\)`/);
      expect(JSON.stringify(diagnose(withTrace))).toBe(JSON.stringify(diagnosis));
    });
  });
});
