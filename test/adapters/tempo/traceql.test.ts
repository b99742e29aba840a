import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { edgeSpans, longestOf, quoted, type WantedSpans } from '../../../src/adapters/tempo/traceql.ts';
import { type Edge, nobody } from '../../../src/domain/edge.ts';

const edgeOf = (from: string | null, to: string | null, namespace: string | null = null): Edge => ({
  cluster: null,
  source: { ...nobody, namespace, workload: from },
  destination: { ...nobody, namespace, service: to },
});
const wanted = (edge: Edge, rest: Partial<WantedSpans> = {}): WantedSpans => ({
  edge,
  leastMicros: null,
  isFailed: false,
  ...rest,
});

/** Literals as Go's scanner reads them: double quotes without line breaks, or back quotes. */
const literals = /"(?:[^"\\\n]|\\.)*"|`[^`]*`/g;
const shapeOf = (query: string): string => query.replaceAll(literals, '…');
const valuesOf = (query: string): readonly string[] => [...query.matchAll(literals)].map(([literal]) => JSON.parse(literal));

const hostile = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }),
  fc.constantFrom(
    '"} || {true',
    '" } >> { "',
    '\\',
    '\\"',
    '`',
    '\n',
    '\r',
    "'",
    '\u0000',
    '\u2028',
    '\ud800',
    '// ',
    '/*',
    '}',
    '|',
    '😀',
  ),
);

describe('TraceQL from names that came from outside', () => {
  it('has the same shape whatever the names', () => {
    const plain = shapeOf(edgeSpans(wanted(edgeOf('a', 'b', 'c'))));
    fc.assert(
      fc.property(hostile, hostile, hostile, (from, to, namespace) => {
        expect(shapeOf(edgeSpans(wanted(edgeOf(from, to, namespace))))).toBe(plain);
      }),
      { numRuns: 2000 },
    );
  });

  it('keeps a name as it is within its literal', () => {
    fc.assert(
      fc.property(hostile, (name) => {
        expect(JSON.parse(quoted(name))).toBe(name.toWellFormed());
        // What Go does not unescape: a slash and halves of characters.
        expect(quoted(name)).not.toMatch(/\\\/|\\ud[89a-f]/i);
      }),
      { numRuns: 2000 },
    );
    expect(quoted('a"b\\c\n')).toBe('"a\\"b\\\\c\\n"');
  });

  it('anchors every pattern itself, since older versions do not', () => {
    for (const value of valuesOf(edgeSpans(wanted(edgeOf('a', 'b'))))) expect(value).toMatch(/^\^.*\)\$$/s);
  });
});

describe('the spans of an edge', () => {
  /** What is said of a workload by its name, and of a call's callee by "calls". */
  const short = (query: string): string =>
    query
      .replaceAll(/\(resource\.service\.name=~"\^\(\?i:\(\?:(\w+)\)[^"]*" \|\| resource\.k8s\.deployment\.name=~"[^"]*"\)/g, '$1')
      .replaceAll(/\(span\.peer\.service=~"[^"]*"(?: \|\| span\.[\w.]+=~"[^"]*")+\)/g, 'calls')
      .replaceAll(/\(status=error \|\| span\.response_flags=~"[^"]*"\)/g, 'failed');

  it('are the long ones of both ends, and calls that nobody answers', () => {
    expect(short(edgeSpans(wanted(edgeOf('frontend', 'checkout'), { leastMicros: 1500.7 })))).toBe(
      [
        '({ frontend && kind=client && duration>=1500us } &>> { checkout && kind!=client })',
        '({ frontend } >> { checkout && kind!=client && duration>=1500us })',
        '({ frontend && kind=client && calls && duration>=1500us })',
      ].join(' || '),
    );
  });

  it('are the failed ones where those are wanted', () => {
    expect(short(edgeSpans(wanted(edgeOf(null, 'checkout'), { isFailed: true })))).toBe(
      '({ checkout && kind!=client && failed }) || ({ kind=client && calls && failed })',
    );
  });

  it('are all of the caller where the callee has no name, and all there are without any', () => {
    expect(short(edgeSpans(wanted(edgeOf('frontend', null))))).toBe('{ frontend }');
    expect(edgeSpans(wanted(edgeOf(null, null)))).toBe('{ }');
    expect(short(edgeSpans(wanted(edgeOf(null, null), { leastMicros: 5, isFailed: true })))).toBe('{ duration>=5us && failed }');
  });

  it('have failed where their response was cut, whatever its status says', () => {
    const [pattern = ''] = valuesOf(edgeSpans(wanted(edgeOf(null, null), { isFailed: true })));
    const isCut = (flags: string): boolean => new RegExp(pattern).test(flags);
    for (const flags of ['UC', 'DI,UT', 'UT,URX', 'LR']) expect([flags, isCut(flags)]).toEqual([flags, true]);
    for (const flags of ['-', '', 'DC', 'URX', 'RLSE', 'SUC']) expect([flags, isCut(flags)]).toEqual([flags, false]);
  });

  it('are measured by the same question', () => {
    const spans = wanted(edgeOf('frontend', 'checkout'), { leastMicros: 1 });
    expect(longestOf(spans)).toBe(`${edgeSpans(spans)} | max_over_time(duration)`);
  });

  it('name the callee as proxies, meshes and tracers do', () => {
    const patterns = valuesOf(edgeSpans(wanted(edgeOf(null, 'checkout', 'shop')))).map((value) => new RegExp(value));
    const isNamed = (name: string): boolean => patterns.some((pattern) => pattern.test(name));
    for (const name of ['checkout', 'checkout.shop.svc.cluster.local', 'outbound|8080|v1|checkout.shop.svc.cluster.local'])
      expect([name, isNamed(name)]).toEqual([name, true]);
    for (const name of ['inbound|8080||', 'outbound|8080||checkout.other.svc.cluster.local', 'PassthroughCluster'])
      expect([name, isNamed(name)]).toEqual([name, false]);
  });
});
