import { describe, expect, it } from 'vitest';
import type { Fault, Truth } from '../lab.ts';
import { grade, type Said, type SaidVerdict } from './grade.ts';

const truth: Truth = {
  edge: ['checkout', 'payments'],
  orEdges: [['frontend', 'checkout']],
  rules: ['upstream-timeout', 'slow-callee'],
  sides: ['callee application'],
  object: 'Deployment shop/payments(?:-v\\d)?',
  not: ['certificate'],
};

const verdict: SaidVerdict = {
  rule: 'upstream-timeout',
  side: 'callee application',
  confidence: 'likely',
  sentence: 'checkout gives up on payments after 300 ms',
  firstCheck: 'Look at the latency of payments',
  command: 'kubectl -n shop logs deploy/payments --since=15m',
  object: 'Deployment shop/payments',
};

const said = (given: Partial<Said> = {}, ownVerdict: Partial<SaidVerdict> | null = {}): Said => ({
  way: 'alert',
  about: 'MeshEdgeErrorRatioHigh',
  header: 'checkout → payments: 7 of 12 requests failing',
  text: 'checkout → payments: 7 of 12 requests failing',
  edge: ['checkout', 'payments'],
  verdict: ownVerdict === null ? null : { ...verdict, ...ownVerdict },
  ...given,
});

const graded = (kind: Fault['kind'], message: Said, changed: Partial<Truth> = {}) =>
  grade(kind, { ...truth, ...changed }, message);

describe('a message about a fault', () => {
  it('is right when edge, cause, side and first check are, and nothing false is said', () => {
    expect(graded('fault', said())).toMatchObject({ isRight: true, why: [] });
    expect(graded('fault', said({ edge: ['frontend', 'checkout'] }, { rule: 'slow-callee' })).isRight).toBe(true);
  });

  it.each([
    ['the edge', said({ edge: ['checkout', 'cart'] }), 'is about checkout → cart'],
    ['no edge', said({ edge: null }), 'is about no edge'],
    ['the cause', said({}, { rule: 'no-route', confidence: 'possible' }), 'expected upstream-timeout, said no-route (possible'],
    ['the side', said({}, { side: 'caller' }), 'blames caller, not callee application'],
    ['the first check', said({}, { object: 'Deployment shop/cart', firstCheck: 'Look' }), 'sends the reader to'],
    ['a false sentence', said({ text: 'The Certificate has expired' }), 'says what is false: /certificate/'],
    ['silence', said({}, null), 'expected upstream-timeout, said no verdict'],
  ])('is wrong by %s', (_what, message, why) => {
    const { isRight, why: reasons } = graded('fault', message);
    expect(isRight).toBe(false);
    expect(reasons.join('\n')).toContain(why);
  });

  it.each([
    ['another kind of the same name', { object: 'Service shop/payments' }],
    ['another name that holds it', { object: 'Deployment shop/payments-gateway' }],
    ['the name in another namespace', { object: 'Deployment finance/payments' }],
    ['no object, though the sentence names it', { object: null }],
    ['a command that looks into another namespace', { command: 'kubectl -n finance logs deploy/payments' }],
  ])('does not take %s for the object of its first check', (_what, check) => {
    expect(graded('fault', said({}, check)).marks.check).toBe(false);
  });

  it('may name a version of the object, may have no command, and what Kubernetes does not know is nowhere', () => {
    expect(graded('fault', said({}, { object: 'Deployment shop/payments-v2', command: null })).marks.check).toBe(true);
    expect(graded('fault', said({}, { object: 'Rate limit service' }), { object: 'Rate limit service' }).marks.check).toBe(true);
    expect(graded('fault', said({}, { object: 'EnvoyFilter in shop' }), { object: 'EnvoyFilter in shop' }).marks.check).toBe(
      true,
    );
  });

  it('may give either of two answers, but not half of each', () => {
    const or = {
      edge: ['checkout', 'inventory'],
      rules: ['grpc-errors'],
      sides: ['callee application'],
      object: 'Deployment shop/inventory',
    } as const;
    const inventory = { rule: 'grpc-errors', object: 'Deployment shop/inventory' };
    const at = said({ edge: ['checkout', 'inventory'] }, inventory);
    expect(graded('fault', at, { or })).toMatchObject({ isRight: true, why: [] });
    expect(graded('fault', said(), { or }).isRight).toBe(true);
    expect(graded('fault', said({ edge: ['checkout', 'inventory'] }), { or }).isRight).toBe(false);
    expect(graded('fault', said({}, { rule: 'grpc-errors' }), { or }).isRight).toBe(false);
    expect(graded('fault', { ...at, text: 'certificate' }, { or }).why).toEqual(['says what is false: /certificate/']);
  });

  it('is not asked for a first check where the truth names none', () => {
    expect(graded('fault', said(), { object: '' })).toMatchObject({ isRight: true, marks: { check: null } });
  });

  it('is right without a verdict where nobody can be named, and only then', () => {
    expect(graded('fault', said({}, null), { rules: [] }).isRight).toBe(true);
    expect(graded('fault', said({}, { confidence: 'possible' }), { rules: [] })).toMatchObject({ isRight: false });
    expect(graded('fault', said({ edge: ['a', 'b'] }, null), { rules: [] }).isRight).toBe(false);
  });
});

describe('a message about a quiet mesh', () => {
  it('may blame nobody, not even as possible', () => {
    expect(graded('quiet', said({}, null)).isRight).toBe(true);
    expect(graded('quiet', said({}, { rule: 'healthy', side: 'nothing wrong' })).isRight).toBe(true);
    expect(graded('quiet', said({}, { confidence: 'possible' }))).toMatchObject({ isRight: false, marks: { modest: false } });
    expect(graded('quiet', said({ text: 'certificate' }, null)).isRight).toBe(false);
  });
});

describe('a message about too few requests', () => {
  it('names the edge and the counts, and is sure of nothing', () => {
    expect(graded('thin', said({}, null)).isRight).toBe(true);
    expect(graded('thin', said({}, { confidence: 'possible' })).isRight).toBe(true);
    expect(graded('thin', said({}, { confidence: 'likely' })).isRight).toBe(false);
    expect(graded('thin', said({}, { confidence: 'possible', rule: 'healthy', side: 'nothing wrong' })).isRight).toBe(false);
    expect(graded('thin', said({}, { confidence: 'possible', rule: 'no-route' })).isRight).toBe(false);
    expect(graded('thin', said({ edge: null }, null)).isRight).toBe(false);
    expect(graded('thin', said({ edge: ['gateway', 'shop'] }, null)).isRight).toBe(true);
    expect(graded('thin', said({ edge: ['gateway', 'shop'] }, { confidence: 'possible' })).isRight).toBe(false);
    expect(graded('thin', said({ text: '16 failed requests without a flag' }, null)).isRight).toBe(true);
    expect(graded('thin', said({ text: '58 % failing, about 16 failed requests/min' }, null)).why).toEqual([
      'does not say how many requests there were',
    ]);
  });
});
