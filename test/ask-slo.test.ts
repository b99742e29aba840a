import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { offlineSetting } from '../src/answer.ts';
import { ask } from '../src/ask.ts';
import type { AskWorld } from '../src/asking.ts';
import { istio } from '../src/dialects/istio.ts';
import { digest } from '../src/digest.ts';
import { SourceError } from '../src/domain/gathered.ts';
import type { PastIncident } from '../src/domain/slo/spenders.ts';
import type { Slo } from '../src/domain/slo.ts';
import { minuteMs } from '../src/domain/time.ts';
import { spoken } from '../src/stages/compose/spoken.ts';
import { engineFor } from './support/engine.ts';
import { type SeededPrometheus, seededPrometheus } from './support/seeded-prometheus.ts';
import { type Happened, seededCounter } from './support/seeded-slo.ts';

const days = 8;
const end = days * 1440;
const atMs = Math.floor(Date.now() / 3_600_000) * 3_600_000 - 3_600_000;
const fromMs = atMs - end * minuteMs;

const payments = { namespace: 'shop', workload: null, service: 'payments' };
const slo = (name: string, more: Partial<Slo> = {}): Slo => ({
  name,
  about: { kind: 'service', callee: payments },
  sli: { kind: 'availability', bad: 'failed', reporter: 'destination' },
  objectivePpm: 999_000,
  window: { kind: 'rolling', days: 7 },
  ...{ cluster: null, owner: 'payments-team', channel: null, origin: { format: 'Edgewise', file: 'slos.yaml' } },
  ...more,
});

const slos = [
  slo('payments-availability'),
  slo('payments-lenient', { objectivePpm: 900_000 }),
  slo('cart-availability', { about: { kind: 'service', callee: { ...payments, service: 'cart' } } }),
  slo('checkout-payments', {
    about: {
      kind: 'edge',
      edge: { cluster: null, source: { namespace: 'shop', workload: 'checkout', service: null }, destination: payments },
    },
  }),
];

const everything = { channel: '#shop', channelName: null, choice: { kind: 'names', names: ['*'] } } as const;

/** An hour in which one of three fails, two days ago. */
const began = end - 2 * 1440;
const failing: Happened = (minute) => (minute > began && minute <= began + 60 ? 30 : 0);

const incident: PastIncident = {
  id: 'i-1',
  title: 'checkout → payments',
  edge: { cluster: 'prod', source: { namespace: 'shop', workload: 'checkout', service: null }, destination: payments },
  openedAtMs: fromMs + (began + 3) * minuteMs,
  closedAtMs: fromMs + (began + 65) * minuteMs,
};

const { path, skipped } = await engineFor('prometheus');

describe.skipIf(path === '')(`objectives, asked for at a real Prometheus${skipped}`, () => {
  let seeded: SeededPrometheus;
  let world: AskWorld;
  beforeAll(async () => {
    const labels = {
      ...{ reporter: 'destination', source_workload_namespace: 'shop', source_workload: 'checkout' },
      ...{ destination_service_namespace: 'shop', destination_service_name: 'payments', destination_version: 'v1', pod: 'a' },
    };
    const counters = [
      { happened: () => 60, bornAt: 0, labels: { ...labels, response_code: '200', response_flags: '-' } },
      { happened: failing, labels: { ...labels, response_code: '503', response_flags: 'UF' } },
    ];
    const series = counters.map((counter) =>
      seededCounter({ metric: 'istio_requests_total', ...counter }, { fromMs, minutes: end }),
    );
    seeded = await seededPrometheus(path, series);
    const cluster = { name: 'prod', dialect: istio, metrics: seeded.metrics, rules: null, deadlineMs: 20_000 };
    world = {
      clusters: [cluster],
      clock: { nowMs: () => atMs, sleep: async () => undefined },
      charts: null,
      settingOf: () => offlineSetting,
      objectives: {
        home: 'prod',
        slos,
        days: { known: async () => [], keep: async () => undefined },
        pastIncidents: async () => [incident],
      },
    };
  }, 60_000);
  afterAll(() => seeded?.stop());

  it('one is told whole: what is left, what spent it, and the incident that fell in it', async () => {
    const { message, json, ending } = await ask(world, 'slo payments-availability');
    const text = spoken(message);
    expect(ending).toBe('answered');
    // 1,800 of 606,600 failed: three times what 99.9 % allows.
    expect(text).toContain('payments-availability: overspent by 197 %');
    expect(text).toContain('99.703 % of 99.9 %');
    expect(text).toMatch(/checkout → payments \(100 %\): 503 UF, mostly \w{3} \d+ \w+ \d\d:00–\d\d:00/);
    expect(text).toContain('incident: checkout → payments');
    expect(json).toMatchObject([{ name: 'payments-availability', state: 'breached', objectivePpm: 999_000 }]);
  }, 60_000);

  it('those of a service or an edge are told together, the worst first', async () => {
    const ofService = await ask(world, 'slo shop/payments');
    expect((ofService.json as { readonly name: string }[]).map(({ name }) => name)).toEqual([
      'checkout-payments',
      'payments-availability',
      'payments-lenient',
    ]);
    const ofEdge = await ask(world, 'slo checkout → payments');
    expect(ofEdge.json).toMatchObject([{ name: 'checkout-payments' }]);
    const all = await ask(world, 'slo');
    expect(all.json).toHaveLength(4);
  }, 60_000);

  it('what is not known is no objective, and a near name is named', async () => {
    const { message, ending } = await ask(world, 'slo payments-availabilty');
    expect(ending).toBe('not-found');
    expect(spoken(message)).toContain('did you mean payments-availability');
  }, 60_000);

  it('the digest tells what is breached one by one, what is not judged with its reason, and the rest in a line', async () => {
    const { clusters, objectives } = world;
    if (objectives === undefined) throw new Error('the world reads no objectives');
    const told = await digest({ clusters, objectives, charts: null, timeZone: 'UTC', linkOf: () => null }, everything, {
      ...{ atMs, lastAtMs: null, rhythm: 'daily', memory: [] },
    });
    const text = spoken(told.message);
    expect(text).toContain('SLOs: 2 breached, 1 healthy, 1 not judged');
    expect(text).toContain('cart-availability: nothing was scraped');
    expect(text).toContain('Healthy: payments-lenient has 97 % left');
    expect(JSON.stringify(told.thread.blocks)).toContain('"type":"table"');
  }, 60_000);
});

describe('objectives of a Prometheus that does not answer', () => {
  const down = async (): Promise<never> => {
    throw new SourceError('Prometheus', 'unreachable', 'refused the connection');
  };
  const metrics = { name: 'Prometheus', instant: down, range: down };
  const world: AskWorld = {
    clusters: [{ name: 'prod', dialect: istio, metrics, rules: null, deadlineMs: 1000 }],
    clock: { nowMs: () => atMs, sleep: async () => undefined },
    charts: null,
    settingOf: () => offlineSetting,
    objectives: { home: 'prod', slos: [], days: { known: async () => [], keep: async () => undefined } },
  };

  it('are not said to be none: what its rules record is not known', async () => {
    for (const question of ['slo', 'slo payments']) {
      const { message, ending } = await ask(world, question);
      expect(ending).toBe('not-found');
      expect(spoken(message)).toContain(
        'Whether rules of Sloth, Pyrra or Grafana record any is not known: Prometheus refused the connection.',
      );
      expect(spoken(message)).not.toContain('record none');
    }
  });
});
