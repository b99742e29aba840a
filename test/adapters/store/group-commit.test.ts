import { describe, expect, it } from 'vitest';
import { groupCommit } from '../../../src/adapters/store/group-commit.ts';
import { SourceError } from '../../../src/domain/gathered.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('deliveries that wait together are committed together', () => {
  it('commits a thousand that come at once in few transactions, each with its own answer', async () => {
    const sizes: number[] = [];
    const accept = groupCommit<number, number>(async (items) => {
      sizes.push(items.length);
      await turn();
      return items.map((item) => item * 2);
    });
    const answers = await Promise.all(Array.from({ length: 1000 }, (_, index) => accept(index, 100)));
    expect(answers).toEqual(Array.from({ length: 1000 }, (_, index) => index * 2));
    expect(sizes.length).toBeLessThan(20);
    expect(Math.max(...sizes)).toBe(100);
  });

  it('keeps a batch within 4 MB, and takes one that is larger alone', async () => {
    const sizes: number[] = [];
    const accept = groupCommit<number, number>(async (items) => {
      sizes.push(items.length);
      await turn();
      return items;
    });
    await Promise.all([1, 1, 3e6, 3e6, 16e6, 1].map((bytes) => accept(bytes, bytes)));
    expect(sizes).toEqual([1, 1, 1, 1, 1, 1]);
  });

  it('refuses only the one that cannot be stored', async () => {
    const accept = groupCommit<string, string>(async (items) => {
      await turn();
      if (items.includes('bad')) throw new Error('invalid input syntax');
      return items;
    });
    const settled = await Promise.allSettled(['a', 'b', 'c', 'bad', 'd'].map((item) => accept(item, 1)));
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
  });

  it('tells all at once that the store is away, and works when it is back', async () => {
    let calls = 0;
    let isAway = true;
    const accept = groupCommit<number, number>(async (items) => {
      calls += 1;
      await turn();
      if (isAway) throw new SourceError('store', 'unreachable', 'cannot be reached');
      return items;
    });
    const settled = await Promise.allSettled(Array.from({ length: 50 }, (_, index) => accept(index, 1)));
    expect(settled.every(({ status }) => status === 'rejected')).toBe(true);
    expect(calls).toBeLessThanOrEqual(4);
    isAway = false;
    expect(await accept(7, 1)).toBe(7);
  });
});
