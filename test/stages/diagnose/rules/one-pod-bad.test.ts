import { describe, expect, it } from 'vitest';
import type { PodReading } from '../../../../src/domain/signals.ts';
import { readingWith, type Said, type Side, saidOf } from '../../../support/edges.ts';
import { edgeNamed } from '../../../support/report.ts';

const edge = edgeNamed();

const pod = (name: string, requests: number, failed: number, more: Partial<PodReading> = {}): PodReading => ({
  name: `payments-${name}`,
  isPod: true,
  version: 'v1',
  requests,
  failed,
  duration: { requests, totalSeconds: requests * 0.02 },
  before: requests,
  ...more,
});

const seen = (pods: readonly PodReading[], more: Partial<Side> = {}, atCaller?: Side) => {
  const sum = (of: (pod: PodReading) => number) => pods.reduce((all, one) => all + of(one), 0);
  const failed = sum(({ failed: x }) => x);
  const now: readonly Said[] = [[sum(({ requests }) => requests) - failed], ...(failed > 0 ? [[failed, '500'] as Said] : [])];
  return saidOf([{ ...readingWith(edge, { caller: atCaller ?? { now, ...more }, callee: { now, ...more } }), pods }]);
};

describe('one pod of several', () => {
  it('that fails while its siblings do not is named, with the command that looks at it', () => {
    const { verdict, findings } = seen([pod('a', 1000, 480), pod('b', 1000, 2), pod('c', 1000, 2)]);
    expect(verdict).toMatchObject({ rule: 'one-pod-bad', side: 'callee application', confidence: 'likely' });
    expect(verdict?.sentence).toBe(
      'One pod of payments is bad: payments-a fails 48 % of its requests, against 0.2 % of its 2 siblings',
    );
    expect(verdict?.firstCheck).toMatchObject({
      command: 'kubectl -n shop describe pod payments-a',
      object: 'Pod shop/payments-a',
    });
    expect(findings.map(({ rule }) => rule)).toEqual(['one-pod-bad']);
  });

  it('where only an address is known, no command is made up', () => {
    const { verdict } = seen([pod('a', 1000, 480, { isPod: false }), pod('b', 1000, 2)]);
    expect(verdict).toMatchObject({ rule: 'one-pod-bad', firstCheck: { command: null, object: null } });
  });

  it('that is slow while its siblings are not is named', () => {
    const late = { requests: 1000, totalSeconds: 1500 };
    const { verdict } = seen([pod('a', 1000, 0, { duration: late }), pod('b', 1000, 0)], { mean: 0.76, usualMean: 0.02 });
    expect(verdict?.rule).toBe('one-pod-bad');
    expect(verdict?.sentence).toBe(
      'One pod of payments is slow: payments-a takes 1.5 s on average, against 20 ms of its sibling',
    );
  });

  it('all alike are the callee, not a pod', () => {
    const { verdict } = seen([pod('a', 1000, 205), pod('b', 1000, 190), pod('c', 1000, 210)]);
    expect(verdict?.rule).toBe('callee-errors');
    const slow = { duration: { requests: 1000, totalSeconds: 1500 } };
    expect(seen([pod('a', 1000, 0, slow), pod('b', 1000, 0, slow)], { mean: 1.5, usualMean: 0.02 }).verdict?.rule).toBe(
      'slow-callee',
    );
  });

  it('a little worse than its siblings may be chance', () => {
    expect(seen([pod('a', 60, 12), pod('b', 1000, 100), pod('c', 1000, 98)]).verdict?.rule).toBe('callee-errors');
  });
});

describe('pods and versions', () => {
  const versions = (bad: readonly PodReading[]) => {
    const pods = [...bad, pod('x', 1000, 2), pod('y', 1000, 1)];
    const sum = (version: string, of: (one: PodReading) => number) =>
      pods.filter((one) => one.version === version).reduce((all, one) => all + of(one), 0);
    const now = ['v1', 'v2'].flatMap((version): readonly Said[] => [
      [sum(version, (one) => one.requests - one.failed), '200', '-', null, version],
      [sum(version, (one) => one.failed), '500', '-', null, version],
    ]);
    return saidOf([{ ...readingWith(edge, { caller: { now }, callee: { now } }), pods }]).verdict?.rule;
  };

  it('all pods of a version are bad: the version is', () => {
    expect(versions([pod('a', 500, 240, { version: 'v2' }), pod('b', 500, 250, { version: 'v2' })])).toBe('one-version-bad');
  });

  it('the only pod of a version stands for it', () => {
    expect(versions([pod('a', 500, 240, { version: 'v2' })])).toBe('one-version-bad');
  });

  it('one pod of several of a version is bad: the pod is', () => {
    expect(versions([pod('a', 500, 480, { version: 'v2' }), pod('b', 500, 1, { version: 'v2' })])).toBe('one-pod-bad');
  });
});

describe('a pod that only callers miss', () => {
  const gone = pod('a', 0, 0, { before: 1000 });
  const refused = (x: number): Side => ({ now: [[3000 - x], [x, '503', 'UF']] });

  it('may be unreachable, when about as many connections fail as it would have got: said behind what is proven', () => {
    const { verdict, findings } = seen([pod('b', 1000, 0), pod('c', 1000, 0), gone], {}, refused(1000));
    expect([verdict?.rule, verdict?.confidence]).toEqual(['connection-failure', 'likely']);
    const found = findings.find(({ rule }) => rule === 'one-pod-bad');
    expect(found?.confidence).toBe('possible');
    expect(found?.sentence).toMatch(/^One pod of payments may be unreachable: payments-a counts nothing any more/);
  });

  it('is not to blame for connections that all fail', () => {
    expect(
      seen([pod('b', 30, 0, { before: 1000 }), pod('c', 30, 0, { before: 1000 }), gone], {}, refused(2900)).verdict?.rule,
    ).toBe('connection-failure');
  });

  it('was scaled away when nothing fails; new pods and gone ones blame nobody', () => {
    const { verdict } = seen([pod('b', 1500, 1, { before: 1000 }), pod('c', 1400, 2, { before: 0 }), gone]);
    expect(verdict?.side).toBe('nothing wrong');
  });
});
