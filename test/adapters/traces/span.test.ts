import { describe, expect, it } from 'vitest';
import { jaeger, only, otlp, traceId, zipkin } from './samples.ts';

const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });
const attribute = (value: object) => only(otlp({ attributes: [{ key: 'zone', value }] })).attributes['zone'];

describe('a kind', () => {
  it.each([
    [3, 'client'],
    ['3', 'client'],
    ['SPAN_KIND_CONSUMER', 'consumer'],
    ['PRODUCER', 'producer'],
    ['server', 'server'],
    [1, 'internal'],
    [0, null],
    [9, null],
    ['9', null],
    ['SPAN_KIND_UNSPECIFIED', null],
    [{}, null],
    [{ toString: '' }, null],
  ])('of %j is %s', (kind, expected) => {
    expect(only(otlp({ kind })).kind).toBe(expected);
  });

  it('is taken from the tag where there is no other', () => {
    expect(only(otlp({ attributes: [text('span.kind', 'client')] })).kind).toBe('client');
    expect(only(jaeger({ tags: [{ key: 'span.kind', value: 'producer' }] })).kind).toBe('producer');
    expect(only(zipkin({})).kind).toBeNull();
  });
});

describe('a time of OTLP', () => {
  const times = (startTimeUnixNano: unknown, endTimeUnixNano: unknown) => {
    const { startMicros, durationMicros } = only(otlp({ startTimeUnixNano, endTimeUnixNano }));
    return [startMicros, durationMicros];
  };

  it('is rounded to the microsecond at both ends', () => {
    expect(times('1795392000000000500', '1795392000000001499')).toEqual([1_795_392_000_000_001, 0]);
    expect(times('1795392000000000499', '1795392000000001500')).toEqual([1_795_392_000_000_000, 2]);
  });

  it('may be a number', () => {
    expect(times(1_000_000_000, 2_000_000_000)).toEqual([1_000_000, 1_000_000]);
    expect(times(1_795_392_000_000_000_000, 1_795_392_000_001_000_000)).toEqual([1_795_392_000_000_000, 1_000]);
  });

  it('may be counted from zero by who wrote it by hand', () => {
    expect(times('0', '5000')).toEqual([0, 5]);
    expect(times(0, 5000)).toEqual([0, 5]);
  });

  it('may be missing, and is missing where it cannot be', () => {
    expect(times(undefined, '5000')).toEqual([null, null]);
    expect(times('0', '1795392000000001500')).toEqual([null, null]);
    expect(times('5000', undefined)).toEqual([5, null]);
    expect(times('5000', '4000')).toEqual([5, null]);
    for (const wrong of ['', '-5', '1e9', '0x10', '9'.repeat(30), null, [], {}, true, -1, Number.MAX_VALUE])
      expect(times(wrong, '5000'), String(wrong)).toEqual([null, null]);
  });
});

describe('a time of Jaeger and Zipkin', () => {
  it('is a number of microseconds, of which zero is one to Jaeger and none to Zipkin', () => {
    expect(only(jaeger({ startTime: 0, duration: 0 }))).toMatchObject({ startMicros: 0, durationMicros: 0 });
    expect(only(zipkin({ timestamp: 0, duration: 0 }))).toMatchObject({ startMicros: null, durationMicros: null });
    expect(only(zipkin({ timestamp: 5.4, duration: '7' }))).toMatchObject({ startMicros: 5, durationMicros: 7 });
    expect(only(jaeger({ startTime: 'x', duration: -1 }))).toMatchObject({ startMicros: null, durationMicros: null });
  });
});

describe('an error', () => {
  const isError = (attributes: readonly object[], status?: unknown) => only(otlp({ attributes, status })).isError;

  it.each([2, '2', 'STATUS_CODE_ERROR', 'ERROR', 'Error'])('is the status %s', (code) => {
    expect(isError([], { code })).toBe(true);
  });

  it.each<[string, object]>([
    ['error', { boolValue: true }],
    ['error', { stringValue: 'true' }],
    ['error', { stringValue: 'True' }],
    ['otel.status_code', { stringValue: 'ERROR' }],
    ['otel.status_code', { stringValue: 'Error' }],
    ['http.status_code', { intValue: '503' }],
    ['http.status_code', { intValue: 500 }],
    ['http.response.status_code', { stringValue: '502' }],
    ['grpc.status_code', { stringValue: '14' }],
    ['rpc.grpc.status_code', { intValue: '2' }],
  ])('is told by %s = %j', (key, value) => {
    expect(isError([{ key, value }])).toBe(true);
  });

  it.each<[string, object]>([
    ['error', { boolValue: false }],
    ['error', { stringValue: '' }],
    ['otel.status_code', { stringValue: 'OK' }],
    ['http.status_code', { intValue: '404' }],
    ['http.status_code', { stringValue: '0' }],
    ['grpc.status_code', { stringValue: '0' }],
    ['grpc.status_code', { stringValue: '5' }],
  ])('is none by %s = %j', (key, value) => {
    expect(isError([{ key, value }], { code: 1 })).toBe(false);
  });

  it('is not unsaid by a second tag', () => {
    const [yes, no] = [true, false].map((value) => ({ key: 'error', type: 'bool', value }));
    expect(only(jaeger({ tags: [yes, no] })).isError).toBe(true);
    expect(only(jaeger({ tags: [no, yes] })).isError).toBe(true);
  });

  it('is to Zipkin any tag of that name, whose text stays behind', () => {
    for (const error of ['', 'false', 'duplicate key (email)=(a@b.c)'])
      expect(only(zipkin({ tags: { error } }))).toMatchObject({ isError: true, attributes: {} });
    expect(only(zipkin({ tags: {} })).isError).toBe(false);
  });

  it('is to others no text, which stays behind too', () => {
    const tags = [{ key: 'error', type: 'string', value: 'no such user: a@b.c' }];
    expect(only(jaeger({ tags }))).toMatchObject({ isError: false, attributes: {} });
  });
});

describe('attributes', () => {
  it('are text, of whatever kind they were', () => {
    expect(attribute({ stringValue: 'a' })).toBe('a');
    expect(attribute({ boolValue: false })).toBe('false');
    expect(attribute({ intValue: '9007199254740993' })).toBe('9007199254740993');
    expect(attribute({ intValue: 7 })).toBe('7');
    expect(attribute({ doubleValue: 0.5 })).toBe('0.5');
    expect(attribute({ bytesValue: 'AAE=' })).toBe('AAE=');
    expect(attribute({ arrayValue: { values: [{ stringValue: 'a' }, { intValue: '1' }] } })).toBe('["a","1"]');
    expect(attribute({ kvlistValue: { values: [{ key: 'a', value: { boolValue: true } }] } })).toBe('{"a":true}');
    expect(attribute({})).toBeUndefined();
  });

  it('leave only where they are shared', () => {
    const span = only(
      otlp({ attributes: [text('http.request.body', 'secret'), text('db.statement', 'select 1'), text('zone', 'eu')] }, [
        text('service.name', 'web'),
        text('process.command_line', 'java -Dpassword=x'),
      ]),
    );
    expect(span.attributes).toEqual({ zone: 'eu' });
    expect(span.service).toBe('web');
  });

  it('of the resource hold where the span says nothing else', () => {
    const resource = [text('istio.namespace', 'shop'), text('zone', 'eu-1')];
    expect(only(otlp({ attributes: [text('zone', 'eu-2')] }, resource)).attributes).toEqual({
      'istio.namespace': 'shop',
      zone: 'eu-2',
    });
    const process = { serviceName: 'web', tags: [{ key: 'istio.namespace', value: 'shop' }] };
    expect(only(jaeger({ processID: 'p' }, { p: process }))).toMatchObject({
      service: 'web',
      attributes: { 'istio.namespace': 'shop' },
    });
    expect(only(jaeger({ process })).service).toBe('web');
  });

  it('of the resource name the service, a span’s own only where the resource does not', () => {
    const own = text('service.name', 'own');
    expect(only(otlp({ attributes: [own] }, [text('service.name', 'web')])).service).toBe('web');
    expect(only(otlp({ attributes: [own] })).service).toBe('own');
    const tags = [{ key: 'service.name', value: 'own' }];
    expect(only(jaeger({ tags, process: { serviceName: 'web' } })).service).toBe('web');
    expect(only(jaeger({ tags })).service).toBe('own');
    expect(only(zipkin({ tags: { 'service.name': 'own' }, localEndpoint: { serviceName: 'web' } })).service).toBe('web');
    expect(only(zipkin({ tags: { 'service.name': 'own' } })).service).toBe('own');
  });

  it('are cut where they are endless', () => {
    expect(attribute({ stringValue: 'x'.repeat(5_000) })).toHaveLength(1_000);
    expect(attribute({ stringValue: `${'x'.repeat(999)}😀` })?.isWellFormed()).toBe(true);
  });
});

describe('an address', () => {
  it.each([
    ['http.url', 'https://user:pw@shop.example/cart;jsessionid=1/items?token=t#top', 'https://shop.example/cart/items'],
    ['url.full', 'http://shop.example?x=a@b', 'http://shop.example'],
    ['http.target', '/cart?id=7', '/cart'],
    ['url.path', '/cart#x', '/cart'],
    ['http.route', '/cart/:id', '/cart/:id'],
    ['peer.service', 'amqp://user:pw@mq/vhost?x=1', 'amqp://mq/vhost'],
    ['messaging.destination.name', 'orders?partition', 'orders?partition'],
  ])('in %s loses what is nobody’s business: %s', (key, given, expected) => {
    expect(only(zipkin({ tags: { [key]: given } })).attributes[key]).toBe(expected);
  });

  it('in a name loses it too', () => {
    expect(only(zipkin({ name: 'GET /cart?token=1' })).operation).toBe('GET /cart');
    expect(only(zipkin({ name: 'GET http://u:p@shop/cart?token=1 HTTP/1.1' })).operation).toBe('GET http://shop/cart HTTP/1.1');
    expect(only(zipkin({ name: 'reviews.bookinfo.svc.cluster.local:9080/*' })).operation).toBe(
      'reviews.bookinfo.svc.cluster.local:9080/*',
    );
    expect(only(zipkin({ name: 'select * from t where a=? and b=?' })).operation).toBe('select * from t where a=? and b=?');
  });
});

describe('a parent', () => {
  const reference = (refType: string, spanID: string, traceID: string = traceId) => ({ refType, traceID, spanID });
  const [one, two] = ['00000000000000aa', '00000000000000bb'];

  it('of Jaeger is the first that it is a child of in the same trace', () => {
    const references = [
      reference('CHILD_OF', 'cc', 'ffff'),
      reference('FOLLOWS_FROM', one),
      reference('CHILD_OF', two),
      reference('CHILD_OF', one),
    ];
    expect(only(jaeger({ references }))).toMatchObject({ parentId: two, isAsync: false });
  });

  it('of Jaeger is else whom it follows, who does not wait', () => {
    expect(only(jaeger({ references: [reference('FOLLOWS_FROM', 'aa')] }))).toMatchObject({ parentId: one, isAsync: true });
    expect(only(jaeger({ parentSpanID: 'aa' }))).toMatchObject({ parentId: one, isAsync: false });
    expect(only(jaeger({ references: [reference('CHILD_OF', 'aa', 'ffff')] })).parentId).toBeNull();
  });

  it('does not wait where it is followed as well: so Jaeger writes a link to the parent', () => {
    const references = [reference('CHILD_OF', one), reference('FOLLOWS_FROM', one)];
    expect(only(jaeger({ references }))).toMatchObject({ parentId: one, isAsync: true });
  });

  it('of OTLP does not wait for a span that is linked to it', () => {
    const link = (spanId: string, id = traceId) => ({ traceId: id, spanId });
    const parentSpanId = one;
    expect(only(otlp({ parentSpanId, links: [link(two), link(one)] }))).toMatchObject({ parentId: one, isAsync: true });
    expect(only(otlp({ parentSpanId, links: [link(two)] }))).toMatchObject({ parentId: one, isAsync: false });
    expect(only(otlp({ links: [link(one, 'ffff'), link('zz'), null, link(two)] }))).toMatchObject({
      parentId: two,
      isAsync: true,
    });
    expect(only(otlp({ links: [link(one, 'ffff')] }))).toMatchObject({ parentId: null, isAsync: false });
    expect(only(otlp({ links: link(one) }))).toMatchObject({ parentId: null, isAsync: false });
  });

  it('of zeros is none', () => {
    expect(only(zipkin({ parentId: '0000000000000000' })).parentId).toBeNull();
    expect(only(otlp({ parentSpanId: '' })).parentId).toBeNull();
  });
});

describe('a span of Zipkin', () => {
  it('names whom it calls by its remote end, unless a tag does', () => {
    const remoteEndpoint = { serviceName: 'cart', ipv4: '10.0.0.2' };
    expect(only(zipkin({ remoteEndpoint })).attributes).toEqual({ 'peer.service': 'cart' });
    expect(only(zipkin({ remoteEndpoint, tags: { 'peer.service': 'basket' } })).attributes).toEqual({ 'peer.service': 'basket' });
    expect(only(zipkin({ remoteEndpoint: { ipv4: '10.0.0.2' } })).attributes).toEqual({});
    const address = { serviceName: 'postgres://user:word@cards/db?sslkey=x' };
    expect(only(zipkin({ remoteEndpoint: address })).attributes).toEqual({ 'peer.service': 'postgres://cards/db' });
  });

  it('says that it shares its id', () => {
    expect(only(zipkin({ shared: true })).isShared).toBe(true);
    expect(only(zipkin({ localEndpoint: {} }))).toMatchObject({ isShared: false, service: null });
  });
});
