import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PathSection, Trace } from '../../../src/domain/trace.ts';
import { criticalPath } from '../../../src/stages/follow/critical-path.ts';
import { focusOf } from '../../../src/stages/follow/focus.ts';
import { columnMicros, drawn, type Given, traceOf } from '../../support/traces.ts';

const pathOf = (trace: Trace): readonly PathSection[] => criticalPath(trace, focusOf(trace, null) ?? 0);

/** The path as a row of names, one for each column of the drawing. */
const rowOf = (trace: Trace): string =>
  pathOf(trace)
    .map(({ span, fromMicros, toMicros }) => (trace.spans[span]?.id ?? '?').repeat((toMicros - fromMicros) / columnMicros))
    .join('');

/** Below each drawing: whose every column of the root is. */
const cases: readonly (readonly [shape: string, drawing: string])[] = [
  [
    'one span is its own path',
    `
    A         [==========]
    path      AAAAAAAAAAAA`,
  ],
  [
    'one after the other: the gaps are the parent’s',
    `
    A         [==============]
      B         [==]
      C             [====]
    path      AABBBBCCCCCCAAAA`,
  ],
  [
    'touching: the first ends where the next begins, and neither is lost',
    `
    A         [==========]
      B       [===]
      C            [=====]
    path      BBBBBCCCCCCC`,
  ],
  [
    'overlap: who still ran when the last one began was not waited for',
    `
    A         [============]
      B         [======]
      C             [====]
    path      AAAAAACCCCCCAA`,
  ],
  [
    'equal ends: the one that began first explains more',
    `
    A         [==========]
      B             [==]
      C         [======]
    path      AACCCCCCCCAA`,
  ],
  [
    'one inside of the other: the inner one was not waited for',
    `
    A         [==========]
      B        [========]
      C           [==]
    path      ABBBBBBBBBBA`,
  ],
  [
    'as long as its parent: it leaves it nothing',
    `
    A         [==========]
      B       [==========]
    path      BBBBBBBBBBBB`,
  ],
  [
    'zero length: it explains nothing, and nothing stops at it',
    `
    A         [==========]
      B         |
      C             |
        D           |
      E              [==]
    path      AAAAAAAEEEEA`,
  ],
  [
    'outlives its parent: cut to it, with what is below',
    `
    A         [==========]
      B             [==========]
        C                [=====]
    path      AAAAAABBBBBC`,
  ],
  [
    'longer than its parent at both ends: cut to it',
    `
    A             [======]
      B         [============]
    path          BBBBBBBB`,
  ],
  [
    'after its parent: nobody waited for it',
    `
    A         [====]
      B               [====]
    path      AAAAAA`,
  ],
  [
    'before its parent: nobody waited for it',
    `
    A               [====]
      B       [===]
    path            AAAAAA`,
  ],
  [
    'async: its parent did not wait for it, nor for what is below it',
    `
    A         [==========]
      B {async} [======]
        C         [==]
      D       [==]
    path      DDDDAAAAAAAA`,
  ],
  [
    'producer and consumer: the sending is waited for, the receiving is not',
    `
    A                 [==========]
      B {producer}      [===]
        C {consumer}      [======]
    path              AABBBBBAAAAA`,
  ],
  [
    'a consumer inside of its own receiving: waited for',
    `
    A {consumer}                [==========]
      B {consumer, service=A}       [====]
    path                        AAAABBBBBBAA`,
  ],
  [
    'a consumer below another service’s: not waited for',
    `
    A {consumer}                [==========]
      B {consumer}                  [====]
    path                        AAAAAAAAAAAA`,
  ],
  [
    'a chain: down and up again',
    `
    A         [==========]
      B        [========]
        C       [======]
          D      [====]
    path      ABCDDDDDDCBA`,
  ],
  [
    'retries: every try, and what was waited between them',
    `
    A         [================]
      B        [==]
      C             [==]
      D                  [==]
    path      ABBBBACCCCADDDDAAA`,
  ],
  [
    'an orphan: a root of its own, and not that of the trace',
    `
    A                 [======]
    B {parent=lost}   [==========]
    path              AAAAAAAA`,
  ],
  [
    'several roots: the longest',
    `
    A         [====]
    B               [========]
      C               [==]
    path            BBCCCCBBBB`,
  ],
];

describe('the critical path of', () => {
  it.each(cases)('%s', (_, drawing) => {
    const expected = /path\s+(\S+)/.exec(drawing)?.[1] ?? '';
    expect(rowOf(drawn(drawing))).toBe(expected);
  });

  it('a focus without length is empty', () => {
    expect(pathOf(traceOf([{ id: 'A', startMicros: 5, durationMicros: 0 }]))).toEqual([]);
  });
});

const exclusive = (trace: Trace, focus = focusOf(trace, null) ?? 0): Readonly<Record<string, number>> => {
  const sums: Record<string, number> = {};
  for (const { span, fromMicros, toMicros } of criticalPath(trace, focus)) {
    const { service = '', operation = '' } = trace.spans[span] ?? {};
    sums[`[${service}] ${operation}`] = (sums[`[${service}] ${operation}`] ?? 0) + toMicros - fromMicros;
  }
  return sums;
};

describe('clocks that disagree a little', () => {
  const times = (total: number, ...spans: readonly (readonly [id: string, start: number, end: number])[]) =>
    exclusive(
      traceOf([
        { id: 'A', startMicros: 0, durationMicros: total },
        ...spans.map(([id, start, end]) => ({ id, parentId: 'A', startMicros: start, durationMicros: end - start })),
      ]),
    );

  it('are forgiven one hundredth of the parent, and nothing is counted twice', () => {
    // The shapes of CRISP's cases 10, and 19 to 21: its own answers (400, 200, 100, 300; 0, 200, 100, 300) count both of what overlaps,
    // so that they exceed what each of them can have explained; ours add up to the parent.
    expect(times(1000, ['B', 10, 210], ['C', 209, 309], ['D', 308, 608])).toEqual({
      '[A] A': 402,
      '[B] B': 199,
      '[C] C': 99,
      '[D] D': 300,
    });
    expect(times(600, ['B', 10, 210], ['C', 205, 305], ['D', 300, 600])).toEqual({
      '[A] A': 10,
      '[B] B': 195,
      '[C] C': 95,
      '[D] D': 300,
    });
  });

  it('make no call of one that only ran beside the last, however short', () => {
    expect(times(1000, ['B', 502, 506], ['C', 500, 800])).toEqual({ '[A] A': 700, '[C] C': 300 });
  });

  it('are not forgiven more', () => {
    expect(times(1000, ['B', 10, 210], ['C', 200, 300])).toEqual({ '[A] A': 710, '[B] B': 190, '[C] C': 100 });
    expect(times(1000, ['B', 10, 211], ['C', 200, 300])).toEqual({ '[A] A': 900, '[C] C': 100 });
  });
});

const anySpans = fc.array(
  fc.record({
    above: fc.nat(1000),
    start: fc.nat(60),
    length: fc.nat(40),
    kind: fc.constantFrom('client', 'server', 'internal', 'producer', 'consumer', null),
    isAsync: fc.boolean(),
  }),
  { maxLength: 40 },
);

const grown = (spans: typeof anySpans extends fc.Arbitrary<infer T> ? T : never): readonly Given[] => [
  { id: 'root', startMicros: 10, durationMicros: 50 },
  ...spans.map(({ above, start, length, kind, isAsync }, index) => ({
    id: `s${index}`,
    parentId: index === 0 ? 'root' : above % (index + 1) === index ? 'root' : `s${above % (index + 1)}`,
    startMicros: start,
    durationMicros: length,
    kind,
    isAsync: isAsync && above % 4 === 0,
  })),
];

const named = (trace: Trace, factor = 1) => {
  const focus = trace.spans.findIndex(({ id }) => id === 'root');
  const zero = trace.spans[focus]?.startMicros ?? 0;
  return criticalPath(trace, focus).map(({ span, fromMicros, toMicros }) => [
    trace.spans[span]?.id,
    (fromMicros - zero) / factor,
    (toMicros - zero) / factor,
  ]);
};

describe('the critical path of any trace', () => {
  it('is exactly its focus: in the order of time, without a gap or an overlap, and nobody is on it before its start or after its end', () => {
    fc.assert(
      fc.property(anySpans, fc.nat(), (spans, pick) => {
        const trace = traceOf(grown(spans));
        const focus = pick % trace.spans.length;
        const { startMicros = 0, durationMicros = 0 } = trace.spans[focus] ?? {};
        let cursor = startMicros;
        for (const { span, fromMicros, toMicros } of criticalPath(trace, focus)) {
          expect(fromMicros).toBe(cursor);
          expect(toMicros).toBeGreaterThan(fromMicros);
          for (let place: number | null = span; place !== null && place !== focus; place = trace.spans[place]?.parent ?? null) {
            const own = trace.spans[place];
            expect(own?.startMicros).toBeLessThanOrEqual(fromMicros);
            expect((own?.startMicros ?? 0) + (own?.durationMicros ?? 0)).toBeGreaterThanOrEqual(toMicros);
            expect(own?.parent).not.toBeNull();
          }
          cursor = toMicros;
        }
        expect(cursor).toBe(startMicros + durationMicros);
      }),
      { numRuns: 500 },
    );
  });

  it('does not depend on the unit of time', () => {
    fc.assert(
      fc.property(anySpans, (spans) => {
        const given = grown(spans);
        const slower = given.map((span) => ({
          ...span,
          startMicros: span.startMicros * 1000,
          durationMicros: span.durationMicros * 1000,
        }));
        expect(named(traceOf(slower), 1000)).toEqual(named(traceOf(given)));
      }),
      { numRuns: 300 },
    );
  });

  it('stays when a leaf that is not on it is taken away', () => {
    fc.assert(
      fc.property(anySpans, (spans) => {
        const given = grown(spans);
        const before = named(traceOf(given));
        const isLeaf = ({ id }: Given): boolean => !given.some(({ parentId }) => parentId === id);
        const idle = given.find((span) => isLeaf(span) && span.id !== 'root' && !before.some(([id]) => id === span.id));
        expect(named(traceOf(given.filter((span) => span !== idle)))).toEqual(before);
      }),
      { numRuns: 300 },
    );
  });
});

describe('the critical path of large traces', () => {
  const inARow = (count: number): Trace =>
    traceOf([
      { id: 'root', startMicros: 0, durationMicros: count * 10 },
      ...Array.from({ length: count }, (_, index) => ({
        id: `s${index}`,
        parentId: 'root',
        startMicros: index * 10,
        durationMicros: 10,
      })),
    ]);

  it('holds each of 10,000 calls in a row', () => expect(pathOf(inARow(10_000))).toHaveLength(10_000));

  it('goes down a chain of 10,000, and up again', () => {
    const chain = Array.from({ length: 10_000 }, (_, index) => ({
      id: `s${index}`,
      parentId: index === 0 ? null : `s${index - 1}`,
      startMicros: index,
      durationMicros: 20_001 - 2 * index,
    }));
    expect(pathOf(traceOf(chain))).toHaveLength(19_999);
  });
});

type JaegerSpan = {
  readonly spanID: string;
  readonly operationName: string;
  readonly startTime: number;
  readonly duration: number;
  readonly processID: string;
  readonly references?: readonly { readonly refType: string; readonly spanID: string }[];
  readonly tags?: readonly { readonly key: string; readonly value: unknown }[] | null;
};
type JaegerTrace = {
  readonly spans: readonly JaegerSpan[];
  readonly processes: Readonly<Record<string, { readonly serviceName: string }>>;
};

/** As much of Jaeger's JSON as these fixtures need. */
const readJaeger = ({ spans, processes }: JaegerTrace): Trace =>
  traceOf(
    spans.map(({ spanID, operationName, startTime, duration, processID, references = [], tags }) => ({
      id: spanID,
      parentId: references[0]?.spanID ?? null,
      isAsync: references[0]?.refType === 'FOLLOWS_FROM',
      service: processes[processID]?.serviceName ?? 'unknown',
      operation: operationName,
      kind: (tags?.find(({ key }) => key === 'span.kind')?.value ?? null) as Given['kind'] & string,
      startMicros: startTime,
      durationMicros: duration,
    })),
  );

const fixtures = process.env['EDGEWISE_FIXTURES'];
const isThere = fixtures !== undefined && existsSync(join(fixtures, 'traces/crisp'));
const read = (file: string) => (isThere ? JSON.parse(readFileSync(join(fixtures, file), 'utf8')) : null);

type Expected = { readonly spanID: string; readonly sectionStart: number; readonly sectionEnd: number };
type JaegerCase = { readonly case: string; readonly trace: JaegerTrace; readonly expectedSections: readonly Expected[] };

describe.skipIf(!isThere)(`of jaeger-ui’s own cases (${isThere ? '' : 'skipped: '}EDGEWISE_FIXTURES/critical-path-cases)`, () => {
  const { cases: own } = (read('critical-path-cases/jaeger-ui-cases.json') ?? { cases: [] }) as { cases: readonly JaegerCase[] };

  it('are nine', () => expect(own).toHaveLength(9));

  it.each(own.map((one) => [one.case, one] as const))('%s has the same sections', (_, { trace: given, expectedSections }) => {
    const trace = readJaeger(given);
    const zero = Math.min(...given.spans.map(({ startTime }) => startTime));
    const found = pathOf(trace).map(({ span, fromMicros, toMicros }) => ({
      spanID: trace.spans[span]?.id,
      sectionStart: fromMicros + zero,
      sectionEnd: toMicros + zero,
    }));
    expect(found).toEqual([...expectedSections].sort((a, b) => a.sectionStart - b.sectionStart));
  });
});

/** Eight of its traces and four of its failures. Its cases 10 and 19 to 21, which overlap, stand above as shapes: it counts the overlap twice. */
describe.skipIf(!isThere)(`of CRISP’s own cases (${isThere ? '' : 'skipped: '}EDGEWISE_FIXTURES/traces/crisp)`, () => {
  const files = isThere ? readdirSync(join(fixtures, 'traces/crisp')).sort() : [];

  it('are twelve', () => expect(files).toHaveLength(12));

  it.each(files)('%s has the same exclusive times', (file) => {
    const { data, testing } = read(`traces/crisp/${file}`);
    const expected = (Array.isArray(testing) ? testing[0] : testing.opTimeExclusive) as Record<string, number>;
    const spent = Object.entries(expected).filter(([, micros]) => micros > 0);
    expect(exclusive(readJaeger(data[0]))).toEqual(Object.fromEntries(spent));
  });
});
