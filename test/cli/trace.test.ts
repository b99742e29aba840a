import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from './run.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'edgewise-trace-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const schema = JSON.parse(readFileSync(resolve(import.meta.dirname, '../../docs/trace.schema.json'), 'utf8')) as object;
const validate = new Ajv2020({ strict: true, allErrors: true }).compile(schema);
const wrong = (trace: unknown): readonly string[] =>
  validate(trace) ? [] : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);

const patience = { timeout: 120_000 };
const startMs = 1_795_749_164_000;

/** A span of a request to checkout, in milliseconds after its start. */
type Told = {
  readonly id: string;
  readonly parent: string | null;
  readonly service: string;
  readonly name: string;
  readonly kind: 'client' | 'server';
  readonly at: number;
  readonly took: number;
  readonly status?: string;
  readonly peer?: string;
};
const told = (
  id: string,
  parent: string | null,
  service: string,
  name: string,
  kind: Told['kind'],
  at: number,
  took: number,
  rest: Partial<Told> = {},
): Told => ({ id, parent, service, name, kind, at, took, ...rest });

/** checkout → payments, which waits for its database. */
const slow: readonly Told[] = [
  told('a', null, 'checkout', 'POST /checkout', 'server', 0, 1000),
  told('b', 'a', 'checkout', 'POST /charge', 'client', 20, 960),
  told('c', 'b', 'payments', 'POST /charge', 'server', 25, 950),
  told('d', 'c', 'payments', 'SELECT cards', 'client', 40, 900, { peer: 'postgresql' }),
];
const failing: readonly Told[] = slow.map((span) =>
  span.id === 'd' ? { ...span, status: '503', took: 30 } : { ...span, status: '500' },
);
/** checkout → payments of two namespaces. */
const namespaces: readonly Told[] = [
  told('a', null, 'checkout.shop', 'POST /checkout', 'server', 0, 1000),
  told('b', 'a', 'checkout.shop', 'POST /charge', 'client', 20, 600, { peer: 'payments.shop' }),
  told('c', 'a', 'checkout.shop', 'POST /bill', 'client', 650, 300, { peer: 'payments.billing' }),
  told('d', 'c', 'payments.billing', 'POST /bill', 'server', 660, 280),
];
/** Everybody has as much of it. */
const spread: readonly Told[] = [
  told('a', null, 'web', 'GET /', 'server', 0, 400),
  told('b', 'a', 'one', 'first', 'server', 100, 100),
  told('c', 'a', 'two', 'second', 'server', 200, 100),
  told('d', 'a', 'three', 'third', 'server', 300, 100),
];

const id = (text: string): string => text.padStart(16, '0');
const firstTrace = '4bf92f3577b34da6a3ce929d0e0e4736';
const numbered = (number: number): string => number.toString(16).padStart(32, '0');
const micros = (ms: number): number => (startMs + ms) * 1000;
const failed = ({ status }: Told): boolean => status !== undefined;

const zipkin = (spans: readonly Told[], traceId = firstTrace): readonly object[] =>
  spans.map((span) => ({
    traceId,
    id: id(span.id),
    ...(span.parent === null ? {} : { parentId: id(span.parent) }),
    name: span.name,
    kind: span.kind.toUpperCase(),
    timestamp: micros(span.at),
    duration: span.took * 1000,
    localEndpoint: { serviceName: span.service },
    ...(span.peer === undefined ? {} : { remoteEndpoint: { serviceName: span.peer } }),
    tags: failed(span) ? { error: 'true', 'http.status_code': span.status } : {},
  }));

const jaeger = (spans: readonly Told[]): object => ({
  data: [
    {
      traceID: firstTrace,
      processes: Object.fromEntries(spans.map(({ service }) => [service, { serviceName: service, tags: [] }])),
      spans: spans.map((span) => ({
        traceID: firstTrace,
        spanID: id(span.id),
        operationName: span.name,
        references: span.parent === null ? [] : [{ refType: 'CHILD_OF', traceID: firstTrace, spanID: id(span.parent) }],
        startTime: micros(span.at),
        duration: span.took * 1000,
        processID: span.service,
        tags: [
          { key: 'span.kind', type: 'string', value: span.kind },
          ...(span.peer === undefined ? [] : [{ key: 'peer.service', type: 'string', value: span.peer }]),
          ...(failed(span) ? [{ key: 'error', type: 'bool', value: true }] : []),
        ],
      })),
    },
  ],
});

const resources = (spans: readonly Told[], coded: (hex: string) => string): readonly object[] =>
  spans.map((span) => ({
    resource: { attributes: [{ key: 'service.name', value: { stringValue: span.service } }] },
    scopeSpans: [
      {
        spans: [
          {
            traceId: coded(firstTrace),
            spanId: coded(id(span.id)),
            ...(span.parent === null ? {} : { parentSpanId: coded(id(span.parent)) }),
            name: span.name,
            kind: span.kind === 'client' ? 'SPAN_KIND_CLIENT' : 'SPAN_KIND_SERVER',
            startTimeUnixNano: `${micros(span.at)}000`,
            endTimeUnixNano: `${micros(span.at + span.took)}000`,
            attributes: span.peer === undefined ? [] : [{ key: 'peer.service', value: { stringValue: span.peer } }],
            status: failed(span) ? { code: 'STATUS_CODE_ERROR' } : {},
          },
        ],
      },
    ],
  }));
const otlp = (spans: readonly Told[]): object => ({ resourceSpans: resources(spans, (hex) => hex) });
const tempo = (spans: readonly Told[]): object => ({
  batches: resources(spans, (hex) => Buffer.from(hex, 'hex').toString('base64')),
});

const explained = async (body: unknown, ...words: readonly string[]) => {
  const { status, out, err } = await run(['trace', '-', '--json', ...words], {}, JSON.stringify(body));
  expect({ status, err }).toEqual({ status: 0, err: '' });
  return JSON.parse(out);
};

/** A file has no normal traces beside it. */
const usual = { usualMs: null, usualCalls: null };

describe('edgewise trace', () => {
  it('says whose time it was, with the critical path below', patience, async () => {
    const { status, out, err } = await run(['trace', '-'], {}, JSON.stringify(zipkin(slow)));
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out.split('\n')).toEqual([
      'POST /checkout of checkout took 1 s. 900 ms of it is payments waiting for postgresql in SELECT cards. Path: checkout → payments → postgresql.',
      '',
      'Critical path, 1 s:',
      '    time  share  calls  whose                          in',
      '  900 ms   90 %      1  payments waits for postgresql  SELECT cards',
      '   50 ms    5 %      1  payments                       POST /charge',
      '   40 ms    4 %      1  checkout                       POST /checkout',
      '   10 ms    1 %      1  checkout → payments            POST /charge',
      '',
      `trace ${firstTrace}`,
      '',
    ]);
  });

  it.each([
    ['Zipkin', zipkin(slow)],
    ['Jaeger', jaeger(slow)],
    ['OTLP', otlp(slow)],
    ['Tempo', tempo(slow)],
  ])('says the same of a trace from %s to programs, as its schema promises', patience, async (_, body) => {
    const trace = await explained(body);
    expect(wrong(trace)).toEqual([]);
    expect(trace).toEqual({
      traceId: firstTrace,
      durationMs: 1000,
      focus: { service: 'checkout', operation: 'POST /checkout', durationMs: 1000 },
      attempts: 1,
      usualMs: null,
      comparedWith: 0,
      spans: 4,
      services: ['checkout', 'payments'],
      criticalPath: [
        { service: 'postgresql', operation: 'SELECT cards', selfMs: 900, share: 0.9, calls: 1, time: 'peer', ...usual },
        { service: 'payments', operation: 'POST /charge', selfMs: 50, share: 0.05, calls: 1, time: 'own', ...usual },
        { service: 'checkout', operation: 'POST /checkout', selfMs: 40, share: 0.04, calls: 1, time: 'own', ...usual },
        { service: 'checkout', operation: 'POST /charge', selfMs: 10, share: 0.01, calls: 1, time: 'between', ...usual },
      ],
      culprit: { service: 'postgresql', operation: 'SELECT cards', selfMs: 900, share: 0.9, calls: 1, time: 'peer', ...usual },
      spread: false,
      errorOrigin: null,
      problems: [],
      sentence:
        'POST /checkout of checkout took 1 s. 900 ms of it is payments waiting for postgresql in SELECT cards. Path: checkout → payments → postgresql.',
    });
  });

  it.each([
    'checkout/payments',
    'checkout payments',
    'checkout → payments',
    'shop/checkout -> shop/payments',
    'shop/checkout/shop/payments',
    'shop/checkout payments',
  ])('measures against the call of an edge: %s', patience, async (edge) => {
    const { focus, sentence } = await explained(zipkin(slow), '--edge', edge);
    expect(focus).toEqual({ service: 'checkout', operation: 'POST /charge', durationMs: 960 });
    expect(sentence).toMatch(/^checkout → payments took 960 ms\. 900 ms of it is payments waiting for postgresql/);
  });

  it.each([
    ['checkout/payments', 600],
    ['checkout.shop/payments.billing', 300],
    ['Checkout.Shop → Payments.Billing', 300],
    ['checkout → billing/payments', 300],
    ['shop/checkout/billing/payments', 300],
    ['checkout / payments.billing.svc.cluster.local', 300],
  ])('tells namespaces apart as they are written: %s', patience, async (edge, durationMs) => {
    const { focus } = await explained(zipkin(namespaces), '--edge', edge);
    expect(focus.durationMs).toBe(durationMs);
  });

  it.each(['payments.prod', 'prod/payments'])('does not take another namespace’s service for %s', patience, async (callee) => {
    const { status, out, err } = await run(
      ['trace', '-', '--edge', `checkout → ${callee}`],
      {},
      JSON.stringify(zipkin(namespaces)),
    );
    expect({ status, out }).toEqual({ status: 1, out: '' });
    expect(err).toBe(`checkout → ${callee} is not in the trace; services there: checkout.shop, payments.billing\n`);
  });

  it('knows a service whose own name has a dot', patience, async () => {
    const spans = slow.map((span) => ({ ...span, service: `Bank.${span.service}` }));
    const body = zipkin(spans).map((span) => ({ ...span, tags: { 'k8s.namespace.name': 'shop' } }));
    const { focus, sentence } = await explained(body, '--edge', 'Bank.checkout/Bank.payments');
    expect(focus).toEqual({ service: 'Bank.checkout', operation: 'POST /charge', durationMs: 960 });
    expect(sentence).toMatch(/^Bank\.checkout → Bank\.payments took 960 ms/);
  });

  it('says of an edge that is not there which services are', patience, async () => {
    const { status, out, err } = await run(['trace', '-', '--edge', 'checkout/ledger'], {}, JSON.stringify(zipkin(slow)));
    expect({ status, out }).toEqual({ status: 1, out: '' });
    expect(err).toBe('checkout → ledger is not in the trace; services there: checkout, payments\n');
  });

  it.each(['nobody/checkout', 'payments/checkout'])(
    'does not take whoever is named for the caller of a root: %s',
    patience,
    async (edge) => {
      const { status, out, err } = await run(['trace', '-', '--edge', edge], {}, JSON.stringify(zipkin(slow)));
      expect({ status, out }).toEqual({ status: 1, out: '' });
      expect(err).toContain('→ checkout is not in the trace;');
    },
  );

  it('says of an edge that is there in another namespace only which one was asked for', patience, async () => {
    const spans = slow.map((span) => ({ ...span, service: `${span.service}.shop` }));
    const { status, err } = await run(['trace', '-', '--edge', 'bank/checkout/bank/payments'], {}, JSON.stringify(zipkin(spans)));
    expect(status).toBe(1);
    expect(err).toBe('bank/checkout → bank/payments is not in the trace; services there: checkout.shop, payments.shop\n');
  });

  it.each(['The Shop/The Bank', 'The Shop -> The Bank'])('takes names with spaces: %s', patience, async (edge) => {
    const spaced = (service: string): string => (service === 'checkout' ? 'The Shop' : 'The Bank');
    const spans = slow.map((span) => ({ ...span, service: spaced(span.service) }));
    const { focus } = await explained(zipkin(spans), '--edge', edge);
    expect(focus).toEqual({ service: 'The Shop', operation: 'POST /charge', durationMs: 960 });
  });

  it('says where an error starts', patience, async () => {
    const body = JSON.stringify(zipkin(failing));
    const { out } = await run(['trace', '-'], {}, body);
    expect(out).toContain('POST /checkout of checkout failed after 1 s.');
    expect(out).toContain('The error starts at payments, SELECT cards (503), span 000000000000000d');
    const trace = await explained(zipkin(failing));
    expect(wrong(trace)).toEqual([]);
    expect(trace.errorOrigin).toEqual({ service: 'payments', operation: 'SELECT cards', spanId: '000000000000000d' });
  });

  it('names the span by the id that its store knows, and the trace as it was called by hand', patience, async () => {
    const [a, call, answer] = zipkin(failing.slice(0, 3));
    const halves = [a, call, { ...answer, id: id('b'), parentId: id('a'), shared: true }];
    const shared = await explained(halves);
    expect(shared.errorOrigin).toEqual({ service: 'payments', operation: 'POST /charge', spanId: id('b') });
    const text = await run(['trace', '-'], {}, JSON.stringify(halves));
    expect(text.out).toContain('(500), span 000000000000000b\n');
    const byHand = await explained(zipkin(slow, 'trace-1'));
    expect(byHand.traceId).toBe('trace-1');
    for (const trace of [shared, byHand]) expect(wrong(trace)).toEqual([]);
  });

  it('names nobody where the time is spread', patience, async () => {
    const trace = await explained(zipkin(spread));
    expect(wrong(trace)).toEqual([]);
    expect(trace).toMatchObject({ culprit: null, spread: true });
    expect(trace.sentence).toContain('No part stands out');
  });

  it('tells the longest eleven of many parts, and what the rest is', patience, async () => {
    const many = Array.from({ length: 30 }, (_, index) =>
      told((index + 2).toString(16), '1', `s${index}`, 'work', 'server', index * 10, 10),
    );
    const body = [told('1', null, 'web', 'GET /', 'server', 0, 300), ...many];
    const { out } = await run(['trace', '-'], {}, JSON.stringify(zipkin(body)));
    const rows = out.split('\n').filter((line) => line.startsWith('  '));
    expect(rows).toHaveLength(13);
    expect(rows.at(-1)).toMatch(/^ {2}190 ms {3}63 % {9}19 further parts$/);
  });

  it('says what was repaired', patience, async () => {
    const { out } = await run(['trace', '-'], {}, JSON.stringify(zipkin(slow.filter((span) => span.id !== 'b'))));
    expect(out).toContain('Of this trace:\n  1 span with a parent that is not there: its place is a guess\n');
  });

  it('tells several traces in the order of the file, as an array to programs', patience, async () => {
    const body = [...zipkin(slow), ...zipkin(spread, numbered(7))];
    const traces = await explained(body);
    expect(traces.map(({ traceId }: { readonly traceId: string }) => traceId)).toEqual([firstTrace, numbered(7)]);
    for (const trace of traces) expect(wrong(trace)).toEqual([]);
    const { status, out, err } = await run(['trace', '-', '--json', '--edge', 'checkout/payments'], {}, JSON.stringify(body));
    expect({ status, err }).toEqual({ status: 0, err: 'checkout → payments is in 1 of 2 traces\n' });
    expect(JSON.parse(out)).toHaveLength(1);
  });

  it('lets no name steer the terminal', patience, async () => {
    const evil = '\u001b[2J\u009b31m\u202eevil\nservice';
    const body = zipkin(slow.map((span) => ({ ...span, service: `${evil} ${span.service}`, name: `${span.name} ${evil}` })));
    const steers = /(?!\n)[\p{Cc}\u2028-\u202e\u2066-\u2069]/u;
    const [text, json, without] = await Promise.all([
      run(['trace', '-'], {}, JSON.stringify(body)),
      run(['trace', '-', '--json'], {}, JSON.stringify(body)),
      run(['trace', '-', '--edge', 'a/b'], {}, JSON.stringify(body)),
    ]);
    expect([text.status, json.status, without.status]).toEqual([0, 0, 1]);
    for (const said of [text.out, json.out, without.err]) expect(said).not.toMatch(steers);
    expect(wrong(JSON.parse(json.out))).toEqual([]);
    expect(JSON.parse(json.out).focus.operation).toContain('\u202eevil');
  });
});

describe('edgewise trace --out', () => {
  it('writes the JSON and the waterfall, and says in words what it shows', patience, async () => {
    const out = join(folder, 'one');
    const ended = await run(['trace', '-', '--out', out], {}, JSON.stringify(zipkin(slow)));
    expect({ status: ended.status, err: ended.err }).toEqual({ status: 0, err: '' });
    expect(readdirSync(out).sort()).toEqual(['trace.json', 'waterfall.png']);
    expect(wrong(JSON.parse(readFileSync(join(out, 'trace.json'), 'utf8')))).toEqual([]);
    expect(await sharp(join(out, 'waterfall.png')).metadata()).toMatchObject({ format: 'png' });
    expect(ended.out).toMatch(
      /waterfall\.png: POST \/checkout of checkout took 1 s\..*SELECT cards 900 ms, 90 % of the critical path, culprit/,
    );
  });

  it('draws ten of many traces and says so; standard output stays JSON', patience, async () => {
    const out = join(folder, 'many');
    const body = Array.from({ length: 12 }, (_, index) => zipkin(slow, numbered(index + 1)));
    const ended = await run(['trace', '-', '--json', '--out', out], {}, JSON.stringify(body));
    expect(ended.status).toBe(0);
    expect(JSON.parse(ended.out)).toHaveLength(12);
    expect(ended.err).toContain('Drawn are the first 10 of 12 traces.');
    expect(readdirSync(out)).toHaveLength(11);
    expect(existsSync(join(out, `waterfall-${numbered(10)}.png`))).toBe(true);
  });
});

describe('edgewise trace, given something else,', () => {
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  it.each([
    ['no file that is there', () => '/nowhere/trace.json', 2, /^\/nowhere\/trace\.json cannot be read \(ENOENT\)\n$/],
    ['a folder', () => folder, 2, /cannot be read \(EISDIR\)\n$/],
    [
      'an empty file',
      () => file('empty', ''),
      2,
      /is an empty document, expected a trace as JSON of Jaeger, Zipkin, Tempo or OTLP\n$/,
    ],
    ['a page', () => file('page', '<html>Sign in</html>'), 2, /is an HTML page, expected a trace/],
    ['half a file', () => file('half', JSON.stringify(zipkin(slow)).slice(0, 300)), 2, /is JSON that breaks off or is damaged/],
    ['hits of a search', () => file('hits', '{"traces":[{"traceID":"1"}]}'), 2, /is hits of a search/],
    ['an answer without a trace', () => file('none', '{"data":[]}'), 1, /: no trace in it\n$/],
  ])('says what is wrong with %s', patience, async (_, path, ends, says) => {
    const { status, out, err } = await run(['trace', path()]);
    expect({ status, out }).toEqual({ status: ends, out: '' });
    expect(err).toMatch(says);
    expect(err).not.toMatch(/\n\s+at /);
  });

  it('refuses more than 64 MiB', patience, async () => {
    const path = file('large', '[');
    truncateSync(path, 64 * 1024 * 1024 + 1);
    const { status, err } = await run(['trace', path]);
    expect({ status, err }).toEqual({ status: 2, err: `${path} is larger than 64 MiB\n` });
  });

  it.each(['payments', '', 'a/b/c', '--json'])('refuses the edge "%s"', patience, async (edge) => {
    const { status, err } = await run(['trace', '-', `--edge=${edge}`], {}, JSON.stringify(zipkin(slow)));
    expect(status).toBe(2);
    expect(err).toMatch(/expected a caller and whom it calls, such as checkout\/payments\n$/);
  });
});
