import { EventEmitter, on } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { alertmanagerApi } from '../../../src/adapters/alertmanager/alerts-source.ts';
import { httpSource } from '../../../src/adapters/http/client.ts';
import { freePort, type RunningEngine, startEngine } from '../../../src/demo/engine-process.ts';
import { SourceError } from '../../../src/domain/gathered.ts';
import type { NewDelivery } from '../../../src/ports.ts';
import { engineFor } from '../../support/engine.ts';
import { openWebhook, token } from './door.ts';

const alertmanager = await engineFor('alertmanager');

describe.skipIf(alertmanager.path === '')(`a real Alertmanager${alertmanager.skipped}`, () => {
  let folder: string;
  let engine: RunningEngine;
  let url: string;
  let webhook: Awaited<ReturnType<typeof openWebhook>>;
  const tried = new EventEmitter();
  let refusals = 0;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'edgewise-alertmanager-'));
    webhook = await openWebhook({
      store: {
        accept: async (delivery) => {
          const isRefused = refusals > 0;
          refusals -= 1;
          tried.emit('delivery', delivery, isRefused ? 'refused' : 'accepted');
          if (isRefused) throw new SourceError('the store', 'unreachable', 'is being repaired');
          return 'accepted';
        },
      },
    });
    await writeFile(
      join(folder, 'alertmanager.yml'),
      `route: {receiver: team.edgewise, group_by: [alertname], group_wait: 0s, group_interval: 1s, repeat_interval: 1h}
receivers:
  - name: team.edgewise
    webhook_configs:
      - url: ${webhook.url}
        http_config: {authorization: {credentials: ${token}}}
`,
    );
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    engine = await startEngine(
      alertmanager.path,
      [
        `--config.file=${join(folder, 'alertmanager.yml')}`,
        `--storage.path=${join(folder, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--cluster.listen-address=',
      ],
      { readyUrl: `${url}/-/ready` },
    );
  });
  afterAll(async () => {
    await engine?.stop();
    await webhook?.drain();
    await rm(folder, { recursive: true, force: true });
  });

  const send = async (alerts: readonly object[]): Promise<void> => {
    const answer = await fetch(`${url}/api/v2/alerts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(alerts),
    });
    expect(answer.status).toBe(200);
  };
  const startsAt = new Date(Date.now() - 60_000).toISOString();
  const alert = (labels: object, endsAt?: string) => ({
    labels: { severity: 'page', cluster: 'blue', ...labels },
    annotations: { summary: 'line one\n<b>"two"</b>' },
    startsAt,
    ...(endsAt === undefined ? {} : { endsAt }),
    generatorURL: '/graph?g0.expr=up%20%3D%3D%200',
  });
  /** The tries of one alert name, until one of them is what is waited for. */
  const until = async (
    tries: AsyncIterable<[NewDelivery, string]>,
    name: string,
    isEnough: (group: NewDelivery['group'], end: string) => boolean,
  ) => {
    const seen: { readonly group: NewDelivery['group']; readonly end: string }[] = [];
    for await (const [{ group }, end] of tries) {
      if (group.groupLabels['alertname'] !== name) continue;
      seen.push({ group, end });
      if (isEnough(group, end)) break;
    }
    return seen;
  };
  const watch = () => on(tried, 'delivery') as AsyncIterable<[NewDelivery, string]>;

  it('is heard when an alert fires, and when it resolves', async () => {
    const tries = watch();
    await send([alert({ alertname: 'Fires', __proto___: 'a', destination_workload: 'payments-v1' })]);
    const [first] = await until(tries, 'Fires', () => true);
    expect(first?.group).toMatchObject({
      receiver: 'team.edgewise',
      status: 'firing',
      alerts: [
        { status: 'firing', endsAtMs: null, startsAtMs: Date.parse(startsAt), generatorUrl: '/graph?g0.expr=up%20%3D%3D%200' },
      ],
    });
    expect(first?.group.alerts[0]?.annotations['summary']).toBe('line one\n<b>"two"</b>');
    const later = watch();
    await send([alert({ alertname: 'Fires', __proto___: 'a', destination_workload: 'payments-v1' }, new Date().toISOString())]);
    const resolved = await until(later, 'Fires', (group) => group.status === 'resolved');
    expect(resolved.at(-1)?.group.alerts[0]).toMatchObject({
      status: 'resolved',
      fingerprint: first?.group.alerts[0]?.fingerprint,
    });
    expect(resolved.at(-1)?.group.alerts[0]?.endsAtMs).toBeGreaterThan(Date.parse(startsAt));
  });

  it('comes again after 503, with nothing lost', async () => {
    refusals = 3;
    const tries = watch();
    await send([1, 2, 3, 4, 5].map((pod) => alert({ alertname: 'Retried', pod: `payments-${pod}` })));
    // With no group_wait the first notification may hold fewer than what came in one request: the rest follow after group_interval.
    const seen = await until(tries, 'Retried', (group, end) => end === 'accepted' && group.alerts.length === 5);
    expect(seen.slice(0, 4).map(({ end }) => end)).toEqual(['refused', 'refused', 'refused', 'accepted']);
    expect(seen.slice(4).every(({ end }) => end === 'accepted')).toBe(true);
    const pods = seen.at(-1)?.group.alerts.map(({ labels }) => labels['pod']);
    expect(pods?.toSorted()).toEqual([1, 2, 3, 4, 5].map((pod) => `payments-${pod}`));
    expect(webhook.heard.results.filter((result) => result === 'store-failed').length).toBe(3);
  });

  it('tells by its API what lives and what is silenced', async () => {
    const api = alertmanagerApi(httpSource({ name: 'Alertmanager', url }));
    const ask = { signal: AbortSignal.timeout(5000) };
    const tries = watch();
    await send([alert({ alertname: 'Silenced' })]);
    const [told] = await until(tries, 'Silenced', () => true);
    const fingerprint = told?.group.alerts[0]?.fingerprint;
    expect((await api.active(ask)).find((one) => one.fingerprint === fingerprint)).toEqual({
      fingerprint,
      labels: expect.objectContaining({ alertname: 'Silenced' }),
      startsAtMs: Date.parse(startsAt),
      state: 'active',
      silencedBy: [],
      inhibitedBy: [],
    });
    const silence = await fetch(`${url}/api/v2/silences`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        matchers: [{ name: 'alertname', value: 'Silenced', isRegex: false }],
        startsAt: new Date().toISOString(),
        endsAt: new Date(Date.now() + 600_000).toISOString(),
        createdBy: 'test',
        comment: 'test',
      }),
    });
    const { silenceID } = (await silence.json()) as { silenceID: string };
    const silenced = async () => (await api.active(ask)).find((one) => one.fingerprint === fingerprint);
    await expect.poll(silenced, { timeout: 5000 }).toMatchObject({ state: 'suppressed', silencedBy: [silenceID] });
  });
});
