import type { Edge } from '../src/domain/edge.ts';
import type { ReceivedTrace, Span, Trace } from '../src/domain/trace.ts';
import { analyse } from '../src/stages/follow/analyse.ts';
import { criticalPath } from '../src/stages/follow/critical-path.ts';
import { orderTrace } from '../src/stages/follow/order.ts';
import { recursivePath } from './support/recursive-path.ts';
import { median, ms, type Program, table } from './support/table.ts';

const rounds = 9;
const aimMs = 1000;

/** A span of the service and with the operation of this number. */
const spanOf = (place: number, parent: number | null, startMicros: number, durationMicros: number, name: number): Span => ({
  id: place.toString(16).padStart(16, '0'),
  parent,
  isOrphan: false,
  service: `service-${name % 40}.shop`,
  operation: `GET /${name % 200}`,
  kind: name % 2 === 0 ? 'server' : 'client',
  startMicros,
  durationMicros,
  isAsync: false,
  isError: place % 97 === 0,
  flags: [],
  peer: null,
  attributes: { component: 'proxy', 'istio.namespace': 'shop' },
});

const traceOf = (spans: readonly Span[]): Trace => ({
  id: '463ac35c9f6413ad48485a3953bb6124',
  startMicros: 0,
  durationMicros: spans[0]?.durationMicros ?? 0,
  spans,
  received: spans.length,
  problems: [],
});

/** Every span calls five others one right after the other, level by level. */
const tree = (count: number, nameOf: (place: number, depth: number) => number): Trace => {
  const spans = [spanOf(0, null, 0, 10_000_000_000, 0)];
  const depths = [0];
  for (let place = 1; place < count; place += 1) {
    const parent = Math.floor((place - 1) / 5);
    const { startMicros = 0, durationMicros = 0 } = spans[parent] ?? {};
    const each = Math.floor((durationMicros * 0.9) / 5);
    const depth = (depths[parent] ?? 0) + 1;
    depths.push(depth);
    spans.push(spanOf(place, parent, startMicros + ((place - 1) % 5) * each, each, nameOf(place, depth)));
  }
  return traceOf(spans);
};

/** One span whose calls follow each other, a tenth of their length apart. */
const inARow = (count: number): Trace =>
  traceOf([
    spanOf(0, null, 0, count * 110, 0),
    ...Array.from({ length: count }, (_, index) => spanOf(index + 1, 0, index * 110, 100, 1)),
  ]);

/** Each is the only child of the one before. */
const chain = (count: number): Trace =>
  traceOf(
    Array.from({ length: count }, (_, index) =>
      spanOf(index, index === 0 ? null : index - 1, index, 2 * (count - index) + 1, index),
    ),
  );

/** The same as a store would tell it, the last span first. */
const received = ({ id, spans }: Trace): ReceivedTrace => ({
  id,
  spans: spans
    .map((span) => ({
      ...span,
      traceId: id,
      parentId: span.parent === null ? null : (spans[span.parent]?.id ?? null),
      isShared: false,
      startMicros: 1_764_000_000_000_000 + span.startMicros,
    }))
    .toReversed(),
  malformed: 0,
  isTruncated: false,
});

const shapes: readonly (readonly [name: string, make: (scale: number) => Trace])[] = [
  ['50,000 spans, few call paths', (scale) => tree(50_000 * scale, (_, depth) => depth)],
  ['50,000 spans, nearly each a call path of its own', (scale) => tree(50_000 * scale, (place) => place)],
  ['10,000 calls in a row', (scale) => inARow(10_000 * scale)],
  ['a chain of 10,000', (scale) => chain(10_000 * scale)],
];

/** Its callee has no span in any of them: the search looks at all. */
const nowhere: Edge = {
  cluster: null,
  source: { namespace: 'shop', workload: 'service-1-v1', service: null },
  destination: { namespace: 'shop', workload: null, service: 'elsewhere' },
};

/** The median of some rounds, in milliseconds. */
const often = (work: () => unknown): number =>
  median(
    Array.from({ length: rounds }, () => {
      const startedMs = performance.now();
      work();
      return performance.now() - startedMs;
    }),
  );

/** As `often`; or, of what cannot be done, why. */
const tried = (work: () => unknown): number | string => {
  try {
    return often(work);
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : 'failed';
  }
};

export const traceAnalysis: Program = {
  name: 'trace-analysis',
  says: 'one trace analysed (focus, critical path, culprit, origin of its failure), and its critical path alone beside the usual recursive one',
  run: async ({ say, number }) => {
    const scale = number('scale', 1);
    const rows = shapes.map(([name, make]) => {
      const trace = make(scale);
      say(`trace-analysis: ${name}`);
      const told = received(trace);
      return {
        name,
        sections: criticalPath(trace, 0).length,
        order: often(() => orderTrace(told)),
        analysis: often(() => analyse(trace, null, [])),
        search: often(() => analyse(trace, nowhere, [])),
        path: often(() => criticalPath(trace, 0)),
        recursive: tried(() => recursivePath(trace)),
      };
    });
    const worst = Math.max(...rows.map(({ order, analysis, search }) => order + Math.max(analysis, search)));
    const failed = rows.filter(({ recursive }) => typeof recursive === 'string');
    return {
      figures: [
        {
          what: 'the slowest of them, put in order and analysed',
          seen: ms(worst),
          aim: `< ${aimMs / 1000} s`,
          isMet: worst < aimMs,
        },
        { what: 'traces that the recursive one cannot do', seen: `${failed.length} of ${rows.length}` },
      ],
      notes: [
        table(
          ['trace', 'sections', 'put in order', 'analysis', 'edge not found', 'path alone', 'recursive path', '÷ path alone'],
          rows.map(({ name, sections, order, analysis, search, path, recursive }) => [
            ...[name, String(sections), ms(order), ms(analysis), ms(search), ms(path)],
            typeof recursive === 'string' ? recursive : ms(recursive),
            typeof recursive === 'string' ? '' : `${(recursive / path).toFixed(1)} ×`,
          ]),
        ),
      ],
    };
  },
};
