import { WebClient } from '@slack/web-api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startWorkspace, type Workspace } from '../../src/workspace/workspace.ts';

let workspace: Workspace;
let web: WebClient;
const start = async (isStrict = false): Promise<void> => {
  workspace = await startWorkspace({ isStrict, shared: ['#payments'] });
  web = new WebClient(workspace.botToken, {
    slackApiUrl: workspace.apiUrl,
    rejectRateLimitedCalls: true,
    retryConfig: { retries: 0 },
  });
};
beforeEach(() => start());
afterEach(() => workspace.close());

const idOf = (name: string): string => workspace.channel(name)?.id ?? '';

describe('people', () => {
  it('are of ours or of another organisation, who is a stranger until the bot is where that one is', async () => {
    const { ada, sam } = workspace.people;
    expect((await web.users.info({ user: ada })).user).toMatchObject({
      id: ada,
      team_id: 'T0DEMO0001',
      is_stranger: false,
      is_bot: false,
    });
    expect((await web.users.info({ user: sam })).user).toMatchObject({ team_id: 'T0PARTNER1', is_stranger: true });
    await expect(web.conversations.open({ users: sam })).rejects.toThrow('user_not_visible');
    await web.conversations.join({ channel: idOf('#payments') });
    expect((await web.users.info({ user: sam })).user).toMatchObject({ team_id: 'T0PARTNER1', is_stranger: false });
    expect((await web.conversations.info({ channel: idOf('#payments') })).channel).toMatchObject({ is_ext_shared: true });
    expect((await web.conversations.info({ channel: idOf('#general') })).channel).toMatchObject({ is_ext_shared: false });
    await expect(web.users.info({ user: 'U0NOBODY01' })).rejects.toThrow('user_not_found');
  });

  it('are in groups, which are listed with their members', async () => {
    const { usergroups } = await web.usergroups.list({ include_users: true });
    expect(usergroups?.map(({ handle, users }) => [handle, users])).toEqual([
      ['on-call', [workspace.people.ada]],
      ['payments', [workspace.people.bo]],
    ]);
    const { users } = await web.usergroups.users.list({ usergroup: usergroups?.[1]?.id ?? '' });
    expect(users).toEqual([workspace.people.bo]);
    await expect(web.usergroups.users.list({ usergroup: 'S0NOBODY01' })).rejects.toThrow('no_such_subteam');
  });

  it('know whose app a bot is', async () => {
    const { bot_id: bot = '', team_id: team } = await web.auth.test();
    expect((await web.bots.info({ bot })).bot).toMatchObject({ id: bot, app_id: 'A0EDGEWISE' });
    expect(workspace.appToken.split('-')[2]).toBe('A0EDGEWISE');
    expect(team).toBe('T0DEMO0001');
    await expect(web.bots.info({ bot: 'B0NOBODY01' })).rejects.toThrow('bot_not_found');
  });

  it('have a direct message each, which stays the same', async () => {
    const first = (await web.conversations.open({ users: workspace.people.bo })).channel?.id ?? '';
    expect((await web.conversations.open({ users: workspace.people.bo })).channel?.id).toBe(first);
    expect((await web.conversations.open({ users: workspace.people.ada })).channel?.id).not.toBe(first);
    await web.chat.postMessage({ channel: first, text: 'hello' });
    expect(workspace.messages(workspace.people.bo).map(({ text }) => text)).toEqual(['hello']);
    await expect(web.conversations.open({ users: 'U0EDGEWISE' })).rejects.toThrow('cannot_dm_bot');
  });
});

describe('messages to one person', () => {
  it('are seen by that one alone, who has to be there', async () => {
    const { bo, sam } = workspace.people;
    await web.chat.postEphemeral({ channel: idOf('#mesh-alerts'), user: bo, text: 'psst' });
    expect(workspace.ephemerals(bo).map(({ text }) => text)).toEqual(['psst']);
    expect(JSON.stringify(await (await fetch(`${workspace.url}/state`)).json())).not.toContain('psst');
    expect(JSON.stringify(await (await fetch(`${workspace.url}/state?as=${bo}`)).json())).toContain('psst');
    const refused = (channel: string, user: string, more: object = {}) =>
      web.chat.postEphemeral({ channel, user, text: 'x', ...more } as never);
    await expect(refused(idOf('#mesh-alerts'), sam)).rejects.toThrow('user_not_in_channel');
    await expect(refused(idOf('#general'), bo)).rejects.toThrow('not_in_channel');
    await expect(refused(idOf('#mesh-alerts'), bo, { text: '' })).rejects.toThrow('no_text');
  });
});

describe('a message of the bot', () => {
  it('has an address that leads to its thread, until it is deleted', async () => {
    const channel = idOf('#mesh-alerts');
    const { ts = '' } = await web.chat.postMessage({ channel, text: 'root' });
    const reply = (await web.chat.postMessage({ channel, text: 'reply', thread_ts: ts })).ts ?? '';
    const { permalink = '' } = await web.chat.getPermalink({ channel, message_ts: reply });
    expect(permalink).toBe(`${workspace.url}/archives/${channel}/p${reply.replace('.', '')}?thread_ts=${ts}&cid=${channel}`);
    const led = await fetch(permalink, { redirect: 'manual' });
    expect(led.headers.get('location')).toBe(`/?channel=${channel}&thread=${ts}`);
    await web.chat.delete({ channel, ts: reply });
    await expect(web.chat.getPermalink({ channel, message_ts: reply })).rejects.toThrow('message_not_found');
    await expect(web.chat.delete({ channel, ts: reply })).rejects.toThrow('message_not_found');
    expect(workspace.messages('#mesh-alerts').map(({ text }) => text)).toEqual(['root']);
  });

  it('is the only kind that it may delete', async () => {
    const { bo, sam } = workspace.people;
    expect(workspace.say({ text: 'mine', channel: '#mesh-alerts', person: bo })).toBe(true);
    expect(workspace.say({ text: 'not mine', channel: '#mesh-alerts', person: sam })).toBe(false);
    const { ts = '' } = workspace.messages('#mesh-alerts')[0] ?? {};
    await expect(web.chat.delete({ channel: idOf('#mesh-alerts'), ts })).rejects.toThrow('cant_delete_message');
  });
});

describe('rate limits', () => {
  it.each([
    ['usergroups.list', {}, 20],
    ['users.info', { user: 'U0ONCALL01' }, 100],
    ['views.publish', { user_id: 'U0ONCALL01', view: { type: 'home', blocks: [{ type: 'divider' }] } }, 100],
  ] as const)('are those of the tier: %s', async (method, given, aMinute) => {
    await workspace.close();
    await start(true);
    const outcomes: string[] = [];
    for (let index = 0; index < aMinute * 1.3; index += 1)
      outcomes.push(
        await web.apiCall(method, given).then(
          () => 'ok',
          (error: unknown) => (error as { readonly code: string }).code,
        ),
      );
    const taken = outcomes.filter((outcome) => outcome === 'ok').length;
    expect(taken).toBeGreaterThanOrEqual(aMinute);
    expect(taken).toBeLessThan(aMinute * 1.3);
    expect(outcomes.at(-1)).toBe('slack_webapi_rate_limited_error');
  });
});
