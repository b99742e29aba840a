import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Edge, Subject } from '../../src/domain/edge.ts';
import { subjectKey } from '../../src/domain/episode.ts';
import type { Incident } from '../../src/domain/incident.ts';
import { callerOf, callersAmong, isStormKey, joinedBy, stormsAmong, stormTitle } from '../../src/domain/storm.ts';
import { incidentOf, startMs } from '../contracts/store-values.ts';
import { alertWith, edgeNamed } from '../support/report.ts';

const about = (edge: Edge): Subject => ({ kind: 'edge', edge });
const keyOf = (edge: Edge): string => subjectKey(about(edge), alertWith(), '');
const incidentAbout = (edge: Edge, openedAtMs = startMs): Incident => ({
  ...incidentOf('x'),
  edge,
  key: keyOf(edge),
  openedAtMs,
});
const fromTo = (callers: readonly string[], callee: string, namespace?: string): readonly Edge[] =>
  callers.map((caller) => edgeNamed(caller, callee, namespace));
const subjects = (edges: readonly Edge[]): readonly Subject[] => edges.map(about);
const nowhere: Edge = { ...edgeNamed(), destination: { namespace: null, workload: null, service: null } };

describe('a storm', () => {
  it.each<readonly [string, readonly Edge[], readonly Edge[], boolean]>([
    ['by three callers that come at once', [], fromTo(['a', 'b', 'c'], 'payments'), true],
    ['by two that are open, and a third', fromTo(['a', 'b'], 'payments'), fromTo(['c'], 'payments'), true],
    ['not by two callers', [], fromTo(['a', 'b'], 'payments'), false],
    ['not by one caller three times', [], fromTo(['a', 'a', 'a'], 'payments'), false],
    ['not by three callers of three callees', [], ['p', 'q', 'r'].flatMap((callee) => fromTo(['a'], callee)), false],
    ['not by three callees of one caller', [], fromTo(['a'], 'p').concat(fromTo(['a'], 'q'), fromTo(['a'], 'r')), false],
    ['not by callees of one name in three namespaces', [], ['x', 'y', 'z'].flatMap((ns) => fromTo([ns], 'payments', ns)), false],
    [
      'not by three that reach no destination',
      [],
      ['a', 'b', 'c'].map((workload) => ({ ...nowhere, source: { ...nowhere.source, workload } })),
      false,
    ],
  ])('is made %s', (_, open, fresh, isStorm) => {
    const storm = stormsAmong(
      open.map((edge) => incidentAbout(edge)),
      subjects(fresh),
      startMs + 60_000,
    );
    expect(fresh.map((edge) => storm(about(edge)) !== null)).toEqual(fresh.map(() => isStorm));
  });

  it('is not made with callers whose incidents began long before', () => {
    const open = fromTo(['a', 'b'], 'payments').map((edge) => incidentAbout(edge));
    const [fresh] = fromTo(['c'], 'payments') as [Edge];
    expect(stormsAmong(open, subjects([fresh]), startMs + 600_000)(about(fresh))).not.toBeNull();
    expect(stormsAmong(open, subjects([fresh]), startMs + 600_001)(about(fresh))).toBeNull();
  });

  it('once open is every further caller’s, however late', () => {
    const [edge, late] = fromTo(['a', 'z'], 'payments') as [Edge, Edge];
    const key = stormsAmong([], subjects(fromTo(['a', 'b', 'c'], 'payments')), startMs)(about(edge)) ?? '';
    expect(isStormKey(key)).toBe(true);
    expect(stormsAmong([{ ...incidentAbout(edge), key }], subjects([late]), startMs + 86_400_000)(about(late))).toBe(key);
  });

  it('names the callers that made it one, each once, those of another namespace with it', () => {
    const open = fromTo(['a', 'b'], 'payments').map((edge) => incidentAbout(edge));
    const foreign: Edge = { ...edgeNamed('a', 'payments'), source: { namespace: 'admin', workload: 'a', service: null } };
    const fresh = [...fromTo(['b', 'c'], 'payments'), foreign];
    expect(callersAmong([...open, incidentAbout(edgeNamed('x', 'orders'))], fresh, startMs)).toEqual(['a', 'b', 'c', 'admin/a']);
    expect(callersAmong(open, fresh, startMs + 3_600_000)).toEqual(['b', 'c', 'admin/a']);
    expect(callerOf(edgeNamed('x'.repeat(100_000))).length).toBe(253);
  });

  it('counts further callers in its title; an incident about one edge keeps its own', () => {
    const edge = edgeNamed('a', 'payments');
    const storm: Incident = { ...incidentAbout(edge), key: 'callee:x', callers: ['a', 'b', 'c'] };
    expect(joinedBy(storm, ['c', 'd'])).toMatchObject({ title: '4 callers → payments', callers: ['a', 'b', 'c', 'd'] });
    const own = incidentAbout(edge);
    expect(joinedBy(own, ['d'])).toBe(own);
    expect(
      stormTitle(
        edge,
        Array.from({ length: 1200 }, (_, n) => `${n}`),
      ),
    ).toBe('1,200 callers → payments');
  });

  it('takes the same alerts in whatever order a delivery has them, and each goes to one incident', () => {
    const edges = fc
      .tuple(fc.constantFrom(...'abcdef'), fc.constantFrom('payments', 'orders', 'no'), fc.constantFrom('shop', 'bank'))
      .map(([caller, callee, namespace]) =>
        callee === 'no' ? { ...nowhere, source: { ...nowhere.source, workload: caller } } : edgeNamed(caller, callee, namespace),
      );
    fc.assert(
      fc.property(fc.array(edges, { maxLength: 8 }), fc.array(edges, { maxLength: 4 }), fc.nat(), (fresh, before, seed) => {
        const open = before.map((edge, n) => incidentAbout(edge, startMs - n * 240_000));
        const turned = fresh.map((_, n) => fresh[(n + seed) % fresh.length] as Edge).toReversed();
        const [one, other] = [fresh, turned].map((edges) => stormsAmong(open, subjects(edges), startMs)) as [
          ReturnType<typeof stormsAmong>,
          ReturnType<typeof stormsAmong>,
        ];
        for (const edge of fresh) {
          const key = one(about(edge));
          expect(other(about(edge))).toBe(key);
          const mates = fresh.filter((mate) => one(about(mate)) === key);
          if (key !== null) expect(new Set(mates.map(({ destination }) => JSON.stringify(destination))).size).toBe(1);
        }
      }),
    );
  });
});
