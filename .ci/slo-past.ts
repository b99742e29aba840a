import { minuteMs } from '../src/domain/time.ts';
import { engineFor } from '../test/support/engine.ts';
import { type SeededPrometheus, seededPrometheus } from '../test/support/seeded-prometheus.ts';
import { type Happened, seededCounter } from '../test/support/seeded-slo.ts';

/** Objectives of a shop whose payments failed for an hour: breached, at risk, healthy, and of a service that nobody calls. */
export const shopSlos = `edgewise: slos/v1
defaults: {window: 7d, owner: payments-team, channel: "#payments"}
slos:
  - {name: payments-availability, service: shop/payments, availability: 99.9}
  - {name: payments-latency, service: shop/payments, latency: {objective: 97.5, below: 250ms}, owner: shop-team}
  - {name: checkout-payments, edge: "shop/checkout -> shop/payments", availability: 90}
  - {name: cart-availability, service: shop/cart, availability: 99}
`;

const days = 8;
const end = days * 1440;

/** When it failed, counted back from the end: for an hour, two days before. */
export const failedBeforeMs = 2 * 1440 * minuteMs;

const began = end - failedBeforeMs / minuteMs;
const isFailing = (minute: number): boolean => minute > began && minute <= began + 60;
const proxy = {
  reporter: 'destination',
  ...{ destination_service_namespace: 'shop', destination_service_name: 'payments', destination_version: 'v1' },
  ...{ source_workload_namespace: 'shop', pod: 'payments-v1-1' },
};
const [good, refused] = [
  { response_code: '200', response_flags: '-' },
  { response_code: '503', response_flags: 'UF' },
];
const requests = (caller: string, happened: Happened, how: typeof good, bornAt?: number) => ({
  metric: 'istio_requests_total',
  labels: { ...proxy, ...how, source_workload: caller },
  happened,
  ...(bornAt === undefined ? {} : { bornAt }),
});
const bucket = (le: string, happened: Happened) => ({
  metric: 'istio_request_duration_milliseconds_bucket',
  labels: { ...proxy, ...good, source_workload: 'checkout', le },
  happened,
  bornAt: 0,
});

/** Eight days of payments, as its proxy was scraped every minute until `endMs`, in a real Prometheus. */
export const seededPast = async (endMs: number): Promise<SeededPrometheus> => {
  const { path, skipped } = await engineFor('prometheus');
  if (path === '') throw new Error(`no Prometheus${skipped}`);
  const counters = [
    requests('checkout', () => 60, good, 0),
    requests('web', () => 20, good, 0),
    requests('checkout', (minute) => (isFailing(minute) ? 30 : 0), refused),
    requests('web', (minute) => (isFailing(minute) ? 2 : 0), refused),
    bucket('100', () => 40),
    // One of sixty is slower than it may be: 1.7 %, and for an hour all of them.
    bucket('250', (minute) => (isFailing(minute) ? 0 : 59)),
    bucket('500', () => 60),
    bucket('+Inf', () => 60),
    { ...bucket('', () => 60), metric: 'istio_request_duration_milliseconds_count' },
  ].map(({ labels, ...counter }) => {
    const { le, ...rest } = labels as Record<string, string>;
    return { ...counter, labels: le === undefined || le === '' ? rest : { ...rest, le } };
  });
  const fromMs = endMs - end * minuteMs;
  return seededPrometheus(
    path,
    counters.map((counter) => seededCounter(counter, { fromMs, minutes: end })),
  );
};
