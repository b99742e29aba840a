import { describe, expect, it } from 'vitest';
import type { Incident, IncidentAlert } from '../../src/domain/incident.ts';
import { incidentMeant } from '../../src/domain/incident-meant.ts';
import { incidentOf } from '../contracts/store-values.ts';
import { edgeNamed } from '../support/report.ts';

const about = (id: string, caller: string, callee: string, channelId: string | null = null): Incident => ({
  ...incidentOf(callee),
  id,
  edge: edgeNamed(caller, callee),
  title: `${caller} → ${callee}`,
  channelId,
});
const payments = about('3f2a91bc-0001', 'checkout', 'payments', 'C1');
const orders = about('7c11d2aa-0002', 'web', 'orders', 'C2');
const refunds = about('9d0044ef-0003', 'payments', 'refunds', 'C2');
const all = [payments, orders, refunds];

const meant = (what: string | null, channelId: string | null = null, open = all): readonly string[] => {
  const found = incidentMeant(open, what, channelId);
  return 'one' in found ? [found.one.title] : found.several.map(({ title }) => `? ${title}`);
};

describe('the incident that is meant', () => {
  it.each([
    ['checkout → payments', 'checkout → payments'],
    ['checkout payments', 'checkout → payments'],
    ['Checkout to Payments', 'checkout → payments'],
    ['shop/checkout -> shop/payments', 'checkout → payments'],
    ['orders', 'web → orders'],
    ['orders.shop', 'web → orders'],
    ['7c11d2', 'web → orders'],
    ['9d0044ef-0003', 'payments → refunds'],
  ])('is by “%s” the one about %s', (what, title) => {
    expect(meant(what)).toEqual([title]);
  });

  it('about many is found by each of them', () => {
    const [alert] = payments.alerts as readonly [IncidentAlert];
    const alerts = ['checkout', 'cart', 'admin/web'].map((caller) => ({ ...alert, caller }));
    const storm: Incident = { ...payments, key: 'callee:payments', title: '3 callers → payments', alerts };
    for (const what of ['cart → payments', 'shop/cart → payments', 'admin/web → payments', 'cart', '3 callers → payments'])
      expect(meant(what, null, [storm, orders])).toEqual(['3 callers → payments']);
    expect(meant('ledger → payments', null, [storm, orders])).toEqual([]);
    // What stood before it is meant by its own name, and either by one end.
    expect(meant('checkout to payments', null, [storm, payments])).toEqual(['checkout → payments']);
    expect(meant('cart → payments', null, [storm, payments])).toEqual(['3 callers → payments']);
    expect(meant('checkout', null, [storm, payments])).toHaveLength(2);
  });

  it('may be several, of which one is asked for', () => {
    expect(meant('payments')).toEqual(['? checkout → payments', '? payments → refunds']);
    expect(meant(null)).toEqual(all.map(({ title }) => `? ${title}`));
  });

  it('may be none', () => {
    expect(meant('ledger')).toEqual([]);
    expect(meant('payments checkout')).toEqual([]);
    expect(meant('7c1')).toEqual([]);
    expect(meant(null, 'C1', [])).toEqual([]);
  });

  it('is without words the only one of the conversation, else the only one there is', () => {
    expect(meant(null, 'C1')).toEqual(['checkout → payments']);
    expect(meant('', 'C2')).toEqual(['? web → orders', '? payments → refunds']);
    expect(meant(null, 'C9', [orders])).toEqual(['web → orders']);
  });
});
