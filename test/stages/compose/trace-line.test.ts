import { describe, expect, it } from 'vitest';
import { type Gathered, got, missed } from '../../../src/domain/gathered.ts';
import type { FollowedTrace, Tracing } from '../../../src/domain/tracing.ts';
import { root } from '../../../src/stages/compose/root.ts';
import { foundWords, traceLine } from '../../../src/stages/compose/trace-line.ts';
import { diagnose } from '../../../src/stages/diagnose/index.ts';
import { analyse } from '../../../src/stages/follow/analyse.ts';
import { readingWith } from '../../support/edges.ts';
import { alertWith, edgeNamed, findingAt, reportOf, setting, standing } from '../../support/report.ts';
import { drawn, traceOf } from '../../support/traces.ts';
import { drawnSlowly, tracingOf } from '../../support/worst-trace.ts';

const trace = traceOf([{ id: 'a', startMicros: 0, durationMicros: 4_200_000 }]);
const analysis = analyse(trace, null, []);
if (analysis === null) throw new Error('no analysis');
const followed = (more: Partial<FollowedTrace> = {}): FollowedTrace => ({
  trace,
  analysis: { ...analysis, comparedWith: 20 },
  found: { way: 'exemplar', of: 12 },
  sentence: "checkout → payments took 4.2 s (usually 35 ms). 3.6 s of it is bank's own time in POST /accounts.",
  mayBeIncomplete: false,
  ...more,
});
const tracing = (more: Partial<Tracing> = {}): Tracing => ({
  source: 'Tempo',
  store: 'tempo',
  by: 'latency',
  worst: followed(),
  exemplars: null,
  seen: 200,
  requests: [],
  isCut: false,
  propagation: [],
  sampling: null,
  expected: null,
  isYoung: false,
  ...more,
});
const lineOf = (told?: Gathered<Tracing>, pending: readonly string[] = []): string | null =>
  traceLine(reportOf(edgeNamed(), [alertWith()], { pending, ...(told === undefined ? {} : { tracing: told }) }));

describe('the line of the worst request', () => {
  it('says whose time it was, which way it was found and out of how many', () => {
    expect(lineOf(got(tracing()))).toBe(
      "*The slowest traced request:* checkout → payments took 4.2 s (usually 35 ms). 3.6 s of it is bank's own time in POST /accounts. _by exemplar, the worst of 12, from Tempo_",
    );
    expect(foundWords({ way: 'search', of: 1, isCut: false }, 'Zipkin')).toBe('by search, the worst of 1 trace in Zipkin');
    expect(foundWords({ way: 'search', of: 2000, isCut: true }, 'Jaeger')).toBe(
      'by search, the worst of 2,000 traces in Jaeger, which may hold worse',
    );
  });

  it('says what makes it doubtful', () => {
    expect(lineOf(got(tracing({ worst: followed({ mayBeIncomplete: true }) })))).toMatch(/; spans may be missing_$/);
    const alone = followed({ analysis: { ...analysis, comparedWith: 2 } });
    expect(lineOf(got(tracing({ worst: alone })))).toMatch(/; too few normal traces to compare with_$/);
  });

  it('is there while the store is still being asked, and not where there is none or it gave no answer', () => {
    expect(lineOf(undefined, ['Tempo'])).toBe('_Still asking Tempo for the worst request …_');
    expect(lineOf()).toBeNull();
    const gap = { what: 'trace', source: 'Tempo', reason: 'timeout' as const, detail: 'did not answer in 1.8 s' };
    expect(lineOf(missed(gap))).toBeNull();
    const { blocks } = root(reportOf(edgeNamed(), [alertWith()], { tracing: missed(gap), gaps: [gap] }), setting, standing);
    expect(JSON.stringify(blocks)).toMatch(/No trace: Tempo did not answer in 1\.8 s/);
  });
});

describe('what the evidence of the verdict says of the trace', () => {
  const edge = edgeNamed();
  const drawing = `
    checkout.shop {client, error, peer=payments.shop}                    [==================]
      payments.shop {server, error, http.status_code=500, operation=POST} [================]`;
  const failing = tracingOf(drawn(drawing), { by: 'errors' });
  const shown = (line: string, evidence: readonly string[], what: 'origin' | 'time' = 'origin'): string | null =>
    traceLine(
      reportOf(edge, [alertWith()], { tracing: failing }, { verdict: { ...findingAt(edge), evidence, traced: { what, line } } }),
    );
  const way = '_by search, the worst of 40 traces in Tempo_';

  it('is not said again', () => {
    expect(shown('it began there', ['first', 'it began there'])).toBe(
      `*A failed request:* checkout → payments failed after 20 ms. ${way}`,
    );
  });

  it('is said where that line is not shown, or tells of something else', () => {
    const whole = `*A failed request:* checkout → payments failed after 20 ms. It began in payments, POST: answered 500. ${way}`;
    expect(shown('it began there', ['1', '2', '3', 'it began there'])).toBe(whole);
    expect(shown('3 s of it there', ['1', '3 s of it there'], 'time')).toBe(whole);
  });

  it('is the way that metrics walked: the path of the trace would be the same', () => {
    const slow = (caller: string, callee: string) => {
      const side = { now: [[3000]], usual: 3000, mean: 0.9, usualMean: 0.02 } as const;
      return readingWith(edgeNamed(caller, callee), { caller: side, callee: side });
    };
    const readings = [slow('checkout', 'payments'), slow('payments-v1', 'bank')];
    const path = readings.map((reading) => reading.edge);
    const deep = `
      checkout.shop {client, peer=payments.shop}                  [====================]
        payments.shop {server, operation=POST /pay}                [==================]
          payments.shop#c {client, peer=bank.shop}                  [================]
            bank.shop {server, operation=POST /accounts}             [==============]`;
    const { evidence } = reportOf(edge, [alertWith()], { readings, path, tracing: tracingOf(drawnSlowly(deep, 210)) });
    const diagnosis = diagnose(evidence);
    expect(diagnosis.verdict?.evidence.slice(0, 2)).toEqual([
      'the way down: payments → bank',
      'the slowest traced request says so too: 73 % of its time',
    ]);
    expect(traceLine({ evidence, diagnosis })).toMatch(/3\.36 s of it is bank's own time in POST \/accounts\. _by search/);
  });
});

describe('what went wrong with a request', () => {
  const headed = (drawing: string, by: 'errors' | 'latency' = 'errors') => lineOf(tracingOf(drawnSlowly(drawing, 10), { by }));
  const call = (said: string) => `
    checkout.shop {client, peer=payments.shop, ${said}}                      [==================]
      payments.shop {server, ${said}}                                         [================]`;

  it.each([
    ['refused', 'http.status_code=403', '*A refused request:* checkout → payments took 200 ms: answered 403. _by'],
    ['not found', 'http.status_code=404', '*A request with a client error:* checkout → payments took 200 ms: answered 404. _by'],
    [
      'left by its client',
      'flag=DC, http.status_code=0',
      "*A request that its client left:* checkout → payments took 200 ms: the client hung up. 180 ms of it is payments' own time",
    ],
    [
      'failed',
      'error, http.status_code=500',
      '*A failed request:* checkout → payments failed after 200 ms. It began in payments',
    ],
  ])('is said: %s', (_, said, line) => {
    expect(headed(call(said))?.startsWith(line) ? line : headed(call(said))).toBe(line);
  });

  it('is a timeout of the caller, not that the callee saw it hang up; and whose time ran it out', () => {
    const drawing = `
      checkout.shop {client, error, flag=UT, peer=payments.shop}                    [==================]
        payments.shop {server, error, flag=DC, http.status_code=0}                   [================]
          payments.shop#q {client, error, flag=DC, peer=postgresql, operation=SELECT} [==============]`;
    expect(headed(drawing)).toBe(
      "*A failed request:* checkout → payments failed after 200 ms. It began at checkout's call to payments: the callee did not answer within the timeout. 160 ms of it is payments waiting for postgresql in SELECT. _by search, the worst of 40 traces in Tempo_",
    );
  });

  it('is nothing, where the slowest that was found is faster than what the edge takes in the middle', () => {
    const slow = readingWith(edgeNamed(), { caller: { now: [[3000]], mean: 0.9, usualMean: 0.02 } });
    const line = traceLine(
      reportOf(edgeNamed(), [alertWith()], { tracing: tracingOf(drawnSlowly(call('x=1'), 10)), readings: [slow] }),
    );
    expect(line).toMatch(/; faster than the mean of this edge: no slow one was found_$/);
  });
});

describe('no trace', () => {
  it('of a refused request is not called one of a failed', () => {
    const now = [[2100], [900, '403', 'UAEX']] as const;
    const refusing = readingWith(edgeNamed(), { caller: { now, usual: 3000 }, callee: { now, usual: 3000 } });
    const report = reportOf(edgeNamed(), [alertWith()], {
      readings: [refusing],
      tracing: got(tracing({ worst: null, by: 'errors', seen: 0, exemplars: null })),
    });
    expect(traceLine(report)).toBe('*No trace of a refused request:* Tempo holds no trace of this edge in the window');
  });

  it('of any request, of so many that one in a hundred would be there, is no chance', () => {
    const nothing = { from: 'counted', rate: 0, low: 0, high: 0.001 } as const;
    const of = (requests: number) => ({ requests, sampled: 0, sampledLow: 0, sampledHigh: 4, wanted: 30, chance: 0 });
    const seen = (requests: number) =>
      lineOf(got(tracing({ worst: null, by: 'errors', seen: 0, exemplars: null, sampling: nothing, expected: of(requests) })));
    expect(seen(4000)).toMatch(
      /holds no trace of this edge in the window, of 4,000 requests: they are not traced, or under another name$/,
    );
    expect(seen(40)).toMatch(/holds no trace of this edge in the window, of 40 requests$/);
  });

  it('where one should be there for certain says that they get lost', () => {
    const sampling = { from: 'counted', rate: 0.1, low: 0.09, high: 0.11 } as const;
    const expected = { requests: 4000, sampled: 400, sampledLow: 360, sampledHigh: 440, wanted: 900, chance: 1 };
    expect(lineOf(got(tracing({ worst: null, by: 'errors', seen: 400, exemplars: null, sampling, expected })))).toMatch(
      /; of 900 failed requests 90 should have been kept, so they leave no spans, or lose them on the way$/,
    );
  });

  const none = tracing({ worst: null, by: 'errors', seen: 40, exemplars: 'storage-off' });
  const counted = { from: 'counted', rate: 0.01, low: 0.007, high: 0.014 } as const;

  it('is said in numbers: how many are kept, and how likely one of those that failed was among them', () => {
    const expected = { requests: 4000, sampled: 40, sampledLow: 28, sampledHigh: 56, wanted: 30, chance: 0.26 };
    expect(lineOf(got({ ...none, sampling: counted, expected }))).toBe(
      '*No trace of a failed request:* Tempo holds 40 other traces of this edge in the window; about 1 in 100 requests left a trace here; of 30 failed requests none was to be expected (chance of at least one: 26 %); the metrics store keeps no exemplars',
    );
  });

  it('is not the last word where an exemplar names a trace that is on its way', () => {
    expect(lineOf(got({ ...none, exemplars: 'not-kept' }))).toMatch(
      /; the traces that exemplars name are not kept \(tail sampling/,
    );
    expect(lineOf(got({ ...none, exemplars: 'not-kept', isYoung: true }))).toMatch(
      /; the trace that an exemplar names has not come yet$/,
    );
  });

  it('is no more than what the store told where it stopped before its end: at least so many', () => {
    const expected = { requests: 4000, sampled: 40, sampledLow: 28, sampledHigh: 56, wanted: 30, chance: 0.26 };
    expect(lineOf(got({ ...none, isCut: true, sampling: counted, expected }))).toBe(
      '*No trace of a failed request:* Tempo told of 40 other traces of this edge in the window, and may hold more; at least 1 in 100 requests left a trace here; of 30 failed requests at least 0.3 should have been kept (chance of at least one: 26 % or more); the metrics store keeps no exemplars',
    );
    expect(lineOf(got({ ...none, isCut: true, seen: 0, exemplars: null }))).toBe(
      '*No trace of a failed request:* Tempo told of no trace of this edge in the window, and may hold some',
    );
    const sampler = { from: 'sampler', rate: 0.5, low: 0.5, high: 0.5 } as const;
    expect(lineOf(got({ ...none, isCut: true, sampling: sampler }))).toMatch(/; the sampler keeps 50 % of requests;/);
  });

  it('is no more than that where nothing is counted', () => {
    expect(lineOf(got(tracing({ worst: null, seen: 0, exemplars: 'none-written' })))).toBe(
      '*No trace of a slow request:* Tempo holds no trace of this edge in the window; no exemplars of this edge (mesh proxies write none)',
    );
    const sampler = { from: 'sampler', rate: 0.5, low: 0.5, high: 0.5 } as const;
    expect(lineOf(got({ ...none, sampling: sampler, exemplars: 'not-asked' }))).toMatch(/; the sampler keeps 50 % of requests$/);
    const configured = { from: 'configured', rate: 0.01, low: 0.01, high: 0.01 } as const;
    expect(lineOf(got({ ...none, sampling: configured, exemplars: 'not-asked' }))).toMatch(
      /; the mesh is configured to trace about 1 in 100 requests$/,
    );
  });
});

it('a span cannot inject anything into the line', () => {
  const hostile = followed({ sentence: '<!channel> *all* `rm -rf` https://evil.example <https://evil.example|payments>' });
  const line = lineOf(got(tracing({ worst: hostile }))) ?? '';
  expect(line).not.toMatch(/<!|<http|`|https:\/\//);
});
