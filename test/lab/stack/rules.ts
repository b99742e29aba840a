import { readFileSync } from 'node:fs';

/** The shipped rules that the lab's Prometheus evaluates. */
export const ruleFiles = ['mesh-rules.yaml', 'overflow-rules.yaml'] as const;

export const shippedText = (file: (typeof ruleFiles)[number]): string =>
  readFileSync(new URL(`../../../manifests/prometheus/${file}`, import.meta.url), 'utf8');

/**
 * A shipped rule file at the pace of the lab, which scrapes every 5 s instead of every 15 s or 30 s: shorter windows and waits, nothing
 * else. Expressions, thresholds and labels are the shipped ones, and what is compared with the past hour stays: the lab has one. Waits of
 * half a minute stay too, so that the bot is called when the fault is about as old as it would be; so does the wait for traffic that vanished,
 * which must be older than the bot's shortest window.
 */
export const labRules = (text: string): string =>
  text
    .replaceAll('[5m]', '[30s]')
    .replaceAll(/\[[12]m\]/g, '[20s]')
    .replaceAll(/for: [12]m/g, 'for: 40s')
    .replaceAll(/interval: \w+/g, 'interval: 5s');
