import { describe, expect, it } from 'vitest';
import { type Alert, labelsOf } from '../../src/domain/alert.ts';
import { ownerOf, type Routing, routeOf } from '../../src/domain/routing.ts';
import { alertWith, edgeNamed } from '../support/report.ts';

const routing: Routing = {
  rules: [{ matches: (labels) => labels['team'] === 'payments', channel: '#payments-alerts', mention: '<!subteam^S1>' }],
  allowedChannels: ['#checkout', 'data'],
  owners: [
    { namespace: 'shop', service: 'inventory', name: 'team-stock', channel: '#stock' },
    { namespace: 'shop', service: null, name: 'team-shop', channel: '#shop' },
  ],
  defaultChannel: '#mesh-alerts',
  mentions: { page: '<!subteam^S2>' },
};
const channelOf = (alert: Alert, edge = edgeNamed('checkout', 'payments', 'elsewhere')): string =>
  routeOf(routing, alert, edge, 'page').channel;

describe('the channel of an incident', () => {
  it('is that of the first rule that matches, with its mention', () => {
    const alert = alertWith({ team: 'payments', slack_channel: 'checkout' });
    expect(routeOf(routing, alert, null, 'page')).toEqual({ channel: '#payments-alerts', mention: '<!subteam^S1>' });
  });

  it("is the alert's own only when it stands on the allowlist", () => {
    expect(channelOf(alertWith({ slack_channel: 'Checkout' }))).toBe('#checkout');
    expect(channelOf(alertWith({ slack_channel: '#data' }))).toBe('data');
    expect(channelOf(alertWith({ slack_channel: 'general' }))).toBe('#mesh-alerts');
  });

  it("is the owner's: the service's before its namespace's", () => {
    expect(channelOf(alertWith(), edgeNamed('checkout', 'inventory', 'shop'))).toBe('#stock');
    expect(channelOf(alertWith(), edgeNamed('checkout', 'payments', 'shop'))).toBe('#shop');
    expect(routeOf(routing, alertWith({ namespace: 'shop' }), null, 'warning')).toEqual({ channel: '#shop', mention: null });
  });

  it('is the default for everything else, with the mention of its severity', () => {
    expect(routeOf(routing, alertWith(), null, 'page')).toEqual({ channel: '#mesh-alerts', mention: '<!subteam^S2>' });
  });

  it('cannot be chosen by a label that only looks like one', () => {
    const alert = {
      ...alertWith(),
      labels: labelsOf([
        ['__proto__', 'checkout'],
        ['alertname', 'A'],
      ]),
    };
    expect(channelOf(alert)).toBe('#mesh-alerts');
    expect(ownerOf(routing.owners, '__proto__', null)).toBeNull();
  });
});
