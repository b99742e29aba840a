import type { Fault } from '../lab.ts';
import { knows } from './acts.ts';
import { either, gateway, noNetwork, nothing, of, toCheckout, toPayments, toStorefront, truth } from './truths.ts';

const fails = ({ behave }: Parameters<Fault['act']>[0]) =>
  behave('payments', { share: 0.4, does: { kind: 'status', code: 500 } });
const appErrors = truth(toPayments, ['callee-errors'], ['callee application'], of('payments', 'Deployment'), noNetwork);

/** Too much, too little, and the same fault at every pace. */
export const trafficFaults: readonly Fault[] = [
  {
    name: 'traffic-surge',
    says: 'clients send eight times as much, and the mesh carries it',
    kind: 'fault',
    load: 8,
    peakLoad: 64,
    ageSeconds: 100,
    truth: truth(toStorefront, ['traffic-surge'], ['caller', 'nothing wrong'], '', [...noNetwork, 'fail more']),
    act: ({ load }) => load.set(64),
  },
  {
    name: 'surge-over-limit',
    says: 'clients send five times as much, and checkout has a limit of two connections to payments, as ever',
    kind: 'fault',
    load: 12,
    peakLoad: 60,
    setup: knows('checkout', 'payments', { limits: { connections: 2, pending: 1 } }),
    truth: either(
      truth(toStorefront, ['traffic-surge'], ['caller'], '', noNetwork),
      truth(toPayments, ['circuit-breaker'], ["caller's proxy"], of('payments', 'DestinationRule')),
    ),
    act: ({ load }) => load.set(60),
  },
  {
    name: 'traffic-vanished',
    says: 'storefront stops calling checkout; everything else goes on',
    kind: 'fault',
    ageSeconds: 100,
    truth: truth(toCheckout, ['traffic-vanished'], ['caller'], of('storefront', 'Deployment'), noNetwork),
    act: ({ load }) => load.buyers(0),
  },
  {
    name: 'clients-vanished',
    says: 'no client reaches the gateway any more',
    kind: 'fault',
    ageSeconds: 100,
    truth: truth(toStorefront, ['traffic-vanished'], ['caller'], of(gateway, 'Deployment|Service'), noNetwork),
    act: ({ load }) => load.set(0),
  },
  {
    name: 'app-500-at-0.2',
    says: 'payments answers 500 to 40 %, at 0.2 requests/s',
    kind: 'thin',
    load: 0.2,
    truth: appErrors,
    act: fails,
  },
  {
    name: 'app-500-at-1',
    says: 'payments answers 500 to 40 %, at 1 request/s',
    kind: 'thin',
    load: 1,
    ageSeconds: 120,
    truth: appErrors,
    act: fails,
  },
  {
    name: 'app-500-at-5',
    says: 'payments answers 500 to 40 %, at 5 requests/s',
    kind: 'fault',
    load: 5,
    truth: appErrors,
    act: fails,
  },
  {
    name: 'app-500-at-50',
    says: 'payments answers 500 to 40 %, at 50 requests/s',
    kind: 'fault',
    load: 50,
    truth: appErrors,
    act: fails,
  },
  {
    name: 'app-500-at-200',
    says: 'payments answers 500 to 40 %, at 200 requests/s of which one in six buys',
    kind: 'fault',
    load: 200,
    hasOwnPast: true,
    setup: ({ load }) => load.buyers(0.16),
    truth: appErrors,
    act: fails,
  },
];

const still = (): void => undefined;

/** Nothing may be blamed. */
export const quietCases: readonly Fault[] = [
  { name: 'quiet', says: 'nothing at all happens', kind: 'quiet', truth: nothing, act: still },
  {
    name: 'quiet-noisy',
    says: 'storefront fails 3 % of its requests and payments 2 %, as ever',
    kind: 'quiet',
    hasOwnPast: true,
    setup: ({ behave }) => {
      behave('storefront', { share: 0.03, does: { kind: 'status', code: 500 } });
      behave('payments', { share: 0.02, does: { kind: 'status', code: 500 } });
    },
    truth: nothing,
    act: still,
  },
  {
    name: 'quiet-impatient',
    says: 'a fifth of the clients hang up after 25 ms, by design',
    kind: 'quiet',
    hasOwnPast: true,
    setup: ({ load }) => load.impatient(0.2, 0.025),
    truth: nothing,
    act: still,
  },
  {
    name: 'quiet-deploy',
    says: 'payments v2 is rolled out without harm: drained, replaced, taken in again',
    kind: 'quiet',
    truth: nothing,
    act: async ({ outbound, podsOf, killProxy, startProxy, appDown, appUp, wait }) => {
      const leaving = podsOf('payments-v2').map(({ address }) => address);
      outbound('checkout', 'payments', (known) => ({
        ...known,
        endpoints: known.endpoints.filter(({ address }) => !leaving.includes(address)),
      }));
      await wait(6);
      await appDown('payments-v2');
      await killProxy('payments-v2');
      await wait(5);
      await startProxy('payments-v2');
      await appUp('payments-v2');
      await wait(2);
      outbound('checkout', 'payments', (known) => ({
        ...known,
        endpoints: [...known.endpoints, ...leaving.map((address) => ({ address, port: known.endpoints[0]?.port ?? 0 }))],
      }));
    },
  },
  {
    name: 'quiet-autoscaling',
    says: 'inventory goes from two pods to one and back, and one is enough',
    kind: 'quiet',
    truth: nothing,
    act: async ({ outbound, wait }) => {
      let all: Parameters<Parameters<typeof outbound>[2]>[0]['endpoints'] = [];
      outbound('checkout', 'inventory', (known) => {
        all = known.endpoints;
        return { ...known, endpoints: known.endpoints.slice(0, 1) };
      });
      await wait(25);
      outbound('checkout', 'inventory', (known) => ({ ...known, endpoints: all }));
    },
  },
  {
    name: 'quiet-retried',
    says: 'one of the two proxies of bank is gone, and every refused connection is tried again at the other',
    kind: 'quiet',
    truth: nothing,
    act: ({ killProxy, podsOf }) => killProxy(podsOf('bank')[1]?.name ?? ''),
  },
  {
    name: 'quiet-busier',
    says: 'a third more clients come',
    kind: 'quiet',
    truth: nothing,
    act: ({ load }) => load.set(20),
  },
];
