import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { run, start } from './run.ts';

let folder: string;
const endings: (() => unknown)[] = [];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'edgewise-cli-'));
});
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const fileWith = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
const body = JSON.stringify({
  receiver: 'edgewise',
  status: 'firing',
  alerts: [
    {
      status: 'firing',
      labels: { alertname: 'HighErrorRate', severity: 'page', destination_service_name: 'payments', source_workload: 'checkout' },
      annotations: {},
      startsAt: '2026-11-24T07:15:20.5Z',
      endsAt: '0001-01-01T00:00:00Z',
      generatorURL: '',
      fingerprint: '9ca2e1d3a0b4c5f6',
    },
  ],
  groupLabels: {},
  commonLabels: {},
  commonAnnotations: null,
  externalURL: '',
  version: '4',
  groupKey: '{}:{}',
  truncatedAlerts: 0,
});
/** Nobody listens there. */
const nowhere = { PROMETHEUS_URL: 'http://127.0.0.1:1' };
const patience = { timeout: 120_000 };

describe('the command line', () => {
  it('ends with 2 and all mistakes when the settings are wrong, secrets unseen', patience, async () => {
    const { status, out, err } = await run(['serve'], {
      PROMETHEUS_URL: 'prometheus:9090',
      SLACK_BOT_TOKEN: 'canary-canary',
      LISTEN: '0.0.0.0:8080',
      CONFIG_FILE: fileWith('wrong.yaml', 'clusters:\n  - nam: a\n'),
    });
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toMatch(/^\d settings are wrong:\n/);
    for (const words of [
      'PROMETHEUS_URL',
      'SLACK_BOT_TOKEN',
      'WEBHOOK_TOKENS: is missing',
      'CONFIG_FILE line 2, clusters[0].nam',
    ])
      expect(err).toContain(words);
    expect(err).not.toContain('canary');
    expect(err).not.toMatch(/\n\s+at /);
  });

  it.each([
    ['an unknown command', ['surve'], /unknown command 'surve'[\s\S]*serve/],
    ['an unknown option', ['triage', '--jsn'], /unknown option '--jsn'/],
    ['no command', [], /Usage: edgewise/],
    ['nothing to triage', ['triage'], /nothing to triage/],
    ['a file that is not there', ['triage', '/nowhere/webhook.json'], /^\/nowhere\/webhook.json cannot be read \(ENOENT\)\n$/],
    ['a folder without evidence', ['triage', '--replay', '/nowhere'], /^\/nowhere\/evidence.json cannot be read \(ENOENT\)\n$/],
    ['a time that is none', ['triage', '-', '--at', 'yesterday'], /--at yesterday: expected a time with its zone such as/],
  ])('ends with 2 for %s', patience, async (_name, words, says) => {
    const { status, err } = await run(words, nowhere, body);
    expect(status).toBe(2);
    expect(err).toMatch(says);
  });

  it.each([
    ['no JSON', 'hello'],
    ['no alerts', '{"version":"4"}'],
  ])('ends with 2 for a body with %s, naming the field', patience, async (_name, input) => {
    const { status, err } = await run(['triage', '-'], nowhere, input);
    expect(status).toBe(2);
    expect(err).toMatch(/^the body was refused: .* expected /);
  });

  it('says its version', patience, async () => {
    expect(await run(['--version'])).toMatchObject({ status: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/), err: '' });
  });

  it.each(['serve', 'triage', 'rules', 'doctor', 'why', 'stat', 'routes', 'versions', 'pods', 'graph', 'ask', 'demo'])(
    'has help for %s',
    patience,
    async (command) => {
      const { status, out, err } = await run([command, '--help']);
      expect({ status, err }).toEqual({ status: 0, err: '' });
      expect(out).toContain(`Usage: edgewise ${command}`);
    },
  );

  it.each([
    [['incidents'], /ask it in Slack, “\/mesh incidents”/],
    [['incidents', '--cluster', 'default'], /ask it in Slack/],
    [['ack'], /\/mesh ack is done in Slack/],
    [['silence', 'checkout', 'payments', '2h', 'deploy'], /\/mesh silence is done in Slack/],
  ])('says of %j that Slack is the place for it, and ends with 1', patience, async (words, says) => {
    const { status, out, err } = await run(words, nowhere);
    expect({ status, err }).toEqual({ status: 1, err: '' });
    expect(out).toMatch(says);
  });

  it('ends with 0 after help', patience, async () => {
    const { status, out } = await run(['--help']);
    expect(status).toBe(0);
    expect(out).toMatch(/Usage: edgewise[\s\S]*serve[\s\S]*triage[\s\S]*doctor/);
  });

  it('triages with PROMETHEUS_URL alone, also when nobody answers there: the gap is named', patience, async () => {
    const { status, out, err } = await run(['triage', fileWith('webhook.json', body)], nowhere);
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out).toMatch(/Prometheus/);
    expect(out).toMatch(/refused the connection/);
  });

  it('prints the report as JSON from standard input, and saves what can be replayed', patience, async () => {
    const out = join(folder, 'report');
    const told = await run(
      ['triage', '-', '--json', '--out', out, '--at', '2026-11-24T07:20:00Z'],
      { ...nowhere, PICTURES: 'false' },
      body,
    );
    expect(told.status).toBe(0);
    const replayed = await run(['triage', '--replay', out, '--json']);
    expect(replayed).toMatchObject({ status: 0, out: told.out });
  });

  it('ends with 1 and one line when a source fails a command that is nothing without it', patience, async () => {
    const server = createServer((_request, response) => response.writeHead(401).end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    endings.push(() => new Promise((resolve) => server.close(resolve)));
    const { status, err } = await run(['rules'], {
      PROMETHEUS_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      PROMETHEUS_BEARER_TOKEN: 'canary',
    });
    expect(status).toBe(1);
    expect(err).toBe('Edgewise cannot go on: Alert rules: refused the credentials (HTTP 401)\n');
  });
});

describe('edgewise serve', () => {
  const settings = (more: Record<string, string> = {}) => ({
    ...nowhere,
    SLACK_BOT_TOKEN: 'xoxb-canary-token',
    SLACK_CHANNEL: '#mesh-alerts',
    SLACK_API_URL: 'http://127.0.0.1:1/api/',
    LISTEN: '127.0.0.1:0',
    OPS_LISTEN: '127.0.0.1:0',
    DATA_DIR: join(folder, 'data'),
    PICTURES: 'false',
    WEBHOOK_TOKENS: 'canary-webhook-token',
    ...more,
  });

  it('starts without Slack and Prometheus, takes alerts, ends with 0 on SIGTERM, and logs no secret', patience, async () => {
    const { child, says, ended } = start(['serve'], settings(), folder);
    endings.push(() => child.kill('SIGKILL'));
    let log = '';
    child.stderr.on('data', (text) => {
      log += text;
    });
    await says('Edgewise is ready');
    const line = log.split('\n').find((text) => text.includes('Edgewise is ready')) ?? '{}';
    const { webhookPort, operationsPort } = JSON.parse(line) as { webhookPort: number; operationsPort: number };
    const post = (authorization: string) =>
      fetch(`http://127.0.0.1:${webhookPort}/webhooks/alertmanager`, { method: 'POST', body, headers: { authorization } });
    expect((await post('Bearer wrong')).status).toBe(401);
    expect((await post('Bearer canary-webhook-token')).status).toBe(200);
    for (const page of ['healthz', 'readyz', 'metrics']) {
      const answer = await fetch(`http://127.0.0.1:${operationsPort}/${page}`);
      const text = await answer.text();
      expect(answer.status, text).toBe(200);
      for (const secretOrAlert of ['canary', 'HighErrorRate', 'payments', 'checkout']) expect(text).not.toContain(secretOrAlert);
    }
    child.kill('SIGTERM');
    const { status, err } = await ended;
    expect(status).toBe(0);
    expect(err).not.toContain('canary');
  });

  it('ends with 1 and one line when its port is taken', patience, async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    endings.push(() => new Promise((resolve) => server.close(resolve)));
    const { port } = server.address() as AddressInfo;
    const { child, ended } = start(
      ['serve'],
      settings({ LISTEN: `127.0.0.1:${port}`, DATA_DIR: join(folder, 'taken'), LOG_LEVEL: 'silent' }),
    );
    endings.push(() => child.kill('SIGKILL'));
    const { status, err } = await ended;
    expect(status).toBe(1);
    expect(err).toBe(`Edgewise cannot go on: the listener: cannot listen on 127.0.0.1:${port}: the port is in use\n`);
  });
});
