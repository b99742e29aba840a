import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import type { Propagation } from '../../../src/domain/trace.ts';
import { tracingJson } from '../../../src/stages/compose/tracing-json.ts';
import { drawn } from '../../support/traces.ts';
import { drawnSlowly, tracingOf } from '../../support/worst-trace.ts';

const root = resolve(import.meta.dirname, '../../..');
const { properties, $defs = {} } = JSON.parse(readFileSync(join(root, 'docs/report.schema.json'), 'utf8'));
const validate = new Ajv2020({ strict: true, allErrors: true }).compile({ ...properties.tracing, $defs });
const wrong = (told: unknown): readonly string[] =>
  validate(told) ? [] : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);

const drawing = `
  checkout.shop {client, error, flag=URX, peer=payments.shop}             [==================]
    payments.shop#1 {server, error, operation=POST}                        [======]
    payments.shop#2 {server, error, operation=POST}                                [======]`;
const propagation: Propagation = {
  ...{ verdict: 'drops', doubt: null, inbound: 58, outbound: 60, both: 3, halves: 41 },
  broken: [{ operation: 'bank/*', traces: 40, of: 41 }],
  headers: ['traceparent', 'tracestate'],
};

describe('what traces tell, for programs', () => {
  it('is as its schema promises, with the worst request and what is usual', () => {
    const { tracing } = tracingJson(
      tracingOf(drawnSlowly(drawing, 10), {
        usual: drawn(drawing),
        propagation: [{ service: 'payments', told: propagation }],
      }),
    );
    expect(wrong(tracing)).toEqual([]);
    expect(tracing?.worst).toMatchObject({ focus: { durationMs: 200 }, usualMs: 20, attempts: 2, comparedWith: 5 });
    expect(tracing?.worst?.criticalPath[0]).toMatchObject({ selfMs: 160, usualMs: 16, usualCalls: 2 });
    expect(tracing?.propagation).toMatchObject([{ service: 'payments', halves: 41, broken: [{ operation: 'bank/*' }] }]);
  });

  it('is as its schema promises where there is no trace', () => {
    const sampling = { from: 'counted', rate: 0.01, low: 0.007, high: 0.014 } as const;
    const expected = { requests: 4000, sampled: 40, sampledLow: 28, sampledHigh: 56, wanted: 30, chance: 0.26 };
    const { tracing } = tracingJson(tracingOf(null, { sampling, expected, isYoung: true, isCut: true }));
    expect(wrong(tracing)).toEqual([]);
    expect(tracing).toMatchObject({ worst: null, mayStillCome: true, mayHoldMore: true, sampling, expected });
  });
});
