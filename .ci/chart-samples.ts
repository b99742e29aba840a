/**
 * Puts sample data into templates/charts, so that each opens in the Vega editor (vega.github.io/editor) as it is: the panels of recorded
 * incidents, and of a made-up budget. The renderer empties them before it draws. `node .ci/chart-samples.ts`
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Evidence } from '../src/domain/evidence.ts';
import type { PanelSpec } from '../src/domain/message.ts';
import { diagnose } from '../src/stages/diagnose/index.ts';
import { hero } from '../src/stages/draw/hero.ts';
import { sampleBudgets } from '../test/support/digest-sample.ts';

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

const budgetPanel = (): PanelSpec => {
  const panel = sampleBudgets()?.panels[0];
  if (!panel) throw new Error('the sample of a digest draws no budget');
  return panel;
};

const rounded = (_key: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isInteger(value) ? Number(value > 1e6 ? value.toFixed(0) : value.toPrecision(4)) : value;

const panels = [...Object.entries(samples).map(([template, scenario]) => panelOf(template, scenario)), budgetPanel()];

for (const { template, widthPx, heightPx, padding, signals, data } of panels) {
  const path = join('templates/charts', `${template}.vl.json`);
  const spec = JSON.parse(readFileSync(path, 'utf8')) as { params: readonly { readonly name: string }[]; datasets: object };
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
