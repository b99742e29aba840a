import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { inTurns } from '../../../src/adapters/store/turns.ts';

const nothing = (): void => undefined;

describe('turns on one connection', () => {
  it('run one after the other, in the order in which they came', async () => {
    const inTurn = inTurns(nothing);
    const said: string[] = [];
    const work = (name: string) => async () => {
      said.push(`${name} begins`);
      await wait(1);
      said.push(`${name} ends`);
      return name;
    };
    expect(await Promise.all([inTurn(work('a')), inTurn(work('b'))])).toEqual(['a', 'b']);
    expect(said).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
  });

  it('what goes first waits for whatever runs and no more, and one of the others goes between two of them', async () => {
    const inTurn = inTurns(nothing);
    const said: string[] = [];
    const say = (name: string) => async () => void said.push(name);
    await Promise.all([
      ...['a', 'b', 'c'].map((name) => inTurn(say(name))),
      ...['1', '2', '3', '4', '5'].map((name) => inTurn(say(name), 'first')),
    ]);
    expect(said.join('')).toBe('a1b2c345');
  });

  it('that fail, or may not begin, fail alone', async () => {
    let isFull = false;
    const inTurn = inTurns(() => {
      if (isFull) throw new Error('no room');
    });
    const fails = inTurn(async () => {
      throw new Error('broken');
    });
    await expect(fails).rejects.toThrow('broken');
    isFull = true;
    await expect(inTurn(async () => 'never')).rejects.toThrow('no room');
    isFull = false;
    expect(await inTurn(async () => 'again')).toBe('again');
  });
});
