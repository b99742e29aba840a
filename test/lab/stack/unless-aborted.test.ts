import { expect, it } from 'vitest';
import { unlessAborted } from './unless-aborted.ts';

const never = (): Promise<string> => new Promise(() => undefined);

it('an act that would take for ever is left to itself when the slot ends', async () => {
  const ending = new AbortController();
  const acting = unlessAborted(never, ending.signal);
  ending.abort(new Error('the lab was ended'));
  await expect(acting).rejects.toThrow('the lab was ended');
});

it('an act is not begun once the slot has ended', async () => {
  let isBegun = false;
  const act = async (): Promise<void> => {
    isBegun = true;
  };
  await expect(unlessAborted(act, AbortSignal.abort(new Error('the lab was ended')))).rejects.toThrow('the lab was ended');
  expect(isBegun).toBe(false);
});

it('an act that ends by itself is what it was, good or bad, and an end that comes later changes nothing', async () => {
  const ending = new AbortController();
  await expect(unlessAborted(async () => 'done', ending.signal)).resolves.toBe('done');
  await expect(unlessAborted(() => Promise.reject(new Error('nobody is called so')), ending.signal)).rejects.toThrow('nobody');
  ending.abort();
});
