import { describe, expect, it } from 'vitest';
import type { TracesAbout } from '../../src/adapters/traces/about.ts';
import { istio } from '../../src/dialects/istio.ts';
import { linkerd } from '../../src/dialects/linkerd.ts';
import { exemplarsFinding, tracesFindings } from '../../src/doctor/traces.ts';
import { labelsOf } from '../../src/domain/alert.ts';
import type { Dialect } from '../../src/domain/dialect.ts';
import { SourceError } from '../../src/domain/gathered.ts';
import type { ExemplarStorage } from '../../src/domain/tracing.ts';
import type { Sources } from '../../src/sources.ts';
import { noExemplars, storeWith, tracingBy } from '../support/trace-store.ts';

type Mesh = readonly (readonly [workload: string, namespace: string])[];
const mesh: Mesh = [
  ['checkout-v1', 'shop'],
  ['frontend', 'shop'],
  ['cart', 'shop'],
  ['unknown', 'unknown'],
];

const sourcesWith = (
  about: TracesAbout | SourceError | null,
  { workloads = mesh, dialect = istio, storage = 'on' }: { workloads?: Mesh; dialect?: Dialect; storage?: ExemplarStorage } = {},
): Sources => {
  const { sourceWorkload, sourceNamespace } = dialect.views.caller.labels;
  const rows = workloads.map(([workload, namespace]) => ({
    labels: labelsOf([
      [sourceWorkload ?? '', workload],
      [sourceNamespace ?? '', namespace],
    ]),
    value: 4,
    atMs: 0,
  }));
  const tracing = tracingBy(storeWith([]), { ...noExemplars, storage: async () => storage });
  return {
    match: 'prod',
    alerts: null,
    silences: null,
    aboutMetrics: async () => ({ version: null, hasExemplarStorage: null, aheadSeconds: null }),
    aboutAlertmanager: null,
    close: async () => undefined,
    cluster: {
      name: 'prod',
      dialect,
      metrics: {
        name: 'Prometheus',
        instant: async () => ({ value: rows, warnings: [], samplesRead: null }),
        range: async () => ({ value: [], warnings: [], samplesRead: null }),
      },
      rules: null,
      deadlineMs: 1000,
      ...(about === null ? {} : { tracing }),
    },
    aboutTraces:
      about === null
        ? null
        : async () => {
            if (about instanceof SourceError) throw about;
            return about;
          },
  };
};
const tempo = (...services: readonly string[]): TracesAbout => ({ looksLike: 'tempo', services, isSearchOff: false });
const saying = (...words: readonly string[]) => expect.stringMatching(new RegExp(words.join('.*')));
const found = async (...given: Parameters<typeof sourcesWith>) => {
  const findings = await tracesFindings(sourcesWith(...given));
  expect(findings).toHaveLength(1);
  return findings[0];
};

describe('the doctor, of a trace store', () => {
  it('counts the workloads of the mesh that it knows, by whichever name', async () => {
    expect(await found(tempo('checkout', 'frontend.shop', 'postgres'))).toEqual({
      mark: 'ok',
      text: 'Tempo: answers, and knows 3 services; of the mesh 2 of 3 workloads',
      advice: null,
    });
    expect(await found(tempo('cart.shop'), { dialect: linkerd, workloads: [['cart', 'shop']] })).toMatchObject({
      mark: 'ok',
      text: saying('of the mesh 1 of 1 workload'),
    });
  });

  it('says that it knows nobody of the mesh, and whom it knows instead', async () => {
    expect(await found(tempo('batch-a', 'batch-b', 'batch-c', 'batch-d'))).toEqual({
      mark: 'warning',
      text: 'Tempo: answers, and knows 4 services, none of them a workload of the mesh (batch-a, batch-b, batch-c, …)',
      advice: saying('found by the names of services', 'docs/traces.md'),
    });
  });

  it('knows proxies that write spans under their own name, and a mesh of which nothing is counted', async () => {
    expect(await found(tempo('linkerd-proxy'))).toMatchObject({
      mark: 'ok',
      text: saying('proxies write spans under their own name'),
    });
    expect(await found(tempo('checkout'), { workloads: [] })).toMatchObject({
      mark: 'ok',
      text: saying('knows 1 service', 'checkout'),
    });
  });

  it.each<[string, TracesAbout | SourceError | null, string, string, string]>([
    ['is not configured', null, 'warning', 'prod: TRACES_URL is not set', 'worst request'],
    ['is empty', tempo(), 'warning', 'knows no service', 'docs/traces.md'],
    [
      'is another one',
      { looksLike: 'zipkin', services: ['a'], isSearchOff: false },
      'failure',
      'Tempo: it looks like Zipkin',
      'Set TRACES_STORE=zipkin',
    ],
    [
      'is something else',
      { looksLike: null, services: [], isSearchOff: false },
      'failure',
      'neither Jaeger nor Tempo nor Zipkin',
      'path prefix',
    ],
    [
      'cannot be searched',
      { looksLike: 'tempo', services: [], isSearchOff: true },
      'warning',
      'by their ids only',
      'SEARCH_ENABLED',
    ],
    [
      'is down',
      new SourceError('Tempo', 'unreachable', 'refused the connection'),
      'failure',
      'refused the connection',
      'TRACES_URL',
    ],
    [
      'wants a tenant',
      new SourceError('Tempo', 'refused', 'refused the credentials (HTTP 401)'),
      'failure',
      'HTTP 401',
      'TRACES_TENANT',
    ],
    ['is slow', new SourceError('Tempo', 'timeout', 'did not answer in 10.0 s'), 'failure', 'did not answer', 'TRACES_SECONDS'],
  ])('that %s says what to do', async (_, about, mark, text, advice) => {
    expect(await found(about)).toEqual({ mark, text: saying(text), advice: saying(advice) });
  });
});

describe('the doctor, of exemplars', () => {
  it.each<[ExemplarStorage, string, string, string | null]>([
    ['on', 'ok', 'stores exemplars', null],
    ['off', 'warning', 'stores no exemplars', 'exemplar-storage'],
    ['unknown', 'warning', 'does not say whether it stores exemplars', 'max_global_exemplars_per_user'],
  ])('that are %s says so, and how they are turned on', async (storage, mark, text, advice) => {
    expect(await exemplarsFinding(sourcesWith(tempo(), { storage }), null)).toEqual({
      mark,
      text: saying(text),
      advice: advice === null ? null : saying(advice),
    });
  });

  it('without a trace store goes by what the metrics store says itself', async () => {
    const sources = sourcesWith(null);
    expect(await exemplarsFinding(sources, true)).toMatchObject({ mark: 'ok' });
    expect(await exemplarsFinding(sources, false)).toMatchObject({ mark: 'warning' });
    expect(await exemplarsFinding(sources, null)).toMatchObject({ mark: 'ok', text: saying('does not say') });
  });
});
