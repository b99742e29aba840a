import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readTraces } from '../../../../src/adapters/traces/wire.ts';
import type { Trace } from '../../../../src/domain/trace.ts';
import { traceSentence } from '../../../../src/domain/trace-sentence.ts';
import { waterfallRows } from '../../../../src/stages/draw/waterfall/rows.ts';
import { treeOf } from '../../../../src/stages/draw/waterfall/tree.ts';
import { analyse } from '../../../../src/stages/follow/analyse.ts';
import { orderTrace } from '../../../../src/stages/follow/order.ts';
import { partLabels } from '../../../../src/stages/follow/words.ts';
import { samples } from '../../../support/waterfall-traces.ts';
import { toldAgain } from '../../follow/spans.ts';

/** What the picture outlines, and what the sentence names. */
const both = (trace: Trace) => {
  const analysis = analyse(trace, null, []);
  if (analysis === null) throw new Error('no focus');
  const { rows } = waterfallRows(treeOf(trace, analysis), analysis.culprit?.spans ?? []);
  const outlined = rows.filter(({ isCulprit }) => isCulprit);
  return { analysis, outlined, sentence: traceSentence(trace, analysis, null) };
};

/** The outlined spans are those whose time the culprit is, and the sentence says its figure. */
const agree = (trace: Trace): boolean => {
  const { analysis, outlined, sentence } = both(trace);
  const { culprit, sections } = analysis;
  if (culprit === null) {
    expect(outlined).toEqual([]);
    return false;
  }
  const spans = new Set(culprit.spans);
  const onPath = sections.filter(({ span }) => spans.has(span));
  expect(onPath.reduce((sum, { fromMicros, toMicros }) => sum + toMicros - fromMicros, 0)).toBe(culprit.selfMicros);
  const [first = -1] = culprit.spans;
  expect(outlined.some((row) => row.spans.includes(first))).toBe(true);
  for (const row of outlined) expect(row.spans.some((span) => spans.has(span))).toBe(true);
  const whose = partLabels(trace, null)(culprit).whose.split(/ → | waits for /);
  if (sentence.includes(' of it is ')) expect(sentence).toContain(whose[0]);
  return true;
};

describe('the culprit of a picture', () => {
  it.each(Object.keys(samples).filter((name) => name !== 'hostile'))('is the one that the sentence names: %s', (name) => {
    const sample = samples[name]?.();
    if (sample !== undefined) agree(orderTrace(toldAgain(sample.trace)));
  });

  it('of the way between two is the call, under the caller that the time is counted to', () => {
    const sample = samples['onTheWay']?.();
    const { analysis, outlined, sentence } = both(orderTrace(toldAgain(sample?.trace as Trace)));
    expect(analysis.culprit).toMatchObject({ service: 'gateway', time: 'between', way: ['gateway', 'aggregator'] });
    expect(outlined.map(({ name }) => name)).toEqual([{ service: 'aggregator', operation: 'GET /home' }]);
    expect(sentence).toContain('is between gateway and aggregator');
  });

  it('of a call that nobody answers is the call, under the name of whom it waits for', () => {
    const sample = samples['slowDatabase']?.();
    const { outlined, sentence } = both(orderTrace(toldAgain(sample?.trace as Trace)));
    expect(outlined.map(({ name }) => name.service)).toEqual(['→ mongodb']);
    expect(sentence).toContain('ratings waiting for mongodb');
  });
});

const fixtures = process.env['EDGEWISE_FIXTURES'];
const isThere = fixtures !== undefined && existsSync(join(fixtures, 'traces/tempo'));

describe.skipIf(!isThere)(`the culprit in public traces (${isThere ? '' : 'skipped: '}EDGEWISE_FIXTURES/traces)`, () => {
  it.each([
    ['zipkin/istio-bookinfo-10-traces.json', 3],
    ['tempo/holmesgpt-nodejs-v1.json', 1],
    ['tempo/kiali-istio-bookinfo-v1.json', 1],
    ['jaeger/jaeger-ui-spanLongerAsParent.json', 1],
    ['zipkin/ascend.json', 0],
  ])('is the one that the sentence names: %s', (file, least) => {
    const traces = readTraces(readFileSync(join(fixtures ?? '', 'traces', file), 'utf8')).map(orderTrace);
    expect(traces.filter(agree).length).toBeGreaterThanOrEqual(least);
  });
});
