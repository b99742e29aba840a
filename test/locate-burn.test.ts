import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dialects } from '../src/dialects/index.ts';
import { type Alert, labelsOf } from '../src/domain/alert.ts';
import { edgeOf } from '../src/domain/edge.ts';
import type { Slo } from '../src/domain/slo.ts';
import type { Cluster } from '../src/inquiry.ts';
import { locate } from '../src/locate.ts';
import { availability, fromCheckout, rulesOf, sloOf, textOf } from './support/burn-rules.ts';
import { engineFor } from './support/engine.ts';
import { type Flow, scrapesOf, seriesOf } from './support/seeded-mesh.ts';
import { type SeededPrometheus, seededPrometheus } from './support/seeded-prometheus.ts';

const prometheus = await engineFor('prometheus');

const slos: readonly Slo[] = (['source', 'destination'] as const).flatMap((reporter) => {
  const sli = { ...availability, reporter };
  return [
    sloOf(`edge-${reporter}`, { sli, about: fromCheckout, owner: '{{ $labels }} "x"' }),
    sloOf(`service-${reporter}`, { sli, owner: 'payments' }),
    sloOf(`strict-${reporter}`, { sli: { ...sli, bad: 'failed-and-refused' } }),
  ];
});

type Sent = {
  readonly labels: Record<string, string>;
  readonly annotations: Record<string, string>;
  readonly state: string;
  readonly activeAt: string;
};

describe.skipIf(prometheus.path === '')(
  `an alert on a burn, from a real Prometheus${prometheus.skipped}`,
  { timeout: 90_000 },
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'edgewise-burning-'));
    let seeded: SeededPrometheus;
    let cluster: Cluster;
    let sent: readonly Sent[];

    beforeAll(async () => {
      const now = Date.now();
      const times = scrapesOf({ fromMs: now - 2 * 3_600_000, toMs: now, everySeconds: 15 });
      const fine = (caller: string, callee: string): Flow => ({ caller, callee, perSecond: () => 10, labels: { pod: 'a' } });
      const isLate = (atMs: number): boolean => atMs > now - 900_000;
      const failing: Flow = {
        ...fine('checkout', 'payments'),
        code: '503',
        flags: 'UC',
        perSecond: (atMs) => (isLate(atMs) ? 5 : 0),
      };
      const flows = [fine('web', 'payments'), fine('checkout', 'payments'), fine('frontend', 'checkout'), failing];
      const rules = join(folder, 'rules.yaml');
      // Nobody waits for a minute here.
      writeFileSync(rules, textOf(rulesOf(slos)).replaceAll('interval: 1m', 'interval: 1s'));
      seeded = await seededPrometheus(
        prometheus.path,
        flows.flatMap((flow) => seriesOf(flow, times)),
        [rules],
      );
      cluster = { name: 'default', dialect: dialects.istio, metrics: seeded.metrics, rules: seeded.rules, deadlineMs: 10_000 };
      for (const until = Date.now() + 45_000; Date.now() < until; await new Promise((resolve) => setTimeout(resolve, 500))) {
        const answer = (await (await fetch(`${seeded.url}/api/v1/alerts`)).json()) as { data: { alerts: readonly Sent[] } };
        sent = answer.data.alerts.filter(({ state }) => state === 'firing');
        if (sent.length >= 2 * slos.length) break;
      }
    }, 90_000);
    afterAll(async () => {
      await seeded?.stop();
      rmSync(folder, { recursive: true, force: true });
    });

    const alertOf = (slo: string, severity: string, address: 'with the rule' | 'without'): Alert => {
      const found = sent.find(({ labels }) => labels['slo'] === slo && labels['severity'] === severity);
      if (found === undefined) throw new Error(`${slo} does not fire: ${JSON.stringify(sent)}`);
      const rule = rulesOf(slos)
        .groups.find(({ name }) => name === `edgewise-slo-${slo}`)
        ?.rules.find((one) => 'alert' in one && one.labels['severity'] === severity);
      return {
        fingerprint: slo,
        status: 'firing',
        labels: labelsOf(Object.entries(found.labels)),
        annotations: labelsOf(Object.entries(found.annotations)),
        startsAtMs: Date.parse(found.activeAt),
        endsAtMs: null,
        generatorUrl:
          address === 'without' ? '' : `http://prometheus:9090/graph?g0.expr=${encodeURIComponent(rule?.expr ?? '')}&g0.tab=1`,
      };
    };

    const cases = slos.flatMap(({ name }) => ['page', 'warning'].map((severity) => [name, severity] as const));
    it.each(cases)('leads to checkout → payments: %s, %s', async (name, severity) => {
      for (const address of ['with the rule', 'without'] as const) {
        const { subject, located, gaps } = await locate(cluster, alertOf(name, severity, address), Date.now());
        const edge = edgeOf(subject);
        expect([edge?.source.workload, edge?.destination.service, gaps], located.how).toEqual(['checkout', 'payments', []]);
        expect(subject.kind).toBe(name.startsWith('edge') ? 'edge' : 'workload');
        if (name.startsWith('edge')) expect(located.way).toBe('labels');
        else expect(subject).toMatchObject({ role: 'callee', workload: { service: 'payments', namespace: 'shop' } });
      }
    });

    it('is found by its labels though the rules cannot be read', async () => {
      const { subject } = await locate({ ...cluster, rules: null }, alertOf('edge-source', 'page', 'with the rule'), Date.now());
      expect(edgeOf(subject)).toMatchObject({ source: { workload: 'checkout' }, destination: { service: 'payments' } });
    });

    it('prints text from outside as it is, and tells how fast the budget burns', () => {
      const { labels, annotations } = alertOf('edge-source', 'page', 'without');
      expect(labels['team']).toBe('{{ $labels }} "x"');
      expect(annotations['summary']).toMatch(/^edge-source burns its error budget \d+\.\d times as fast as it may$/);
      expect(annotations['description']).toContain('checkout → payments: 99.9 % over 30 d');
    });
  },
);
