import type { App } from '@slack/bolt';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Workspace } from '../../src/workspace/workspace.ts';
import { boltBySocket } from './app.ts';

type Json = Readonly<Record<string, unknown>>;
const plain = (text: string): Json => ({ type: 'plain_text', text });
const option = (value: string): Json => ({ text: plain(value), value });
const button = (action: string, more: Json = {}): Json => ({
  type: 'button',
  action_id: action,
  text: plain(action),
  value: `${action} 1`,
  ...more,
});
const actions = (...elements: readonly Json[]): Json => ({ type: 'actions', block_id: 'row', elements });

let workspace: Workspace;
let app: App;
let stop: () => Promise<void>;
let nowMs = 1_800_000_000_000;
beforeEach(async () => {
  nowMs = 1_800_000_000_000;
  ({ workspace, app, stop } = await boltBySocket({
    nowMs: () => nowMs,
    shared: ['#payments'],
    shortcuts: [{ name: 'Why?', callbackId: 'why' }],
  }));
});
afterEach(() => stop());

const post = async (channel: string, more: Json = {}): Promise<{ readonly channel: string; readonly ts: string }> => {
  const given = { channel, text: 'the text', blocks: [actions(button('ack'), button('open'))], ...more };
  const { ts = '' } = await app.client.chat.postMessage(given as never);
  return { channel, ts };
};
const payload = (): Json => workspace.sent.at(-1)?.payload ?? {};

describe('a click in a message', () => {
  it('tells who clicked what, where and in which message', async () => {
    app.action('ack', async ({ ack }) => ack());
    const root = await post('#mesh-alerts');
    const place = await post('#mesh-alerts', { thread_ts: root.ts });
    expect((await workspace.click({ person: workspace.people.bo, in: place, action: 'ack' })).ok).toBe(true);
    const channel = workspace.channel('#mesh-alerts')?.id;
    expect(payload()).toMatchObject({
      type: 'block_actions',
      user: { id: workspace.people.bo, name: 'bo', team_id: 'T0DEMO0001' },
      team: { id: 'T0DEMO0001' },
      api_app_id: 'A0EDGEWISE',
      container: { type: 'message', message_ts: place.ts, channel_id: channel, is_ephemeral: false, thread_ts: root.ts },
      channel: { id: channel, name: 'mesh-alerts' },
      message: { ts: place.ts, thread_ts: root.ts, bot_id: 'B0EDGEWISE' },
      state: { values: {} },
      actions: [{ type: 'button', action_id: 'ack', block_id: 'row', value: 'ack 1', text: plain('ack') }],
    });
    expect(payload()['response_url']).toMatch(/\/respond\//);
    expect(payload()['trigger_id']).toMatch(/./);
  });

  it('gives ids to blocks and elements that came without, the same at every click', async () => {
    app.action(/.*/, async ({ ack }) => ack());
    const place = await post('#mesh-alerts', { blocks: [{ type: 'actions', elements: [{ type: 'button', text: plain('a') }] }] });
    const shown = (await app.client.conversations.history({
      channel: workspace.channel('#mesh-alerts')?.id ?? '',
    })) as unknown as {
      readonly messages: readonly { readonly blocks: readonly { readonly elements: readonly Json[] }[] }[];
    };
    const action = String(shown.messages[0]?.blocks[0]?.elements[0]?.['action_id']);
    await workspace.click({ in: place, action });
    expect(payload()).toMatchObject({ actions: [{ action_id: action }] });
  });

  it('tells the option that was chosen, alone and among the values of the message', async () => {
    app.action(/.*/, async ({ ack }) => ack());
    const select = { type: 'static_select', action_id: 'for', options: [option('1h'), option('4h')] };
    const overflow = { type: 'overflow', action_id: 'more', options: [option('mute')] };
    const place = await post('#mesh-alerts', { blocks: [actions(select, overflow)] });
    await workspace.click({ in: place, action: 'for', chosen: '4h' });
    expect(payload()).toMatchObject({
      actions: [{ type: 'static_select', selected_option: option('4h') }],
      state: { values: { row: { for: { type: 'static_select', selected_option: option('4h') } } } },
    });
    await workspace.click({ in: place, action: 'more', chosen: 'mute' });
    expect(payload()).toMatchObject({ actions: [{ type: 'overflow', selected_option: option('mute') }], state: { values: {} } });
    await expect(workspace.click({ in: place, action: 'for', chosen: '9h' })).rejects.toThrow('for does not offer "9h"');
    await expect(workspace.click({ in: place, action: 'none' })).rejects.toThrow('nothing there has the action_id none');
  });

  it('of what only one person sees tells no message, and can be made by that person alone', async () => {
    app.action('ack', async ({ ack, respond }) => {
      await ack();
      await respond({ replace_original: true, text: 'Taken by Bo' });
    });
    const { bo, ada } = workspace.people;
    const channel = workspace.channel('#mesh-alerts')?.id ?? '';
    const given = { channel, user: bo, text: 'x', blocks: [actions(button('ack'))] as never[] };
    const { message_ts: ts = '' } = await app.client.chat.postEphemeral(given);
    await expect(workspace.click({ person: ada, in: { channel, ts }, action: 'ack' })).rejects.toThrow('sees no message');
    await workspace.click({ person: bo, in: { channel, ts }, action: 'ack' });
    expect(payload()).toMatchObject({ container: { is_ephemeral: true, message_ts: ts } });
    expect(payload()['message']).toBeUndefined();
    await workspace.until(() => workspace.ephemerals(bo)[0]?.text === 'Taken by Bo', 2000);
    expect(workspace.ephemerals(bo).map((message) => [message.ts, message.text, message.blocks])).toEqual([
      [ts, 'Taken by Bo', []],
    ]);
    expect(workspace.ephemerals(ada)).toEqual([]);
    expect((await app.client.conversations.history({ channel })).messages).toEqual([]);
    await expect(app.client.chat.update({ channel, ts, text: 'y' })).rejects.toThrow('message_not_found');
    await expect(app.client.chat.delete({ channel, ts })).rejects.toThrow('message_not_found');
  });

  it('by another organisation tells of which, where the channel is shared, and is none where it is not', async () => {
    app.action('ack', async ({ ack }) => ack());
    await app.client.conversations.join({ channel: workspace.channel('#payments')?.id ?? '' });
    const { sam } = workspace.people;
    await workspace.click({ person: sam, in: await post('#payments'), action: 'ack' });
    expect(payload()).toMatchObject({ user: { id: sam, team_id: 'T0PARTNER1' }, team: { id: 'T0DEMO0001' } });
    await expect(workspace.click({ person: sam, in: await post('#mesh-alerts'), action: 'ack' })).rejects.toThrow(
      'sees no message',
    );
    await expect(workspace.openHome(sam)).rejects.toThrow('sam has no Home here');
  });

  it('that no handler acknowledges ends after three seconds', async () => {
    app.action('ack', async () => undefined);
    expect(await workspace.click({ in: await post('#mesh-alerts'), action: 'ack' })).toEqual({
      ok: false,
      error: 'operation_timeout',
    });
  });
});

describe('a response_url', () => {
  const respond = async (body: object): Promise<number> =>
    (await fetch(String(payload()['response_url']), { method: 'POST', body: JSON.stringify(body) })).status;
  beforeEach(async () => {
    app.action('ack', async ({ ack }) => ack());
    await workspace.click({ in: await post('#mesh-alerts'), action: 'ack' });
  });
  const texts = (): readonly (readonly [string, boolean])[] =>
    workspace.messages('#mesh-alerts').map(({ text, ephemeralFor }) => [text, ephemeralFor !== null]);

  it('says something to the one who clicked, or to all', async () => {
    await respond({ text: 'for you' });
    await respond({ text: 'for all', response_type: 'in_channel' });
    expect(texts()).toEqual([
      ['the text', false],
      ['for you', true],
      ['for all', false],
    ]);
  });

  it('says it in place of the message, or takes that away', async () => {
    expect(await respond({ replace_original: true, text: 'instead' })).toBe(200);
    expect(texts()).toEqual([['instead', false]]);
    expect(await respond({ delete_original: true })).toBe(200);
    expect(texts()).toEqual([]);
    expect(await respond({ delete_original: true })).toBe(404);
  });

  it('is good for five times', async () => {
    for (let index = 0; index < 5; index += 1) expect(await respond({ text: `${index}` })).toBe(200);
    expect(await respond({ text: '5' })).toBe(404);
  });

  it('is good for half an hour', async () => {
    nowMs += 1_800_001;
    expect(await respond({ text: 'late' })).toBe(404);
  });

  it('takes no blocks that Slack refuses, and nothing without text', async () => {
    expect(await respond({ text: 'x', blocks: [{ type: 'nothing' }] })).toBe(400);
    expect(await respond({})).toBe(400);
  });
});

describe('the menu of a message', () => {
  it('tells the message and its thread', async () => {
    app.shortcut('why', async ({ ack }) => ack());
    const root = await post('#mesh-alerts');
    const reply = await post('#mesh-alerts', { thread_ts: root.ts });
    await workspace.shortcut({ ...reply, callbackId: 'why' });
    expect(payload()).toMatchObject({
      type: 'message_action',
      callback_id: 'why',
      message_ts: reply.ts,
      message: { ts: reply.ts, thread_ts: root.ts },
      channel: { name: 'mesh-alerts' },
      user: { id: workspace.people.ada },
    });
    await expect(workspace.shortcut({ ...reply, callbackId: 'other' })).rejects.toThrow('no shortcut other');
  });
});

describe('the Home', () => {
  it('is told when a person opens it, and shows what the app puts there', async () => {
    const view = (text: string) => ({ type: 'home', blocks: [{ type: 'section', text: plain(text) }, actions(button('again'))] });
    let opened = 0;
    app.event('app_home_opened', async ({ event, client }) => {
      opened += 1;
      await client.views.publish({ user_id: event.user, view: view(`opened ${opened}`) as never });
    });
    app.action('again', async ({ ack }) => ack());
    await workspace.openHome();
    await workspace.until(() => workspace.home() !== null, 2000);
    expect(workspace.home()?.blocks[0]).toMatchObject({ text: plain('opened 1') });
    await workspace.click({ in: 'home', action: 'again' });
    expect(payload()).toMatchObject({ container: { type: 'view' }, view: { type: 'home' }, user: { id: workspace.people.ada } });
    expect(payload()['channel']).toBeUndefined();
    const hash = workspace.home()?.hash ?? '';
    const user_id = workspace.people.ada;
    await app.client.views.publish({ user_id, hash, view: view('two') as never });
    await expect(app.client.views.publish({ user_id, hash, view: view('three') as never })).rejects.toThrow('hash_conflict');
    await expect(app.client.views.publish({ user_id: workspace.people.sam, view: view('x') as never })).rejects.toThrow(
      'user_not_found',
    );
    expect(workspace.home(workspace.people.bo)).toBeNull();
  });
});
