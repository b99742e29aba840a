import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatMistakes, readSettings } from '../../src/config.ts';
import { freePort } from '../../src/demo/engine-process.ts';
import { serve } from '../../src/main.ts';
import { startWorkspace, type Workspace } from '../../src/workspace/workspace.ts';
import { environmentOf, textOf } from '../support/bot.ts';
import { engineFor } from '../support/engine.ts';
import { type SeededPrometheus, seededPrometheus } from '../support/seeded-prometheus.ts';
import { seededCounter } from '../support/seeded-slo.ts';

const minuteMs = 60_000;
const minutes = 8 * 1440;
const objectives = `edgewise: slos/v1
defaults: {window: 7d}
slos:
  - {name: payments-availability, service: shop/payments, availability: 99.9}
`;

const requests = (code: string, flags: string, happened: (minute: number) => number) => ({
  metric: 'istio_requests_total',
  labels: {
    ...{ reporter: 'destination', source_workload: 'checkout', source_workload_namespace: 'shop' },
    ...{ destination_service_name: 'payments', destination_service_namespace: 'shop', request_protocol: 'http' },
    ...{ pod: 'payments-1', response_code: code, response_flags: flags },
  },
  happened,
});

const { path, skipped } = await engineFor('prometheus');

describe.skipIf(path === '')(`a digest, from the wish to the channel${skipped}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'edgewise-digest-'));
  let seeded: SeededPrometheus;
  let workspace: Workspace;
  let bot: Awaited<ReturnType<typeof serve>>;
  beforeAll(async () => {
    const fromMs = Math.floor(Date.now() / minuteMs) * minuteMs - minutes * minuteMs;
    // An hour of failures, two days ago.
    const began = minutes - 2 * 1440;
    const failing = (minute: number): number => (minute > began && minute <= began + 60 ? 30 : 0);
    const counters = [requests('200', '-', () => 60), requests('503', 'UF', failing)];
    seeded = await seededPrometheus(
      path,
      counters.map((counter) => seededCounter(counter, { fromMs, minutes })),
    );
    workspace = await startWorkspace({ isStrict: false });
    writeFileSync(join(folder, 'slos.yaml'), objectives);
    const environment = environmentOf(workspace, seeded.url, join(folder, 'data'), await freePort(), {
      ...{ SLO_FILES: join(folder, 'slos.yaml'), SLACK_APP_TOKEN: workspace.appToken, PICTURES: 'true', TIME_ZONE: 'UTC' },
    });
    const read = readSettings(environment, 'serve');
    if (!read.ok) throw new Error(formatMistakes(read.mistakes));
    bot = await serve(read.config, environment, () => undefined);
    expect(await workspace.until(() => workspace.calls.some(({ method }) => method === 'apps.connections.open'), 20_000)).toBe(
      true,
    );
  }, 90_000);
  afterAll(async () => {
    await bot?.stop();
    await workspace?.close();
    await seeded?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('that somebody subscribes to from Slack comes at its minute, with all figures and its picture in its thread', async () => {
    const dueMs = Math.ceil((Date.now() + 2000) / minuteMs) * minuteMs;
    const time = new Date(dueMs).toISOString().slice(11, 16);
    const { text } = await workspace.command(`/mesh digest subscribe daily at ${time} in UTC`, '#mesh-alerts');
    expect(text).toContain(time);
    const digests = () => workspace.messages('#mesh-alerts').filter((message) => textOf(message).includes('1 breached'));
    expect(await workspace.until(() => digests().length > 0, 100_000)).toBe(true);
    const [root] = digests();
    if (root === undefined) throw new Error('no digest');
    expect(Number(root.ts) * 1000).toBeGreaterThanOrEqual(dueMs);
    expect(textOf(root)).toContain('payments-availability');
    expect(textOf(root)).toContain('503 UF');
    const thread = () => workspace.messages('#mesh-alerts').filter(({ threadTs }) => threadTs === root.ts);
    expect(await workspace.until(() => thread().length >= 2, 30_000)).toBe(true);
    const [table, picture] = thread();
    expect(picture?.files).toHaveLength(1);
    expect(JSON.stringify(table?.blocks)).toContain('"type":"table"');
    const home = (await workspace.command('/mesh digest list', '#mesh-alerts')).text;
    expect(home).toContain(time);
  }, 180_000);
});
