import { describe, expect, it } from 'vitest';
import { type Gathered, got, missed } from '../../../src/domain/gathered.ts';
import type { FollowedTrace, Tracing } from '../../../src/domain/tracing.ts';
import { root } from '../../../src/stages/compose/root.ts';
import { foundWords, traceLine } from '../../../src/stages/compose/trace-line.ts';
import { analyse } from '../../../src/stages/follow/analyse.ts';
import { alertWith, edgeNamed, reportOf, setting, standing } from '../../support/report.ts';
import { traceOf } from '../../support/traces.ts';

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
      "*The slowest request:* checkout → payments took 4.2 s (usually 35 ms). 3.6 s of it is bank's own time in POST /accounts. _by exemplar, the worst of 12, from Tempo_",
    );
    expect(foundWords({ way: 'search', of: 1, isCut: false }, 'Zipkin')).toBe('by search, the worst of 1 trace in Zipkin');
    expect(foundWords({ way: 'search', of: 2000, isCut: true }, 'Jaeger')).toBe(
      'by search, the worst of 2,000 traces in Jaeger, which may hold worse',
    );
  });

  it('says what makes it doubtful', () => {
    expect(lineOf(got(tracing({ worst: followed({ mayBeIncomplete: true }) })))).toMatch(/; spans may be missing_$/);
    const alone = followed({ analysis: { ...analysis, comparedWith: 2 } });
    expect(lineOf(got(tracing({ worst: alone })))).toMatch(/; no normal traces to compare with_$/);
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

describe('no trace', () => {
  const none = tracing({ worst: null, by: 'errors', seen: 40, exemplars: 'storage-off' });
  const counted = { from: 'counted', rate: 0.01, low: 0.007, high: 0.014 } as const;

  it('is said in numbers: how many are kept, and how likely one of those that failed was among them', () => {
    const expected = { requests: 4000, sampled: 40, sampledLow: 28, sampledHigh: 56, wanted: 30, chance: 0.26 };
    expect(lineOf(got({ ...none, sampling: counted, expected }))).toBe(
      '*No trace of a failed request:* Tempo holds 40 traces of this edge in the window, none of a failed request; about 1 in 100 requests left a trace here; of 30 failed requests 0.3 should have been kept (chance of at least one: 26 %); the metrics store keeps no exemplars',
    );
  });

  it('is not the last word where an exemplar names a trace that is on its way', () => {
    expect(lineOf(got({ ...none, exemplars: 'not-kept' }))).toMatch(/; the traces that exemplars name are not kept$/);
    expect(lineOf(got({ ...none, exemplars: 'not-kept', isYoung: true }))).toMatch(
      /; the trace that an exemplar names has not come yet$/,
    );
  });

  it('is no more than what the store told where it stopped before its end: at least so many', () => {
    const expected = { requests: 4000, sampled: 40, sampledLow: 28, sampledHigh: 56, wanted: 30, chance: 0.26 };
    expect(lineOf(got({ ...none, isCut: true, sampling: counted, expected }))).toBe(
      '*No trace of a failed request:* Tempo told of 40 traces of this edge in the window, none of a failed request, and may hold more; at least 1 in 100 requests left a trace here; of 30 failed requests at least 0.3 should have been kept (chance of at least one: 26 % or more); the metrics store keeps no exemplars',
    );
    expect(lineOf(got({ ...none, isCut: true, seen: 0, exemplars: null }))).toBe(
      '*No trace of a failed request:* Tempo told of no trace of this edge in the window, and may hold some',
    );
    const sampler = { from: 'sampler', rate: 0.5, low: 0.5, high: 0.5 } as const;
    expect(lineOf(got({ ...none, isCut: true, sampling: sampler }))).toMatch(/; the sampler keeps 50 % of requests;/);
  });

  it('is no more than that where nothing is counted', () => {
    expect(lineOf(got(tracing({ worst: null, seen: 0, exemplars: 'none-written' })))).toBe(
      '*No trace of a slow request:* Tempo holds no trace of this edge in the window; no series of this edge has exemplars (mesh proxies write none)',
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
