import { describe, expect, it } from 'vitest';
import type { Located } from '../../../src/domain/edge.ts';
import { callerName, nobody } from '../../../src/domain/edge.ts';
import { behindNameless, failingCallers, isNameless } from '../../../src/stages/locate/callers.ts';
import { readingWith, type Said, type Side } from '../../support/edges.ts';
import { edgeNamed } from '../../support/report.ts';

const nameless = { ...edgeNamed('x', 'payments'), source: nobody };
const located: Located = { way: 'labels', score: 1, runnerUp: null, how: "edge from the alert's labels" };
const side = (...now: readonly Said[]): Side => ({ now, usual: 3000 });

const unknownFails = readingWith(nameless, { callee: side([2000, '400', 'DPE']) });
const from = (caller: string, sides: Parameters<typeof readingWith>[1]) => readingWith(edgeNamed(caller, 'payments'), sides);
const fails = (caller: string, bad: number) =>
  from(caller, { caller: side([3000 - bad], [bad, '503', 'UF']), callee: side([3000 - bad]) });
const isWell = (caller: string) => from(caller, { caller: side([3000]), callee: side([3000]) });
const isLost = (caller: string) => from(caller, { caller: side([3000]), callee: side([1000]) });

const chosen = (...readings: Parameters<typeof failingCallers>[1]) => {
  const found = behindNameless(failingCallers(nameless, readings), located);
  return found === null ? null : [callerName(found.edge), found.located.way, found.located.how.replace(/^.*caller, /, '')];
};

describe('who is behind an unknown caller', () => {
  it.each([
    ['nobody, where all are well', [unknownFails, isWell('checkout')], null],
    ['nobody, where a neighbour fails a little as ever', [unknownFails, fails('checkout', 6)], null],
    [
      'the one that fails',
      [unknownFails, fails('checkout', 1500), isWell('storefront')],
      ['checkout', 'labels', 'checkout is the one that fails with it now'],
    ],
    [
      'the one that carries nearly all of the failures',
      [unknownFails, fails('checkout', 2000), fails('storefront', 200)],
      ['checkout', 'labels', 'checkout is the one that fails with it now'],
    ],
    [
      'the worst of several',
      [unknownFails, fails('checkout', 1500), fails('storefront', 1200)],
      ['checkout', 'largest-contributor', 'checkout fails most with it now, storefront too'],
    ],
    [
      'the one whose requests the callee counts under no name',
      [unknownFails, isLost('checkout'), isWell('storefront')],
      ['checkout', 'labels', 'checkout is the one that fails with it now'],
    ],
    [
      'the one that fails, where the callee’s rows already say so',
      [fails('checkout', 1500)],
      ['checkout', 'labels', 'checkout is the one that fails with it now'],
    ],
    [
      'nobody, where the unknown caller is well itself',
      [readingWith(nameless, { callee: side([2000]) }), fails('checkout', 1500)],
      null,
    ],
  ] as const)('%s', (_, readings, wanted) => expect(chosen(...readings)).toEqual(wanted));

  it('callers of another callee are not asked', () =>
    expect(chosen(unknownFails, readingWith(edgeNamed('checkout', 'bank'), { caller: side([3000, '503', 'UF']) }))).toBeNull());

  it('only an edge with a callee and no caller is nameless', () =>
    expect([nameless, edgeNamed('checkout', 'payments'), { ...nameless, destination: nobody }].map(isNameless)).toEqual([
      true,
      false,
      false,
    ]));
});
