import type { Fault } from '../lab.ts';
import { filtered, knows, routed } from './acts.ts';
import { noNetwork, of, toPayments, truth } from './truths.ts';

const app = ['callee application'] as const;
const notTheApp = ['mutual TLS', 'itself answers', 'crash'] as const;

/** Proxies that refuse, and what breaks for moments. */
export const refusedFaults: readonly Fault[] = [
  {
    name: 'dropped-wholly',
    says: 'the control plane tells checkout to drop all of its requests to payments (drop_overload)',
    kind: 'fault',
    truth: truth(toPayments, ['dropped-on-purpose'], ['policy'], 'Endpoint policy \\(drop_overload\\) of payments', [
      ...notTheApp,
      'endpoint is left',
    ]),
    act: knows('checkout', 'payments', { dropPercent: 100 }),
  },
  {
    name: 'drained-by-hand',
    says: 'the proxies of payments have a health check filter for all paths, as ever, and somebody tells each that its service is not well',
    kind: 'fault',
    setup: filtered('payments', 'health'),
    truth: truth(toPayments, ['local-health-check'], ["callee's proxy"], of('payments', 'Deployment'), notTheApp, [
      'unhealthy|drain',
    ]),
    act: ({ admin }) => admin('payments', '/healthcheck/fail'),
  },
  {
    name: 'authorization-down-503',
    says: 'the external authorization service of payments is down, and its filter answers 503 then',
    kind: 'fault',
    truth: truth(
      toPayments,
      ['external-authorization'],
      ['policy'],
      of('payments', 'AuthorizationPolicy(?: \\(CUSTOM\\))?'),
      notTheApp,
      ['does not answer|is down|cannot be reached'],
    ),
    act: filtered('payments', 'authz-down-503'),
  },
  {
    name: 'fault-both',
    says: 'a fault injection delays every request from checkout to payments by 0.3 s, and then fails 40 % of them',
    kind: 'fault',
    truth: truth(toPayments, ['fault-injected'], ['policy'], of('payments', 'VirtualService'), notTheApp, ['on purpose']),
    act: routed('checkout', 'payments', { delay: { seconds: 0.3, percent: 100 }, abort: { status: 503, percent: 40 } }),
  },
  {
    name: 'resets-retried',
    says: 'checkout tries three times on 503, as ever, and payments now resets 80 % of its connections instead of answering',
    kind: 'fault',
    setup: routed('checkout', 'payments', {
      retries: { on: 'connect-failure,retriable-status-codes', attempts: 2, codes: [503] },
    }),
    truth: truth(toPayments, ['connection-failure'], app, of('payments', 'Deployment'), ['mutual TLS']),
    act: ({ behave }) => behave('payments', { share: 0.8, does: { kind: 'reset' } }),
  },
  {
    name: 'proxy-killed',
    says: 'payments takes 0.3 s, as ever; its proxies are now killed every four seconds, as when memory runs out, and come back at once',
    kind: 'fault',
    hasOwnPast: true,
    setup: ({ behave }) => behave('payments', { share: 1, does: { kind: 'slow', seconds: 0.3 } }),
    truth: truth(toPayments, ['connection-failure'], ["callee's proxy", 'network/TLS'], of('payments', 'Deployment|Pod'), [
      'mutual TLS',
      'certificate',
    ]),
    act: ({ every, killProxy, startProxy }) =>
      every(4, async () => {
        await killProxy('payments');
        await startProxy('payments');
      }),
  },
  {
    name: 'over-already',
    says: 'payments answers 500 to everything for 7 seconds; a minute later somebody asks what is wrong',
    kind: 'fault',
    ageSeconds: 82,
    truth: truth(toPayments, ['recovered'], ['nothing wrong'], '', noNetwork),
    act: async ({ behave, wait }) => {
      behave('payments', { share: 1, does: { kind: 'status', code: 500 } });
      await wait(7);
      behave('payments');
    },
  },
];
