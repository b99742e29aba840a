import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPayload } from '../../../src/adapters/alertmanager/payload.ts';
import type { Alert } from '../../../src/domain/alert.ts';
import { locate } from '../../../src/locate.ts';
import { run } from '../../cli/run.ts';
import { fixtures, type Lab, missingFixtures, openLab, type Pair, pairOf } from './lab.ts';
import { worlds } from './worlds.ts';

type Expected = { readonly alertname: string; readonly fixture_id: string; readonly expected_edges: readonly Pair[] };
type Body = { readonly file: string; readonly alerts: readonly Alert[] };

const folder = `${fixtures}/alerts/payloads/captured`;
const expected: Readonly<Record<string, Expected>> =
  missingFixtures === null ? JSON.parse(readFileSync(join(folder, 'EXPECTED_EDGES.json'), 'utf8')) : {};

const bodies: readonly Body[] = (missingFixtures === null ? readdirSync(folder) : [])
  .filter((name) => /^\d+\.json$/.test(name))
  .sort()
  .map((name) => {
    const read = readPayload(readFileSync(join(folder, name), 'utf8'));
    if (!read.ok) throw new Error(`${name} cannot be read`);
    return { file: join(folder, name), alerts: read.group.alerts.filter(({ fingerprint }) => fingerprint in expected) };
  });

/** `bank-api.bank.example` and `bank-api`, `payments` and its Deployment `payments-v1` are one. */
const canonical = (name: string): string => name.replace(/-v1$/, '').split('.')[0] ?? name;

/** One line an alert; what begins with MISS is not as expected. */
const lineFor = ({ fingerprint }: Alert, pair: Pair | null, how: string): string => {
  const { alertname, fixture_id, expected_edges } = expected[fingerprint] ?? {
    alertname: '',
    fixture_id: '',
    expected_edges: [],
  };
  const named = pair?.map(canonical).join(' → ') ?? 'none';
  const wanted = expected_edges.length === 0 ? ['none'] : expected_edges.map((ends) => ends.map(canonical).join(' → '));
  const isRight = wanted.includes(named);
  return `${isRight ? 'ok  ' : 'MISS'} ${fingerprint} ${alertname} (${fixture_id}): ${named}, ${how}${isRight ? '' : `; expected ${wanted}`}`;
};

const startOf = (alerts: readonly Alert[]): number => Math.max(...alerts.map(({ startsAtMs }) => startsAtMs));

type End = { readonly service: string | null; readonly workload: string | null };
type Report = {
  readonly alerts: readonly { readonly fingerprint: string }[];
  readonly edge: { readonly source: End; readonly destination: End } | null;
};

describe.skipIf(missingFixtures !== null)(
  `the captured webhooks on a mesh that reproduces their incident${missingFixtures === null ? '' : `: ${missingFixtures}`}`,
  () => {
    let lab: Lab;
    beforeAll(async () => {
      lab = await openLab(worlds.captured);
    }, 60_000);
    afterAll(() => lab?.stop());

    const check = (lines: readonly string[]): void => {
      const misses = lines.filter((line) => line.startsWith('MISS'));
      process.stdout.write(`${lines.join('\n')}\ncaptured webhooks: ${lines.length - misses.length} of ${lines.length} right\n`);
      expect(misses).toEqual([]);
      expect(lines.length).toBeGreaterThan(20);
    };

    it('names the edge that each alert is about, or none where there is none', async () => {
      const lines: string[] = [];
      for (const alert of bodies.flatMap(({ alerts }) => alerts)) {
        const found = await locate(lab.cluster, alert, alert.startsAtMs + 60_000);
        lines.push(lineFor(alert, pairOf(found), `${found.subject.kind} by ${found.located.way}`));
        expect(found.gaps).toEqual([]);
      }
      check(lines);
    }, 120_000);

    it('names them through the command line too, with PROMETHEUS_URL alone', async () => {
      const lines: string[] = [];
      for (const { file, alerts } of bodies) {
        const at = new Date(startOf(alerts) + 60_000).toISOString();
        const { status, out, err } = await run(['triage', file, '--json', '--at', at], { PROMETHEUS_URL: lab.url });
        if (status !== 0) throw new Error(`${file}: ${status} ${err}`);
        const printed = JSON.parse(out) as Report | readonly Report[];
        const reports: readonly Report[] = 'alerts' in printed ? [printed] : printed;
        for (const alert of alerts) {
          const report = reports.find(({ alerts: own }) => own.some(({ fingerprint }) => fingerprint === alert.fingerprint));
          const nameOf = ({ service, workload }: End): string => service ?? workload ?? 'unknown';
          const pair: Pair | null = report?.edge ? [nameOf(report.edge.source), nameOf(report.edge.destination)] : null;
          lines.push(lineFor(alert, pair, 'printed'));
        }
      }
      check(lines);
    }, 240_000);
  },
);
