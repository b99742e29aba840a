import type { TraceAnalysis } from '../../src/domain/trace.ts';
import { analysed, hop, type Plan } from './waterfall.ts';

/** A trace with its analysis and the sentence over its picture. */
export type Sample = ReturnType<typeof analysed> & { readonly sentence: string };

const sample = (
  sentence: string,
  roots: readonly Plan[],
  ...rest: [Partial<TraceAnalysis>?, { code: 'truncated'; count: number }[]?]
): Sample => ({
  ...analysed(roots, ...rest),
  sentence,
});

const istio = (method: string, path: string, status = '200') => ({
  attributes: { component: 'proxy', 'http.method': method, 'http.url': `http://mesh${path}`, 'http.status_code': status },
});
const route = (service: string): string => `${service}.bookinfo.svc.cluster.local:9080/*`;
const ns = (service: string): string => `${service}.bookinfo`;

/** productpage → reviews, whose ratings wait for a slow database: Istio's bookinfo, the way its sidecars tell it. */
export const slowDatabase = (): Sample => {
  const query: Plan = {
    service: ns('ratings'),
    operation: 'mongodb.find ratings',
    kind: 'client',
    peer: 'mongodb',
    at: 71,
    took: 3650,
    attributes: { 'db.system': 'mongodb' },
  };
  const ratings = hop(ns('reviews'), ns('ratings'), route('ratings'), 62, 3672, 4, {
    ...istio('GET', '/ratings/0'),
    below: [query],
  });
  const reviews = hop(ns('productpage'), ns('reviews'), route('reviews'), 40, 4230, 9, {
    ...istio('GET', '/reviews/0'),
    isFocus: true,
    below: [ratings],
  });
  const details = hop(ns('productpage'), ns('details'), route('details'), 12, 21, 2, istio('GET', '/details/0'));
  const page = hop(ns('istio-ingressgateway'), ns('productpage'), route('productpage'), 0, 4310, 3, {
    ...istio('GET', '/productpage'),
    below: [details, reviews],
  });
  return sample('productpage → reviews took 4.2 s. 3.65 s of it ratings waits for mongodb in mongodb.find ratings.', [page], {
    comparedWith: 9,
  });
};

/** Two hundred spans: a cart that asks for its items one by one, each with a query of its own, and a swarm of short spans. */
export const manyQueries = (): Sample => {
  const items = Array.from({ length: 46 }, (_, index): Plan => {
    const at = 62 + index * 41;
    const query: Plan = {
      service: 'inventory',
      operation: 'SELECT stock',
      kind: 'client',
      peer: 'postgresql',
      at: at + 4,
      took: 29,
    };
    return hop('cart', 'inventory', 'GET /stock/{sku}', at, 38, 1.5, { below: [query] });
  });
  const feature = (index: number): Plan => ({
    service: ['flags', 'sessions', 'i18n'][index % 3] ?? 'flags',
    operation: ['isEnabled', 'touch', 'lookup', 'refresh'][index % 4] ?? 'touch',
    at: 8 + index * 0.9,
    took: 0.7,
    ...(index % 17 === 0 ? { isError: true } : {}),
  });
  const swarm = Array.from({ length: 54 }, (_, index) => feature(index));
  const pricing = hop('cart', 'pricing', 'POST /quote', 1970, 240, 3, {
    below: [
      { service: 'pricing', operation: 'load rules', at: 1980, took: 60 },
      { service: 'pricing', operation: 'evaluate', at: 2044, took: 150 },
    ],
  });
  const cart = hop('checkout', 'cart', 'GET /cart', 20, 2240, 4, { isFocus: true, below: [...swarm, ...items, pricing] });
  const checkout = hop('frontend', 'checkout', 'POST /checkout', 4, 2300, 3, { below: [cart] });
  const root: Plan = { service: 'frontend', operation: 'POST /checkout', kind: 'server', at: 0, took: 2320, below: [checkout] };
  return sample(
    'checkout → cart took 2.24 s. 1.33 s of it inventory waits for postgresql in SELECT stock, 46 times (N+1).',
    [root],
    { errorOrigin: null },
  );
};

/** Three tries of one call, each cut at its deadline, with waiting between them. */
export const retries = (): Sample => {
  const attempt = (at: number, took: number, status: string, isError: boolean): Plan => ({
    service: 'payments',
    operation: 'POST /charge',
    kind: 'server',
    at,
    took,
    isError,
    flags: isError ? ['UT'] : [],
    attributes: { 'http.status_code': status },
  });
  const charge: Plan = {
    service: 'checkout',
    operation: 'POST /charge',
    kind: 'client',
    at: 30,
    took: 3080,
    isFocus: true,
    isError: true,
    flags: ['UT', 'URX'],
    attributes: { 'http.status_code': '504' },
    below: [attempt(32, 1000, '504', true), attempt(1060, 1000, '504', true), attempt(2108, 1000, '504', true)],
  };
  const root: Plan = {
    service: 'checkout',
    operation: 'POST /checkout',
    kind: 'server',
    at: 0,
    took: 3140,
    isError: true,
    below: [charge],
  };
  return sample('checkout → payments failed after 3.08 s: 3 tries, each cut at its deadline of 1 s (UT).', [root], {
    attempts: 3,
    errorOrigin: 2,
  });
};

/** An error three hops down that everybody passes on. */
export const failing = (): Sample => {
  const bad = (status: string, flags: readonly string[] = []) => ({
    isError: true,
    flags,
    attributes: { 'http.status_code': status },
  });
  const vault: Plan = {
    service: 'tokens',
    operation: 'GET /keys/current',
    kind: 'client',
    peer: 'vault',
    at: 40,
    took: 2,
    ...bad('503', ['UH']),
  };
  const tokens = hop('payments', 'tokens', 'POST /tokenize', 36, 9, 1, { ...bad('500'), below: [vault] });
  const audit = hop('payments', 'audit', 'POST /events', 20, 12, 1);
  const limits = hop('payments', 'limits', 'GET /limits/{customer}', 12, 6, 1);
  const payments = hop('checkout', 'payments', 'POST /charge', 8, 48, 2, {
    ...bad('500'),
    isFocus: true,
    below: [limits, audit, tokens],
  });
  const root: Plan = {
    service: 'checkout',
    operation: 'POST /checkout',
    kind: 'server',
    at: 0,
    took: 60,
    ...bad('502'),
    below: [payments],
  };
  return sample('checkout → payments failed: tokens found no healthy vault (503 UH) in GET /keys/current.', [root], {
    culprit: null,
  });
};

export const oneSpan = (): Sample =>
  sample('frontend → search took 912 ms. No span below it: its time cannot be attributed.', [
    { service: 'frontend', operation: 'GET /search', kind: 'client', peer: 'search.shop', at: 0, took: 912 },
  ]);

/** Two short flurries of work with a long wait between them, and work that goes on when the answer is out. */
export const idleGap = (): Sample => {
  const work = (service: string, operation: string, at: number, took: number): Plan =>
    hop('orders', service, operation, at, took, 1);
  const mail: Plan = {
    service: 'orders',
    operation: 'publish order.placed',
    kind: 'producer',
    peer: 'kafka',
    isAsync: true,
    at: 9180,
    took: 12,
    below: [{ service: 'mailer', operation: 'consume order.placed', kind: 'consumer', isAsync: true, at: 9204, took: 760 }],
  };
  const orders = hop('web', 'orders', 'POST /orders', 10, 9290, 3, {
    isFocus: true,
    below: [
      work('stock', 'POST /reserve', 30, 310),
      work('fraud', 'POST /score', 360, 520),
      work('ledger', 'POST /book', 8600, 540),
      mail,
    ],
  });
  const root: Plan = { service: 'web', operation: 'POST /orders', kind: 'server', at: 0, took: 9310, below: [orders] };
  return sample('web → orders took 9.29 s, most of it between its calls to fraud and ledger.', [root], { culprit: null });
};

/** Names that want to be markup, to be endless, to be read from the right. */
export const hostile = (): Sample => {
  const names = [
    '<script>alert(1)</script>',
    '"\'&<>\u0000\u0007\ufffe',
    '\ud83d half',
    '\u202eevil',
    'שלום עולם',
    'خدمة الدفع',
    '日本語のサービス',
    '',
  ];
  const below = names.map(
    (name, index): Plan => ({ service: name, operation: `${name} ${'x'.repeat(index * 4)}`, at: 5 + index * 20, took: 18 }),
  );
  const long: Plan = {
    service: 'a-service-with-a-name-that-somebody-must-have-thought-about-for-long-v2',
    operation: `SELECT ${'customer_identifier, '.repeat(14)}total FROM orders`.slice(0, 300),
    kind: 'client',
    peer: '</text></svg><svg onload="x">',
    at: 170,
    took: 300,
    isError: true,
    flags: ['<b>', 'UH'],
    attributes: { 'http.status_code': '"><image href="file:///etc/passwd"/>' },
  };
  const root: Plan = {
    service: '<b>front & "end"</b>',
    operation: 'GET /?a=1&b=<2>',
    kind: 'server',
    at: 0,
    took: 500,
    below: [...below, long],
  };
  return sample(`<script>alert("title")</script> took 500 ms & ${'more '.repeat(80)}${'x'.repeat(400)}`, [root], {}, [
    { code: 'truncated', count: 1 },
  ]);
};

/** A way of sixty calls, each slow by a little, with the culprit at its end. */
export const deep = (): Sample => {
  let inner: Plan = {
    service: 'mainframe',
    operation: 'CICS TX42',
    kind: 'client',
    peer: 'mainframe',
    at: 61,
    took: 900,
    isError: true,
  };
  for (let level = 60; level > 0; level -= 1)
    inner = {
      service: `layer-${Math.ceil(level / 6)}`,
      operation: `handle ${level}`,
      kind: 'internal',
      at: level,
      took: 1020 - level * 2,
      below: [inner, { service: 'cache', operation: 'GET', at: 1015 - level, took: 0.5 }],
    };
  return sample('edge → layer-1 took 1.02 s. 900 ms of it layer-10 waits for mainframe.', [
    { service: 'edge', operation: 'GET /deep', kind: 'server', at: 0, took: 1024, below: [{ ...inner, isFocus: true }] },
  ]);
};

/** A call whose time goes by between the two proxies, and calls beside each other below it. */
export const onTheWay = (): Sample => {
  const beside = ['users', 'orders', 'stock', 'prices', 'reviews', 'offers', 'images', 'taxes', 'shipping'].map(
    (service, index) => hop('aggregator', service, `GET /${service}`, 1210 + index * 2, 40 + index * 9, 2),
  );
  const called = hop('gateway', 'aggregator', 'GET /home', 6, 1420, 12, { isFocus: true });
  const [inner] = called.below ?? [];
  const late: Plan = { ...called, below: inner === undefined ? [] : [{ ...inner, at: 1200, took: 190, below: beside }] };
  return sample('gateway → aggregator took 1.42 s. 1.23 s of it passed between the two proxies.', [
    { service: 'gateway', operation: 'GET /home', kind: 'server', at: 0, took: 1430, below: [late] },
  ]);
};

export const samples: Readonly<Record<string, () => Sample>> = {
  slowDatabase,
  manyQueries,
  retries,
  failing,
  oneSpan,
  idleGap,
  hostile,
  deep,
  onTheWay,
};
