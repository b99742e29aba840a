import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type DigestSubscription,
  digestsIn,
  slosFor,
  subscriptionKey,
  subscriptionsTogether,
} from '../../src/domain/digest-subscription.ts';
import type { Slo } from '../../src/domain/slo.ts';

const slo = (name: string, more: Partial<Slo> = {}): Slo => ({
  name,
  about: { kind: 'named', service: name },
  sli: { kind: 'availability', bad: 'failed', reporter: 'destination' },
  objectivePpm: 999_000,
  window: { kind: 'rolling', days: 30 },
  ...{ cluster: null, owner: null, channel: null, origin: { format: 'Edgewise', file: 'slos.yaml' } },
  ...more,
});

const subscription = (more: Partial<DigestSubscription> = {}): DigestSubscription => ({
  ...{ rhythm: 'daily', weekday: 1, minuteOfDay: 540, zone: 'UTC' },
  ...{ channel: '#payments', channelName: null, choice: { kind: 'own' }, sinceMs: 0, by: null },
  ...more,
});

const named = (choice: DigestSubscription['choice'], ...slos: readonly Slo[]): readonly string[] =>
  slosFor(subscription({ choice }), slos).map(({ name }) => name);

describe('What a channel hears of', () => {
  const ours = slo('payments-availability', { channel: 'Payments', owner: 'payments' });
  const theirs = slo('cart-latency', { channel: '#cart', owner: 'shop' });
  const nobodys = slo('web-availability');

  it('is what names it; where nothing does, what names no channel', () => {
    expect(named({ kind: 'own' }, ours, theirs, nobodys)).toEqual(['payments-availability']);
    expect(named({ kind: 'own' }, theirs, nobodys)).toEqual(['web-availability']);
  });

  it("is an owner's, or what was named, with stars", () => {
    expect(named({ kind: 'owner', owner: 'shop' }, ours, theirs, nobodys)).toEqual(['cart-latency']);
    expect(named({ kind: 'names', names: ['*-availability'] }, ours, theirs, nobodys)).toEqual([ours.name, nobodys.name]);
    expect(named({ kind: 'names', names: ['cart*ten*'] }, ours, theirs)).toEqual(['cart-latency']);
    expect(named({ kind: 'names', names: ['*'] }, ours, theirs)).toHaveLength(2);
    expect(named({ kind: 'names', names: ['cart-.*', 'cart'] }, ours, theirs)).toEqual([]);
  });

  it('takes a pattern as what its stars say, whatever else is in it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string(), { minLength: 1, maxLength: 4 }),
        fc.array(fc.string(), { maxLength: 4 }),
        (pieces, between) => {
          const clean = (text: string): string => text.replaceAll('*', '');
          const pattern = pieces.map(clean).join('*');
          const name = pieces
            .map((piece, index) => clean(piece) + (index < pieces.length - 1 ? (between[index] ?? '') : ''))
            .join('');
          expect(named({ kind: 'names', names: [pattern] }, slo(name))).toEqual([name]);
        },
      ),
    );
  });

  it('is asked for once a channel and rhythm: the newest wish holds', () => {
    const asked = subscription({ channel: 'payments', minuteOfDay: 600, by: 'U1' });
    const weekly = subscription({ rhythm: 'weekly' });
    expect(subscriptionsTogether([subscription(), weekly], [asked])).toEqual([weekly, asked]);
    expect(subscriptionKey(asked)).toBe(subscriptionKey(subscription()));
  });

  it('is known by its id and by its name: what somebody asks for there takes the place of what is configured by name', () => {
    const asked = subscription({ channel: 'C0123ABC', channelName: 'payments', by: 'U1' });
    const [byId, elsewhere] = [subscription({ channel: 'C0123ABC' }), subscription({ channel: 'C0456DEF', channelName: 'cart' })];
    expect(subscriptionsTogether([subscription(), elsewhere], [asked])).toEqual([elsewhere, asked]);
    expect(subscriptionsTogether([byId], [asked])).toEqual([asked]);
    expect(slosFor(asked, [ours, theirs, nobodys])).toEqual([ours]);
    expect(slosFor({ ...asked, channelName: null }, [ours, theirs, nobodys])).toEqual([nobodys]);
  });

  it('is of one workspace where several are served', () => {
    const [acme, any] = [
      { ...subscription(), team: 'T0ACME' },
      { ...subscription({ channel: 'C0456DEF' }), team: null },
    ];
    expect(digestsIn([acme, any], 'T0ACME')).toEqual([acme, any]);
    expect(digestsIn([acme, any], 'T0BETA')).toEqual([any]);
  });
});
