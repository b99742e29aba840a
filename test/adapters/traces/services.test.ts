import { describe, expect, it } from 'vitest';
import { nameLists, servicesFor } from '../../../src/adapters/traces/services.ts';
import { type Edge, nobody } from '../../../src/domain/edge.ts';
import { SourceError } from '../../../src/domain/gathered.ts';

const end = (workload: string | null, namespace: string | null = 'shop') => ({ ...nobody, workload, namespace });
const edgeOf = (source: Edge['source'], destination: Edge['source']): Edge => ({ cluster: null, source, destination });
const edge = edgeOf(end('checkout'), { ...end('payments-v2'), service: 'payments' });

describe('the services to search by', () => {
  it.each([
    ['the caller, as its proxy names it', ['checkout.shop', 'payments.shop'], ['checkout.shop']],
    ['the caller, as its application names it', ['Checkout', 'payments'], ['Checkout']],
    [
      'both, and its Deployment, those of its own name first',
      ['checkout-v1', 'checkout', 'x', 'checkout.shop'],
      ['checkout', 'checkout.shop', 'checkout-v1'],
    ],
    [
      'three at most',
      ['checkout-v1', 'checkout-v2', 'checkout-v3', 'checkout-v4'],
      ['checkout-v1', 'checkout-v2', 'checkout-v3'],
    ],
    ['not another one that begins alike', ['checkout-ui', 'checkouts', 'checkout.bank'], []],
    ['the callee where the caller is unknown', ['payments.shop', 'payments-v2', 'ledger'], ['payments-v2', 'payments.shop']],
    ['proxies under their own name where neither is known', ['linkerd-proxy', 'ledger'], ['linkerd-proxy']],
    ['nobody where nobody is known', ['ledger'], []],
  ])('are %s', (_, known, expected) => {
    expect(servicesFor(known, edge).first).toEqual(expected);
  });

  it('are of the end that has a name', () => {
    expect(servicesFor(['ledger', 'payments'], edgeOf(end(null), edge.destination)).first).toEqual(['payments']);
    expect(servicesFor(['ledger', 'linkerd-proxy'], edgeOf(end(null), end(null))).first).toEqual([]);
  });

  it('are the callee’s too where the caller is known, unless they are the caller’s own', () => {
    expect(servicesFor(['checkout.shop', 'payments.shop', 'ledger'], edge)).toEqual({
      first: ['checkout.shop'],
      callee: ['payments.shop'],
    });
    expect(servicesFor(['checkout', 'ledger'], edgeOf(edge.source, edge.source)).callee).toEqual([]);
    expect(servicesFor(['payments', 'ledger'], edge)).toEqual({ first: ['payments'], callee: [] });
  });
});

describe('a list of names', () => {
  const patience = () => ({ signal: AbortSignal.timeout(5000) });
  const kept = (read: (key: string) => Promise<readonly string[]>) => {
    let nowMs = 0;
    const keys: string[] = [];
    const list = nameLists('Jaeger', { nowMs: () => nowMs }, (key) => {
      keys.push(key);
      return read(key);
    });
    return {
      list,
      keys,
      pass: (ms: number) => {
        nowMs += ms;
      },
    };
  };

  it('is read once in five minutes, and once for all who ask at the same time', async () => {
    const { list, keys, pass } = kept(async () => ['checkout']);
    expect(await Promise.all([list('', patience()), list('', patience())])).toEqual([['checkout'], ['checkout']]);
    pass(299_999);
    await list('', patience());
    expect(keys).toHaveLength(1);
    pass(1);
    await list('', patience());
    await list('other', patience());
    expect(keys).toEqual(['', '', 'other']);
  });

  it('is read again where it was empty or failed', async () => {
    const answers = [
      () => Promise.resolve([]),
      () => Promise.reject(new SourceError('Jaeger', 'unreachable', 'is in trouble')),
      () => Promise.resolve(['checkout']),
    ];
    const { list } = kept(() => (answers.shift() ?? (async () => []))());
    expect(await list('', patience())).toEqual([]);
    await expect(list('', patience())).rejects.toMatchObject({ reason: 'unreachable' });
    expect(await list('', patience())).toEqual(['checkout']);
  });

  it('that is slow is not waited for, but kept for the next', async () => {
    let finish: (names: readonly string[]) => void = () => undefined;
    const { list, keys } = kept(
      () =>
        new Promise((resolve) => {
          finish = resolve;
        }),
    );
    await expect(list('', { signal: AbortSignal.timeout(20) })).rejects.toMatchObject({ source: 'Jaeger', reason: 'timeout' });
    finish(['checkout']);
    expect(await list('', patience())).toEqual(['checkout']);
    expect(keys).toHaveLength(1);
  });
});
