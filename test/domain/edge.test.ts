import { describe, expect, it } from 'vitest';
import { isNamedAfter } from '../../src/domain/edge.ts';
import { childrenOf } from '../../src/domain/walk.ts';
import { isOfCallee } from '../../src/stages/diagnose/facts.ts';
import { edgeNamed, readingOf } from '../support/report.ts';

describe('a workload', () => {
  it.each(['payments', 'payments-v2', 'payments-2', 'payments-v1.4', 'payments-canary'])('%s is named after payments', (name) =>
    expect(isNamedAfter(name, 'payments')).toBe(true),
  );

  it.each(['payments-vault', 'payments-api', 'payments-canaries', 'payment', 'paymentsv2', 'my-payments'])(
    '%s is another one',
    (name) => expect(isNamedAfter(name, 'payments')).toBe(false),
  );

  it('whose name only begins like the callee makes none of its calls', () => {
    const [own, other] = [edgeNamed('payments-v2', 'bank'), edgeNamed('payments-vault', 'keys')];
    expect(childrenOf(edgeNamed(), [own, other].map(readingOf)).map(({ edge }) => edge)).toEqual([own]);
  });

  it('that was rolled out elsewhere, or is named alike, is no change of the callee', () => {
    const rollout = (workload: string, namespace: string) =>
      isOfCallee({ kind: 'rollout', what: '', object: null, namespace, workload, atMs: 0 }, edgeNamed());
    expect(rollout('payments-v2', 'shop')).toBe(true);
    expect(rollout('payments-api', 'shop')).toBe(false);
    expect(rollout('payments', 'test')).toBe(false);
  });
});
