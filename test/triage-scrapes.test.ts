import { describe, expect, it } from 'vitest';
import { istio } from '../src/dialects/istio.ts';
import { type Alert, labelsOf } from '../src/domain/alert.ts';
import { SourceError } from '../src/domain/gathered.ts';
import type { Cluster } from '../src/inquiry.ts';
import { locate } from '../src/locate.ts';
import { headline } from '../src/stages/compose/header.ts';
import { diagnose } from '../src/stages/diagnose/index.ts';
import { measure } from '../src/triage.ts';
import { engineFor } from './support/engine.ts';
import { nowMs, standing } from './support/report.ts';
import { type Flow, type Scrapes, scrapesOf, seriesOf } from './support/seeded-mesh.ts';
import { type SeededSeries, seededPrometheus } from './support/seeded-prometheus.ts';

const engine = await engineFor('prometheus');
const minuteMs = 60_000;
const brokenAtMs = nowMs;
const broken = (before: number, after: number) => (atMs: number) => (atMs >= brokenAtMs ? after : before);

const healthy: Flow = { caller: 'checkout', callee: 'payments', perSecond: () => 10 };
/** 30 % of ten a second. */
const failing = (code: string, flags: string, reporters: Flow['reporters']): readonly Flow[] => [
  { ...healthy, perSecond: broken(10, 7) },
  { ...healthy, code, flags, reporters: reporters ?? [], perSecond: broken(0, 3) },
];
const refused = failing('503', 'UF', ['source']);
const erring = failing('500', '-', ['source', 'destination']);

const rate = (labels: string): string =>
  `sum by (source_workload, source_workload_namespace, destination_service_name, destination_service_namespace) (rate(istio_requests_total${labels}[2m]))`;
const rules = {
  name: 'Prometheus',
  alerting: async () => [
    {
      name: 'EdgeErrors',
      expression: `${rate('{response_code=~"5.."}')} / ${rate('')} > 0.05`,
      forSeconds: 60,
      groupId: null,
      labels: labelsOf([]),
    },
  ],
  recording: async () => [],
};

const refuse = (): never => {
  throw new SourceError('Prometheus', 'too-expensive', 'refused an expensive query');
};

type Case = {
  readonly flows: readonly Flow[];
  readonly scrapes?: Partial<Scrapes>;
  readonly isScraped?: (atMs: number) => boolean;
  readonly seen?: (series: SeededSeries) => SeededSeries;
  /** How long ago it broke. */
  readonly ageSeconds: number;
  readonly startsAtMs?: number;
  /** Questions that the source fails to answer. */
  readonly fails?: (promql: string) => boolean;
  /** The labels of the alert, without its rule. */
  readonly only?: Readonly<Record<string, string>>;
};

const edgeLabels = {
  source_workload: 'checkout',
  source_workload_namespace: 'shop',
  destination_service_name: 'payments',
  destination_service_namespace: 'shop',
};

const triage = async ({
  flows,
  scrapes,
  isScraped = () => true,
  seen = (one) => one,
  ageSeconds,
  startsAtMs,
  only,
  fails,
}: Case) => {
  const atMs = brokenAtMs + ageSeconds * 1000;
  const everySeconds = scrapes?.everySeconds ?? 15;
  // Prometheus spreads the scrapes of its targets over the interval.
  const timesOf = (phaseMs: number): readonly number[] =>
    scrapesOf({ fromMs: nowMs - 180 * minuteMs, toMs: atMs, ...scrapes, everySeconds, phaseMs }).filter(isScraped);
  const times = { source: timesOf(7000), destination: timesOf(7000 + everySeconds * 500) };
  const series = [...flows, { caller: 'gateway', callee: 'checkout', perSecond: () => 20 }]
    .flatMap((flow: Flow) =>
      (flow.reporters ?? (['source', 'destination'] as const)).flatMap((reporter) =>
        seriesOf({ ...flow, reporters: [reporter] }, times[reporter]),
      ),
    )
    .map(seen);
  const source = await seededPrometheus(engine.path, series);
  const alert: Alert = {
    fingerprint: 'f',
    status: 'firing',
    labels: labelsOf([['alertname', 'EdgeErrors'], ...Object.entries(only ?? edgeLabels)]),
    annotations: labelsOf([]),
    startsAtMs: startsAtMs ?? Math.min(atMs, brokenAtMs + 90_000),
    endsAtMs: null,
    generatorUrl: '',
  };
  const cluster: Cluster = {
    name: 'prod',
    dialect: istio,
    metrics: {
      ...source.metrics,
      instant: async (promql, at, ask) => (fails?.(promql) ? refuse() : source.metrics.instant(promql, at, ask)),
      range: async (promql, range, ask) => (fails?.(promql) ? refuse() : source.metrics.range(promql, range, ask)),
    },
    rules: only ? null : rules,
    deadlineMs: 30_000,
  };
  const evidence = await measure(cluster, await locate(cluster, alert, atMs), [alert], atMs).finally(source.stop);
  const diagnosis = diagnose(evidence);
  return {
    evidence,
    seconds: (evidence.window.endMs - evidence.window.startMs) / 1000,
    rule: diagnosis.verdict?.rule ?? null,
    confidence: diagnosis.verdict?.confidence ?? null,
    summary: diagnosis.summary,
    lines: diagnosis.verdict?.evidence ?? [],
    title: headline({ evidence, diagnosis }, { ...standing, severity: 'page' }),
    gaps: evidence.gaps.map(({ what, source: who, detail }) => `No ${what}: ${who} ${detail}`),
    signal: (name: string) => diagnosis.signals.find(({ signal }) => signal === name),
  };
};

/** The scrapes of whatever passes end at `endMs`, with the marker of staleness or without. */
const endedAt =
  (endMs: number, passes: (labels: SeededSeries['labels']) => boolean, isMarked: boolean) =>
  (one: SeededSeries): SeededSeries =>
    passes(one.labels)
      ? { ...one, samples: [...one.samples.filter(([atMs]) => atMs < endMs), ...(isMarked ? [[endMs, 'stale'] as const] : [])] }
      : one;
const all = (): boolean => true;

describe.skipIf(engine.path === '')(`a triage at other scrape intervals, by a real Prometheus${engine.skipped}`, () => {
  it.each([15, 30, 60])(
    'every %i s: edge, ratio and verdict are right at 2.5, 5 and 20 minutes',
    async (everySeconds) => {
      for (const [ageSeconds, windowSeconds] of [
        [150, everySeconds === 60 ? 150 : 120],
        [300, 270],
        [1200, 300],
      ] as const) {
        const seen = await triage({ flows: refused, scrapes: { everySeconds }, ageSeconds });
        expect([seen.rule, seen.confidence, seen.seconds, seen.gaps]).toEqual([
          'connection-failure',
          'likely',
          windowSeconds,
          [],
        ]);
        expect(seen.title).toMatch(/checkout → payments: 3[01] % failing \(usually 0 %\)$/);
        expect(seen.signal('traffic')).toMatchObject({ now: '10/s', usual: '10/s', moved: false });
      }
    },
    120_000,
  );

  it('every 60 s and 75 s old: widened to what holds two scrapes, and the healthy part of it hides nothing', async () => {
    const seen = await triage({ flows: refused, scrapes: { everySeconds: 60 }, ageSeconds: 75 });
    expect([seen.seconds, seen.rule]).toEqual([150, 'connection-failure']);
  }, 60_000);

  it('every 60 s and 2 min old: the window holds two scrapes of every target, so both ends are heard', async () => {
    const seen = await triage({ flows: erring, scrapes: { everySeconds: 60 }, ageSeconds: 120 });
    const [reading] = seen.evidence.readings.filter(({ edge }) => edge.destination.service === 'payments');
    expect([seen.seconds, seen.rule, reading?.calleeReports]).toEqual([150, 'callee-errors', true]);
    expect(reading?.callee?.counts.now.failed).toBeGreaterThan(100);
    const often = await triage({ flows: erring, scrapes: { everySeconds: 30 }, ageSeconds: 120 });
    expect([often.seconds, often.rule, often.signal('errors')?.now]).toEqual([90, 'callee-errors', '30 %']);
  }, 60_000);

  it.each([15, 30, 60])(
    'every %i s: an alert that names no edge finds it after five minutes',
    async (everySeconds) => {
      const background = { ...healthy, code: '500', perSecond: broken(0.01, 3) };
      const seen = await triage({
        flows: [{ ...healthy, perSecond: broken(10, 7) }, background],
        scrapes: { everySeconds },
        ageSeconds: 330,
        startsAtMs: brokenAtMs + 320_000,
        only: { destination_service_namespace: 'shop' },
      });
      expect([seen.evidence.located.way, seen.rule]).toEqual(['self-made', 'callee-errors']);
      expect(seen.title).toMatch(/checkout → payments: 30 % failing/);
    },
    60_000,
  );
});

describe.skipIf(engine.path === '')(`gaps are told apart from zero, by a real Prometheus${engine.skipped}`, () => {
  const ageSeconds = 600;
  const atMs = brokenAtMs + ageSeconds * 1000;
  const atCaller = (labels: SeededSeries['labels']): boolean =>
    labels['reporter'] === 'source' && labels['source_workload'] === 'checkout';
  const atCallee = (labels: SeededSeries['labels']): boolean =>
    labels['reporter'] === 'destination' && labels['destination_service_name'] === 'payments';

  it.each([2, 10])(
    'the caller is not scraped for %i minutes: the callee counts, and the gap is named',
    async (minutes) => {
      const seen = await triage({ flows: erring, ageSeconds, seen: endedAt(atMs - minutes * minuteMs, atCaller, true) });
      expect(seen.evidence.reporter).toBe('callee');
      expect([seen.rule, seen.confidence, seen.signal('traffic')?.now]).toEqual(['callee-errors', 'possible', '10/s']);
      expect(seen.gaps).toEqual([
        "No series of the caller's proxies now: Prometheus has none of this edge any more: not scraped, or gone",
      ]);
    },
    60_000,
  );

  it('the callee is not scraped but answers: nobody says that it was not reached', async () => {
    const seen = await triage({ flows: erring, ageSeconds, seen: endedAt(brokenAtMs, atCallee, true) });
    expect([seen.rule, seen.summary]).toEqual(['callee-errors', expect.stringMatching(/^payments itself answers with errors/)]);
    expect(seen.gaps).toEqual([
      "No series of the callee's proxies now: Prometheus has none of this edge any more: not scraped, or gone",
    ]);
  }, 60_000);

  it("the callee's pods are gone: that is the diagnosis and no gap", async () => {
    const flows = [
      { ...healthy, perSecond: broken(10, 0) },
      { ...healthy, code: '503', flags: 'UH', reporters: ['source'] as const, perSecond: broken(0, 10) },
    ];
    const seen = await triage({ flows, ageSeconds, seen: endedAt(brokenAtMs, atCallee, true) });
    expect([seen.rule, seen.confidence, seen.gaps]).toEqual(['no-healthy-upstream', 'likely', []]);
  }, 60_000);

  it('nobody is scraped: no series, neither zero nor healthy nor "no requests"', async () => {
    const seen = await triage({ flows: erring, ageSeconds, seen: endedAt(brokenAtMs, all, true) });
    expect([seen.rule, seen.summary]).toEqual([
      null,
      'No figures for checkout → payments: Prometheus has none of this edge any more: not scraped, or gone',
    ]);
    expect([seen.signal('errors')?.now, seen.signal('traffic')?.now, seen.signal('traffic')?.moved]).toEqual([
      'no series',
      'no series',
      null,
    ]);
  }, 60_000);

  it('traffic stops and the series stay: no requests, beside what is usual', async () => {
    const seen = await triage({ flows: [{ ...healthy, perSecond: broken(10, 0) }], ageSeconds: 120 });
    expect([seen.rule, seen.summary, seen.gaps]).toEqual([
      'traffic-vanished',
      'checkout stopped calling payments: 0 requests, usually about 900',
      [],
    ]);
    expect(seen.signal('traffic')).toMatchObject({ moved: true, usual: '10/s' });
  }, 60_000);

  it.each([15, 60])(
    'Prometheus is 90 s behind, scraping every %i s: the windows end with its data, and that is said',
    async (every) => {
      const seen = await triage({
        flows: erring,
        scrapes: { everySeconds: every },
        ageSeconds,
        seen: endedAt(atMs - 90_000, all, false),
      });
      expect([seen.rule, seen.signal('traffic')?.now, seen.signal('errors')?.now]).toEqual(['callee-errors', '10/s', '30 %']);
      expect(atMs - seen.evidence.window.endMs).toBeGreaterThanOrEqual(90_000);
      expect(seen.gaps).toEqual([
        expect.stringMatching(/^No figures of the last [12]\.\d min: Prometheus has no newer sample of this edge$/),
      ]);
    },
    60_000,
  );

  it('the usual values cannot be read: that is the only gap, and nobody is called gone', async () => {
    const seen = await triage({ flows: erring, ageSeconds, fails: (promql) => promql.includes('timestamp(') });
    expect([seen.rule, seen.evidence.reporter]).toEqual(['callee-errors', 'caller']);
    expect(seen.gaps).toEqual(['No the usual values: Prometheus refused an expensive query']);
  }, 60_000);

  it('the counts cannot be read: no figures, and they are not asked for again', async () => {
    const seen = await triage({ flows: erring, ageSeconds, fails: (promql) => !promql.includes('timestamp(') });
    expect(seen.summary).toBe('No figures for checkout → payments: Prometheus refused an expensive query');
    expect(seen.gaps).toEqual(['No golden signals: Prometheus refused an expensive query']);
    expect(seen.evidence.queries.length).toBe(2);
  }, 60_000);

  it('a hole of ten minutes in the past: those windows are missing, not zero', async () => {
    const isScraped = (time: number): boolean => time < nowMs - 30 * minuteMs || time > nowMs - 20 * minuteMs;
    const seen = await triage({ flows: erring, ageSeconds: 150, isScraped });
    expect([seen.rule, seen.confidence, seen.signal('traffic')?.usual]).toEqual(['callee-errors', 'likely', '10/s']);
    const [reading] = seen.evidence.readings.filter(({ edge }) => edge.destination.service === 'payments');
    const past = reading?.caller?.counts.local.map(({ requests }) => requests) ?? [];
    expect(past.length).toBeLessThan(24);
    expect(Math.min(...past)).toBeGreaterThan(0);
  }, 60_000);

  it.each([
    ['ahead', 90_000],
    ['behind', -90_000],
  ] as const)(
    'the alert says that it began 90 s %s: the verdict stands, over the window that is named',
    async (_, skewMs) => {
      const seen = await triage({ flows: erring, ageSeconds: 200, startsAtMs: brokenAtMs + 90_000 + skewMs });
      expect([seen.rule, seen.confidence]).toEqual(['callee-errors', 'likely']);
    },
    60_000,
  );

  it('a mesh of twenty minutes: its own windows are its past, and no more is claimed', async () => {
    const scrapes = { fromMs: nowMs - 20 * minuteMs };
    const seen = await triage({ flows: erring, scrapes, ageSeconds: 150 });
    expect([seen.rule, seen.confidence, seen.signal('errors')?.usual]).toEqual(['callee-errors', 'likely', '0 %']);
    const young = await triage({ flows: erring, scrapes: { fromMs: nowMs - 2 * minuteMs }, ageSeconds: 120 });
    expect([young.rule, young.confidence, young.signal('errors')?.why]).toEqual([
      'callee-errors',
      'possible',
      'no history of this edge',
    ]);
  }, 60_000);
});

describe.skipIf(engine.path === '')(`an edge that fails as it always did, by a real Prometheus${engine.skipped}`, () => {
  const always = (share: number, more: Partial<Flow>): readonly Flow[] => {
    const flow = { ...healthy, ...more };
    const { code, flags, reporters, ...good } = flow;
    return [
      { ...good, perSecond: () => 10 * (1 - share) },
      { ...flow, perSecond: () => 10 * share },
    ];
  };
  const refusedAlways = always(0.35, { code: '503', flags: 'UF', reporters: ['source'] });
  const erringAlways = always(0.35, { code: '500' });

  it('has its cause named, the share of before, and that it is not new', async () => {
    for (const [flows, rule] of [
      [refusedAlways, 'connection-failure'],
      [erringAlways, 'callee-errors'],
    ] as const) {
      const seen = await triage({ flows, ageSeconds: 300 });
      expect([seen.rule, seen.confidence, seen.gaps]).toEqual([rule, 'possible', []]);
      expect(seen.title).toMatch(/checkout → payments: 35 % failing \(usually 35 %\)$/);
      expect(seen.evidence.readings.map(({ sickPast }) => sickPast ?? 0).filter((share) => share > 0)).toHaveLength(1);
      expect(seen.lines.at(-1)).toBe('not new: 35 % failed before too, as far back as it was measured');
      expect(seen.signal('traffic')).toMatchObject({ now: '10/s', usual: '10/s', moved: false });
    }
  }, 60_000);

  it('is followed down to the call that carries its failures', async () => {
    const below = always(0.35, { caller: 'payments-v1', callee: 'bank', code: '503', flags: 'UF', reporters: ['source'] });
    const seen = await triage({ flows: [...erringAlways, ...below], ageSeconds: 300 });
    expect([seen.rule, seen.evidence.path.at(-1)?.destination.service]).toEqual(['connection-failure', 'bank']);
    expect(seen.lines.at(-1)).toContain('not new');
  }, 60_000);

  it('is left alone when it fails less than one in ten, and when its past was healthy', async () => {
    const little = await triage({ flows: always(0.08, { code: '500' }), ageSeconds: 300 });
    expect(little.summary).toMatch(/^Nothing has changed between checkout and payments now: 8 % of/);
    expect([little.rule, little.evidence.readings.some(({ sickPast }) => sickPast !== undefined)]).toEqual(['healthy', false]);
    const news = await triage({ flows: erring, ageSeconds: 300 });
    expect([news.rule, news.evidence.readings.some(({ sickPast }) => sickPast !== undefined)]).toEqual(['callee-errors', false]);
  }, 60_000);
});
