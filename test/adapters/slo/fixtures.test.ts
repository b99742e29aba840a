import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { parsePromql } from '../../../src/domain/promql/tree.ts';
import { type Sli, windowMark } from '../../../src/domain/slo.ts';
import { readText, refusalsOf } from './read.ts';

const root = join(process.env['EDGEWISE_FIXTURES'] ?? '', 'slo');
const has = process.env['EDGEWISE_FIXTURES'] !== undefined && existsSync(root);
const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const files = has
  ? readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.ya?ml$/.test(file))
      .sort()
  : [];

/** A valid expression without what its writer is free in: spaces, and the case of operators. */
const tokensOf = (promql: string): string => {
  const { root: top, text, isValid } = parsePromql(promql);
  expect(isValid, promql).toBe(true);
  return text.slice(top.from, top.to).replace(/\s+/g, '').toLowerCase();
};

const errorRatioOf = (sli: Sli): string => {
  if (sli.kind === 'ratio-query') return `(${sli.errorRatio})`;
  if (sli.kind !== 'queries') throw new Error('no PromQL');
  const ratio = `(${sli.counted})/(${sli.total})`;
  return sli.counts === 'bad' ? ratio : `1-(${ratio})`;
};

type Rule = { readonly record?: string; readonly expr: string; readonly labels?: { readonly sloth_id?: string } };

/** What Sloth records of five minutes, by its id. */
const recordedIn = (file: string): ReadonlyMap<string, string> =>
  new Map(
    parseAllDocuments(read(file))
      .flatMap((document) => {
        const value = document.toJS() as {
          groups?: readonly { rules: readonly Rule[] }[];
          spec?: { groups: readonly { rules: readonly Rule[] }[] };
        };
        return (value.groups ?? value.spec?.groups ?? []).flatMap(({ rules }) => rules);
      })
      .filter(({ record }) => record === 'slo:sli_error:ratio_rate5m')
      .map(({ labels, expr }) => [labels?.sloth_id ?? '', expr]),
  );

describe.runIf(has)('files of other tools', () => {
  it.each(files)('%s is understood, or refused by name', (file) => {
    const { slos, refused, notices } = readText(read(file));
    const isOnlyIndicators = file.endsWith('slis.yaml');
    expect(slos.length + refused.length + notices.length > 0).toBe(!isOnlyIndicators);
    for (const { field, expected } of refused) expect(`${field} ${expected}`).toMatch(/^\S.*\S$/);
  });

  it.each([
    'getting-started.yml',
    'k8s-getting-started.yml',
    'home-wifi.yml',
    'raw-home-wifi.yml',
    'kubernetes-apiserver.yml',
    'multifile.yml',
    'no-alerts.yml',
    'openslo-getting-started.yml',
    'openslo-kubernetes-apiserver.yml',
  ])('%s asks over five minutes what Sloth records of it', (file) => {
    const recorded = recordedIn(join('sloth/expected', file));
    const { slos, refused } = readText(read(join('sloth/spec', file)));
    expect(refused).toEqual([]);
    expect(slos.map(({ name }) => name).sort()).toEqual([...recorded.keys()].sort());
    const bare = (text: string): string => tokensOf(text).replace(/[()]/g, '');
    for (const { name, sli } of slos)
      expect(bare(errorRatioOf(sli).replaceAll(windowMark, '5m'))).toBe(bare(recorded.get(name) ?? ''));
  });

  it.each([
    [
      'pyrra/spec/parca-grpc-queryrange-errors.yaml',
      { objectivePpm: 990_000, owner: 'parca', window: { kind: 'rolling', days: 14 } },
    ],
    ['pyrra/spec/thanos-grpc.yaml', { objectivePpm: 995_000, window: { kind: 'rolling', days: 7 } }],
    ['pyrra/spec/slo-coredns-response-errors.yaml', { name: 'coredns-response-errors', objectivePpm: 999_900 }],
    ['pyrra/spec/caddy-response-latency.yaml', { sli: { counts: 'good', per: 'second' }, window: { kind: 'rolling', days: 28 } }],
    ['openslo/osko/openslo_v1_slo.yaml', { owner: 'infra', objectivePpm: 990_000, sli: { counts: 'good' } }],
    ['openslo/osko/slo_gatekeeper.yaml', { about: { kind: 'named', service: 'gatekeeper' }, owner: null }],
  ])('%s has the objective, window and owner that it says', (file, expected) => {
    expect(readText(read(file)).slos).toMatchObject([expected]);
  });

  it.each([
    ['pyrra/spec/pyrra-connect-latency.yaml', 'spec.indicator.latencyNative.grouping: "service, method", expected no grouping'],
    ['sloth/spec/victoria-metrics.yml', 'sli.events.error_query: "1 - histogram_share'],
    ['sloth/spec/contrib-denominator-corrected.yaml', 'expected no corrected denominator'],
    ['sloth-common-istio/istio-v1-latency.yml', 'sli.plugin.options.filter'],
    ['openslo/go-sdk-v1/slos.yaml', 'spec.budgetingMethod: "Timeslices"'],
    ['openslo/spec-examples/budgeting-method-ratio-timeslices.yaml', 'spec.budgetingMethod: "RatioTimeslices"'],
    ['openslo/go-sdk-decode/v2alpha_slos.yaml', 'apiVersion: "openslo.com/v2alpha"'],
    ['openslo/nobl9/v1_slos.input.yaml', 'SLI annotator-throughput: spec.thresholdMetric'],
    ['google-slo-generator/slo_gke_app_availability_basic.yaml', 'apiVersion: "sre.google.com/v2 ServiceLevelObjective"'],
  ])('%s is refused for what it asks', (file, words) => {
    expect(refusalsOf(readText(read(file))).join('\n')).toContain(words);
  });
});
