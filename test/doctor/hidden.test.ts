import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { hiddenOf, hiddenParts } from '../../src/doctor/hidden.ts';

it('names for every counter that is not there the suffix of the manifest that shows it', () => {
  const [found] = hiddenOf('prod', new Map());
  const suffixes = found?.advice?.match(/inclusionSuffixes: ([^)]*)\)/)?.[1]?.split(', ') ?? [];
  const manifest = readFileSync('manifests/istio/proxy-stats-matcher.yaml', 'utf8');
  expect(suffixes.length).toBe(hiddenParts.length);
  expect(suffixes.filter((suffix) => !manifest.includes(`          - ${suffix}\n`))).toEqual([]);
  expect(hiddenOf('prod', new Map(hiddenParts.map(([name]) => [name, 1])))).toMatchObject([{ mark: 'ok' }]);
});
