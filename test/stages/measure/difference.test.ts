import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromCumulative } from '../../../src/domain/histogram.ts';
import { compareEdges } from '../../../src/stages/measure/difference.ts';
import type { StatEdge } from '../../../src/stages/measure/stat.ts';
import { edgeNamed } from '../../support/report.ts';

/** One edge whose requests took 10 ms, but for a hundredth of them that took `p99` seconds. */
const edgeOf = (requests: number, failed = 0, p99 = 0.01): StatEdge => ({
  edge: edgeNamed(),
  reporter: 'caller',
  noun: 'request',
  counts: { requests, failed, refused: 0, clientLeft: 0, clientError: 0 },
  latency: fromCumulative(
    [
      ['0.01', p99 > 0.01 ? requests * 0.98 : requests],
      ['0.1', p99 > 0.1 ? requests * 0.98 : requests],
      ['1', requests],
      ['+Inf', requests],
    ],
    1,
  ),
});

const differences = (now: StatEdge, before: StatEdge) => compareEdges([now], [before])[0]?.differences;

describe('an edge at two moments', () => {
  it.each<readonly [what: string, now: StatEdge, before: StatEdge, differences: readonly string[]]>([
    ['as before', edgeOf(3000, 9), edgeOf(3000, 10), []],
    ['fails more', edgeOf(3000, 90), edgeOf(3000, 9), ['fails more']],
    ['fails less', edgeOf(3000, 9), edgeOf(3000, 90), ['fails less']],
    ['fails more by chance', edgeOf(40, 5), edgeOf(40, 1), []],
    ['fails more by too little to matter', edgeOf(900_000, 1900), edgeOf(900_000, 900), []],
    ['is slower', edgeOf(3000, 0, 0.5), edgeOf(3000), ['slower']],
    ['is faster', edgeOf(3000), edgeOf(3000, 0, 0.5), ['faster']],
    ['is slower in a handful of requests', edgeOf(60, 0, 0.5), edgeOf(60), []],
    ['is busier', edgeOf(3000), edgeOf(1500), ['busier']],
    ['is quieter', edgeOf(1000), edgeOf(3000), ['quieter']],
    ['is busier by chance', edgeOf(9), edgeOf(4), []],
    ['fails more and is slower', edgeOf(3000, 600, 0.5), edgeOf(3000, 3), ['fails more', 'slower']],
  ])('%s', (_, now, before, expected) => expect(differences(now, before)).toEqual(expected));

  it('is new or gone where it is at one of them only', () => {
    expect(compareEdges([edgeOf(10)], [])[0]).toMatchObject({ differences: ['new'], before: null });
    expect(compareEdges([], [edgeOf(10)])[0]).toMatchObject({ differences: ['gone'], now: null });
  });

  it('became worse exactly where the other way round it became better', () => {
    const edge = fc
      .record({ requests: fc.integer({ min: 1, max: 100_000 }), share: fc.double({ min: 0, max: 1, noNaN: true }) })
      .map(({ requests, share }) => edgeOf(requests, requests * share));
    const opposite: Readonly<Record<string, string>> = {
      ...{ 'fails more': 'fails less', 'fails less': 'fails more', slower: 'faster', faster: 'slower' },
      ...{ busier: 'quieter', quieter: 'busier' },
    };
    fc.assert(
      fc.property(edge, edge, (one, other) => {
        expect(differences(one, other)?.map((word) => opposite[word])).toEqual(differences(other, one));
        expect(differences(one, one)).toEqual([]);
      }),
    );
  });
});
