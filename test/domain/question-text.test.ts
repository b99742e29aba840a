import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mistakes, nearOf } from '../../src/domain/near.ts';
import { readQuestion } from '../../src/domain/question-text.ts';

const end = (name: string, namespace: string | null = null) => ({ namespace, name });
const edge = { kind: 'why', from: end('checkout'), to: end('payments') };

describe('an edge that a person asks for', () => {
  it.each([
    'why checkout → payments',
    'why checkout->payments',
    'why checkout -> payments',
    'why checkout => payments',
    'why checkout —> payments',
    'why checkout –> payments',
    'why checkout --> payments',
    'why checkout ➡️ payments',
    'why checkout ⇒ payments',
    'why checkout > payments',
    'why checkout to payments',
    'why checkout payments',
    'Why “checkout” → ‘payments’?',
    'WHY checkout\u00a0→\u00a0payments',
    'why checkout → payments.',
    'why payments --from checkout',
    'why payments —from checkout',
    'why checkout –to payments',
    'why deploy/checkout → svc/payments',
    '\u200bwhy checkout → pay\u200bments',
  ])('is read from %j', (text) => {
    expect(readQuestion(text)).toMatchObject(edge);
  });

  it('may carry namespaces, as a path or as a host of the cluster', () => {
    const both = { from: end('checkout', 'shop'), to: end('payments', 'bank') };
    expect(readQuestion('why shop/checkout → bank/payments')).toMatchObject(both);
    expect(readQuestion('why checkout.shop.svc → payments.bank.svc.cluster.local')).toMatchObject(both);
    expect(readQuestion('why api.stripe.com')).toMatchObject({ to: end('api.stripe.com') });
  });

  it.each(['why', 'why checkout →', 'why → payments', 'why a b c', 'why a b --from c'])('is asked for again after %j', (text) => {
    expect(readQuestion(text)).toMatchObject({ kind: 'unclear', lines: [expect.stringMatching(/^Which edge\?/)] });
  });
});

describe('figures that a person asks for', () => {
  const options = { windowSeconds: 300, cluster: null, namespace: null };
  it.each([
    ['stat', { name: null, from: null, options }],
    ['stat payments', { name: end('payments'), from: null }],
    ['stat checkout → payments', { name: end('payments'), from: end('checkout') }],
    ['stat checkout --to payments', { name: end('payments'), from: end('checkout') }],
    ['stat payments --from=checkout', { name: end('payments'), from: end('checkout') }],
    ['stat --from checkout', { name: end('checkout'), from: null }],
    ['stat payments -n shop -t 10m', { options: { ...options, namespace: 'shop', windowSeconds: 600 } }],
    ['stat payments —window 2h —cluster=eu', { options: { ...options, cluster: 'eu', windowSeconds: 7200 } }],
    ['Stat Payments --Window 1d', { options: { ...options, windowSeconds: 86_400 } }],
  ])('are read from %j', (text, question) => {
    expect(readQuestion(text)).toMatchObject({ kind: 'stat', ...question });
  });

  it.each([
    ['stat --window 30s', /^--window 30s is not a length between 1m and 1d/],
    ['stat --window', /^--window needs a value/],
    ['why payments --window 1h', /^--window is for tables such as \/mesh stat/],
    ['stat --windw 5m', /I do not know the option --windw\. Did you mean --window\?/],
    ['stat -x', /I do not know the option -x\. There are/],
    ['stat a b c', /^Which workload\?/],
    ['incidents payments', /^All incidents, or those of one cluster/],
  ])('are not guessed from %j', (text, words) => {
    expect(readQuestion(text)).toMatchObject({ kind: 'unclear', lines: [expect.stringMatching(words)] });
  });
});

describe('a comparison that a person asks for', () => {
  it.each([
    ['diff', { name: null, from: null, agoSeconds: 3600 }],
    ['diff payments', { name: end('payments'), from: null, agoSeconds: 3600 }],
    ['diff checkout → payments now..-1d', { name: end('payments'), from: end('checkout'), agoSeconds: 86_400 }],
    ['diff payments now…−2h', { name: end('payments'), agoSeconds: 7200 }],
    ['diff payments –30m', { name: end('payments'), agoSeconds: 1800 }],
    [
      'diff payments 7d ago --window 1h',
      { name: end('payments'), agoSeconds: 604_800, options: { windowSeconds: 3600, cluster: null, namespace: null } },
    ],
  ])('%j', (text, question) => {
    expect(readQuestion(text)).toMatchObject({ kind: 'diff', ...question });
  });

  it.each([
    ['diff payments now..yesterday', /^Since when\?/],
    ['diff payments 8d ago', /^Since when\?/],
    ['diff a b c', /^Since when\?/],
    ['diff payments 10m ago --window 30m', /^The two windows overlap/],
  ])('is not guessed from %j', (text, words) => {
    expect(readQuestion(text)).toMatchObject({ kind: 'unclear', lines: [expect.stringMatching(words)] });
  });
});

describe('a word that is not known', () => {
  it.each([
    ['wyh', 'why'],
    ['stats', 'stat'],
    ['flag', 'flags'],
    ['incident', 'incidents'],
    ['edge', 'edges'],
    ['sat', 'stat'],
    ['hepl', 'help'],
  ])('%s has the nearest for a guess: %s', (typed, meant) => {
    expect(readQuestion(typed)).toMatchObject({ lines: [expect.stringContaining(`did you mean “/mesh ${meant}”?`)] });
  });
  it('has none where none is near', () => {
    expect(readQuestion('weather')).toMatchObject({ kind: 'unclear', lines: [expect.not.stringContaining('did you mean')] });
  });
  it.each(['', '  ', 'help', 'Help!', 'help --window'])('%j is a call for help', (text) => {
    expect(readQuestion(text)).toEqual({ kind: 'help' });
  });
  it('never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        expect(['help', 'stat', 'top', 'flags', 'edges', 'incidents', 'diff', 'why', 'unclear']).toContain(
          readQuestion(`why ${text}`).kind,
        );
        expect(['help', 'stat', 'top', 'flags', 'edges', 'incidents', 'diff', 'why', 'unclear']).toContain(
          readQuestion(text).kind,
        );
      }),
    );
  });
});

describe('how far two words are apart', () => {
  it.each([
    ['payments', 'payments', 0],
    ['apyments', 'payments', 1],
    ['paymnt', 'payments', 2],
    ['', 'abc', 3],
  ])('%s and %s: %d mistakes', (a, b, far) => {
    expect([mistakes(a, b), mistakes(b, a)]).toEqual([far, far]);
  });
  it('puts the nearest first', () => {
    expect(nearOf('inventroy', ['inventory', 'frontend', 'inventory-v2'])).toEqual(['inventory', 'inventory-v2']);
    expect(nearOf('zzz', ['payments', 'cart'])).toEqual([]);
  });
});
