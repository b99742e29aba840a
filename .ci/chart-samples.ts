/**
 * Puts sample data into templates/charts, so that each opens in the Vega editor (vega.github.io/editor) as it is: the panels of recorded
 * incidents. The renderer empties them before it draws. `node .ci/chart-samples.ts`
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Evidence } from '../src/domain/evidence.ts';
import type { PanelSpec } from '../src/domain/message.ts';
import { diagnose } from '../src/stages/diagnose/index.ts';
import { hero } from '../src/stages/draw/hero.ts';

/** Template → the recorded incident whose panel shows most of it. */
const samples = {
  errors: 'connection-refused',
  latency: 'slow-callee',
  traffic: 'connection-refused',
  saturation: 'circuit-breaker',
};

const panelOf = (template: string, scenario: string): PanelSpec => {
  const evidence = JSON.parse(readFileSync(join('test/scenarios', scenario, 'evidence.json'), 'utf8')) as Evidence;
  const panel = hero({ evidence, diagnosis: diagnose(evidence) }, 'UTC')?.panels.find((one) => one.template === template);
  if (!panel) throw new Error(`${scenario} draws no ${template}`);
  return panel;
};

const rounded = (_key: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value;

for (const [template, scenario] of Object.entries(samples)) {
  const path = join('templates/charts', `${template}.vl.json`);
  const spec = JSON.parse(readFileSync(path, 'utf8')) as { params: readonly { readonly name: string }[]; datasets: object };
  const { widthPx, heightPx, padding, signals, data } = panelOf(template, scenario);
  const filled = {
    ...spec,
    width: widthPx,
    height: heightPx,
    padding,
    params: spec.params.map((param) => ({ ...param, ...(param.name in signals ? { value: signals[param.name] } : {}) })),
    datasets: { ...spec.datasets, ...data },
  };
  writeFileSync(path, `${JSON.stringify(filled, rounded, 1)}\n`);
}
