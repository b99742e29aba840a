import fc from 'fast-check';
import { RE2JS } from 're2js';
import { describe, expect, it } from 'vitest';
import { labelsOf } from '../../../src/domain/alert.ts';
import { type Edge, nobody } from '../../../src/domain/edge.ts';
import type { Exemplar } from '../../../src/domain/exemplar.ts';
import { parsePromql, selectorsOf } from '../../../src/domain/promql/tree.ts';
import { equals } from '../../../src/domain/promql.ts';
import { type ExemplarMetric, exemplarMetrics, withNamed } from '../../../src/stages/follow/exemplar-metrics.ts';
import {
  type ExemplarQuestion,
  exemplarWindow,
  fitsExemplar,
  planExemplars,
  readExemplars,
} from '../../../src/stages/follow/exemplars.ts';

const edge: Edge = {
  cluster: null,
  source: { namespace: 'shop', workload: 'frontend', service: null },
  destination: { namespace: 'shop', workload: 'checkout-v2', service: 'checkout' },
};
const selectors = (question: ExemplarQuestion | undefined) => selectorsOf(parsePromql(question?.promql ?? '', 100_000));

/** Whether a series is among those that a question chooses, as Prometheus would say. */
const chooses = (question: ExemplarQuestion | undefined, series: Readonly<Record<string, string>>): boolean =>
  selectors(question).some(
    ({ metric, matchers }) =>
      metric === series['__name__'] &&
      matchers.every(({ label, op, value }) => {
        const given = series[label] ?? '';
        return op === '=' ? given === value : RE2JS.compile(`^(?:${value})$`).matcher(given).find();
      }),
  );
const placesOf = (questions: readonly ExemplarQuestion[], series: Readonly<Record<string, string>>): readonly number[] =>
  questions.flatMap((question, place) => (chooses(question, series) ? [place] : []));

const graph = (rest: object) => ({
  __name__: 'traces_service_graph_request_server_seconds_bucket',
  client: 'frontend',
  server: 'checkout',
  le: '0.5',
  ...rest,
});
const spans = (rest: object) => ({
  __name__: 'traces_span_metrics_duration_milliseconds_bucket',
  service_name: 'frontend',
  span_kind: 'SPAN_KIND_CLIENT',
  status_code: 'STATUS_CODE_UNSET',
  le: '100.0',
  ...rest,
});

describe('what is asked for exemplars', () => {
  it('is whole expressions that Prometheus can read', () => {
    for (const mode of ['errors', 'latency'] as const)
      for (const { promql } of planExemplars(edge, mode)) expect(parsePromql(promql, 100_000).isValid).toBe(true);
  });

  it('is all series at once, the highest buckets first', () => {
    const questions = planExemplars(edge, 'latency');
    for (const le of ['+Inf', '10', '10.0', '1', '2.5']) expect([le, placesOf(questions, graph({ le }))]).toEqual([le, [0, 1]]);
    for (const le of ['0.5', '0.25', '0']) expect([le, placesOf(questions, graph({ le }))]).toEqual([le, [1]]);
    for (const le of ['1000', '5000.0', '+Inf', '1e+06']) expect([le, placesOf(questions, spans({ le }))]).toEqual([le, [0, 1]]);
    expect(placesOf(questions, spans({ le: '500' }))).toEqual([1]);
  });

  it('begins for errors with series that say so, of counters too', () => {
    const questions = planExemplars(edge, 'errors');
    expect(placesOf(questions, spans({ status_code: 'STATUS_CODE_ERROR' }))).toEqual([0, 1]);
    expect(placesOf(questions, spans({}))).toEqual([1]);
    expect(placesOf(questions, graph({}))).toEqual([1]);
    const calls = spans({ __name__: 'traces_span_metrics_calls_total', status_code: 'STATUS_CODE_ERROR' });
    expect(placesOf(questions, calls)).toEqual([0]);
    const http = (code: string) => ({
      __name__: 'http_server_request_duration_seconds_bucket',
      job: 'shop/checkout',
      http_response_status_code: code,
    });
    expect(['503', '404'].map((code) => placesOf(questions, http(code)))).toEqual([[0, 1], [1]]);
  });

  it('is two questions, and never a counter for latency', () => {
    for (const mode of ['errors', 'latency'] as const) expect(planExemplars(edge, mode)).toHaveLength(2);
    const asked = planExemplars(edge, 'latency').flatMap((question) => selectors(question).map(({ metric }) => metric));
    expect(asked.filter((metric) => metric.endsWith('_total'))).toEqual([]);
  });

  it('knows services with and without their namespaces, and native histograms', () => {
    const questions = planExemplars(edge, 'latency');
    for (const server of ['checkout', 'checkout.shop', 'Checkout', 'checkout-v2', 'shop/checkout'])
      expect([server, placesOf(questions, graph({ server }))]).toEqual([server, [1]]);
    for (const server of ['checkout.other', 'xcheckout', 'checkout-api', ''])
      expect([server, placesOf(questions, graph({ server }))]).toEqual([server, []]);
    const native = { __name__: 'traces_service_graph_request_client_seconds', client: 'frontend.shop', server: 'checkout.shop' };
    expect(placesOf(questions, native)).toEqual([0, 1]);
  });

  it('takes the calls of a caller whose metrics do not say whom it calls, and leaves out those to others', () => {
    const questions = planExemplars(edge, 'latency');
    expect(placesOf(questions, spans({}))).toEqual([1]);
    expect(placesOf(questions, spans({ peer_service: 'checkout' }))).toEqual([1]);
    expect(placesOf(questions, spans({ peer_service: 'payments' }))).toEqual([]);
    expect(placesOf(questions, spans({ service_name: 'checkout', span_kind: 'SPAN_KIND_SERVER' }))).toEqual([1]);
    expect(placesOf(questions, spans({ service_name: 'checkout' }))).toEqual([]);
  });

  it('is of the callee alone where nobody knows who calls, and nothing without a callee', () => {
    const questions = planExemplars({ ...edge, source: nobody }, 'latency');
    expect(placesOf(questions, graph({ client: 'whoever' }))).toEqual([1]);
    expect(placesOf(questions, spans({}))).toEqual([]);
    expect(planExemplars({ ...edge, destination: nobody }, 'latency')).toEqual([]);
  });

  it('is of other metrics where those are configured', () => {
    const own: ExemplarMetric = {
      family: 'ours',
      metric: 'calls',
      form: 'histogram',
      unit: 'milliseconds',
      caller: ['from'],
      callee: ['to'],
      mayNameCallee: null,
      matchers: [equals('env', 'prod')],
      errors: { label: 'outcome', begins: ['fail.'] },
    };
    const [failed, all] = planExemplars(edge, 'errors', [own]);
    const series = { __name__: 'calls_bucket', from: 'frontend', to: 'checkout', env: 'prod' };
    expect([chooses(all, series), chooses(failed, series)]).toEqual([true, false]);
    expect(chooses(failed, { ...series, outcome: 'fail.timeout' })).toBe(true);
    expect(chooses(failed, { ...series, outcome: 'failure' })).toBe(false);
    expect(planExemplars(edge, 'latency', [])).toEqual([]);
  });

  it('is of named metrics before those that are known', () => {
    const own = { metric: 'grpc_server_handling_seconds', unit: 'seconds' as const, caller: [], callee: ['job'], errors: null };
    const [question] = planExemplars(edge, 'latency', withNamed([own]));
    const series = { __name__: 'grpc_server_handling_seconds_bucket', job: 'shop/checkout', le: '+Inf' };
    expect(chooses(question, series)).toBe(true);
    const found = question && readExemplars(question, [exemplar(1, 9, graph({})), exemplar(2, 2, series)], 'latency', window);
    expect(found?.map(({ traceId }) => traceId)).toEqual([idOf(2)]);
  });

  it('is of applications under older names, and of Spring Boot', () => {
    const questions = planExemplars(edge, 'errors');
    for (const series of [
      { __name__: 'http_server_duration_milliseconds_bucket', job: 'checkout', http_status_code: '503' },
      {
        __name__: 'http_client_duration_milliseconds_bucket',
        job: 'frontend',
        net_peer_name: 'checkout',
        http_status_code: '502',
      },
      { __name__: 'http_server_requests_seconds_bucket', job: 'checkout', status: '500' },
      { __name__: 'http_client_requests_seconds_bucket', job: 'frontend', client_name: 'checkout.shop', status: '500' },
    ])
      expect([series['__name__'], placesOf(questions, series)]).toEqual([series['__name__'], [0, 1]]);
  });

  it('has the same shape whatever the services are called', () => {
    const shapes = (name: string, namespace: string | null) => {
      const end = { namespace, workload: name, service: name };
      return planExemplars({ cluster: null, source: end, destination: end }, 'errors').map((question) =>
        selectors(question).map(({ metric, matchers }) => [metric, matchers.map(({ label, op }) => label + op)]),
      );
    };
    const plain = shapes('a', 'b');
    const hostile = fc.oneof(
      fc.string({ unit: 'binary', minLength: 1, maxLength: 30 }),
      fc.constantFrom('"} or up{a="', '\\', '`', '\n', '.*|', ')', '(?i)', '# x'),
    );
    fc.assert(
      fc.property(hostile, fc.option(hostile), (name, namespace) => {
        expect(shapes(name, namespace)).toEqual(plain);
      }),
      { numRuns: 100 },
    );
  });
});

const window = { startMs: 1_795_393_000_000, endMs: 1_795_393_300_000 };
const idOf = (place: number): string => place.toString(16).padStart(32, '0');
const exemplar = (place: number, value: number, series: object, rest: Partial<Exemplar> = {}): Exemplar => ({
  traceId: idOf(place),
  value,
  atMs: window.startMs + 1000 * place,
  series: labelsOf(Object.entries(series) as [string, string][]),
  ...rest,
});
const read = (exemplars: readonly Exemplar[], mode: 'errors' | 'latency' = 'latency') =>
  readExemplars({ promql: '', metrics: exemplarMetrics }, exemplars, mode, window);
const seconds = (rest: object) => ({ ...spans(rest), __name__: 'traces_span_metrics_duration_seconds_bucket' });

describe('the exemplars that are tried', () => {
  it('are the longest, in whatever unit their series count', () => {
    const found = read([
      exemplar(1, 0.9, seconds({})),
      exemplar(2, 4198, spans({})),
      exemplar(3, 92, spans({})),
      exemplar(4, 1, { __name__: 'calls_total' }),
    ]);
    expect(found.map(({ traceId, unit }) => [Number.parseInt(traceId, 16), unit])).toEqual([
      [2, 'milliseconds'],
      [1, 'seconds'],
      [3, 'milliseconds'],
      [4, 'increment'],
    ]);
  });

  it('are of failed requests first where errors count, and counted ones by their age', () => {
    const failed = { status_code: 'STATUS_CODE_ERROR' };
    const counter = spans({ __name__: 'traces_span_metrics_calls_total', ...failed });
    const found = read(
      [exemplar(1, 9, seconds({})), exemplar(2, 20, spans(failed)), exemplar(3, 4200, counter), exemplar(4, 1, counter)],
      'errors',
    );
    expect(found.map(({ traceId, isError }) => [Number.parseInt(traceId, 16), isError])).toEqual([
      [2, true],
      [4, true],
      [3, true],
      [1, false],
    ]);
  });

  it('are each trace once, by the worst that is said of it', () => {
    const many = Array.from({ length: 30 }, (_, place) => exemplar(1 + (place % 8), place, graph({})));
    expect(read(many).map(({ value }) => value)).toEqual([29, 28, 27, 26, 25, 24, 23, 22]);
  });

  it('are of the series that are surest to be of the edge, as far as those have any that can be tried', () => {
    const application = { __name__: 'http_server_request_duration_seconds_bucket', job: 'checkout' };
    const [longest, shorter] = [exemplar(1, 9, application), exemplar(2, 4198, spans({}))];
    const of = (...given: readonly Exemplar[]) => read(given).map(({ traceId }) => traceId);
    expect(of(longest, shorter, exemplar(3, 0.1, graph({})))).toEqual([idOf(3)]);
    expect(of(longest, shorter, exemplar(3, Number.NaN, graph({})))).toEqual([idOf(2)]);
    expect(of(longest, exemplar(4, 99, { __name__: 'x' }))).toEqual([idOf(1)]);
  });

  it('are valid, and of the window with a scrape around it', () => {
    const at = (ms: number) => ({ atMs: ms });
    const found = read([
      exemplar(1, Number.NaN, graph({})),
      exemplar(2, Number.POSITIVE_INFINITY, graph({})),
      exemplar(3, -1, graph({})),
      exemplar(4, 1, graph({}), { traceId: 'zz' }),
      exemplar(5, 1, graph({}), { traceId: idOf(0) }),
      exemplar(6, 1, graph({}), at(window.startMs - 60_001)),
      exemplar(7, 1, graph({}), at(window.endMs + 60_001)),
      exemplar(8, 1, graph({}), at(window.endMs + 60_000)),
    ]);
    expect(found.map(({ traceId }) => traceId)).toEqual([idOf(8)]);
    expect(exemplarWindow(window)).toEqual({ startMs: window.startMs - 60_000, endMs: window.endMs + 60_000 });
  });

  it('have the unit of their name where nobody planned them', () => {
    const names = ['x_seconds_bucket', 'x_milliseconds_bucket', 'x_duration_ms', 'x_total', 'x'];
    const units = names.map(
      (__name__) => readExemplars({ promql: '', metrics: [] }, [exemplar(1, 1, { __name__ })], 'latency', window)[0]?.unit,
    );
    expect(units).toEqual(['seconds', 'milliseconds', 'milliseconds', 'increment', null]);
  });

  it('are in the same order however they came, with labels that stay data', () => {
    const series = fc.constantFrom(
      graph({}),
      spans({}),
      spans({ status_code: 'STATUS_CODE_ERROR' }),
      { __proto__: 'x', constructor: '' },
      {},
    );
    const any = fc.array(fc.tuple(fc.integer({ min: 0, max: 6 }), fc.double(), series, fc.integer({ min: 0, max: 400_000 })), {
      maxLength: 20,
    });
    fc.assert(
      fc.property(any, fc.constantFrom('errors' as const, 'latency' as const), (all, mode) => {
        const given = all.map(([place, value, labels, ms]) => exemplar(place, value, labels, { atMs: window.startMs + ms }));
        const key = (found: ReturnType<typeof read>) => found.map(({ traceId, value, atMs }) => [traceId, value, atMs]);
        const found = read(given, mode);
        expect(key(read(given.toReversed(), mode))).toEqual(key(found));
        expect(new Set(found.map(({ traceId }) => traceId)).size).toBe(found.length);
      }),
      { numRuns: 500 },
    );
  });
});

describe('whether a trace is the one that an exemplar tells of', () => {
  it.each([
    [4_198_000, 'seconds', 4.198, true],
    [4_198_000, 'milliseconds', 4196, true],
    [4_198_000, null, 4.5, true],
    // Some exporters call seconds what are milliseconds.
    [4_198_000, 'seconds', 4198, true],
    [4_198_000, 'seconds', 3.7, false],
    [4_198_000, null, 1, false],
    [1_400, 'milliseconds', 1, true],
    [4_198_000, 'increment', 1, true],
  ] as const)('a call of %i µs and %s of %d: %s', (callMicros, unit, value, isFitting) => {
    expect(fitsExemplar(callMicros, { unit, value })).toBe(isFitting);
  });
});
