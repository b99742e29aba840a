import type { MeshEdge, Place } from './mesh-text.ts';

/** Incidents, each at its own time of one day: which edges there are, what is wrong with them, and when an alert of it fires. */
export type World = { readonly name: string; readonly fromSeconds: number; readonly edges: readonly MeshEdge[] };

const shop = (workload: string): Place => ({ namespace: 'shop', workload });
const inShop = (service: string): MeshEdge['callee'] => ({ service, at: shop(`${service}-v1`) });
const from = (time: string): number => Date.parse(`2026-11-22T${time}Z`) / 1000;

/** The incident of the captured webhooks. */
const captured: World = {
  name: 'captured',
  fromSeconds: from('07:05:00'),
  edges: [
    {
      caller: { namespace: 'istio-system', workload: 'istio-ingressgateway' },
      callee: inShop('frontend'),
      perSecond: 60,
      seconds: 0.09,
      bad: { code: '503', share: 0.07 },
    },
    { caller: shop('frontend'), callee: inShop('catalog'), perSecond: 50, seconds: 0.03, bad: { code: '500', share: 0.001 } },
    { caller: shop('frontend'), callee: inShop('checkout'), perSecond: 24, seconds: 1.9, bad: { code: '503', share: 0.18 } },
    {
      caller: shop('catalog'),
      callee: inShop('catalog-db-proxy'),
      perSecond: 45,
      seconds: 0.01,
      bad: { code: '429', share: 0.06 },
    },
    {
      caller: shop('checkout'),
      callee: inShop('payments'),
      perSecond: 20,
      seconds: 1.8,
      bad: { code: '503', flags: 'UF,URX', share: 0.3, callerOnly: true },
    },
    {
      caller: shop('checkout'),
      callee: inShop('shipping'),
      perSecond: 12,
      seconds: 0.02,
      bad: { code: '200', share: 0.08, grpc: '14' },
    },
    {
      caller: shop('payments'),
      callee: { service: 'bank-api.bank.example', at: null },
      perSecond: 14,
      seconds: 5.2,
      bad: { code: '504', flags: 'UT', share: 0.05 },
    },
    { caller: null, callee: inShop('payments'), perSecond: 1, seconds: 0.02 },
    // Two probes a minute, all failing and slow: no share of them means anything.
    { caller: shop('prober'), callee: inShop('catalog'), perSecond: 0.03, seconds: 6, bad: { code: '500', share: 1 } },
  ],
};

const at = (namespace: string, workload: string): Place => ({ namespace, workload });

/** Other names in several namespaces, services not named after their workloads; the fault is the callee's own and both ends count it. */
const bank: World = {
  name: 'bank',
  fromSeconds: from('11:05:00'),
  edges: [
    {
      caller: at('edge', 'gw-istio'),
      callee: { service: 'web', at: at('front', 'web-bff') },
      perSecond: 80,
      seconds: 0.08,
      bad: { code: '502', share: 0.06 },
    },
    {
      caller: at('front', 'web-bff'),
      callee: { service: 'ledger', at: at('core', 'ledger-blue') },
      perSecond: 40,
      seconds: 0.06,
      bad: { code: '500', share: 0.12 },
    },
    {
      caller: at('core', 'ledger-blue'),
      callee: { service: 'fx-rates', at: at('data', 'fx') },
      perSecond: 30,
      seconds: 0.04,
      bad: { code: '500', share: 0.35 },
    },
    {
      caller: at('batch', 'reports'),
      callee: { service: 'fx-rates', at: at('data', 'fx') },
      perSecond: 6,
      seconds: 0.04,
      bad: { code: '500', share: 0.02 },
    },
    { caller: at('front', 'web-bff'), callee: { service: 'search', at: at('data', 'search') }, perSecond: 25, seconds: 3.1 },
    {
      caller: at('front', 'web-bff'),
      callee: { service: 'limits', at: at('core', 'limits') },
      perSecond: 15,
      seconds: 0.02,
      bad: { code: '403', share: 0.4 },
    },
    { caller: at('core', 'ledger-blue'), callee: { service: 'audit', at: at('core', 'audit') }, perSecond: 10, seconds: 0.01 },
    { caller: null, callee: { service: 'ledger', at: at('core', 'ledger-blue') }, perSecond: 2, seconds: 0.05 },
  ],
};

/** A host outside the mesh cannot be reached; who calls it fails for it, all else is well. */
const outside: World = {
  name: 'outside',
  fromSeconds: from('15:05:00'),
  edges: [
    {
      caller: at('edge', 'gw-istio'),
      callee: { service: 'store', at: at('prod', 'store') },
      perSecond: 50,
      seconds: 0.07,
      bad: { code: '500', share: 0.055 },
    },
    {
      caller: at('prod', 'store'),
      callee: { service: 'billing', at: at('prod', 'billing') },
      isPlaintext: true,
      perSecond: 30,
      seconds: 0.05,
      bad: { code: '502', share: 0.3 },
    },
    {
      caller: at('prod', 'billing'),
      callee: { service: 'api.stripe.com', at: null },
      perSecond: 25,
      seconds: 2.6,
      bad: { code: '503', flags: 'UF,URX', share: 0.6, callerOnly: true },
    },
    {
      caller: at('prod', 'store'),
      callee: { service: 'PassthroughCluster', at: null },
      perSecond: 3,
      seconds: 0.1,
      bad: { code: '404', share: 0.5 },
    },
    { caller: at('prod', 'store'), callee: { service: 'cart', at: at('prod', 'cart') }, perSecond: 20, seconds: 0.02 },
    {
      caller: null,
      callee: { service: 'cart', at: at('prod', 'cart') },
      perSecond: 15,
      seconds: 0.02,
      bad: { code: '500', share: 0.001 },
    },
  ],
};

/** The same calls an hour apart: first as usual, then with a callee three floors down that has become slow. Nobody fails. */
const floors = (delay: number): readonly MeshEdge[] => [
  { caller: at('edge', 'gw-istio'), callee: { service: 'desk', at: at('prod', 'desk') }, perSecond: 40, seconds: 0.12 + delay },
  { caller: at('prod', 'desk'), callee: { service: 'quotes', at: at('prod', 'quotes') }, perSecond: 30, seconds: 0.06 + delay },
  {
    caller: at('prod', 'quotes'),
    callee: { service: 'rates-db', at: at('data', 'rates-db') },
    perSecond: 30,
    seconds: 0.03 + delay,
  },
  { caller: at('prod', 'desk'), callee: { service: 'inbox', at: at('prod', 'inbox') }, perSecond: 50, seconds: 0.9 },
];
const calm: World = { name: 'calm', fromSeconds: from('18:05:00'), edges: floors(0) };
const slowing: World = { name: 'slowing', fromSeconds: from('19:05:00'), edges: floors(1.5) };

export const worlds = { captured, bank, outside, calm, slowing } as const;
export const worldSeconds = 1200;
/** Ten minutes and some seconds into a world its alerts fire. */
export const firesAt = ({ fromSeconds }: World): number => (fromSeconds + 622) * 1000;
