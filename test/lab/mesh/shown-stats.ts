import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { JsonObject } from './envoy/json.ts';

type Manifest = {
  readonly spec: {
    readonly meshConfig: {
      readonly defaultConfig: { readonly proxyStatsMatcher: { readonly inclusionSuffixes: readonly string[] } };
    };
  };
};

/** What Istio's proxies show by themselves (istio/istio, envoy_bootstrap.json). */
const byDefault: readonly JsonObject[] = [
  { prefix: 'cluster_manager' },
  { prefix: 'listener_manager' },
  { prefix: 'server' },
  { suffix: 'rbac.allowed' },
  { suffix: 'rbac.denied' },
];

/** Istio's own list and what our manifest adds to it: whoever follows the manifest sees exactly this. */
export const shownStats = (): readonly JsonObject[] => {
  const text = readFileSync(new URL('../../../manifests/istio/proxy-stats-matcher.yaml', import.meta.url), 'utf8');
  const { inclusionSuffixes } = (parse(text) as Manifest).spec.meshConfig.defaultConfig.proxyStatsMatcher;
  return [...byDefault, ...inclusionSuffixes.map((suffix) => ({ suffix }))];
};
