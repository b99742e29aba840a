import { describe, expect, it } from 'vitest';
import type { Fault, Truth } from '../lab.ts';
import { grade, type Said, type SaidVerdict } from './grade.ts';
import { countedOf, worstOf } from './tellings.ts';
import { unmetBy } from './whole.ts';

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
  it('without a verdict is right where its alert is about another edge and it points at the sick one', () => {
    const elsewhere = { edge: ['payments', 'bank'], alertEdge: ['payments', 'bank'] } as const;
    const verdictText = 'No requests reach bank any more from payments: 0 in this window; checkout → payments is sick meanwhile';
    expect(graded('fault', said({ ...elsewhere, verdictText }, null))).toMatchObject({
      isRight: true,
      marks: { edge: true, cause: null },
    });
    expect(graded('fault', said({ ...elsewhere, verdictText: 'No requests reach bank any more' }, null)).isRight).toBe(false);
    expect(graded('fault', said({ ...elsewhere, verdictText, text: 'a certificate' }, null)).isRight).toBe(false);
    expect(graded('fault', said({ alertEdge: ['checkout', 'payments'], verdictText }, null)).isRight).toBe(false);
  });

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

  it.each([
    ['Deployment shop/payments', 'kubectl -n shop get pods -o wide', false],
    ['Deployment shop/payments', 'kubectl -n shop logs deploy/payments-gateway', false],
    ['Deployment shop/payments', 'kubectl -n shop get pods -o wide | grep ^payments-', true],
    ['Service shop/payments', 'kubectl -n shop get endpointslices -l kubernetes.io/service-name=payments', true],
    ['Pod shop/payments-v1-84c7d9f5b-p7m9q', 'kubectl -n shop describe pod payments-v1-84c7d9f5b-p7m9q', true],
    ['Certificate of shop/payments', 'istioctl -n shop proxy-config secret deploy/payments', true],
    ['VirtualService shop/payments', 'kubectl -n shop get virtualservices -o yaml', true],
    ['VirtualService shop/payments', 'kubectl -n shop get destinationrules -o yaml', false],
    ['AuthorizationPolicy (CUSTOM) in shop', 'kubectl -n shop get authorizationpolicies -o yaml', true],
    ['VirtualService in shop', 'istioctl analyze -n shop', true],
    ['EnvoyFilter in shop', 'kubectl -n finance get envoyfilters -o yaml', false],
  ])('wants a command to name the object where it has a name, else its kind: %s by %s is %s', (object, command, isRight) => {
    const pattern = object.replace(/[()]/g, (mark) => `\\${mark}`);
    expect(graded('fault', said({}, { object, command }), { object: pattern }).marks.check).toBe(isRight);
  });

  it('may name a version of the object, may have no command, and what Kubernetes does not know is nowhere', () => {
    expect(graded('fault', said({}, { object: 'Deployment shop/payments-v2', command: null })).marks.check).toBe(true);
    const nowhere = said({}, { object: 'Rate limit service', command: 'kubectl -n shop get envoyfilters -o yaml' });
    expect(graded('fault', nowhere, { object: 'Rate limit service' }).marks.check).toBe(true);
    expect(
      graded('fault', said({}, { object: 'EnvoyFilter in shop', command: null }), { object: 'EnvoyFilter in shop' }).marks.check,
    ).toBe(true);
  });

  it('may give either of two answers, but not half of each', () => {
    const or = {
      edge: ['checkout', 'inventory'],
      rules: ['grpc-errors'],
      sides: ['callee application'],
      object: 'Deployment shop/inventory',
    } as const;
    const inventory = {
      rule: 'grpc-errors',
      object: 'Deployment shop/inventory',
      command: 'kubectl -n shop logs deploy/inventory',
    };
    const at = said({ edge: ['checkout', 'inventory'] }, inventory);
    expect(graded('fault', at, { or })).toMatchObject({ isRight: true, why: [] });
    expect(graded('fault', said(), { or }).isRight).toBe(true);
    expect(graded('fault', said({ edge: ['checkout', 'inventory'] }), { or }).isRight).toBe(false);
    expect(graded('fault', said({}, { rule: 'grpc-errors' }), { or }).isRight).toBe(false);
    expect(graded('fault', { ...at, text: 'certificate' }, { or }).why).toEqual(['says what is false: /certificate/']);
  });

  it('may be about either of two things that are true at once', () => {
    const and = { ...truth, edge: ['checkout', 'inventory'], rules: ['grpc-errors'], object: '' } as const;
    const at = said({ edge: ['checkout', 'inventory'] }, { rule: 'grpc-errors' });
    expect(graded('fault', at, { and })).toMatchObject({ isRight: true, marks: { expected: true } });
    expect(graded('fault', said(), { and }).isRight).toBe(true);
    expect(graded('fault', said({}, { rule: 'grpc-errors' }), { and }).isRight).toBe(false);
  });

  it('is asked once it is over: then what was true while it lasted is false, and the other way round', () => {
    const over = { ...truth, rules: ['recovered', 'healthy'], sides: ['nothing wrong'], object: '' } as const;
    const well = { rule: 'healthy', side: 'nothing wrong', object: null } as const;
    expect(graded('fault', said({ way: 'asked' }, well), { asked: over }).isRight).toBe(true);
    expect(graded('fault', said({ way: 'asked' }), { asked: over }).isRight).toBe(false);
    expect(graded('fault', said({}, well), { asked: over }).isRight).toBe(false);
    expect(graded('fault', said(), { asked: over }).isRight).toBe(true);
  });

  it('tells the expected rule from one that is right too', () => {
    expect(graded('fault', said()).marks.expected).toBe(true);
    expect(graded('fault', said({}, { rule: 'slow-callee' }))).toMatchObject({ isRight: true, marks: { expected: false } });
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
  const well = { rule: 'healthy', side: 'nothing wrong' } as const;

  it('may blame nobody, not even as possible', () => {
    expect(graded('quiet', said({ way: 'asked' }, well))).toMatchObject({ isRight: true, why: [] });
    expect(graded('quiet', said({ way: 'asked' }, { confidence: 'possible' }))).toMatchObject({
      isRight: false,
      marks: { modest: false },
    });
    expect(graded('quiet', said({ way: 'asked', text: 'certificate' }, well)).isRight).toBe(false);
  });

  it('answers who asks that nothing is wrong, and is not silent', () => {
    expect(graded('quiet', said({ way: 'asked' }, null))).toMatchObject({
      isRight: false,
      marks: { modest: true, cause: false },
      why: ['does not answer that nothing is wrong: no verdict'],
    });
  });

  it('is a miss where an alert fired, unless it is known to', () => {
    expect(graded('quiet', said({}, null)).why).toEqual(['an alert fired and was told']);
    expect(graded('quiet', said({}, well)).isRight).toBe(false);
    expect(graded('quiet', said({}, null), { mayAlert: 'it fires every day' })).toMatchObject({ isRight: true });
    expect(graded('quiet', said(), { mayAlert: 'it fires every day' })).toMatchObject({
      isRight: false,
      marks: { silent: true },
    });
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
  });

  it('is about the edge of its own alert where nothing is blamed, and about no other', () => {
    const above = said({ edge: ['gateway', 'shop'], alertEdge: ['gateway', 'shop'] }, null);
    expect(graded('thin', above).isRight).toBe(true);
    expect(graded('thin', { ...above, alertEdge: ['gateway', 'cart'] }).why).toEqual([
      'is about gateway → shop, not gateway → cart',
    ]);
    expect(graded('thin', { ...above, alertEdge: null }).isRight).toBe(false);
    expect(graded('thin', { ...above, verdict: { ...verdict, confidence: 'possible' } }).isRight).toBe(false);
  });

  it('has the count in its header or its verdict, not somewhere below', () => {
    const bare = { header: 'checkout → payments: 58 % failing', text: 'Impact: 12 requests' };
    expect(graded('thin', said({ ...bare, verdictText: '16 failed requests without a flag' }, null)).isRight).toBe(true);
    expect(graded('thin', said({ ...bare, verdictText: '58 % failing, about 16 failed requests/min' }, null)).why).toEqual([
      'says in neither header nor verdict how many requests there were',
    ]);
  });
});

describe('all messages of a fault together', () => {
  const and = { ...truth, edge: ['checkout', 'inventory'], rules: ['grpc-errors'], object: '' } as const;
  const other = said({ edge: ['checkout', 'inventory'] }, { rule: 'grpc-errors' });

  it('tell of each of two things that are true at once', () => {
    expect(unmetBy({ ...truth, and }, [said(), other])).toEqual([]);
    expect(unmetBy({ ...truth, and }, [said(), said()])).toEqual(['no message tells of grpc-errors at checkout → inventory']);
    expect(unmetBy({ ...truth, and }, [other])).toEqual(['no message tells of upstream-timeout at checkout → payments']);
    // One of two is enough where either is the whole truth.
    expect(unmetBy({ ...truth, or: and }, [other])).toEqual([]);
  });

  it('tell of it while it lasts, and that it is over once it is', () => {
    const asked = { ...truth, rules: ['recovered', 'healthy'], sides: ['nothing wrong'], object: '' } as const;
    const over = said({ way: 'asked' }, { rule: 'recovered', side: 'nothing wrong' });
    expect(unmetBy({ ...truth, asked }, [said(), over])).toEqual([]);
    expect(unmetBy({ ...truth, asked }, [over])).toEqual(['no message tells of upstream-timeout at checkout → payments']);
    expect(unmetBy({ ...truth, asked }, [said()])).toEqual(['no message tells of recovered at checkout → payments']);
  });

  it('say the point of it in one of them at least', () => {
    const must = ['\\d attempts', 'eject'];
    const many = said({ text: '2.9 attempts for each request' });
    expect(unmetBy({ ...truth, must }, [many, said({ text: 'Outlier detection EJECTED 2 hosts' })])).toEqual([]);
    expect(unmetBy({ ...truth, must }, [said(), many])).toEqual(['no message says what is the point of it: /eject/']);
  });
});

describe('a message that was edited', () => {
  const telling = (message: Said, kind: Fault['kind'] = 'fault') => ({ said: message, grade: graded(kind, message) });
  const [right, wrong] = [telling(said()), telling(said({}, { rule: 'no-route' }))];
  const [early, false_] = [telling(said({}, null)), telling(said({ text: 'certificate' }, null))];

  it('counts with the worst that it told', () => {
    expect(worstOf([wrong, right])).toBe(wrong);
    expect(worstOf([right, wrong, right])).toBe(wrong);
    const last = telling(said());
    expect(worstOf([right, last])).toBe(last);
  });

  it('was neither right nor wrong while it had no verdict yet, unless it said what is false or stayed so', () => {
    expect(countedOf([early, right])).toEqual([right]);
    expect(countedOf([right, early])).toEqual([right, early]);
    expect(countedOf([false_, right])).toEqual([false_, right]);
    expect(countedOf([early])).toEqual([early]);
  });
});
