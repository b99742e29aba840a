import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { alertmanagerApi } from '../../../src/adapters/alertmanager/alerts-source.ts';
import { alertmanagerSilences } from '../../../src/adapters/alertmanager/silences.ts';
import { type HttpSource, httpSource, type SourceSettings } from '../../../src/adapters/http/client.ts';
import { freePort, type RunningEngine, startEngine } from '../../../src/demo/engine-process.ts';
import { hiddenBy } from '../../../src/domain/silence.ts';
import { silencesContract } from '../../contracts/silences.ts';
import { engineFor } from '../../support/engine.ts';
import { openServer } from '../http/servers.ts';
import { silenceServer } from './silence-server.ts';

const alertmanager = await engineFor('alertmanager');
const ask = () => ({ signal: AbortSignal.timeout(5000) });
const wanted = {
  matchers: [{ name: 'alertname', value: 'Loud' }],
  startsAtMs: Date.now(),
  endsAtMs: Date.now() + 3_600_000,
  createdBy: 'slack:U012ABC',
  comment: 'known',
};

describe.skipIf(alertmanager.path === '')(`a real Alertmanager${alertmanager.skipped}`, () => {
  let folder: string;
  let engine: RunningEngine;
  let http: HttpSource;
  let url: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'edgewise-silences-'));
    await writeFile(join(folder, 'alertmanager.yml'), 'route: {receiver: none}\nreceivers: [{name: none}]\n');
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
    http = httpSource({ name: 'Alertmanager', url });
  });
  afterAll(async () => {
    await http?.close();
    await engine?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  silencesContract('real Alertmanager', () => alertmanagerSilences(http));

  it('hides what was foretold, and no more', async () => {
    const alerts = [
      { alertname: 'Loud', destination_service_name: 'payments' },
      { alertname: 'Loud', destination_service_name: 'payments', pod: 'payments-1' },
      { alertname: 'Loud', destination_service_name: 'cart' },
      { alertname: 'Loud' },
    ];
    await fetch(`${url}/api/v2/alerts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(alerts.map((labels) => ({ labels, startsAt: new Date().toISOString() }))),
    });
    const living = async () => (await alertmanagerApi(http).active(ask())).filter(({ labels }) => labels['alertname'] === 'Loud');
    await expect.poll(async () => (await living()).length, { timeout: 5000 }).toBe(4);
    const matchers = [
      { name: 'alertname', value: 'Loud' },
      { name: 'destination_service_name', value: 'payments' },
    ];
    const foretold = hiddenBy(
      matchers,
      (await living()).map((alert) => ({ ...alert, isSilenced: alert.silencedBy.length > 0 })),
    );
    expect(foretold).toMatchObject({ count: 2, alreadySilenced: 0 });
    const id = await alertmanagerSilences(http).create({ ...wanted, matchers }, ask());
    const silenced = async () => (await living()).filter(({ silencedBy }) => silencedBy.includes(id));
    await expect.poll(async () => (await silenced()).length, { timeout: 5000 }).toBe(2);
    expect((await silenced()).map(({ fingerprint }) => fingerprint).toSorted()).toEqual(foretold.fingerprints.toSorted());
  });
});

const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});
const sourceAt = (url: string, more: Partial<SourceSettings> = {}) => {
  const http = httpSource({ name: 'Alertmanager', url, ...more });
  endings.push(http.close);
  return alertmanagerSilences(http);
};
const answering = async (listener: RequestListener) => {
  const server = await openServer(listener);
  endings.push(server.close);
  return { server, source: sourceAt(`http://127.0.0.1:${server.port}`, { headersTimeoutMs: 300 }) };
};
const saying = (status: number, body: string) => answering((_request, response) => response.writeHead(status).end(body));

describe('behind the prefix and the tenant of Mimir', () => {
  let server: Awaited<ReturnType<typeof openServer>>;
  let http: HttpSource;
  beforeAll(async () => {
    server = await openServer(silenceServer({ prefix: '/alertmanager', tenant: 'team-a' }));
    http = httpSource({ name: 'Alertmanager', url: `http://127.0.0.1:${server.port}/alertmanager`, tenant: 'team-a' });
  });
  afterAll(async () => {
    await http.close();
    await server.close();
  });

  silencesContract('Mimir', () => alertmanagerSilences(http));

  it('says that a tenant is refused', async () => {
    const other = sourceAt(`http://127.0.0.1:${server.port}/alertmanager`);
    await expect(other.create(wanted, ask())).rejects.toMatchObject({ reason: 'refused' });
    await expect(other.expire('e85027d7-fc99-41a9-886a-a37c5f5eb6e1', ask())).rejects.toMatchObject({ reason: 'refused' });
  });
});

describe('silences that are refused', () => {
  it.each([
    [400, '"Failed to create silence: bad"', 'refused', 'refused the silence (HTTP 400): Failed to create silence: bad'],
    [422, '{"code":612,"message":"at least 1"}', 'refused', 'refused the silence (HTTP 422): at least 1'],
    [403, 'RBAC: access\ndenied', 'refused', 'does not let Edgewise write silences (HTTP 403): RBAC: access denied'],
    [403, '<html>no</html>', 'refused', 'does not let Edgewise write silences (HTTP 403)'],
    [401, '', 'refused', 'refused the credentials (HTTP 401)'],
    [405, '', 'unsupported', 'takes no silences at this address (HTTP 405)'],
    [500, '', 'unreachable', 'is in trouble (HTTP 500)'],
    [502, '', 'unreachable', 'is in trouble (HTTP 502); the silence may have been made all the same'],
    [302, '', 'malformed', 'redirects (HTTP 302), which is not followed; the silence may have been made all the same'],
    [200, '<html>', 'malformed', /web page.*; the silence may have been made all the same/],
  ])('by HTTP %i say so in the words that came: %s', async (status, body, reason, message) => {
    const { source, server } = await saying(status, body);
    await expect(source.create(wanted, ask())).rejects.toMatchObject({ name: 'SourceError', reason, message });
    expect(server.requests).toHaveLength(1);
  });

  it('are cut where much was said', async () => {
    const { source } = await saying(400, JSON.stringify('x'.repeat(5000)));
    await expect(source.create(wanted, ask())).rejects.toMatchObject({ message: /^refused the silence .{150,200}…$/ });
  });

  it('are not sent again when no answer comes: one may stand', async () => {
    const { source, server } = await answering(() => undefined);
    await expect(source.create(wanted, ask())).rejects.toMatchObject({ reason: 'timeout', message: /may have been made/ });
    expect(server.requests).toHaveLength(1);
  });

  it('stay, and say so, where ending one is refused', async () => {
    const id = 'e85027d7-fc99-41a9-886a-a37c5f5eb6e1';
    const times = { startsAt: '2026-11-23T00:00:02.206Z', endsAt: '2126-11-23T00:00:02.206Z' };
    const rest = { createdBy: 'x', comment: 'y', matchers: [], status: { state: 'active' } };
    const { source } = await answering((request, response) =>
      request.method === 'DELETE'
        ? response.writeHead(500).end('"disk full"')
        : response.end(JSON.stringify([{ id, ...times, ...rest }])),
    );
    await expect(source.expire(id, ask())).rejects.toMatchObject({ reason: 'unreachable' });
  });

  it('of a wrong address are not taken for ended', async () => {
    const { source } = await saying(404, 'not found');
    const gone = source.expire('e85027d7-fc99-41a9-886a-a37c5f5eb6e1', ask());
    await expect(gone).rejects.toMatchObject({ reason: 'absent' });
  });
});

describe('silences as recorded from 0.34 (skipped unless EDGEWISE_FIXTURES is set)', () => {
  const fixtures = process.env['EDGEWISE_FIXTURES'];
  const recorded = (name: string): string => readFileSync(join(fixtures ?? '', 'alertmanager-0.34', name), 'utf8');

  it.skipIf(!fixtures)('are read with those that ended and those of others', async () => {
    const { source } = await saying(200, recorded('api-silences-all.json'));
    const all = await source.all(ask());
    expect(all.find(({ id }) => id === 'e85027d7-fc99-41a9-886a-a37c5f5eb6e1')).toEqual({
      id: 'e85027d7-fc99-41a9-886a-a37c5f5eb6e1',
      state: 'expired',
      startsAtMs: Date.parse('2026-11-23T00:00:02.208Z'),
      endsAtMs: Date.parse('2026-11-23T00:00:02.734Z'),
      createdBy: 'edgewise (U123)',
      comment: 'extended',
      matchers: ['alertname="Trunc"', 'destination_workload=~"pay-.*"'],
    });
  });

  it.skipIf(!fixtures)('are made, under the id that came back', async () => {
    const { source } = await saying(200, recorded('api-silence-create.json'));
    expect(await source.create(wanted, ask())).toBe('e85027d7-fc99-41a9-886a-a37c5f5eb6e1');
  });

  it.skipIf(!fixtures).each([
    [422, 'api-silence-error-no-comment.json', 'refused the silence (HTTP 422): comment in body is required'],
    [422, 'api-silence-error-no-matchers.json', 'refused the silence (HTTP 422): matchers in body should have at least 1 items'],
    [
      400,
      'api-silence-error-past.json',
      "refused the silence (HTTP 400): Failed to create silence: end time can't be in the past",
    ],
  ])('are refused by HTTP %i: %s', async (status, name, message) => {
    const { source } = await saying(status, recorded(name));
    await expect(source.create(wanted, ask())).rejects.toMatchObject({ reason: 'refused', message });
  });
});

it('matchers are told as Alertmanager writes them, negations and names in quotes among them', async () => {
  const times = { startsAt: '2026-11-23T00:00:02.206Z', endsAt: '2026-11-23T01:00:02Z' };
  const matchers = [
    { name: 'a', value: 'x"y', isRegex: false, isEqual: false },
    { name: 'b', value: 'x|y', isRegex: true, isEqual: false },
    { name: 'service.name', value: 'x', isRegex: false },
  ];
  const silence = { id: 'i', ...times, createdBy: 'x', comment: 'y', status: { state: 'pending' }, matchers };
  const { source } = await saying(200, JSON.stringify([silence]));
  expect((await source.all(ask()))[0]).toMatchObject({
    state: 'pending',
    matchers: ['a!="x\\"y"', 'b!~"x|y"', '"service.name"="x"'],
  });
});
