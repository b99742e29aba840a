import { readFileSync } from 'node:fs';

/** The shipped rules that the lab's Prometheus evaluates. */
export const ruleFiles = ['mesh-rules.yaml', 'overflow-rules.yaml'] as const;

export const shippedText = (file: (typeof ruleFiles)[number]): string =>
  readFileSync(new URL(`../../../manifests/prometheus/${file}`, import.meta.url), 'utf8');

/**
 * A shipped rule file at the pace of the lab, which scrapes every 5 s instead of every 15 s or 30 s: shorter windows and waits, nothing
 * else. What is compared with the past hour stays: the lab has one. Expressions, thresholds and labels are the shipped ones.
 */
export const labRules = (text: string): string =>
  text
    .replaceAll('[5m]', '[30s]')
    .replaceAll(/\[[12]m\]/g, '[20s]')
    .replaceAll(/for: (?:[12]m|30s)/g, 'for: 20s')
    .replaceAll('for: 15s', 'for: 10s')
    .replaceAll(/interval: \w+/g, 'interval: 5s');
