import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { edgeOf } from '../../../src/domain/edge.ts';
import { locate } from '../../../src/locate.ts';
import {
  alertOf,
  firing,
  fixtures,
  type Lab,
  type Measure,
  measures,
  missingFixtures,
  openLab,
  pairOf,
  type Rule,
  truthOf,
} from './lab.ts';
import { firesAt, worlds } from './worlds.ts';

type PublicRule = Rule & { readonly id: string };
const rules: readonly PublicRule[] =
  missingFixtures === null ? JSON.parse(readFileSync(`${fixtures}/alerts/rules.normalized.json`, 'utf8')) : [];

/** What a public rule measures, by the metric it reads; null for those that are about no edge. */
const measureOf = ({ expr }: Rule): Measure | null => {
  if (/^\s*absent|pilot_|envoy_server|_listener_|downstream|container_|kube_|istio_build|sloth/.test(expr)) return null;
  if (/< ?(50|100|1490)\s*$|> 1000\s*$/.test(expr) && !/duration/.test(expr)) return null;
  if (/connect_fail|none_healthy|membership|ejections|circuit_breakers/.test(expr)) return measures.cut;
  if (/rq_timeout/.test(expr)) return measures.timedOut;
  if (/duration/.test(expr)) return measures.slow;
  return /"4/.test(expr) ? measures.clientErrors : measures.failed;
};

describe.skipIf(missingFixtures !== null)(
  `public mesh rules, as Prometheus fires them in three incidents${missingFixtures === null ? '' : `: ${missingFixtures}`}`,
  () => {
    let lab: Lab;
    beforeAll(async () => {
      lab = await openLab();
    }, 120_000);
    afterAll(() => lab?.stop());

    it.each(rules.map((rule) => [rule.id, rule.alert, rule] as const))('%s %s', async (_id, _name, rule) => {
      const measure = measureOf(rule);
      for (const world of Object.values(worlds))
        for (const alert of await firing(lab, rule, world)) {
          const found = await locate(lab.cluster, alert, firesAt(world) + 60_000);
          const pair = pairOf(found);
          const told = `${world.name} ${JSON.stringify(alert.labels)} by ${found.located.way}: ${found.located.how}`;
          expect([found.gaps, found.located.way === 'self-made'], told).toEqual([[], false]);
          if (measure === null) expect(pair, told).toBeNull();
          else expect(truthOf(world, rule, alert, measure), told).toContainEqual(pair);
        }
    });

    it.each(rules.map((rule) => [rule.id, rule.alert, rule] as const))(
      '%s %s, as an alert without labels',
      async (_id, _name, rule) => {
        const found = await locate(
          lab.cluster,
          alertOf(rule, {}, firesAt(worlds.bank), `/graph?g0.expr=${encodeURIComponent(rule.expr)}`),
          firesAt(worlds.bank) + 60_000,
        );
        expect(found.gaps.filter(({ reason }) => reason === 'bug' || reason === 'unsupported')).toEqual([]);
        if (measureOf(rule) === null) expect(edgeOf(found.subject)).toBeNull();
      },
    );
  },
);
