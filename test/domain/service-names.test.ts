import fc from 'fast-check';
import { RE2JS } from 're2js';
import { describe, expect, it } from 'vitest';
import { nobody } from '../../src/domain/edge.ts';
import { servicePattern } from '../../src/domain/service-names.ts';

const matches = (end: Partial<typeof nobody>) => {
  const pattern = RE2JS.compile(`^(?:${servicePattern({ ...nobody, ...end })})$`);
  return (name: string): boolean => pattern.matcher(name).find();
};

describe('names of a service in traces', () => {
  it('are those of the mesh, with and without namespace and version, in either case', () => {
    const is = matches({ namespace: 'shop', service: 'checkout', workload: 'checkout-v2' });
    for (const name of ['checkout', 'Checkout', 'checkout.shop', 'checkout.shop.svc.cluster.local', 'checkout-v1', 'CHECKOUT-v2'])
      expect([name, is(name)]).toEqual([name, true]);
    for (const name of ['checkout.other', 'checkout-vault', 'my-checkout', 'checkouts', 'checkout.shopping', 'payments', ''])
      expect([name, is(name)]).toEqual([name, false]);
  });

  it('may be in any namespace where none is known', () => {
    const is = matches({ service: 'checkout' });
    expect(['checkout', 'checkout.shop', 'checkout.other'].map(is)).toEqual([true, true, true]);
  });

  it('are those of the service where only its Deployment is known, and of the host where it is one', () => {
    expect(['payments', 'payments-v3', 'payments-canary'].map(matches({ workload: 'payments-v2' }))).toEqual([true, true, true]);
    expect(['bank-api', 'bank-api.bank.example'].map(matches({ service: 'bank-api.bank.example' }))).toEqual([true, true]);
    expect(['10', '10.0.0.1'].map(matches({ service: '10.0.0.1' }))).toEqual([false, true]);
  });

  it('are none for an end without a name', () => {
    expect(servicePattern(nobody)).toBeNull();
    expect(servicePattern({ ...nobody, service: '', namespace: 'shop' })).toBeNull();
  });

  it('match themselves whatever they are, and nothing that a pattern in them would', () => {
    expect(['a.c', 'abc', 'xa.c'].map(matches({ service: 'a.c', namespace: 'n' }))).toEqual([true, false, false]);
    const text = fc.oneof(
      fc.string({ minLength: 1, maxLength: 30 }),
      fc.constantFrom('.*', 'a|b', '(?i)x', '[', '\\', '^$', 'a{2}', '*'),
    );
    fc.assert(
      fc.property(text, text, (service, namespace) => {
        const is = matches({ service, namespace });
        expect(is(service)).toBe(true);
        expect(is(`${service}.${namespace}`)).toBe(true);
        expect(is(`~${service}~`)).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });
});
