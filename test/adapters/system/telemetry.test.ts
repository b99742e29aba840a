import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { promTelemetry } from '../../../src/adapters/system/telemetry.ts';
import { engineFor } from '../../support/engine.ts';

const busy = async () => {
  const telemetry = promTelemetry();
  telemetry.delivery('accepted', 1_000_000);
  telemetry.delivery('malformed', 2_000_000);
  telemetry.deliveryBytes(1234);
  telemetry.deadMan('Watchdog', 'blue', 3_000_000);
  telemetry.told('text', 1.2);
  telemetry.told('picture', 3.1);
  telemetry.gap('Prometheus', 'timeout');
  telemetry.slackCall('chat.postMessage', 'ok');
  telemetry.slackWait(0.5);
  telemetry.digest('told');
  telemetry.promqlCall('Prometheus', 1500, 0.02, 'ok');
  telemetry.promqlCall('Prometheus', null, 1.8, 'failed');
  telemetry.traceQuestion('Tempo', 0.4, 'ok');
  telemetry.queue({ count: 2, oldestSeconds: 7 });
  telemetry.outbox({ count: 3, oldestSeconds: 9 });
  telemetry.openIncidents(4);
  telemetry.ready(true);
  return telemetry.exposition();
};

describe('what Edgewise tells Prometheus about itself', () => {
  it('is counted and measured in base units', async () => {
    const text = await busy();
    for (const line of [
      'edgewise_deliveries_total{result="accepted"} 1',
      'edgewise_deliveries_total{result="malformed"} 1',
      'edgewise_delivery_bytes_total 1234',
      'edgewise_last_delivery_timestamp_seconds 1000',
      'edgewise_dead_man_last_seen_timestamp_seconds{alertname="Watchdog",cluster="blue"} 3000',
      'edgewise_receipt_to_message_seconds_bucket{le="1.5",what="text"} 1',
      'edgewise_receipt_to_message_seconds_sum{what="picture"} 3.1',
      'edgewise_gaps_total{source="Prometheus",reason="timeout"} 1',
      'edgewise_slack_calls_total{method="chat.postMessage",result="ok"} 1',
      'edgewise_slack_wait_seconds_total 0.5',
      'edgewise_digests_total{result="told"} 1',
      'edgewise_digests_total{result="late"} 0',
      'edgewise_promql_calls_total{source="Prometheus",result="failed"} 1',
      'edgewise_promql_samples_total{source="Prometheus"} 1500',
      'edgewise_promql_seconds_count{source="Prometheus"} 2',
      'edgewise_trace_questions_total{source="Tempo",result="ok"} 1',
      'edgewise_trace_seconds_sum{source="Tempo"} 0.4',
      'edgewise_queue_deliveries 2',
      'edgewise_queue_oldest_seconds 7',
      'edgewise_outbox_messages 3',
      'edgewise_outbox_oldest_seconds 9',
      'edgewise_open_incidents 4',
      'edgewise_ready 1',
    ])
      expect(text.split('\n')).toContain(line);
    expect(text).toMatch(/^edgewise_process_resident_memory_bytes \d/m);
  });

  it('begins the silence since the last delivery with the start', async () => {
    const text = await promTelemetry().exposition();
    const started = Number(/^edgewise_last_delivery_timestamp_seconds (\S+)$/m.exec(text)?.[1]);
    expect(Math.abs(started * 1000 - Date.now())).toBeLessThan(60_000);
  });

  it('has a bounded number of series, whatever alerts are called', async () => {
    const telemetry = promTelemetry();
    for (let index = 0; index < 500; index += 1) {
      telemetry.deadMan(`Watchdog${index}`, `cluster${index}`, 1000);
      telemetry.gap(`source${index}`, 'timeout');
      telemetry.slackCall(`method${index}`, 'ok');
    }
    const text = await telemetry.exposition();
    expect(text.match(/^edgewise_dead_man_last_seen_timestamp_seconds\{/gm)?.length).toBeLessThanOrEqual(51);
    expect(text.match(/^edgewise_gaps_total\{/gm)?.length).toBe(51);
    expect(text.match(/^edgewise_slack_calls_total\{/gm)?.length).toBe(41);
    expect(text).toContain('alertname="other"');
  });

  it('is not shared between two bots of one process', async () => {
    const [first, second] = [promTelemetry(), promTelemetry()];
    first.openIncidents(7);
    expect(await second.exposition()).toMatch(/^edgewise_open_incidents 0$/m);
  });
});

const promtool = await engineFor('promtool');
describe.skipIf(promtool.path === '')(`promtool${promtool.skipped}`, () => {
  it('finds nothing to complain about in our own metrics', async () => {
    const own = (await busy())
      .split('\n')
      .filter((line) => !/edgewise_(nodejs|process)_/.test(line))
      .join('\n');
    const { status, stdout, stderr } = spawnSync(promtool.path, ['check', 'metrics'], { input: `${own}\n`, encoding: 'utf8' });
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
  });
});
