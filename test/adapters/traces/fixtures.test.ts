import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TraceFormatError } from '../../../src/adapters/traces/format-error.ts';
import { readTraces } from '../../../src/adapters/traces/wire.ts';
import { orderTrace } from '../../../src/stages/follow/order.ts';

/** Traces of public projects, of real meshes and of tools' own tests: what each holds, and what had to be repaired in it. */
const fixtures = process.env['EDGEWISE_FIXTURES'];
const skipped = fixtures ? '' : ' (skipped: EDGEWISE_FIXTURES is not set)';

type Row = readonly [file: string, traces: number, spans: number, problems: Readonly<Record<string, number>>];

const readable: readonly Row[] = [
  ...['1', '2', '3', '4', '5', '6'].map((name, index): Row => {
    const spans = [1, 2, 2, 3, 4, 4][index] ?? 0;
    return [`crisp/${name}.json`, 1, spans, { 'no-kind': spans }];
  }),
  ['crisp/7.json', 1, 3, { 'no-kind': 3, 'outlives-parent': 1 }],
  ['crisp/8.json', 1, 3, { 'no-kind': 3, 'outlives-parent': 1 }],
  ...['1_err1', '1_err2', '2_err1', '2_err2'].map((name): Row => [`crisp/err_pattern${name}.json`, 1, 2, { 'no-kind': 2 }]),
  // Zeros are left out of its JSON: there are no times.
  ['jaeger/apiv3-GetTrace.json', 1, 1, { 'no-duration': 1, 'no-service': 1, 'no-start': 1 }],
  ['jaeger/deathstarbench-20-dehydrated.json', 20, 660, { 'no-kind': 660 }],
  ['jaeger/jaeger-ui-otlp2jaeger-out.json', 1, 2, { 'duplicate-span': 1, 'missing-parent': 1 }],
  // Two of four servers under one call end after it: of several, none is the other half, and no clock is to blame.
  ['jaeger/jaeger-ui-spanLongerAsParent.json', 1, 8, { 'no-kind': 2, 'outlives-parent': 2 }],
  [
    'jaeger/jaeger-ui-traceWithMultipleSpansWithTheSameValueInDifferentTags.json',
    ...([1, 4] as const),
    { 'several-roots': 4, 'shared-ids': 1 },
  ],
  ['jaeger/jaeger-ui-traceWithOverlappingChildrenLongerThanParent.json', 1, 4, { 'outlives-parent': 2 }],
  ['otlp/jaeger-otel-traces-01.json', 1, 1, { 'missing-parent': 1, 'no-kind': 1 }],
  ['otlp/jaeger-ui-otlp2jaeger-in-dup-ids.json', 1, 2, { 'duplicate-span': 1, 'missing-parent': 1 }],
  ['otlp/oteldemo-error-2spans.json', 1, 2, {}],
  ['otlp/otlp-proto-example.json', 1, 1, { 'missing-parent': 1 }],
  ['otlp/perses-pushbytes.json', 1, 3, {}],
  // Clocks of Node that began at whole milliseconds.
  // Names in place of ids: "span-1", "sid1".
  ['jaeger/jaeger-ui-tracegraph-11.json', 1, 11, { 'no-kind': 4 }],
  ['otlp/perses-example.json', 1, 3, { 'outlives-parent': 1 }],
  ['tempo/holmesgpt-nodejs-v1.json', 1, 10, { 'outlives-parent': 1 }],
  ['tempo/kiali-istio-bookinfo-v1.json', 1, 8, {}],
  ['zipkin/ascend.json', 1, 8, { 'clock-skew': 1, 'no-kind': 2, 'shared-ids': 2 }],
  ['zipkin/istio-bookinfo-10-traces.json', 10, 74, {}],
  ['zipkin/messaging.json', 1, 4, { 'no-kind': 1, 'outlives-parent': 1 }],
  ['zipkin/messaging-kafka.json', 1, 28, { 'no-kind': 12, 'outlives-parent': 18 }],
  ['zipkin/simple-db-p6.json', 1, 5, {}],
  ['zipkin/skew.json', 1, 4, { 'clock-skew': 1, 'no-kind': 1, 'shared-ids': 1 }],
  [
    'zipkin/smartthings-oauth-175.json',
    ...([1, 175] as const),
    { 'clock-skew': 2, 'no-duration': 19, 'no-kind': 3, 'outlives-parent': 22, 'shared-ids': 41 },
  ],
];

const refused: readonly (readonly [file: string, what: string])[] = [
  ['jaeger/apiv3-FindTraceSummaries.json', 'summaries of traces without their spans'],
];

describe.skipIf(!fixtures)(`public traces${skipped}`, () => {
  const folder = join(fixtures ?? '', 'traces');
  const text = (file: string): string => readFileSync(join(folder, file), 'utf8');

  it.each(readable)('%s is %i of %i spans', (file, traces, spans, problems) => {
    const received = readTraces(text(file));
    expect([received.length, received.flatMap((trace) => trace.spans).length]).toEqual([traces, spans]);
    const sums: Record<string, number> = {};
    for (const { code, count } of received.flatMap((trace) => orderTrace(trace).problems)) sums[code] = (sums[code] ?? 0) + count;
    expect(sums).toEqual(problems);
  });

  it.each(refused)('%s is refused as %s', (file, what) => {
    expect(() => readTraces(text(file))).toThrow(expect.objectContaining({ constructor: TraceFormatError, what }));
  });

  it('of a mesh tell who called whom', () => {
    const edges = readTraces(text('tempo/kiali-istio-bookinfo-v1.json')).flatMap((trace) =>
      orderTrace(trace).spans.flatMap(({ kind, service, peer }) => (kind === 'client' ? [`${service} → ${peer}`] : [])),
    );
    expect(edges).toEqual([
      'istio-ingressgateway.istio-system → productpage.bookinfo',
      'productpage.bookinfo → details.bookinfo',
      'productpage.bookinfo → reviews.bookinfo',
      'reviews.bookinfo → ratings.bookinfo',
    ]);
  });

  it('of two clocks are brought under one', () => {
    const [trace] = readTraces(text('zipkin/skew.json')).map(orderTrace);
    expect(
      trace?.spans.map(({ service, kind, parent, startMicros, durationMicros }) => [
        ...[service, kind, parent, startMicros, durationMicros],
      ]),
    ).toEqual([
      ['servicea', 'server', null, 0, 99_411],
      ['servicea', 'client', 0, 3_134, 94_539],
      ['serviceb', 'server', 1, 3_615, 93_577],
      ['serviceb', null, 2, 3_616, 65_000],
    ]);
  });

  it('are all in the tables', () => {
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.json'));
    expect(files.sort()).toEqual([...readable, ...refused].map(([file]) => file).sort());
  });
});
