import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { vegaRenderer } from '../../../src/adapters/vega/renderer.ts';
import type { Evidence } from '../../../src/domain/evidence.ts';
import type { Report } from '../../../src/domain/report.ts';
import { diagnose } from '../../../src/stages/diagnose/index.ts';
import { column } from '../../../src/stages/draw/column.ts';
import { sizeOf } from '../../support/png.ts';

const charts = await vegaRenderer({ environment: process.env, deadlineMs: 20_000 });
afterAll(charts.close);

const scenario = (name: string): Report => {
  const path = new URL(`../../scenarios/${name}/evidence.json`, import.meta.url);
  const evidence = JSON.parse(readFileSync(path, 'utf8')) as Evidence;
  return { evidence, diagnosis: diagnose(evidence) };
};

describe('the column of four signals', () => {
  it.each(['slow-dependency', 'app-errors', 'connection-refused'])(
    'of %s has each with its axes, one below the other',
    (name) => {
      const spec = column(scenario(name), 'UTC');
      expect(spec?.panels.map(({ xPx }) => xPx)).toEqual([0, 0, 0, 0]);
      const tops = spec?.panels.map(({ yPx, heightPx, padding }) => [yPx, yPx + padding.top + heightPx + padding.bottom]) ?? [];
      for (const [index, [top = 0]] of tops.entries()) expect(top).toBeGreaterThanOrEqual(tops[index - 1]?.[1] ?? 0);
      expect(tops.at(-1)?.[1]).toBeLessThanOrEqual(spec?.heightPx ?? 0);
      for (const { yPx } of spec?.texts ?? []) expect(yPx).toBeLessThan(spec?.heightPx ?? 0);
      expect(
        new Set(spec?.panels.map(({ signals }) => JSON.stringify([signals['x0'], signals['x1'], signals['xLabels']]))),
      ).toHaveProperty('size', 1);
    },
  );

  it('says in words what stands in it, each signal as its title has it', () => {
    const spec = column(scenario('slow-dependency'), 'UTC');
    const titles =
      spec?.texts.filter(({ sizePx, xPx }) => sizePx === 16 && xPx === 14).map(({ text }) => text.split('  ·  ')[0]) ?? [];
    expect(titles).toHaveLength(4);
    for (const title of titles) expect(spec?.altText).toContain(title);
  });

  it('is drawn at its full size', async () => {
    const spec = column(scenario('app-errors'), 'UTC');
    expect(spec).not.toBeNull();
    if (spec === null) return;
    const { png } = await charts.draw(spec);
    expect(sizeOf(png)).toEqual([2 * spec.widthPx, 2 * spec.heightPx]);
  });

  it('is none where no series was read', () => {
    const report = scenario('app-errors');
    expect(column({ ...report, evidence: { ...report.evidence, picture: null } }, 'UTC')).toBeNull();
  });
});
