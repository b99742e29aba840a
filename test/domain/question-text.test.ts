import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mistakes, nearOf } from '../../src/domain/near.ts';
import { readQuestion } from '../../src/domain/question-text.ts';

const end = (name: string, namespace: string | null = null) => ({ namespace, name });
const knownVerbs = [
  ...['why', 'stat', 'top', 'flags', 'edges', 'routes', 'versions', 'pods', 'graph', 'diff', 'trace', 'incidents'],
  ...['ack', 'unack', 'silence', 'unsilence', 'doctor'],
];
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

describe('routes and pictures that a person asks for', () => {
  it.each([
    ['routes', { kind: 'routes', name: null, from: null }],
    ['routes payments', { kind: 'routes', name: end('payments'), from: null }],
    ['routes checkout → shop/payments', { kind: 'routes', name: end('payments', 'shop'), from: end('checkout') }],
    ['versions payments', { kind: 'versions', name: end('payments'), from: null }],
    ['pods checkout → shop/payments', { kind: 'pods', name: end('payments', 'shop'), from: end('checkout') }],
    ['pods --to payments', { kind: 'pods', name: end('payments'), from: null }],
    ['Graph', { kind: 'graph', name: null, from: null }],
    ['graph shop', { kind: 'graph', name: end('shop'), from: null }],
    ['graph —namespace shop', { kind: 'graph', name: null, options: { windowSeconds: 300, cluster: null, namespace: 'shop' } }],
    ['graph checkout -> payments -t 1h', { kind: 'graph', name: end('payments'), from: end('checkout') }],
    ['doctor', { kind: 'doctor' }],
    ['doctor --cluster eu', { kind: 'doctor', options: { windowSeconds: 300, cluster: 'eu', namespace: null } }],
  ])('%j', (text, question) => {
    expect(readQuestion(text)).toMatchObject(question);
  });

  it.each([
    ['graph a b c', /^Which workload\?.*“\/mesh graph payments”/],
    ['routes --frm checkout', /Did you mean --from\?/],
    ['doctor payments', /^All sources, or those of one cluster/],
  ])('is not guessed from %j', (text, words) => {
    expect(readQuestion(text)).toMatchObject({ kind: 'unclear', lines: [expect.stringMatching(words)] });
  });
});

describe('what a person does', () => {
  it.each([
    ['ack', { kind: 'ack', what: null }],
    ['ack inc-42.', { kind: 'ack', what: 'inc-42' }],
    ['ack checkout->payments', { kind: 'ack', what: 'checkout → payments' }],
    ['unack checkout → payments --cluster eu', { kind: 'unack', what: 'checkout → payments' }],
    ['unsilence checkout → payments', { kind: 'unsilence', what: 'checkout → payments' }],
    ['silence', { what: null, seconds: null, comment: null }],
    ['silence checkout → payments', { what: 'checkout → payments', seconds: null, comment: null }],
    ['silence checkout → payments 2h "deploy"', { what: 'checkout → payments', seconds: 7200, comment: 'deploy' }],
    ['silence checkout → payments 2h “deploy of v42, 10m”', { seconds: 7200, comment: 'deploy of v42, 10m' }],
    ['silence checkout → payments for 90m deploy of v42', { seconds: 5400, comment: 'deploy of v42' }],
    ['silence 1h30m', { what: null, seconds: 5400, comment: null }],
    ['silence 1W "-n is no option here"', { what: null, seconds: 604_800, comment: '-n is no option here' }],
    ['silence checkout → payments "deploy"', { what: 'checkout → payments', seconds: null, comment: 'deploy' }],
    ['silence "checkout" → "payments"', { what: 'checkout → payments', seconds: null, comment: null }],
    ['silence "checkout → payments"', { what: 'checkout → payments', seconds: null, comment: null }],
    ['silence "payments"', { what: 'payments', seconds: null, comment: null }],
    ['silence "we know"', { what: null, seconds: null, comment: 'we know' }],
    ['silence checkout → payments-10m 10m', { what: 'checkout → payments-10m', seconds: 600 }],
  ])('%j', (text, question) => {
    expect(readQuestion(text)).toMatchObject({ ...(text.startsWith('silence') ? { kind: 'silence' } : {}), ...question });
  });

  it.each(['silence payments 30s', 'silence payments 9999d', 'silence 0h'])('%j lasts too short or too long', (text) => {
    expect(readQuestion(text)).toMatchObject({ kind: 'unclear', lines: [expect.stringMatching(/^How long\?.*1m to 366d/)] });
  });
});

describe('a word that is not known', () => {
  it.each([
    ['wyh', 'why'],
    ['stats', 'stat'],
    ['flag', 'flags'],
    ['incident', 'incidents'],
    ['edge', 'edges'],
    ['route', 'routes'],
    ['version', 'versions'],
    ['pod', 'pods'],
    ['grpah', 'graph'],
    ['silense', 'silence'],
    ['unacknowledge', 'unack'],
    ['docter', 'doctor'],
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
    const verbs = ['', 'why', 'graph', 'routes', 'versions', 'pods', 'ack', 'silence', 'unsilence', 'doctor', 'diff', 'trace'];
    fc.assert(
      fc.property(fc.constantFrom(...verbs), fc.string({ unit: 'binary', maxLength: 200 }), (verb, text) => {
        const question = readQuestion(`${verb} ${text}`);
        expect(['help', 'unclear', 'trace-id', ...knownVerbs]).toContain(question.kind);
        if (question.kind === 'silence') {
          expect(question.what).not.toBe('');
          expect(question.comment).not.toBe('');
          expect(question.seconds === null || (question.seconds >= 60 && question.seconds <= 366 * 86_400)).toBe(true);
        }
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
