import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { locate } from '../../../src/locate.ts';
import { addressOf, alertOf, firing, type Lab, missing, openLab, pairOf, type Rule, rulesApi, truthOf } from './lab.ts';
import { edgeless, spellings } from './spellings.ts';
import { firesAt, worlds } from './worlds.ts';

/** How the rule reaches us: its text in the address, however that is written, or the rules API alone. */
const plus = (expr: string): string => encodeURIComponent(expr).replaceAll('%20', '+');
const addresses: readonly (readonly [string, (expr: string) => string])[] = [
  ['Prometheus', addressOf],
  ['spaces as plus', (expr) => `https://prometheus.example/prom/graph?g0.expr=${plus(expr)}&g0.tab=1`],
  ['the rules API', () => ''],
  ['Thanos behind a prefix', (expr) => `/thanos/graph?g0.expr=${plus(expr)}&g0.tab=1`],
  ['encoded twice', (expr) => `https://p.example/graph?g0.expr=${encodeURIComponent(encodeURIComponent(expr))}`],
  [
    'Grafana Explore',
    (expr) => `https://g.example/explore?orgId=1&left=${encodeURIComponent(JSON.stringify({ queries: [{ expr }] }))}`,
  ],
  ['vmalert', () => 'http://vmalert:8880/vmalert/alert?group_id=1&alert_id=2'],
  ['Grafana itself', () => 'https://g.example/alerting/grafana/abc/view?orgId=1'],
  ['hostless', (expr) => `http://:9090/graph?g0.expr=${plus(expr)}`],
];

describe.skipIf(missing !== null)(
  `rules in other words, as Prometheus fires them${missing === null ? '' : `: ${missing}`}`,
  () => {
    let lab: Lab;
    beforeAll(async () => {
      lab = await openLab();
    }, 120_000);
    afterAll(() => lab?.stop());

    it.each(spellings.map((spelling, index) => [spelling[0], spelling, index] as const))(
      '%s',
      async (_what, [what, expr, measure], index) => {
        const rule: Rule = { alert: 'OwnWords', expr, labels: { severity: 'critical' } };
        const misses: string[] = [];
        let told = 0;
        for (const [turn, world] of Object.values(worlds).entries()) {
          const [way, write] = addresses[(index + turn) % addresses.length] ?? ['', addressOf];
          const cluster = { ...lab.cluster, rules: rulesApi([{ ...rule, expr: 'up == 0', labels: { severity: 'info' } }, rule]) };
          for (const firingAlert of await firing(lab, rule, world, write(expr))) {
            const truth = truthOf(world, rule, firingAlert, measure);
            if (truth.length === 0) continue;
            const alert = { ...firingAlert, status: turn === 1 ? ('resolved' as const) : ('firing' as const) };
            const found = await locate(cluster, alert, firesAt(world) + 60_000);
            const pair = pairOf(found);
            told += 1;
            if (!truth.some((one) => String(one) === String(pair)) || found.gaps.length > 0 || found.located.way === 'self-made')
              misses.push(
                `${world.name}, ${way}: ${pair} by ${found.located.how}; not ${truth.join(' / ')}; ${JSON.stringify(firingAlert.labels)} ${JSON.stringify(found.gaps)} ${found.records.map((r) => r.text).join(' ;; ')}`,
              );
          }
        }
        expect(misses, what).toEqual([]);
        expect(told, `${what} fires nowhere`).toBeGreaterThan(0);
      },
    );

    it.each(edgeless)('%s names no edge, and costs no PromQL', async (_what, expr) => {
      const found = await locate(
        lab.cluster,
        alertOf({ alert: 'OwnWords', expr }, {}, firesAt(worlds.bank), addressOf(expr)),
        firesAt(worlds.bank) + 60_000,
      );
      expect([pairOf(found), found.records]).toEqual([null, []]);
    });
  },
);
