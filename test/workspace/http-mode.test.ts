import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { startWorkspace, type Workspace } from '../../src/workspace/workspace.ts';
import { boltByHttp } from './app.ts';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

const button = {
  type: 'actions',
  elements: [{ type: 'button', action_id: 'ack', value: 'i1', text: { type: 'plain_text', text: 'Ack' } }],
};

describe('an app in HTTP mode', () => {
  it('gets commands, clicks and events as signed requests that Bolt takes', async () => {
    const { workspace, app, stop } = await boltByHttp();
    stops.push(stop);
    const heard: string[] = [];
    app.command('/mesh', async ({ ack, respond, command }) => {
      await ack();
      await respond({ text: `you said ${command.text}`, blocks: [button] as never[] });
    });
    app.action('ack', async ({ ack, body }) => {
      await ack();
      heard.push(`${body.type} by ${body.user.id}`);
    });
    app.event('app_home_opened', async ({ event }) => void heard.push(`${event.type} ${event.tab}`));
    expect((await workspace.command('/mesh why & how', '#mesh-alerts')).text).toBe('you said why &amp; how');
    const { ts = '' } = workspace.ephemerals().at(-1) ?? {};
    expect(await workspace.click({ in: { channel: '#mesh-alerts', ts }, action: 'ack' })).toMatchObject({ ok: true });
    expect(await workspace.openHome()).toMatchObject({ ok: true });
    expect(heard).toEqual([`block_actions by ${workspace.people.ada}`, 'app_home_opened home']);
  });

  it('refuses what is signed with another secret, and Slack says so to whoever typed', async () => {
    const { workspace, app, stop } = await boltByHttp('another secret');
    stops.push(stop);
    app.command('/mesh', async ({ ack }) => ack('heard'));
    expect((await workspace.command('/mesh', '#mesh-alerts')).text).toMatch(/dispatch_failed/);
  });
});

type Request = { readonly type: string; readonly body: string; readonly isSigned: boolean };

describe('the requests themselves', () => {
  let answer: (request: Request) => string | null = () => '';
  const seen: Request[] = [];
  const secret = 's3cret';
  const start = async (): Promise<Workspace> => {
    seen.length = 0;
    const server: Server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const body = Buffer.concat(chunks).toString();
      const time = request.headers['x-slack-request-timestamp'];
      const expected = `v0=${createHmac('sha256', secret).update(`v0:${time}:${body}`).digest('hex')}`;
      const one = {
        type: request.headers['content-type'] ?? '',
        body,
        isSigned: request.headers['x-slack-signature'] === expected,
      };
      seen.push(one);
      const said = answer(one);
      if (said !== null) response.end(said);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const workspace = await startWorkspace({
      http: { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/slack`, signingSecret: secret },
    });
    stops.push(async () => {
      server.closeAllConnections();
      server.close();
      await workspace.close();
    });
    return workspace;
  };

  it('are forms of exactly one content type for commands, and the answer may come with the acknowledgement', async () => {
    answer = () => JSON.stringify({ response_type: 'in_channel', text: 'for all' });
    const workspace = await start();
    expect(await workspace.command('/mesh a=b&c', '#mesh-alerts', workspace.people.bo)).toEqual({ text: 'for all', blocks: [] });
    expect(seen[0]).toMatchObject({ type: 'application/x-www-form-urlencoded', isSigned: true });
    const form = Object.fromEntries(new URLSearchParams(seen[0]?.body));
    expect(form).toMatchObject({
      command: '/mesh',
      text: 'a=b&amp;c',
      user_id: workspace.people.bo,
      channel_name: 'mesh-alerts',
    });
    expect(workspace.messages('#mesh-alerts').at(-1)?.ephemeralFor).toBeNull();
  });

  it('ask the address to prove itself once before the first event, and send none where it does not', async () => {
    answer = ({ body }) => String((JSON.parse(body) as { readonly challenge?: string }).challenge ?? '');
    const workspace = await start();
    await workspace.openHome();
    await workspace.openHome();
    const types = seen.map(({ body }) => (JSON.parse(body) as { readonly type: string }).type);
    expect(types).toEqual(['url_verification', 'event_callback', 'event_callback']);
    expect(seen.every(({ type, isSigned }) => type === 'application/json' && isSigned)).toBe(true);
    answer = () => 'something else';
    const other = await start();
    expect(await other.openHome()).toEqual({ ok: false, error: 'dispatch_failed' });
    expect(seen).toHaveLength(1);
  });

  it('are given up after three seconds', async () => {
    answer = () => null;
    const workspace = await start();
    expect((await workspace.command('/mesh', '#mesh-alerts')).text).toBe(
      '/mesh failed with the error "operation_timeout": the app did not answer within 3 seconds',
    );
  });
});
