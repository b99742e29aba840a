import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withPseudonyms } from '../../src/commands/pseudonyms.ts';
import { readRecording } from '../../src/recording/folder.ts';
import { pseudonymised } from '../../src/recording/pseudonyms/index.ts';
import { renamedRecording } from '../../src/recording/pseudonyms/rename.ts';
import { isPlain } from '../../src/recording/pseudonyms/words.ts';
import { type Recording, wholeCluster } from '../../src/recording/shape.ts';
import { replayRecording } from '../../src/replay.ts';
import { reportJson } from '../../src/stages/compose/json.ts';

const capital = (word: string): string => `${word[0]?.toUpperCase()}${word.slice(1)}`;

/** A rule that holds a name wherever PromQL takes one. */
const expressionWith = (word: string): string =>
  `sum by (label_${word}) (rate(istio_${word}_requests_total{destination_workload="process_${word}",pod=~"response_${word}-.*"}[5m])) > 0 or envoy_${word}:errors:rate5m > 0.1 # ask ${word}`;

const rulesWith = (word: string): readonly object[] => [
  { type: 'recording', name: `istio_${word}:errors:rate5m`, query: expressionWith(word), lastError: `bad_${word}` },
  {
    type: 'alerting',
    name: `${capital(word)}ErrorRate`,
    query: expressionWith(word),
    labels: { severity: 'page' },
    annotations: { description: `container_${word} fails; see https://wiki.example/${word}?q=%22${word}%22, 5%${word}` },
    alerts: [],
  },
];

const succeeded = (data: object, more: object = {}): string => JSON.stringify({ status: 'success', data, ...more });

type Value = { readonly label: string; readonly value: string };

type Place = 'alert' | 'series';

/** The labels stand at one place, the words at every other. `isQuiet`: only names of metrics, questions and failures hold them. */
const recordingOf = (words: readonly string[], values: readonly Value[], place: Place, isQuiet = false): Recording => {
  const labels = Object.fromEntries(values.map(({ label, value }) => [label, value]));
  const asked = { source: 'Prometheus', method: 'POST', path: 'api/v1/query', query: [] } as const;
  const address = `http://prometheus.example/graph?g0.expr=${encodeURIComponent(words.map(expressionWith).join(' or '))}`;
  const groups = words.map((word) => ({ name: `${word}.rules`, file: `/etc/${word}.yaml`, rules: rulesWith(word) }));
  const told = isQuiet ? {} : { annotations: { summary: words.join(', ') }, generatorURL: address };
  const series = words.map((word) => ({ metric: { __name__: `istio_${word}_requests_total`, [`label_${word}`]: 'x' } }));
  return {
    version: 1,
    atMs: 1,
    cluster: wholeCluster({ name: 'prod', mesh: 'istio' }),
    delivery: {
      alerts: [{ labels: place === 'alert' ? labels : {}, ...told }],
    },
    exchanges: [
      { ...asked, path: 'api/v1/rules', form: [], status: 200, body: succeeded({ groups: isQuiet ? [] : groups }) },
      ...words.map((word) => ({
        ...asked,
        form: [['query', expressionWith(word)] as const],
        status: 422,
        body: JSON.stringify({
          status: 'error',
          ...(isQuiet ? {} : { error: `expanding series: container_${word}: unavailable` }),
        }),
      })),
      {
        ...asked,
        form: [['query', words.map(expressionWith).join(' or ')]],
        status: 200,
        body: succeeded(
          { resultType: 'vector', result: [{ metric: place === 'series' ? labels : {} }, ...series] },
          isQuiet ? {} : { warnings: words.map((word) => `metric might not be a counter: "envoy_${word}" (1:5)`) },
        ),
      },
      ...words.map((word) => ({
        ...asked,
        path: `api/v1/label/label_${word}/values`,
        form: [],
        failure: { reason: 'refused' as const, detail: `knows no request_${word}` },
      })),
    ],
  };
};

const ours = JSON.stringify(recordingOf([''], [], 'alert')).toLowerCase();

/** A word that stands nowhere else, and is more than a letter before a known one; with a vowel in it, it is no random end of a pod's name. */
const word = fc
  .stringMatching(/^[a-z]{1,4}[aeiou][a-z0-9]{2,5}$/)
  .filter(
    (text) =>
      !isPlain(text) &&
      ![1, 3, 5].some((from) => isPlain(text.slice(from))) &&
      !ours.includes(text) &&
      !'undefined'.includes(text),
  );
const words = fc.uniqueArray(word, { minLength: 1, maxLength: 4 });
const label = fc.constantFrom(
  'destination_workload',
  'team',
  'pod',
  'instance',
  'severity',
  'reporter',
  'request_protocol',
  'response_flags',
  'status_code',
);
const joined: readonly ((some: readonly string[]) => string)[] = [
  (some) => some.join('-'),
  (some) => some.join('_'),
  (some) => some.map(capital).join(''),
  (some) => `corp\\${some.join('\\')}`,
  (some) => `https://${some.join('.')}.example:8080/`,
  (some) => `spiffe://cluster.local/ns/${some.join('/sa/')}`,
];

/** An alert of a team, and what was asked. */
const asking = (promql: string, team: string) => {
  const recording = recordingOf([], [{ label: 'team', value: team }], 'alert');
  return pseudonymised({
    ...recording,
    exchanges: recording.exchanges.map((exchange) => ({ ...exchange, form: [['query', promql] as const] })),
  });
};

describe('the value of a label', () => {
  it('that is no word of the meshes, of PromQL or of alerting stands nowhere in a recording with pseudonyms', () => {
    fc.assert(
      fc.property(
        words,
        label,
        fc.constantFrom(...joined),
        fc.constantFrom<Place>('alert', 'series'),
        fc.boolean(),
        (some, name, join, place, isQuiet) => {
          // Behind a backslash that is an escape, whose letters are no word.
          fc.pre(!/\\(?:u[0-9a-f]{4}|x[0-9a-f]{2})/.test(join(some)));
          const { recording, remains } = pseudonymised(recordingOf(some, [{ label: name, value: join(some) }], place, isQuiet));
          const text = JSON.stringify(recording).toLowerCase();
          for (const one of some) expect(text).not.toContain(one);
          expect(remains.asWords).toEqual([]);
        },
      ),
      { numRuns: 300 },
    );
  });

  it.each([
    ['istio_acme_payroll:errors:rate5m', 'acme-payroll'],
    ['up{destination_workload="process_payroll"}', 'payroll'],
    ['response_payroll_total', 'Payroll'],
    ['acmepayroll_total', 'AcmePayroll'],
    ['AcmePayroll:rate5m', 'acmepayroll'],
    ['payroll_total', 'corp\\payroll'],
    ['up %facade_total', 'facade'],
  ])('is not kept since it stands in a question: %s', (promql, value) => {
    const { recording } = asking(promql, value);
    expect(JSON.stringify(recording)).not.toMatch(/acme|payroll|facade/i);
  });

  it('keeps what is asked of proxies as it is, though services are called so', () => {
    const promql = 'sum(increase(envoy_http_downstream_rq_overload_close{pod="x"}[60s]))';
    const { recording, kept } = asking(promql, 'overload');
    expect(recording.exchanges[0]?.form).toEqual([['query', promql]]);
    expect(kept).toContain('overload');
  });
});

const byRule = readRecording('test/scenarios/wire/connection-refused-by-its-rule');

/** Rules that nobody asks for stand in the rules API beside the one that fires. */
const withRules = (recording: Recording, word: string): Recording => ({
  ...recording,
  exchanges: recording.exchanges.map((exchange) => {
    if (exchange.path !== 'api/v1/rules' || !('body' in exchange)) return exchange;
    const answer = JSON.parse(exchange.body) as { readonly data: { readonly groups: readonly object[] } };
    const groups = [...answer.data.groups, { name: word, file: word, rules: rulesWith(word) }];
    return { ...exchange, body: JSON.stringify({ ...answer, data: { ...answer.data, groups } }) };
  }),
});

describe('a folder with pseudonyms', () => {
  it('holds no name of a service, though it reads like that of a metric, and rules are called after it', {
    timeout: 120_000,
  }, async () => {
    const text = JSON.stringify(byRule).toLowerCase();
    await fc.assert(
      fc.asyncProperty(word, async (name) => {
        fc.pre(!text.includes(name));
        const named = renamedRecording(byRule, (one) => one.replaceAll(/payments/gi, `process_${name}`));
        const recording = withRules(named, name);
        expect(JSON.stringify(recording)).toContain(`istio_${name}:errors`);
        const made = await withPseudonyms(recording, await replayRecording(recording));
        const folder = [made.recording, ...made.answers.map((answer) => [answer.message, reportJson(answer)])];
        expect(JSON.stringify(folder).toLowerCase()).not.toContain(name);
      }),
      { numRuns: 5 },
    );
  });
});
