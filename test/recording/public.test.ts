import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readPayload } from '../../src/adapters/alertmanager/payload.ts';
import type { HttpSource } from '../../src/adapters/http/client.ts';
import { withPseudonyms } from '../../src/commands/pseudonyms.ts';
import { parsePromql } from '../../src/domain/promql/tree.ts';
import { tellJson } from '../../src/recording/pseudonyms/collect.ts';
import { dictionaryFrom, renamer } from '../../src/recording/pseudonyms/dictionary.ts';
import { recordRun } from '../../src/replay.ts';
import { expressionOf } from '../../src/stages/locate/expression.ts';
import { shapeOf } from '../../src/stages/locate/shape.ts';
import { nowMs } from '../support/report.ts';

const fixtures = process.env['EDGEWISE_FIXTURES'];
const json = (file: string): unknown => JSON.parse(readFileSync(join(fixtures ?? '', 'alerts', file), 'utf8'));

type PublicRule = { readonly alert: string; readonly expr: string; readonly labels?: object; readonly annotations?: object };

const answering = (name: string, body: string): HttpSource => ({
  name,
  request: async () => ({ status: 200, headers: {}, text: body }),
  close: async () => undefined,
});

describe.skipIf(!fixtures)(
  `pseudonyms of public rules and alerts${fixtures ? '' : ' (skipped: EDGEWISE_FIXTURES is not set)'}`,
  () => {
    const rules = fixtures ? (json('rules.normalized.json') as readonly PublicRule[]) : [];
    const listed = {
      status: 'success',
      data: {
        groups: [
          {
            rules: rules.map(({ alert, expr, labels = {}, annotations = {} }) => ({
              type: 'alerting',
              name: alert,
              query: expr,
              labels,
              annotations,
            })),
          },
        ],
      },
    };

    it('keep what a rule is', () => {
      const rename = renamer(dictionaryFrom((tell) => tellJson(listed, tell)));
      const seen = (text: string) => {
        const shape = shapeOf(text);
        return [parsePromql(text).isValid, shape?.family, shape?.isLowTraffic, shape?.isAbsent, shape?.comparisons.length];
      };
      expect(rules.length).toBeGreaterThan(50);
      for (const { expr } of rules) expect(seen(rename(expr)), rename(expr)).toEqual(seen(expr));
    });

    it('reach the expression in every spelling of an address', () => {
      const addresses = json('generator_urls.json') as readonly { readonly generatorURL: string }[];
      for (const { generatorURL } of addresses) {
        const rename = renamer(dictionaryFrom((tell) => tell(generatorURL, 'words')));
        const expression = expressionOf(generatorURL);
        expect(expressionOf(rename(generatorURL))).toBe(expression === null ? null : rename(expression));
      }
    });

    it('let a triage of every captured body ask the same again', { timeout: 60_000 }, async () => {
      const nothing = '{"status":"success","data":{"resultType":"vector","result":[]}}';
      const http = {
        metrics: answering('Prometheus', nothing),
        rules: answering('Alert rules', JSON.stringify(listed)),
        traces: null,
      };
      const bodies = readdirSync(join(fixtures ?? '', 'alerts/payloads/captured'))
        .filter((file) => /^\d+\.json$/.test(file))
        .map((file) => json(`payloads/captured/${file}`) as { readonly body?: unknown })
        .map((captured) => captured.body ?? captured)
        .filter((body) => readPayload(JSON.stringify(body)).ok);
      expect(bodies.length).toBeGreaterThan(5);
      for (const body of bodies) {
        const { recording, answers } = await recordRun({ delivery: body }, { name: 'prod', mesh: 'istio' }, http, nowMs);
        await expect(withPseudonyms(recording, answers)).resolves.toBeDefined();
      }
    });
  },
);
