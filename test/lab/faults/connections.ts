import type { Fault } from '../lab.ts';
import type { Outbound } from '../mesh/proxy.ts';
import { routed } from './acts.ts';
import { deployment, named, of, onlyV2, podOf, toBankFromInventory, toInventory, toPayments, truth } from './truths.ts';

const network = ['network/TLS'] as const;
const tls =
  (change: Partial<Extract<Outbound['transport'], { kind: 'tls' }>>) =>
  (known: Outbound): Outbound =>
    known.transport.kind === 'tls' ? { ...known, transport: { ...known.transport, ...change } } : known;
const mutualTls = (edge: typeof toPayments, object: string, ...must: readonly string[]) =>
  truth(edge, ['mtls-failure'], network, object, ['crash', 'NetworkPolicy'], must);
const certificate = (who: string): string => `Certificate of ${named(who)}`;
/** What says whether, and with which names, both ends speak TLS. */
const settings = (callee: string): string => of(callee, 'PeerAuthentication|DestinationRule');

/** Connections that cannot be made, or break. */
export const connectionFaults: readonly Fault[] = [
  {
    name: 'refused',
    says: 'the endpoints of payments that checkout knows are gone: nobody listens there',
    kind: 'fault',
    truth: truth(toPayments, ['connection-failure'], [...network, "callee's proxy"], of('payments', 'Deployment|Pod|Service'), [
      'mutual TLS',
      'certificate',
    ]),
    act: ({ outbound, nobody }) => outbound('checkout', 'payments', (known) => ({ ...known, endpoints: [nobody] })),
  },
  {
    name: 'proxy-dead',
    says: 'both proxies of inventory have died',
    kind: 'fault',
    truth: truth(toInventory, ['connection-failure'], ["callee's proxy", ...network], of('inventory', 'Deployment|Pod'), [
      'mutual TLS',
      'certificate',
    ]),
    act: ({ killProxy }) => killProxy('inventory'),
  },
  {
    name: 'proxy-flaps',
    says: 'the one proxy of payments v2 dies every six seconds and comes back after three',
    kind: 'fault',
    ageSeconds: 100,
    setup: routed('checkout', 'payments', { retries: null }),
    truth: truth(
      toPayments,
      ['connection-failure', 'one-version-bad', 'one-pod-bad'],
      ["callee's proxy", 'network/TLS', 'callee application'],
      `${deployment('payments-v2')}|${podOf('payments-v2', 0)}`,
      ['mutual TLS', ...onlyV2],
    ),
    act: ({ every, killProxy, startProxy, wait }) => {
      const flap = async (): Promise<void> => {
        await killProxy('payments-v2');
        await wait(3);
        await startProxy('payments-v2');
      };
      every(6, flap);
    },
  },
  {
    name: 'connect-timeout',
    says: 'packets to payments are dropped: no connection is refused, none is made',
    kind: 'fault',
    truth: truth(
      toPayments,
      ['connection-failure'],
      network,
      of('payments', 'NetworkPolicy|Deployment'),
      ['mutual TLS', 'certificate'],
      ['time[sd]? out|dropped'],
    ),
    act: async ({ outbound, hole }) => {
      const nowhere = await hole();
      outbound('checkout', 'payments', (known) => ({ ...known, endpoints: [nowhere], connectTimeoutSeconds: 0.5 }));
    },
  },
  {
    name: 'mtls-expired',
    says: 'the certificate of payments has expired',
    kind: 'fault',
    truth: mutualTls(toPayments, certificate('payments'), 'expired'),
    act: ({ inbound }) => inbound('payments', (known) => ({ ...known, certificate: 'payments-expired' })),
  },
  {
    name: 'mtls-wrong-identity',
    says: 'checkout expects payments to prove another identity',
    kind: 'fault',
    truth: mutualTls(toPayments, `${settings('payments')}|${certificate('payments')}`, 'another identity|\\bSAN\\b'),
    act: ({ outbound }) => outbound('checkout', 'payments', tls({ identity: 'spiffe://cluster.local/ns/shop/sa/ledger' })),
  },
  {
    name: 'mtls-wrong-ca',
    says: 'checkout trusts another authority than the one that signed the certificate of payments',
    kind: 'fault',
    truth: mutualTls(toPayments, `${certificate('payments')}|${certificate('checkout')}`),
    act: ({ outbound }) => outbound('checkout', 'payments', tls({ authority: 'other-ca' })),
  },
  {
    name: 'mtls-client-refused',
    says: 'payments refuses the certificate of checkout (TLS 1.3: the handshake looks complete to the client)',
    kind: 'fault',
    truth: mutualTls(toPayments, certificate('checkout')),
    act: ({ outbound }) => outbound('checkout', 'payments', tls({ certificate: 'checkout-stranger' })),
  },
  {
    name: 'mtls-client-refused-tls12',
    says: 'payments refuses the certificate of checkout, with TLS 1.2',
    kind: 'fault',
    truth: mutualTls(toPayments, certificate('checkout')),
    act: ({ outbound }) => outbound('checkout', 'payments', tls({ certificate: 'checkout-stranger', newest: '1.2' })),
  },
  {
    name: 'mtls-no-certificate',
    says: 'checkout shows no certificate to payments',
    kind: 'fault',
    truth: mutualTls(toPayments, `${settings('payments')}|${certificate('checkout')}`, 'no certificate'),
    act: ({ outbound }) => outbound('checkout', 'payments', tls({ certificate: null, newest: '1.2' })),
  },
  {
    name: 'mtls-plaintext-to-strict',
    says: 'bank now demands mutual TLS, and inventory speaks plaintext to it',
    kind: 'fault',
    truth: mutualTls(toBankFromInventory, settings('bank'), 'plaintext'),
    act: ({ inbound }) => inbound('bank', (known) => ({ ...known, peers: 'strict' })),
  },
  {
    name: 'mtls-to-plaintext',
    says: 'the proxies of payments no longer speak TLS, and checkout does',
    kind: 'fault',
    truth: mutualTls(toPayments, settings('payments'), 'plaintext'),
    act: ({ inbound }) => inbound('payments', (known) => ({ ...known, peers: 'plaintext' })),
  },
];
