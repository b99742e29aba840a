import type { Fault } from '../lab.ts';
import { routed, slow } from './acts.ts';
import { gateway, noNetwork, of, toInventory, toPayments, toStorefront, truth } from './truths.ts';

const app = ['callee application'] as const;
/** From above, whoever is waited for is a dependency. */
const slowSides = [...app, "callee's dependency"] as const;
/** Whoever gives up fails, and is not the cause of it. */
const notItself = [...noNetwork, 'itself answers'];
const gaveUp = ['g[ai]ves? up|were left'];
const stalls: Fault['act'] = ({ behave }) => behave('payments', { share: 0.4, does: { kind: 'stall' } });

/** Answers that begin and do not end, and whoever loses patience with them. */
export const cutFaults: readonly Fault[] = [
  {
    name: 'cut-stalled',
    says: 'a stream to payments may be idle for 0.3 s (a limit that was there before), and payments now stalls in the middle of 40 % of its answers, after the status 200',
    kind: 'fault',
    setup: routed('checkout', 'payments', { idleSeconds: 0.3 }),
    truth: truth(toPayments, ['cut-response'], app, of('payments', 'Deployment'), noNetwork, ['stalls?']),
    act: stalls,
  },
  {
    name: 'client-timeout',
    says: 'checkout itself waits 0.7 s for the rest of an answer, as ever, and payments now stalls in the middle of 40 % of its answers, after the status 200',
    kind: 'fault',
    setup: ({ patience }) => patience('checkout', 0.7),
    truth: truth(
      toPayments,
      ['client-gave-up', 'slow-callee', 'slow-dependency'],
      slowSides,
      of('payments', 'Deployment'),
      notItself,
      gaveUp,
    ),
    act: stalls,
  },
  {
    name: 'client-deadline-grpc',
    says: 'checkout gives its gRPC calls 0.5 s, as ever, and inventory now takes 1.5 s longer for half of them: checkout resets their streams',
    kind: 'fault',
    setup: ({ patience }) => patience('checkout', 0.5),
    truth: truth(
      toInventory,
      ['client-gave-up', 'slow-callee', 'slow-dependency'],
      slowSides,
      of('inventory', 'Deployment'),
      notItself,
      gaveUp,
    ),
    act: slow('inventory', 1.5, 0.5),
  },
  {
    name: 'overload-cuts-answers',
    says: 'clients ask the gateway for 0.6 MB over HTTP/2 and do not read it; its memory fills to 75 %, and it ends its largest streams',
    kind: 'fault',
    truth: truth(toStorefront, ['cut-response'], ["caller's proxy"], of(gateway, 'Deployment|Pod'), noNetwork, ['overload']),
    act: ({ every, load, press }) => {
      load.strangers(4, 'unread');
      // Envoy looks for large streams when the pressure changes, as that of a real memory does all the time.
      let isFull = false;
      every(0.6, () => {
        isFull = !isFull;
        press(gateway, isFull ? 0.75 : 0.55);
      });
    },
  },
];
