import type { EdgeName, Fault } from '../lab.ts';
import { allowed, asks } from './acts.ts';
import { gateway, noNetwork, nothing, of, toPayments, truth } from './truths.ts';

/** What is refused before a destination is chosen stands there. */
const fromCheckout: EdgeName = ['checkout', 'unknown'];
const fromGateway: EdgeName = [gateway, 'unknown'];

/** Requests that are none: what a proxy refuses because of who sends it. */
export const clientFaults: readonly Fault[] = [
  {
    name: 'bad-envoy-header',
    says: 'the proxy of checkout takes the x-envoy headers of its application and checks them strictly, as ever, and a new version of checkout says "x-envoy-max-retries: many" in 40 % of its requests to payments',
    kind: 'fault',
    setup: allowed('checkout', 'outboundLimits', { isInternal: true }),
    truth: truth([toPayments, fromCheckout], ['bad-request-header'], ['caller'], of('checkout', 'Deployment'), noNetwork, [
      'x-envoy',
    ]),
    act: asks('checkout', ['bad-envoy-header', 0.4]),
  },
  {
    name: 'broken-requests',
    says: 'a new version of checkout sends payments a header line that is none, or what is no HTTP, each instead of a fifth of its requests',
    kind: 'fault',
    truth: truth([fromCheckout, toPayments], ['protocol-error'], ['caller'], of('checkout', 'Deployment'), noNetwork),
    act: asks('checkout', ['broken-header', 0.2], ['no-http', 0.25]),
  },
  {
    name: 'broken-clients',
    says: 'clients send the gateway six times a second a header line that is none, or what is no HTTP',
    kind: 'fault',
    // The gateway sends nothing of it on: what it refuses is not its own.
    truth: truth(
      fromGateway,
      ['protocol-error'],
      ['caller'],
      of(gateway, 'Deployment|Pod'),
      [...noNetwork, `${gateway} sends`],
      ['clients'],
    ),
    act: ({ load }) => load.strangers(6, 'broken-header', 'no-http'),
  },
  {
    name: 'quiet-broken-clients',
    says: 'clients name the gateway no host, or stall in their headers longer than it waits, five times a second: it refuses them, as it should',
    kind: 'quiet',
    setup: allowed(gateway, 'outboundLimits', { headersSeconds: 0.3 }),
    truth: nothing,
    act: ({ load }) => load.strangers(5, 'no-host', 'half-headers'),
  },
];
