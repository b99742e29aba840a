import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { reportSchema } from '../../.ci/report-schema.ts';
import { open, subjectKey } from '../../src/domain/episode.ts';
import type { Evidence } from '../../src/domain/evidence.ts';
import { titleOf } from '../../src/stages/compose/header.ts';
import { reportJson } from '../../src/stages/compose/json.ts';
import { standingOf } from '../../src/stages/compose/outgoing.ts';
import { root } from '../../src/stages/compose/root.ts';
import { spoken } from '../../src/stages/compose/spoken.ts';
import { diagnose } from '../../src/stages/diagnose/index.ts';
import { hero } from '../../src/stages/draw/hero.ts';
import { alertWith, setting } from '../support/report.ts';

/** The truth of each recording: the rule that must win, where, and whose fault it is. */
const truth: Readonly<Record<string, readonly [rule: string, caller: string, callee: string, side: string]>> = {
  'connection-refused': ['connection-failure', 'checkout', 'payments', 'network/TLS'],
  'connection-refused-from-the-top': ['connection-failure', 'checkout', 'payments', 'network/TLS'],
  'app-errors': ['callee-errors', 'checkout', 'inventory', 'callee application'],
  'app-errors-ambient': ['callee-errors', 'checkout', 'inventory', 'callee application'],
  'app-errors-linkerd': ['callee-errors', 'checkout', 'inventory', 'callee application'],
  'bad-version': ['one-version-bad', 'checkout', 'payments', 'callee application'],
  'bad-version-young-from-the-top': ['one-version-bad', 'checkout', 'payments', 'callee application'],
  'slow-dependency-linkerd': ['slow-dependency', 'payments', 'bank', "callee's dependency"],
  'slow-dependency': ['slow-dependency', 'payments', 'bank', "callee's dependency"],
  'slow-callee': ['slow-callee', 'frontend', 'search', 'callee application'],
  'slow-callee-with-objectives': ['slow-callee', 'frontend', 'search', 'callee application'],
  timeout: ['upstream-timeout', 'inventory', 'warehouse', 'callee application'],
  'timeout-from-the-top': ['upstream-timeout', 'inventory', 'warehouse', 'callee application'],
  'no-endpoints': ['no-healthy-upstream', 'checkout', 'shipping', 'callee application'],
  'circuit-breaker': ['circuit-breaker', 'frontend', 'catalog', "caller's proxy"],
  'no-route': ['no-route', 'frontend', 'cart', "caller's proxy"],
  'tls-mismatch': ['mtls-failure', 'payments', 'fraud', 'network/TLS'],
  'app-down': ['connection-failure', 'checkout', 'currency', 'callee application'],
  healthy: ['healthy', 'checkout', 'payments', 'nothing wrong'],
};

const here = 'test/scenarios';
const names = readdirSync(here, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && existsSync(join(here, entry.name, 'evidence.json')))
  .map(({ name }) => name);
const evidenceOf = (name: string): Evidence => JSON.parse(readFileSync(join(here, name, 'evidence.json'), 'utf8')) as Evidence;

/** Compares with the recorded file; GOLDEN=1 writes it anew. */
const golden = (name: string, file: string, value: unknown): void => {
  const path = join(here, name, file);
  const text = `${JSON.stringify(value, null, 2)}\n`;
  if (process.env['GOLDEN'] === '1') writeFileSync(path, text);
  expect(text).toBe(existsSync(path) ? readFileSync(path, 'utf8') : '(not recorded: run with GOLDEN=1)');
};

const messageOf = (evidence: Evidence) => {
  const report = { evidence, diagnosis: diagnose(evidence) };
  const [lead = alertWith()] = evidence.alerts;
  const incident = open(
    {
      id: 'i',
      workspace: 'T1',
      cluster: evidence.cluster,
      key: subjectKey(evidence.subject, lead, ''),
      subject: evidence.subject,
      title: titleOf(report),
      channel: '#oncall',
    },
    lead,
    evidence.alerts,
    evidence.atMs,
  );
  return { report, message: root(report, setting, standingOf(incident)) };
};

describe('recorded incidents, replayed', () => {
  it('are all there', () => {
    expect([...names].sort()).toEqual(Object.keys(truth).sort());
  });

  it.each(names)('%s: the verdict names rule, edge and side', (name) => {
    const { verdict } = diagnose(evidenceOf(name));
    expect([verdict?.rule, verdict?.at.source.workload, verdict?.at.destination.service, verdict?.side]).toEqual(truth[name]);
  });

  it.each(names)('%s: costs at most 14 calls for an edge and one hop, and one more a further hop', (name) => {
    const { queries, path } = evidenceOf(name);
    const calls = queries.filter(({ budget }) => budget === 'edge').length;
    expect(calls).toBeGreaterThan(0);
    expect(calls).toBeLessThanOrEqual(14 + Math.max(0, path.length - 2));
  });

  it.each(names)('%s: report and Slack message are as recorded, byte for byte, twice', (name) => {
    const { report, message } = messageOf(evidenceOf(name));
    golden(name, 'report.json', reportJson(report));
    golden(name, 'slack.json', message);
    expect(JSON.stringify(messageOf(evidenceOf(name)).message)).toBe(JSON.stringify(message));
  });

  it('slow-callee-with-objectives: says what the slowness costs, and nothing of a budget that lasts', () => {
    const budgetIn = (name: string): readonly string[] =>
      spoken(messageOf(evidenceOf(name)).message)
        .split('\n')
        .filter((line) => line.startsWith('Budget:'));
    expect(budgetIn('slow-callee')).toEqual([]);
    expect(budgetIn('slow-callee-with-objectives')).toEqual([
      'Budget: costs 29 % of the 30-day budget of search-latency an hour · 38 % left at 07:00, gone in 1 h 13 min at this pace',
      'Budget: costs 2.3 % of the 30-day budget of frontend-search-latency an hour · 90 % left at 07:00, gone in 1 d 14 h at this pace',
    ]);
  });

  it.each(names.filter((name) => evidenceOf(name).mesh === 'linkerd'))(
    '%s: nothing is said of response flags, which Linkerd does not print, nor are any ruled out',
    (name) => {
      const { report, message } = messageOf(evidenceOf(name));
      expect(JSON.stringify([message, report.diagnosis])).not.toMatch(/response flag|without a flag|\b(UT|UO|UH|UF|NR)\b|Istio/);
    },
  );

  it.each(names.filter((name) => evidenceOf(name).mesh === 'ambient'))(
    '%s: a waypoint counted, not a proxy of the caller',
    (name) => {
      const { message } = messageOf(evidenceOf(name));
      expect(JSON.stringify(message)).toMatch(/counted by waypoints/);
      expect(JSON.stringify(message)).not.toMatch(/caller's prox|the proxy of checkout/);
    },
  );

  it.each(names)('%s: the figure beside a moved latency is that of the two p99 beside it', (name) => {
    const line = diagnose(evidenceOf(name)).signals.find(({ signal }) => signal === 'latency');
    const shown = /^(?:≥ )?([\d.]+)×$/.exec(line?.change ?? '')?.[1];
    if (shown === undefined) expect(line?.moved === true && line.usual !== null && line.now.startsWith('p99')).toBe(false);
    else expect(Number(shown) / ((line?.value ?? 0) / (line?.usualValue ?? 1))).toBeCloseTo(1, 1);
  });

  it.each(names)('%s: the report keeps to its published schema', (name) => {
    expect(reportSchema.safeParse(reportJson(messageOf(evidenceOf(name)).report)).error?.issues ?? []).toEqual([]);
  });

  it.each(names)('%s: one triage keeps to its budget of calls', (name) => {
    const { queries, path } = evidenceOf(name);
    expect(queries.filter(({ budget }) => budget === 'edge').length).toBeLessThanOrEqual(14 + Math.max(0, path.length - 2));
  });

  it.each(names)('%s: the picture holds finite numbers only', (name) => {
    const spec = hero(messageOf(evidenceOf(name)).report, 'UTC');
    expect(spec).not.toBeNull();
    expect(JSON.stringify(spec)).not.toMatch(/NaN|Infinity/);
  });
});
