import { describe, expect, it } from 'vitest';
import { edgeTitle } from '../../../../src/domain/edge.ts';
import type { EdgeReading } from '../../../../src/domain/signals.ts';
import { readingWith, type Said, type Side, saidOf } from '../../../support/edges.ts';
import { alertWith, edgeNamed } from '../../../support/report.ts';

const payments = edgeNamed();
const both = (edge: EdgeReading['edge'], side: Side) => readingWith(edge, { caller: side, callee: side });
const flow = (now: number, usual: number, more: Partial<Side> = {}): Side => ({ now: [[now]], usual, ...more });
const gone = both(payments, flow(0, 3000));
const above = (now: number, usual: number, more: Partial<Side> = {}) =>
  both(edgeNamed('frontend', 'checkout'), flow(now, usual, more));
const beside = (side: Side) => both(edgeNamed('checkout', 'fraud'), side);

describe('traffic that has vanished', () => {
  it('while the caller is called as usual: the caller stopped calling', () => {
    const { verdict } = saidOf([gone, above(3100, 3000), beside(flow(3000, 3000))]);
    expect(verdict).toMatchObject({ rule: 'traffic-vanished', side: 'caller', confidence: 'likely' });
    expect(verdict?.sentence).toBe('checkout stopped calling payments: 0 requests, usually about 3,042');
    expect(verdict?.evidence).toEqual(['checkout itself is called as usual', '1 of its other calls go on']);
    expect(verdict?.firstCheck.command).toBe('kubectl -n shop get deployment checkout -o wide');
  });

  it('with that of its caller: who calls the caller stopped', () => {
    const { verdict } = saidOf([gone, above(2, 3000), beside(flow(1, 3000))]);
    expect(verdict).toMatchObject({ rule: 'traffic-vanished', side: 'caller', confidence: 'likely' });
    expect(verdict?.sentence).toMatch(/^frontend stopped calling checkout, so checkout has nothing to ask payments: 0 requests/);
    expect(edgeTitle(verdict?.at ?? payments)).toBe('frontend → checkout');
    expect(verdict?.firstCheck.object).toBe('Deployment shop/frontend');
  });

  describe('and a long way up as well', () => {
    const chain = (names: readonly string[], now: number) =>
      names.slice(1).map((callee, at) => both(edgeNamed(names[at], callee), flow(now, 3000)));
    const upTo = (...names: readonly string[]) => saidOf([gone, ...chain(names, 0)]).verdict;

    it('is told at the topmost edge that is still called as usual', () => {
      const well = both(edgeNamed('istio-ingressgateway', 'web'), flow(3100, 3000));
      const { verdict } = saidOf([gone, ...chain(['web', 'storefront', 'checkout'], 0), well]);
      expect(verdict).toMatchObject({ rule: 'traffic-vanished', side: 'caller', confidence: 'likely' });
      expect(verdict?.sentence).toMatch(/^web stopped calling storefront, so checkout has nothing to ask payments: 0 requests/);
      expect(edgeTitle(verdict?.at ?? payments)).toBe('web → storefront');
      expect(verdict?.evidence).toEqual([
        'the calls on the way have all stopped: web → storefront → checkout → payments',
        'web itself is called as usual',
      ]);
      expect(verdict?.firstCheck.object).toBe('Deployment shop/web');
    });

    it('to the gateway: it is looked for in front of it', () => {
      const { verdict, impact } = saidOf([gone, ...chain(['istio-ingressgateway', 'storefront', 'checkout'], 0)]);
      expect(impact?.ingressAffected).toBe(true);
      expect(verdict?.confidence).toBe('likely');
      expect(edgeTitle(verdict?.at ?? payments)).toBe('istio-ingressgateway → storefront');
      expect(verdict?.firstCheck.sentence).toMatch(/^See whether clients still reach istio-ingressgateway/);
    });

    it('further than the walk goes: it says so, and is less sure', () => {
      const verdict = upTo('six', 'five', 'four', 'three', 'two', 'checkout');
      expect(edgeTitle(verdict?.at ?? payments)).toBe('five → four');
      expect(verdict?.confidence).toBe('possible');
      expect(verdict?.evidence).toContain('the way up was followed no further than five');
    });

    it('round in a circle ends, and is less sure', () => {
      const verdict = upTo('checkout', 'loop', 'checkout');
      expect(edgeTitle(verdict?.at ?? payments)).toBe('checkout → loop');
      expect(verdict?.confidence).toBe('possible');
    });

    it('is not said when somebody up there fails, or finds no route', () => {
      const [first, last] = chain(['frontend', 'storefront', 'checkout'], 0);
      const fails = both(edgeNamed('entrance', 'frontend'), { now: [[1500], [1500, '500']], usual: 3000 });
      const beside = both(edgeNamed('frontend', 'login'), { now: [[1500], [1500, '500']], usual: 3000 });
      const nowhere = { ...edgeNamed('frontend'), destination: { namespace: null, workload: null, service: null } };
      const astray = (flags: string, usual: number) =>
        readingWith(nowhere, { caller: { now: [[3000, '404', flags]], usual, usualFailed: 0 } });
      const rulesWith = (reading: EdgeReading) =>
        saidOf([gone, ...(first && last ? [first, last] : []), reading]).findings.map(({ rule }) => rule);
      for (const reading of [fails, beside, astray('NR', 0), astray('-', 0)])
        expect(rulesWith(reading)).not.toContain('traffic-vanished');
      // Scanners ask for what is not there every day.
      expect(rulesWith(astray('-', 3000))).toContain('traffic-vanished');
      expect(saidOf([gone, ...(first && last ? [first, last] : []), fails]).summary).toMatch(
        /^No requests reach payments any more from checkout: .*; entrance → frontend is sick meanwhile/,
      );
    });
  });

  it('with that of its caller in another namespace: it is looked for there', () => {
    const edge = edgeNamed('frontend', 'checkout');
    const entrance = both({ ...edge, source: { ...edge.source, namespace: 'web' } }, flow(2, 3000));
    const { verdict } = saidOf([gone, entrance, beside(flow(1, 3000))]);
    expect(verdict?.firstCheck).toMatchObject({
      object: 'Deployment web/frontend',
      command: 'kubectl -n web get deployment frontend -o wide',
    });
  });

  it('while who calls the caller could not be read: nobody is said to be missing', () => {
    const gap = { what: 'the calls into the caller', source: 'Prometheus', reason: 'timeout', detail: 'did not answer' } as const;
    const { verdict } = saidOf([gone], { gaps: [gap] });
    expect(verdict?.evidence).toContain('who calls checkout could not be read');
    expect(verdict?.evidence.join()).not.toMatch(/it begins there/);
  });

  it('and nobody is seen calling the caller: it may begin there', () => {
    const { verdict } = saidOf([gone]);
    expect(verdict).toMatchObject({ rule: 'traffic-vanished', confidence: 'possible' });
  });

  it.each<[string, readonly EdgeReading[]]>([
    ['its caller fails', [gone, above(2900, 3000, { now: [[1500], [1500, '500']] })]],
    ['an earlier call of its caller fails', [gone, beside(flow(3000, 3000, { now: [[1500], [1500, '503', 'UH']] }))]],
    [
      'another caller of the same callee fails',
      [gone, both(edgeNamed('refunds', 'payments'), flow(3000, 3000, { now: [[1500], [1500, '500']] })), above(3000, 3000)],
    ],
    [
      'the callee fails below',
      [gone, both(edgeNamed('payments', 'bank'), flow(3000, 3000, { now: [[1500], [1500, '500']] })), above(3000, 3000)],
    ],
    ['fewer than twenty were expected', [both(payments, flow(0, 15)), above(3000, 3000)]],
    ['it has no series any more', [{ ...gone, caller: null, callee: null }, above(3000, 3000)]],
    ['only its caller misses it', [readingWith(payments, { caller: flow(0, 3000), callee: flow(3000, 3000) })]],
    ['half of it goes on', [both(payments, flow(1500, 3000)), above(3000, 3000)]],
    [
      'its requests find no route',
      [
        gone,
        readingWith(
          { ...payments, destination: { namespace: null, workload: null, service: null } },
          { caller: { now: [[3000, '404', 'NR']], usual: 0 } },
        ),
      ],
    ],
  ])('is not said when %s', (_why, readings) => {
    expect(saidOf(readings).findings.map(({ rule }) => rule)).not.toContain('traffic-vanished');
  });
});

describe('traffic that only falls', () => {
  const fallen = [both(payments, flow(1000, 3000)), above(3000, 3000)];

  it('is not called well when the alert is about traffic, nor vanished: the figures are said', () => {
    const alerts = [alertWith({ alertname: 'MeshEdgeTrafficVanished' })];
    const { verdict, summary } = saidOf(fallen, { alerts });
    expect(verdict).toBeNull();
    expect(summary).toBe('checkout sends payments less than half of its usual requests: 3.3/s, usually 10/s');
  });

  it('is no reason to doubt an edge that an alert about errors names', () => {
    expect(saidOf(fallen).verdict?.rule).toBe('healthy');
  });
});

describe('traffic that surges', () => {
  const flood = (now: readonly Said[], more: Partial<Side> = {}) => both(payments, { now, usual: 3000, ...more });

  it('and fills a limit is the cause of that', () => {
    const { verdict, findings } = saidOf([flood([[20_000], [10_000, '503', 'UO']]), above(30_000, 3000)]);
    expect(verdict).toMatchObject({ rule: 'traffic-surge', side: 'caller', confidence: 'likely' });
    expect(verdict?.sentence).toBe(
      'frontend sends checkout 9.9× its usual traffic (100/s, usually 10/s): a limit for payments is full, and 33 % failed',
    );
    expect(edgeTitle(verdict?.at ?? payments)).toBe('frontend → checkout');
    expect(verdict?.evidence[0]).toBe('it comes down frontend → checkout → payments, and hurts at checkout → payments');
    expect(verdict?.firstCheck.object).toBe('Deployment shop/frontend');
    expect(findings.map(({ rule }) => rule)).not.toContain('circuit-breaker');
  });

  it('at the gateway hurts three calls below: it is told of where it comes in, wherever the alert is', () => {
    const edges = [
      ['istio-ingressgateway', 'storefront'],
      ['storefront', 'checkout'],
      ['checkout-v1', 'inventory'],
      ['inventory-v1', 'bank'],
    ].map(([from, to]) => both(edgeNamed(from, to), flow(30_000, 3000, { mean: 1, usualMean: 0.1 })));
    for (let alert = 0; alert < edges.length; alert += 1) {
      const { verdict, findings } = saidOf([...edges.slice(alert), ...edges.slice(0, alert)]);
      expect(verdict).toMatchObject({ rule: 'traffic-surge', side: 'caller' });
      expect(edgeTitle(verdict?.at ?? payments)).toBe('istio-ingressgateway → storefront');
      expect(verdict?.sentence).toMatch(
        /^istio-ingressgateway sends storefront 9.9× its usual traffic .*: bank answers late: mean 1 s/,
      );
      expect(verdict?.evidence[0]).toBe(
        'it comes down istio-ingressgateway → storefront → checkout → inventory → bank, and hurts at inventory-v1 → bank',
      );
      expect(findings.map(({ rule }) => rule)).toEqual(['traffic-surge']);
    }
  });

  it('below retries is theirs: their callee counts more, and its caller asks as ever', () => {
    const retried = readingWith(payments, {
      caller: { now: [[1500], [1500, '500']], usual: 3000 },
      callee: { now: [[3000], [9000, '500']], usual: 3000 },
    });
    const bank = both(edgeNamed('payments-v1', 'bank'), flow(12_000, 3000));
    for (const readings of [
      [retried, above(3000, 3000), bank],
      [bank, retried, above(3000, 3000)],
    ]) {
      const surge = saidOf(readings).findings.find(({ rule }) => rule === 'traffic-surge');
      // Where it is told at all, it blames nobody above the retries.
      if (surge)
        expect(surge.evidence).toContain(
          'who calls payments-v1 asks as usual, and more arrives there: what fails is tried again',
        );
      expect(surge === undefined || surge.side === 'nothing wrong').toBe(true);
      expect(edgeTitle(surge?.at ?? bank.edge)).toBe('payments-v1 → bank');
    }
    expect(saidOf([retried, above(3000, 3000), bank]).findings.map(({ rule }) => rule)).toContain('retry-storm');
  });

  it('and slows the callee is the cause of that', () => {
    expect(saidOf([flood([[30_000]], { mean: 1, usualMean: 0.1 })]).verdict?.rule).toBe('traffic-surge');
  });

  it('at a limit that was always tight is told with what the limit refuses', () => {
    const tight = flood([[29_000], [1000, '503', 'UO']], { usualFailed: 0.033 });
    const { verdict } = saidOf([tight, above(30_000, 3000)]);
    expect(verdict).toMatchObject({ rule: 'traffic-surge', side: 'caller' });
    expect(verdict?.sentence).toMatch(/a limit for payments is full, and 3\.3 % failed, a share as usual$/);
  });

  it('alone harms nobody', () => {
    const { verdict } = saidOf([flood([[30_000]]), above(30_000, 3000)]);
    expect(verdict).toMatchObject({ rule: 'traffic-surge', side: 'nothing wrong', confidence: 'possible' });
    expect(verdict?.sentence).toMatch(/and nothing suffers from it$/);
  });

  it('does not explain errors that the application makes', () => {
    expect(saidOf([flood([[20_000], [10_000, '500']]), above(30_000, 3000)]).verdict?.rule).toBe('callee-errors');
  });

  it('out of a caller that is called as usual is multiplied by it, and explains nothing', () => {
    const { verdict, findings } = saidOf([flood([[20_000], [10_000, '503', 'UO']]), above(3000, 3000)]);
    expect(verdict?.rule).toBe('circuit-breaker');
    expect(findings.find(({ rule }) => rule === 'traffic-surge')?.evidence[0]).toMatch(/it multiplies its calls: retries/);
  });
});

describe('what is no fault', () => {
  it('pods that come and go, a version that appears, a client that gives up by design: nothing is blamed', () => {
    const scaled = both(payments, flow(4500, 3000));
    const released = both(payments, { now: [[1500], [1500, '200', '-', null, 'v2']] });
    const hedging = both(payments, { now: [[2000], [1000, '0', 'DC']], usual: 3000, usualLeft: 0.33 });
    for (const reading of [scaled, released, hedging]) {
      const { verdict } = saidOf([reading]);
      expect(verdict?.side ?? 'nothing wrong').toBe('nothing wrong');
    }
  });
});
