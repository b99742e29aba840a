import { WebClient } from '@slack/web-api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startWorkspace, type Workspace } from '../../src/workspace/workspace.ts';

let workspace: Workspace;
beforeEach(async () => {
  workspace = await startWorkspace({
    channels: ['#alerts', ...Array.from({ length: 7 }, (_, n) => `#team-${n}`)],
    isStrict: false,
  });
});
afterEach(() => workspace.close());

type Json = { readonly ok: boolean; readonly error?: string; readonly [field: string]: unknown };
const as = (token: string | null, type?: string): Record<string, string> => ({
  ...(token === null ? {} : { authorization: `Bearer ${token}` }),
  ...(type === undefined ? {} : { 'content-type': type }),
});
const call = async (method: string, body: string | FormData | URLSearchParams | null, headers = as(workspace.botToken)) =>
  (await (await fetch(`${workspace.apiUrl}${method}`, { method: 'POST', body, headers })).json()) as Json;
const json = (method: string, given: object): Promise<Json> =>
  call(method, JSON.stringify(given), as(workspace.botToken, 'application/json; charset=utf-8'));
const alerts = (): string => workspace.channel('#alerts')?.id ?? '';

describe('how the Web API takes its arguments', () => {
  it.each([
    ['a form', () => call('chat.postMessage', new URLSearchParams({ channel: alerts(), text: 'hi' }))],
    ['JSON', () => json('chat.postMessage', { channel: alerts(), text: 'hi' })],
    [
      'a multipart form',
      () => {
        const form = new FormData();
        form.set('channel', alerts());
        form.set('text', 'hi');
        return call('chat.postMessage', form);
      },
    ],
    ['its address', () => call(`chat.postMessage?channel=${alerts()}&text=hi`, null)],
    [
      'a token among the arguments',
      () => call('chat.postMessage', new URLSearchParams({ token: workspace.botToken, channel: alerts(), text: 'hi' }), {}),
    ],
  ])('takes %s', async (_, post) => {
    expect(await post()).toMatchObject({ ok: true, channel: alerts() });
    expect(workspace.messages('#alerts').map(({ text }) => text)).toEqual(['hi']);
  });

  it.each([
    ['{"channel":', 'application/json', 'invalid_json'],
    ['[1]', 'application/json', 'json_not_object'],
    ['channel=x', 'text/xml', 'invalid_post_type'],
    ['nothing multipart', 'multipart/form-data; boundary=x', 'invalid_form_data'],
  ])('refuses %j as %s with %s', async (body, type, error) => {
    expect(await call('chat.postMessage', body, as(workspace.botToken, type))).toEqual({ ok: false, error });
  });

  it('names what is missing', async () => {
    const answer = await json('chat.update', { channel: alerts(), text: 'x' });
    expect(answer).toMatchObject({
      error: 'invalid_arguments',
      response_metadata: { messages: ['[ERROR] missing required field: ts'] },
    });
  });
});

describe('who may call', () => {
  it.each([
    ['chat.postMessage', () => null, 'not_authed'],
    ['chat.postMessage', () => 'xoxb-somebody-else', 'invalid_auth'],
    ['chat.postMessage', () => workspace.appToken, 'not_allowed_token_type'],
    ['apps.connections.open', () => workspace.botToken, 'not_allowed_token_type'],
    ['no.such.method', () => workspace.botToken, 'unknown_method'],
    ['__proto__', () => workspace.botToken, 'unknown_method'],
  ])('%s answers a wrong caller', async (method, token, error) => {
    expect(await call(method, null, as(token()))).toMatchObject({ ok: false, error });
  });

  it('says which scope is needed and which are there', async () => {
    await workspace.close();
    workspace = await startWorkspace({ scopes: ['chat:write', 'channels:read'] });
    expect(await json('conversations.list', { types: 'public_channel,private_channel' })).toEqual({
      ok: false,
      error: 'missing_scope',
      needed: 'channels:read,groups:read',
      provided: 'chat:write,channels:read',
    });
    expect((await json('conversations.list', {})).ok).toBe(true);
  });
});

describe('messages', () => {
  const post = (more: object) => json('chat.postMessage', { channel: alerts(), text: 'hi', ...more });
  it.each([
    [{ blocks: 'not json' }, 'invalid_blocks_format'],
    [{ blocks: [{ type: 'divider', colour: 'red' }] }, 'invalid_blocks'],
    [{ blocks: [{ type: 'header', text: { type: 'plain_text', text: '👩‍👩‍👧‍👦'.repeat(22) } }] }, 'invalid_blocks'],
    [{ blocks: Array.from({ length: 2 }, () => ({ type: 'divider', block_id: 'same' })) }, 'invalid_blocks'],
    [
      { blocks: Array.from({ length: 5 }, () => ({ type: 'section', text: { type: 'mrkdwn', text: 'x'.repeat(2900) } })) },
      'msg_blocks_too_long',
    ],
    [{ metadata: '{' }, 'invalid_metadata_format'],
    [{ metadata: { event_type: 'x' } }, 'invalid_metadata_schema'],
    [{ metadata: { event_type: 'x', event_payload: { a: 'x'.repeat(20_000) } } }, 'metadata_too_large'],
    [{ thread_ts: '1.000001' }, 'thread_not_found'],
    [{ channel: '#nowhere' }, 'channel_not_found'],
    [{ channel: '#team-1' }, 'not_in_channel'],
  ])('are refused as Slack refuses them: %j', async (more, error) => {
    expect((await post(more)).error).toBe(error);
  });

  it('are posted by name or id, and edited by id alone', async () => {
    const sent = await post({ channel: '#alerts' });
    expect(sent.ok).toBe(true);
    expect((await json('chat.update', { channel: '#alerts', ts: sent['ts'], text: 'new' })).error).toBe('channel_not_found');
    expect((await json('chat.update', { channel: alerts(), ts: sent['ts'], text: 'x'.repeat(4001) })).error).toBe('msg_too_long');
    expect((await json('chat.update', { channel: alerts(), ts: sent['ts'] })).error).toBe('no_text');
    expect((await json('chat.update', { channel: alerts(), ts: sent['ts'], text: 'new' })).ok).toBe(true);
    expect(workspace.messages('#alerts').map(({ text }) => text)).toEqual(['new']);
  });

  it('are cut at 40,000 characters when posted', async () => {
    await post({ text: 'x'.repeat(50_000) });
    expect(workspace.messages('#alerts')[0]?.text.length).toBe(40_000);
  });
});

describe('lists', () => {
  it('of channels come in pages, without archived and foreign private ones', async () => {
    Object.assign(workspace.channel('#team-0') ?? {}, { isArchived: true });
    Object.assign(workspace.channel('#team-1') ?? {}, { isPrivate: true });
    Object.assign(workspace.channel('#team-2') ?? {}, { isPrivate: true, isMember: true });
    const web = new WebClient(workspace.botToken, { slackApiUrl: workspace.apiUrl });
    const names: string[] = [];
    for await (const page of web.paginate('conversations.list', {
      types: 'public_channel,private_channel',
      exclude_archived: true,
      limit: 2,
    })) {
      const { channels } = page as unknown as { readonly channels: readonly { readonly name: string }[] };
      expect(channels.length).toBeLessThanOrEqual(2);
      names.push(...channels.map(({ name }) => name));
    }
    expect(names.sort()).toEqual(['alerts', 'team-2', 'team-3', 'team-4', 'team-5', 'team-6']);
    expect((await json('conversations.list', { cursor: 'x' })).error).toBe('invalid_cursor');
    expect((await json('conversations.list', { limit: 0 })).error).toBe('invalid_limit');
    expect((await json('conversations.info', { channel: workspace.channel('#team-1')?.id })).error).toBe('channel_not_found');
  });

  it('of messages come newest first, of a thread its parent first, whatever their page', async () => {
    const root = String((await json('chat.postMessage', { channel: alerts(), text: 'root' }))['ts']);
    for (let index = 0; index < 5; index += 1)
      await json('chat.postMessage', { channel: alerts(), text: `${index}`, thread_ts: root });
    const web = new WebClient(workspace.botToken, { slackApiUrl: workspace.apiUrl });
    const texts: string[] = [];
    for await (const page of web.paginate('conversations.replies', { channel: alerts(), ts: root, limit: 2 }))
      texts.push(
        ...(page as unknown as { readonly messages: readonly { readonly text: string }[] }).messages.map(({ text }) => text),
      );
    expect(texts).toEqual(['root', '0', '1', '2', '3', '4']);
    expect((await json('conversations.history', { channel: alerts() }))['messages']).toHaveLength(1);
    expect((await json('conversations.replies', { channel: alerts(), ts: '1.1' })).error).toBe('thread_not_found');
    expect((await json('conversations.history', { channel: alerts(), oldest: root }))['messages']).toHaveLength(0);
    expect((await json('conversations.history', { channel: alerts(), oldest: root, inclusive: true }))['messages']).toHaveLength(
      1,
    );
  });
});

describe('rate limits', () => {
  const strict = async (): Promise<void> => {
    await workspace.close();
    workspace = await startWorkspace({ channels: ['#alerts', '#other'] });
    Object.assign(workspace.channel('#other') ?? {}, { isMember: true });
  };
  const status = async (method: string, given: object): Promise<readonly [number, string | null]> => {
    const response = await fetch(`${workspace.apiUrl}${method}`, {
      method: 'POST',
      body: JSON.stringify(given),
      headers: as(workspace.botToken, 'application/json'),
    });
    return [response.status, response.headers.get('retry-after')];
  };

  it('are a channel’s own for posts: a small burst, then 429 with the seconds to wait', async () => {
    await strict();
    const posts = [];
    for (let index = 0; index < 4; index += 1) posts.push(await status('chat.postMessage', { channel: alerts(), text: 'x' }));
    expect(posts.map(([code]) => code)).toEqual([200, 200, 200, 429]);
    expect(Number(posts[3]?.[1])).toBeGreaterThan(0);
    const other = workspace.channel('#other')?.id;
    expect((await status('chat.postMessage', { channel: other, text: 'x' }))[0]).toBe(200);
  });

  it('are the workspace’s for edits: about fifty a minute over all channels', async () => {
    await strict();
    const { ts } = await json('chat.postMessage', { channel: alerts(), text: 'x' });
    const codes = [];
    for (let index = 0; index < 70; index += 1)
      codes.push((await status('chat.update', { channel: alerts(), ts, text: `${index}` }))[0]);
    expect(codes.filter((code) => code === 200).length).toBeGreaterThanOrEqual(50);
    expect(codes.at(-1)).toBe(429);
  });
});
