import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { HttpSource } from '../../src/adapters/http/client.ts';
import { type Question, questionText } from '../../src/adapters/http/recording.ts';
import { withPseudonyms } from '../../src/commands/pseudonyms.ts';
import { rulePatienceMs } from '../../src/find-rule.ts';
import { readRecording } from '../../src/recording/folder.ts';
import { renamer } from '../../src/recording/pseudonyms/dictionary.ts';
import { renamedRecording } from '../../src/recording/pseudonyms/rename.ts';
import { withoutSecrets } from '../../src/recording/secrets.ts';
import { type Recording, RecordingError, recordingOf } from '../../src/recording/shape.ts';
import { recordRun, replayRecording } from '../../src/replay.ts';

const home = 'test/scenarios/wire';
const byRule = readRecording(`${home}/connection-refused-by-its-rule`);
const ofLinkerd = readRecording(`${home}/app-errors-linkerd`);
const fromTheTop = readRecording(`${home}/slow-dependency-from-the-top`);

/** The recording of an installation that calls one of its services otherwise. */
const calling = (recording: Recording, name: string, other: string): Recording =>
  renamedRecording(recording, renamer({ words: new Map([[name, other]]), addresses: new Map() }));

describe('a replay', () => {
  it('of a recording that lost an answer has a gap that says so, and tells whoever asks', async () => {
    const missing: Question[] = [];
    const exchanges = fromTheTop.exchanges.filter(({ form }) => !form.some(([, value]) => value.includes('envoy_cluster_ssl')));
    expect(exchanges.length).toBeLessThan(fromTheTop.exchanges.length);
    const [answer] = await replayRecording({ ...fromTheTop, exchanges }, (asked) => missing.push(asked));
    expect(missing.map(questionText)).toContainEqual(expect.stringMatching(/^api\/v1\/query: label_replace\(.*ssl/));
    expect(answer?.evidence.gaps).toContainEqual(
      expect.objectContaining({ reason: 'absent', detail: expect.stringMatching(/^not in the recording: /) }),
    );
  });

  it('of a source that timed out tells the same gap', async () => {
    const failure = { reason: 'timeout' as const, detail: 'did not answer in 10.0 s' };
    const exchanges = byRule.exchanges.map((exchange) => {
      if (!('body' in exchange) || !exchange.form.some(([, value]) => value.includes('container_cpu'))) return exchange;
      const { status: _, body: __, ...asked } = exchange;
      return { ...asked, failure };
    });
    const [answer] = await replayRecording({ ...byRule, exchanges });
    expect(answer?.evidence.gaps).toEqual([{ what: 'saturation', source: 'Prometheus', ...failure }]);
  });
});

/** A back end that answers nothing, after so long. */
const answering = (name: string, body: string, afterMs = 0): HttpSource => ({
  name,
  request: async () => {
    await wait(afterMs);
    return { status: 200, headers: {}, text: body };
  },
  close: async () => undefined,
});

const nothing = '{"status":"success","data":{"resultType":"vector","result":[]}}';

describe('a record of a run', () => {
  const cluster = { name: 'prod', mesh: 'istio' } as const;

  it('replays rules that came too late for the alert as what they were: a gap', async () => {
    const rules = answering('Alert rules', '{"status":"success","data":{"groups":[]}}', rulePatienceMs + 200);
    const { recording, answers } = await recordRun(
      { delivery: fromTheTop.delivery },
      cluster,
      { metrics: answering('Prometheus', nothing), rules, traces: null },
      fromTheTop.atMs,
    );
    // A busy machine waits a little longer than it was told to.
    const rounded = (detail: string): string => detail.replace(/ 1\.\d s$/, ' 1.5 s');
    const gaps = (some: typeof answers) =>
      some.map(({ evidence }) => evidence.gaps.map((gap) => ({ ...gap, detail: rounded(gap.detail) })));
    expect(gaps(answers)[0]).toContainEqual(
      expect.objectContaining({ what: 'alert rules', reason: 'timeout', detail: 'did not answer in 1.5 s' }),
    );
    expect(gaps(await replayRecording(recording))).toEqual(gaps(answers));
  });

  it('replays with the names that several clusters have, and with matchers and names of its own', async () => {
    const other = {
      ...cluster,
      isOneOfSeveral: true,
      querySeconds: 3,
      renames: { metrics: { istio_requests_total: 'acme_requests_total' }, labels: { source_workload: 'acme_from' } },
      pinned: [{ label: 'acme_region', op: '=' as const, value: 'atlantis' }],
    };
    const http = {
      metrics: answering('Prometheus', nothing),
      rules: answering('Alert rules', 'no JSON, but atlantis'),
      traces: null,
    };
    const { recording, answers } = await recordRun({ delivery: byRule.delivery }, other, http, byRule.atMs);
    expect(new Set(recording.exchanges.map(({ source }) => source))).toEqual(
      new Set(['Prometheus (prod)', 'Alert rules (prod)']),
    );
    expect(JSON.stringify(recording.exchanges)).toContain('acme_requests_total{');
    const messages = (some: typeof answers) => some.map(({ message }) => message);
    expect(messages(await replayRecording(recording))).toEqual(messages(answers));
    const made = await withPseudonyms(recording, answers);
    expect(JSON.stringify(made.recording)).not.toMatch(/atlantis|payments/i);
  });
});

/** A mesh in which one edge fails, of which no rule knows. */
const failing = (name: string): HttpSource => ({
  name,
  request: async ({ path, form = [] }) => {
    const isCount = form.some(
      ([field, value]) => field === 'query' && /^sum by [^"]*increase\(istio_requests_total\{/.test(value),
    );
    const row = {
      metric: {
        reporter: 'source',
        source_workload: 'checkout',
        source_workload_namespace: 'shop',
        destination_service_name: 'payments',
        destination_service_namespace: 'shop',
        destination_workload: 'payments-v1',
        response_code: '503',
        response_flags: 'UF',
      },
      value: [fromTheTop.atMs / 1000, '600'],
    };
    const data = path.endsWith('range')
      ? { resultType: 'matrix', result: [] }
      : { resultType: 'vector', result: isCount ? [row] : [] };
    return { status: 200, headers: {}, text: JSON.stringify({ status: 'success', data }) };
  },
  close: async () => undefined,
});

describe('a record of a question', () => {
  const cluster = { name: 'prod', mesh: 'istio' } as const;
  const http = { metrics: failing('Prometheus'), rules: answering('Alert rules', nothing), traces: null };

  it('replays the edge that was asked for, to which no alert belongs', async () => {
    const { recording, answers } = await recordRun({ question: 'why checkout → payments' }, cluster, http, fromTheTop.atMs);
    expect(answers.map(({ evidence }) => [evidence.alerts, evidence.subject])).toMatchObject([
      [[], { kind: 'edge', edge: { source: { workload: 'checkout' }, destination: { service: 'payments' } } }],
    ]);
    const missing: Question[] = [];
    const replayed = await replayRecording(recordingOf(JSON.parse(JSON.stringify(recording))), (asked) => missing.push(asked));
    expect(missing).toEqual([]);
    expect(replayed.map(({ message }) => message)).toEqual(answers.map(({ message }) => message));
    const made = await withPseudonyms(recording, answers);
    expect(made.recording.question).toMatch(/^why [a-z]+ → [a-z]+$/);
    expect(JSON.stringify([made.recording, made.answers])).not.toMatch(/checkout|payments|shop/i);
  });

  it('holds no secret that somebody typed', async () => {
    const { recording } = await recordRun({ question: 'why checkout → payments' }, cluster, http, fromTheTop.atMs);
    expect(withoutSecrets(recording, ['payments']).question).toBe('why checkout → ***');
  });

  it('is refused where the answer is words alone: there would be nothing to judge', async () => {
    const asked = recordRun(
      { question: 'why checkout → bank' },
      cluster,
      { ...http, metrics: answering('Prometheus', nothing) },
      1e12,
    );
    await expect(asked).rejects.toThrow(/^question: "why checkout → bank", answered in words alone: No data/);
    await expect(asked).rejects.toThrow(RecordingError);
  });
});

const rulesSaying = (description: string): string =>
  JSON.stringify({
    status: 'success',
    data: { groups: [{ rules: [{ type: 'alerting', name: 'Any', query: 'up == 0', annotations: { description } }] }] },
  });

describe('a recording with pseudonyms', () => {
  it.each([
    ['istio', fromTheTop],
    ['ambient', fromTheTop],
    ['linkerd', ofLinkerd],
  ] as const)(
    'asks the same of %s, though people use every word of its questions for something else',
    async (mesh, { delivery, atMs }) => {
      const run = (description: string) =>
        recordRun(
          { delivery },
          { name: 'prod', mesh },
          { metrics: answering('Prometheus', nothing), rules: answering('Alert rules', rulesSaying(description)), traces: null },
          atMs,
        );
      const asked = (await run('none')).recording.exchanges.map(({ form }) => JSON.stringify(form)).join(' ');
      expect(asked).toContain('envoy_');
      const { recording, answers } = await run(asked.replaceAll(/\W+|_/g, ' '));
      await expect(withPseudonyms(recording, answers)).resolves.toBeDefined();
    },
  );

  it.each([
    ['the rule of the alert', byRule, 'connection-failure'],
    ['a walk downstream', fromTheTop, 'slow-dependency'],
    ['a mesh that names callers by identity', ofLinkerd, 'callee-errors'],
  ])('tells the same of %s, without any name', async (_name, recording, rule) => {
    const answers = await replayRecording(recording);
    const made = await withPseudonyms(recording, answers);
    expect(made.answers.map(({ diagnosis }) => diagnosis.verdict?.rule)).toEqual([rule]);
    expect(made.answers.map(({ message }) => message)).toEqual(
      (await replayRecording(made.recording)).map(({ message }) => message),
    );
    const text = JSON.stringify([made.recording, made.answers]);
    for (const name of [
      'payments',
      'inventory',
      'checkout',
      'frontend',
      'finance',
      'fraud',
      'warehouse',
      'wiki',
      '9ca2e1d3a0b4c5f6',
    ])
      expect(text).not.toMatch(new RegExp(name, 'i'));
    expect(text).not.toMatch(/\bshop\b/);
    expect(made.remains.asWords).toEqual([]);
  });

  // Words of PromQL, of metrics, of the APIs and of this program's own tags, as names.
  it.each(['rate', 'listener', 'born', 'data', 'requests', 'db2prod', 'zahlüng', 'pod', 'x'])(
    'stands a service that is called %s',
    { timeout: 60_000 },
    async (name) => {
      const recording = calling(byRule, 'payments', name);
      const made = await withPseudonyms(recording, await replayRecording(recording));
      expect(made.answers.map(({ diagnosis }) => diagnosis.verdict?.rule)).toEqual(['connection-failure']);
    },
  );

  it('is refused where its verdict is another one', async () => {
    const answers = await replayRecording(byRule);
    const others = await replayRecording(fromTheTop);
    await expect(withPseudonyms(byRule, others)).rejects.toThrow(
      'no recording was written: with pseudonyms the verdict is another one',
    );
    await expect(withPseudonyms(byRule, answers)).resolves.toBeDefined();
  });

  it('is refused where a question has no answer', async () => {
    const exchanges = byRule.exchanges.filter(({ form }) => !form.some(([, value]) => value.includes('container_cpu')));
    const recording = { ...byRule, exchanges };
    await expect(withPseudonyms(recording, await replayRecording(recording))).rejects.toThrow(
      'another question is asked, which has no answer (api/v1/query_range: label_replace(',
    );
  });
});
