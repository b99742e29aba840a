import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Edge, Subject } from '../../src/domain/edge.ts';
import { subjectKey } from '../../src/domain/episode.ts';
import type { Incident, IncidentAlert, IncidentPart } from '../../src/domain/incident.ts';
import {
  callerOf,
  callersOf,
  isStormKey,
  partsAmong,
  retelling,
  retitled,
  stormHead,
  stormsAmong,
  stormTitle,
  withParts,
} from '../../src/domain/storm.ts';
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

const none = { all: [], affected: [] };
const alertOf = (caller: string, state: IncidentAlert['state'] = 'firing'): IncidentAlert => ({
  fingerprint: caller,
  startsAtMs: startMs,
  name: 'EdgeErrorRatioHigh',
  severity: 'warning',
  state,
  lastHeardAtMs: startMs,
  missingSinceMs: null,
  isTold: true,
  caller,
});
const stormOf = (alerts: readonly IncidentAlert[]): Incident => ({
  ...incidentAbout(edgeNamed('a', 'payments')),
  key: 'callee:payments',
  alerts,
});
const partOf = (incidentId: string, caller: string, isFiring: boolean): IncidentPart => ({
  incidentId,
  key: incidentId,
  caller,
  severity: 'warning',
  isFiring,
});
const heard = fc.tuple(fc.constantFrom(...'abcdef'), fc.boolean());

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

  it('speaks for the incidents that made it one, each counted by its caller, those of another namespace with it', () => {
    const open = fromTo(['a', 'b'], 'payments').map((edge, n) => ({ ...incidentAbout(edge), id: `i${n}` }));
    const foreign: Edge = { ...edgeNamed('a', 'payments'), source: { namespace: 'admin', workload: 'a', service: null } };
    const callee = edgeNamed('c', 'payments');
    const among = [...open, { ...incidentAbout(foreign), id: 'i9' }, incidentAbout(edgeNamed('x', 'orders'))];
    expect(partsAmong(among, callee, startMs).map(({ caller, isFiring }) => [caller, isFiring])).toEqual([
      ['a', true],
      ['b', true],
      ['admin/a', true],
    ]);
    expect(partsAmong(open, callee, startMs + 3_600_000)).toEqual([]);
    expect(callerOf(edgeNamed('x'.repeat(100_000))).length).toBe(253);
  });

  it('is titled by all its callers; an incident about one edge keeps its own', () => {
    const storm = stormOf([alertOf('a'), alertOf('b'), alertOf('b'), alertOf('c', 'resolved')]);
    expect(retitled(storm)).toMatchObject({ title: '3 callers → payments' });
    expect(stormHead(edgeNamed('a', 'payments'), callersOf(storm) ?? none)).toBe('2 of 3 callers → payments');
    const own = incidentAbout(edgeNamed('a', 'payments'));
    expect(retitled(own)).toBe(own);
    expect(callersOf(own)).toBeNull();
    const many = Array.from({ length: 1200 }, (_, n) => `${n}`);
    expect(stormTitle(edgeNamed('a', 'payments'), many)).toBe('1,200 callers → payments');
  });

  it('counts a caller while anything of it fires, and never more than it has named', () => {
    fc.assert(
      fc.property(fc.array(heard, { maxLength: 30 }), fc.array(heard, { maxLength: 4 }), (alerts, before) => {
        const parts = before.map(([caller, isFiring], n) => partOf(`p${n}`, caller, isFiring));
        const storm = {
          ...stormOf(alerts.map(([caller, isFiring]) => alertOf(caller, isFiring ? 'firing' : 'resolved'))),
          parts,
        };
        const { all, affected } = callersOf(storm) ?? none;
        const told = [...before, ...alerts];
        expect(new Set(all)).toEqual(new Set(told.map(([caller]) => caller)));
        expect(new Set(affected)).toEqual(new Set(told.filter(([, isFiring]) => isFiring).map(([caller]) => caller)));
        expect([all.length, affected.length]).toEqual([new Set(all).size, new Set(affected).size]);
        expect(all.filter((caller) => affected.includes(caller))).toEqual(affected);
      }),
    );
  });

  it('counts what it speaks for as it was told last, in whatever order and however often it is told', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom('p0', 'p1', 'p2'), fc.boolean()), { maxLength: 20 }), (told) => {
        const storm = stormOf([alertOf('z')]);
        const heardOf = told.reduce<Incident>(
          (one, [id, isFiring]) => withParts(one, [partOf(id, id, isFiring)]).incident,
          storm,
        );
        const last = new Map(told);
        const firing = [...last].filter(([, isFiring]) => isFiring).map(([id]) => id);
        expect(new Set(callersOf(heardOf)?.affected)).toEqual(new Set([...firing, 'z']));
        expect(callersOf(heardOf)?.all).toHaveLength(last.size + 1);
        if (told.length > 0) expect(heardOf.title).toBe(`${last.size + 1} caller${last.size === 0 ? '' : 's'} → payments`);
      }),
    );
  });

  it('is as loud as the loudest that it speaks for, and says so once', () => {
    const storm: Incident = { ...stormOf([alertOf('z')]), severity: 'warning' };
    const louder = withParts(storm, [{ ...partOf('p', 'a', true), severity: 'page' }]);
    expect([louder.incident.severity, louder.isRaised]).toEqual(['page', true]);
    expect(withParts(louder.incident, [{ ...partOf('p', 'a', true), severity: 'page' }]).isRaised).toBe(false);
    expect(withParts(louder.incident, [{ ...partOf('p', 'a', false), severity: 'page' }]).incident.severity).toBe('warning');
  });

  it('is told anew ten times a minute at most, however its callers flap, and what was told already costs nothing', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20_000 }), { maxLength: 120 }), (waits) => {
        let [incident, atMs] = [stormOf([alertOf('a')]), startMs];
        const told: number[] = [];
        for (const [n, wait] of waits.entries()) {
          atMs += wait;
          const next = retelling({ ...incident, revision: n }, atMs);
          expect(retelling(next.incident, atMs).isNow && next.isNow).toBe(false);
          if (next.isNow) told.push(atMs);
          incident = next.incident;
        }
        // Ten of one minute's end and ten of the next one's beginning may stand close together, and no more.
        for (const from of told) expect(told.filter((at) => at >= from && at < from + 60_000).length).toBeLessThanOrEqual(20);
        const minutes = waits.length === 0 ? 0 : Math.floor((atMs - startMs) / 60_000) + 1;
        expect(told.length).toBeLessThanOrEqual(10 * minutes);
      }),
    );
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
