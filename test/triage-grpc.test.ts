import { describe, expect, it } from 'vitest';
import { istio } from '../src/dialects/istio.ts';
import { planStat, readStat } from '../src/stages/measure/stat.ts';
import { engineFor } from './support/engine.ts';
import type { Flow } from './support/seeded-mesh.ts';
import { broken, brokenAtMs, seededTriage } from './support/seeded-triage.ts';

const engine = await engineFor('prometheus');
const grpc = (status: string, flags: string, perSecond: Flow['perSecond']): Flow => ({
  caller: 'checkout',
  callee: 'payments',
  flags,
  perSecond,
  labels: { request_protocol: 'grpc', grpc_response_status: status },
});

describe.skipIf(engine.path === '')(`failures that answer 200, by a real Prometheus${engine.skipped}`, () => {
  it.each([
    ['gRPC UNAVAILABLE', grpc('14', '-', broken(0, 3)), 'grpc-errors'],
    ['cut in mid-response', grpc('0', 'UPE', broken(0, 3)), null],
  ])('%s: figures, picture and impact count them', async (_what, failing, rule) => {
    const { diagnosis, evidence } = await seededTriage(engine.path, { flows: [grpc('0', '-', broken(10, 7)), failing] });
    if (rule !== null) expect(diagnosis.verdict?.rule).toBe(rule);
    expect(diagnosis.verdict?.side).not.toBe('nothing wrong');
    expect(diagnosis.signals.find(({ signal }) => signal === 'errors')).toMatchObject({ moved: true, now: '30 %' });
    expect(diagnosis.impact?.failedPerMinute).toBeCloseTo(180, -1);
    expect(evidence.picture?.ok && evidence.picture.value.errors.failed.at(-1)?.[1]).toBeCloseTo(0.3, 1);
  });

  it('/mesh stat counts them', () => {
    const labels = (more: object) => ({
      reporter: 'source',
      source_workload: 'checkout',
      source_workload_namespace: 'shop',
      destination_service_name: 'payments',
      destination_service_namespace: 'shop',
      response_code: '200',
      response_flags: '-',
      ...more,
    });
    const question = {
      name: { namespace: 'shop', name: 'payments' },
      from: null,
      namespace: null,
      seconds: 300,
      atMs: brokenAtMs,
    };
    expect(planStat(istio, question, 'requests')[0]?.promql).toMatch(/grpc_response_status,response_flags/);
    const [row] = readStat(
      istio,
      null,
      [
        { labels: labels({ grpc_response_status: '0' }), points: [[brokenAtMs, 70]] },
        { labels: labels({ grpc_response_status: '14' }), points: [[brokenAtMs, 20]] },
        { labels: labels({ response_flags: 'UPE' }), points: [[brokenAtMs, 10]] },
      ],
      [],
    );
    expect(row?.counts).toMatchObject({ requests: 100, failed: 30 });
  });
});
