import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ambient } from '../../src/dialects/ambient.ts';
import { istio } from '../../src/dialects/istio.ts';
import { hiddenOf, hiddenParts } from '../../src/doctor/hidden.ts';

const suffixesOf = (advice: string | null | undefined): readonly string[] =>
  advice?.match(/inclusionSuffixes: ([^)]*)\)/)?.[1]?.split(', ') ?? [];

describe.each([istio, ambient])('statistics that are hidden in a mesh of $name', (dialect) => {
  const manifest = readFileSync('manifests/istio/proxy-stats-matcher.yaml', 'utf8');

  it('are named with the suffix of the manifest that shows each, once', () => {
    const [found] = hiddenOf('prod', dialect, new Map());
    const suffixes = suffixesOf(found?.advice);
    expect(suffixes.length).toBeGreaterThan(15);
    expect(new Set(suffixes).size).toBe(suffixes.length);
    expect(suffixes.filter((suffix) => !manifest.includes(`          - ${suffix}\n`))).toEqual([]);
  });

  it('are none where each is there', () => {
    const shown = new Map(hiddenParts(dialect).map(([name]) => [name, 1]));
    expect(hiddenOf('prod', dialect, shown)).toMatchObject([{ mark: 'ok' }]);
  });
});

it("what the callee's own proxy counts is missed too", () => {
  const shown = new Map(hiddenParts(istio).map(([name]) => [name, name.startsWith('listener_') ? 0 : 1]));
  const [found] = hiddenOf('prod', istio, shown);
  expect(found?.text).toContain('envoy_listener_ssl_connection_error');
  expect(suffixesOf(found?.advice)).toContain('ssl.connection_error');
});

it('TLS is not asked of waypoints', () => {
  expect(hiddenParts(ambient).filter(([name]) => name.includes('ssl_'))).toEqual([]);
});
