import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Severity, severityRank } from '../../src/domain/alert.ts';
import { aboutOf, calling, edgesOf, floodHead, floodKeyOf, holds, retitledFlood } from '../../src/domain/flood.ts';
import type { Incident, IncidentAlert } from '../../src/domain/incident.ts';
import { incidentOf, startMs } from '../contracts/store-values.ts';

type Heard = readonly [about: string, severity: Severity, isFiring: boolean];
const heard = fc.tuple(fc.constantFrom(...'abcdef'), fc.constantFrom<Severity>('page', 'warning', 'info', 'none'), fc.boolean());
const alertOf = ([about, severity, isFiring]: Heard, n: number): IncidentAlert => ({
  fingerprint: `${n}`,
  startsAtMs: startMs,
  name: 'X',
  severity,
  state: isFiring ? 'firing' : 'resolved',
  lastHeardAtMs: startMs,
  missingSinceMs: null,
  isTold: false,
  about: aboutOf(`edge:${about}`, about),
});
const floodOf = (alerts: readonly Heard[]): Incident => ({
  ...incidentOf('x'),
  key: floodKeyOf('#mesh'),
  edge: null,
  alerts: alerts.map(alertOf),
});

it('counts each edge once, as long as anything of it fires, the worst before all', () => {
  fc.assert(
    fc.property(fc.array(heard, { maxLength: 30 }), (alerts) => {
      const edges = edgesOf(floodOf(alerts)) ?? [];
      expect(new Set(edges.map(({ title }) => title))).toEqual(new Set(alerts.map(([about]) => about)));
      expect(edges).toHaveLength(new Set(alerts.map(([about]) => about)).size);
      for (const { title, severity, isFiring } of edges) {
        const mine = alerts.filter(([about]) => about === title);
        const firing = mine.filter(([, , fires]) => fires);
        expect(isFiring).toBe(firing.length > 0);
        const loudest = Math.max(...(isFiring ? firing : mine).map(([, loud]) => severityRank[loud]));
        expect(severityRank[severity]).toBe(loudest);
        expect(holds(floodOf(alerts), `edge:${title}`)).toBe(isFiring);
      }
      const ranks = edges.map(({ isFiring, severity }) => (isFiring ? 10 : 0) + severityRank[severity]);
      expect(ranks).toEqual(ranks.toSorted((a, b) => b - a));
    }),
  );
});

it('says how many are in trouble still', () => {
  const flood = floodOf([
    ['a', 'page', true],
    ['b', 'info', false],
    ['c', 'info', true],
  ]);
  expect(retitledFlood(flood).title).toBe('3 more edges in trouble');
  expect(floodHead(edgesOf(flood) ?? [])).toBe('2 of 3 more edges still in trouble');
  expect(edgesOf({ ...flood, key: 'edge:x' })).toBeNull();
  expect(holds({ ...flood, key: 'edge:x' }, 'edge:a')).toBe(false);
});

it('calls for every page-severity alert that fires exactly once, and at most once a minute', () => {
  fc.assert(
    fc.property(
      fc.array(heard, { maxLength: 20 }),
      fc.array(fc.integer({ min: 0, max: 90_000 }), { maxLength: 20 }),
      (alerts, waits) => {
        let [incident, atMs] = [floodOf(alerts), startMs];
        const called: string[] = [];
        const moments: number[] = [];
        for (const wait of [0, ...waits]) {
          atMs += wait;
          const next = calling(incident, atMs);
          if (next.alerts.length > 0) moments.push(atMs);
          called.push(...next.alerts.map(({ fingerprint }) => fingerprint));
          incident = next.incident;
        }
        const pages = alerts.flatMap(([, severity, isFiring], n) => (severity === 'page' && isFiring ? [`${n}`] : []));
        expect(called).toEqual(pages);
        for (const [n, moment] of moments.slice(1).entries()) expect(moment - (moments[n] ?? 0)).toBeGreaterThanOrEqual(60_000);
      },
    ),
  );
});
